//! After a restore: what people stopped since the backup is taken over from the database that was replaced.
//!
//! Only what stops mailings is, and only where it still stood there: what was taken back stays taken back,
//! and a consent is given anew by the person.

use std::collections::BTreeMap;

use anyhow::{bail, ensure};
use shared::digest::Digest;
use shared::entry::{Act, Actor, Assurance, Entry, Salt, commitment};
use shared::standing::Standing;
use shared::time::Timestamp;

use crate::cases;
use crate::clock::World;
use crate::publishing::say_the_same;
use crate::shelf::Shelved;
use crate::store::cases::Cases as _;
use crate::store::domains::{DomainAct, DomainStep, Domains as _};
use crate::store::events::{Events as _, NewEvent};
use crate::store::sqlite::Sqlite;
use crate::store::{
    Keys, LedgerRow, NewAct, PublishedNotice, Read as _, SealedEntry, Seq, StoreError, Write as _,
};

/// Rows of the ledger that are read together.
const PAGE: usize = 1_000;

/// What became of the entries since the backup.
#[derive(Debug, Default)]
pub struct Carried {
    /// The last entry that both ledgers have.
    pub since: Seq,
    /// The entries that the other ledger has after that one.
    pub entries: u64,
    /// Recorded anew, by act.
    pub acts: BTreeMap<Act, u64>,
    /// Here already.
    pub known: u64,
    /// Taken over from other systems, and left: such a file can be imported again.
    pub imported: u64,
    /// Not what the ledger committed to, or of somebody of whom something is unreadable: damaged.
    pub damaged: u64,
    /// References of cases that this database lacks, or has as they were; they are not taken over.
    pub cases: Vec<String>,
    /// Domains whose company has objected or lifted since; they are not taken over.
    pub domains: Vec<String>,
    /// Notices whose newest version says what none does here; they are not taken over.
    pub notices: Vec<String>,
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
pub async fn carry(
    from: &Sqlite,
    to: &Sqlite,
    wanted: Wanted,
    world: &dyn World,
) -> anyhow::Result<Carried> {
    let mut after = shared_end(from, to).await?;
    let mut carrying = Carrying {
        from,
        to,
        wanted,
        world,
        carried: Carried {
            since: after,
            ..Carried::default()
        },
    };
    loop {
        let page = from.ledger(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.seq;
        for row in page {
            carrying.carried.entries += u64::from(!row.is_restore());
            match carrying.take(row).await {
                // What is damaged of one person keeps nobody else's from being taken over.
                Err(StoreError::Corrupt { .. }) => carrying.carried.damaged += 1,
                taken => taken?,
            }
        }
    }
    let (cases, domains) = carrying.missing().await?;
    Ok(Carried {
        cases,
        domains,
        notices: carrying.missing_notices().await?,
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
    world: &'s dyn World,
    carried: Carried,
}

impl Carrying<'_> {
    async fn take(&mut self, row: LedgerRow) -> Result<(), StoreError> {
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
        if keys.0.is_empty() {
            return Ok(());
        }
        let Some(entry) = self.rest_of(&entry).await? else {
            return Ok(());
        };
        let Some(entry) = self.lacking(&keys, entry).await? else {
            self.carried.known += 1;
            return Ok(());
        };
        if entry.evidence.assurance == Assurance::Imported && !self.wanted.imported {
            self.carried.imported += 1;
            return Ok(());
        }
        let kind = entry.act;
        if !self.wanted.dry {
            self.record(keys, entry, salt).await?;
        }
        *self.carried.acts.entry(kind).or_default() += 1;
        Ok(())
    }

    /// What of the entry is behind what stopped mailings there in the end. Where others of the person
    /// cannot be read, it is taken to be: it only restricts.
    async fn rest_of(&self, entry: &Entry) -> Result<Option<Entry>, StoreError> {
        match self.from.history(entry.subject).await {
            Ok(all) => Ok(Standing::of(all.iter().map(|(_, entry)| entry)).rest_of(entry)),
            Err(StoreError::Corrupt { .. }) => Ok(Standing::of([entry]).rest_of(entry)),
            Err(other) => Err(other),
        }
    }

    /// What of it is not here already, and that nothing later took the place of.
    async fn lacking(&self, keys: &Keys, entry: Entry) -> Result<Option<Entry>, StoreError> {
        let known = self.to.look_up(std::slice::from_ref(keys)).await?.known;
        let Some(known) = known.into_iter().next().flatten() else {
            return Ok(Some(entry));
        };
        let histories = self.to.histories(&known.subjects()).await?;
        let here: Vec<&Entry> = histories.iter().flatten().map(|(_, entry)| entry).collect();
        if here
            .iter()
            .any(|other| other.id == entry.id || takes_its_place(other, &entry))
        {
            return Ok(None);
        }
        let Some(facts) = &entry.facts else {
            return Ok(Some(entry));
        };
        let later = here
            .iter()
            .filter(|other| other.recorded_at > entry.recorded_at)
            .filter_map(|other| other.facts.as_ref());
        let facts = later.fold(facts.less(&known.standing.facts), |facts, later| {
            facts.but_for(later)
        });
        Ok(facts.tighten().then_some(Entry {
            facts: Some(facts),
            ..entry
        }))
    }

    async fn record(&self, keys: Keys, entry: Entry, salt: Salt) -> Result<(), StoreError> {
        if let Some(words) = entry.evidence.control_text
            && let Some(words) = self.from.text(words).await?
        {
            self.to.keep_text(words).await?;
        }
        let events = waiting(self.from, &entry).await?;
        let act = act(keys, entry, salt, events);
        match self.to.restrict(act.clone(), None).await {
            // Forgotten here since: the address is a stranger's.
            Err(StoreError::Conflict) => {
                let act = act.of(self.world.subject());
                self.to.restrict(act, None).await?;
            }
            recorded => {
                recorded?;
            }
        }
        Ok(())
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

    /// The newest version of every notice there, where none here says the same: the gate goes by another.
    async fn missing_notices(&self) -> anyhow::Result<Vec<String>> {
        let read = |stored: Vec<PublishedNotice>| -> anyhow::Result<Vec<Shelved>> {
            stored.iter().map(Shelved::read).collect()
        };
        let here = read(self.to.notices().await?)?;
        let there = read(self.from.notices().await?)?;
        let is_newest = |one: &&Shelved| {
            let mut others = there.iter().filter(|other| other.notice == one.notice);
            others.all(|other| other.number <= one.number)
        };
        let is_here = |one: &Shelved| {
            let mut same = here.iter().filter(|other| other.notice == one.notice);
            same.any(|other| say_the_same(other, one))
        };
        let missing = there.iter().filter(is_newest).filter(|one| !is_here(one));
        let named = missing.map(|one| format!("{} version {}", one.notice, one.number));
        Ok(named.collect())
    }
}

/// Whether that later entry took the place of this one: an erasure of the person, or, where this one ended
/// a consent, one to all of it that the person gave anew. What others report of a consent is no such one,
/// however late they do.
fn takes_its_place(other: &Entry, entry: &Entry) -> bool {
    let ends_consent = matches!(entry.act, Act::ConsentWithdrawn | Act::ConsentRefused);
    let is_by_person = other.evidence.actor == Actor::DataSubject
        && other.evidence.assurance == Assurance::LinkVerified;
    let is_anew = ends_consent
        && is_by_person
        && other.act == Act::ConsentGiven
        && other.scope.contains(&entry.scope);
    other.recorded_at > entry.recorded_at && (other.act == Act::Erased || is_anew)
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
