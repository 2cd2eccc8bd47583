//! What is published and kept beside the ledger: notices, rules, texts, API keys.

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

/// Publishes a notice version together with the rules that follow from it.
pub(super) fn publish(
    batch: &mut Batch<'_>,
    notice: &PublishedNotice,
    decided_on: Option<Digest>,
    rules: &Rules,
) -> Result<(), Failure> {
    let newest: Option<u32> = batch
        .connection
        .prepare_cached("SELECT max(version) FROM notice WHERE notice = ?1")?
        .query_row([&notice.notice], |row| row.get(0))?;
    let follows = newest.is_none_or(|newest| newest.checked_add(1) == Some(notice.version));
    if !follows || batch.rules()? != decided_on {
        return Err(StoreError::Conflict.into());
    }
    batch
        .connection
        .prepare_cached(
            "INSERT INTO notice (notice, version, digest, kind, canonical, published_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((
            &notice.notice,
            notice.version,
            notice.digest.as_bytes(),
            rows::kind_name(notice.kind),
            &notice.canonical,
            notice.published_at.as_millis(),
        ))?;
    enforce(batch, decided_on, rules, notice.published_at)?;
    Ok(())
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
