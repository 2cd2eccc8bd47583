//! `GET /v1/changes`: what happened since, for programs that keep lists of their own.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use shared::digest::Digest;
use shared::entry::{Act, Entry};
use shared::purpose::Channel;
use shared::time::Timestamp;
use utoipa::ToSchema;

use super::App;
use super::access::{Scope, authorize};
use super::headers::KEPT_NOWHERE;
use super::problem::{Code, Problem};
use crate::store::{LedgerRow, Seq, StoreError};

/// Entries in one answer when the caller names no number.
const SOME: usize = 100;
/// Entries in one answer at most (SEC-67).
const MOST: usize = 500;

/// Entries in the order of the ledger.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChangesAnswer {
    /// The entries after the one asked for, oldest first.
    changes: Vec<Change>,
    /// The last entry of the ledger; ask again later where `next` is no less.
    as_of: u64,
    /// What to send as `after` next time.
    next: u64,
    /// The digest of the rule set in force: when it changes, verdicts may, without an entry. Absent
    /// before the first notice was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    rules: Option<Digest>,
}

/// One entry. It does not say whose it is.
#[derive(Debug, Serialize, ToSchema)]
struct Change {
    /// Its place in the ledger: 1, 2, 3, … without a gap, but for one after each restore of a backup.
    seq: u64,
    /// What was done; absent when the entry was erased since, and at the place where the ledger goes on
    /// after a restore.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "objected")]
    act: Option<Act>,
    /// The purpose; absent for all direct marketing.
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<String>,
    /// The topic; absent for all of the purpose.
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<String>,
    /// The channel; absent for all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "email")]
    channel: Option<Channel>,
    /// When a pause or consent ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    until: Option<Timestamp>,
    /// When it was recorded; order is that of `seq`, not of this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "2026-11-23T03:30:00.000Z")]
    recorded_at: Option<Timestamp>,
}

/// What happened after an entry, in the order of the ledger. It says that something changed and about
/// what, not for whom: put the list through the gate again to learn that. Entries that are appended
/// while pages are read come on a later page; none is left out and none comes twice.
#[utoipa::path(
    get, path = "/v1/changes", operation_id = "listChanges", tag = "gate",
    params(
        ("after" = Option<u64>, Query, description = "The last entry that is known; 0 or nothing for all. One that the ledger does not have yet is refused"),
        ("limit" = Option<usize>, Query, description = "Entries in the answer, 1 to 500; 100 if absent"),
    ),
    security(("key" = ["changes:read"])),
    responses(
        (status = 200, description = "Entries; Link: rel=\"next\" while there are more", body = ChangesAnswer),
        (status = 401, description = "No valid API key", body = Problem),
        (status = 403, description = "The key lacks the scope changes:read", body = Problem),
        (status = 422, description = "A parameter is unknown or wrong", body = Problem),
        (status = 503, description = "The store cannot be read", body = Problem),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    authorize(&app, &headers, Scope::ChangesRead).await?;
    let Page { after, limit } = Page::of(uri.query().unwrap_or_default())?;
    let rows = app.store.ledger(after, limit).await?;
    // Asked after the rows were read, so that it is no less than the last of them.
    let state = app.store.look_up(&[]).await?;
    if after > state.as_of {
        return Err(invalid(
            "after",
            "The ledger has no such entry: it is another deployment's, or a copy was put into place by \
             hand. Start anew with 0, and put your lists through the gate again.",
        ));
    }
    let next = rows.last().map_or(after, |row| row.seq);
    let answer = ChangesAnswer {
        changes: rows.iter().map(Change::of).collect::<Result<_, _>>()?,
        as_of: state.as_of,
        next,
        rules: state.rules.map(|rules| rules.digest),
    };
    let mut response = (KEPT_NOWHERE, Json(answer)).into_response();
    if next < state.as_of {
        let url = app.url(&format!("/v1/changes?after={next}&limit={limit}"));
        if let Ok(link) = HeaderValue::try_from(format!("<{url}>; rel=\"next\"")) {
            response.headers_mut().insert(header::LINK, link);
        }
    }
    Ok(response)
}

fn invalid(field: &str, detail: &str) -> Problem {
    Problem::new(Code::InvalidRequest, "Mend the parameter below.").field(field, detail)
}

/// Which entries are asked for.
struct Page {
    after: Seq,
    limit: usize,
}

impl Page {
    fn of(query: &str) -> Result<Self, Problem> {
        let mut page = Self {
            after: 0,
            limit: SOME,
        };
        let fields: Vec<(String, String)> =
            serde_urlencoded::from_str(query).map_err(|_| invalid("", "Send after and limit."))?;
        for (name, value) in fields {
            match name.as_str() {
                "after" => {
                    page.after = value.parse().map_err(|_| {
                        invalid("after", "Use the `next` of the last answer, or 0.")
                    })?;
                }
                "limit" => {
                    page.limit = value
                        .parse()
                        .ok()
                        .filter(|limit| (1..=MOST).contains(limit))
                        .ok_or_else(|| invalid("limit", "Use 1 to 500."))?;
                }
                _ => return Err(invalid("", "Send after and limit, and nothing else.")),
            }
        }
        Ok(page)
    }
}

impl Change {
    fn of(row: &LedgerRow) -> Result<Self, StoreError> {
        let entry = match &row.payload {
            None => None,
            Some((_, canonical)) => {
                let read = Entry::from_canonical(canonical);
                Some(read.map_err(|error| StoreError::Corrupt {
                    place: format!("payload {}", row.seq),
                    source: error.into(),
                })?)
            }
        };
        let scope = entry.as_ref().map(|entry| &entry.scope);
        Ok(Self {
            seq: row.seq,
            act: entry.as_ref().map(|entry| entry.act),
            purpose: scope.and_then(|scope| scope.purpose.as_ref().map(ToString::to_string)),
            topic: scope.and_then(|scope| scope.topic.as_ref().map(ToString::to_string)),
            channel: scope.and_then(|scope| scope.channel),
            until: entry.as_ref().and_then(|entry| entry.until),
            recorded_at: entry.as_ref().map(|entry| entry.recorded_at),
        })
    }
}
