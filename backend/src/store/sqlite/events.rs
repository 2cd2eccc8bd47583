//! Events that wait for their sinks.

use std::collections::BTreeSet;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension as _};
use shared::entry::Entry;
use shared::facts::CrmReference;
use shared::time::Timestamp;
use uuid::Uuid;

use super::Sqlite;
use super::problem::Failure as Problem;
use super::rows;
use super::writer::Batch;
use crate::sinks::{self, Trouble};
use crate::store::events::{Background, DueEvent, Events, Failure, NewEvent, Whereof};
use crate::store::{Seq, StoreError};

/// Keeps what sinks have to be told of the entry at that place. It is due at once, whatever time it
/// was when the clock was wrong; what is kept back counts as told.
pub(super) fn insert(
    batch: &Batch<'_>,
    seq: Seq,
    entry: &Entry,
    events: &[NewEvent],
) -> Result<(), rusqlite::Error> {
    if events.is_empty() {
        return Ok(());
    }
    let mut insert = batch.connection.prepare_cached(
        "INSERT INTO event (sink, seq, entry, rank, recorded_at, due, kept_until, sealed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    for event in events {
        insert.execute((
            &event.sink,
            seq.cast_signed(),
            entry.id.as_bytes(),
            sinks::comes_later(entry.act),
            entry.recorded_at.as_millis(),
            (!event.is_kept_back).then_some(0),
            event.kept_until.as_millis(),
            &event.sealed,
        ))?;
    }
    Ok(())
}

/// The same of the step of that number, of a company about its domain.
pub(super) fn insert_of_step(
    batch: &Batch<'_>,
    step: i64,
    at: Timestamp,
    events: &[NewEvent],
) -> Result<(), rusqlite::Error> {
    let mut insert = batch.connection.prepare_cached(
        "INSERT INTO event (sink, step, recorded_at, due, kept_until, sealed)
         VALUES (?1, ?2, ?3, 0, ?4, ?5)",
    )?;
    for event in events {
        insert.execute((
            &event.sink,
            step,
            at.as_millis(),
            event.kept_until.as_millis(),
            &event.sealed,
        ))?;
    }
    Ok(())
}

#[async_trait]
impl Events for Sqlite {
    async fn next_event(&self, sink: &str) -> Result<Option<Timestamp>, StoreError> {
        self.points.with(|reader| next(reader.connection(), sink))
    }

    async fn take_event(
        &self,
        sink: &str,
        at: Timestamp,
        until: Timestamp,
    ) -> Result<Option<DueEvent>, StoreError> {
        let sink = sink.to_owned();
        self.writer
            .run(move |batch| take(batch, &sink, at, until))
            .await
    }

    async fn event_told(&self, no: u64, at: Timestamp) -> Result<(), StoreError> {
        self.writer.run(move |batch| told(batch, no, at)).await
    }

    async fn drop_event(&self, no: u64) -> Result<(), StoreError> {
        self.writer
            .run(move |batch| {
                batch
                    .connection
                    .prepare_cached("DELETE FROM event WHERE no = ?1")?
                    .execute([no.cast_signed()])?;
                Ok(())
            })
            .await
    }

    async fn event_failed(&self, sink: &str, no: u64, failure: Failure) -> Result<(), StoreError> {
        let sink = sink.to_owned();
        self.writer
            .run(move |batch| failed(batch, &sink, no, failure))
            .await
    }

    async fn disable_sink(&self, sink: &str, at: Timestamp) -> Result<(), StoreError> {
        let sink = sink.to_owned();
        self.writer
            .run(move |batch| disable(batch, &sink, at))
            .await
    }

    async fn retry_sink(&self, sink: &str, at: Timestamp) -> Result<u64, StoreError> {
        let sink = sink.to_owned();
        self.writer.run(move |batch| retry(batch, &sink, at)).await
    }

    async fn keep_sinks(&self, names: &[String]) -> Result<u64, StoreError> {
        let names = names.to_vec();
        self.writer
            .run(move |batch| keep_sinks(batch, &names))
            .await
    }

    async fn kept_sinks(&self) -> Result<Vec<String>, StoreError> {
        self.points.with(|reader| {
            let mut statement = reader
                .connection()
                .prepare_cached("SELECT name FROM sink ORDER BY name")?;
            let names = statement.query_map((), |row| row.get(0))?;
            Ok(names.collect::<Result<_, _>>()?)
        })
    }

    async fn forget_told(&self, at: Timestamp) -> Result<u64, StoreError> {
        self.writer
            .run(move |batch| {
                let gone = batch
                    .connection
                    .prepare_cached("DELETE FROM event WHERE due IS NULL AND kept_until <= ?1")?
                    .execute([at.as_millis()])?;
                Ok(u64::try_from(gone).unwrap_or(u64::MAX))
            })
            .await
    }

    async fn background(&self, seq: Seq) -> Result<Background, StoreError> {
        self.points
            .with(|reader| background(reader.connection(), seq))
    }

    async fn events_of(&self, entries: &[Uuid]) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.points.with(|reader| {
            let mut found = Vec::new();
            let mut statement = reader
                .connection()
                .prepare_cached("SELECT sink, sealed FROM event WHERE entry = ?1 ORDER BY no")?;
            for entry in entries {
                let rows = statement
                    .query_map([entry.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?;
                for row in rows {
                    found.push(row?);
                }
            }
            Ok(found)
        })
    }
}

fn background(connection: &Connection, seq: Seq) -> Result<Background, StoreError> {
    let read = |query: &str| -> Result<Vec<(Seq, Entry)>, StoreError> {
        let mut statement = connection.prepare_cached(query)?;
        let mut rows = statement.query([seq.cast_signed()])?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            let canonical = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
            let seq = rows::seq(row, 0)?;
            entries.push((seq, rows::entry(seq, canonical)?));
        }
        Ok(entries)
    };
    let own = read("SELECT seq, canonical FROM payload WHERE seq = ?1")?;
    let named: BTreeSet<_> = own.iter().flat_map(|(_, own)| &own.refers_to).collect();
    let earlier = match named.is_empty() {
        true => Vec::new(),
        false => read(
            "SELECT seq, canonical FROM payload
             WHERE subject_no = (SELECT subject_no FROM payload WHERE seq = ?1) AND seq < ?1
             ORDER BY seq",
        )?,
    };
    let records = read(
        "SELECT seq, canonical FROM payload
         WHERE subject_no = (SELECT subject_no FROM payload WHERE seq = ?1)
           AND instr(canonical, CAST('\"crm_references\"' AS BLOB)) > 0",
    )?;
    Ok(Background {
        crm_references: CrmReference::of(records.iter().map(|(_, entry)| entry)),
        takes_back: (earlier.iter())
            // A case that is named was told to nobody: its decision takes nothing back.
            .filter(|(_, entry)| named.contains(&entry.id) && sinks::is_told(entry.act))
            .map(|(seq, _)| *seq)
            .collect(),
    })
}

fn next(connection: &Connection, sink: &str) -> Result<Option<Timestamp>, StoreError> {
    let due: Option<i64> = connection
        .prepare_cached(
            "SELECT max(event.due, coalesce(sink.left_alone_until, 0))
             FROM (
               SELECT min(due) AS due FROM (
                 SELECT min(due) AS due FROM event WHERE sink = ?1 AND rank = 0 AND due IS NOT NULL
                 UNION ALL
                 SELECT min(due) FROM event WHERE sink = ?1 AND rank = 1 AND due IS NOT NULL
               )
             ) AS event
             LEFT JOIN sink ON sink.name = ?1
             WHERE event.due IS NOT NULL AND sink.disabled_at IS NULL",
        )?
        .query_row([sink], |row| row.get(0))
        .optional()?
        .flatten();
    Ok(due.map(Timestamp::from_millis))
}

fn take(
    batch: &Batch<'_>,
    sink: &str,
    at: Timestamp,
    until: Timestamp,
) -> Result<Option<DueEvent>, Problem> {
    let taken = batch
        .connection
        .prepare_cached(
            "UPDATE event SET due = ?3, attempts = attempts + 1
             WHERE no = coalesce((
               SELECT no FROM event WHERE sink = ?1 AND rank = 0 AND due IS NOT NULL AND due <= ?2
               ORDER BY due, no LIMIT 1
             ), (
               SELECT no FROM event WHERE sink = ?1 AND rank = 1 AND due IS NOT NULL AND due <= ?2
               ORDER BY due, no LIMIT 1
             )) AND NOT EXISTS (
               SELECT 1 FROM sink
               WHERE name = ?1 AND (disabled_at IS NOT NULL OR left_alone_until > ?2)
             )
             RETURNING no, coalesce(seq, step), attempts - 1, sealed, seq IS NULL",
        )?
        .query_row((sink, at.as_millis(), until.as_millis()), |row| {
            Ok(DueEvent {
                no: rows::seq(row, 0)?,
                about: match row.get(4)? {
                    true => Whereof::Step(rows::seq(row, 1)?),
                    false => Whereof::Entry(rows::seq(row, 1)?),
                },
                attempts: row.get(2)?,
                sealed: row.get(3)?,
            })
        })
        .optional()?;
    Ok(taken)
}

fn told(batch: &Batch<'_>, no: u64, at: Timestamp) -> Result<(), Problem> {
    let event: Option<(String, i64)> = batch
        .connection
        .prepare_cached(
            "UPDATE event SET due = NULL WHERE no = ?1 AND due IS NOT NULL
             RETURNING sink, recorded_at",
        )?
        .query_row([no.cast_signed()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((sink, recorded_at)) = event else {
        return Ok(());
    };
    let took = at.as_millis().saturating_sub(recorded_at).max(0);
    batch
        .connection
        .prepare_cached(
            "INSERT INTO sink (name, told, total_ms, slowest_ms, told_at) VALUES (?1, 1, ?2, ?2, ?3)
             ON CONFLICT (name) DO UPDATE SET told = told + 1, total_ms = total_ms + ?2,
               slowest_ms = max(slowest_ms, ?2), told_at = ?3",
        )?
        .execute((sink, took, at.as_millis()))?;
    Ok(())
}

fn failed(batch: &Batch<'_>, sink: &str, no: u64, failure: Failure) -> Result<(), Problem> {
    batch
        .connection
        .prepare_cached("UPDATE event SET due = ?2 WHERE no = ?1 AND due IS NOT NULL")?
        .execute((no.cast_signed(), failure.due.as_millis()))?;
    let alone = failure.left_alone_until.map_or(0, Timestamp::as_millis);
    batch
        .connection
        .prepare_cached(
            "INSERT INTO sink (name, failed_at, status, trouble, left_alone_until)
             VALUES (?1, ?2, ?3, ?5, ?4)
             ON CONFLICT (name) DO UPDATE SET failed_at = ?2, status = ?3, trouble = ?5,
               left_alone_until = max(left_alone_until, ?4)",
        )?
        .execute((
            sink,
            failure.at.as_millis(),
            failure.status,
            alone,
            failure.trouble.map(Trouble::as_str),
        ))?;
    Ok(())
}

fn disable(batch: &Batch<'_>, sink: &str, at: Timestamp) -> Result<(), Problem> {
    batch
        .connection
        .prepare_cached(
            "INSERT INTO sink (name, disabled_at) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET disabled_at = ?2",
        )?
        .execute((sink, at.as_millis()))?;
    Ok(())
}

fn retry(batch: &Batch<'_>, sink: &str, at: Timestamp) -> Result<u64, Problem> {
    batch
        .connection
        .prepare_cached("UPDATE sink SET disabled_at = NULL, left_alone_until = 0 WHERE name = ?1")?
        .execute([sink])?;
    let due = batch
        .connection
        .prepare_cached("UPDATE event SET due = ?2 WHERE sink = ?1 AND due IS NOT NULL")?
        .execute((sink, at.as_millis()))?;
    Ok(u64::try_from(due).unwrap_or(u64::MAX))
}

fn keep_sinks(batch: &Batch<'_>, names: &[String]) -> Result<u64, Problem> {
    let names = serde_json::to_string(names).unwrap_or_default();
    let mut gone = 0;
    for statement in [
        "INSERT INTO sink (name) SELECT value FROM json_each(?1) WHERE true
         ON CONFLICT (name) DO NOTHING",
        "DELETE FROM sink WHERE name NOT IN (SELECT value FROM json_each(?1))",
        "DELETE FROM event WHERE sink NOT IN (SELECT value FROM json_each(?1))",
    ] {
        gone = batch
            .connection
            .prepare_cached(statement)?
            .execute([&names])?;
    }
    Ok(u64::try_from(gone).unwrap_or(u64::MAX))
}
