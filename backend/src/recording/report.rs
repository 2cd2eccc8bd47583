//! What mail systems report: mail that came back for good, messages called spam (UNS-17).

use shared::entry::{Act, Entry, Evidence, FORMAT};
use shared::scope::Scope;

use super::{Recorder, TRIES};
use crate::store::{Keys, NewAct, SealedEntry, StoreError};

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
        let now = self.world.now();
        for _ in 0..TRIES {
            let known = self.subject_of(keys).await?;
            let subject = known.unwrap_or_else(|| self.world.subject());
            let entry = Entry {
                format: FORMAT,
                id: self.world.entry_id(now),
                subject,
                recorded_at: now,
                act: match reported {
                    Reported::Bounced => Act::Bounced,
                    Reported::Spam => Act::SpamReported,
                },
                scope: Scope::ALL,
                until: None,
                evidence: evidence.clone(),
                refers_to: Vec::new(),
                facts: None,
                stays: Vec::new(),
            };
            let act = NewAct {
                keys: keys.clone(),
                subject,
                entries: vec![SealedEntry::new(entry, self.world.salt())],
                receipt: None,
                letter: None,
            };
            match self.store.append(act).await {
                Ok(_) => return Ok(()),
                Err(StoreError::Conflict) => {}
                Err(other) => return Err(other),
            }
        }
        Err(StoreError::Conflict)
    }
}
