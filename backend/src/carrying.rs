//! After a restore: what people stopped since the backup is taken over from the database that was replaced.
//!
//! Only what stops mailings is, and only where it still stood there: what was taken back stays taken back,
//! and a consent is given anew by the person.

use std::collections::BTreeMap;

use anyhow::ensure;
use shared::entry::{Act, Assurance, Entry, Salt, commitment};
use shared::standing::Standing;
use uuid::Uuid;

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
}

/// What is taken over.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// What was imported from other systems too.
    pub imported: bool,
    /// Nothing is recorded; it is only counted.
    pub dry: bool,
}

/// Takes over from the database that the last restore replaced.
///
/// # Errors
/// Where no backup was restored here, or the other database is not the one that it replaced.
pub async fn carry(from: &Sqlite, to: &Sqlite, wanted: Wanted) -> anyhow::Result<Carried> {
    let backup_end = shared_end(from, to).await?;
    let mut carried = Carried::default();
    let mut after = backup_end;
    loop {
        let page = from.ledger(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.seq;
        for row in page {
            take(from, to, wanted, row, &mut carried).await?;
        }
    }
    Ok(carried)
}

/// The last entry that both have.
async fn shared_end(from: &Sqlite, to: &Sqlite) -> anyhow::Result<Seq> {
    let end = to.restored_after().await?;
    let end =
        end.ok_or_else(|| anyhow::anyhow!("no backup was restored here: nothing is missing"))?;
    if end == 0 {
        return Ok(0);
    }
    let row = async |store: &Sqlite| -> Result<Option<LedgerRow>, StoreError> {
        let found = store.ledger(end - 1, 1).await?.into_iter().next();
        Ok(found.filter(|row| row.seq == end))
    };
    let (theirs, ours) = (row(from).await?, row(to).await?);
    let is_same = theirs
        .zip(ours)
        .is_some_and(|(theirs, ours)| theirs.commitment == ours.commitment);
    ensure!(
        is_same,
        "that database is not the one that the last restore replaced: its ledger is another one"
    );
    Ok(end)
}

async fn take(
    from: &Sqlite,
    to: &Sqlite,
    wanted: Wanted,
    row: LedgerRow,
    carried: &mut Carried,
) -> anyhow::Result<()> {
    let is_restore = row.is_restore();
    let Some((salt, canonical)) = row.payload.filter(|_| !is_restore) else {
        // Erased since, which the list of erasures has done again.
        return Ok(());
    };
    let entry = Entry::from_canonical(&canonical).ok();
    let is_whole = commitment(&salt, &canonical) == row.commitment;
    let Some(entry) = entry.filter(|_| is_whole) else {
        carried.damaged += 1;
        return Ok(());
    };
    let entries = from.history(entry.subject).await?;
    let stands = Standing::of(entries.iter().map(|(_, entry)| entry)).rests_on(&entry);
    let keys = from.keys_of(entry.subject).await?;
    if !stands || keys.0.is_empty() {
        return Ok(());
    }
    if entry.evidence.assurance == Assurance::Imported && !wanted.imported {
        carried.imported += 1;
        return Ok(());
    }
    let known = to.look_up(std::slice::from_ref(&keys)).await?.known;
    let subjects = known.into_iter().flatten().next();
    let subjects = subjects.map_or_else(Vec::new, |known| known.subjects());
    if is_known(to, &subjects, entry.id).await? {
        carried.known += 1;
        return Ok(());
    }
    *carried.acts.entry(entry.act).or_default() += 1;
    if wanted.dry {
        return Ok(());
    }
    if let Some(words) = entry.evidence.control_text
        && let Some(words) = from.text(words).await?
    {
        to.keep_text(words).await?;
    }
    let events = waiting(from, &entry).await?;
    to.restrict(act(keys, entry, salt, events), None).await?;
    Ok(())
}

/// What sinks had still to be told of it there: nobody tells them from that database any more. Whom it was
/// told to just before is told again, under the same name.
async fn waiting(from: &Sqlite, entry: &Entry) -> Result<Vec<NewEvent>, StoreError> {
    let kept = from.events_of(&[entry.id]).await?.into_iter();
    let event = |(sink, sealed)| NewEvent {
        sink,
        kept_until: entry.recorded_at,
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

async fn is_known(to: &Sqlite, subjects: &[Uuid], id: Uuid) -> Result<bool, StoreError> {
    let histories = to.histories(subjects).await?;
    Ok(histories.iter().flatten().any(|(_, entry)| entry.id == id))
}
