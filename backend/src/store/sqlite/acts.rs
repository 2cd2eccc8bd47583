//! Acts: what goes into the ledger, and the standing that follows from it.

use std::borrow::Cow;

use rusqlite::{Connection, OptionalExtension as _};
use shared::address::AddressKey;
use shared::digest::Digest;
use shared::entry::Act;
use shared::standing::Standing;
use uuid::Uuid;

use super::beside;
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
    let found = find(batch, &act.keys)?;
    match found.whose.first() {
        Some(whose) if whose.subject != act.subject => Err(StoreError::Conflict.into()),
        _ => append_to(batch, act, &found),
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
    let found = find(batch, &act.keys)?;
    match found.whose.first() {
        Some(whose) if whose.subject != act.subject => {
            let act = act.clone().of(whose.subject);
            append_to(batch, &act, &found)
        }
        _ => append_to(batch, act, &found),
    }
}

fn append_to(batch: &mut Batch<'_>, act: &NewAct, found: &Found) -> Result<Seq, Failure> {
    check(&act.entries, act.subject)?;
    if act.keys.0.is_empty() {
        return Err(problem::unavailable("an act needs the key of its address").into());
    }
    // All is read before anything is written.
    let mut standings = Vec::with_capacity(found.whose.len());
    for whose in &found.whose {
        standings.push(rows::standing(whose.no, &whose.standing)?);
    }
    for standing in &mut standings {
        apply(standing, &act.entries);
    }
    let entries = telling(&act.entries, &standings);
    let mut whose = found.whose.iter().zip(standings);
    let no = match whose.next() {
        Some((whose, standing)) => {
            update_standing(batch, whose.no, &standing)?;
            whose.no
        }
        None => insert_subject(batch, act)?,
    };
    // Every one: a process or a mark that knows an older generation alone has to find the same subject.
    for key in &found.unused {
        insert_key(batch, key, no)?;
    }
    let first = insert_entries(batch, no, &entries)?;
    for (other, standing) in whose {
        let theirs = untold(act.clone().of(other.subject).entries);
        update_standing(batch, other.no, &standing)?;
        insert_entries(batch, other.no, &theirs)?;
    }
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

/// Makes every key of a known address lead to its subject that leads to nobody.
pub(super) fn key_anew(batch: &Batch<'_>, keys: &Keys) -> Result<(), rusqlite::Error> {
    let found = find(batch, keys)?;
    let Some(whose) = found.whose.first() else {
        return Ok(());
    };
    found
        .unused
        .iter()
        .try_for_each(|key| insert_key(batch, key, whose.no))
}

/// The entries as sinks are told of them: kept back is one that takes back or ends what stopped mailings
/// while any of these standings, which it has become part of, still stops the same or a part of it. What
/// the sinks have heard goes on holding then.
fn telling<'a>(entries: &'a [SealedEntry], standings: &[Standing]) -> Cow<'a, [SealedEntry]> {
    let is_kept_back = |sealed: &SealedEntry| {
        let entry = &sealed.entry;
        let stops = |one: &Standing| one.stops_any_of(&entry.scope, entry.recorded_at);
        matches!(entry.act, Act::Retracted | Act::ObjectionLifted) && standings.iter().any(stops)
    };
    if !entries.iter().any(is_kept_back) {
        return Cow::Borrowed(entries);
    }
    let mut told = entries.to_vec();
    for sealed in told.iter_mut().filter(|sealed| is_kept_back(sealed)) {
        for event in &mut sealed.events {
            event.is_kept_back = true;
        }
    }
    Cow::Owned(told)
}

/// Entries that were told already.
fn untold(entries: Vec<SealedEntry>) -> Vec<SealedEntry> {
    let entries = entries.into_iter();
    entries.map(|sealed| sealed.telling(Vec::new())).collect()
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
    for found in find(batch, &act.keys)?.whose {
        if has_newer(batch, found.no, decided_on)? {
            return Err(StoreError::Conflict.into());
        }
    }
    append(batch, act)
}

/// Whether the subject has an entry after that one.
pub(super) fn has_newer(batch: &Batch<'_>, no: i64, seq: Seq) -> Result<bool, rusqlite::Error> {
    batch
        .connection
        .prepare_cached("SELECT 1 FROM payload WHERE subject_no = ?1 AND seq > ?2")?
        .exists((no, i64::try_from(seq).unwrap_or(i64::MAX)))
}

/// Appends the entries that undo an act, once.
pub(super) fn undo(
    batch: &mut Batch<'_>,
    name: ReceiptName,
    subject: Uuid,
    entries: &[SealedEntry],
) -> Result<bool, Failure> {
    check(entries, subject)?;
    let kept: Option<(i64, bool, i64, i64)> = batch
        .connection
        .prepare_cached("SELECT subject_no, undone, first_seq, count FROM receipt WHERE name = ?1")?
        .query_row([name.0], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    let Some((no, undone, first, count)) = kept else {
        return Err(StoreError::Conflict.into());
    };
    let (whose, standing) = self::subject(batch, no)?;
    if whose != subject {
        return Err(StoreError::Conflict.into());
    }
    if undone {
        return Ok(false);
    }
    // All is read before anything is written.
    let others = beside::subjects(batch.connection, first, count)?;
    let mut standings = vec![standing];
    for (no, _) in &others {
        standings.push(self::subject(batch, *no)?.1);
    }
    for standing in &mut standings {
        apply(standing, entries);
    }
    update_standing(batch, no, &standings[0])?;
    insert_entries(batch, no, &telling(entries, &standings))?;
    for ((no, subject), standing) in others.into_iter().zip(&standings[1..]) {
        let theirs = untold(entries.iter().map(|one| one.clone().of(subject)).collect());
        update_standing(batch, no, standing)?;
        insert_entries(batch, no, &theirs)?;
    }
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

/// Where the keys of an address lead.
struct Found {
    /// To these subjects, that of the first key first. More than one where the address was recorded
    /// under one generation of the pepper alone, by somebody who did not know the other.
    whose: Vec<Whose>,
    /// These lead to nobody yet.
    unused: Vec<(u32, AddressKey)>,
}

struct Whose {
    no: i64,
    subject: Uuid,
    standing: Vec<u8>,
}

fn find(batch: &Batch<'_>, keys: &Keys) -> Result<Found, rusqlite::Error> {
    let mut statement = batch.connection.prepare_cached(
        "SELECT no, subject, standing
         FROM subject_key JOIN subject ON subject.no = subject_key.subject_no
         WHERE generation = ?1 AND address_key = ?2",
    )?;
    let mut all = Found {
        whose: Vec::new(),
        unused: Vec::new(),
    };
    for key in &keys.0 {
        let found = statement
            .query_row(rows::key(key), |row| {
                Ok(Whose {
                    no: row.get(0)?,
                    subject: rows::uuid(row, 1)?,
                    standing: row.get(2)?,
                })
            })
            .optional()?;
        match found {
            Some(found) if all.whose.iter().any(|one| one.no == found.no) => {}
            Some(found) => all.whose.push(found),
            None => all.unused.push(*key),
        }
    }
    Ok(all)
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
    put_standing(batch.connection, no, standing)
}

/// Keeps what holds for a subject, with the columns beside it.
pub(super) fn put_standing(
    connection: &Connection,
    no: i64,
    standing: &Standing,
) -> Result<(), rusqlite::Error> {
    let (due, told) = dues::columns(standing);
    connection
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
