//! After a restore: what people stopped since the backup is taken over from the database that was replaced.
//!
//! Only what stops mailings is, and only where it still stood there: what was taken back stays taken back,
//! and a consent is given anew by the person.

use std::collections::BTreeMap;

use anyhow::{bail, ensure};
use shared::digest::Digest;
use shared::entry::{Act, Assurance, Entry, Salt, commitment};
use shared::standing::Standing;
use shared::time::Timestamp;

use crate::cases;
use crate::store::cases::Cases as _;
use crate::store::domains::{DomainAct, DomainStep, Domains as _};
use crate::store::events::{Events as _, NewEvent};
use crate::store::sqlite::Sqlite;
use crate::store::{Keys, LedgerRow, NewAct, Read as _, SealedEntry, Seq, StoreError, Write as _};

/// Rows of the ledger that are read together.
const PAGE: usize = 1_000;

/// What became of the entries since the backup.
#[derive(Debug, Default)]
pub struct Carried {
    /// Recorded anew, by act.
    pub acts: BTreeMap<Act, u64>,
    /// Here already.
    pub known: u64,
    /// Taken over from other systems, and left: such a file can be imported again.
    pub imported: u64,
    /// Not what the ledger committed to: damaged.
    pub damaged: u64,
    /// References of cases that this database lacks, or has as they were; they are not taken over.
    pub cases: Vec<String>,
    /// Domains whose company has objected or lifted since; they are not taken over.
    pub domains: Vec<String>,
}

/// What is taken over.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// What was imported from other systems too.
    pub imported: bool,
    /// Nothing is recorded; it is only counted.
    pub dry: bool,
}

/// Takes over from the database that a restore replaced.
///
/// # Errors
/// Where no backup was restored here, or the ledgers share no entry: then the other database is another
/// deployment's.
pub async fn carry(from: &Sqlite, to: &Sqlite, wanted: Wanted) -> anyhow::Result<Carried> {
    let mut carrying = Carrying {
        from,
        to,
        wanted,
        carried: Carried::default(),
    };
    let mut after = shared_end(from, to).await?;
    loop {
        let page = from.ledger(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.seq;
        for row in page {
            carrying.take(row).await?;
        }
    }
    let (cases, domains) = carrying.missing().await?;
    Ok(Carried {
        cases,
        domains,
        ..carrying.carried
    })
}

/// The last entry that both have: where the backup ended, or before that, where it is a later one than the
/// other database ever had.
async fn shared_end(from: &Sqlite, to: &Sqlite) -> anyhow::Result<Seq> {
    let ends = to.restored_after().await?;
    ensure!(
        !ends.is_empty(),
        "no backup was restored here: nothing is missing"
    );
    let row = async |store: &Sqlite, seq: Seq| -> Result<Option<LedgerRow>, StoreError> {
        let found = store.ledger(seq - 1, 1).await?.into_iter().next();
        Ok(found.filter(|row| row.seq == seq))
    };
    let last = from.look_up(&[]).await?.as_of;
    let mut tried: Vec<Seq> = ends.into_iter().map(|end| end.min(last)).collect();
    tried.push(1);
    if tried.contains(&0) && first_notice(from).await? == first_notice(to).await? {
        return Ok(0);
    }
    for seq in tried.into_iter().filter(|seq| *seq > 0) {
        let (theirs, ours) = (row(from, seq).await?, row(to, seq).await?);
        let is_same = theirs
            .zip(ours)
            .is_some_and(|(theirs, ours)| theirs.commitment == ours.commitment);
        if is_same {
            return Ok(seq);
        }
    }
    bail!(
        "the ledger of that database has no entry in common with this one: it is another deployment's"
    )
}

/// What tells deployments apart before the first entry.
async fn first_notice(store: &Sqlite) -> Result<Option<(Digest, Timestamp)>, StoreError> {
    let notices = store.notices().await?.into_iter().next();
    Ok(notices.map(|notice| (notice.digest, notice.published_at)))
}

struct Carrying<'s> {
    from: &'s Sqlite,
    to: &'s Sqlite,
    wanted: Wanted,
    carried: Carried,
}

impl Carrying<'_> {
    async fn take(&mut self, row: LedgerRow) -> anyhow::Result<()> {
        let is_restore = row.is_restore();
        let Some((salt, canonical)) = row.payload.filter(|_| !is_restore) else {
            // Erased since, which the list of erasures has done again.
            return Ok(());
        };
        let entry = Entry::from_canonical(&canonical).ok();
        let is_whole = commitment(&salt, &canonical) == row.commitment;
        let Some(entry) = entry.filter(|_| is_whole) else {
            self.carried.damaged += 1;
            return Ok(());
        };
        let keys = self.from.keys_of(entry.subject).await?;
        if !self.stands(&entry).await? || keys.0.is_empty() {
            return Ok(());
        }
        if entry.evidence.assurance == Assurance::Imported && !self.wanted.imported {
            self.carried.imported += 1;
            return Ok(());
        }
        if self.is_known(&keys, &entry).await? {
            self.carried.known += 1;
            return Ok(());
        }
        *self.carried.acts.entry(entry.act).or_default() += 1;
        if self.wanted.dry {
            return Ok(());
        }
        if let Some(words) = entry.evidence.control_text
            && let Some(words) = self.from.text(words).await?
        {
            self.to.keep_text(words).await?;
        }
        let events = waiting(self.from, &entry).await?;
        self.to
            .restrict(act(keys, entry, salt, events), None)
            .await?;
        Ok(())
    }

    /// Whether the entry is behind what stopped mailings there in the end. Where others of the person
    /// cannot be read, it is taken to be: it only restricts.
    async fn stands(&self, entry: &Entry) -> Result<bool, StoreError> {
        match self.from.history(entry.subject).await {
            Ok(all) => Ok(Standing::of(all.iter().map(|(_, entry)| entry)).rests_on(entry)),
            Err(StoreError::Corrupt { .. }) => Ok(Standing::of([entry]).rests_on(entry)),
            Err(other) => Err(other),
        }
    }

    /// Whether it is here already, or something later that took its place: an erasure of the person, or a
    /// consent that was given anew where it ended one.
    async fn is_known(&self, keys: &Keys, entry: &Entry) -> Result<bool, StoreError> {
        let known = self.to.look_up(std::slice::from_ref(keys)).await?.known;
        let known = known.into_iter().next().flatten();
        let subjects = known.map_or_else(Vec::new, |known| known.subjects());
        let histories = self.to.histories(&subjects).await?;
        let ends_consent = matches!(entry.act, Act::ConsentWithdrawn | Act::ConsentRefused);
        let takes_its_place = |other: &Entry| {
            let is_anew =
                ends_consent && other.act == Act::ConsentGiven && other.scope.touches(&entry.scope);
            other.recorded_at > entry.recorded_at && (other.act == Act::Erased || is_anew)
        };
        let mut here = histories.iter().flatten();
        Ok(here.any(|(_, other)| other.id == entry.id || takes_its_place(other)))
    }

    /// References of cases that are not here, and domains whose last step is not.
    async fn missing(&self) -> Result<(Vec<String>, Vec<String>), StoreError> {
        let mut cases = Vec::new();
        for case in self.from.cases().await? {
            let here = self.to.case(&case.reference).await?;
            if here.is_none_or(|here| here.decided != case.decided) {
                cases.push(cases::shown(&case));
            }
        }
        let last = |steps: Vec<DomainStep>| -> BTreeMap<String, DomainAct> {
            let steps = steps.into_iter();
            steps.map(|step| (step.domain, step.act)).collect()
        };
        let here = last(self.to.domain_steps().await?);
        let there = last(self.from.domain_steps().await?);
        let domains = there
            .into_iter()
            .filter(|(domain, act)| here.get(domain) != Some(act));
        Ok((cases, domains.map(|(domain, _)| domain).collect()))
    }
}

/// What sinks had still to be told of it there: nobody tells them from that database any more. Whom it was
/// told to just before is told again, under the same name.
async fn waiting(from: &Sqlite, entry: &Entry) -> Result<Vec<NewEvent>, StoreError> {
    let kept = from.events_of(&[entry.id]).await?.into_iter();
    let event = |(sink, sealed)| NewEvent {
        sink,
        kept_until: entry.recorded_at,
        is_kept_back: false,
        sealed,
    };
    Ok(kept.map(event).collect())
}

fn act(keys: Keys, entry: Entry, salt: Salt, events: Vec<NewEvent>) -> NewAct {
    NewAct {
        keys,
        subject: entry.subject,
        entries: vec![SealedEntry::new(entry, salt).telling(events)],
        receipt: None,
        letter: None,
    }
}
