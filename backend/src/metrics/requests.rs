//! Answers of the service, by what was asked for.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::family;

/// Seconds up to which answers are counted: a decision takes a tenth of a millisecond, an objection waits
/// for the disk, a list takes as long as it takes to arrive.
const BUCKETS: [f64; 9] = [0.0005, 0.001, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0];
/// One decision in so many is timed.
const TIMED: u64 = 16;
/// The kinds of statuses that are answered.
const CLASSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];
/// What refuses requests that are in order: nothing was recorded or decided.
const REFUSED: [(u16, &str); 2] = [(429, "429"), (503, "503")];

macro_rules! routes {
    ($($(#[$doc:meta])* $name:ident $text:literal,)*) => {
        /// What was asked for, by the beginning of the path.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Route {
            $($(#[$doc])* $name,)*
        }

        impl Route {
            const ALL: [Self; [$($text),*].len()] = [$(Self::$name),*];

            const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

routes! {
    /// The gate, contact by contact.
    Decisions "decisions",
    /// Lists through the gate.
    Lists "lists",
    /// Objections, pauses and their undoing.
    Objections "objections",
    /// Links that unsubscribe.
    OneClick "one_click",
    /// Consents, asked for and confirmed.
    Consents "consents",
    /// Cases and complaints.
    Cases "cases",
    /// Links by mail, sessions, and what a contact sees and changes.
    Own "self",
    /// What websites embed.
    Widget "widget",
    /// Notices and what they are published as.
    Notices "notices",
    /// The rest of the interface for programs.
    Programs "programs",
    /// Probes, and these numbers.
    Health "health",
    /// Other pages, and what is not there.
    Other "other",
}

impl Route {
    /// What is asked for at that path.
    #[must_use]
    pub fn of(path: &str) -> Self {
        // Asked a thousand times as often as all else.
        if path == "/v1/decisions" {
            return Self::Decisions;
        }
        let mut parts = path.split('/').skip(1);
        match (parts.next().unwrap_or_default(), parts.next()) {
            ("v1", Some(second)) => match second {
                "scrubs" => Self::Lists,
                "objections" => Self::Objections,
                "consents" => Self::Consents,
                "cases" => Self::Cases,
                "links" | "sessions" | "self" => Self::Own,
                "changes" | "receipts" | "unsubscribe-links" => Self::Programs,
                _ => Self::Other,
            },
            ("object", Some("case")) | ("complain", _) => Self::Cases,
            ("object", _) => Self::Objections,
            ("u", _) => Self::OneClick,
            ("consent", _) => Self::Consents,
            ("self", _) => Self::Own,
            ("embed" | "frame" | "assets", _) => Self::Widget,
            ("notices", _) => Self::Notices,
            ("log", _) => Self::Programs,
            ("healthz" | "readyz" | "metrics", _) => Self::Health,
            _ => Self::Other,
        }
    }
}

/// What was answered.
pub(super) struct Requests {
    answered: [[Counter; CLASSES.len()]; Route::ALL.len()],
    refused: [[Counter; REFUSED.len()]; Route::ALL.len()],
    took: [Histogram; Route::ALL.len()],
}

impl Requests {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let answered = family(
            registry,
            "http_requests",
            "Answers, by what was asked for and the kind of status",
        );
        let refused = family(
            registry,
            "http_refusals",
            "Answers that recorded and decided nothing: too many requests, or the store cannot be reached",
        );
        let new: fn() -> Histogram = || Histogram::new(BUCKETS);
        let took = Family::<_, Histogram, _>::new_with_constructor(new);
        registry.register(
            "http_request_duration_seconds",
            "The time until an answer begins",
            took.clone(),
        );
        let pair = |route: Route, status| [("route", route.as_str()), ("status", status)];
        Self {
            answered: Route::ALL.map(|route| {
                CLASSES.map(|class| answered.get_or_create_owned(&pair(route, class)))
            }),
            refused: Route::ALL.map(|route| {
                REFUSED.map(|(_, status)| refused.get_or_create_owned(&pair(route, status)))
            }),
            took: Route::ALL.map(|route| took.get_or_create_owned(&[("route", route.as_str())])),
        }
    }

    /// Reading the clock twice takes longer than all else that is counted of a decision.
    pub(super) fn times(&self, route: Route) -> bool {
        route != Route::Decisions || self.answered[route as usize][0].get().is_multiple_of(TIMED)
    }

    pub(super) fn answered(&self, route: Route, status: u16, seconds: Option<f64>) {
        let place = route as usize;
        let class = usize::from(status / 100).saturating_sub(2);
        self.answered[place][class.min(CLASSES.len() - 1)].inc();
        if let Some(refused) = REFUSED.iter().position(|(one, _)| *one == status) {
            self.refused[place][refused].inc();
        }
        if let Some(seconds) = seconds {
            self.took[place].observe(seconds);
        }
    }
}
