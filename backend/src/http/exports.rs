//! Published notices for programs of others: linked data (DPV) and TILT.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use serde::Deserialize;
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

/// Which version: the one in force where none is named.
#[derive(Debug, Deserialize)]
pub(super) struct Named {
    notice: String,
    version: Option<String>,
}

impl Named {
    fn find<'a>(&self, shelf: &'a Shelf) -> Result<&'a Shelved, Problem> {
        match &self.version {
            Some(number) => find(shelf, &self.notice, number),
            None => {
                let shelved = shelf.in_force(&self.notice);
                shelved.map(|shelved| &**shelved).ok_or_else(missing)
            }
        }
    }
}

/// A version as JSON-LD.
pub(super) async fn linked(
    State(app): State<App>,
    Path(named): Path<Named>,
    query: LanguageQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let shelf = app.shelf().await?;
    let of = Spoken::new(&app, &shelf, named.find(&shelf)?, &query, &headers)?;
    Ok(of.answer("application/ld+json", &linked_data(&of.publication)))
}

/// A version in TILT, or 409 with what it does not say.
pub(super) async fn in_tilt(
    State(app): State<App>,
    Path(named): Path<Named>,
    query: LanguageQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let shelf = app.shelf().await?;
    let of = Spoken::new(&app, &shelf, named.find(&shelf)?, &query, &headers)?;
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
