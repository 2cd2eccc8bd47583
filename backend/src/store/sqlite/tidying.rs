//! Deleting rows whose time is over.

use async_trait::async_trait;
use rusqlite::{Connection, Error, OptionalExtension as _};
use shared::time::Timestamp;

use super::{Sqlite, outbox, rows};
use crate::store::StoreError;
use crate::store::tidying::{Over, Tidy};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Names of receipts start with their time. Those of the last 40 days are looked at, so that a run
/// every month misses none and none reads all receipts there ever were.
const LOOK_BACK_MS: i64 = 40 * DAY_MS;

#[async_trait]
impl Tidy for Sqlite {
    async fn tidied_last(&self) -> Result<Option<Timestamp>, StoreError> {
        self.points.with(|reader| {
            let last = reader
                .connection()
                .prepare_cached("SELECT at FROM retention_run")?
                .query_row((), |row| rows::moment(row, 0));
            Ok(last.optional()?)
        })
    }

    async fn tidy(&self, at: Timestamp, delete: bool) -> Result<Over, StoreError> {
        match delete {
            true => {
                let over = self
                    .writer
                    .run(move |batch| {
                        note(batch.connection, at)?;
                        Ok(over(batch.connection, at, true)?)
                    })
                    .await?;
                outbox::tell_unsent(over.letters);
                Ok(over)
            }
            false => {
                self.scan(move |reader| Ok(over(reader.connection(), at, false)?))
                    .await
            }
        }
    }
}

fn note(connection: &Connection, at: Timestamp) -> Result<(), Error> {
    connection.execute(
        "INSERT INTO retention_run (id, at) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET at = ?1",
        [at.as_millis()],
    )?;
    Ok(())
}

fn over(connection: &Connection, at: Timestamp, delete: bool) -> Result<Over, Error> {
    let at = at.as_millis();
    let count = |table: &str, is_over: &str, until: i64| -> Result<u64, Error> {
        if delete {
            let statement = format!("DELETE FROM {table} WHERE {is_over} <= ?1");
            let gone = connection.prepare_cached(&statement)?.execute([until])?;
            Ok(u64::try_from(gone).unwrap_or(u64::MAX))
        } else {
            let statement = format!("SELECT count(*) FROM {table} WHERE {is_over} <= ?1");
            let count: i64 = connection
                .prepare_cached(&statement)?
                .query_row([until], |row| row.get(0))?;
            Ok(count.cast_unsigned())
        }
    };
    Ok(Over {
        links: count("link", "until", at)?,
        sessions: count("session", "until", at)?,
        letters: count("letter", "not_after", at)?,
        events: count("event", "due IS NULL AND kept_until", at)?,
        letter_counts: count("letter_count", "at", at.saturating_sub(DAY_MS))?,
        undo_secrets: undo_secrets(connection, at, delete)?,
    })
}

fn undo_secrets(connection: &Connection, at: i64, delete: bool) -> Result<u64, Error> {
    let theirs = "WHERE name >= ?1 AND name < ?2 AND undo_until <= ?3 AND undo <> zeroblob(16)";
    let bound = |millis: i64| millis.max(0).to_be_bytes()[2..].to_vec();
    let parameters = (
        bound(at.saturating_sub(LOOK_BACK_MS)),
        bound(at.saturating_add(1)),
        at,
    );
    if delete {
        let statement = format!("UPDATE receipt SET undo = zeroblob(16) {theirs}");
        let gone = connection.prepare_cached(&statement)?.execute(parameters)?;
        return Ok(u64::try_from(gone).unwrap_or(u64::MAX));
    }
    let statement = format!("SELECT count(*) FROM receipt {theirs}");
    let count: i64 = connection
        .prepare_cached(&statement)?
        .query_row(parameters, |row| row.get(0))?;
    Ok(count.cast_unsigned())
}
