//! What is published and kept beside the ledger: notices, rules, texts, API keys.

use std::collections::BTreeMap;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension as _};
use shared::digest::Digest;
use shared::rules::Rules;
use shared::time::Timestamp;

use super::problem::Failure;
use super::writer::Batch;
use super::{Sqlite, rows};
use crate::store::rules::RuleSets;
use crate::store::{ApiKey, PublishedNotice, StoreError};

#[async_trait]
impl RuleSets for Sqlite {
    async fn rules_between(
        &self,
        after: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<(Timestamp, Rules)>, StoreError> {
        self.scan(move |reader| between(reader.connection(), after, until))
            .await
    }
}

fn between(
    connection: &Connection,
    after: Timestamp,
    until: Timestamp,
) -> Result<Vec<(Timestamp, Rules)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, at, canonical FROM rules WHERE at > ?1 AND at <= ?2 ORDER BY id",
    )?;
    let mut found = statement.query((after.as_millis(), until.as_millis()))?;
    let mut all = Vec::new();
    while let Some(row) = found.next()? {
        let canonical = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
        all.push((rows::moment(row, 1)?, rows::rules(row.get(0)?, canonical)?));
    }
    Ok(all)
}

/// Publishes notice versions together with the rules that follow from them. All is judged before
/// anything is written: other jobs share the transaction.
pub(super) fn publish(
    batch: &mut Batch<'_>,
    versions: &[PublishedNotice],
    decided_on: Option<Digest>,
    rules: &Rules,
) -> Result<(), Failure> {
    if batch.rules()? != decided_on || !follow(batch.connection, versions)? {
        return Err(StoreError::Conflict.into());
    }
    let mut statement = batch.connection.prepare_cached(
        "INSERT INTO notice (notice, version, digest, kind, canonical, published_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for notice in versions {
        statement.execute((
            &notice.notice,
            notice.version,
            notice.digest.as_bytes(),
            rows::kind_name(notice.kind),
            &notice.canonical,
            notice.published_at.as_millis(),
        ))?;
    }
    if let Some(last) = versions.last() {
        enforce(batch, decided_on, rules, last.published_at)?;
    }
    Ok(())
}

/// Whether each is one more than the version before it, published or in the list.
fn follow(connection: &Connection, versions: &[PublishedNotice]) -> Result<bool, rusqlite::Error> {
    let mut newest: BTreeMap<&str, Option<u32>> = BTreeMap::new();
    for notice in versions {
        let before = match newest.get(notice.notice.as_str()) {
            Some(before) => *before,
            None => connection
                .prepare_cached("SELECT max(version) FROM notice WHERE notice = ?1")?
                .query_row([&notice.notice], |row| row.get(0))?,
        };
        if before.is_some_and(|before| before.checked_add(1) != Some(notice.version)) {
            return Ok(false);
        }
        newest.insert(&notice.notice, Some(notice.version));
    }
    Ok(true)
}

/// Puts rules in force.
pub(super) fn put_rules(
    batch: &mut Batch<'_>,
    decided_on: Option<Digest>,
    rules: &Rules,
    at: Timestamp,
) -> Result<(), Failure> {
    if batch.rules()? != decided_on {
        return Err(StoreError::Conflict.into());
    }
    enforce(batch, decided_on, rules, at)?;
    Ok(())
}

/// Keeps a text by its digest.
pub(super) fn keep_text(batch: &mut Batch<'_>, digest: Digest, text: &[u8]) -> Result<(), Failure> {
    batch
        .connection
        .prepare_cached("INSERT INTO text (digest, bytes) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute((digest.as_bytes(), text))?;
    Ok(())
}

/// Keeps a new API key.
pub(super) fn add_api_key(batch: &mut Batch<'_>, key: &ApiKey) -> Result<(), Failure> {
    let added = batch
        .connection
        .prepare_cached(
            "INSERT INTO api_key (hash, label, last4, scopes, created_at, expires_at, revoked_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
        )?
        .execute((
            key.hash.as_bytes(),
            &key.label,
            &key.last4,
            key.scopes.join(" "),
            key.created_at.as_millis(),
            key.expires_at.map(Timestamp::as_millis),
            key.revoked_at.map(Timestamp::as_millis),
        ))?;
    if added == 1 {
        Ok(())
    } else {
        Err(StoreError::Conflict.into())
    }
}

/// Revokes an API key; the first revocation stands.
pub(super) fn revoke_api_key(
    batch: &mut Batch<'_>,
    hash: Digest,
    at: Timestamp,
) -> Result<bool, Failure> {
    let found = batch
        .connection
        .prepare_cached("UPDATE api_key SET revoked_at = coalesce(revoked_at, ?2) WHERE hash = ?1")?
        .execute((hash.as_bytes(), at.as_millis()))?;
    Ok(found == 1)
}

/// The digest of the rule set in force.
pub(super) fn in_force(connection: &Connection) -> Result<Option<Digest>, rusqlite::Error> {
    connection
        .prepare_cached("SELECT digest FROM rules ORDER BY id DESC LIMIT 1")?
        .query_row((), |row| rows::digest(row, 0))
        .optional()
}

/// Rules that are in force already are not put in force again.
fn enforce(
    batch: &mut Batch<'_>,
    before: Option<Digest>,
    rules: &Rules,
    at: Timestamp,
) -> Result<(), rusqlite::Error> {
    let canonical = rules.canonical();
    let digest = Digest::of(&canonical);
    if before == Some(digest) {
        return Ok(());
    }
    batch.rules = None;
    batch
        .connection
        .prepare_cached("INSERT INTO rules (digest, canonical, at, as_of) VALUES (?1, ?2, ?3, ?4)")?
        .execute((
            digest.as_bytes(),
            canonical,
            at.as_millis(),
            batch.head.cast_signed(),
        ))?;
    Ok(())
}
