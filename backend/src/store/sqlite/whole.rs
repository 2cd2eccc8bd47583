//! What a check of the whole database reads: the file itself, and everybody with all that their
//! standing was folded from.

use rusqlite::Connection;
use shared::entry::Entry;
use shared::standing::Standing;
use shared::time::Timestamp;
use uuid::Uuid;

use super::reader::{Moment, entries};
use super::{Sqlite, rows};
use crate::store::StoreError;
use crate::store::dues::KeptDue;

/// Somebody, with all that is kept of them, at one moment.
#[derive(Debug)]
pub struct Whole {
    /// Grows from one to the next.
    pub no: i64,
    /// Who.
    pub subject: Uuid,
    /// What holds as it is kept; `None` where that cannot be read.
    pub standing: Option<Standing>,
    /// What is kept beside it.
    pub due: KeptDue,
    /// Their entries, in ledger order; `None` where one of them cannot be read.
    pub entries: Option<Vec<Entry>>,
    /// Whether an address leads to them.
    pub is_found: bool,
}

impl Sqlite {
    /// What is wrong with the file: SQLite compares every index with its table, and every row with what
    /// it has to be and to refer to. Names tables and rows, never their content.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn damage(&self) -> Result<Vec<String>, StoreError> {
        self.scan(|reader| Ok(damage(reader.connection())?)).await
    }

    /// Up to `limit` of everybody whose number is greater than `after`, all at one moment.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn everybody(&self, after: i64, limit: usize) -> Result<Vec<Whole>, StoreError> {
        self.scan(move |reader| everybody(reader.connection(), after, limit))
            .await
    }
}

fn damage(connection: &Connection) -> Result<Vec<String>, rusqlite::Error> {
    let mut check = connection.prepare("PRAGMA integrity_check")?;
    let found = check.query_map((), |row| row.get::<_, String>(0))?;
    let mut damage = found.collect::<Result<Vec<_>, _>>()?;
    damage.retain(|one| one != "ok");
    let mut check = connection.prepare("PRAGMA foreign_key_check")?;
    let found = check.query_map((), |row| {
        let (table, no, parent): (String, Option<i64>, String) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        let row = no.map_or_else(|| "a row".to_owned(), |no| format!("row {no}"));
        Ok(format!("{row} of {table} refers to nothing in {parent}"))
    })?;
    for one in found {
        damage.push(one?);
    }
    Ok(damage)
}

fn everybody(connection: &Connection, after: i64, limit: usize) -> Result<Vec<Whole>, StoreError> {
    let moment = Moment::of(connection)?;
    let mut statement = moment.connection().prepare_cached(
        "SELECT no, subject, standing, notice_due, notice_told,
                EXISTS (SELECT 1 FROM subject_key WHERE subject_no = no)
         FROM subject WHERE no > ?1 ORDER BY no LIMIT ?2",
    )?;
    let mut history = moment
        .connection()
        .prepare_cached("SELECT seq, canonical FROM payload WHERE subject_no = ?1 ORDER BY seq")?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut found = statement.query((after, limit))?;
    let mut all = Vec::new();
    while let Some(row) = found.next()? {
        let no = row.get(0)?;
        let kept = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
        let when = |column| -> Result<_, rusqlite::Error> {
            let millis: Option<i64> = row.get(column)?;
            Ok(millis.map(Timestamp::from_millis))
        };
        all.push(Whole {
            no,
            subject: rows::uuid(row, 1)?,
            standing: rows::standing(no, kept).ok(),
            due: KeptDue {
                by: when(3)?,
                told: when(4)?,
            },
            entries: readable(entries(history.query([no])?))?,
            is_found: row.get(5)?,
        });
    }
    Ok(all)
}

/// Entries, unless one of them is what no version of Sayso writes.
fn readable(
    found: Result<Vec<(u64, Entry)>, StoreError>,
) -> Result<Option<Vec<Entry>>, StoreError> {
    match found {
        Ok(found) => Ok(Some(found.into_iter().map(|(_, entry)| entry).collect())),
        Err(StoreError::Corrupt { .. }) => Ok(None),
        Err(other) => Err(other),
    }
}
