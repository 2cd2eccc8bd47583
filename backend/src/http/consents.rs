//! Asking for consent: recorded as asked for, and mailed. It is given when the mail is confirmed.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse as _, Response};
use frontend::catalogue::Language;
use frontend::pages::consent::{Opening, Request, ask_again_page, asked_page};
use serde::Deserialize;
use shared::entry::Method;

use super::body::{self, SMALL};
use super::choices::consent_scope;
use super::confirm::gone;
use super::language::{self, LanguageQuery};
use super::objections::Asked;
use super::pages::problem_page;
use super::posted::{Posted, given};
use super::problem::{Code, Problem};
use super::shown::Control;
use super::wire::ObjectionRequest;
use super::wire::own::{ConsentAsked, ConsentRequest};
use super::{App, objections};
use crate::links::Held;
use crate::mail::Kind;
use crate::recording::{Choice, ChoiceDeed, about};
use crate::store::links::LinkPurpose;

/// How long a consent can be confirmed; then the request is over (EML-09).
const CONFIRM_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// Asks for consent: a mail asks its receiver to confirm it. Until then nothing changes. The answer
/// is alike for every address.
#[utoipa::path(
    post, path = "/v1/consents", operation_id = "askForConsent", tag = "contacts",
    request_body = ConsentRequest,
    params(("lang" = Option<String>, Query, description = "The language of what was shown, where no view token says it")),
    responses(
        (status = 202, description = "If the address can receive mail, a letter asks to confirm", body = ConsentAsked),
        (status = 403, description = "The website is not configured", body = Problem),
        (status = 422, description = "A field is missing, unknown or wrong, or the notice asks for no such consent", body = Problem),
        (status = 429, description = "Too many from one client: try again after Retry-After", body = Problem),
        (status = 503, description = "Nothing was recorded", body = Problem),
    )
)]
pub(super) async fn ask(
    State(app): State<App>,
    query: LanguageQuery,
    extensions: Extensions,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<ConsentAsked>), Problem> {
    let from = app.origins.admit_json(&headers)?;
    app.limits.admit_letter(&extensions, &headers)?;
    let request: ConsentRequest = body::json(&headers, body, SMALL).await?;
    let spoken = language::of(&headers, query.lang.as_deref());
    request_consent(&app, request, &headers, from.method(), spoken).await?;
    Ok((StatusCode::ACCEPTED, Json(ConsentAsked {})))
}

async fn request_consent(
    app: &App,
    request: ConsentRequest,
    headers: &HeaderMap,
    method: Method,
    spoken: Language,
) -> Result<(), Problem> {
    let request = ObjectionRequest {
        address: request.address,
        notice: request.notice,
        purpose: Some(request.purpose),
        topic: request.topic,
        channel: Some(request.channel),
        until: None,
        view_token: request.view_token,
    };
    let shelf = app.shelf().await?;
    let Asked {
        address,
        objection: parsed,
        ..
    } = objections::parse(
        app,
        &shelf,
        &request,
        headers,
        method,
        spoken,
        Control::Consent,
    )
    .await?;
    consent_scope(&shelf.rules, &parsed.scope)?;
    let subject = app.recorder.subject_of(&parsed.keys).await?;
    let language = Language::parse(&parsed.evidence.language).unwrap_or_default();
    let held = Held {
        address: address.reveal().to_owned(),
        language: language.tag().to_owned(),
        notice: request.notice,
        scope: Some(parsed.scope.clone()),
        version: parsed.evidence.notice,
    };
    let minted = app.minter.mint(
        LinkPurpose::Consent,
        &address,
        about(&parsed.scope),
        CONFIRM_MS,
        &held,
    );
    let kind = Kind::Confirm {
        token: minted.token,
        code: minted.code,
        until: minted.until,
        scope: parsed.scope.clone(),
    };
    let letter = app.post.letter(&address, language, &held.notice, kind);
    let choice = Choice {
        keys: parsed.keys,
        subject,
        deed: ChoiceDeed::Give,
        scope: parsed.scope,
        evidence: parsed.evidence,
    };
    app.recorder
        .request_consent(&choice, minted.link, letter)
        .await?;
    Ok(())
}

/// The consent form as a page sends it. An empty field is one that was left out.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ConsentForm {
    address: String,
    notice: String,
    purpose: String,
    topic: String,
    channel: String,
    view_token: String,
    lang: String,
}

/// `POST /consent`.
pub(super) async fn ask_form(
    State(app): State<App>,
    extensions: Extensions,
    headers: HeaderMap,
    Posted {
        form,
        language,
        sent,
    }: Posted<ConsentForm>,
) -> Response {
    let optional = |text: &str| given(text).map(str::to_owned);
    let request = ConsentRequest {
        address: form.address.clone(),
        notice: form.notice.clone(),
        purpose: form.purpose.clone(),
        topic: optional(&form.topic),
        channel: form.channel.clone(),
        view_token: optional(&form.view_token),
    };
    let asked = async {
        app.limits.admit_letter(&extensions, &headers)?;
        request_consent(&app, request, &headers, Method::Form, language).await
    };
    match asked.await {
        Ok(()) => said(&app, StatusCode::ACCEPTED, &form, language, None).await,
        Err(problem) if problem.code() == Code::InvalidAddress => {
            let fault = match form.address.trim().is_empty() {
                true => Opening::Missing,
                false => Opening::Malformed,
            };
            said(&app, problem.code().status(), &form, language, Some(fault)).await
        }
        Err(problem) => match problem.code() {
            // The page was open while the notice stopped asking.
            Code::NoConsentAsked | Code::UnknownPurpose | Code::UnknownTopic => {
                gone(&app, language, &form.notice, problem.code().status()).await
            }
            _ => sent.refused(&app, &problem).await,
        },
    }
}

async fn said(
    app: &App,
    status: StatusCode,
    form: &ConsentForm,
    language: Language,
    fault: Option<Opening>,
) -> Response {
    let shelf = match app.shelf().await {
        Ok(shelf) => shelf,
        Err(problem) => return problem_page(app, language, &problem),
    };
    let Some((shelved, notice)) = shelf
        .in_force(&form.notice)
        .and_then(|shelved| Some((shelved, shelved.structured()?)))
    else {
        let problem = Problem::new(Code::UnknownNotice, "Name a notice that is published.");
        return problem_page(app, language, &problem);
    };
    let around = app.surroundings(language, Some(shelved));
    let html = match fault {
        None => asked_page(notice, form.address.trim(), &around),
        Some(fault) => {
            let kept = [
                ("notice", &form.notice),
                ("purpose", &form.purpose),
                ("topic", &form.topic),
                ("channel", &form.channel),
                ("view_token", &form.view_token),
                ("lang", &form.lang),
            ];
            let request = Request {
                address: form.address.clone(),
                kept: kept.map(|(name, value)| (name, value.clone())).to_vec(),
            };
            ask_again_page(notice, &request, fault, &around)
        }
    };
    (status, Html(html)).into_response()
}
