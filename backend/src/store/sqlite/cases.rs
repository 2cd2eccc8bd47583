//! Cases and their steps.

use async_trait::async_trait;
use rusqlite::types::Type;
use rusqlite::{Connection, Error, OptionalExtension as _, Row};
use shared::purpose::PurposeKey;
use shared::time::Timestamp;
use uuid::Uuid;

use super::problem::Failure;
use super::writer::Batch;
use super::{Sqlite, acts, erasure, outbox, rows};
use crate::store::cases::{CaseKind, CaseStep, Cases, Handle, KeptCase, NewCase};
use crate::store::outbox::NewLetter;
use crate::store::{NewAct, SealedEntry, StoreError};

const COLUMNS: &str = "reference, kind, subject.subject, opened, notice, purpose, received_at, \
                       acknowledge_by, acknowledged_at, due, extended_at, decided_at, accepted, \
                       sealed, grounds
                       FROM case_file JOIN subject ON subject.no = case_file.subject_no";

#[async_trait]
impl Cases for Sqlite {
    async fn case(&self, reference: &str) -> Result<Option<KeptCase>, StoreError> {
        let reference = reference.to_owned();
        self.scan(move |reader| one(reader.connection(), &reference))
            .await
    }

    async fn cases(&self) -> Result<Vec<KeptCase>, StoreError> {
        self.scan(|reader| {
            let order = "ORDER BY decided_at IS NOT NULL, received_at, reference";
            many(reader.connection(), order, ())
        })
        .await
    }

    async fn cases_of(&self, subject: Uuid) -> Result<Vec<KeptCase>, StoreError> {
        self.scan(move |reader| {
            let theirs = "WHERE subject.subject = ?1 ORDER BY received_at, reference";
            many(reader.connection(), theirs, [subject.as_bytes()])
        })
        .await
    }
}

#[async_trait]
impl Handle for Sqlite {
    async fn open_case(&self, case: NewCase, act: NewAct) -> Result<(), StoreError> {
        self.writer.run(move |batch| open(batch, &case, &act)).await
    }

    async fn step_case(
        &self,
        reference: &str,
        step: CaseStep,
        entries: Vec<SealedEntry>,
        letter: Option<NewLetter>,
    ) -> Result<(), StoreError> {
        let reference = reference.to_owned();
        self.writer
            .run(move |batch| take(batch, &reference, &step, &entries, letter.as_ref()))
            .await
    }

    async fn old_cases(&self, before: Timestamp, delete: bool) -> Result<u64, StoreError> {
        let statement = match delete {
            true => "DELETE FROM case_file WHERE decided_at < ?1 RETURNING 1",
            false => "SELECT 1 FROM case_file WHERE decided_at < ?1",
        };
        let count = move |connection: &Connection| {
            let mut old = connection.prepare_cached(statement)?;
            let mut old = old.query([before.as_millis()])?;
            let mut count = 0;
            while old.next()?.is_some() {
                count += 1;
            }
            Ok::<_, Error>(count)
        };
        match delete {
            true => {
                self.writer
                    .run(move |batch| Ok(count(batch.connection)?))
                    .await
            }
            false => {
                self.scan(move |reader| Ok(count(reader.connection())?))
                    .await
            }
        }
    }
}

fn open(batch: &mut Batch<'_>, case: &NewCase, act: &NewAct) -> Result<(), Failure> {
    if one(batch.connection, &case.reference)?.is_some() {
        return Err(StoreError::Conflict.into());
    }
    acts::append(batch, act)?;
    let no = erasure::number(batch.connection, act.subject)?.ok_or(StoreError::Conflict)?;
    let opened = &act.entries[0].entry;
    batch
        .connection
        .prepare_cached(
            "INSERT INTO case_file (reference, kind, subject_no, opened, notice, purpose,
                                    received_at, acknowledge_by, due, sealed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute((
            &case.reference,
            case.kind.as_str(),
            no,
            opened.id.as_bytes(),
            &case.notice,
            case.purpose.as_ref().map(PurposeKey::as_str),
            opened.recorded_at.as_millis(),
            case.acknowledge_by.map(Timestamp::as_millis),
            case.due.map(Timestamp::as_millis),
            &case.sealed,
        ))?;
    Ok(())
}

fn take(
    batch: &mut Batch<'_>,
    reference: &str,
    step: &CaseStep,
    entries: &[SealedEntry],
    letter: Option<&NewLetter>,
) -> Result<(), Failure> {
    let case = one(batch.connection, reference)?.ok_or(StoreError::Conflict)?;
    let no = erasure::number(batch.connection, case.subject)?.ok_or(StoreError::Conflict)?;
    let again = match step {
        CaseStep::Acknowledge => case.acknowledged_at.is_some(),
        CaseStep::Extend(_) => case.extended_at.is_some(),
        CaseStep::Decide { .. } => false,
    };
    acts::check(entries, case.subject)?;
    if again || case.decided.is_some() {
        return Err(StoreError::Conflict.into());
    }
    // Read before anything is written: it may be unreadable.
    let (_, mut standing) = acts::subject(batch, no)?;
    let at = entries[0].entry.recorded_at.as_millis();
    match step {
        CaseStep::Acknowledge => batch
            .connection
            .prepare_cached("UPDATE case_file SET acknowledged_at = ?2 WHERE reference = ?1")?
            .execute((reference, at))?,
        CaseStep::Extend(due) => batch
            .connection
            .prepare_cached("UPDATE case_file SET extended_at = ?2, due = ?3 WHERE reference = ?1")?
            .execute((reference, at, due.as_millis()))?,
        CaseStep::Decide { accepted, grounds } => batch
            .connection
            .prepare_cached(
                "UPDATE case_file SET decided_at = ?2, accepted = ?3, grounds = ?4, sealed = NULL
                 WHERE reference = ?1",
            )?
            .execute((reference, at, accepted, grounds))?,
    };
    for sealed in entries {
        standing.apply(&sealed.entry);
    }
    acts::update_standing(batch, no, &standing)?;
    acts::insert_entries(batch, no, entries)?;
    if let Some(letter) = letter {
        outbox::insert(batch, letter)?;
    }
    Ok(())
}

fn one(connection: &Connection, reference: &str) -> Result<Option<KeptCase>, StoreError> {
    Ok(connection
        .prepare_cached(&format!("SELECT {COLUMNS} WHERE reference = ?1"))?
        .query_row([reference], case)
        .optional()?)
}

fn many(
    connection: &Connection,
    rest: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<KeptCase>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} {rest}"))?;
    let found = statement.query_map(parameters, case)?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn case(row: &Row<'_>) -> Result<KeptCase, Error> {
    let unreadable =
        |column, name: &str| Error::InvalidColumnType(column, name.to_owned(), Type::Text);
    let maybe = |column| -> Result<Option<Timestamp>, Error> {
        let millis: Option<i64> = row.get(column)?;
        Ok(millis.map(Timestamp::from_millis))
    };
    let purpose: Option<String> = row.get(5)?;
    let purpose = purpose
        .map(|text| PurposeKey::parse(&text).map_err(|_| unreadable(5, "purpose")))
        .transpose()?;
    let accepted: Option<bool> = row.get(12)?;
    Ok(KeptCase {
        reference: row.get(0)?,
        kind: CaseKind::parse(row.get_ref(1)?.as_str()?).ok_or_else(|| unreadable(1, "kind"))?,
        subject: rows::uuid(row, 2)?,
        opened: rows::uuid(row, 3)?,
        notice: row.get(4)?,
        purpose,
        received_at: rows::moment(row, 6)?,
        acknowledge_by: maybe(7)?,
        acknowledged_at: maybe(8)?,
        due: maybe(9)?,
        extended_at: maybe(10)?,
        decided: maybe(11)?.zip(accepted),
        sealed: row.get(13)?,
        grounds: row.get(14)?,
    })
}
