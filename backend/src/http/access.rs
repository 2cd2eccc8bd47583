//! API keys: who may ask what.

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use serde::{Deserialize, Serialize};
use shared::digest::Digest;
use shared::time::Timestamp;

use super::AppState;
use super::problem::{Code, Problem};
use crate::store::{ApiKey, Glance};

/// What every key starts with, so that scanners of leaked secrets recognise it.
pub const PREFIX: &str = "sayso_";

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// Ask the gate.
    #[serde(rename = "gate:check")]
    GateCheck,
    /// Put a list through the gate.
    #[serde(rename = "scrub:run")]
    ScrubRun,
    /// Follow the changes.
    #[serde(rename = "changes:read")]
    ChangesRead,
    /// Read entries; no route asks for it yet.
    #[serde(rename = "entries:read")]
    EntriesRead,
    /// Read the counters of operation.
    #[serde(rename = "metrics:read")]
    MetricsRead,
    /// Record objections for contacts; no route asks for it yet.
    #[serde(rename = "objection:write")]
    ObjectionWrite,
    /// Everything.
    #[serde(rename = "admin")]
    Admin,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 7] = [
        Self::GateCheck,
        Self::ScrubRun,
        Self::ChangesRead,
        Self::EntriesRead,
        Self::MetricsRead,
        Self::ObjectionWrite,
        Self::Admin,
    ];

    /// The scope's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GateCheck => "gate:check",
            Self::ScrubRun => "scrub:run",
            Self::ChangesRead => "changes:read",
            Self::EntriesRead => "entries:read",
            Self::MetricsRead => "metrics:read",
            Self::ObjectionWrite => "objection:write",
            Self::Admin => "admin",
        }
    }

    /// Whether some route asks for it.
    #[must_use]
    pub const fn opens_something(self) -> bool {
        !matches!(self, Self::EntriesRead | Self::ObjectionWrite)
    }

    /// The scope of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }
}

/// Admits a request whose `Authorization: Bearer` key has the scope, and says which key that is. A key in
/// a URL is never read.
pub async fn authorize(
    app: &AppState,
    headers: &HeaderMap,
    scope: Scope,
) -> Result<Arc<ApiKey>, Problem> {
    authorize_since(app, app.store.glance(), headers, scope).await
}

/// The same by the keys as they were at that glance, or later.
pub async fn authorize_since(
    app: &AppState,
    glance: Glance,
    headers: &HeaderMap,
    scope: Scope,
) -> Result<Arc<ApiKey>, Problem> {
    let refused = || {
        Problem::new(
            Code::Unauthorized,
            "Send Authorization: Bearer with a key made by `sayso key create`.",
        )
    };
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let key = given
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, key)| scheme.eq_ignore_ascii_case("bearer") && key.starts_with(PREFIX))
        .map(|(_, key)| key.trim())
        .ok_or_else(refused)?;
    let kept = app
        .store
        .api_key(glance, Digest::of(key.as_bytes()))
        .await?
        .ok_or_else(refused)?;
    if !is_active(&kept, app.world.now()) {
        return Err(refused());
    }
    let allowed = [scope.as_str(), Scope::Admin.as_str()];
    if kept
        .scopes
        .iter()
        .any(|scope| allowed.contains(&scope.as_str()))
    {
        Ok(kept)
    } else {
        Err(Problem::new(
            Code::MissingScope,
            format!(
                "Make a key with `sayso key create --scope {}`.",
                scope.as_str()
            ),
        ))
    }
}

/// What a key is called where it must not be shown: the beginning of its hash.
#[must_use]
pub fn id(key: &ApiKey) -> String {
    key.hash.to_string()[..12].to_owned()
}

/// Whether the key works at that moment.
#[must_use]
pub fn is_active(key: &ApiKey, at: Timestamp) -> bool {
    key.revoked_at.is_none() && key.expires_at.is_none_or(|end| at < end)
}
