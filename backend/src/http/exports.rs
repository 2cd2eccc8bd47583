//! Published notices for programs of others: linked data (DPV) and TILT.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use serde_json::Value;
use shared::notice::publication::Publication;
use shared::notice::publication::linked_data::linked_data;
use shared::notice::publication::tilt::tilt;

use super::App;
use super::language::{self, LanguageQuery};
use super::notices::{find, missing};
use super::path::Path;
use super::problem::{Code, Problem};
use crate::shelf::{Shelf, Shelved};

const TEN_MINUTES: &str = "public, max-age=600";

/// The version in force as JSON-LD.
pub(super) async fn in_force_linked(
    State(app): State<App>,
    Path(notice): Path<String>,
    query: LanguageQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let shelf = app.shelf().await?;
    let shelved = shelf.in_force(&notice).ok_or_else(missing)?;
    linked(&app, &shelf, shelved, &query, &headers)
}

/// One version as JSON-LD.
pub(super) async fn version_linked(
    State(app): State<App>,
    Path((notice, number)): Path<(String, String)>,
    query: LanguageQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let shelf = app.shelf().await?;
    let shelved = find(&shelf, &notice, &number)?;
    linked(&app, &shelf, shelved, &query, &headers)
}

/// The version in force in TILT, or 409 with what it does not say.
pub(super) async fn in_force_tilt(
    State(app): State<App>,
    Path(notice): Path<String>,
    query: LanguageQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let shelf = app.shelf().await?;
    let shelved = shelf.in_force(&notice).ok_or_else(missing)?;
    in_tilt(&app, &shelf, shelved, &query, &headers)
}

/// One version in TILT, or 409 with what it does not say.
pub(super) async fn version_tilt(
    State(app): State<App>,
    Path((notice, number)): Path<(String, String)>,
    query: LanguageQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let shelf = app.shelf().await?;
    let shelved = find(&shelf, &notice, &number)?;
    in_tilt(&app, &shelf, shelved, &query, &headers)
}

fn linked(
    app: &App,
    shelf: &Shelf,
    shelved: &Shelved,
    query: &LanguageQuery,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let of = Spoken::new(app, shelf, shelved, query, headers)?;
    let document = linked_data(&of.publication);
    Ok(of.answer("application/ld+json", &document))
}

fn in_tilt(
    app: &App,
    shelf: &Shelf,
    shelved: &Shelved,
    query: &LanguageQuery,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let of = Spoken::new(app, shelf, shelved, query, headers)?;
    let gaps = match tilt(&of.publication) {
        Ok(document) => return Ok(of.answer("application/json", &document)),
        Err(gaps) => gaps,
    };
    let detail = "TILT demands what this notice does not say, and nothing is made up. Say it in \
                  the notice's settings and publish a new version, or use notice.jsonld.";
    let problem = Problem::new(Code::NoticeLacksDetail, detail);
    Err(gaps.into_iter().fold(problem, |problem, gap| {
        problem.field(gap.member, format!("{}: {}", gap.slot, gap.advice))
    }))
}

/// A version in the language that was asked for.
struct Spoken<'a> {
    app: &'a App,
    headers: &'a HeaderMap,
    publication: Publication<'a>,
}

impl<'a> Spoken<'a> {
    /// Refuses a version without structure, of which only its text is known.
    fn new(
        app: &'a App,
        shelf: &Shelf,
        shelved: &'a Shelved,
        query: &LanguageQuery,
        headers: &'a HeaderMap,
    ) -> Result<Self, Problem> {
        let plain = || {
            let detail = "This version is a text without structure: see its page or notice.json.";
            Problem::new(Code::NotFound, detail)
        };
        let language = language::of(headers, query.lang.as_deref());
        let first = shelf.versions(&shelved.notice).next();
        let in_force = shelf.in_force(&shelved.notice);
        Ok(Self {
            app,
            headers,
            publication: Publication {
                notice: shelved.structured().ok_or_else(plain)?,
                digest: shelved.digest,
                base: app.base(),
                first_published_at: first.map_or(shelved.published_at, |it| it.published_at),
                published_at: shelved.published_at,
                in_force: in_force.is_some_and(|it| it.number == shelved.number),
                language: language.tag(),
            },
        })
    }

    fn answer(&self, mime: &'static str, document: &Value) -> Response {
        let text = document.to_string();
        let name = format!("{mime} {}", shared::digest::Digest::of(text.as_bytes()));
        let rendered: Arc<_> = self.app.rendered.get(name, mime, || text);
        let mut response = rendered.answer(self.headers, TEN_MINUTES);
        response.headers_mut().insert(
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            HeaderValue::from_static("*"),
        );
        response
    }
}
