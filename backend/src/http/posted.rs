//! A form as a page posts it, and the language of that page.

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use frontend::catalogue::Language;
use frontend::pages::again::{self, again_page};
use serde::de::DeserializeOwned;

use super::pages::{owner, problem_page};
use super::problem::Problem;
use super::{App, body, language};

/// A form that was read. One that cannot be read is answered with a page that says so.
pub(super) struct Posted<F> {
    /// Its fields.
    pub form: F,
    /// The language that its page was shown in.
    pub language: Language,
    /// All of it, as it was sent.
    pub sent: Sent,
}

/// A form as it was sent, so that it need not be filled in twice.
pub(super) struct Sent {
    path: String,
    fields: Vec<(String, String)>,
    language: Language,
}

impl Sent {
    /// The page for a problem. Where the same form can be taken a moment later, the page keeps all
    /// that was sent and sends it again with one press.
    pub(super) async fn refused(&self, app: &App, problem: &Problem) -> Response {
        let status = problem.code().status();
        let wait = match status {
            StatusCode::TOO_MANY_REQUESTS => Some(problem.seconds().unwrap_or(1)),
            status if status.is_server_error() => None,
            _ => return problem_page(app, self.language, problem),
        };
        let named = self.fields.iter().find(|(name, _)| name == "notice");
        let notice = named.map_or("", |(_, notice)| notice.as_str());
        let shelf = app.shelf().await.ok();
        let owner = shelf.map_or_else(String::new, |shelf| owner(&shelf, notice));
        let sent = again::Sent {
            path: &self.path,
            fields: &self.fields,
            owner: &owner,
        };
        let around = app.surroundings(self.language, None);
        let page = Html(again_page(sent, wait, &around));
        let mut response = (status, page).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = problem.seconds() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The field in which every form of ours says its page's language.
const LANGUAGE: &str = "lang";

impl<F: DeserializeOwned> FromRequest<App> for Posted<F> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let headers = &parts.headers;
        match body::form::<F, Vec<(String, String)>>(headers, body).await {
            Ok((form, fields)) => {
                let lang = fields.iter().find(|(name, _)| name == LANGUAGE);
                let spoken = lang.and_then(|(_, lang)| given(lang));
                let language = language::of(headers, spoken);
                let path = parts.uri.path().to_owned();
                Ok(Self {
                    form,
                    language,
                    sent: Sent {
                        path,
                        fields,
                        language,
                    },
                })
            }
            Err(problem) => Err(problem_page(app, language::of(headers, None), &problem)),
        }
    }
}

/// The text of a field, unless it was left empty.
pub(super) fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}
