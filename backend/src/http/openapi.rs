//! The description of the interface: for programs at `/openapi.json`, for people at `/docs`.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{Html, IntoResponse as _, Response};
use frontend::pages::docs::{Operation, docs_page};
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

use super::problem::Code;
use super::scrubs::TakenOff;
use super::{
    App, cases, changes, choices, consents, decisions, health, language, metrics, objections,
    receipts, scrubs, sign_in, unsubscribe_links,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sayso",
        description = "Whom may a company mail, about what, and why. Contacts object here; marketing asks here.",
        license(name = "MIT OR Apache-2.0"),
    ),
    paths(
        objections::object,
        objections::undo,
        sign_in::ask,
        sign_in::open,
        sign_in::close,
        consents::ask,
        choices::own,
        choices::choose,
        cases::open,
        decisions::decide,
        changes::list,
        scrubs::scrub,
        unsubscribe_links::make,
        receipts::receipt,
        receipts::keys,
        health::alive,
        health::ready,
        metrics::read,
    ),
    components(schemas(TakenOff)),
    tags(
        (name = "contacts", description = "What contacts do, from a page or a program"),
        (name = "gate", description = "May we mail this person about this, and why"),
        (name = "operators", description = "Health, and what to watch"),
    ),
)]
struct Interface;

fn description(app: &App) -> utoipa::openapi::OpenApi {
    let mut description = Interface::openapi();
    description.servers = Some(vec![utoipa::openapi::Server::new(app.base())]);
    let key = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    description
        .components
        .get_or_insert_default()
        .add_security_scheme("key", SecurityScheme::Http(key));
    description
}

/// OpenAPI 3.1, for programs of any origin.
pub(super) async fn json(State(app): State<App>) -> Response {
    let mut response = Json(description(&app)).into_response();
    response.headers_mut().insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    response
}

/// The same for people, with every problem code.
pub(super) async fn page(State(app): State<App>, headers: HeaderMap) -> Html<String> {
    let language = language::of(&headers, None);
    let around = app.surroundings(language, None);
    let description = serde_json::to_value(description(&app)).unwrap_or_default();
    let codes: Vec<_> = Code::ALL
        .iter()
        .map(|code| {
            (
                code.as_str().to_owned(),
                code.status().as_u16(),
                code.title().to_owned(),
            )
        })
        .collect();
    Html(docs_page(&operations(&description), &codes, &around))
}

fn operations(description: &serde_json::Value) -> Vec<Operation> {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let paths = description["paths"].as_object().into_iter().flatten();
    paths
        .flat_map(|(path, methods)| {
            methods
                .as_object()
                .into_iter()
                .flatten()
                .map(move |(method, operation)| Operation {
                    method: method.to_uppercase(),
                    path: path.clone(),
                    summary: text(&operation["summary"]),
                    description: text(&operation["description"]),
                    answers: operation["responses"]
                        .as_object()
                        .into_iter()
                        .flatten()
                        .map(|(status, answer)| (status.clone(), text(&answer["description"])))
                        .collect(),
                })
        })
        .collect()
}
