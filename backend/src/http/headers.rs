//! Security headers, on every answer (SEC-25, SEC-26).

use std::sync::LazyLock;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;

use super::App;
use super::origin::Allowed;

/// What pages of the service may do: nothing but their own styles, scripts and forms.
const CONTENT: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
                       style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
                       base-uri 'none'; object-src 'none'";

/// The policy of answers that nobody may frame, made once.
static UNFRAMED: LazyLock<HeaderValue> = LazyLock::new(|| policy("'none'"));

/// On every answer. A content security policy that a route has set stays.
pub(super) async fn everywhere(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let fixed = [
        (
            header::STRICT_TRANSPORT_SECURITY,
            "max-age=63072000; includeSubDomains",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "interest-cohort=(), browsing-topics=()",
        ),
    ];
    for (name, value) in fixed {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    headers
        .entry(HeaderName::from_static("cross-origin-resource-policy"))
        .or_insert(HeaderValue::from_static("same-origin"));
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert_with(|| UNFRAMED.clone());
    response
}

/// Answers about one person: no cache may keep them.
pub(super) async fn kept_nowhere(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
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

/// Pages that configured sites may frame, and nobody else.
pub(super) async fn framed_by_sites(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
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

/// Answers that configured sites may read, preflight included.
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
    let asked: HeaderMap = request
        .headers()
        .iter()
        .filter(|(name, _)| **name == header::ORIGIN)
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let preflight = request.method() == Method::OPTIONS;
    let mut response = next.run(request).await;
    if preflight {
        app.origins
            .preflight(&asked, response.headers_mut(), allowed);
    } else {
        app.origins.allow(&asked, response.headers_mut());
    }
    response
}

fn policy(frame_ancestors: &str) -> HeaderValue {
    HeaderValue::from_str(&format!("{CONTENT}; frame-ancestors {frame_ancestors}"))
        .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"))
}
