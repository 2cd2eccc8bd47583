//! The same acts as plain forms, with pages as answers: nothing here needs a script.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use frontend::catalogue::Language;
use frontend::pages::result::{
    Done, Fault, done_page, invalid_page, undo_failed_page, undone_page,
};
use frontend::panel::Typed;
use serde::Deserialize;
use shared::entry::Method;
use shared::notice::Notice;
use shared::scope::Scope;

use super::objections;
use super::own::title;
use super::posted::{Posted, Sent, given};
use super::problem::{Code, Problem};
use super::wire::{ObjectionAnswer, ObjectionRequest};
use super::{App, cases};
use crate::recording::{Objection, UndoError};
use crate::shelf::Shelved;

/// The form as the page sends it. An empty field is one that was left out.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ObjectForm {
    address: String,
    notice: String,
    purpose: String,
    topic: String,
    channel: String,
    until: String,
    view_token: String,
}

/// The undo button of the answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct UndoForm {
    token: String,
    notice: String,
}

/// `GET /object`: where the form stands, which is a notice's page; the start page where several have one.
pub(super) async fn form(State(app): State<App>, uri: Uri) -> Response {
    let shelf = app.shelf().await;
    let notices = shelf.iter().flat_map(|shelf| shelf.structured_in_force());
    let mut notices = notices.filter(|(_, notice)| notice.direct_marketing().next().is_some());
    let query = uri
        .query()
        .map_or_else(String::new, |query| format!("?{query}"));
    let place = match (notices.next(), notices.next()) {
        (Some((_, notice)), None) => format!("/notices/{}{query}#object", notice.key),
        _ => format!("/{query}"),
    };
    Redirect::to(&place).into_response()
}

/// `POST /object`.
pub(super) async fn object(
    State(app): State<App>,
    extensions: Extensions,
    headers: HeaderMap,
    Posted {
        form,
        language,
        sent,
    }: Posted<ObjectForm>,
) -> Response {
    let shelved = match in_force(&app, &form.notice).await {
        Ok(shelved) => shelved,
        Err(problem) if problem.code() == Code::UnknownNotice => {
            return match any_in_force(&app).await {
                Ok(shelved) => refused(&app, &shelved, &form, &sent, language, &problem).await,
                Err(problem) => sent.refused(&app, &problem).await,
            };
        }
        Err(problem) => return sent.refused(&app, &problem).await,
    };
    match record(&app, &extensions, &headers, &form, language).await {
        Ok((answer, objection)) => {
            let done = Done {
                topic: topic(&app, &shelved, &objection.scope, language),
                reference: answer.reference,
                receipt: answer.receipt,
                undo_token: answer.undo.token,
                until: objection.until,
            };
            page(
                &app,
                &shelved,
                StatusCode::OK,
                language,
                |notice, around| done_page(notice, done, around),
            )
        }
        Err(problem) => refused(&app, &shelved, &form, &sent, language, &problem).await,
    }
}

/// Records it: the answer, and what was recorded.
async fn record(
    app: &App,
    extensions: &Extensions,
    headers: &HeaderMap,
    form: &ObjectForm,
    language: Language,
) -> Result<(ObjectionAnswer, Objection), Problem> {
    app.limits.admit(extensions, headers)?;
    let optional = |text: &str| given(text).map(str::to_owned);
    let request = ObjectionRequest {
        address: form.address.clone(),
        notice: form.notice.clone(),
        purpose: optional(&form.purpose),
        topic: optional(&form.topic),
        channel: optional(&form.channel),
        until: optional(&form.until),
        view_token: optional(&form.view_token),
    };
    let (asked, recorded) =
        objections::take(app, &request, headers, Method::Form, language).await?;
    Ok((objections::answer(app, recorded), asked.objection))
}

/// The topic in words, which the notice in force may not have any more; empty where none was named.
fn topic(app: &App, shelved: &Shelved, scope: &Scope, language: Language) -> String {
    let Some(topic) = &scope.topic else {
        return String::new();
    };
    let everywhere = Scope {
        channel: None,
        ..scope.clone()
    };
    let around = app.surroundings(language, None);
    let shown = shelved.structured();
    // It is recorded, whatever can be read after it.
    app.shelf.at_hand().map_or_else(
        || topic.to_string(),
        |shelf| title(&shelf, shown, &everywhere, &around),
    )
}

async fn refused(
    app: &App,
    shelved: &Shelved,
    form: &ObjectForm,
    sent: &Sent,
    language: Language,
    problem: &Problem,
) -> Response {
    let status = problem.code().status();
    let typed = typed(form);
    match problem.code() {
        Code::InvalidAddress => {
            let missing = form.address.trim().is_empty();
            let fault = if missing {
                Fault::Missing
            } else {
                Fault::Malformed
            };
            page(app, shelved, status, language, |notice, around| {
                invalid_page(notice, typed, fault, around)
            })
        }
        Code::CaseNeeded => {
            let purpose = form.purpose.trim();
            cases::instead(app, shelved, &form.address, purpose, language)
        }
        // Whatever is wrong with the rest, nobody has to type the address again.
        _ if status == StatusCode::UNPROCESSABLE_ENTITY => {
            let fault = match problem.code() {
                Code::InvalidUntil => Fault::End,
                Code::NotObjectable => Fault::LegalDuty,
                _ => Fault::Gone,
            };
            page(app, shelved, status, language, |notice, around| {
                invalid_page(notice, typed, fault, around)
            })
        }
        _ => sent.refused(app, problem).await,
    }
}

/// `POST /object/undo`.
pub(super) async fn undo(
    State(app): State<App>,
    extensions: Extensions,
    headers: HeaderMap,
    Posted {
        form,
        language,
        sent,
    }: Posted<UndoForm>,
) -> Response {
    let shelved = match in_force(&app, &form.notice).await {
        Ok(shelved) => shelved,
        Err(problem) => return sent.refused(&app, &problem).await,
    };
    if let Err(problem) = app.limits.admit(&extensions, &headers) {
        return sent.refused(&app, &problem).await;
    }
    match app.recorder.undo(&form.token).await {
        Ok(()) => page(&app, &shelved, StatusCode::OK, language, undone_page),
        Err(UndoError::Store(error)) => sent.refused(&app, &error.into()).await,
        Err(error) => {
            let status = Problem::from(error).code().status();
            page(&app, &shelved, status, language, undo_failed_page)
        }
    }
}

async fn in_force(app: &App, notice: &str) -> Result<Arc<Shelved>, Problem> {
    let shelf = app.shelf().await?;
    shelf
        .in_force(notice)
        .filter(|shelved| shelved.structured().is_some())
        .cloned()
        .ok_or_else(unknown_notice)
}

async fn any_in_force(app: &App) -> Result<Arc<Shelved>, Problem> {
    let shelf = app.shelf().await?;
    let first = shelf.structured_in_force().next();
    first
        .map(|(shelved, _)| Arc::clone(shelved))
        .ok_or_else(unknown_notice)
}

fn unknown_notice() -> Problem {
    Problem::new(Code::UnknownNotice, "Name a notice that is published.")
}

fn page(
    app: &App,
    shelved: &Shelved,
    status: StatusCode,
    language: Language,
    render: impl FnOnce(&Notice, &frontend::surroundings::Surroundings) -> String,
) -> Response {
    let around = app.surroundings(language, Some(shelved));
    let html = shelved
        .structured()
        .map_or_else(String::new, |notice| render(notice, &around));
    let mut response = (status, Html(html)).into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn typed(form: &ObjectForm) -> Typed {
    Typed {
        address: form.address.clone(),
        topic: form.topic.clone(),
        until: form.until.clone(),
    }
}
