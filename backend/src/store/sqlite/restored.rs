//! Where the ledger goes on after a restore, and the places of its entries since.

use rusqlite::Connection;
use shared::time::Timestamp;
use uuid::Uuid;

use super::Sqlite;
use super::erasure;
use super::problem::Failure;
use super::rows;
use super::writer::Batch;
use crate::store::{Keys, Seq, StoreError};

/// Numbers for each millisecond: nobody appends that many, on average.
const PER_MILLI: Seq = 1_000;
/// Numbers that are left out where the clock is behind the ledger.
const LEAST: Seq = 1_000_000_000;

impl Sqlite {
    /// Lets the ledger of a backup go on at a number greater than any that was handed out since the
    /// backup: the microseconds of that moment since 1970, and more than `handed_out`, the last number
    /// of the database whose place the backup takes. Whoever kept a number from before asks for what
    /// came after it and misses nothing. Returns that number.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn go_on(&self, at: Timestamp, handed_out: Seq) -> Result<Seq, StoreError> {
        self.writer
            .run(move |batch| go_on(batch, at, handed_out))
            .await
    }

    /// Every key that leads to that subject, the newest generation first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn keys_of(&self, subject: Uuid) -> Result<Keys, StoreError> {
        self.scan(move |reader| Ok(keys_of(reader.connection(), subject)?))
            .await
    }

    /// The last entries of the backups that were restored, the last restore first; none where none was.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn restored_after(&self) -> Result<Vec<Seq>, StoreError> {
        self.scan(|reader| {
            let mut ends = reader
                .connection()
                .prepare_cached("SELECT before FROM restored ORDER BY seq DESC")?;
            let ends = ends.query_map((), |row| rows::seq(row, 0))?;
            Ok(ends.collect::<Result<_, _>>()?)
        })
        .await
    }
}

fn go_on(batch: &mut Batch<'_>, at: Timestamp, handed_out: Seq) -> Result<Seq, Failure> {
    let moment = at.as_millis().max(0).cast_unsigned();
    let next = moment
        .saturating_mul(PER_MILLI)
        .max(batch.head.saturating_add(LEAST))
        .max(handed_out.saturating_add(1));
    batch.connection.execute(
        "INSERT INTO restored (seq, before, at) VALUES (?1, ?2, ?3)",
        (next.cast_signed(), batch.head.cast_signed(), at.as_millis()),
    )?;
    batch.connection.execute(
        "INSERT INTO ledger (seq, commitment) VALUES (?1, zeroblob(32))",
        [next.cast_signed()],
    )?;
    batch.head = next;
    Ok(next)
}

fn keys_of(connection: &Connection, subject: Uuid) -> Result<Keys, rusqlite::Error> {
    match erasure::number(connection, subject)? {
        Some(no) => erasure::keys(connection, no),
        None => Ok(Keys(Vec::new())),
    }
}

/// The number of the last entry, 0 where there is none.
pub(super) fn last(connection: &Connection) -> Result<Seq, StoreError> {
    let last = "SELECT coalesce(max(seq), 0) FROM ledger";
    let last: i64 = connection.query_row(last, (), |row| row.get(0))?;
    Ok(last.cast_unsigned())
}

/// How many entries there are up to that one; `None` where there is no such entry.
pub(super) fn nth(connection: &Connection, seq: Seq) -> Result<Option<u64>, StoreError> {
    let place = i64::try_from(seq).unwrap_or(i64::MAX);
    let (is_there, left_out): (bool, i64) = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM ledger WHERE seq = ?1),
                    (SELECT coalesce(sum(seq - before), 0) FROM restored WHERE seq <= ?1)",
        )?
        .query_row([place], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let is_there = is_there || seq == 0;
    Ok(is_there.then(|| seq.saturating_sub(left_out.cast_unsigned())))
}
