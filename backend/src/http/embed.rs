//! What websites load: the script with the notice in it, the fragment alone, and files by digest.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use frontend::fragment::{Earlier, fragment_document};
use frontend::surroundings::Surroundings;
use shared::notice::Notice;

use super::App;
use super::language::{self, LanguageQuery};
use super::origin::From;
use super::path::Path;
use super::problem::{Code, Problem};
use super::rendered::takes_brotli;
use crate::assets::{self, Asset};

/// As long as one view token serves.
const TEN_MINUTES: &str = "public, max-age=600";
/// Content-addressed: never anything else.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const A_DAY: &str = "public, max-age=86400";

/// Loader, styles and the notice's first layer in one answer.
pub(super) async fn script(
    State(app): State<App>,
    Path(notice): Path<String>,
    query: LanguageQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    part(&app, &notice, &query, &headers, "js", assets::embed_script).await
}

/// The first layer inside a declarative shadow root, for hosts that render on their own server.
pub(super) async fn fragment(
    State(app): State<App>,
    Path(notice): Path<String>,
    query: LanguageQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    part(&app, &notice, &query, &headers, "html", fragment_document).await
}

async fn part(
    app: &App,
    notice: &str,
    query: &LanguageQuery,
    headers: &HeaderMap,
    kind: &'static str,
    render: impl FnOnce(&Notice, Option<Earlier>, &Surroundings) -> String,
) -> Result<Response, Problem> {
    let missing = || Problem::new(Code::NotFound, "No published notice has this name: see /.");
    let shelf = app.shelf().await?;
    let shelved = shelf.in_force(notice).ok_or_else(missing)?;
    let shown = shelved.structured().ok_or_else(missing)?;
    let language = language::of(headers, query.lang.as_deref());
    let around = app.surroundings_abroad(language, shelved);
    let token = around.view_token.as_deref().unwrap_or_default();
    let name = format!("{kind} {token} {}", shelved.digest);
    let mime = match kind {
        "js" => "text/javascript; charset=utf-8",
        _ => "text/html; charset=utf-8",
    };
    let earlier = shelf.earlier(notice, around.now.date());
    let rendered = app
        .rendered
        .get(name, mime, || render(shown, earlier, &around));
    Ok(rendered.answer(headers, TEN_MINUTES))
}

/// A file that the binary carries, under the digest of its content. The scripts of a page that may not
/// write get none: what they would bring to life there could send nothing, and the plain form, which
/// anybody may post, stays as it is.
pub(super) async fn asset(
    State(app): State<App>,
    Path((digest, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if app.origins.of(&headers) == From::Stranger {
        return Err(Problem::new(
            Code::OriginRefused,
            "The plain form works on this website. For the enhanced panel, the operator of this \
             service adds the website's origin to the configuration as [[site]] origin.",
        ));
    }
    let mut response = served(assets::addressed(&digest, &name), &headers, FOR_EVER)?;
    let by_origin = HeaderValue::from_static("origin");
    response.headers_mut().append(header::VARY, by_origin);
    Ok(response)
}

/// The icon that browsers look for beside every page, whether the page names one or not.
pub(super) async fn icon(headers: HeaderMap) -> Result<Response, Problem> {
    served(assets::named("icon.svg"), &headers, A_DAY)
}

fn served(
    asset: Option<&'static Asset>,
    headers: &HeaderMap,
    keep: &'static str,
) -> Result<Response, Problem> {
    let asset = asset.filter(|asset| !asset.is_missing()).ok_or_else(|| {
        Problem::new(
            Code::NotFound,
            "This file belongs to another version: load the page anew.",
        )
    })?;
    let compressed = takes_brotli(headers) && !asset.brotli.is_empty();
    let bytes = if compressed { asset.brotli } else { asset.raw };
    let mut response = Response::new(Body::from(bytes));
    let answer = response.headers_mut();
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.mime));
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if compressed {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    Ok(response)
}
