//! `GET /v1/receipts/{capability}` and the keys to check one with.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use shared::digest::Digest;
use shared::entry::{Act, Entry};
use shared::receipt::{FORMAT, NoticeName, Receipt, SignedReceipt};

use super::App;
use super::path::Path;
use super::problem::{Code, Problem};
use crate::recording::{open_capability, reference};
use crate::shelf::Shelf;
use crate::signature::{PublicKeys, sign_receipt};

/// The person's signed copy of what they did. Who has the address of a receipt can read it; it
/// holds no e-mail address.
#[utoipa::path(
    get, path = "/v1/receipts/{capability}", operation_id = "getReceipt", tag = "contacts",
    params(("capability" = String, Path, description = "As in the answer to the objection")),
    responses(
        (status = 200, description = "The receipt and its signature", content_type = "application/json"),
        (status = 404, description = "There is no such receipt", body = Problem),
    )
)]
pub(super) async fn receipt(
    State(app): State<App>,
    Path(capability): Path<String>,
) -> Result<Response, Problem> {
    let signed = read(&app, &capability).await?;
    let mut response = Json(&signed).into_response();
    let headers = response.headers_mut();
    let name = format!(
        "attachment; filename=\"receipt-{}.json\"",
        signed.receipt.reference
    );
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-store"),
    );
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    Ok(response)
}

async fn read(app: &App, capability: &str) -> Result<SignedReceipt, Problem> {
    let missing = || Problem::new(Code::NotFound, "Check the address of the receipt.");
    let name = open_capability(capability).ok_or_else(missing)?;
    let kept = app.store.receipt(name).await?.ok_or_else(missing)?;
    let main = |entry: &&Entry| entry.act != Act::NoticeProvided;
    // A consent that lifted an objection stands after the lift.
    let given = |entry: &&Entry| entry.act == Act::ConsentGiven;
    let entry = kept.entries.iter().find(given);
    let entry = entry
        .or_else(|| kept.entries.iter().find(main))
        .ok_or_else(missing)?;
    let receipt = make(app, &*app.shelf().await?, entry, reference(&name));
    Ok(sign_receipt(receipt, &app.secrets.signing))
}

fn make(app: &App, shelf: &Shelf, entry: &Entry, reference: String) -> Receipt {
    let shown = entry
        .evidence
        .notice
        .and_then(|digest| shelf.by_half(&half(&digest)));
    let controller = shown
        .and_then(|shown| shown.structured())
        .and_then(|notice| notice.slots.controller.filled())
        .map_or_else(String::new, |controller| controller.name.clone());
    Receipt {
        format: FORMAT.to_owned(),
        reference,
        recorded_at: entry.recorded_at,
        act: entry.act,
        right: match entry.act {
            Act::ConsentGiven | Act::ConsentRefused => "eu-gdpr:A6-1-a",
            Act::ConsentWithdrawn => "eu-gdpr:A7-3",
            _ => "eu-gdpr:A21",
        }
        .to_owned(),
        scope: entry.scope.clone(),
        until: entry.until,
        assurance: entry.evidence.assurance,
        language: entry.evidence.language.clone(),
        controller,
        notice: shown.map(|shown| NoticeName {
            url: app.url(&format!(
                "/notices/{}/versions/{}",
                shown.notice, shown.number
            )),
            version: shown.number,
            sha256: shown.digest,
        }),
        control_text: entry.evidence.control_text,
    }
}

fn half(digest: &Digest) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&digest.as_bytes()[..16]);
    half
}

/// The keys to check receipts and certificates with, without this service.
#[utoipa::path(
    get, path = "/log/key", operation_id = "getKeys", tag = "contacts",
    responses((status = 200, description = "The public keys", body = PublicKeys))
)]
pub(super) async fn keys(State(app): State<App>, _headers: HeaderMap) -> Json<PublicKeys> {
    Json(PublicKeys::of(&app.secrets.signing))
}
