//! Confirming a consent: the page that the mail leads to. Only its button gives consent; opening it
//! any number of times changes nothing (EML-08).

use std::sync::Arc;

use axum::extract::State;
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse as _, Response};
use frontend::catalogue::Language;
use frontend::pages::consent::{
    Confirm, Given, Opening, confirm_page, confirm_text, consent_undone_page, given_page,
    gone_page, open_page,
};
use serde::Deserialize;
use shared::address::Address;
use shared::entry::{Actor, Assurance, Evidence, Method, Surface};
use shared::notice::Notice;
use shared::purpose::Channel;
use shared::scope::Scope;
use shared::time::Timestamp;

use super::choices::consent_scope;
use super::language::{self, LanguageQuery};
use super::own::{Known, Stopped, title};
use super::pages::{Company, problem_page};
use super::posted::{Posted, given};
use super::problem::{Code, Problem};
use super::{App, objections};
use crate::assets;
use crate::links::{Held, Shown};
use crate::recording::{Choice, ChoiceDeed, UndoError};
use crate::shelf::Shelved;
use crate::store::StoreError;

/// What the pages of a confirmation send.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ConfirmForm {
    token: String,
    address: String,
    code: String,
    lift: String,
    as_of: String,
    view_token: String,
    lang: String,
}

/// The undo button of the answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct UndoForm {
    token: String,
    notice: String,
}

/// A consent link that works, and what it is about now.
struct Open {
    held: Held,
    address: Address,
    scope: Scope,
    channel: Channel,
    known: Known,
}

/// `GET /consent`.
pub(super) async fn page(
    State(app): State<App>,
    query: LanguageQuery,
    headers: HeaderMap,
) -> Response {
    let language = language::of(&headers, query.lang.as_deref());
    opening(&app, language, StatusCode::OK, Opening::Start, "").await
}

/// `POST /consent/open`: shows what would be consented to, and changes nothing.
pub(super) async fn open(
    State(app): State<App>,
    extensions: Extensions,
    headers: HeaderMap,
    Posted {
        form,
        language: asked,
        sent,
    }: Posted<ConfirmForm>,
) -> Response {
    if let Err(problem) = app.limits.admit(&extensions, &headers) {
        return sent.refused(&app, &problem).await;
    }
    match look(&app, &form).await {
        Ok(open) => {
            let language = given(&form.lang)
                .is_none()
                .then(|| Language::parse(&open.held.language))
                .flatten()
                .unwrap_or(asked);
            confirming(&app, &open, &form, language, false)
        }
        Err(problem) => refused(&app, asked, &form, &problem).await,
    }
}

/// `POST /consent/confirm`: gives the consent, and lifts what was stopped if that was ticked.
pub(super) async fn confirm(
    State(app): State<App>,
    extensions: Extensions,
    headers: HeaderMap,
    Posted { form, language, .. }: Posted<ConfirmForm>,
) -> Response {
    let given = async {
        app.limits.admit(&extensions, &headers)?;
        let open = look(&app, &form).await?;
        give(&app, open, &form, &headers, language).await
    };
    match given.await {
        Ok(response) => response,
        // A second press of the button is answered here while the first has been heard.
        Err(problem) if problem.code() == Code::UnknownToken => {
            let status = problem.code().status();
            opening(&app, language, status, Opening::Used, form.address.trim()).await
        }
        Err(problem) => refused(&app, language, &form, &problem).await,
    }
}

async fn look(app: &App, form: &ConfirmForm) -> Result<Open, Problem> {
    let unknown = || Problem::new(Code::UnknownToken, "Ask for the consent again.");
    let held = with_shown(form, async |shown| app.links.look(shown).await)
        .await?
        .ok_or_else(unknown)?;
    let address = Address::of_kept(&held.address).map_err(|_| unknown())?;
    let scope = held.scope.clone().ok_or_else(unknown)?;
    let channel = scope.channel.ok_or_else(unknown)?;
    let known = Known::of(app, &address, &app.secrets.keys(&address)).await?;
    consent_scope(known.rules(), &scope)?;
    Ok(Open {
        held,
        address,
        scope,
        channel,
        known,
    })
}

async fn with_shown<T>(
    form: &ConfirmForm,
    then: impl AsyncFnOnce(Shown<'_>) -> Result<T, StoreError>,
) -> Result<T, Problem> {
    let token = form.token.trim();
    if !token.is_empty() {
        return Ok(then(Shown::Token(token)).await?);
    }
    let address = super::sign_in::address(&form.address)?;
    Ok(then(Shown::Code(&address, &form.code)).await?)
}

async fn give(
    app: &App,
    open: Open,
    form: &ConfirmForm,
    headers: &HeaderMap,
    language: Language,
) -> Result<Response, Problem> {
    let now = app.world.now();
    let (shelved, notice) = stating(&open)?;
    let view = app.secrets.view.verify(&form.view_token, now);
    let seen: Option<u64> = form.as_of.parse().ok();
    let (Some(view), Some(seen)) = (view.filter(|view| view.shows(&shelved.digest)), seen) else {
        return Ok(confirming(app, &open, form, language, true));
    };
    let stops = in_the_way(&open, now);
    let lifts = !form.lift.is_empty() && !stops.is_empty();
    let stopped = (!stops.is_empty()).then_some(!lifts);
    let base_stopped = open.known.is_base_stopped(&open.scope, now);
    let around = app.surroundings_at("", view.language(), view.began, None);
    let what = topic(&open, &around);
    let text = confirm_text(&controller(notice), &what, open.channel, lifts, &around);
    let evidence = Evidence {
        actor: Actor::DataSubject,
        assurance: Assurance::LinkVerified,
        surface: Surface::SelfService,
        method: Method::Form,
        notice: Some(shelved.digest),
        control_text: Some(app.recorder.keep_text(text).await?),
        build: app.build.clone(),
        language: view.language().tag().to_owned(),
        host_origin: None,
        gpc: objections::gpc(headers),
        view_token: Some(view.digest),
        reference: None,
    };
    let choice = Choice {
        keys: app.secrets.keys(&open.address),
        subject: open.known.subject,
        deed: match lifts {
            true => ChoiceDeed::LiftAndGive(stops.iter().map(Stopped::lifted).collect()),
            false => ChoiceDeed::Give,
        },
        scope: open.scope.clone(),
        evidence,
    };
    let proof = with_shown(form, async |shown| Ok(app.minter.proof(shown))).await?;
    let unknown = || Problem::new(Code::UnknownToken, "Ask for the consent again.");
    let proof = proof.ok_or_else(unknown)?;
    let recorder = app.recorder.about(&open.address);
    let recorded = match recorder.confirm_consent(&choice, proof, seen).await {
        Ok(recorded) => recorded.ok_or_else(unknown)?,
        Err(StoreError::Conflict) => {
            let open = look(app, form).await?;
            return Ok(confirming(app, &open, form, language, true));
        }
        Err(error) => return Err(error.into()),
    };
    let around = app.surroundings(language, Some(shelved));
    let given = Given {
        what: topic(&open, &around),
        channel: open.channel,
        stopped,
        base_stopped,
        reference: recorded.reference,
        receipt: app.receipt_url(&recorded.capability),
        undo_token: recorded.undo_token,
    };
    Ok(Html(given_page(notice, &given, &around)).into_response())
}

/// `POST /consent/undo`.
pub(super) async fn undo(
    State(app): State<App>,
    extensions: Extensions,
    headers: HeaderMap,
    Posted { form, language, .. }: Posted<UndoForm>,
) -> Response {
    if let Err(problem) = app.limits.admit(&extensions, &headers) {
        return problem_page(&app, language, &problem);
    }
    let around = app.surroundings(language, None);
    let company = Company::of(&app, &form.notice).await;
    let undone = |undone| Html(consent_undone_page(undone, company.whose(), &around));
    match app.recorder.undo(&form.token).await {
        Ok(()) => undone(true).into_response(),
        Err(UndoError::Store(error)) => problem_page(&app, language, &error.into()),
        Err(error) => {
            let status = Problem::from(error).code().status();
            (status, undone(false)).into_response()
        }
    }
}

fn confirming(
    app: &App,
    open: &Open,
    form: &ConfirmForm,
    language: Language,
    changed: bool,
) -> Response {
    let (shelved, notice) = match stating(open) {
        Ok(stating) => stating,
        Err(problem) => return problem_page(app, language, &problem),
    };
    let around = app.surroundings(language, Some(shelved));
    let stops = in_the_way(open, app.world.now());
    let stops = stops
        .iter()
        .map(|stop| stop.shown(title(&open.known.shelf, None, &stop.scope, &around)));
    let confirm = Confirm {
        what: topic(open, &around),
        channel: open.channel,
        notice_changed: open.held.version != Some(shelved.digest),
        changed,
        stops: stops.collect(),
        base_stopped: open.known.is_base_stopped(&open.scope, app.world.now()),
        as_of: open.known.as_of,
        token: form.token.trim().to_owned(),
        address: form.address.trim().to_owned(),
        code: form.code.trim().to_owned(),
    };
    let status = match changed {
        true => StatusCode::CONFLICT,
        false => StatusCode::OK,
    };
    (status, Html(confirm_page(notice, &confirm, &around))).into_response()
}

/// The notice in force that states the purpose, which is the one that consent is given to.
fn stating(open: &Open) -> Result<(&Arc<Shelved>, &Notice), Problem> {
    let purpose = open.scope.purpose.as_ref();
    purpose
        .and_then(|purpose| open.known.shelf.stating(purpose))
        .ok_or_else(|| Problem::new(Code::NoConsentAsked, "No notice in force states this."))
}

fn in_the_way(open: &Open, now: Timestamp) -> Vec<Stopped<'_>> {
    let mut stops = open.known.stops(now);
    stops.retain(|stop| stop.bears_on(&open.scope));
    stops
}

fn topic(open: &Open, around: &frontend::surroundings::Surroundings) -> String {
    let scope = Scope {
        channel: None,
        ..open.scope.clone()
    };
    title(&open.known.shelf, None, &scope, around)
}

fn controller(notice: &Notice) -> String {
    let controller = notice.slots.controller.filled();
    controller.map_or_else(String::new, |controller| controller.name.clone())
}

async fn refused(app: &App, language: Language, form: &ConfirmForm, problem: &Problem) -> Response {
    let typed = form.address.trim();
    let state = match problem.code() {
        Code::UnknownToken => Opening::Refused,
        Code::InvalidAddress if typed.is_empty() => Opening::Missing,
        Code::InvalidAddress => Opening::Malformed,
        Code::NoConsentAsked | Code::UnknownPurpose | Code::UnknownTopic => {
            return gone(app, language, "", StatusCode::CONFLICT).await;
        }
        _ => return problem_page(app, language, problem),
    };
    opening(app, language, problem.code().status(), state, typed).await
}

/// The page that says that this consent is no longer asked for.
pub(super) async fn gone(
    app: &App,
    language: Language,
    notice: &str,
    status: StatusCode,
) -> Response {
    let around = app.surroundings(language, None);
    let company = Company::of(app, notice).await;
    let page = Html(gone_page(company.whose(), &around));
    (status, page).into_response()
}

async fn opening(
    app: &App,
    language: Language,
    status: StatusCode,
    state: Opening,
    typed: &str,
) -> Response {
    let around = app.surroundings(language, None);
    let script = assets::path_of("link.js");
    let company = Company::of(app, "").await;
    let page = Html(open_page(state, typed, company.whose(), &script, &around));
    (status, page).into_response()
}
