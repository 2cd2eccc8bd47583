//! The run that keeps this system's own data no longer than the rules say.

use std::collections::BTreeMap;

use shared::entry::{Act, Actor, Assurance, Evidence, Method, Surface};
use shared::standing::Standing;
use shared::time::Timestamp;
use uuid::Uuid;

use super::Recorder;
use crate::assets;
use crate::metrics::Acts;
use crate::retention::{Class, Run, RunError, cases_before, is_over, leaps};
use crate::store::erasure::NewErasure;
use crate::store::{SealedEntry, StoreError};

/// Contacts that are looked at together.
const PAGE: usize = 500;
/// Contacts that are erased together: others wait as long to write.
const UNIT: usize = 100;

impl Recorder {
    /// Counts, per rule, what is over now; unless the run only counts, it is gone on return. Running
    /// again changes nothing.
    pub async fn keep_to_rules(&self, run: Run) -> Result<BTreeMap<Class, u64>, RunError> {
        let now = self.world.now();
        if run == Run::Delete
            && let Some(leap) = leaps(self.store.tidied_last().await?, now)
        {
            return Err(leap);
        }
        let delete = run != Run::Count;
        let over = self.store.tidy(now, delete).await?;
        let mut counts: BTreeMap<Class, u64> = [
            (Class::Links, over.links),
            (Class::Sessions, over.sessions),
            (Class::Letters, over.letters),
            (Class::Events, over.events),
            (Class::LetterCounts, over.letter_counts),
            (Class::UndoSecrets, over.undo_secrets),
            (Class::PendingConsents, 0),
            (Class::Contacts, 0),
            (Class::Cases, 0),
        ]
        .into();
        let cases = self.store.old_cases(cases_before(now), delete).await?;
        counts.insert(Class::Cases, cases);
        let mut after = Uuid::nil();
        loop {
            let page = self.store.standings(after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.subject;
            let mut over = Vec::new();
            for kept in page {
                over.extend(self.over(kept.subject, &kept.standing, now).await?);
            }
            for unit in over.chunks(UNIT) {
                for class in self.let_go(unit, delete).await? {
                    *counts.entry(class).or_default() += 1;
                }
            }
        }
        Ok(counts)
    }

    /// Erases those contacts, and says by which rules it was.
    async fn let_go(
        &self,
        over: &[(Class, NewErasure)],
        delete: bool,
    ) -> Result<Vec<Class>, StoreError> {
        let classes = over.iter().map(|(class, _)| *class);
        if !delete {
            return Ok(classes.collect());
        }
        let erasures = over.iter().map(|(_, erasure)| erasure.clone()).collect();
        let mut gone = Vec::new();
        for (class, done) in classes.zip(self.store.erase_all(erasures).await?) {
            match done {
                Ok(_) => gone.push(class),
                // Something happened meanwhile: it is looked at again the next time.
                Err(StoreError::Conflict) => {}
                Err(other) => return Err(other),
            }
        }
        self.count(&Acts::of(gone.iter().map(|_| Act::Erased)));
        Ok(gone)
    }

    /// The erasure of a contact of whom no entry is needed any more; it forgets the address unless
    /// mailings to it have to stay withheld.
    async fn over(
        &self,
        subject: Uuid,
        kept: &Standing,
        now: Timestamp,
    ) -> Result<Option<(Class, NewErasure)>, StoreError> {
        if kept.over_since(now).is_none() {
            return Ok(None);
        }
        let history = self.store.history(subject).await?;
        let decided_on = history.last().map(|(seq, _)| *seq);
        let entries: Vec<_> = history.into_iter().map(|(_, entry)| entry).collect();
        // Of those entries, and not of the state that was read before them.
        let standing = Standing::of(&entries);
        let Some(class) = is_over(&standing, &entries, now) else {
            return Ok(None);
        };
        let cases = self.store.cases_of(subject).await?;
        if cases.iter().any(|case| case.decided.is_none()) {
            return Ok(None);
        }
        let entry = self.erased(subject, now, Vec::new(), evidence());
        let erasure = NewErasure {
            subject,
            entry: SealedEntry::new(entry, self.world.salt()),
            forgets: !standing.is_lapsed(now),
            decided_on,
        };
        Ok(Some((class, erasure)))
    }
}

fn evidence() -> Evidence {
    Evidence {
        reference: Some("retention".to_owned()),
        ..Evidence::off_page(
            Actor::System,
            Assurance::Unverified,
            Surface::CommandLine,
            Method::Report,
            assets::ui_build(),
        )
    }
}
