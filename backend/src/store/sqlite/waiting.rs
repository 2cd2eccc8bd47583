//! What waits to be told or sent.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension as _};
use shared::time::Timestamp;

use super::{Sqlite, rows};
use crate::sinks::Trouble;
use crate::store::StoreError;
use crate::store::waiting::{LettersWaiting, SinkState, Waiting};

#[async_trait]
impl Waiting for Sqlite {
    async fn sinks(&self) -> Result<Vec<SinkState>, StoreError> {
        self.scan(|reader| states(reader.connection())).await
    }

    async fn letters_waiting(&self) -> Result<LettersWaiting, StoreError> {
        self.scan(|reader| Ok(letters(reader.connection())?)).await
    }
}

/// Letters are numbered in the order in which they came.
fn letters(connection: &Connection) -> Result<LettersWaiting, rusqlite::Error> {
    let mut all = connection.prepare_cached("SELECT count(*) FROM letter")?;
    let mut first =
        connection.prepare_cached("SELECT first_due FROM letter ORDER BY no LIMIT 1")?;
    Ok(LettersWaiting {
        waiting: all.query_row((), |row| rows::seq(row, 0))?,
        oldest: first.query_row((), |row| rows::moment(row, 0)).optional()?,
    })
}

fn states(connection: &Connection) -> Result<Vec<SinkState>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT names.name, coalesce(waits.waiting, 0), waits.oldest, disabled_at,
           coalesce(told, 0), coalesce(total_ms, 0), slowest_ms, told_at, failed_at, status,
           trouble
         FROM (SELECT name FROM sink UNION SELECT sink FROM event WHERE due IS NOT NULL) AS names
         LEFT JOIN sink ON sink.name = names.name
         LEFT JOIN (
           SELECT sink, count(*) AS waiting, min(recorded_at) AS oldest
           FROM event WHERE due IS NOT NULL GROUP BY sink
         ) AS waits ON waits.sink = names.name
         ORDER BY names.name",
    )?;
    let states = statement.query_map((), |row| {
        let when = |column| -> Result<_, rusqlite::Error> {
            let millis: Option<i64> = row.get(column)?;
            Ok(millis.map(Timestamp::from_millis))
        };
        let told = rows::seq(row, 4)?;
        let total_ms = rows::seq(row, 5)?;
        let took = |column| -> Result<_, rusqlite::Error> {
            let millis: Option<i64> = row.get(column)?;
            Ok(millis.filter(|_| told > 0).map(i64::cast_unsigned))
        };
        Ok(SinkState {
            name: row.get(0)?,
            waiting: rows::seq(row, 1)?,
            oldest: when(2)?,
            disabled_at: when(3)?,
            told,
            total_ms,
            average_ms: total_ms.checked_div(told),
            slowest_ms: took(6)?,
            told_at: when(7)?,
            failed_at: when(8)?,
            status: row.get(9)?,
            trouble: (row.get_ref(10)?.as_str_or_null()?).and_then(Trouble::parse),
        })
    })?;
    Ok(states.collect::<Result<_, _>>()?)
}
