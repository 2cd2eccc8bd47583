//! What is kept about the signed-in contact: to read, to take along, to erase.

use axum::extract::State;
use axum::http::{Extensions, HeaderMap, HeaderValue, Method as Verb, header};
use axum::response::{Html, IntoResponse as _, Response};
use frontend::catalogue::Language;
use frontend::history::about;
use frontend::pages::history::{CaseLine, History, erased_page, history_page};
use frontend::pages::sign_in::SignIn;
use serde::Deserialize;
use shared::entry::{Actor, Assurance, Evidence, Method, Surface};
use shared::notice::Notice;
use shared::time::Timestamp;

use super::App;
use super::choices::{admitted, not_shown, refused};
use super::language::{self, LanguageQuery};
use super::objections::gpc;
use super::pages::owner;
use super::posted::Posted;
use super::problem::Problem;
use super::session::SignedIn;
use crate::person::{Person, table};

/// The erase button: it says nothing but the page's language.
#[derive(Debug, Deserialize)]
pub(super) struct EraseForm {}

/// `GET /self/history`.
pub(super) async fn page(
    State(app): State<App>,
    query: LanguageQuery,
    headers: HeaderMap,
) -> Response {
    let language = language::of(&headers, query.lang.as_deref());
    let shown = async {
        let signed = SignedIn::of(&app, &Verb::GET, &headers).await?;
        let (_, history) = read(&app, &signed, language).await?;
        let around = app.surroundings(language, None);
        let page = Html(history_page(&history, &around)).into_response();
        Ok(signed.seen(&app, page))
    };
    match shown.await {
        Ok(response) => response,
        Err(problem) => not_shown(&app, language, &problem, SignIn::Ended).await,
    }
}

/// `GET /self/export.json`.
pub(super) async fn json(
    State(app): State<App>,
    query: LanguageQuery,
    headers: HeaderMap,
) -> Response {
    export(
        &app,
        query,
        &headers,
        "application/json",
        "json",
        |person| serde_json::to_string_pretty(person).unwrap_or_default(),
    )
    .await
}

/// `GET /self/export.csv`.
pub(super) async fn csv(
    State(app): State<App>,
    query: LanguageQuery,
    headers: HeaderMap,
) -> Response {
    let kind = "text/csv; charset=utf-8; header=present";
    export(&app, query, &headers, kind, "csv", table::csv).await
}

async fn export(
    app: &App,
    query: LanguageQuery,
    headers: &HeaderMap,
    kind: &'static str,
    ending: &str,
    write: impl FnOnce(&Person) -> String,
) -> Response {
    let language = language::of(headers, query.lang.as_deref());
    let made = async {
        let signed = SignedIn::of(app, &Verb::GET, headers).await?;
        let (person, _) = read(app, &signed, language).await?;
        let name = format!(
            "attachment; filename=\"my-data-{}.{ending}\"",
            person.made_at.date()
        );
        let mut response = write(&person).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        if let Ok(name) = HeaderValue::from_str(&name) {
            headers.insert(header::CONTENT_DISPOSITION, name);
        }
        Ok(signed.seen(app, response))
    };
    match made.await {
        Ok(response) => response,
        Err(problem) => not_shown(app, language, &problem, SignIn::Ended).await,
    }
}

/// `POST /self/erase`.
pub(super) async fn erase(
    State(app): State<App>,
    extensions: Extensions,
    headers: HeaderMap,
    Posted { language, .. }: Posted<EraseForm>,
) -> Response {
    let erased = async {
        let signed = admitted(&app, &extensions, &headers).await?;
        let evidence = Evidence {
            actor: Actor::DataSubject,
            assurance: Assurance::LinkVerified,
            surface: Surface::SelfService,
            method: Method::Form,
            notice: None,
            control_text: None,
            build: app.build.clone(),
            language: language.tag().to_owned(),
            host_origin: None,
            gpc: gpc(&headers),
            view_token: None,
            reference: None,
        };
        let recorder = app.recorder.about(&signed.address);
        recorder.erase(&signed.keys, &evidence).await?;
        let history = match read(&app, &signed, language).await {
            Ok((_, history)) => history,
            // It is erased; only what stays in detail cannot be told now.
            Err(_) => nothing_of(&signed),
        };
        let around = app.surroundings(language, None);
        let page = Html(erased_page(&history, &around)).into_response();
        Ok(signed.seen(&app, page))
    };
    match erased.await {
        Ok(response) => response,
        Err(problem) => refused(&app, language, &problem).await,
    }
}

/// A history that says nothing but whose it is.
fn nothing_of(signed: &SignedIn) -> History {
    History {
        address: signed.address.reveal().to_owned(),
        controller: String::new(),
        notice: signed.notice.clone(),
        lines: Vec::new(),
        cases: Vec::new(),
        stays: Vec::new(),
        kept_until: None,
    }
}

async fn read(
    app: &App,
    signed: &SignedIn,
    language: Language,
) -> Result<(Person, History), Problem> {
    let shelf = app.shelf().await?;
    let around = app.surroundings(language, None);
    let now = app.world.now();
    let person = Person::of(&*app.store, &shelf, &app.desk, &signed.keys, now, &around).await?;
    let notices: Vec<&Notice> = shelf
        .all_in_force()
        .filter_map(|shelved| shelved.structured())
        .collect();
    let stays = person
        .holds
        .iter()
        .filter(|held| matches!(held.what, "objection" | "pause"));
    let history = History {
        address: signed.address.reveal().to_owned(),
        controller: owner(&shelf, &signed.notice),
        notice: signed.notice.clone(),
        lines: person
            .records
            .iter()
            .rev()
            .map(|record| (record.entry.recorded_at.date(), record.in_words.clone()))
            .collect(),
        cases: person
            .cases
            .iter()
            .map(|case| CaseLine {
                reference: case.reference.clone(),
                what: case.what.clone(),
                restricted: case.restricted,
                by: case.by.map(Timestamp::last_day),
                accepted: case.accepted,
                grounds: case.grounds.clone(),
            })
            .collect(),
        stays: stays
            .map(|held| about(&held.scope, &notices, &around))
            .collect(),
        kept_until: person.kept_until.map(Timestamp::date),
    };
    Ok((person, history))
}
