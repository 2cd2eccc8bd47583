//! The steps of a case in the ledger. No entry holds what anybody wrote.

use shared::entry::{Act, Entry, Evidence, FORMAT};
use shared::scope::Scope;
use shared::time::Timestamp;

use super::{Recorder, TRIES, acts};
use crate::store::cases::{CaseStep, KeptCase, NewCase};
use crate::store::outbox::NewLetter;
use crate::store::{Keys, NewAct, StoreError};

impl Recorder {
    /// Opens a case, received at `at`. `Conflict` when its reference is taken.
    pub async fn open_case(
        &self,
        keys: &Keys,
        case: &NewCase,
        at: Timestamp,
        evidence: &Evidence,
        letter: &NewLetter,
    ) -> Result<(), StoreError> {
        let mut tried = None;
        for _ in 0..TRIES {
            let found = self.store.look_up(std::slice::from_ref(keys)).await?;
            let known = found.known.into_iter().next().flatten();
            let known = known.map(|known| known.subject);
            if known.is_some() && known == tried {
                break;
            }
            tried = known;
            let entry = Entry {
                format: FORMAT,
                id: self.world.entry_id(at),
                subject: known.unwrap_or_else(|| self.world.subject()),
                recorded_at: at,
                act: Act::CaseOpened,
                scope: about(case.purpose.as_ref()),
                until: case.due.or(case.acknowledge_by),
                evidence: evidence.clone(),
                refers_to: Vec::new(),
                facts: None,
                stays: Vec::new(),
            };
            let act = NewAct {
                keys: keys.clone(),
                subject: entry.subject,
                entries: vec![self.seal_entry(entry)],
                receipt: None,
                letter: Some(letter.clone()),
            };
            let acts = acts(&act.entries);
            match self.store.open_case(case.clone(), act).await {
                Ok(()) => {
                    self.count(&acts);
                    return Ok(());
                }
                Err(StoreError::Conflict) => {}
                Err(other) => return Err(other),
            }
        }
        Err(StoreError::Conflict)
    }

    /// Takes a step of a case at `at`. An accepted objection holds from then on (LAW-24).
    pub async fn step_case(
        &self,
        case: &KeptCase,
        step: CaseStep,
        at: Timestamp,
        evidence: &Evidence,
        letter: Option<NewLetter>,
    ) -> Result<(), StoreError> {
        let entry = |act: Act, until: Option<Timestamp>| Entry {
            format: FORMAT,
            id: self.world.entry_id(at),
            subject: case.subject,
            recorded_at: at,
            act,
            scope: about(case.purpose.as_ref()),
            until,
            evidence: evidence.clone(),
            refers_to: vec![case.opened],
            facts: None,
            stays: Vec::new(),
        };
        let entries = match &step {
            CaseStep::Acknowledge => vec![entry(Act::CaseAcknowledged, None)],
            CaseStep::Extend(due) => vec![entry(Act::CaseExtended, Some(*due))],
            CaseStep::Decide { accepted, .. } => {
                let decided = entry(Act::CaseDecided, None);
                let holds = *accepted && case.purpose.is_some();
                let objected = holds.then(|| entry(Act::Objected, None));
                std::iter::once(decided).chain(objected).collect()
            }
        };
        let sealed: Vec<_> = entries
            .into_iter()
            .map(|entry| self.seal_entry(entry))
            .collect();
        let acts = acts(&sealed);
        self.store
            .step_case(&case.reference, step, sealed, letter)
            .await?;
        self.count(&acts);
        Ok(())
    }

    /// The case of that reference.
    pub async fn case(&self, reference: &str) -> Result<Option<KeptCase>, StoreError> {
        self.store.case(reference).await
    }

    /// Every case.
    pub async fn cases(&self) -> Result<Vec<KeptCase>, StoreError> {
        self.store.cases().await
    }
}

fn about(purpose: Option<&shared::purpose::PurposeKey>) -> Scope {
    Scope {
        purpose: purpose.cloned(),
        ..Scope::ALL
    }
}
