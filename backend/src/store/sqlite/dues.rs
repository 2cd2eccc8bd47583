//! What is owed; who has to be told by the columns that are kept beside the standing.

use async_trait::async_trait;
use rusqlite::{Connection, Error};
use shared::standing::Standing;
use shared::time::Timestamp;

use super::reader::Moment;
use super::{Sqlite, rows};
use crate::store::StoreError;
use crate::store::dues::{DueCount, DueCounts, DueNotice, Dues, KeptDue};

#[async_trait]
impl Dues for Sqlite {
    async fn due_notices(
        &self,
        inform_since: Timestamp,
        until: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<DueNotice>, StoreError> {
        self.scan(move |reader| Ok(list(reader.connection(), inform_since, until, limit)?))
            .await
    }

    async fn count_dues(
        &self,
        inform_since: Timestamp,
        at: Timestamp,
    ) -> Result<DueCounts, StoreError> {
        self.scan(move |reader| Ok(count(reader.connection(), inform_since, at)?))
            .await
    }
}

/// The columns of a standing: by when the person must be told, and when they were before.
pub(super) fn columns(standing: &Standing) -> (Option<i64>, Option<i64>) {
    let KeptDue { by, told } = KeptDue::of(standing);
    (by.map(Timestamp::as_millis), told.map(Timestamp::as_millis))
}

fn list(
    connection: &Connection,
    inform_since: Timestamp,
    until: Option<Timestamp>,
    limit: usize,
) -> Result<Vec<DueNotice>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT subject, notice_due FROM subject
         WHERE notice_due IS NOT NULL AND (notice_told IS NULL OR notice_told < ?1) AND notice_due <= ?2
         ORDER BY notice_due LIMIT ?3",
    )?;
    let parameters = (
        inform_since.as_millis(),
        until.map_or(i64::MAX, Timestamp::as_millis),
        i64::try_from(limit).unwrap_or(i64::MAX),
    );
    let found = statement.query_map(parameters, |row| {
        Ok(DueNotice {
            subject: rows::uuid(row, 0)?,
            by: rows::moment(row, 1)?,
        })
    })?;
    found.collect()
}

fn count(
    connection: &Connection,
    inform_since: Timestamp,
    at: Timestamp,
) -> Result<DueCounts, Error> {
    let both = |row: &rusqlite::Row<'_>| {
        Ok(DueCount {
            due: rows::seq(row, 0)?,
            overdue: rows::seq(row, 1)?,
        })
    };
    let _moment = Moment::of(connection)?;
    let cases = connection
        .prepare_cached(
            "SELECT count(*), count(*) FILTER (WHERE
                 due <= ?1 OR acknowledged_at IS NULL AND acknowledge_by <= ?1)
             FROM case_file WHERE decided_at IS NULL",
        )?
        .query_row([at.as_millis()], both)?;
    let notices = connection
        .prepare_cached(
            "SELECT count(*), count(*) FILTER (WHERE notice_due <= ?2) FROM subject
             WHERE notice_due IS NOT NULL AND (notice_told IS NULL OR notice_told < ?1)",
        )?
        .query_row((inform_since.as_millis(), at.as_millis()), both)?;
    Ok(DueCounts { cases, notices })
}
