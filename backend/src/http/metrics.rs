//! `GET /metrics`: what operators watch, for Prometheus.

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};

use super::App;
use super::access::{Scope, authorize};
use super::headers::KEPT_NOWHERE;
use super::problem::Problem;
use crate::metrics::{self, CONTENT_TYPE};

/// Counters and how things stand, in the text format of Prometheus. They are about the service and about
/// nobody in particular.
#[utoipa::path(
    get, path = "/metrics", operation_id = "metrics", tag = "operators",
    security(("key" = ["metrics:read"])),
    responses(
        (status = 200, description = "Text format 0.0.4", content_type = "text/plain", body = String),
        (status = 401, description = "No valid API key", body = Problem),
        (status = 403, description = "The key lacks the scope metrics:read", body = Problem),
        (status = 503, description = "The store cannot be read", body = Problem),
    )
)]
pub(super) async fn read(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    authorize(&app, &headers, Scope::MetricsRead).await?;
    let state = metrics::State::read(&*app.store, &app.sinks, app.world.now()).await?;
    let form = [(header::CONTENT_TYPE, CONTENT_TYPE)];
    Ok((KEPT_NOWHERE, form, app.metrics.written(&state)).into_response())
}
