//! `POST /v1/decisions`: the gate for programs.

use axum::extract::{Request, State};
use axum::response::Response;
use shared::address::Address;
use shared::decision::{Question, Stated};
use shared::facts::{Country, Subscriber};
use shared::purpose::{Channel, PurposeKey, TopicKey};

use super::access::{Scope, authorize, authorize_since};
use super::body::{self, BATCH};
use super::headers::personal_json;
use super::problem::{Code, Problem};
use super::wire::{CheckRequest, DecisionsAnswer, DecisionsRequest};
use super::{App, AppState};
use crate::gate::Check;
use crate::metrics::Asked;

/// Contacts in one request at most.
const MOST: usize = 1000;
/// Bytes of an answer, about: of all but its decisions, and of a decision.
const HEAD: usize = 192;
const EACH: usize = 160;

/// Decides for up to 1,000 contacts, all on one state of the ledger. A bad address is answered in
/// its place; an unreadable store is 503 and decides nothing.
#[utoipa::path(
    post, path = "/v1/decisions", operation_id = "decide", tag = "gate",
    request_body = DecisionsRequest,
    security(("key" = ["gate:check"])),
    responses(
        (status = 200, description = "One decision per contact, in the order asked", body = DecisionsAnswer),
        (status = 401, description = "No valid API key", body = Problem),
        (status = 403, description = "The key lacks the scope gate:check", body = Problem),
        (status = 422, description = "A field is missing, unknown or wrong", body = Problem),
        (status = 503, description = "Nothing was decided: do not send", body = Problem),
    )
)]
pub(super) async fn decide(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    answer(&app, request).await
}

/// The same without the table of routes.
pub(super) async fn answer(app: &AppState, request: Request) -> Result<Response, Problem> {
    let (head, body) = request.into_parts();
    // Whoever has no key is told so before much is taken from them.
    if !body::is_small(&head.headers) {
        authorize(app, &head.headers, Scope::GateCheck).await?;
    }
    let body = body::read(body, BATCH).await?;
    // When the whole question is here: what was recorded while it arrived is in the answer.
    let glance = app.store.glance();
    authorize_since(app, glance, &head.headers, Scope::GateCheck).await?;
    let request: DecisionsRequest = body::parse_json(&head.headers, &body)?;
    let checks = parse(&request)?;
    let now = app.world.now();
    let answer = app.gate.decide_since(glance, &checks, now).await?;
    app.metrics.decided(Asked::Contacts, &answer.decisions);
    let answer = DecisionsAnswer::of(answer);
    let room = HEAD + EACH * answer.decisions.len();
    Ok(personal_json(&answer, room))
}

fn parse(request: &DecisionsRequest) -> Result<Vec<Check>, Problem> {
    let invalid = |field: String, detail: &str| {
        Problem::new(
            Code::InvalidRequest,
            "Nothing was decided. Mend the fields below.",
        )
        .field(field, detail)
    };
    if request.checks.len() > MOST {
        return Err(invalid("checks".to_owned(), "Send at most 1,000 at once."));
    }
    let channel = match request.channel.as_deref() {
        None => Channel::Email,
        Some(text) => Channel::parse(text)
            .ok_or_else(|| invalid("channel".to_owned(), "Use email, phone, post or sms."))?,
    };
    // What cannot be the name of a purpose or topic is an unknown one: withheld, with that reason.
    let mut purpose = PurposeKey::parse(&request.purpose).ok();
    let topic = match request.topic.as_deref() {
        None => None,
        Some(text) => {
            let topic = TopicKey::parse(text).ok();
            purpose = purpose.filter(|_| topic.is_some());
            topic
        }
    };
    let check = |(place, check): (usize, &CheckRequest)| {
        let country = check
            .country
            .as_deref()
            .map(Country::parse)
            .transpose()
            .map_err(|error| invalid(format!("checks[{place}].country"), &error.to_string()))?;
        let subscriber = match check.subscriber.as_deref() {
            None => None,
            Some(text) => Some(Subscriber::parse(text).ok_or_else(|| {
                invalid(
                    format!("checks[{place}].subscriber"),
                    "Use corporate or individual.",
                )
            })?),
        };
        Ok(Check {
            address: Address::parse(&check.address).ok(),
            question: Question {
                purpose: purpose.clone(),
                topic: topic.clone(),
                channel,
                stated: Stated {
                    country,
                    subscriber,
                },
                first_contact: check.first_contact,
            },
        })
    };
    request.checks.iter().enumerate().map(check).collect()
}
