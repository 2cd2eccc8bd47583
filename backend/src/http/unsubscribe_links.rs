//! `POST /v1/unsubscribe-links`: one-click links for the messages of a mailing.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use shared::address::Address;
use utoipa::ToSchema;

use super::App;
use super::access::{Scope, authorize};
use super::body::{self, BATCH};
use super::problem::{Code, Problem};
use crate::one_click::OneClick;

/// Contacts in one request at most.
const MOST: usize = 1000;

/// Whom the messages go to, and what they are about.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UnsubscribeLinksRequest {
    /// The purpose of the mailing.
    #[schema(example = "info_about_us")]
    purpose: String,
    /// The topic, if the mailing belongs to one that was chosen alone; without it a link stops every
    /// e-mail of the purpose.
    topic: Option<String>,
    /// The mailing's name, kept with the objection: 1 to 64 letters from A to Z, digits, dots, `_` and `-`.
    #[schema(example = "2026-11")]
    mailing: Option<String>,
    /// At most 1,000 addresses.
    addresses: Vec<String>,
}

/// The links, in the order asked.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UnsubscribeLinksAnswer {
    links: Vec<UnsubscribeLink>,
}

/// What one message must carry.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct UnsubscribeLink {
    /// The link, also for the body of the message. Absent when the address is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// The same by mail, where a mailbox is configured.
    #[serde(skip_serializing_if = "Option::is_none")]
    mailto: Option<String>,
    /// The header `List-Unsubscribe`, byte for byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    list_unsubscribe: Option<String>,
    /// The header `List-Unsubscribe-Post`, byte for byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    list_unsubscribe_post: Option<String>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

/// Makes one-click unsubscribe links for up to 1,000 messages. Set both headers, each once, and have
/// both signed (DKIM); put the link into the body as well.
#[utoipa::path(
    post, path = "/v1/unsubscribe-links", operation_id = "makeUnsubscribeLinks", tag = "gate",
    request_body = UnsubscribeLinksRequest,
    security(("key" = ["gate:check"])),
    responses(
        (status = 200, description = "One link per address, in the order asked", body = UnsubscribeLinksAnswer),
        (status = 401, description = "No valid API key", body = Problem),
        (status = 403, description = "The key lacks the scope gate:check", body = Problem),
        (status = 422, description = "A field is missing, unknown or wrong", body = Problem),
        (status = 503, description = "The store cannot be read", body = Problem),
    )
)]
pub(super) async fn make(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<UnsubscribeLinksAnswer>, Problem> {
    authorize(&app, &headers, Scope::GateCheck).await?;
    let request: UnsubscribeLinksRequest = body::json(&headers, body, BATCH).await?;
    let invalid = |field: &str, detail: String| {
        Problem::new(
            Code::InvalidRequest,
            "No link was made. Mend the field below.",
        )
        .field(field, detail)
    };
    if request.addresses.len() > MOST {
        return Err(invalid(
            "addresses",
            "Send at most 1,000 at once.".to_owned(),
        ));
    }
    let shelf = app.shelf().await?;
    let one = |address: Address| {
        OneClick::new(
            address,
            &shelf.rules,
            &request.purpose,
            request.topic.as_deref(),
            request.mailing.as_deref(),
        )
    };
    let mut links = Vec::with_capacity(request.addresses.len());
    for typed in &request.addresses {
        let link = match Address::parse(typed) {
            Err(problem) => UnsubscribeLink {
                problem: Some(problem.to_string()),
                ..UnsubscribeLink::default()
            },
            Ok(address) => {
                let one = one(address).map_err(|why| invalid(why.field(), why.to_string()))?;
                let mailbox = app.unsubscribe.as_deref();
                let made = one.unsubscribe(&app.base, mailbox, &app.secrets, &*app.world);
                UnsubscribeLink {
                    url: Some(made.url),
                    mailto: made.mailto,
                    list_unsubscribe: Some(made.headers.list_unsubscribe),
                    list_unsubscribe_post: Some(made.headers.list_unsubscribe_post),
                    problem: None,
                }
            }
        };
        links.push(link);
    }
    Ok(Json(UnsubscribeLinksAnswer { links }))
}
