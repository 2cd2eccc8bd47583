//! What operators watch: counted in atomics where it happens, written down as Prometheus reads it.
//!
//! Nothing here is about a person. Labels come from closed lists; the one thing that an operator names
//! is a sink. Counters start at zero with the process.

use std::array;
use std::fmt;

use prometheus_client::encoding::prometheus_text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use shared::certificate::Counts;
use shared::decision::{Decision, Ground, Reason, Withheld};
use shared::entry::Act;
use shared::time::Timestamp;

use self::requests::Requests;
pub use self::requests::Route;
pub use self::state::State;

mod requests;
mod state;

/// The form of what is written.
pub const CONTENT_TYPE: &str = prometheus_text::CONTENT_TYPE;

/// What every name starts with.
const PREFIX: &str = "sayso";
/// Grounds come first, then the reasons against.
const REASONS: usize = Ground::ALL.len() + Withheld::ALL.len();

/// Where the gate was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Contact by contact, by a program.
    Contacts,
    /// A list, by a program.
    List,
    /// A recipient, by a mail server.
    MailServer,
}

impl Asked {
    const ALL: [Self; 3] = [Self::Contacts, Self::List, Self::MailServer];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Contacts => "contacts",
            Self::List => "list",
            Self::MailServer => "mail_server",
        }
    }
}

/// What a mail server was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// The recipient may be mailed.
    Pass,
    /// The recipient must not be mailed.
    Refuse,
    /// The mail has to wait.
    Wait,
}

impl Told {
    const ALL: [Self; 3] = [Self::Pass, Self::Refuse, Self::Wait];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Refuse => "refuse",
            Self::Wait => "wait",
        }
    }
}

/// Acts, counted before it is known whether they are recorded.
#[derive(Debug, Clone, Copy, Default)]
pub struct Acts([u32; Act::ALL.len()]);

impl Acts {
    /// Those acts.
    pub fn of(acts: impl IntoIterator<Item = Act>) -> Self {
        let mut counted = Self::default();
        for act in acts {
            counted.0[act as usize] += 1;
        }
        counted
    }
}

/// What was counted since the process started.
pub struct Metrics {
    registry: Registry,
    decisions: [[Counter; REASONS]; Asked::ALL.len()],
    acts: [Counter; Act::ALL.len()],
    told: [Counter; Told::ALL.len()],
    requests: Requests,
}

impl Metrics {
    /// Nothing counted yet, by that build of the pages, started at that moment.
    #[must_use]
    pub fn new(ui_build: &str, started: Timestamp) -> Self {
        let mut registry = Registry::with_prefix(PREFIX);
        let build = Info::new(vec![
            ("version", env!("CARGO_PKG_VERSION").to_owned()),
            ("ui", ui_build.to_owned()),
        ]);
        registry.register("build", "The version of Sayso and of its pages", build);
        registry.register(
            "start_time_seconds",
            "When the process started, in seconds since 1970",
            ConstGauge::new(seconds(started.as_millis())),
        );
        let decisions = family(
            &mut registry,
            "decisions",
            "Answers of the gate, by the reason that decided",
        );
        let told = family(
            &mut registry,
            "mail_server_answers",
            "What mail servers were told about recipients",
        );
        let acts = family(
            &mut registry,
            "acts",
            "Entries that this process appended to the ledger, by act",
        );
        Self {
            decisions: Asked::ALL.map(|asked| {
                array::from_fn(|place| decisions.get_or_create_owned(&labels(asked, place)))
            }),
            acts: Act::ALL.map(|act| acts.get_or_create_owned(&[("act", act.as_str())])),
            told: Told::ALL.map(|one| told.get_or_create_owned(&[("answer", one.as_str())])),
            requests: Requests::new(&mut registry),
            registry,
        }
    }

    /// Counts decisions.
    pub fn decided(&self, asked: Asked, decisions: &[Decision]) {
        let mut counted = [0_u64; REASONS];
        for decision in decisions {
            counted[decided_by(decision)] += 1;
        }
        self.add(asked, counted);
    }

    /// Counts the rows of a list.
    pub fn listed(&self, counts: &Counts) {
        let mut counted = [0_u64; REASONS];
        for (reason, rows) in &counts.reasons {
            counted[place_of(*reason)] += rows;
        }
        self.add(Asked::List, counted);
    }

    /// Counts what was appended to the ledger.
    pub fn recorded(&self, acts: &Acts) {
        for (counter, number) in self.acts.iter().zip(acts.0) {
            if number > 0 {
                counter.inc_by(u64::from(number));
            }
        }
    }

    /// Counts what a mail server was told.
    pub fn told(&self, told: Told) {
        self.told[told as usize].inc();
    }

    /// Whether the answer to what is asked for now is timed.
    pub(crate) fn times(&self, route: Route) -> bool {
        self.requests.times(route)
    }

    /// Counts an answer of the service, and the seconds that it took where it was timed.
    pub(crate) fn answered(&self, route: Route, status: u16, seconds: Option<f64>) {
        self.requests.answered(route, status, seconds);
    }

    /// Everything that was counted, and how things stand.
    #[must_use]
    pub fn written(&self, state: &State) -> String {
        let mut read = Registry::with_prefix(PREFIX);
        state.register(&mut read);
        let mut text = String::new();
        for registry in [&self.registry, &read] {
            prometheus_text::encode(&mut text, registry).expect("a String takes everything");
        }
        text
    }

    fn add(&self, asked: Asked, counted: [u64; REASONS]) {
        for (counter, number) in self.decisions[asked as usize].iter().zip(counted) {
            if number > 0 {
                counter.inc_by(number);
            }
        }
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Metrics(…)")
    }
}

/// Labels with their values.
type Labels<const N: usize> = [(&'static str, &'static str); N];

/// Counters of that name, by label.
fn family<const N: usize>(
    registry: &mut Registry,
    name: &str,
    help: &str,
) -> Family<Labels<N>, Counter> {
    let family = Family::default();
    registry.register(name, help, family.clone());
    family
}

fn labels(asked: Asked, place: usize) -> Labels<3> {
    let (outcome, reason) = match Ground::ALL.get(place) {
        Some(ground) => ("proceed", ground.as_str()),
        None => (
            "withheld",
            Withheld::ALL[place - Ground::ALL.len()].as_str(),
        ),
    };
    [
        ("asked", asked.as_str()),
        ("outcome", outcome),
        ("reason", reason),
    ]
}

fn decided_by(decision: &Decision) -> usize {
    place_of(match decision {
        Decision::Proceed { ground, .. } => Reason::Ground(*ground),
        // An empty list of reasons cannot be.
        Decision::Withhold { reasons, .. } => {
            Reason::Withheld(reasons.first().copied().unwrap_or(Withheld::InvalidAddress))
        }
    })
}

const fn place_of(reason: Reason) -> usize {
    match reason {
        Reason::Ground(ground) => ground as usize,
        Reason::Withheld(reason) => Ground::ALL.len() + reason as usize,
    }
}

/// Seconds, as Prometheus wants every time.
fn seconds(millis: i64) -> f64 {
    millis as f64 / 1000.0
}
