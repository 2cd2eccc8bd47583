//! `/u/{token}`: the unsubscribe link of a message. A GET shows a page; a POST of the exact pair is
//! RFC 8058; the page's own buttons post other fields and are answered with pages.
//!
//! Cookies, `Origin` and every other header are passed over (UNS-05), and a good token is not
//! limited: it stops what it names once, and a repeat writes nothing.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest as _, Multipart, Request, State};
use axum::http::{Extensions, HeaderMap, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse as _, Response};
use frontend::catalogue::Language;
use frontend::pages::one_click::{Clicked, one_click_page};
use frontend::pages::result::undo_failed_page;
use shared::entry::Method;
use shared::scope::Scope;
use std::sync::Arc;

use self::pressed::Pressed;
use super::App;
use super::body::SMALL;
use super::language::{self, LanguageQuery};
use super::pages::{broken_link_page, or_problem, wants_page};
use super::problem::{Code, Problem};
use crate::one_click::{OneClick, POST_BODY};
use crate::recording::UndoError;
use crate::shelf::{Shelf, Shelved};

mod pressed;

/// What a mail provider reads.
const STOPPED: &str = "Unsubscribed.\n";

/// `GET /u/{token}`.
pub(super) async fn page(
    State(app): State<App>,
    uri: Uri,
    query: LanguageQuery,
    headers: HeaderMap,
) -> Response {
    let language = language::of(&headers, query.lang.as_deref());
    let token = token(&uri);
    let Some(one) = OneClick::open(token, &app.secrets) else {
        return unknown(&app, &headers, language).await;
    };
    shown(&app, &one, token, language, false)
        .await
        .unwrap_or_else(|problem| or_problem(&app, &headers, &problem))
}

/// `POST /u/{token}`.
pub(super) async fn stop(State(app): State<App>, uri: Uri, request: Request) -> Response {
    let (headers, extensions) = (request.headers().clone(), request.extensions().clone());
    let token = token(&uri);
    let Some(one) = OneClick::open(token, &app.secrets) else {
        return unknown(&app, &headers, language::of(&headers, None)).await;
    };
    let fields = fields(request).await;
    answer(&app, &one, token, &fields, (&headers, &extensions))
        .await
        .unwrap_or_else(|problem| or_problem(&app, &headers, &problem))
}

/// The token as it stands in the path; a good one needs no decoding.
fn token(uri: &Uri) -> &str {
    uri.path().rsplit('/').next().unwrap_or_default()
}

async fn answer(
    app: &App,
    one: &OneClick,
    token: &str,
    fields: &[(String, String)],
    (headers, extensions): (&HeaderMap, &Extensions),
) -> Result<Response, Problem> {
    if let [(name, value)] = fields
        && (name.as_str(), value.as_str()) == POST_BODY
    {
        let pressed = Pressed::all(one, Method::OneClickPost, Language::default());
        pressed.record(app, one, token).await?;
        return Ok((StatusCode::OK, STOPPED).into_response());
    }
    let field = |wanted: &str| {
        let mut found = fields.iter().filter(|(name, _)| name == wanted);
        found.next().map(|(_, value)| value.as_str())
    };
    let language = language::of(headers, field("lang"));
    match field("stop") {
        Some("all") => {
            let pressed = Pressed::all(one, Method::Form, language);
            let recorded = pressed.record(app, one, token).await?;
            pressed.said(app, one, token, recorded).await
        }
        Some("part") => {
            let Some(pressed) = Pressed::part(one, fields, app.world.now(), language) else {
                return shown(app, one, token, language, true).await;
            };
            app.limits.admit(extensions, headers)?;
            let recorded = pressed.record(app, one, token).await?;
            let instead = field("instead").filter(|_| recorded.is_some());
            let response = pressed.said(app, one, token, recorded).await?;
            let Some(instead) = instead else {
                return Ok(response);
            };
            match app.recorder.undo(instead).await {
                Ok(()) => Ok(response),
                // The part is recorded: no failure from here on may say that nothing was.
                Err(error) => {
                    if let UndoError::Store(error) = error {
                        let _logged = Problem::from(error);
                    }
                    let shelved = notice_to_answer(app, &one.scope).await.ok();
                    let Some(notice) = shelved.as_ref().and_then(|shelved| shelved.structured())
                    else {
                        return Ok(response);
                    };
                    let around = app.surroundings(language, None);
                    Ok(Html(undo_failed_page(notice, &around)).into_response())
                }
            }
        }
        _ => shown(app, one, token, language, false).await,
    }
}

async fn shown(
    app: &App,
    one: &OneClick,
    token: &str,
    language: Language,
    wrong: bool,
) -> Result<Response, Problem> {
    let shelved = notice_of(app, &one.scope).await?;
    let clicked = Clicked {
        notice: shelved.structured().ok_or_else(nothing_published)?,
        scope: &one.scope,
        token,
    };
    let around = app.surroundings(language, None);
    Ok(Html(one_click_page(&clicked, wrong, &around)).into_response())
}

/// The notice whose purpose it is; the first in force when none has it any more.
async fn notice_of(app: &App, scope: &Scope) -> Result<Arc<Shelved>, Problem> {
    notice_in(&*app.shelf().await?, scope)
}

/// The same for the answer to what is recorded already: where the notices cannot be read, as they
/// were when they were read last.
async fn notice_to_answer(app: &App, scope: &Scope) -> Result<Arc<Shelved>, Problem> {
    match app.shelf().await {
        Ok(shelf) => notice_in(&shelf, scope),
        Err(problem) => notice_in(&*app.shelf.at_hand().ok_or(problem)?, scope),
    }
}

fn notice_in(shelf: &Shelf, scope: &Scope) -> Result<Arc<Shelved>, Problem> {
    let stating = scope.purpose.as_ref();
    stating
        .and_then(|purpose| shelf.stating(purpose))
        .or_else(|| shelf.structured_in_force().next())
        .map(|(shelved, _)| Arc::clone(shelved))
        .ok_or_else(nothing_published)
}

fn nothing_published() -> Problem {
    Problem::new(Code::NotFound, "No notice is published here yet.")
}

/// The same bytes for a token that is forged, cut, or of a key that is gone (UNS-08).
async fn unknown(app: &App, headers: &HeaderMap, language: Language) -> Response {
    if wants_page(headers) {
        return broken_link_page(app, language).await;
    }
    let problem = Problem::new(
        Code::NotFound,
        "Use the link exactly as the message has it.",
    );
    problem.into_response()
}

/// The fields of a form in either encoding; none when it cannot be read.
async fn fields(request: Request) -> Vec<(String, String)> {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, SMALL).await else {
        return Vec::new();
    };
    let kind = parts.headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|value| value.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim();
    if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return serde_urlencoded::from_bytes(&bytes).unwrap_or_default();
    }
    if !kind.eq_ignore_ascii_case("multipart/form-data") {
        return Vec::new();
    }
    let request = Request::from_parts(parts, Body::from(bytes));
    let mut fields = Vec::new();
    let Ok(mut form) = Multipart::from_request(request, &()).await else {
        return fields;
    };
    loop {
        match form.next_field().await {
            Ok(Some(field)) => {
                let name = field.name().unwrap_or_default().to_owned();
                let Ok(value) = field.text().await else {
                    return Vec::new();
                };
                fields.push((name, value));
            }
            Ok(None) => return fields,
            Err(_) => return Vec::new(),
        }
    }
}
