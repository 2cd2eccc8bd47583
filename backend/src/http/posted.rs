//! A form as a page posts it, and the language of that page.

use axum::extract::{FromRequest, Request};
use axum::response::Response;
use frontend::catalogue::Language;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::pages::problem_page;
use super::{App, body, language};

/// A form that was read. One that cannot be read is answered with a page that says so.
pub(super) struct Posted<F> {
    /// Its fields.
    pub form: F,
    /// The language that its page was shown in.
    pub language: Language,
}

/// The field in which every form of ours says its page's language.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Spoken {
    lang: String,
}

impl<F: DeserializeOwned> FromRequest<App> for Posted<F> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let headers = &parts.headers;
        match body::form::<F, Spoken>(headers, body).await {
            Ok((form, Spoken { lang })) => Ok(Self {
                form,
                language: language::of(headers, given(&lang)),
            }),
            Err(problem) => Err(problem_page(app, language::of(headers, None), &problem)),
        }
    }
}

/// The text of a field, unless it was left empty.
pub(super) fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}
