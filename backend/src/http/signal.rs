//! What this service says about Global Privacy Control.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::App;
use super::pages::or_problem;
use super::problem::{Code, Problem};

/// `GET /.well-known/gpc.json`: for this origin alone, and only where the operator says so
/// (GPC-07). A website that embeds the widget publishes its own.
pub(super) async fn statement(State(app): State<App>, headers: HeaderMap) -> Response {
    match app.gpc_since {
        Some(since) => Json(json!({ "gpc": true, "lastUpdate": since })).into_response(),
        None => {
            let problem = Problem::new(Code::NotFound, "Nothing is said here: see gpc_since.");
            or_problem(&app, &headers, &problem)
        }
    }
}
