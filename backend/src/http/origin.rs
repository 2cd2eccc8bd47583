//! Which websites may write: exact origins, no cookies, no wildcard (SEC-21, SEC-23).

use std::collections::BTreeSet;

use axum::http::{HeaderMap, HeaderValue, header};
use shared::entry::Method;

use super::problem::{Code, Problem};

/// How long a browser may remember a preflight answer, in seconds.
const MAX_AGE: &str = "600";

/// The origins of a deployment.
#[derive(Debug)]
pub(super) struct Origins {
    own: String,
    sites: BTreeSet<String>,
}

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From<'a> {
    /// No browser page: a program.
    Nowhere,
    /// A page of this service.
    Own,
    /// A configured website.
    Site(&'a str),
    /// Any other page.
    Stranger,
}

/// What a page may send to a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Allowed {
    /// Writes of people who need no session.
    Strangers,
    /// What the signed-in contact reads and writes, with a bearer; never with a cookie.
    SignedIn,
}

impl From<'_> {
    /// How an act came that was sent as JSON: from the script of a page, or from a program.
    #[must_use]
    pub(super) const fn method(self) -> Method {
        match self {
            Self::Nowhere => Method::Message,
            Self::Own | Self::Site(_) | Self::Stranger => Method::Script,
        }
    }
}

impl Origins {
    /// The service's own origin and the configured sites.
    #[must_use]
    pub(super) const fn new(own: String, sites: BTreeSet<String>) -> Self {
        Self { own, sites }
    }

    /// Where the request comes from, by its `Origin` header. `null` is a stranger.
    #[must_use]
    pub(super) fn of<'a>(&'a self, headers: &HeaderMap) -> From<'a> {
        self.named(headers.get(header::ORIGIN))
    }

    fn named<'a>(&'a self, origin: Option<&HeaderValue>) -> From<'a> {
        let Some(origin) = origin else {
            return From::Nowhere;
        };
        match origin.to_str() {
            Ok(origin) if origin == self.own => From::Own,
            Ok(origin) => self
                .sites
                .get(origin)
                .map_or(From::Stranger, |site| From::Site(site)),
            Err(_) => From::Stranger,
        }
    }

    /// Admits a JSON write from a browser only from known origins and only with the header that
    /// makes browsers ask first.
    pub(super) fn admit_json<'a>(&'a self, headers: &HeaderMap) -> Result<From<'a>, Problem> {
        let from = self.of(headers);
        let cross_site = headers
            .get("sec-fetch-site")
            .is_some_and(|site| site == "cross-site");
        match from {
            From::Stranger => {
                return Err(Problem::new(
                    Code::OriginRefused,
                    "The operator of this service adds the website's origin to the configuration \
                     as [[site]] origin.",
                ));
            }
            From::Site(_) | From::Nowhere if cross_site || from != From::Nowhere => {
                if headers
                    .get("x-sayso-client")
                    .is_none_or(|value| value != "1")
                {
                    return Err(Problem::new(
                        Code::ClientHeaderMissing,
                        "Send the header X-Sayso-Client: 1.",
                    ));
                }
            }
            From::Own | From::Nowhere | From::Site(_) => {}
        }
        Ok(from)
    }

    /// The headers that let a configured site, named by `origin`, read the answer.
    pub(super) fn allow(&self, origin: Option<&HeaderValue>, response: &mut HeaderMap) {
        response.append(header::VARY, HeaderValue::from_static("Origin"));
        if let From::Site(site) = self.named(origin)
            && let Ok(value) = HeaderValue::from_str(site)
        {
            response.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, value);
            response.insert(
                header::ACCESS_CONTROL_EXPOSE_HEADERS,
                HeaderValue::from_static("retry-after"),
            );
        }
    }

    /// The headers of the answer to a preflight.
    pub(super) fn preflight(
        &self,
        origin: Option<&HeaderValue>,
        response: &mut HeaderMap,
        allowed: Allowed,
    ) {
        self.allow(origin, response);
        if response.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
            let (methods, headers) = match allowed {
                Allowed::Strangers => ("POST", "content-type, x-sayso-client"),
                Allowed::SignedIn => (
                    "GET, POST, DELETE",
                    "authorization, content-type, x-sayso-client",
                ),
            };
            let fixed = [
                (header::ACCESS_CONTROL_ALLOW_METHODS, methods),
                (header::ACCESS_CONTROL_ALLOW_HEADERS, headers),
                (header::ACCESS_CONTROL_MAX_AGE, MAX_AGE),
            ];
            for (name, value) in fixed {
                response.insert(name, HeaderValue::from_static(value));
            }
        }
    }

    /// The `frame-ancestors` of pages that configured sites may frame.
    #[must_use]
    pub(super) fn frame_ancestors(&self) -> String {
        let mut text = String::from("'self'");
        for site in &self.sites {
            text.push(' ');
            text.push_str(site);
        }
        text
    }
}
