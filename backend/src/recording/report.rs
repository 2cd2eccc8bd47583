//! What others report: mail that came back for good, messages called spam (UNS-17).

use shared::entry::{Act, Entry, Evidence, FORMAT};
use shared::scope::Scope;

use super::{Recorder, TRIES};
use crate::metrics::Acts;
use crate::store::{Keys, NewAct, StoreError};

/// What a mail system reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reported {
    /// Mail to the address came back for good.
    Bounced,
    /// The receiver called a message spam.
    Spam,
}

impl Recorder {
    /// Records a report. It can only withhold: the gate says no from then on.
    pub async fn report(
        &self,
        keys: &Keys,
        reported: Reported,
        evidence: &Evidence,
    ) -> Result<(), StoreError> {
        let act = match reported {
            Reported::Bounced => Act::Bounced,
            Reported::Spam => Act::SpamReported,
        };
        let now = self.world.now();
        for _ in 0..TRIES {
            let known = self.subject_of(keys).await?;
            let subject = known.unwrap_or_else(|| self.world.subject());
            let entry = Entry {
                format: FORMAT,
                id: self.world.entry_id(now),
                subject,
                recorded_at: now,
                act,
                scope: Scope::ALL,
                until: None,
                evidence: evidence.clone(),
                refers_to: Vec::new(),
                facts: None,
                stays: Vec::new(),
            };
            let new = NewAct {
                keys: keys.clone(),
                subject,
                entries: vec![self.seal_entry(entry)],
                receipt: None,
                letter: None,
            };
            match self.store.append(new).await {
                Ok(_) => {
                    self.count(&Acts::of([act]));
                    return Ok(());
                }
                Err(StoreError::Conflict) => {}
                Err(other) => return Err(other),
            }
        }
        Err(StoreError::Conflict)
    }
}
