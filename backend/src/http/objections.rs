//! `POST /v1/objections` and its undo, as JSON.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::Response;
use frontend::catalogue::Language;
use shared::address::Address;
use shared::entry::{Actor, Assurance, Evidence, Method, Surface};
use shared::notice::Notice;
use shared::purpose::{Channel, PurposeClass, PurposeKey, TopicKey};
use shared::rules::Rules;
use shared::scope::Scope;
use shared::time::Timestamp;

use super::body::{self, SMALL};
use super::headers::personal_json;
use super::origin::From;
use super::problem::{Code, Problem};
use super::shown::Control;
use super::wire::{ObjectionAnswer, ObjectionRequest, Undo, UndoAnswer, UndoRequest};
use super::{App, language};
use crate::mail::Kind;
use crate::recording::{Objection, Recorded, UndoError};
use crate::shelf::Shelf;
use crate::store::StoreError;

/// Bytes of an answer to an objection, about.
const ANSWER: usize = 320;

/// Records an objection, or with `until` a pause. It counts at once: the next call of the gate
/// withholds. No account, no verification, no reason; the answer is alike for every address.
#[utoipa::path(
    post, path = "/v1/objections", operation_id = "object", tag = "contacts",
    request_body = ObjectionRequest,
    responses(
        (status = 202, description = "The objection is on disk and counts", body = ObjectionAnswer),
        (status = 403, description = "The website is not configured", body = Problem),
        (status = 422, description = "A field is missing, unknown or wrong", body = Problem),
        (status = 429, description = "Too many from one client: try again after Retry-After", body = Problem),
        (status = 503, description = "Nothing was recorded", body = Problem),
    )
)]
pub(super) async fn object(
    State(app): State<App>,
    extensions: Extensions,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let from = app.origins.admit_json(&headers)?;
    app.limits.admit(&extensions, &headers)?;
    let request: ObjectionRequest = body::json(&headers, body, SMALL).await?;
    let (_, recorded) = take(&app, &request, &headers, from.method()).await?;
    let mut response = personal_json(&answer(&app, recorded), ANSWER);
    *response.status_mut() = StatusCode::ACCEPTED;
    Ok(response)
}

/// Takes back exactly the act that the token was given for, within ten minutes; nothing older.
/// Undoing twice is undoing once.
#[utoipa::path(
    post, path = "/v1/objections/undo", operation_id = "undoObjection", tag = "contacts",
    request_body = UndoRequest,
    responses(
        (status = 202, description = "The act was taken back", body = UndoAnswer),
        (status = 404, description = "The token is not known", body = Problem),
        (status = 409, description = "The ten minutes are over", body = Problem),
        (status = 503, description = "Nothing was changed", body = Problem),
    )
)]
pub(super) async fn undo(
    State(app): State<App>,
    extensions: Extensions,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<UndoAnswer>), Problem> {
    app.origins.admit_json(&headers)?;
    app.limits.admit(&extensions, &headers)?;
    let request: UndoRequest = body::json(&headers, body, SMALL).await?;
    app.recorder.undo(&request.token).await?;
    Ok((StatusCode::ACCEPTED, Json(UndoAnswer { undone: true })))
}

/// Reads and records it, and says as what it was read. The notices at hand may be older than those in
/// force: the store compares as it records, and before anything is refused they are read anew.
pub(super) async fn take(
    app: &App,
    request: &ObjectionRequest,
    headers: &HeaderMap,
    method: Method,
) -> Result<(Asked, Recorded), Problem> {
    if let Some(shelf) = app.shelf.at_hand()
        && let Ok(asked) = parse(app, &shelf, request, headers, method, Control::Objection).await
    {
        match record(app, &asked, &request.notice).await {
            Err(StoreError::Conflict) => {}
            recorded => return Ok((asked, recorded?)),
        }
    }
    let shelf = app.shelf().await?;
    let asked = parse(app, &shelf, request, headers, method, Control::Objection).await?;
    let recorded = record(app, &asked, &request.notice).await?;
    Ok((asked, recorded))
}

/// A request that was understood.
pub(super) struct Asked {
    /// Whose address.
    pub(super) address: Address,
    /// What is to be recorded.
    pub(super) objection: Objection,
    /// What else it is about, in the same act.
    further: Vec<Scope>,
}

/// Records it, and tells the holder of the address by mail where the operator wants that (EML-13).
async fn record(app: &App, asked: &Asked, notice: &str) -> Result<Recorded, StoreError> {
    let Asked {
        address,
        objection,
        further,
    } = asked;
    let at = app.world.now();
    let tell = |recorded: &Recorded| {
        if !app.tells {
            return None;
        }
        let language = Language::parse(&objection.evidence.language).unwrap_or_default();
        let kind = Kind::Objected {
            scope: objection.scope.clone(),
            until: objection.until,
            reference: recorded.reference.clone(),
            at,
        };
        Some(app.post.letter(address, language, notice, kind))
    };
    let recorder = app.recorder.about(address);
    recorder.object_telling(objection, further, tell).await
}

/// The answer to an act: alike for every address.
pub(super) fn answer(app: &App, recorded: Recorded) -> ObjectionAnswer {
    ObjectionAnswer {
        reference: recorded.reference,
        receipt: app.receipt_url(&recorded.capability),
        undo: Undo {
            token: recorded.undo_token,
            until: recorded.undo_until,
        },
    }
}

impl std::convert::From<UndoError> for Problem {
    fn from(error: UndoError) -> Self {
        match error {
            UndoError::Unknown => Self::new(
                Code::UnknownToken,
                "Send the token of the answer to the objection.",
            ),
            UndoError::TooLate => Self::new(
                Code::UndoTooLate,
                "The objection stands. Lifting it now needs proof of the address.",
            ),
            UndoError::Store(error) => error.into(),
        }
    }
}

/// What the request that was made with that control means, checked against those notices. The purpose may be left out where the
/// topic names it.
pub(super) async fn parse(
    app: &App,
    shelf: &Shelf,
    request: &ObjectionRequest,
    headers: &HeaderMap,
    method: Method,
    control: Control,
) -> Result<Asked, Problem> {
    let now = app.world.now();
    let address = Address::parse(&request.address).map_err(|error| {
        Problem::new(Code::InvalidAddress, capitalised(&error.to_string()))
            .field("address", error.to_string())
    })?;
    let notice = shelf.in_force(&request.notice).ok_or_else(|| {
        Problem::new(
            Code::UnknownNotice,
            "Name a notice that is published: see /.",
        )
        .field("notice", "is not the name of a published notice")
    })?;
    let (scope, further) = scopes(&shelf.rules, notice.structured(), request)?;
    let until = end(request.until.as_deref(), now)?;
    let shown = app.seen(shelf, request.view_token.as_deref());
    let control_text = match shown {
        Some((view, shown)) => app.control_text(control, shown, &view).await?,
        None => None,
    };
    let (surface, host_origin) = surface(app, headers, method);
    let evidence = Evidence {
        actor: Actor::DataSubject,
        assurance: Assurance::Unverified,
        surface,
        method,
        notice: Some(shown.map_or(notice.digest, |(_, shown)| shown.digest)),
        control_text,
        build: app.build.clone(),
        language: shown
            .map_or_else(|| language::of(headers, None), |(view, _)| view.language())
            .tag()
            .to_owned(),
        host_origin,
        gpc: gpc(headers),
        view_token: shown.map(|(view, _)| view.digest),
        reference: None,
    };
    let objection = Objection {
        keys: app.secrets.keys(&address),
        judged_by: Some(shelf.digest),
        scope,
        until,
        evidence,
    };
    Ok(Asked {
        address,
        objection,
        further,
    })
}

/// Where an act came from.
pub(super) fn surface(app: &App, headers: &HeaderMap, method: Method) -> (Surface, Option<String>) {
    match (app.origins.of(headers), method) {
        (From::Site(origin), _) => (Surface::Widget, Some(origin.to_owned())),
        (From::Own, Method::Script) => (Surface::Frame, None),
        (From::Nowhere, Method::Message) => (Surface::Api, None),
        _ => (Surface::NoticePage, None),
    }
}

/// The one scope that a request names, checked against the rules in force.
pub(super) fn scope(rules: &Rules, request: &ObjectionRequest) -> Result<Scope, Problem> {
    match scopes(rules, None, request)? {
        (scope, further) if further.is_empty() => Ok(scope),
        _ => Err(Problem::new(
            Code::UnknownPurpose,
            "Several purposes have this topic: name the purpose as well.",
        )),
    }
}

/// What an objection is about, checked against the rules in force: one scope, and further ones where
/// it names a topic alone that several purposes have.
fn scopes(
    rules: &Rules,
    notice: Option<&Notice>,
    request: &ObjectionRequest,
) -> Result<(Scope, Vec<Scope>), Problem> {
    let topic = match request.topic.as_deref() {
        None => None,
        Some(text) => Some(TopicKey::parse(text).map_err(|_| unknown_topic())?),
    };
    let channel = match request.channel.as_deref() {
        None => None,
        Some(text) => Some(Channel::parse(text).ok_or_else(|| {
            Problem::new(
                Code::InvalidRequest,
                "Nothing was recorded. Mend the field below.",
            )
            .field("channel", "Use email, phone, post or sms, or leave it out.")
        })?),
    };
    let (purpose, further) = match (request.purpose.as_deref(), &topic) {
        (Some(text), _) => (Some(objectionable(rules, text)?), Vec::new()),
        (None, Some(topic)) => {
            let (purpose, further) = purposes_of(rules, notice, topic)?;
            (Some(purpose), further)
        }
        (None, None) => (None, Vec::new()),
    };
    if let (Some(purpose), Some(topic)) = (&purpose, &topic)
        && !rules
            .purposes
            .get(purpose)
            .is_some_and(|rule| rule.topics.contains(topic))
    {
        return Err(unknown_topic());
    }
    let about = |purpose: Option<PurposeKey>| Scope {
        purpose,
        topic: topic.clone(),
        channel,
    };
    let further = further.into_iter().map(|purpose| about(Some(purpose)));
    Ok((about(purpose), further.collect()))
}

fn objectionable(rules: &Rules, text: &str) -> Result<PurposeKey, Problem> {
    let unknown = || {
        Problem::new(
            Code::UnknownPurpose,
            "Name a purpose of the notice, or leave it out.",
        )
        .field("purpose", "is not a purpose of a published notice")
    };
    let purpose = PurposeKey::parse(text).map_err(|_| unknown())?;
    match rules.purposes.get(&purpose).ok_or_else(unknown)?.class {
        PurposeClass::DirectMarketing => Ok(purpose),
        PurposeClass::LegitimateInterest => Err(Problem::new(
            Code::CaseNeeded,
            "Open a case at /object/case, or with POST /v1/cases: an objection to this purpose is \
             weighed by a person, who answers within a month (Art. 21(1)).",
        )),
        PurposeClass::Other => Err(Problem::new(
            Code::NotObjectable,
            "This purpose rests on a legal duty. The notice lists your other rights.",
        )),
    }
}

/// The direct-marketing purposes that a topic alone can mean: those of the notice beside which it was
/// chosen, else every one that has it, because an objection is never lost to a doubt.
fn purposes_of(
    rules: &Rules,
    notice: Option<&Notice>,
    topic: &TopicKey,
) -> Result<(PurposeKey, Vec<PurposeKey>), Problem> {
    let with_topic = rules.purposes.iter().filter(|(_, rule)| {
        rule.class == PurposeClass::DirectMarketing && rule.topics.contains(topic)
    });
    let (beside, others): (Vec<_>, Vec<_>) = with_topic
        .map(|(purpose, _)| purpose.clone())
        .partition(|purpose| notice.is_some_and(|notice| notice.purpose(purpose).is_some()));
    let meant = if beside.is_empty() { others } else { beside };
    let mut meant = meant.into_iter();
    let first = meant.next().ok_or_else(unknown_topic)?;
    Ok((first, meant.collect()))
}

fn unknown_topic() -> Problem {
    Problem::new(
        Code::UnknownTopic,
        "Name a topic of the purpose, or leave it out.",
    )
    .field("topic", "is not a topic of this purpose")
}

/// The end of a pause, which must be in the future.
pub(super) fn end(text: Option<&str>, now: Timestamp) -> Result<Option<Timestamp>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let invalid = |detail: String| {
        Problem::new(
            Code::InvalidUntil,
            "Nothing was recorded. Mend the end of the pause.",
        )
        .field("until", detail)
    };
    let end = Timestamp::parse_end(text).map_err(|error| invalid(error.to_string()))?;
    if end > now {
        Ok(Some(end))
    } else {
        Err(invalid(
            "must be in the future; leave it out to object for good".to_owned(),
        ))
    }
}

/// Whether some `Sec-GPC` header is exactly `1` (GPC-01).
pub(super) fn gpc(headers: &HeaderMap) -> bool {
    headers.get_all("sec-gpc").iter().any(|value| value == "1")
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    }) + "."
}

/// The answer to a browser that asks first; the headers say whether it may.
pub(super) async fn preflight() -> StatusCode {
    StatusCode::NO_CONTENT
}
