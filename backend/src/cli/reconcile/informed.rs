//! Whether a mailing told its recipients of the right to object, recorded for those who were mailed: as
//! told, or else, where their contact came from somebody else, as not told in time (Art. 14(3)).

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use shared::certificate::Certificate;
use shared::entry::{Actor, Assurance, Evidence, Method, Surface};
use shared::statement::{Said, Statement};
use shared::time::Timestamp;

use crate::assets;
use crate::clock::World;
use crate::counted::counted;
use crate::dues;
use crate::reconciliation::Sent;
use crate::recording::{Outcome, Recorder, Stated};
use crate::shelf::ShelfKeeper;
use crate::store::{Keys, Write};

/// Contacts that are recorded in one unit.
const AT_ONCE: usize = 1000;

/// What was recorded.
#[derive(Debug, Default, Serialize)]
pub(super) struct Informed {
    /// Contacts recorded as told.
    recorded: u64,
    /// Recipients of whom that was known, or who were mailed twice.
    known: u64,
    /// Recipients of whom nothing was recorded, since when they were mailed cannot be read.
    #[serde(skip_serializing_if = "is_none")]
    left: u64,
    dry_run: bool,
    /// Why nothing was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'static str>,
}

const fn is_none(count: &u64) -> bool {
    *count == 0
}

/// Records that contacts were told, or mailed without being told.
pub(super) struct Informing {
    informed: Option<Informed>,
    /// Contacts that came from somebody else whose first message told them of nothing; `None` where
    /// nobody waits to be told.
    untold: Option<u64>,
    dry_run: bool,
    certified_at: Timestamp,
    waiting: Vec<Stated>,
    since: Timestamp,
    said: Said,
    evidence: Evidence,
    recorder: Recorder,
}

impl Informing {
    /// Records nothing where the mailing did not tell, or where a later notice obliges to tell anew.
    pub(super) async fn new(
        certificate: &Certificate,
        dry_run: bool,
        store: Arc<dyn Write>,
        world: Arc<dyn World>,
    ) -> anyhow::Result<Self> {
        let purpose = &certificate.asked.purpose;
        let shelf = ShelfKeeper::new(store.clone()).shelf().await?;
        let notice = shelf.stating(purpose);
        let rule = shelf.rules.purposes.get(purpose);
        let since = rule.map_or(Timestamp::from_millis(i64::MAX), |rule| rule.inform_since);
        let said = Said::new("mailing", &format!("certificate {}", certificate.id), None);
        let problem = (since > certificate.at).then_some(
            "a notice that obliges to tell anew was published after the certificate: this mailing \
             told of an older one",
        );
        let waits = dues::count(&*store, world.now()).await?.notices.due > 0;
        Ok(Self {
            untold: (waits && !certificate.asked.first_contact).then_some(0),
            dry_run,
            certified_at: certificate.at,
            informed: certificate.asked.first_contact.then_some(Informed {
                dry_run,
                problem,
                ..Informed::default()
            }),
            waiting: Vec::new(),
            since,
            evidence: Evidence {
                actor: Actor::Staff,
                assurance: Assurance::Imported,
                build: assets::ui_build(),
                control_text: None,
                gpc: false,
                host_origin: None,
                language: "en".to_owned(),
                method: Method::Row,
                notice: notice.map(|(shelved, _)| shelved.digest),
                reference: Some(said.reference(None)),
                surface: Surface::Import,
                view_token: None,
            },
            said,
            recorder: Recorder::new(store, world),
        })
    }

    /// One of those who were mailed; without a time of sending when the certificate was made. What was
    /// sent before the certificate was another mailing: whether that told of anything is not known.
    pub(super) fn take(&mut self, keys: Keys, sent: Option<Sent>) {
        let is_another = sent.is_some_and(|sent| sent.latest < self.certified_at);
        let statement = match &self.informed {
            Some(one) if one.problem.is_some() || is_another => return,
            Some(_) => Statement::Informed {
                inform_since: self.since,
            },
            None if self.untold.is_none() => return,
            None => Statement::Mailed {
                at: sent.map_or(self.certified_at, |sent| sent.earliest),
            },
        };
        self.waiting.push(Stated {
            address: None,
            keys,
            statement,
            said: self.said.clone(),
            evidence: self.evidence.clone(),
        });
    }

    /// One of whom nobody can say when they were mailed, or whether they were: nothing is recorded.
    pub(super) fn leave(&mut self) {
        if let Some(informed) = &mut self.informed {
            informed.left += 1;
        }
    }

    /// Records those that were taken and are not known as told. Doing it again writes nothing.
    pub(super) async fn record(&mut self) -> anyhow::Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        for some in waiting.chunks(AT_ONCE) {
            for taken in self.recorder.take_over(some, self.dry_run).await? {
                let is_new = matches!(taken.outcome, Outcome::Recorded(_));
                match (&mut self.informed, &mut self.untold) {
                    (Some(informed), _) if is_new => informed.recorded += 1,
                    (Some(informed), _) => informed.known += 1,
                    (None, Some(untold)) => *untold += u64::from(is_new),
                    (None, None) => {}
                }
            }
        }
        Ok(())
    }

    /// What came of it, `None` where the mailing did not tell; and how many contacts that came from
    /// somebody else this was the first message to, which did not tell them.
    pub(super) fn done(self) -> (Option<Informed>, u64) {
        (self.informed, self.untold.unwrap_or(0))
    }
}

impl fmt::Display for Informed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(problem) = self.problem {
            return write!(
                out,
                "Nobody was recorded as told of the right to object: {problem}."
            );
        }
        let recorded = if self.dry_run {
            "would be recorded"
        } else {
            "recorded"
        };
        write!(
            out,
            "{} {recorded} as told of the right to object, {} known as told already",
            counted(self.recorded, "contact", "contacts"),
            self.known
        )?;
        match self.left {
            0 => Ok(()),
            left => write!(
                out,
                ", {left} left out: when they were mailed cannot be read"
            ),
        }
    }
}
