//! The description of the interface: for programs at `/openapi.json`, for people at `/docs`.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{Html, IntoResponse as _, Response};
use frontend::pages::docs::{Apart, Operation, docs_page};
use utoipa::OpenApi;
use utoipa::openapi::path::{Operation as Described, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{Object, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{RefOr, Required};

use super::language::LanguageQuery;
use super::problem::Code;
use super::scrubs::TakenOff;
use super::{
    App, cases, changes, choices, consents, decisions, health, language, metrics, objections,
    receipts, scrubs, sign_in, unsubscribe_links,
};

mod fields;
mod problems;

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
    let bearer = || SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
    let components = description.components.get_or_insert_default();
    components.add_security_scheme("key", bearer());
    components.add_security_scheme("session", bearer());
    for item in description.paths.paths.values_mut() {
        let writes = [&mut item.post, &mut item.delete];
        for write in writes.into_iter().flatten().filter(|write| is_open(write)) {
            let parameters = write.parameters.get_or_insert_default();
            parameters.push(RefOr::T(client_header()));
            problems::name(write, true);
        }
        let all = [&mut item.get, &mut item.post, &mut item.delete];
        for operation in all.into_iter().flatten() {
            problems::name(operation, false);
        }
    }
    description
}

/// Whether pages may send it: it takes no API key.
fn is_open(operation: &Described) -> bool {
    let session = SecurityRequirement::new("session", Vec::<String>::new());
    let mut security = operation.security.iter().flatten();
    security.all(|one| *one == session)
}

/// The header that makes browsers ask first.
fn client_header() -> Parameter {
    ParameterBuilder::new()
        .name("X-Sayso-Client")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "`1`. A page of a configured website cannot do without it; a program sends none.",
        ))
        .schema(Some(Object::with_type(Type::String)))
        .build()
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
pub(super) async fn page(
    State(app): State<App>,
    query: LanguageQuery,
    headers: HeaderMap,
) -> Html<String> {
    let language = language::of(&headers, query.lang.as_deref());
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
    let apart = apart(&description);
    Html(docs_page(
        &operations(&description),
        &apart,
        &codes,
        &around,
    ))
}

/// The schemas that no operation refers to, with their fields: lines of an answer that has several.
fn apart(description: &serde_json::Value) -> Vec<Apart> {
    let whole = description.to_string();
    let schemas = description["components"]["schemas"].as_object();
    let is_apart = |name: &str| !whole.contains(&format!("\"#/components/schemas/{name}\""));
    schemas
        .into_iter()
        .flatten()
        .filter(|(name, _)| is_apart(name))
        .map(|(name, schema)| Apart {
            name: name.clone(),
            says: fields::text(&schema["description"]),
            fields: fields::of_schema(description, schema),
        })
        .collect()
}

fn operations(description: &serde_json::Value) -> Vec<Operation> {
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
                    summary: fields::text(&operation["summary"]),
                    description: fields::text(&operation["description"]),
                    parameters: fields::parameters(operation),
                    body: fields::of_body(description, &operation["requestBody"]),
                    answer: operation["responses"]
                        .as_object()
                        .into_iter()
                        .flatten()
                        .filter(|(status, _)| status.starts_with('2'))
                        .flat_map(|(_, answer)| fields::of_body(description, answer))
                        .collect(),
                    answers: operation["responses"]
                        .as_object()
                        .into_iter()
                        .flatten()
                        .map(|(status, answer)| {
                            (status.clone(), fields::text(&answer["description"]))
                        })
                        .collect(),
                })
        })
        .collect()
}
