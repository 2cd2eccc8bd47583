//! My choices: what holds for the signed-in contact, and one act to change it.

mod made;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Extensions, HeaderMap, Method as Verb, StatusCode};
use axum::response::{Html, IntoResponse as _, Response};
use frontend::catalogue::Language;
use frontend::pages::choices::{Before, Done, Pressed, before_page, choices_page, done_words};
use frontend::pages::sign_in::SignIn;
use serde::Deserialize;
use shared::entry::Method;

use super::App;
use super::body::{self, SMALL};
use super::language::{self, LanguageQuery};
use super::own::Known;
use super::pages::problem_page;
use super::posted::{Posted, given};
use super::problem::{Code, Problem};
use super::session::SignedIn;
use super::sign_in::said;
use super::wire::Undo;
use super::wire::own::{ChoiceMade, ChoiceRequest, OwnAnswer};
use crate::assets;
use crate::recording::UndoError;
pub(super) use made::consent_scope;
use made::make;

/// What holds for the signed-in contact: per purpose, topic and channel whether a mailing may go
/// out, why, on what basis and by which act.
#[utoipa::path(
    get, path = "/v1/self", operation_id = "getOwnChoices", tag = "contacts",
    params(("lang" = Option<String>, Query, description = "The language of the texts")),
    security(("session" = [])),
    responses(
        (status = 200, description = "What holds", body = OwnAnswer),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 503, description = "The store cannot be read", body = Problem),
    )
)]
pub(super) async fn own(
    State(app): State<App>,
    query: LanguageQuery,
    headers: HeaderMap,
    signed: SignedIn,
) -> Result<Json<OwnAnswer>, Problem> {
    let language = language::of(&headers, query.lang.as_deref());
    Ok(Json(answer(&app, &signed, language).await?))
}

async fn answer(app: &App, signed: &SignedIn, language: Language) -> Result<OwnAnswer, Problem> {
    let around = app.surroundings(language, None);
    let own = Known::of(app, &signed.address, &signed.keys)
        .await?
        .own(app, signed, language, &around);
    Ok(OwnAnswer::of(own, signed.value(), &around))
}

/// Records a choice of the signed-in contact. It counts at once, and the answer says what holds
/// then.
#[utoipa::path(
    post, path = "/v1/self/choices", operation_id = "choose", tag = "contacts",
    request_body = ChoiceRequest,
    params(("lang" = Option<String>, Query, description = "The language of the texts")),
    security(("session" = [])),
    responses(
        (status = 200, description = "The choice is on disk and counts", body = ChoiceMade),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 403, description = "The website is not configured", body = Problem),
        (status = 409, description = "Something changed meanwhile: read again", body = Problem),
        (status = 422, description = "A field is missing, unknown or wrong", body = Problem),
        (status = 429, description = "Too many from one client: try again after Retry-After", body = Problem),
        (status = 503, description = "Nothing was recorded", body = Problem),
    )
)]
pub(super) async fn choose(
    State(app): State<App>,
    query: LanguageQuery,
    extensions: Extensions,
    headers: HeaderMap,
    signed: SignedIn,
    body: Body,
) -> Result<Json<ChoiceMade>, Problem> {
    app.origins.admit_json(&headers)?;
    app.limits.admit(&extensions, &headers)?;
    let request: ChoiceRequest = body::json(&headers, body, SMALL).await?;
    let language = language::of(&headers, query.lang.as_deref());
    let made = make(&app, &signed, &request, &headers, Method::Script, language).await?;
    Ok(Json(ChoiceMade {
        undo: (!matches!(made.pressed, Pressed::Refuse | Pressed::Withdraw)).then(|| Undo {
            token: made.recorded.undo_token.clone(),
            until: made.recorded.undo_until,
        }),
        receipt: app.receipt_url(&made.recorded.capability),
        says: done_words(
            &made.pressed,
            &made.what,
            made.stopped,
            &app.surroundings(language, None),
        ),
        reference: made.recorded.reference,
        own: answer(&app, &signed, language).await.ok(),
    }))
}

/// One button of the page. An empty field is one that was left out.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ChoiceForm {
    act: String,
    purpose: String,
    topic: String,
    channel: String,
    until: String,
    kind: String,
    as_of: String,
    view_token: String,
}

/// The undo button of the answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct UndoForm {
    token: String,
}

/// `POST /self/choices`.
pub(super) async fn choose_form(
    State(app): State<App>,
    extensions: Extensions,
    headers: HeaderMap,
    Posted { form, language, .. }: Posted<ChoiceForm>,
) -> Response {
    let signed = match admitted(&app, &extensions, &headers).await {
        Ok(signed) => signed,
        Err(problem) => return refused(&app, language, &problem).await,
    };
    let optional = |text: &str| given(text).map(str::to_owned);
    let request = ChoiceRequest {
        act: form.act.clone(),
        purpose: optional(&form.purpose),
        topic: optional(&form.topic),
        channel: optional(&form.channel),
        until: optional(&form.until),
        kind: optional(&form.kind),
        as_of: form.as_of.parse().ok(),
        view_token: optional(&form.view_token),
    };
    let before = match make(&app, &signed, &request, &headers, Method::Form, language).await {
        Ok(made) => Before::Done(Box::new(Done {
            pressed: made.pressed,
            scope: made.scope,
            what: made.what,
            receipt: app.receipt_url(&made.recorded.capability),
            reference: made.recorded.reference,
            undo_token: made.recorded.undo_token,
            stopped: made.stopped,
            is_asked: made.is_asked,
            view_token: form.view_token,
        })),
        Err(problem) if problem.code() == Code::ChangedMeanwhile => match request.act.as_str() {
            "give" => Before::NoticeChanged,
            _ => Before::Changed,
        },
        Err(problem) => return signed.seen(&app, problem_page(&app, language, &problem)),
    };
    shown(&app, &signed, language, before).await
}

/// `POST /self/undo`.
pub(super) async fn undo_form(
    State(app): State<App>,
    extensions: Extensions,
    headers: HeaderMap,
    Posted { form, language, .. }: Posted<UndoForm>,
) -> Response {
    let signed = match admitted(&app, &extensions, &headers).await {
        Ok(signed) => signed,
        Err(problem) => return refused(&app, language, &problem).await,
    };
    let before = match app.recorder.undo(&form.token).await {
        Ok(()) => Before::Undone,
        Err(UndoError::Store(error)) => return problem_page(&app, language, &error.into()),
        Err(UndoError::Unknown | UndoError::TooLate) => Before::UndoFailed,
    };
    shown(&app, &signed, language, before).await
}

/// The signed-in contact, unless too much is sent at once.
pub(super) async fn admitted(
    app: &App,
    extensions: &Extensions,
    headers: &HeaderMap,
) -> Result<SignedIn, Problem> {
    app.limits.admit(extensions, headers)?;
    SignedIn::of(app, &Verb::POST, headers).await
}

/// The page that says why nothing was recorded.
pub(super) async fn refused(app: &App, language: Language, problem: &Problem) -> Response {
    not_shown(app, language, problem, SignIn::Unrecorded).await
}

/// The page that says why not; `over` is what is said where nobody is signed in any more.
pub(super) async fn not_shown(
    app: &App,
    language: Language,
    problem: &Problem,
    over: SignIn,
) -> Response {
    match problem.code() {
        Code::SignInNeeded => {
            let status = problem.code().status();
            said(app, language, status, over, "", "").await
        }
        _ => problem_page(app, language, problem),
    }
}

/// The page of the signed-in contact, below what has just happened.
pub(super) async fn shown(
    app: &App,
    signed: &SignedIn,
    language: Language,
    before: Before,
) -> Response {
    let around = app.surroundings(language, None);
    let status = match &before {
        Before::Changed | Before::NoticeChanged | Before::UndoFailed => StatusCode::CONFLICT,
        Before::Nothing | Before::Done(_) | Before::Undone => StatusCode::OK,
    };
    let html = match (Known::of(app, &signed.address, &signed.keys).await, &before) {
        (Ok(known), _) => {
            let own = known.own(app, signed, language, &around);
            let script = assets::path_of("link.js");
            choices_page(&own, &before, &script, &around)
        }
        // It is recorded, whatever can be read after it.
        (Err(_), Before::Done(_) | Before::Undone) => before_page(&before, &around),
        (Err(problem), _) => return problem_page(app, language, &problem),
    };
    signed.seen(app, (status, Html(html)).into_response())
}
