//! Erasure: deleted from the tables, from the journal, and again from a backup that is restored.
//!
//! The list beside the database has a line for every erasure. A line is kept inside the database until
//! it is safely on the list.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension as _};
use shared::address::AddressKey;
use shared::entry::{Act, Entry};
use uuid::Uuid;

use super::problem::{self, Failure};
use super::schema::{self, Role};
use super::writer::Batch;
use super::{Mode, Sqlite, acts, rows};
use crate::store::erasure::{Erase, NewErasure};
use crate::store::{Keys, NewAct, SealedEntry, Seq, StoreError};

mod list;
mod untold;

pub(super) use list::list_of;
use list::{LIST, Line};
use untold::Untold;

/// How often emptying the journal is tried.
const TRIES: usize = 40;
/// How long a try waits for those who read. Nobody can write meanwhile.
const WAIT: Duration = Duration::from_millis(50);
/// How long others may write before the next try.
const PAUSE: Duration = Duration::from_millis(200);

#[async_trait]
impl Erase for Sqlite {
    async fn erase(&self, erasure: NewErasure) -> Result<Seq, StoreError> {
        let seq = self.writer.run(move |batch| erase(batch, &erasure)).await?;
        self.list_erasures().await?;
        self.make_gone().await?;
        Ok(seq)
    }

    async fn erase_all(
        &self,
        erasures: Vec<NewErasure>,
    ) -> Result<Vec<Result<Seq, StoreError>>, StoreError> {
        let done = self
            .writer
            .run(move |batch| {
                let one = |erasure| match erase(batch, erasure) {
                    Ok(seq) => Ok(Ok(seq)),
                    // Before anything of it was written.
                    Err(Failure::Refused(why)) => Ok(Err(why)),
                    Err(other) => Err(other),
                };
                erasures.iter().map(one).collect::<Result<Vec<_>, _>>()
            })
            .await?;
        self.list_erasures().await?;
        self.make_gone().await?;
        Ok(done)
    }
}

impl Sqlite {
    /// Does every erasure of the list again that this database does not know: it was restored from
    /// an older backup. Returns how many. What sinks had still to be told of them in `replaced`, the
    /// database whose place this one takes, waits here then, as far as that one can be read.
    ///
    /// # Errors
    /// `Corrupt` when the list cannot be understood, or an erased address belongs to somebody else
    /// here; nothing may be served then.
    pub async fn erase_again(&self, replaced: Option<&Path>) -> Result<usize, StoreError> {
        let lines = list::read(&self.list)?;
        let ids = lines.iter().map(|(_, sealed)| sealed.entry.id);
        let mut waiting = replaced.map_or_else(HashMap::new, |replaced| untold::of(replaced, ids));
        let mut all: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
        for (line, sealed) in &lines {
            let ids = all.entry(line.subject).or_default();
            ids.push(sealed.entry.id);
        }
        let mut done = 0;
        // In the order of the list: whoever had an address before was forgotten first.
        for (line, sealed) in lines {
            let ids = all.get(&line.subject).cloned().unwrap_or_default();
            if ids.last() != Some(&sealed.entry.id) {
                continue;
            }
            let untold = waiting.remove(&sealed.entry.id).unwrap_or_default();
            let erased = self
                .writer
                .run(move |batch| erase_again(batch, &line, &sealed, &ids, &untold))
                .await?;
            done += usize::from(erased);
        }
        self.make_gone().await?;
        Ok(done)
    }

    /// Writes to the list what waits for it.
    async fn list_erasures(&self) -> Result<(), StoreError> {
        let list = self.list.clone();
        self.writer
            .run(move |batch| list_waiting(batch.connection, &list))
            .await
    }

    /// Empties the journal, which still holds what was deleted from the tables.
    async fn make_gone(&self) -> Result<(), StoreError> {
        for attempt in 0..TRIES {
            if attempt > 0 {
                tokio::time::sleep(PAUSE).await;
            }
            let path = self.path.clone();
            let emptied = tokio::task::spawn_blocking(move || empty_journal(&path));
            if emptied.await.map_err(|_| problem::closed())?? {
                return Ok(());
            }
        }
        tracing::warn!(
            "what was erased is still in the journal, since somebody reads all the time; it goes \
             with the next checkpoint"
        );
        Ok(())
    }
}

/// Empties the journal; `false` where somebody is in the way.
pub(super) fn empty_journal(path: &Path) -> Result<bool, StoreError> {
    let connection = schema::connect(path, Role::Writer(Mode::Command))?;
    connection.busy_timeout(WAIT)?;
    let busy: bool =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| row.get(0))?;
    Ok(!busy)
}

fn erase(batch: &mut Batch<'_>, erasure: &NewErasure) -> Result<Seq, Failure> {
    let entry = &erasure.entry.entry;
    let no = number(batch.connection, erasure.subject)?.ok_or(StoreError::Conflict)?;
    let (_, mut standing) = acts::subject(batch, no)?;
    let states_all = standing.stays(entry.recorded_at) == entry.stays;
    let finds_all = !erasure.forgets || entry.stays.is_empty();
    let is_late = match erasure.decided_on {
        Some(seq) => acts::has_newer(batch, no, seq)?,
        None => false,
    };
    let is_whole = entry.act == Act::Erased && entry.subject == erasure.subject;
    if !is_whole || !states_all || !finds_all || is_late {
        return Err(StoreError::Conflict.into());
    }
    standing.apply(entry);
    acts::update_standing(batch, no, &standing)?;
    untold::join(batch, no, entry.id)?;
    let seq = acts::insert_entries(batch, no, std::slice::from_ref(&erasure.entry))?;
    let keys = keys(batch.connection, no)?;
    empty(batch, no, seq, &keys)?;
    if erasure.forgets {
        forget(batch, no)?;
    }
    let kept = if erasure.forgets {
        &Keys(Vec::new())
    } else {
        &keys
    };
    let line = Line::new(&erasure.entry, kept);
    batch
        .connection
        .prepare_cached("INSERT INTO erasure (seq, line) VALUES (?1, ?2)")?
        .execute((seq.cast_signed(), line.written()))?;
    Ok(seq)
}

/// Writes to the list what waits for it; a second time, if the first is rolled back.
pub(super) fn list_waiting(connection: &Connection, list: &Path) -> Result<(), Failure> {
    let mut waiting = connection.prepare_cached("SELECT seq, line FROM erasure ORDER BY seq")?;
    let found = waiting.query_map((), |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
    })?;
    let found: Vec<_> = found.collect::<Result<_, _>>()?;
    if found.is_empty() {
        return Ok(());
    }
    let lines: String = found.iter().map(|(_, line)| format!("{line}\n")).collect();
    list::append(list, &lines)?;
    let mut drop = connection.prepare_cached("DELETE FROM erasure WHERE seq = ?1")?;
    for (seq, _) in found {
        drop.execute([seq])?;
    }
    Ok(())
}

/// Does the last of these erasures of a person again; `false` when this database has it, or never knew
/// the person.
fn erase_again(
    batch: &mut Batch<'_>,
    line: &Line,
    sealed: &SealedEntry,
    ids: &[Uuid],
    untold: &[Untold],
) -> Result<bool, Failure> {
    let keys = line.keys()?;
    let Some(no) = number(batch.connection, line.subject)? else {
        if keys.0.is_empty() {
            return Ok(false);
        }
        // The person came after the backup: what they restricted has to stay all the same.
        let tombstone = NewAct {
            keys,
            subject: line.subject,
            entries: vec![sealed.clone()],
            receipt: None,
            letter: None,
        };
        return match acts::append(batch, &tombstone) {
            Ok(seq) => {
                untold::keep(batch, seq, sealed.entry.id, untold)?;
                Ok(true)
            }
            Err(Failure::Refused(StoreError::Conflict)) => Err(problem::corrupt(
                LIST,
                "an erased address belongs to somebody else in the backup, whose erasure is not on \
                 the list: take the list from the newest copy",
            )
            .into()),
            Err(other) => Err(other),
        };
    };
    if is_known(batch, no, &sealed.entry, ids)? {
        return Ok(false);
    }
    let (_, mut standing) = acts::subject(batch, no)?;
    standing.apply(&sealed.entry);
    acts::update_standing(batch, no, &standing)?;
    untold::join(batch, no, sealed.entry.id)?;
    let seq = acts::insert_entries(batch, no, std::slice::from_ref(sealed))?;
    untold::keep(batch, seq, sealed.entry.id, untold)?;
    let kept = self::keys(batch.connection, no)?;
    empty(batch, no, seq, &kept)?;
    if keys.0.is_empty() {
        forget(batch, no)?;
    }
    Ok(true)
}

/// Whether the subject has that erasure, or one that came later. The list says which came later; by
/// their times are compared those alone that are not on it.
fn is_known(batch: &Batch<'_>, no: i64, erased: &Entry, ids: &[Uuid]) -> Result<bool, Failure> {
    let mut statement = batch
        .connection
        .prepare_cached("SELECT seq, canonical FROM payload WHERE subject_no = ?1")?;
    let mut found = statement.query([no])?;
    while let Some(row) = found.next()? {
        let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        let entry = rows::entry(rows::seq(row, 0)?, bytes)?;
        let is_later = || !ids.contains(&entry.id) && entry.recorded_at >= erased.recorded_at;
        if entry.act == Act::Erased && (entry.id == erased.id || is_later()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Deletes what the subject has before that entry.
fn empty(batch: &Batch<'_>, no: i64, seq: Seq, keys: &Keys) -> Result<(), rusqlite::Error> {
    let connection = batch.connection;
    connection
        .prepare_cached("DELETE FROM payload WHERE subject_no = ?1 AND seq < ?2")?
        .execute((no, seq.cast_signed()))?;
    connection
        .prepare_cached("DELETE FROM receipt WHERE subject_no = ?1")?
        .execute([no])?;
    for about in ["letter_count", "link"] {
        let theirs = format!("DELETE FROM {about} WHERE generation = ?1 AND address_key = ?2");
        let mut delete = connection.prepare_cached(&theirs)?;
        for key in &keys.0 {
            delete.execute(rows::key(key))?;
        }
    }
    Ok(())
}

fn forget(batch: &Batch<'_>, no: i64) -> Result<(), rusqlite::Error> {
    batch
        .connection
        .prepare_cached("DELETE FROM subject_key WHERE subject_no = ?1")?
        .execute([no])?;
    Ok(())
}

/// The number that stands for the subject inside the database.
pub(super) fn number(
    connection: &Connection,
    subject: Uuid,
) -> Result<Option<i64>, rusqlite::Error> {
    connection
        .prepare_cached("SELECT no FROM subject WHERE subject = ?1")?
        .query_row([subject.as_bytes()], |row| row.get(0))
        .optional()
}

/// Every key that leads to the subject, the newest generation first.
pub(super) fn keys(connection: &Connection, no: i64) -> Result<Keys, rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "SELECT generation, address_key FROM subject_key WHERE subject_no = ?1
         ORDER BY generation DESC",
    )?;
    let found = statement.query_map([no], |row| {
        Ok((row.get(0)?, AddressKey::from_bytes(row.get(1)?)))
    })?;
    found.collect::<Result<_, _>>().map(Keys)
}
