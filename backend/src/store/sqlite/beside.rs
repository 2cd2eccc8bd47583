//! Acts that were recorded of several subjects, since their address is known as each of them.

use rusqlite::Connection;
use shared::entry::Entry;
use uuid::Uuid;

use super::rows;
use crate::store::StoreError;

/// Subjects that an address can be known as at most, besides one: a process knows three generations of
/// the pepper.
const MOST: i64 = 2;

/// Of whom else the act was recorded whose `count` entries begin at `first`: its entries were appended
/// again right after, under the same ids.
pub(super) fn subjects(
    connection: &Connection,
    first: i64,
    count: i64,
) -> Result<Vec<(i64, Uuid)>, StoreError> {
    let own = act(connection, first, count)?;
    let mut beside = Vec::new();
    for place in 1..=MOST {
        let again = act(connection, first + place * count, count)?;
        let ids =
            |act: &[(i64, Entry)]| -> Vec<Uuid> { act.iter().map(|(_, entry)| entry.id).collect() };
        if let Some((no, entry)) = again.first()
            && ids(&again) == ids(&own)
        {
            beside.push((*no, entry.subject));
        }
    }
    Ok(beside)
}

/// The entries at those places that were not erased, each with the number of its subject.
fn act(connection: &Connection, first: i64, count: i64) -> Result<Vec<(i64, Entry)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT subject_no, seq, canonical FROM payload WHERE seq >= ?1 AND seq < ?2 ORDER BY seq",
    )?;
    let mut found = statement.query((first, first + count))?;
    let mut entries = Vec::new();
    while let Some(row) = found.next()? {
        let bytes = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
        entries.push((row.get(0)?, rows::entry(rows::seq(row, 1)?, bytes)?));
    }
    Ok(entries)
}
