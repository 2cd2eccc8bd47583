//! Letters that wait to be sent.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension as _};
use shared::time::Timestamp;

use super::Sqlite;
use super::problem::Failure;
use super::rows;
use super::writer::Batch;
use crate::store::StoreError;
use crate::store::outbox::{Allowance, DueLetter, First, NewLetter, Outbox, Rank};

const HOUR: i64 = 60 * 60 * 1000;
const DAY: i64 = 24 * HOUR;

/// Keeps a letter, unless its receiver had enough of them; says whether. One too many is written and
/// deleted again, since the time of an answer must not tell (SEC-07). It is due at once, whatever time
/// it was when the clock was wrong.
pub(super) fn insert(batch: &Batch<'_>, letter: &NewLetter) -> Result<bool, Failure> {
    let allowed = match &letter.allowance {
        Some(allowance) => count(batch, allowance)?,
        None => true,
    };
    batch
        .connection
        .prepare_cached(
            "INSERT INTO letter (due, first_due, not_after, rank, sealed) VALUES (0, ?1, ?2, ?3, ?4)",
        )?
        .execute((
            letter.due.as_millis(),
            letter.not_after.as_millis(),
            number(letter.rank),
            &letter.sealed,
        ))?;
    if !allowed {
        let no = batch.connection.last_insert_rowid();
        drop_letter(batch, no.cast_unsigned())?;
    }
    Ok(allowed)
}

/// A rank as it is kept: the lower the rank, the higher its number.
const fn number(rank: Rank) -> u8 {
    match rank {
        Rank::Owed => 0,
        Rank::Notice => 1,
    }
}

/// Counts one more letter; `false` when that would be too many.
fn count(batch: &Batch<'_>, allowance: &Allowance) -> Result<bool, Failure> {
    let (generation, key) = rows::key(&allowance.to);
    let at = allowance.at.as_millis();
    batch
        .connection
        .prepare_cached("DELETE FROM letter_count WHERE at <= ?1")?
        .execute([at.saturating_sub(DAY)])?;
    let (day, hour): (u32, u32) = batch
        .connection
        .prepare_cached(
            "SELECT count(*), coalesce(sum(at > ?3), 0) FROM letter_count
             WHERE generation = ?1 AND address_key = ?2",
        )?
        .query_row((generation, key, at.saturating_sub(HOUR)), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    batch
        .connection
        .prepare_cached(
            "INSERT INTO letter_count (generation, address_key, at) VALUES (?1, ?2, ?3)",
        )?
        .execute((generation, key, at))?;
    let allowed = day < allowance.per_day && hour < allowance.per_hour;
    if !allowed {
        batch
            .connection
            .prepare_cached("DELETE FROM letter_count WHERE rowid = ?1")?
            .execute([batch.connection.last_insert_rowid()])?;
    }
    Ok(allowed)
}

/// Where a letter is looked for: each is the start of an index, whatever else waits.
#[derive(Clone, Copy)]
enum Queue {
    /// Never taken, by their end.
    Ending,
    /// Never taken, as they were written.
    Written,
    /// Put back, since they are due.
    Again,
}

impl Queue {
    const fn first(self) -> &'static str {
        match self {
            Self::Ending => {
                "INDEXED BY letter_untried WHERE rank = ?3 AND due = 0 ORDER BY not_after, no"
            }
            Self::Written => "INDEXED BY letter_by_turn WHERE rank = ?3 AND due = 0 ORDER BY no",
            Self::Again => {
                "INDEXED BY letter_by_turn WHERE rank = ?3 AND due > 0 AND due <= ?1
                 ORDER BY due, no"
            }
        }
    }
}

/// Where to look, one after the other.
const fn order(first: First) -> [(Queue, Rank); 4] {
    use Queue::{Again, Ending, Written};
    use Rank::{Notice, Owed};
    match first {
        First::Ending => [
            (Ending, Owed),
            (Again, Owed),
            (Ending, Notice),
            (Again, Notice),
        ],
        First::Waiting => [
            (Written, Owed),
            (Again, Owed),
            (Written, Notice),
            (Again, Notice),
        ],
        First::Again => [
            (Again, Owed),
            (Again, Notice),
            (Ending, Owed),
            (Ending, Notice),
        ],
        First::Notice => [
            (Written, Notice),
            (Again, Notice),
            (Written, Owed),
            (Again, Owed),
        ],
    }
}

/// Takes the letter that comes first, and says how many were deleted for their age.
pub(super) fn take(
    batch: &Batch<'_>,
    at: Timestamp,
    until: Timestamp,
    lowest: Rank,
    first: First,
) -> Result<(Option<DueLetter>, u64), Failure> {
    let over = batch
        .connection
        .prepare_cached(
            "DELETE FROM letter INDEXED BY letter_by_end WHERE not_after <= ?1 AND due <= ?1",
        )?
        .execute([at.as_millis()])?;
    let mut taken = None;
    for (queue, rank) in order(first) {
        if taken.is_none() && rank <= lowest {
            taken = take_first(batch, at, until, queue, rank)?;
        }
    }
    Ok((taken, over as u64))
}

fn take_first(
    batch: &Batch<'_>,
    at: Timestamp,
    until: Timestamp,
    queue: Queue,
    rank: Rank,
) -> Result<Option<DueLetter>, Failure> {
    let take = format!(
        "UPDATE letter SET due = ?2, attempts = attempts + 1
         WHERE no = (SELECT no FROM letter {} LIMIT 1)
         RETURNING no, attempts - 1, not_after, refused_since, sealed",
        queue.first()
    );
    let taken = batch
        .connection
        .prepare_cached(&take)?
        .query_row((at.as_millis(), until.as_millis(), number(rank)), |row| {
            let since: Option<i64> = row.get(3)?;
            Ok(DueLetter {
                no: rows::seq(row, 0)?,
                attempts: row.get(1)?,
                not_after: Timestamp::from_millis(row.get(2)?),
                refused_since: since.map(Timestamp::from_millis),
                rank,
                sealed: row.get(4)?,
            })
        })
        .optional()?;
    Ok(taken)
}

/// Tells operators of letters that were deleted for their age.
pub(super) fn tell_unsent(letters: u64) {
    if letters > 0 {
        tracing::error!(
            letters,
            "letters were deleted unsent, since their time was over: whoever was to get them was not \
             told. See that the mail server takes letters"
        );
    }
}

pub(super) fn put_back(
    batch: &Batch<'_>,
    no: u64,
    due: Timestamp,
    refused: Option<Timestamp>,
) -> Result<(), Failure> {
    batch
        .connection
        .prepare_cached(
            "UPDATE letter SET due = ?2, refused_since = coalesce(refused_since, ?3) WHERE no = ?1",
        )?
        .execute((
            no.cast_signed(),
            due.as_millis(),
            refused.map(Timestamp::as_millis),
        ))?;
    Ok(())
}

pub(super) fn drop_letter(batch: &Batch<'_>, no: u64) -> Result<(), Failure> {
    batch
        .connection
        .prepare_cached("DELETE FROM letter WHERE no = ?1")?
        .execute([no.cast_signed()])?;
    Ok(())
}

pub(super) fn next(connection: &Connection) -> Result<Option<Timestamp>, StoreError> {
    let due: Option<i64> = connection
        .prepare_cached(
            "SELECT min(due) FROM (SELECT min(due) AS due FROM letter WHERE rank = 0
                                   UNION ALL SELECT min(due) FROM letter WHERE rank = 1)",
        )?
        .query_row((), |row| row.get(0))?;
    Ok(due.map(Timestamp::from_millis))
}

#[async_trait]
impl Outbox for Sqlite {
    async fn take_letter(
        &self,
        at: Timestamp,
        until: Timestamp,
        lowest: Rank,
        first: First,
    ) -> Result<Option<DueLetter>, StoreError> {
        let take = move |batch: &mut Batch<'_>| take(batch, at, until, lowest, first);
        let (taken, over) = self.writer.run(take).await?;
        tell_unsent(over);
        Ok(taken)
    }

    async fn put_letter_back(
        &self,
        no: u64,
        due: Timestamp,
        refused: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let put_back = move |batch: &mut Batch<'_>| put_back(batch, no, due, refused);
        self.writer.run(put_back).await
    }

    async fn drop_letter(&self, no: u64) -> Result<(), StoreError> {
        self.writer.run(move |batch| drop_letter(batch, no)).await
    }

    async fn next_letter(&self) -> Result<Option<Timestamp>, StoreError> {
        self.points.with(|reader| reader.next_letter())
    }
}
