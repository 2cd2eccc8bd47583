//! Looking back: what held for addresses when an earlier entry was the last one.

use rusqlite::{Connection, OptionalExtension as _};
use shared::standing::Standing;

use super::super::rows;
use super::{Moment, Reader};
use crate::store::{Keys, Past, Seq, StoreError};

impl Reader {
    /// What held for each address as of that entry, all read at one moment.
    pub(in super::super) fn look_back(
        &self,
        addresses: &[Keys],
        as_of: Seq,
    ) -> Result<Vec<Option<Past>>, StoreError> {
        let moment = Moment::of(&self.connection)?;
        addresses
            .iter()
            .map(|keys| {
                let numbers = subjects(moment.0, keys)?.into_iter();
                let pasts = numbers.map(|no| past(moment.0, no, as_of));
                Ok(Past::of_all(pasts.collect::<Result<Vec<_>, _>>()?))
            })
            .collect()
    }
}

fn subjects(moment: &Connection, keys: &Keys) -> Result<Vec<i64>, StoreError> {
    let mut statement = moment.prepare_cached(
        "SELECT subject_no FROM subject_key WHERE generation = ?1 AND address_key = ?2",
    )?;
    let mut numbers = Vec::new();
    for key in &keys.0 {
        let found = statement.query_row(rows::key(key), |row| row.get(0));
        numbers.extend(found.optional()?.filter(|no| !numbers.contains(no)));
    }
    Ok(numbers)
}

fn past(moment: &Connection, no: i64, as_of: Seq) -> Result<Past, StoreError> {
    let mut statement = moment
        .prepare_cached("SELECT seq, canonical FROM payload WHERE subject_no = ?1 ORDER BY seq")?;
    let mut found = statement.query([no])?;
    let mut past = Past {
        standing: Standing::default(),
        since: Vec::new(),
    };
    while let Some(row) = found.next()? {
        let seq = rows::seq(row, 0)?;
        let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        let entry = rows::entry(seq, bytes)?;
        if seq <= as_of {
            past.standing.apply(&entry);
        } else {
            past.since.push(entry);
        }
    }
    Ok(past)
}
