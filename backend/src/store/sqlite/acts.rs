//! Acts: what goes into the ledger, and the standing that follows from it.

use rusqlite::OptionalExtension as _;
use shared::address::AddressKey;
use shared::digest::Digest;
use shared::entry::Act;
use shared::standing::Standing;
use uuid::Uuid;

use super::dues;
use super::events;
use super::links;
use super::outbox;
use super::problem::{self, Failure};
use super::rows;
use super::writer::Batch;
use crate::store::{Keys, NewAct, NewReceipt, ReceiptName, SealedEntry, Seq, StoreError};

/// Appends an act and returns the place of its first entry.
pub(super) fn append(batch: &mut Batch<'_>, act: &NewAct) -> Result<Seq, Failure> {
    match find(batch, &act.keys)? {
        Some(found) if found.subject != act.subject => Err(StoreError::Conflict.into()),
        found => append_to(batch, act, found),
    }
}

/// Appends an act that restricts, whoever the address belongs to.
pub(super) fn restrict(
    batch: &mut Batch<'_>,
    act: &NewAct,
    judged_by: Option<Digest>,
) -> Result<Seq, Failure> {
    if judged_by.is_some() && batch.rules()? != judged_by {
        return Err(StoreError::Conflict.into());
    }
    match find(batch, &act.keys)? {
        Some(found) if found.subject != act.subject => {
            let act = act.clone().of(found.subject);
            append_to(batch, &act, Some(found))
        }
        found => append_to(batch, act, found),
    }
}

fn append_to(batch: &mut Batch<'_>, act: &NewAct, found: Option<Found>) -> Result<Seq, Failure> {
    check(&act.entries, act.subject)?;
    let Some(current) = act.keys.0.first() else {
        return Err(problem::unavailable("an act needs the key of its address").into());
    };
    let no = match found {
        Some(found) => {
            let mut standing = rows::standing(found.no, &found.standing)?;
            apply(&mut standing, &act.entries);
            if !found.is_current {
                insert_key(batch, current, found.no)?;
            }
            update_standing(batch, found.no, &standing)?;
            found.no
        }
        None => {
            let no = insert_subject(batch, act)?;
            insert_key(batch, current, no)?;
            no
        }
    };
    let first = insert_entries(batch, no, &act.entries)?;
    if let Some(receipt) = &act.receipt {
        insert_receipt(batch, receipt, no, first, act.entries.len())?;
    }
    if act.entries.iter().any(|one| one.entry.act == Act::Bounced) {
        links::close_consents(batch, &act.keys)?;
    }
    if let Some(letter) = &act.letter {
        outbox::insert(batch, letter)?;
    }
    Ok(first)
}

/// Appends acts, all of them or none.
pub(super) fn append_all(batch: &mut Batch<'_>, acts: &[NewAct]) -> Result<Seq, Failure> {
    let before = batch.head;
    let savepoint = |batch: &Batch<'_>, how: &str| {
        batch.connection.prepare_cached(how)?.execute(())?;
        Ok::<(), rusqlite::Error>(())
    };
    savepoint(batch, "SAVEPOINT acts")?;
    for act in acts {
        if let Err(failure) = append(batch, act) {
            savepoint(batch, "ROLLBACK TO acts")?;
            savepoint(batch, "RELEASE acts")?;
            batch.head = before;
            return Err(failure);
        }
    }
    savepoint(batch, "RELEASE acts")?;
    Ok(before + 1)
}

/// Appends an act if nothing was appended for its subject after `decided_on`.
pub(super) fn append_decided(
    batch: &mut Batch<'_>,
    act: &NewAct,
    decided_on: Seq,
) -> Result<Seq, Failure> {
    if let Some(found) = find(batch, &act.keys)? {
        let newer = batch
            .connection
            .prepare_cached("SELECT 1 FROM payload WHERE subject_no = ?1 AND seq > ?2")?
            .exists((found.no, i64::try_from(decided_on).unwrap_or(i64::MAX)))?;
        if newer {
            return Err(StoreError::Conflict.into());
        }
    }
    append(batch, act)
}

/// Appends the entries that undo an act, once.
pub(super) fn undo(
    batch: &mut Batch<'_>,
    name: ReceiptName,
    subject: Uuid,
    entries: &[SealedEntry],
) -> Result<bool, Failure> {
    check(entries, subject)?;
    let kept: Option<(i64, bool)> = batch
        .connection
        .prepare_cached("SELECT subject_no, undone FROM receipt WHERE name = ?1")?
        .query_row([name.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((no, undone)) = kept else {
        return Err(StoreError::Conflict.into());
    };
    let (whose, mut standing) = self::subject(batch, no)?;
    if whose != subject {
        return Err(StoreError::Conflict.into());
    }
    if undone {
        return Ok(false);
    }
    apply(&mut standing, entries);
    update_standing(batch, no, &standing)?;
    insert_entries(batch, no, entries)?;
    batch
        .connection
        .prepare_cached("UPDATE receipt SET undone = 1 WHERE name = ?1")?
        .execute([name.0])?;
    Ok(true)
}

/// What every caller owes; checked because the ledger can never be mended.
pub(super) fn check(entries: &[SealedEntry], subject: Uuid) -> Result<(), Failure> {
    let whole = entries.iter().all(|sealed| sealed.entry.subject == subject);
    if whole && !entries.is_empty() {
        Ok(())
    } else {
        Err(problem::unavailable("an act needs entries, all of its own subject").into())
    }
}

struct Found {
    no: i64,
    subject: Uuid,
    standing: Vec<u8>,
    is_current: bool,
}

fn find(batch: &Batch<'_>, keys: &Keys) -> Result<Option<Found>, rusqlite::Error> {
    let mut statement = batch.connection.prepare_cached(
        "SELECT no, subject, standing
         FROM subject_key JOIN subject ON subject.no = subject_key.subject_no
         WHERE generation = ?1 AND address_key = ?2",
    )?;
    for (place, key) in keys.0.iter().enumerate() {
        let found = statement
            .query_row(rows::key(key), |row| {
                Ok(Found {
                    no: row.get(0)?,
                    subject: rows::uuid(row, 1)?,
                    standing: row.get(2)?,
                    is_current: place == 0,
                })
            })
            .optional()?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

pub(super) fn subject(batch: &Batch<'_>, no: i64) -> Result<(Uuid, Standing), Failure> {
    let (subject, standing): (Uuid, Vec<u8>) = batch
        .connection
        .prepare_cached("SELECT subject, standing FROM subject WHERE no = ?1")?
        .query_row([no], |row| Ok((rows::uuid(row, 0)?, row.get(1)?)))?;
    Ok((subject, rows::standing(no, &standing)?))
}

fn insert_subject(batch: &Batch<'_>, act: &NewAct) -> Result<i64, Failure> {
    let mut standing = Standing::default();
    apply(&mut standing, &act.entries);
    let (due, told) = dues::columns(&standing);
    batch
        .connection
        .prepare_cached(
            "INSERT INTO subject (subject, standing, notice_due, notice_told)
             VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((act.subject.as_bytes(), rows::packed(&standing), due, told))
        .map_err(|error| match error.sqlite_error_code() {
            // The first write of the act: nothing is half done.
            Some(rusqlite::ErrorCode::ConstraintViolation) => StoreError::Conflict.into(),
            _ => Failure::Sql(error),
        })?;
    Ok(batch.connection.last_insert_rowid())
}

pub(super) fn update_standing(
    batch: &Batch<'_>,
    no: i64,
    standing: &Standing,
) -> Result<(), rusqlite::Error> {
    let (due, told) = dues::columns(standing);
    batch
        .connection
        .prepare_cached(
            "UPDATE subject SET standing = ?2, notice_due = ?3, notice_told = ?4 WHERE no = ?1",
        )?
        .execute((no, rows::packed(standing), due, told))?;
    Ok(())
}

fn insert_key(
    batch: &Batch<'_>,
    current: &(u32, AddressKey),
    no: i64,
) -> Result<(), rusqlite::Error> {
    let (generation, key) = rows::key(current);
    batch
        .connection
        .prepare_cached(
            "INSERT INTO subject_key (generation, address_key, subject_no) VALUES (?1, ?2, ?3)",
        )?
        .execute((generation, key, no))?;
    Ok(())
}

pub(super) fn insert_entries(
    batch: &mut Batch<'_>,
    no: i64,
    entries: &[SealedEntry],
) -> Result<Seq, rusqlite::Error> {
    let mut ledger = batch
        .connection
        .prepare_cached("INSERT INTO ledger (seq, commitment) VALUES (?1, ?2)")?;
    let mut payload = batch.connection.prepare_cached(
        "INSERT INTO payload (seq, subject_no, salt, canonical) VALUES (?1, ?2, ?3, ?4)",
    )?;
    let first = batch.head + 1;
    for sealed in entries {
        batch.head += 1;
        let seq = batch.head.cast_signed();
        ledger.execute((seq, sealed.commitment.as_bytes()))?;
        payload.execute((seq, no, sealed.salt.0, &sealed.canonical))?;
        events::insert(batch, batch.head, &sealed.entry, &sealed.events)?;
    }
    Ok(first)
}

fn insert_receipt(
    batch: &Batch<'_>,
    receipt: &NewReceipt,
    no: i64,
    first: Seq,
    count: usize,
) -> Result<(), rusqlite::Error> {
    batch
        .connection
        .prepare_cached(
            "INSERT INTO receipt (name, subject_no, first_seq, count, undo, undo_until)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((
            receipt.name.0,
            no,
            first.cast_signed(),
            i64::try_from(count).unwrap_or(i64::MAX),
            receipt.undo,
            receipt.undo_until.as_millis(),
        ))?;
    Ok(())
}

fn apply(standing: &mut Standing, entries: &[SealedEntry]) {
    for sealed in entries {
        standing.apply(&sealed.entry);
    }
}
