//! The notice pages: linkable, printable, free of script, every version for ever.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use frontend::pages::difference::difference_page;
use frontend::pages::notice::notice_page;
use frontend::pages::verbatim::verbatim_page;
use shared::notice::NoticeKey;
use shared::notice::version::NoticeVersion;

use super::App;
use super::language::{self, LanguageQuery};
use super::pages::{self, HTML};
use super::path::Path;
use super::problem::{Code, Problem};
use super::rendered::is_known;
use crate::demo::included;
use crate::shelf::{Shelf, Shelved};

const TEN_MINUTES: &str = "public, max-age=600";

/// The version in force.
pub(super) async fn in_force(
    State(app): State<App>,
    Path(notice): Path<String>,
    query: LanguageQuery,
    headers: HeaderMap,
) -> Response {
    let found = async {
        let shelf = app.shelf().await?;
        let shelved = shelf.in_force(&notice).ok_or_else(missing)?;
        show(&app, &shelf, shelved, &query, &headers)
    };
    found
        .await
        .unwrap_or_else(|problem: Problem| pages::or_problem(&app, &headers, &problem))
}

/// One version, also an old one.
pub(super) async fn version(
    State(app): State<App>,
    Path((notice, number)): Path<(String, String)>,
    query: LanguageQuery,
    headers: HeaderMap,
) -> Response {
    let found = async {
        let shelf = app.shelf().await?;
        let shelved = find(&shelf, &notice, &number)?;
        show(&app, &shelf, shelved, &query, &headers)
    };
    found
        .await
        .unwrap_or_else(|problem: Problem| pages::or_problem(&app, &headers, &problem))
}

/// The canonical bytes of the version in force: what its digest names.
pub(super) async fn in_force_json(
    State(app): State<App>,
    Path(notice): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let shelf = app.shelf().await?;
    let shelved = shelf.in_force(&notice).ok_or_else(missing)?;
    Ok(canonical(shelved, &headers, TEN_MINUTES))
}

/// The canonical bytes of one version.
pub(super) async fn version_json(
    State(app): State<App>,
    Path((notice, number)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let shelf = app.shelf().await?;
    let shelved = find(&shelf, &notice, &number)?;
    Ok(canonical(
        shelved,
        &headers,
        "public, max-age=31536000, immutable",
    ))
}

/// What changed between two versions, by meaning.
pub(super) async fn difference(
    State(app): State<App>,
    Path((notice, old, new)): Path<(String, String, String)>,
    query: LanguageQuery,
    headers: HeaderMap,
) -> Response {
    let found = async {
        let shelf = app.shelf().await?;
        let (old, new) = (find(&shelf, &notice, &old)?, find(&shelf, &notice, &new)?);
        let to = new.structured().ok_or_else(missing)?;
        let language = language::of(&headers, query.lang.as_deref());
        let around = app.surroundings(language, None);
        let changes = shared::notice::difference::difference(&old.version, &new.version);
        let name = format!("diff {} {} {}", old.digest, new.digest, language.tag());
        let rendered = app.rendered.get(name, HTML, || {
            difference_page(old.number, old.structured(), to, &changes, &around)
        });
        Ok(rendered.answer(&headers, TEN_MINUTES))
    };
    found
        .await
        .unwrap_or_else(|problem: Problem| pages::or_problem(&app, &headers, &problem))
}

fn show(
    app: &App,
    shelf: &Shelf,
    shelved: &Shelved,
    query: &LanguageQuery,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let language = language::of(headers, query.lang.as_deref());
    let around = app.surroundings(language, Some(shelved));
    let current = shelf
        .in_force(&shelved.notice)
        .map_or(shelved.number, |newest| newest.number);
    let token = around.view_token.as_deref().unwrap_or_default();
    let name = format!("page {token} {} {current}", shelved.digest);
    let rendered = match &shelved.version {
        NoticeVersion::Structured(notice) => {
            let versions: Vec<u32> = shelf
                .versions(&shelved.notice)
                .map(|version| version.number)
                .collect();
            app.rendered.get(name, HTML, || {
                notice_page(notice, current, &versions, &around)
            })
        }
        NoticeVersion::Verbatim(text) => {
            let key = NoticeKey::parse(&shelved.notice).map_err(|_| missing())?;
            let owner = pages::owner(shelf, &shelved.notice);
            let defects = known_defects(&shelved.notice, text);
            app.rendered.get(name, HTML, || {
                verbatim_page(&key, shelved.number, text, &defects, &owner, &around)
            })
        }
    };
    Ok(rendered.answer(headers, TEN_MINUTES))
}

/// The known defects of a seed that comes with Sayso; none for any other text.
fn known_defects(notice: &str, text: &str) -> Vec<shared::notice::defect::Defect> {
    included()
        .into_iter()
        .find(|(key, folder)| key == notice && folder.seed() == Some(text))
        .and_then(|(_, folder)| folder.seed_defects().ok())
        .unwrap_or_default()
}

pub(super) fn find<'a>(
    shelf: &'a Shelf,
    notice: &str,
    number: &str,
) -> Result<&'a Shelved, Problem> {
    let number: u32 = number.parse().map_err(|_| missing())?;
    shelf
        .version(notice, number)
        .map(|shelved| &**shelved)
        .ok_or_else(missing)
}

fn canonical(shelved: &Shelved, request: &HeaderMap, cache: &'static str) -> Response {
    let mime = match shelved.version {
        NoticeVersion::Verbatim(_) => "text/plain; charset=utf-8",
        NoticeVersion::Structured(_) => "application/json",
    };
    let etag = HeaderValue::from_str(&format!("\"{}\"", shelved.digest)).ok();
    let known = etag.as_ref().is_some_and(|etag| is_known(request, etag));
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        shelved.version.canonical().into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(mime));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    if let Some(etag) = etag {
        headers.insert(header::ETAG, etag);
    }
    response
}

pub(super) fn missing() -> Problem {
    Problem::new(
        Code::NotFound,
        "No published notice has this name or version: see /.",
    )
}
