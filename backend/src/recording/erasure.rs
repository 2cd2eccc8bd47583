//! Erasing what is kept of a person: the restrictions stay, so that they go on being respected.

use shared::entry::{Act, Entry, Evidence, FORMAT, Stay};
use shared::scope::Scope;
use shared::time::Timestamp;
use uuid::Uuid;

use super::{Recorder, TRIES};
use crate::metrics::Acts;
use crate::store::erasure::NewErasure;
use crate::store::{Keys, StoreError};

impl Recorder {
    /// Erases all that is kept of the address (Art. 17) and returns the entry that stays in its
    /// place, which states the restrictions that stay (LAW-30); `None` when nothing is known of the
    /// address. What was erased before is not erased again.
    pub async fn erase(
        &self,
        keys: &Keys,
        evidence: &Evidence,
    ) -> Result<Option<Entry>, StoreError> {
        let mut erased = None;
        // Each may lead to a subject of its own.
        for key in &keys.0 {
            let theirs = self.erase_one(&Keys(vec![*key]), evidence).await?;
            erased = erased.or(theirs);
        }
        Ok(erased)
    }

    /// Erases the subject that a single key leads to.
    async fn erase_one(
        &self,
        keys: &Keys,
        evidence: &Evidence,
    ) -> Result<Option<Entry>, StoreError> {
        for _ in 0..TRIES {
            let found = self.store.look_up(std::slice::from_ref(keys)).await?;
            let Some(known) = found.known.into_iter().next().flatten() else {
                return Ok(None);
            };
            let history = self.store.history(known.subject).await?;
            if let [(_, only)] = history.as_slice()
                && only.act == Act::Erased
            {
                return Ok(Some(only.clone()));
            }
            let now = self.world.now();
            let stays = known.standing.stays(now);
            let entry = self.erased(known.subject, now, stays, evidence.clone());
            let entries = history.iter().map(|(_, entry)| entry);
            let names = self.names.clone().unwrap_or_default();
            let telling = Self {
                names: Some(names.with_records_of(entries)),
                ..self.clone()
            };
            let erasure = NewErasure {
                subject: known.subject,
                entry: telling.seal_entry(entry.clone()),
                forgets: false,
                decided_on: None,
            };
            match self.store.erase(erasure).await {
                Ok(_) => {
                    self.count(&Acts::of([Act::Erased]));
                    return Ok(Some(entry));
                }
                Err(StoreError::Conflict) => {}
                Err(other) => return Err(other),
            }
        }
        Err(StoreError::Conflict)
    }

    /// The entry of an erasure.
    pub(crate) fn erased(
        &self,
        subject: Uuid,
        now: Timestamp,
        stays: Vec<Stay>,
        evidence: Evidence,
    ) -> Entry {
        Entry {
            format: FORMAT,
            id: self.world.entry_id(now),
            subject,
            recorded_at: now,
            act: Act::Erased,
            scope: Scope::ALL,
            until: None,
            evidence,
            refers_to: Vec::new(),
            facts: None,
            stays,
        }
    }
}
