//! Security headers, on every answer (SEC-25, SEC-26).

use std::sync::LazyLock;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use frontend::pages::frame::in_frame;
use serde::Serialize;

use super::App;
use super::origin::Allowed;
use super::pages::HTML;

/// What pages of the service may do: nothing but their own styles, scripts and forms.
const CONTENT: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
                       style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
                       base-uri 'none'; object-src 'none'";

/// What may be done with what is no document: nothing.
const NO_CONTENT: HeaderValue =
    HeaderValue::from_static("default-src 'none'; base-uri 'none'; frame-ancestors 'none'");

/// What every answer carries, unless its route has set it; with room for what routes set.
static EVERYWHERE: LazyLock<HeaderMap> = LazyLock::new(|| {
    let fixed = HeaderValue::from_static;
    let mut headers = HeaderMap::with_capacity(16);
    headers.extend([
        (
            header::STRICT_TRANSPORT_SECURITY,
            fixed("max-age=63072000; includeSubDomains"),
        ),
        (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
        (header::REFERRER_POLICY, fixed("no-referrer")),
        (OPENER_POLICY, fixed("same-origin")),
        (
            PERMISSIONS_POLICY,
            fixed("interest-cohort=(), browsing-topics=()"),
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            fixed("same-origin"),
        ),
        (header::CONTENT_SECURITY_POLICY, policy("'none'")),
    ]);
    headers
});

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// What JSON about one person carries: of the above, what concerns more than documents.
static PERSONAL_JSON: LazyLock<HeaderMap> = LazyLock::new(|| {
    let mut headers = EVERYWHERE.clone();
    headers.remove(OPENER_POLICY);
    headers.remove(PERMISSIONS_POLICY);
    let json = HeaderValue::from_static("application/json");
    headers.insert(header::CONTENT_SECURITY_POLICY, NO_CONTENT);
    headers.insert(header::CONTENT_TYPE, json);
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    headers
});

/// On every answer. What a route has set stays.
pub(super) fn everywhere(headers: &mut HeaderMap) {
    if headers.contains_key(header::STRICT_TRANSPORT_SECURITY) {
        return;
    }
    let own = std::mem::replace(headers, EVERYWHERE.clone());
    headers.extend(own);
}

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// On answers about one person: no cache may keep them.
pub(super) const KEPT_NOWHERE: [(HeaderName, HeaderValue); 1] = [(header::CACHE_CONTROL, NO_STORE)];

/// JSON that no cache may keep, complete with what every answer carries. `room` is how many bytes it
/// is likely to take.
pub(super) fn personal_json<T: Serialize>(answer: &T, room: usize) -> Response {
    let mut bytes = Vec::with_capacity(room);
    serde_json::to_writer(&mut bytes, answer).expect("an answer is plain JSON");
    let mut response = Response::new(Body::from(bytes));
    *response.headers_mut() = PERSONAL_JSON.clone();
    response
}

/// No cache may keep what these routes answer.
pub(super) async fn kept_nowhere(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, NO_STORE);
    response
}

/// Pages whose forms count from our pages alone: the browser says to this service, and to nobody else, that
/// they come from there. Under `no-referrer` it says `Origin: null`.
pub(super) async fn names_itself(mut response: Response) -> Response {
    let here = HeaderValue::from_static("same-origin");
    let headers = response.headers_mut();
    headers.insert(header::REFERRER_POLICY, here);
    response
}

/// Pages whose words follow the browser's language and that are not rendered once for all.
pub(super) async fn in_its_language(mut response: Response) -> Response {
    response
        .headers_mut()
        .append(header::VARY, HeaderValue::from_static("accept-language"));
    response
}

/// Scripts, styles and WASM: any site may load them; nothing personal is in them.
pub(super) async fn anyone_may_load(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
    response
}

/// Pages that configured sites may frame, and nobody else. In a frame they lead out of it where they lead to
/// others.
pub(super) async fn framed_by_sites(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Response {
    let destination = request.headers().get("sec-fetch-dest");
    let framed = destination.is_some_and(|to| to == "iframe" || to == "frame");
    let answers = request.method() == Method::POST;
    let mut response = next.run(request).await;
    if framed && answers && response.headers().get(header::CONTENT_TYPE) == Some(&PAGE) {
        response = leading_out(response).await;
    }
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        policy(&app.origins.frame_ancestors()),
    );
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
    response
}

const PAGE: HeaderValue = HeaderValue::from_static(HTML);

async fn leading_out(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let page = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.remove(header::CONTENT_LENGTH);
    let page = in_frame(&String::from_utf8_lossy(&page));
    Response::from_parts(parts, Body::from(page))
}

/// Answers about one person that configured sites may read, preflight included.
pub(super) async fn readable_by_sites(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Response {
    readable(&app, Allowed::Strangers, request, next).await
}

/// The same where a page sends a bearer.
pub(super) async fn readable_by_sites_signed_in(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Response {
    readable(&app, Allowed::SignedIn, request, next).await
}

async fn readable(app: &App, allowed: Allowed, request: Request, next: Next) -> Response {
    let asked = request.headers().get(header::ORIGIN).cloned();
    let preflight = request.method() == Method::OPTIONS;
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    if preflight {
        app.origins.preflight(asked.as_ref(), headers, allowed);
    } else {
        app.origins.allow(asked.as_ref(), headers);
    }
    response
}

fn policy(frame_ancestors: &str) -> HeaderValue {
    HeaderValue::from_str(&format!("{CONTENT}; frame-ancestors {frame_ancestors}"))
        .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"))
}
