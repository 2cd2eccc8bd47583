//! Who is signed in: a contact who has shown to hold an address, by cookie or by bearer.
//!
//! Pages of the service use a cookie that scripts cannot read; the widget keeps a bearer in memory
//! (SEC-10). Reading a page writes nothing: each answer hands out the same session, just seen.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::Response;
use shared::address::Address;
use shared::time::Timestamp;

use super::App;
use super::problem::{Code, Problem};
use crate::links::Session;
use crate::store::Keys;

/// The cookie behind TLS; browsers bind a name of this form to the host and to TLS.
const COOKIE: &str = "__Host-sayso";
/// The cookie of a demonstration without TLS.
const PLAIN_COOKIE: &str = "sayso";

/// A signed-in contact.
#[derive(Clone)]
pub(crate) struct SignedIn {
    /// The address.
    pub address: Address,
    /// Its keys.
    pub keys: Keys,
    /// The notice beside which the link was asked for.
    pub notice: String,
    /// When the session ends, whatever happens.
    pub until: Timestamp,
    session: Session,
    by_cookie: bool,
}

impl SignedIn {
    /// Who sent the request. A cookie that comes with a write counts only from our own pages
    /// (SEC-21).
    pub(super) async fn of(
        app: &App,
        method: &Method,
        headers: &HeaderMap,
    ) -> Result<Self, Problem> {
        let (value, by_cookie) = match (bearer(headers), cookie(app, headers)) {
            (Some(value), _) => (value, false),
            (None, Some(value)) => (value, true),
            (None, None) => return Err(needed()),
        };
        if by_cookie && !method.is_safe() {
            from_our_pages(app, headers)?;
        }
        let session = app.links.session(value).await?.ok_or_else(needed)?;
        Ok(Self::holding(session, by_cookie))
    }

    /// Somebody who has just signed in on a page.
    pub(super) fn on_page(session: Session) -> Self {
        Self::holding(session, true)
    }

    fn holding(session: Session, by_cookie: bool) -> Self {
        Self {
            address: session.address.clone(),
            keys: session.keys.clone(),
            notice: session.notice.clone(),
            until: session.until,
            session,
            by_cookie,
        }
    }

    /// What a script sends as bearer from now on.
    pub(super) fn value(&self) -> &str {
        &self.session.value
    }

    /// The session itself.
    pub(super) const fn session(&self) -> &Session {
        &self.session
    }

    /// The answer, with the session just seen where a cookie holds it.
    pub(super) fn seen(&self, app: &App, mut response: Response) -> Response {
        if self.by_cookie {
            set(app, &mut response, self.value(), "");
        }
        response
    }
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        Self::of(app, &parts.method, &parts.headers).await
    }
}

/// Whether the browser holds a session, over or not.
pub(super) fn had_one(app: &App, headers: &HeaderMap) -> bool {
    cookie(app, headers).is_some()
}

/// The answer, with the cookie taken away from a browser that holds one.
pub(super) fn forget(app: &App, headers: &HeaderMap, mut response: Response) -> Response {
    if had_one(app, headers) {
        set(app, &mut response, "", "; Max-Age=0");
    }
    response
}

/// Admits a form only from a page of this service: by what browsers say of themselves, and where
/// they say nothing, by the origin (SEC-21).
pub(super) fn from_our_pages(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    let ours = match headers.get("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => app.origins.of(headers) == super::origin::From::Own,
    };
    ours.then_some(()).ok_or_else(|| {
        Problem::new(
            Code::OriginRefused,
            "Open /self and choose there: a page of another website may not send this.",
        )
    })
}

fn needed() -> Problem {
    Problem::new(
        Code::SignInNeeded,
        "Ask for a link with POST /v1/links, and use its token or code with POST /v1/sessions.",
    )
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let given = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, value) = given.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(value)
}

fn cookie<'a>(app: &App, headers: &'a HeaderMap) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, value)| *name == name_for(app) && !value.is_empty())
        .map(|(_, value)| value)
}

fn set(app: &App, response: &mut Response, value: &str, more: &str) {
    let secure = if has_tls(app) { "; Secure" } else { "" };
    let name = name_for(app);
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{more}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

fn name_for(app: &App) -> &'static str {
    if has_tls(app) { COOKIE } else { PLAIN_COOKIE }
}

fn has_tls(app: &App) -> bool {
    app.base.starts_with("https://")
}
