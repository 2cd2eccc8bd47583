//! The service's other pages: front page, frame, demonstration, and problems for people.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use frontend::catalogue::Language;
use frontend::pages::Whose;
use frontend::pages::frame::frame_page;
use frontend::pages::home::home_page;
use frontend::pages::problem::{self as page, problem_page as render_problem};
use shared::notice::NoticeKey;

use super::App;
use super::language::{self, LanguageQuery};
use super::path::Path;
use super::problem::{Code, Problem};
use super::sign_in::notice_of;
use crate::assets;
use crate::shelf::Shelf;

/// The media type of pages.
pub(super) const HTML: &str = "text/html; charset=utf-8";
const TEN_MINUTES: &str = "public, max-age=600";

/// What this service is.
pub(super) async fn home(
    State(app): State<App>,
    query: LanguageQuery,
    headers: HeaderMap,
) -> Response {
    let language = language::of(&headers, query.lang.as_deref());
    match app.shelf().await {
        Ok(shelf) => {
            let notices: Vec<_> = shelf
                .all_in_force()
                .filter_map(|shelved| {
                    let key = NoticeKey::parse(&shelved.notice).ok()?;
                    Some((key, owner(&shelf, &shelved.notice)))
                })
                .collect();
            let around = app.surroundings(language, None);
            Html(home_page(&notices, app.demo, &around)).into_response()
        }
        Err(problem) => problem_page(&app, language, &problem),
    }
}

/// The widget's first layer as a page for an iframe.
pub(super) async fn frame(
    State(app): State<App>,
    Path(notice): Path<String>,
    query: LanguageQuery,
    headers: HeaderMap,
) -> Response {
    let language = language::of(&headers, query.lang.as_deref());
    let found = async {
        let missing = || Problem::new(Code::NotFound, "No published notice has this name: see /.");
        let shelf = app.shelf().await?;
        let shelved = shelf.in_force(&notice).ok_or_else(missing)?;
        let shown = shelved.structured().ok_or_else(missing)?;
        let around = app.surroundings(language, Some(shelved));
        let script = format!("/embed/{notice}/sayso.js?lang={}", language.tag());
        let token = around.view_token.as_deref().unwrap_or_default();
        let name = format!("frame {token} {}", shelved.digest);
        let earlier = shelf.earlier(&notice, around.now.date());
        let rendered = app
            .rendered
            .get(name, HTML, || frame_page(shown, earlier, &script, &around));
        Ok(rendered.answer(&headers, TEN_MINUTES))
    };
    found
        .await
        .unwrap_or_else(|problem: Problem| problem_page(&app, language, &problem))
}

/// A company's page with the widget on it. In the demonstration the page is opened under one local
/// name and the widget comes from the other, as on a real website.
pub(super) async fn demo(State(app): State<App>, headers: HeaderMap) -> Response {
    let page = assets::named("demo/index.html").filter(|_| app.demo);
    let Some(page) = page else {
        let problem = Problem::new(Code::NotFound, "The demonstration runs with serve --demo.");
        return or_problem(&app, &headers, &problem);
    };
    let css = app.url(&assets::path_of("demo/demo.css"));
    let html = page
        .text()
        .replace("{{base}}", app.base())
        .replace("{{css}}", &css);
    let mut response = Html(html).into_response();
    let policy = format!(
        "default-src 'none'; script-src {base} 'wasm-unsafe-eval'; style-src {base}; \
         img-src {base} data:; connect-src {base}; form-action {base}; frame-src {base}; \
         base-uri 'none'; frame-ancestors 'none'",
        base = app.base()
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Whose pages they are.
#[derive(Default)]
pub(super) struct Company {
    notice: String,
    owner: String,
}

impl Company {
    /// The controller of the named notice, else of the first that is in force; nobody while the
    /// notices cannot be read.
    pub(super) async fn of(app: &App, notice: &str) -> Self {
        let (Ok(notice), Ok(shelf)) = (notice_of(app, notice).await, app.shelf().await) else {
            return Self::default();
        };
        Self {
            owner: owner(&shelf, &notice),
            notice,
        }
    }

    pub(super) fn whose(&self) -> Whose<'_> {
        Whose {
            notice: &self.notice,
            owner: &self.owner,
        }
    }
}

/// The name of the controller of that notice.
pub(super) fn owner(shelf: &Shelf, notice: &str) -> String {
    shelf
        .in_force(notice)
        .and_then(|shelved| shelved.structured())
        .and_then(|notice| notice.slots.controller.filled())
        .map_or_else(String::new, |controller| controller.name.clone())
}

pub(super) fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accepted| accepted.contains("text/html"))
}

/// The problem as a page for people, as a document for programs.
pub(super) fn or_problem(app: &App, headers: &HeaderMap, problem: &Problem) -> Response {
    if wants_page(headers) {
        problem_page(app, language::of(headers, None), problem)
    } else {
        problem.clone().into_response()
    }
}

/// The problem as a page.
pub(super) fn problem_page(app: &App, language: Language, problem: &Problem) -> Response {
    let status = problem.code().status();
    let kind = match status {
        StatusCode::NOT_FOUND => page::Problem::NotFound,
        StatusCode::TOO_MANY_REQUESTS => page::Problem::Failed,
        status if status.is_server_error() => page::Problem::Failed,
        _ => page::Problem::Unreadable,
    };
    let around = app.surroundings(language, None);
    let mut response = unstored(status, render_problem(kind, None, &around));
    if let Some(seconds) = problem.seconds() {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// What somebody sees whose unsubscribe link is not whole: the way to stop the mailings all the same.
pub(super) async fn broken_link_page(app: &App, language: Language) -> Response {
    let notice = Company::of(app, "").await.notice;
    let notice = Some(notice.as_str()).filter(|notice| !notice.is_empty());
    let around = app.surroundings(language, None);
    unstored(
        StatusCode::NOT_FOUND,
        render_problem(page::Problem::BrokenLink, notice, &around),
    )
}

fn unstored(status: StatusCode, page: String) -> Response {
    let mut response = (status, Html(page)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
