//! Erasure: deleted from the tables, from the journal, and again from a backup that is restored.
//!
//! The list beside the database (`erasures.ndjson`) has a line for every erasure. A line is kept
//! inside the database until it is safely on the list.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use rusqlite::{Connection, OptionalExtension as _};
use serde::{Deserialize, Serialize};
use shared::address::AddressKey;
use shared::entry::{Act, Entry, Salt};
use uuid::Uuid;

use super::problem::{self, Failure};
use super::schema::{self, Role};
use super::writer::Batch;
use super::{Mode, Sqlite, acts, rows};
use crate::store::erasure::{Erase, NewErasure};
use crate::store::{Keys, NewAct, SealedEntry, Seq, StoreError};

/// The list, in the directory of the database.
const LIST: &str = "erasures.ndjson";
/// How often emptying the journal is tried.
const TRIES: usize = 40;
/// How long a try waits for those who read. Nobody can write meanwhile.
const WAIT: Duration = Duration::from_millis(50);
/// How long others may write before the next try.
const PAUSE: Duration = Duration::from_millis(200);

/// An erasure as it stands on the list.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    format: u8,
    subject: Uuid,
    /// Generation and address key, none where the address was forgotten.
    keys: Vec<(u32, String)>,
    salt: String,
    /// The canonical bytes of the entry.
    entry: String,
}

#[async_trait]
impl Erase for Sqlite {
    async fn erase(&self, erasure: NewErasure) -> Result<Seq, StoreError> {
        let seq = self.writer.run(move |batch| erase(batch, &erasure)).await?;
        self.list_erasures().await?;
        self.make_gone().await?;
        Ok(seq)
    }
}

impl Sqlite {
    /// Does every erasure of the list again that this database does not know: it was restored from
    /// an older backup. Returns how many.
    ///
    /// # Errors
    /// `Corrupt` when the list cannot be understood, or an erased address belongs to somebody else
    /// here; nothing may be served then.
    pub async fn erase_again(&self) -> Result<usize, StoreError> {
        let lines = read_list(&list_of(&self.path))?;
        let lines: Vec<_> = lines.into_iter().collect::<Result<_, _>>()?;
        let places = lines.iter().enumerate();
        let last: HashMap<Uuid, usize> = places
            .map(|(place, (line, _))| (line.subject, place))
            .collect();
        let mut done = 0;
        // In the order of the list: whoever had an address before was forgotten first.
        for (place, (line, sealed)) in lines.into_iter().enumerate() {
            if last[&line.subject] != place {
                continue;
            }
            let erased = self
                .writer
                .run(move |batch| erase_again(batch, &line, &sealed))
                .await?;
            done += usize::from(erased);
        }
        self.make_gone().await?;
        Ok(done)
    }

    /// Writes to the list what waits for it.
    async fn list_erasures(&self) -> Result<(), StoreError> {
        let list = list_of(&self.path);
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
fn empty_journal(path: &Path) -> Result<bool, StoreError> {
    let connection = schema::connect(path, Role::Writer(Mode::Command))?;
    connection.busy_timeout(WAIT)?;
    let busy: bool =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| row.get(0))?;
    Ok(!busy)
}

fn erase(batch: &mut Batch<'_>, erasure: &NewErasure) -> Result<Seq, Failure> {
    let entry = &erasure.entry.entry;
    let no = number(batch, erasure.subject)?.ok_or(StoreError::Conflict)?;
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
    let seq = acts::insert_entries(batch, no, std::slice::from_ref(&erasure.entry))?;
    let keys = keys(batch, no)?;
    empty(batch, no, seq, &keys)?;
    if erasure.forgets {
        forget(batch, no)?;
    }
    let line = Line {
        format: 1,
        subject: erasure.subject,
        keys: if erasure.forgets {
            Vec::new()
        } else {
            let text = |key: &AddressKey| BASE64_STANDARD_NO_PAD.encode(key.as_bytes());
            keys.0
                .iter()
                .map(|(generation, key)| (*generation, text(key)))
                .collect()
        },
        salt: BASE64_STANDARD_NO_PAD.encode(erasure.entry.salt.0),
        entry: String::from_utf8_lossy(&erasure.entry.canonical).into_owned(),
    };
    batch
        .connection
        .prepare_cached("INSERT INTO erasure (seq, line) VALUES (?1, ?2)")?
        .execute((
            seq.cast_signed(),
            serde_json::to_string(&line).expect("a line is plain JSON"),
        ))?;
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
    append(list, &lines)?;
    let mut drop = connection.prepare_cached("DELETE FROM erasure WHERE seq = ?1")?;
    for (seq, _) in found {
        drop.execute([seq])?;
    }
    Ok(())
}

/// Does an erasure again; `false` when this database has it, or never knew the person.
fn erase_again(batch: &mut Batch<'_>, line: &Line, sealed: &SealedEntry) -> Result<bool, Failure> {
    let keys = line.keys()?;
    let Some(no) = number(batch, line.subject)? else {
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
            Ok(_) => Ok(true),
            Err(Failure::Refused(StoreError::Conflict)) => Err(problem::corrupt(
                LIST,
                "an erased address belongs to somebody else in the backup, whose erasure is not on \
                 the list: take the list from the newest copy",
            )
            .into()),
            Err(other) => Err(other),
        };
    };
    if is_known(batch, no, &sealed.entry)? {
        return Ok(false);
    }
    let (_, mut standing) = acts::subject(batch, no)?;
    standing.apply(&sealed.entry);
    acts::update_standing(batch, no, &standing)?;
    let seq = acts::insert_entries(batch, no, std::slice::from_ref(sealed))?;
    let kept = self::keys(batch, no)?;
    empty(batch, no, seq, &kept)?;
    if keys.0.is_empty() {
        forget(batch, no)?;
    }
    Ok(true)
}

/// Whether the subject was erased at that time or later.
fn is_known(batch: &Batch<'_>, no: i64, erased: &Entry) -> Result<bool, Failure> {
    let mut statement = batch
        .connection
        .prepare_cached("SELECT seq, canonical FROM payload WHERE subject_no = ?1")?;
    let mut found = statement.query([no])?;
    while let Some(row) = found.next()? {
        let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        let entry = rows::entry(rows::seq(row, 0)?, bytes)?;
        if entry.act == Act::Erased && entry.recorded_at >= erased.recorded_at {
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
pub(super) fn number(batch: &Batch<'_>, subject: Uuid) -> Result<Option<i64>, rusqlite::Error> {
    batch
        .connection
        .prepare_cached("SELECT no FROM subject WHERE subject = ?1")?
        .query_row([subject.as_bytes()], |row| row.get(0))
        .optional()
}

/// Every key that leads to the subject, the newest generation first.
fn keys(batch: &Batch<'_>, no: i64) -> Result<Keys, rusqlite::Error> {
    let mut statement = batch.connection.prepare_cached(
        "SELECT generation, address_key FROM subject_key WHERE subject_no = ?1
         ORDER BY generation DESC",
    )?;
    let found = statement.query_map([no], |row| {
        Ok((row.get(0)?, AddressKey::from_bytes(row.get(1)?)))
    })?;
    found.collect::<Result<_, _>>().map(Keys)
}

/// Where the list of that database is.
pub(super) fn list_of(database: &Path) -> PathBuf {
    database.with_file_name(LIST)
}

/// Adds lines to the list; they are on the disk when this returns.
fn append(list: &Path, lines: &str) -> Result<(), StoreError> {
    let write = || -> std::io::Result<()> {
        let mut file = OpenOptions::new()
            .create(true)
            .read(true)
            .append(true)
            .mode(0o600)
            .open(list)?;
        file.lock()?;
        let mut before = Vec::new();
        file.read_to_end(&mut before)?;
        // A line without its end was never acknowledged, and comes again.
        let whole = before.iter().rposition(|&byte| byte == b'\n');
        file.set_len(whole.map_or(0, |end| end as u64 + 1))?;
        file.write_all(lines.as_bytes())?;
        file.sync_all()?;
        match list.parent().filter(|_| before.is_empty()) {
            Some(directory) => File::open(directory)?.sync_all(),
            None => Ok(()),
        }
    };
    write().map_err(|_| {
        problem::unavailable(
            "the list of erasures beside the database cannot be written: check its permissions \
             and the space on the disk",
        )
    })
}

type Listed = Result<(Line, SealedEntry), StoreError>;

/// The list, oldest first; empty where there is none.
fn read_list(list: &Path) -> Result<Vec<Listed>, StoreError> {
    let mut text = String::new();
    match File::open(list) {
        Ok(mut file) => file.read_to_string(&mut text).map(|_| ()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
    .map_err(|_| problem::unavailable("the list of erasures cannot be read"))?;
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let read = |(number, line): (usize, &str)| {
        Line::read(line).ok_or_else(|| {
            problem::corrupt(
                format!("line {} of {LIST}", number + 1),
                "it is no erasure that this version of Sayso can read: take the list from the \
                 newest copy",
            )
        })
    };
    Ok(whole
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.is_empty())
        .map(read)
        .collect())
}

impl Line {
    fn read(text: &str) -> Option<(Self, SealedEntry)> {
        let line: Self = serde_json::from_str(text).ok()?;
        let salt = BASE64_STANDARD_NO_PAD.decode(&line.salt).ok()?;
        let entry = Entry::from_canonical(line.entry.as_bytes()).ok()?;
        let sealed = SealedEntry::new(entry, Salt(salt.try_into().ok()?));
        let good = line.format == 1
            && sealed.entry.act == Act::Erased
            && sealed.entry.subject == line.subject
            && sealed.canonical == line.entry.as_bytes();
        good.then_some((line, sealed))
    }

    fn keys(&self) -> Result<Keys, StoreError> {
        let read = |(generation, text): &(u32, String)| {
            let bytes = BASE64_STANDARD_NO_PAD.decode(text).ok()?;
            Some((*generation, AddressKey::from_bytes(bytes.try_into().ok()?)))
        };
        let keys: Option<Vec<_>> = self.keys.iter().map(read).collect();
        keys.map(Keys)
            .ok_or_else(|| problem::corrupt(LIST, "an address key is not whole"))
    }
}
