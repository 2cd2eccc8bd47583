//! `POST /v1/objections` and its undo, as JSON.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::Response;
use frontend::catalogue::Language;
use shared::address::Address;
use shared::entry::{Actor, Assurance, Evidence, Method, Surface};
use shared::scope::Scope;
use shared::time::Timestamp;

use super::App;
use super::body::{self, SMALL};
use super::headers::personal_json;
use super::language::{self, LanguageQuery};
use super::origin::From;
use super::problem::{Code, Problem};
use super::shown::Control;
use super::wire::{ObjectionAnswer, ObjectionRequest, Undo, UndoAnswer, UndoRequest};
use crate::mail::Kind;
use crate::recording::{Objection, Recorded, UndoError};
use crate::shelf::Shelf;
use crate::store::StoreError;
use about::{as_said, in_force};

pub(super) mod about;

/// Bytes of an answer to an objection, about.
const ANSWER: usize = 320;

/// Records an objection, or with `until` a pause. It counts at once: the next call of the gate
/// withholds. No account, no verification, no reason; the answer is alike for every address.
#[utoipa::path(
    post, path = "/v1/objections", operation_id = "object", tag = "contacts",
    request_body = ObjectionRequest,
    params(("lang" = Option<String>, Query, description = "The language of what was shown, where no view token says it")),
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
    query: LanguageQuery,
    extensions: Extensions,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let from = app.origins.admit_json(&headers)?;
    app.limits.admit(&extensions, &headers)?;
    let request: ObjectionRequest = body::json(&headers, body, SMALL).await?;
    let spoken = language::of(&headers, query.lang.as_deref());
    let (_, recorded) = take(&app, &request, &headers, from.method(), spoken).await?;
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
/// force: the store compares as it records, and before anything is refused they are read anew. `spoken` is
/// the language of the page, as the page says.
pub(super) async fn take(
    app: &App,
    request: &ObjectionRequest,
    headers: &HeaderMap,
    method: Method,
    spoken: Language,
) -> Result<(Asked, Recorded), Problem> {
    let control = Control::Objection;
    if let Some(shelf) = app.shelf.at_hand()
        && let Ok(asked) = parse(app, &shelf, request, headers, method, spoken, control).await
    {
        match record(app, &asked, &request.notice).await {
            Err(StoreError::Conflict) => {}
            recorded => return Ok((asked, recorded?)),
        }
    }
    let shelf = app.shelf().await?;
    let asked = parse(app, &shelf, request, headers, method, spoken, control).await?;
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
            further: further.clone(),
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

/// What the request that was made with that control means, checked against those notices. The purpose
/// may be left out where the topic names it. A consent is for what is in force alone.
pub(super) async fn parse(
    app: &App,
    shelf: &Shelf,
    request: &ObjectionRequest,
    headers: &HeaderMap,
    method: Method,
    spoken: Language,
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
    let shown = app.seen(shelf, request.view_token.as_deref());
    let beside = notice.structured();
    let (scope, further) = match control {
        Control::Objection => {
            let shown = shown.and_then(|(_, shown)| shown.structured());
            as_said(shelf, shown, beside, request)?
        }
        Control::Consent => in_force(&shelf.rules, beside, request)?,
    };
    let until = end(request.until.as_deref(), now)?;
    let control_text = match shown {
        Some((view, shown)) => app.control_text(control, shown, &view).await?,
        None => None,
    };
    // A token that is too old to prove what was shown still says in which language.
    let token = request.view_token.as_deref();
    let language = token.and_then(|token| app.secrets.view.language(token));
    let language = language.unwrap_or(spoken);
    let (surface, host_origin) = surface(app, headers, method);
    let evidence = Evidence {
        actor: Actor::DataSubject,
        assurance: Assurance::Unverified,
        surface,
        method,
        notice: Some(shown.map_or(notice.digest, |(_, shown)| shown.digest)),
        control_text,
        build: app.build.clone(),
        language: language.tag().to_owned(),
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
