//! Kept standings are the fold of their entries, as this version folds: those that another one wrote
//! are folded again before anything is answered.

use std::path::Path;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use shared::standing::Standing;

use super::schema::{self, Role};
use super::{Mode, acts, dues, rows};
use crate::store::StoreError;

/// Subjects that are folded in one transaction.
const PAGE: i64 = 1_000;
/// How many have been folded when operators are told again that it goes on.
const TOLD: i64 = 100_000;

/// Whether this version's fold wrote what is kept.
pub(super) fn is_current(connection: &Connection) -> Result<bool, StoreError> {
    Ok(
        connection.query_row("SELECT number = ?1 FROM fold", [Standing::FOLD], |row| {
            row.get(0)
        })?,
    )
}

/// Notes in a new database by which fold everything will be written.
pub(super) fn note(connection: &Connection) -> Result<(), StoreError> {
    connection.execute(
        "UPDATE fold SET number = ?1, next = NULL, done = 0, differed = 0",
        [Standing::FOLD],
    )?;
    Ok(())
}

/// Folds everybody again, a page to a transaction: whoever is interrupted goes on from there. Nobody
/// else may have the database open.
pub(super) fn fold_again(path: &Path) -> Result<(), StoreError> {
    let mut connection = schema::connect(path, Role::Writer(Mode::Command))?;
    if is_current(&connection)? {
        return Ok(());
    }
    loop {
        let step = step(&mut connection)?;
        if step.is_last {
            tracing::info!(
                differed = step.differed,
                "what holds for everybody was folded again from the ledger, as this version does"
            );
            return Ok(());
        }
        if step.folded % TOLD == 0 {
            tracing::info!(
                folded = step.folded,
                "what holds for everybody is being folded again from the ledger; nothing is answered \
                 until that is done"
            );
        }
    }
}

/// How far it has come.
struct Step {
    /// How many subjects there are up to the last one that was folded, or more.
    folded: i64,
    /// How many of them held something else.
    differed: i64,
    is_last: bool,
}

fn step(connection: &mut Connection) -> Result<Step, StoreError> {
    let page = Transaction::new(connection, TransactionBehavior::Immediate)?;
    let (next, done, differed): (Option<u32>, i64, i64) =
        page.query_row("SELECT next, done, differed FROM fold", (), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    let (done, mut differed) = match next == Some(Standing::FOLD) {
        true => (done, differed),
        false => (0, 0),
    };
    let mut last = None;
    for (no, kept) in subjects(&page, done)? {
        last = Some(no);
        let Some(standing) = folded(&page, no)? else {
            continue;
        };
        let is_same =
            kept.is_some_and(|(kept, due)| kept == standing && due == dues::columns(&standing));
        if !is_same {
            acts::put_standing(&page, no, &standing)?;
            differed += 1;
        }
    }
    match last {
        Some(done) => {
            page.execute(
                "UPDATE fold SET next = ?1, done = ?2, differed = ?3",
                (Standing::FOLD, done, differed),
            )?;
        }
        None => note(&page)?,
    }
    page.commit()?;
    Ok(Step {
        folded: last.unwrap_or(done),
        differed,
        is_last: last.is_none(),
    })
}

/// A standing with the columns beside it.
type Kept = (Standing, (Option<i64>, Option<i64>));

/// The next page of subjects; nothing is kept of one where it cannot be read.
fn subjects(page: &Connection, after: i64) -> Result<Vec<(i64, Option<Kept>)>, StoreError> {
    let mut statement = page.prepare_cached(
        "SELECT no, standing, notice_due, notice_told FROM subject
         WHERE no > ?1 ORDER BY no LIMIT ?2",
    )?;
    let mut found = statement.query((after, PAGE))?;
    let mut subjects = Vec::new();
    while let Some(row) = found.next()? {
        let no = row.get(0)?;
        let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        let due = (row.get(2)?, row.get(3)?);
        let standing = rows::standing(no, bytes).ok();
        subjects.push((no, standing.map(|standing| (standing, due))));
    }
    Ok(subjects)
}

/// The fold of a subject's entries; `None` where one of them cannot be read, which leaves what is kept.
fn folded(page: &Connection, no: i64) -> Result<Option<Standing>, StoreError> {
    let mut statement = page
        .prepare_cached("SELECT seq, canonical FROM payload WHERE subject_no = ?1 ORDER BY seq")?;
    let mut found = statement.query([no])?;
    let mut standing = Standing::default();
    while let Some(row) = found.next()? {
        let seq = rows::seq(row, 0)?;
        let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        match rows::entry(seq, bytes) {
            Ok(entry) => standing.apply(&entry),
            Err(error) => {
                tracing::error!(
                    %error,
                    "a standing stays as it is kept: run `sayso ledger verify`"
                );
                return Ok(None);
            }
        }
    }
    Ok(Some(standing))
}
