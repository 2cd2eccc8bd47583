//! Look-ups: what holds for addresses, with the rules in force, at one moment.

use std::sync::Arc;

use rusqlite::{Connection, Row};
use shared::address::AddressKey;
use shared::digest::Digest;

use super::super::rows;
use super::{Moment, Reader};
use crate::store::{Keys, Known, Seq, Snapshot, StoreError, StoredRules};

/// What every answer rests on.
pub(in super::super) struct State {
    pub(in super::super) as_of: Seq,
    pub(in super::super) rules: Option<Arc<StoredRules>>,
}

impl Reader {
    /// What holds for each address, all at one moment.
    pub(in super::super) fn look_up(&mut self, addresses: &[Keys]) -> Result<Snapshot, StoreError> {
        if let [Keys(keys)] = addresses
            && let [key] = keys.as_slice()
        {
            return self.look_up_one(key);
        }
        let moment = Moment::of(&self.connection)?;
        let state = state(moment.0, &mut self.in_force)?;
        let mut known = Vec::with_capacity(addresses.len());
        for keys in addresses {
            known.push(find(moment.0, keys)?);
        }
        Ok(Snapshot {
            as_of: state.as_of,
            rules: state.rules,
            known,
        })
    }

    /// All that is to be read for one address is read by one statement, which is a moment by itself.
    fn look_up_one(&mut self, key: &(u32, AddressKey)) -> Result<Snapshot, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT (SELECT max(seq) FROM ledger), (SELECT max(id) FROM rules),
                    subject.no, subject.subject, subject.standing
             FROM (SELECT 1)
             LEFT JOIN subject_key ON generation = ?1 AND address_key = ?2
             LEFT JOIN subject ON subject.no = subject_key.subject_no",
        )?;
        let mut answers = statement.query(rows::key(key))?;
        let row = answers
            .next()?
            .ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        let rules: Option<i64> = row.get(1)?;
        let known = row
            .get::<_, Option<i64>>(2)?
            .map(|no| known(row, no, 3))
            .transpose()?;
        Ok(Snapshot {
            as_of: row.get::<_, Option<i64>>(0)?.map_or(0, i64::cast_unsigned),
            // Rows of that table never change: it does not matter when this one is read.
            rules: rules
                .map(|id| in_force(&self.connection, &mut self.in_force, id))
                .transpose()?,
            known: vec![known],
        })
    }
}

/// The last entry, and the rules in force; `cached` are those last seen.
pub(in super::super) fn state(
    moment: &Connection,
    cached: &mut Option<(i64, Arc<StoredRules>)>,
) -> Result<State, StoreError> {
    let (as_of, rules_id): (Option<i64>, Option<i64>) = moment
        .prepare_cached("SELECT (SELECT max(seq) FROM ledger), (SELECT max(id) FROM rules)")?
        .query_row((), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(State {
        as_of: as_of.map_or(0, i64::cast_unsigned),
        rules: rules_id
            .map(|id| in_force(moment, cached, id))
            .transpose()?,
    })
}

fn find(moment: &Connection, keys: &Keys) -> Result<Option<Known>, StoreError> {
    let mut statement = moment.prepare_cached(
        "SELECT subject.no, subject.subject, subject.standing
         FROM subject_key JOIN subject ON subject.no = subject_key.subject_no
         WHERE generation = ?1 AND address_key = ?2",
    )?;
    let (mut numbers, mut all) = (Vec::new(), Vec::new());
    for key in &keys.0 {
        let mut answers = statement.query(rows::key(key))?;
        if let Some(row) = answers.next()? {
            let no = row.get(0)?;
            if !numbers.contains(&no) {
                all.push(known(row, no, 1)?);
                numbers.push(no);
            }
        }
    }
    Ok(Known::of_all(all))
}

/// What is known, from a row with subject and standing, in this order, from that column on.
fn known(row: &Row<'_>, no: i64, column: usize) -> Result<Known, StoreError> {
    let bytes = row
        .get_ref(column + 1)?
        .as_blob()
        .map_err(rusqlite::Error::from)?;
    Ok(Known {
        subject: rows::uuid(row, column)?,
        beside: Vec::new(),
        standing: Arc::new(rows::standing(no, bytes)?),
    })
}

fn in_force(
    moment: &Connection,
    cached: &mut Option<(i64, Arc<StoredRules>)>,
    id: i64,
) -> Result<Arc<StoredRules>, StoreError> {
    match cached {
        Some((seen, rules)) if *seen == id => return Ok(Arc::clone(rules)),
        _ => {}
    }
    let (digest, canonical): (Digest, Vec<u8>) = moment
        .prepare_cached("SELECT digest, canonical FROM rules WHERE id = ?1")?
        .query_row([id], |row| Ok((rows::digest(row, 0)?, row.get(1)?)))?;
    let rules = Arc::new(StoredRules {
        digest,
        rules: rows::rules(id, &canonical)?,
    });
    *cached = Some((id, Arc::clone(&rules)));
    Ok(rules)
}
