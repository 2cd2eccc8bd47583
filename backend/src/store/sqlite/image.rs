//! Reading what holds for everybody, in one transaction.

use std::collections::HashMap;
use std::path::Path;

use shared::address::AddressKey;

use super::reader::{Moment, state};
use super::rows;
use super::schema::{self, Role};
use crate::store::StoreError;
use crate::store::image::{Builder, Image, Kind, Sight};

/// Different standings that are remembered as they are written; more are read each by itself.
const MOST: usize = 10_000;

/// Reads the whole database on a connection of its own: nobody waits for it.
pub(super) fn read(path: &Path, sight: &Sight) -> Result<Image, StoreError> {
    let connection = schema::connect(path, Role::Reader)?;
    let _moment = Moment::of(&connection)?;
    let state = state(&connection, &mut None)?;
    let mut builder = Builder::new(state.as_of, state.rules, sight);
    let kinds = kinds(&connection, &mut builder)?;
    let mut statement = connection.prepare(
        "SELECT address_key, subject_no FROM subject_key WHERE generation = ?1 ORDER BY address_key",
    )?;
    for &generation in &sight.generations {
        builder.begin(generation);
        let mut found = statement.query([generation])?;
        while let Some(row) = found.next()? {
            let subject = usize::try_from(row.get::<_, i64>(1)?).unwrap_or(usize::MAX);
            let key = AddressKey::from_bytes(row.get(0)?);
            builder.add(&key, kinds.get(subject).copied().unwrap_or(0));
        }
    }
    Ok(builder.finish())
}

/// The kind of every subject, by its number.
fn kinds(
    connection: &rusqlite::Connection,
    builder: &mut Builder,
) -> Result<Vec<Kind>, StoreError> {
    let last: Option<i64> =
        connection.query_row("SELECT max(no) FROM subject", (), |row| row.get(0))?;
    let count = last.map_or(0, |last| usize::try_from(last).unwrap_or(0) + 1);
    let mut kinds: Vec<Kind> = vec![0; count];
    let mut seen: HashMap<Vec<u8>, Kind> = HashMap::new();
    let (mut masked, mut before) = (Vec::new(), (Vec::new(), 0));
    let mut statement = connection.prepare("SELECT no, standing FROM subject ORDER BY no")?;
    let mut found = statement.query(())?;
    while let Some(row) = found.next()? {
        let no: i64 = row.get(0)?;
        let written = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        mask(written, &mut masked);
        let kind = if masked == before.0 {
            before.1
        } else if let Some(kind) = seen.get(&masked) {
            *kind
        } else {
            let kind = builder.kind(&rows::standing(no, written)?);
            if seen.len() < MOST {
                seen.insert(masked.clone(), kind);
            }
            kind
        };
        std::mem::swap(&mut before.0, &mut masked);
        before.1 = kind;
        if let Some(place) = usize::try_from(no).ok().and_then(|no| kinds.get_mut(no)) {
            *place = kind;
        }
    }
    Ok(kinds)
}

/// Characters of an id between its quotes.
const ID: usize = 36;

/// The standing as it is written, with the ids of entries crossed out: which entry it was bears on no
/// question, and without them most standings are written alike.
fn mask(written: &[u8], into: &mut Vec<u8>) {
    into.clear();
    into.extend_from_slice(written);
    let mut at = 0;
    while let Some(quote) = memchr::memchr(b'"', &into[at..]) {
        let start = at + quote + 1;
        let is_id = into.get(start + ID) == Some(&b'"')
            && [8, 13, 18, 23]
                .iter()
                .all(|dash| into[start + dash] == b'-')
            && into[start..start + ID]
                .iter()
                .all(|&sign| sign.is_ascii_hexdigit() || sign == b'-');
        if is_id {
            into[start..start + ID].fill(b'0');
            at = start + ID + 1;
        } else {
            at = start;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn ids_are_crossed_out_and_nothing_else() {
        let masked = |text: &str| {
            let mut masked = Vec::new();
            mask(text.as_bytes(), &mut masked);
            String::from_utf8(masked).unwrap()
        };
        let id = "01a206a5-58fd-733e-9df4-66305fd4b600";
        let zeros = "0".repeat(36);
        assert_eq!(
            masked(&format!("{{\"entry\":\"{id}\",\"erased\":\"{id}\"}}")),
            format!("{{\"entry\":\"{zeros}\",\"erased\":\"{zeros}\"}}")
        );
        for other in [
            "",
            "\"",
            "{\"until\":\"2026-11-23T03:30:00.000Z\"}",
            "\"01a206a5\"",
        ] {
            assert_eq!(masked(other), other);
        }
    }
}
