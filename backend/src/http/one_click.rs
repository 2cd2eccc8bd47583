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
use frontend::pages::one_click::{
    Clicked, Stopped, one_click_done_page, one_click_page, one_click_text,
};
use frontend::pages::result::undo_failed_page;
use shared::entry::{Actor, Assurance, Evidence, Method, Stay, Surface};
use shared::purpose::TopicKey;
use shared::scope::Scope;
use shared::time::Timestamp;
use std::sync::Arc;

use super::App;
use super::body::SMALL;
use super::language::{self, LanguageQuery};
use super::pages::or_problem;
use super::problem::{Code, Problem};
use crate::one_click::{OneClick, POST_BODY};
use crate::recording::{Objection, Recorded, UndoError};
use crate::shelf::Shelved;

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
        return unknown(&app, &headers);
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
        return unknown(&app, &headers);
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
                Err(UndoError::Store(error)) => Err(error.into()),
                Err(UndoError::Unknown | UndoError::TooLate) => {
                    let shelved = notice_of(app, &one.scope).await?;
                    let around = app.surroundings(language, None);
                    let notice = shelved.structured().ok_or_else(nothing_published)?;
                    Ok(Html(undo_failed_page(notice, &around)).into_response())
                }
            }
        }
        _ => shown(app, one, token, language, false).await,
    }
}

/// What was pressed: all that the link names, or a part of it.
struct Pressed {
    scopes: Vec<Scope>,
    part: bool,
    until: Option<Timestamp>,
    method: Method,
    language: Language,
}

impl Pressed {
    fn all(one: &OneClick, method: Method, language: Language) -> Self {
        Self {
            scopes: vec![one.scope.clone()],
            part: false,
            until: None,
            method,
            language,
        }
    }

    /// The chosen topics, for good or for a while; nothing when nothing was chosen.
    fn part(
        one: &OneClick,
        fields: &[(String, String)],
        now: Timestamp,
        language: Language,
    ) -> Option<Self> {
        let chosen = |wanted: &'static str| {
            let found = fields.iter().filter(move |(name, _)| name == wanted);
            found.map(|(_, value)| value.as_str())
        };
        let mut topics: Vec<TopicKey> = chosen("topic")
            .filter_map(|topic| TopicKey::parse(topic).ok())
            .collect();
        topics.sort();
        topics.dedup();
        let until = chosen("until")
            .find_map(|until| Timestamp::parse_end(until).ok())
            .filter(|until| *until > now);
        if topics.is_empty() && until.is_none() {
            return None;
        }
        let scopes = match topics.is_empty() || one.scope.topic.is_some() {
            true => vec![one.scope.clone()],
            false => topics
                .into_iter()
                .map(|topic| Scope {
                    topic: Some(topic),
                    ..one.scope.clone()
                })
                .collect(),
        };
        Some(Self {
            scopes,
            part: true,
            until,
            method: Method::Form,
            language,
        })
    }

    async fn said(
        &self,
        app: &App,
        one: &OneClick,
        token: &str,
        recorded: Option<Recorded>,
    ) -> Result<Response, Problem> {
        let shelved = notice_of(app, &one.scope).await?;
        let notice = shelved.structured().ok_or_else(nothing_published)?;
        let around = app.surroundings(self.language, None);
        let topic = |scope: &Scope| {
            let topic = scope.topic.as_ref().filter(|_| one.scope.topic.is_none())?;
            let key = format!("topic.{topic}.title");
            let text = notice.text(&key, self.language.tag());
            Some(text.map_or_else(|| topic.to_string(), |text| text.words.to_owned()))
        };
        let stopped = match recorded {
            None => Stopped::Before,
            Some(recorded) => Stopped::Now {
                reference: recorded.reference,
                undo: recorded.undo_token,
                topics: self.scopes.iter().filter_map(topic).collect(),
                until: self.until.map_or_else(String::new, |until| {
                    let last = until.plus_millis(-1).date();
                    around.words().date(last)
                }),
            },
        };
        let clicked = Clicked {
            notice,
            scope: &one.scope,
            token,
        };
        Ok(Html(one_click_done_page(&clicked, &stopped, &around)).into_response())
    }

    /// Records it, unless all of it was stopped for good before: `None` then. Presses for one
    /// address wait for each other, so that of many at once the first alone writes (UNS-07).
    async fn record(
        &self,
        app: &App,
        one: &OneClick,
        token: &str,
    ) -> Result<Option<Recorded>, Problem> {
        let keys = app.secrets.keys(&one.address);
        let _turn = app.turns.of(&keys).lock().await;
        let snapshot = app.store.look_up(std::slice::from_ref(&keys)).await?;
        let known = snapshot.known.into_iter().next().flatten();
        let stays = known
            .as_ref()
            .map(|known| known.standing.stays(app.world.now()))
            .unwrap_or_default();
        let covered = |scope: &Scope| stays.iter().any(|stay| self.adds_nothing(scope, stay));
        let left: Vec<Scope> = self
            .scopes
            .iter()
            .filter(|scope| !covered(scope))
            .cloned()
            .collect();
        let Some((first, further)) = left.split_first() else {
            tracing::info!("a one-click link was used again");
            return Ok(None);
        };
        let evidence = self.evidence(app, one, token).await?;
        let objection = Objection {
            keys,
            judged_by: None,
            scope: first.clone(),
            until: self.until,
            evidence,
        };
        let recorded = app
            .recorder
            .about(&one.address)
            .object_telling(&objection, further, |_| None)
            .await?;
        Ok(Some(recorded))
    }

    /// Whether what stays already says it. All that the link names is said by an objection to more;
    /// a part is said by its like alone, because it may stand in place of what was just stopped.
    fn adds_nothing(&self, scope: &Scope, stay: &Stay) -> bool {
        match (self.until, stay.until) {
            (None, None) if self.part => stay.scope == *scope,
            (None, None) => stay.scope.contains(scope),
            (Some(until), Some(stays)) => stay.scope == *scope && stays >= until,
            _ => false,
        }
    }

    async fn evidence(&self, app: &App, one: &OneClick, token: &str) -> Result<Evidence, Problem> {
        let shelved = notice_of(app, &one.scope).await.ok();
        let notice = shelved.as_ref().and_then(|shelved| shelved.structured());
        // A mail provider that presses shows nothing of ours.
        let control_text = match (notice, self.method) {
            (Some(notice), Method::Form) => {
                let clicked = Clicked {
                    notice,
                    scope: &one.scope,
                    token,
                };
                let around = app.surroundings(self.language, None);
                let text = one_click_text(&clicked, &around);
                Some(app.recorder.keep_text(text).await?)
            }
            _ => None,
        };
        Ok(Evidence {
            actor: Actor::DataSubject,
            assurance: Assurance::OneClickToken,
            surface: Surface::OneClick,
            method: self.method,
            notice: shelved.map(|shelved| shelved.digest),
            control_text,
            build: app.build.clone(),
            language: self.language.tag().to_owned(),
            host_origin: None,
            gpc: false,
            view_token: None,
            reference: one.reference(),
        })
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
    let shelf = app.shelf().await?;
    let has = |shelved: &&Arc<Shelved>| {
        let notice = shelved.structured();
        scope
            .purpose
            .as_ref()
            .is_some_and(|purpose| notice.is_some_and(|notice| notice.purpose(purpose).is_some()))
    };
    shelf
        .all_in_force()
        .find(has)
        .or_else(|| shelf.all_in_force().find(|one| one.structured().is_some()))
        .cloned()
        .ok_or_else(nothing_published)
}

fn nothing_published() -> Problem {
    Problem::new(Code::NotFound, "No notice is published here yet.")
}

/// The same bytes for a token that is forged, cut, or of a key that is gone (UNS-08).
fn unknown(app: &App, headers: &HeaderMap) -> Response {
    let problem = Problem::new(
        Code::NotFound,
        "Use the link exactly as the message has it.",
    );
    or_problem(app, headers, &problem)
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
