//! Links to the contact's own pages, and the sessions they open: as JSON and as pages.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Extensions, HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use frontend::catalogue::Language;
use frontend::pages::choices::Before;
use frontend::pages::sign_in::{SignIn, sign_in_page};
use serde::Deserialize;
use shared::address::Address;

use super::language::{self, LanguageQuery};
use super::pages::{Company, problem_page};
use super::posted::Posted;
use super::problem::{Code, Problem};
use super::session::{self, SignedIn};
use super::wire::own::{LinkAnswer, LinkRequest, SessionAnswer, SessionRequest};
use super::{App, body, choices};
use crate::assets;
use crate::links::Shown;

/// Mails a link to the contact's own pages. The answer is alike for every address and comes in the
/// same time: whether somebody is known here, nobody learns.
#[utoipa::path(
    post, path = "/v1/links", operation_id = "askForLink", tag = "contacts",
    request_body = LinkRequest,
    responses(
        (status = 202, description = "If the address can receive mail, a link is on its way", body = LinkAnswer),
        (status = 403, description = "The website is not configured", body = Problem),
        (status = 422, description = "A field is missing, unknown or wrong", body = Problem),
        (status = 429, description = "Too many from one client: try again after Retry-After", body = Problem),
        (status = 503, description = "Nothing was done", body = Problem),
    )
)]
pub(super) async fn ask(
    State(app): State<App>,
    extensions: Extensions,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<LinkAnswer>), Problem> {
    app.origins.admit_json(&headers)?;
    app.limits.admit_letter(&extensions, &headers)?;
    let request: LinkRequest = body::json(&headers, body, body::SMALL).await?;
    let language = language::of(&headers, request.language.as_deref());
    let notice = request.notice.as_deref().unwrap_or_default();
    mail(&app, &request.address, notice, language).await?;
    Ok((StatusCode::ACCEPTED, Json(LinkAnswer {})))
}

async fn mail(app: &App, typed: &str, notice: &str, language: Language) -> Result<(), Problem> {
    let address = address(typed)?;
    let notice = notice_of(app, notice).await?;
    app.links.ask(&address, language, &notice).await?;
    Ok(())
}

/// The named notice, else the first that is in force.
pub(super) async fn notice_of(app: &App, asked: &str) -> Result<String, Problem> {
    let shelf = app.shelf().await?;
    let found = shelf
        .all_in_force()
        .filter(|shelved| shelved.structured().is_some())
        .find(|shelved| asked.is_empty() || shelved.notice == asked);
    found.map(|shelved| shelved.notice.clone()).ok_or_else(|| {
        Problem::new(
            Code::UnknownNotice,
            "Name a notice that is published: see /.",
        )
        .field("notice", "is not the name of a published notice")
    })
}

/// The address as typed, or what to mend.
pub(super) fn address(typed: &str) -> Result<Address, Problem> {
    Address::parse(typed).map_err(|error| {
        Problem::new(Code::InvalidAddress, "Mend the address.").field("address", error.to_string())
    })
}

/// Uses a link: with its token, or with the address and the code. It works once.
#[utoipa::path(
    post, path = "/v1/sessions", operation_id = "signIn", tag = "contacts",
    request_body = SessionRequest,
    responses(
        (status = 200, description = "The session, to be sent as bearer", body = SessionAnswer),
        (status = 404, description = "The link or code was used, is too old or was never given", body = Problem),
        (status = 422, description = "A field is missing, unknown or wrong", body = Problem),
        (status = 429, description = "Too many from one client: try again after Retry-After", body = Problem),
        (status = 503, description = "Nothing was done", body = Problem),
    )
)]
pub(super) async fn open(
    State(app): State<App>,
    extensions: Extensions,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<SessionAnswer>, Problem> {
    app.origins.admit_json(&headers)?;
    app.limits.admit(&extensions, &headers)?;
    let request: SessionRequest = body::json(&headers, body, body::SMALL).await?;
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let (token, typed, code) = (
        text(&request.token),
        text(&request.address),
        text(&request.code),
    );
    let session = use_link(&app, &token, &typed, &code).await?;
    Ok(Json(SessionAnswer {
        session: session.value,
        until: session.until,
    }))
}

async fn use_link(
    app: &App,
    token: &str,
    typed: &str,
    code: &str,
) -> Result<crate::links::Session, Problem> {
    let address = match token.is_empty() {
        true => Some(address(typed)?),
        false => None,
    };
    if address.is_some() && code.trim().is_empty() {
        let problem = Problem::new(Code::InvalidRequest, "Send the code of the letter.");
        return Err(problem.field("code", "is in the letter, beside the link"));
    }
    let shown = match &address {
        Some(address) => Shown::Code(address, code),
        None => Shown::Token(token),
    };
    app.links.sign_in(shown).await?.ok_or_else(|| {
        Problem::new(
            Code::UnknownToken,
            "It was used, is too old, or a newer one replaced it: ask for another link.",
        )
    })
}

/// Ends the session, on every device that holds it.
#[utoipa::path(
    delete, path = "/v1/sessions", operation_id = "signOut", tag = "contacts",
    security(("session" = [])),
    responses(
        (status = 204, description = "The session is over"),
        (status = 401, description = "There is no session", body = Problem),
        (status = 503, description = "Nothing was done", body = Problem),
    )
)]
pub(super) async fn close(
    State(app): State<App>,
    headers: HeaderMap,
    signed: SignedIn,
) -> Result<StatusCode, Problem> {
    app.origins.admit_json(&headers)?;
    app.links.sign_out(signed.session()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The link form. An empty field is one that was left out.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LinkForm {
    address: String,
    notice: String,
    lang: String,
}

/// The forms that use a link.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SessionForm {
    token: String,
    address: String,
    code: String,
    lang: String,
}

/// `GET /self`: the contact's choices, or how to get to them.
pub(super) async fn page(
    State(app): State<App>,
    query: LanguageQuery,
    headers: HeaderMap,
) -> Response {
    let language = language::of(&headers, query.lang.as_deref());
    let signed = SignedIn::of(&app, &Method::GET, &headers).await;
    match signed {
        Ok(signed) => choices::shown(&app, &signed, language, Before::Nothing).await,
        Err(problem) if problem.code() == Code::SignInNeeded => {
            let state = match session::had_one(&app, &headers) {
                true => SignIn::Ended,
                false => SignIn::Start,
            };
            let page = said(&app, language, StatusCode::OK, state, "", "").await;
            session::forget(&app, &headers, page)
        }
        Err(problem) => problem_page(&app, language, &problem),
    }
}

/// `POST /self/link`.
pub(super) async fn ask_form(
    State(app): State<App>,
    extensions: Extensions,
    headers: HeaderMap,
    Posted {
        form,
        language,
        sent,
    }: Posted<LinkForm>,
) -> Response {
    let asked = async {
        app.limits.admit_letter(&extensions, &headers)?;
        mail(&app, &form.address, &form.notice, language).await
    };
    let (typed, notice) = (form.address.trim(), form.notice.as_str());
    match asked.await {
        Ok(()) => {
            let status = StatusCode::ACCEPTED;
            said(&app, language, status, SignIn::Asked, typed, notice).await
        }
        Err(problem) if problem.code() == Code::InvalidAddress => {
            let status = problem.code().status();
            said(&app, language, status, fault(typed), typed, notice).await
        }
        Err(problem) => sent.refused(&app, &problem).await,
    }
}

/// `POST /self/session`: from our own pages alone, so that nobody is signed in as somebody else.
pub(super) async fn open_form(
    State(app): State<App>,
    extensions: Extensions,
    headers: HeaderMap,
    Posted {
        form,
        language,
        sent,
    }: Posted<SessionForm>,
) -> Response {
    let opened = async {
        session::from_our_pages(&app, &headers)?;
        app.limits.admit(&extensions, &headers)?;
        use_link(&app, form.token.trim(), &form.address, &form.code).await
    };
    let typed = form.address.trim();
    match opened.await {
        Ok(session) => {
            let signed = SignedIn::on_page(session);
            let mut response = StatusCode::SEE_OTHER.into_response();
            let place = format!("/self?lang={}", language.tag());
            if let Ok(place) = HeaderValue::from_str(&place) {
                response.headers_mut().insert(header::LOCATION, place);
            }
            signed.seen(&app, response)
        }
        Err(problem) => {
            let status = problem.code().status();
            let state = match problem.code() {
                Code::InvalidAddress => fault(typed),
                Code::InvalidRequest => SignIn::NoCode,
                Code::UnknownToken => SignIn::Refused,
                _ => return sent.refused(&app, &problem).await,
            };
            said(&app, language, status, state, typed, "").await
        }
    }
}

/// `POST /self/out`.
pub(super) async fn close_form(
    State(app): State<App>,
    headers: HeaderMap,
    form: Result<Posted<SessionForm>, Response>,
) -> Response {
    // Whatever was sent with it: who wants to leave is let go.
    let language = form.map_or_else(|_| language::of(&headers, None), |form| form.language);
    let ended = match SignedIn::of(&app, &Method::POST, &headers).await {
        Ok(signed) => app
            .links
            .sign_out(signed.session())
            .await
            .map_err(Problem::from),
        // Whoever is signed out already stays so.
        Err(problem) if problem.code() == Code::SignInNeeded => Ok(()),
        Err(problem) => Err(problem),
    };
    match ended {
        Ok(()) => {
            let page = said(&app, language, StatusCode::OK, SignIn::Out, "", "").await;
            session::forget(&app, &headers, page)
        }
        Err(problem) => problem_page(&app, language, &problem),
    }
}

/// The page for signing in.
pub(super) async fn said(
    app: &App,
    language: Language,
    status: StatusCode,
    state: SignIn,
    typed: &str,
    notice: &str,
) -> Response {
    let around = app.surroundings(language, None);
    let script = assets::path_of("link.js");
    if let Err(problem) = app.shelf().await {
        return problem_page(app, language, &problem);
    }
    let company = Company::of(app, notice).await;
    let html = sign_in_page(state, typed, company.whose(), &script, &around);
    (status, Html(html)).into_response()
}

fn fault(typed: &str) -> SignIn {
    if typed.is_empty() {
        SignIn::Missing
    } else {
        SignIn::Malformed
    }
}
