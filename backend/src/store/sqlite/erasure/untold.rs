//! What sinks had still to be told of somebody who was erased: it goes with the erasure, also through a
//! restore.

use std::collections::HashMap;
use std::path::Path;

use uuid::Uuid;

use super::{Batch, Failure, Role, rows, schema};
use crate::sinks;
use crate::store::{Seq, StoreError};

/// What a sink was not told.
pub(super) struct Untold {
    sink: String,
    recorded_at: i64,
    kept_until: i64,
    sealed: Vec<u8>,
}

/// What waits for these erasures in that database, by erasure. A damaged one stops nothing: what
/// cannot be read is left out.
pub(super) fn of(
    database: &Path,
    erasures: impl Iterator<Item = Uuid>,
) -> HashMap<Uuid, Vec<Untold>> {
    let mut all = HashMap::new();
    let read = || -> Result<(), StoreError> {
        let connection = schema::connect(database, Role::Reader)?;
        // It may be of an older version: only what events always had.
        let mut waiting = connection.prepare(
            "SELECT sink, recorded_at, kept_until, sealed FROM event
             WHERE entry = ?1 AND due IS NOT NULL ORDER BY no",
        )?;
        for erasure in erasures {
            let found = waiting.query_map([erasure.as_bytes()], |row| {
                Ok(Untold {
                    sink: row.get(0)?,
                    recorded_at: row.get(1)?,
                    kept_until: row.get(2)?,
                    sealed: row.get(3)?,
                })
            })?;
            all.insert(erasure, found.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(())
    };
    if let Err(error) = read() {
        tracing::warn!(
            %error,
            "what sinks had still to be told of erasures cannot be read from the database that is \
             replaced: tell them by hand"
        );
    }
    all
}

/// Makes what sinks were not told yet of what stopped mailings to the subject wait as part of that
/// erasure: nothing else knows whose it was once the rest is deleted. Of what allowed, took back or ended
/// sinks are told no more.
pub(super) fn join(batch: &Batch<'_>, no: i64, erasure: Uuid) -> Result<(), Failure> {
    let mut theirs = batch
        .connection
        .prepare_cached("SELECT seq, canonical FROM payload WHERE subject_no = ?1")?;
    let mut join = batch
        .connection
        .prepare_cached("UPDATE event SET entry = ?2 WHERE entry = ?1 AND due IS NOT NULL")?;
    let mut delete = batch
        .connection
        .prepare_cached("DELETE FROM event WHERE entry = ?1 AND due IS NOT NULL")?;
    let mut found = theirs.query([no])?;
    while let Some(row) = found.next()? {
        let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        // What cannot be read is erased all the same.
        let Ok(entry) = rows::entry(rows::seq(row, 0)?, bytes) else {
            continue;
        };
        match sinks::stops(entry.act) {
            true => join.execute((entry.id.as_bytes(), erasure.as_bytes()))?,
            false => delete.execute([entry.id.as_bytes()])?,
        };
    }
    Ok(())
}

/// Keeps that with the erasure at that place, except for what waits with it already.
pub(super) fn keep(
    batch: &Batch<'_>,
    seq: Seq,
    erasure: Uuid,
    untold: &[Untold],
) -> Result<(), Failure> {
    let mut keep = batch.connection.prepare_cached(
        "INSERT INTO event (sink, seq, entry, recorded_at, due, kept_until, sealed)
         SELECT ?1, ?2, ?3, ?4, 0, ?5, ?6 WHERE NOT EXISTS (
           SELECT 1 FROM event WHERE entry = ?3 AND sink = ?1 AND sealed = ?6
         )",
    )?;
    for one in untold {
        keep.execute((
            &one.sink,
            seq.cast_signed(),
            erasure.as_bytes(),
            one.recorded_at,
            one.kept_until,
            &one.sealed,
        ))?;
    }
    Ok(())
}
