//! Rows as the domain's types, and back.

use rusqlite::types::Type;
use rusqlite::{Error, Result, Row};
use shared::address::AddressKey;
use shared::digest::Digest;
use shared::entry::Entry;
use shared::rules::Rules;
use shared::standing::Standing;
use shared::time::Timestamp;
use uuid::Uuid;

use super::problem;
use crate::store::{ApiKey, NoticeKind, PublishedNotice, Seq, StoreError};

pub(super) fn uuid(row: &Row<'_>, column: usize) -> Result<Uuid> {
    row.get(column).map(Uuid::from_bytes)
}

pub(super) fn digest(row: &Row<'_>, column: usize) -> Result<Digest> {
    row.get(column).map(Digest::from_bytes)
}

pub(super) fn seq(row: &Row<'_>, column: usize) -> Result<Seq> {
    row.get(column).map(i64::cast_unsigned)
}

pub(super) fn moment(row: &Row<'_>, column: usize) -> Result<Timestamp> {
    row.get(column).map(Timestamp::from_millis)
}

/// The parameters that select one address key.
pub(super) fn key(key: &(u32, AddressKey)) -> (u32, &[u8; 32]) {
    (key.0, key.1.as_bytes())
}

/// The bytes that a standing is kept as.
pub(super) fn packed(standing: &Standing) -> Vec<u8> {
    serde_json::to_vec(standing).expect("a standing is plain JSON")
}

pub(super) fn standing(no: i64, bytes: &[u8]) -> Result<Standing, StoreError> {
    serde_json::from_slice(bytes).map_err(|_| {
        problem::corrupt(
            format!("subject {no}"),
            "its standing is not what any version of Sayso writes: verify the ledger",
        )
    })
}

pub(super) fn entry(seq: Seq, bytes: &[u8]) -> Result<Entry, StoreError> {
    Entry::from_canonical(bytes).map_err(|_| {
        problem::corrupt(
            format!("payload {seq}"),
            "it is no entry that this version of Sayso can read",
        )
    })
}

pub(super) fn rules(id: i64, bytes: &[u8]) -> Result<Rules, StoreError> {
    serde_json::from_slice(bytes).map_err(|_| {
        problem::corrupt(
            format!("rules {id}"),
            "it is no rule set that this version of Sayso can read",
        )
    })
}

/// notice, version, digest, kind, canonical, published_at
pub(super) fn notice(row: &Row<'_>) -> Result<PublishedNotice> {
    Ok(PublishedNotice {
        notice: row.get(0)?,
        version: row.get(1)?,
        digest: digest(row, 2)?,
        kind: match row.get_ref(3)?.as_str()? {
            "verbatim" => NoticeKind::Verbatim,
            "structured" => NoticeKind::Structured,
            _ => return Err(Error::InvalidColumnType(3, "kind".to_owned(), Type::Text)),
        },
        canonical: row.get(4)?,
        published_at: moment(row, 5)?,
    })
}

pub(super) const fn kind_name(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::Verbatim => "verbatim",
        NoticeKind::Structured => "structured",
    }
}

/// hash, label, last4, scopes, created_at, expires_at, revoked_at
pub(super) fn api_key(row: &Row<'_>) -> Result<ApiKey> {
    let maybe = |column| -> Result<Option<Timestamp>> {
        let millis: Option<i64> = row.get(column)?;
        Ok(millis.map(Timestamp::from_millis))
    };
    Ok(ApiKey {
        hash: digest(row, 0)?,
        label: row.get(1)?,
        last4: row.get(2)?,
        scopes: row
            .get_ref(3)?
            .as_str()?
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
        created_at: moment(row, 4)?,
        expires_at: maybe(5)?,
        revoked_at: maybe(6)?,
    })
}
