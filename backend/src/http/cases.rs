//! Objections that a person weighs, and complaints: `POST /v1/cases`, and the same as plain forms.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse as _, Response};
use frontend::catalogue::Language;
use frontend::pages::case::{Filled, Form, Wrong, case_done_page, case_page};
use serde::Deserialize;
use shared::address::Address;
use shared::entry::{Actor, Assurance, Evidence, Method};
use shared::purpose::{PurposeClass, PurposeKey};

use super::App;
use super::body::{self, SMALL};
use super::language::{self, LanguageQuery};
use super::objections::{gpc, surface};
use super::pages::problem_page;
use super::posted::Posted;
use super::problem::{Code, Problem};
use super::wire::cases::{CaseAnswer, CaseRequest};
use crate::cases::{Asked, LONGEST, Opened};
use crate::shelf::{Shelf, Shelved};
use crate::store::cases::CaseKind;

/// Opens a case: an objection that a person weighs, answered within a month (Art. 21(1)), or a
/// complaint, acknowledged within 30 days.
#[utoipa::path(
    post, path = "/v1/cases", operation_id = "openCase", tag = "contacts",
    request_body = CaseRequest,
    params(("lang" = Option<String>, Query, description = "The language of the answers")),
    responses(
        (status = 202, description = "The case is on disk", body = CaseAnswer),
        (status = 403, description = "The website is not configured", body = Problem),
        (status = 422, description = "A field is missing, unknown or wrong", body = Problem),
        (status = 429, description = "Too many from one client: try again after Retry-After", body = Problem),
        (status = 503, description = "Nothing was recorded", body = Problem),
    )
)]
pub(super) async fn open(
    State(app): State<App>,
    query: LanguageQuery,
    extensions: Extensions,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<CaseAnswer>), Problem> {
    let from = app.origins.admit_json(&headers)?;
    app.limits.admit(&extensions, &headers)?;
    let request: CaseRequest = body::json(&headers, body, SMALL).await?;
    let kind = CaseKind::parse(&request.kind).ok_or_else(|| {
        let says = "Nothing was recorded. Mend the field below.";
        Problem::new(Code::InvalidRequest, says).field("kind", "Use objection or complaint.")
    })?;
    let shelf = app.shelf().await?;
    let shelved = in_force(&shelf, &request.notice)?;
    let filled = Filled {
        address: request.address,
        purpose: request.purpose.unwrap_or_default(),
        text: request.text,
    };
    let spoken = language::of(&headers, query.lang.as_deref());
    let token = request.view_token.as_deref();
    let shown = token.and_then(|token| app.secrets.view.language(token));
    let asked = Door {
        app: &app,
        headers: &headers,
        shelf: &shelf,
        shelved,
        language: shown.unwrap_or(spoken),
        method: from.method(),
        view_token: token,
    }
    .asked(kind, &filled)
    .map_err(|wrong| problem(&wrong))?;
    let Opened { reference, by } = app.desk.open(&asked).await?;
    Ok((StatusCode::ACCEPTED, Json(CaseAnswer { reference, by })))
}

/// `GET /object/case`.
pub(super) async fn objection_form(app: State<App>, uri: Uri, headers: HeaderMap) -> Response {
    form(app, Form::Objection, &uri, &headers).await
}

/// `GET /complain`.
pub(super) async fn complaint_form(app: State<App>, uri: Uri, headers: HeaderMap) -> Response {
    form(app, Form::Complaint, &uri, &headers).await
}

/// `POST /object/case`.
pub(super) async fn object(
    app: State<App>,
    extensions: Extensions,
    headers: HeaderMap,
    posted: Posted<CaseForm>,
) -> Response {
    sent(app, Form::Objection, &extensions, &headers, posted).await
}

/// `POST /complain`.
pub(super) async fn complain(
    app: State<App>,
    extensions: Extensions,
    headers: HeaderMap,
    posted: Posted<CaseForm>,
) -> Response {
    sent(app, Form::Complaint, &extensions, &headers, posted).await
}

/// The form as the page sends it, and what its address may name. An empty field is one that was
/// left out.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CaseForm {
    address: String,
    notice: String,
    purpose: String,
    text: String,
    view_token: String,
    lang: String,
}

async fn form(State(app): State<App>, form: Form, uri: &Uri, headers: &HeaderMap) -> Response {
    let query = uri.query().unwrap_or_default();
    let asked: CaseForm = serde_urlencoded::from_str(query).unwrap_or_default();
    let language = language::of(headers, Some(asked.lang.as_str()));
    let shelf = match app.shelf().await {
        Ok(shelf) => shelf,
        Err(problem) => return problem_page(&app, language, &problem),
    };
    let named = Some(asked.notice.as_str()).filter(|name| !name.is_empty());
    let found = match named {
        Some(name) => in_force(&shelf, name),
        // A link without a notice still leads to a form.
        None => shelf
            .all_in_force()
            .find(|shelved| shelved.structured().is_some())
            .map(|shelved| &**shelved)
            .ok_or_else(unknown_notice),
    };
    match found {
        Ok(shelved) => {
            // Nothing that is typed comes back from an address.
            let filled = Filled {
                purpose: asked.purpose,
                ..Filled::default()
            };
            page(&app, form, shelved, &filled, &[], language)
        }
        Err(problem) => problem_page(&app, language, &problem),
    }
}

async fn sent(
    State(app): State<App>,
    form: Form,
    extensions: &Extensions,
    headers: &HeaderMap,
    Posted {
        form: asked,
        language,
        sent,
    }: Posted<CaseForm>,
) -> Response {
    let answer = async {
        app.limits.admit(extensions, headers)?;
        let shelf = app.shelf().await?;
        let shelved = in_force(&shelf, &asked.notice)?;
        let kind = match form {
            Form::Objection => CaseKind::Objection,
            Form::Complaint => CaseKind::Complaint,
        };
        let filled = Filled {
            address: asked.address.clone(),
            purpose: asked.purpose.clone(),
            text: asked.text.clone(),
        };
        let door = Door {
            app: &app,
            headers,
            shelf: &shelf,
            shelved,
            language,
            method: Method::Form,
            view_token: Some(&asked.view_token),
        };
        match door.asked(kind, &filled) {
            Ok(asked) => {
                let opened = app.desk.open(&asked).await?;
                Ok(done(&app, form, shelved, &opened, language))
            }
            Err(wrong) => Ok(page(&app, form, shelved, &filled, &wrong, language)),
        }
    };
    match answer.await {
        Ok(response) => response,
        Err(problem) => sent.refused(&app, &problem).await,
    }
}

/// The form for an objection that has to be weighed, for somebody who pressed the other button.
pub(super) fn instead(
    app: &App,
    shelved: &Shelved,
    address: &str,
    purpose: &str,
    language: Language,
) -> Response {
    let filled = Filled {
        address: address.to_owned(),
        purpose: purpose.to_owned(),
        text: String::new(),
    };
    page(
        app,
        Form::Objection,
        shelved,
        &filled,
        &[Wrong::NoText],
        language,
    )
}

/// Where somebody asks, and what is known there beside what they wrote.
struct Door<'a> {
    app: &'a App,
    headers: &'a HeaderMap,
    shelf: &'a Shelf,
    shelved: &'a Shelved,
    language: Language,
    method: Method,
    view_token: Option<&'a str>,
}

impl Door<'_> {
    /// What is asked for, or everything that is wrong with what was written.
    fn asked(&self, kind: CaseKind, filled: &Filled) -> Result<Asked, Vec<Wrong>> {
        let mut wrong = Vec::new();
        let purpose = match kind {
            CaseKind::Complaint => None,
            CaseKind::Objection => {
                let purpose = PurposeKey::parse(&filled.purpose).ok().filter(|purpose| {
                    let rule = self.shelf.rules.purposes.get(purpose);
                    rule.is_some_and(|rule| rule.class == PurposeClass::LegitimateInterest)
                });
                if purpose.is_none() {
                    wrong.push(Wrong::NoPurpose);
                }
                purpose
            }
        };
        let text = filled.text.trim();
        if text.is_empty() {
            wrong.push(Wrong::NoText);
        } else if text.chars().count() > LONGEST {
            wrong.push(Wrong::LongText);
        }
        let address = Address::parse(&filled.address);
        let Ok(address) = address else {
            wrong.push(match filled.address.trim().is_empty() {
                true => Wrong::NoAddress,
                false => Wrong::BadAddress,
            });
            return Err(wrong);
        };
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let shown = self.app.seen(self.shelf, self.view_token);
        let (surface, host_origin) = surface(self.app, self.headers, self.method);
        Ok(Asked {
            kind,
            address,
            language: self.language,
            notice: self.shelved.notice.clone(),
            purpose,
            text: text.to_owned(),
            evidence: Evidence {
                actor: Actor::DataSubject,
                assurance: Assurance::Unverified,
                surface,
                method: self.method,
                notice: Some(shown.map_or(self.shelved.digest, |(_, shown)| shown.digest)),
                control_text: None,
                build: self.app.build.clone(),
                language: self.language.tag().to_owned(),
                host_origin,
                gpc: gpc(self.headers),
                view_token: shown.map(|(view, _)| view.digest),
                reference: None,
            },
        })
    }
}

fn in_force<'a>(shelf: &'a Shelf, notice: &str) -> Result<&'a Shelved, Problem> {
    shelf
        .in_force(notice)
        .filter(|shelved| shelved.structured().is_some())
        .map(|shelved| &**shelved)
        .ok_or_else(unknown_notice)
}

fn unknown_notice() -> Problem {
    Problem::new(
        Code::UnknownNotice,
        "Name a notice that is published: see /.",
    )
    .field("notice", "is not the name of a published notice")
}

fn problem(wrong: &[Wrong]) -> Problem {
    let first = match wrong.first() {
        Some(Wrong::NoAddress | Wrong::BadAddress) => Code::InvalidAddress,
        Some(Wrong::NoPurpose) => Code::UnknownPurpose,
        _ => Code::InvalidRequest,
    };
    let field = |problem: Problem, wrong: &Wrong| match wrong {
        Wrong::NoPurpose => problem.field(
            "purpose",
            "Name a purpose that rests on a legitimate interest and is not direct marketing.",
        ),
        Wrong::NoAddress | Wrong::BadAddress => problem.field("address", "is no e-mail address"),
        Wrong::NoText => problem.field("text", "Say what this is about."),
        Wrong::LongText => problem.field("text", format!("Use at most {LONGEST} characters.")),
    };
    let problem = Problem::new(first, "Nothing was recorded. Mend the fields below.");
    wrong.iter().fold(problem, field)
}

fn page(
    app: &App,
    form: Form,
    shelved: &Shelved,
    filled: &Filled,
    wrong: &[Wrong],
    language: Language,
) -> Response {
    let around = app.surroundings(language, Some(shelved));
    let html = shelved.structured().map_or_else(String::new, |notice| {
        case_page(form, notice, filled, wrong, LONGEST, &around)
    });
    let status = match wrong {
        [] => StatusCode::OK,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    kept_nowhere((status, Html(html)).into_response())
}

fn done(app: &App, form: Form, shelved: &Shelved, opened: &Opened, language: Language) -> Response {
    let around = app.surroundings(language, Some(shelved));
    let by = opened.by.last_day();
    let html = shelved.structured().map_or_else(String::new, |notice| {
        case_done_page(form, notice, &opened.reference, by, &around)
    });
    kept_nowhere(Html(html).into_response())
}

fn kept_nowhere(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
