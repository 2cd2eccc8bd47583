//! Health: is the process alive, and can it decide.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::problem::Problem;

/// What a probe is told.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    /// `alive` or `ready`.
    pub status: &'static str,
    /// The version of Sayso.
    pub version: &'static str,
}

/// The process answers.
#[utoipa::path(
    get, path = "/healthz", operation_id = "healthz", tag = "operators",
    responses((status = 200, description = "The process is alive", body = Health))
)]
pub(super) async fn alive() -> Json<Health> {
    Json(Health {
        status: "alive",
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// The store answers and a notice is published: decisions can be given.
#[utoipa::path(
    get, path = "/readyz", operation_id = "readyz", tag = "operators",
    responses(
        (status = 200, description = "Decisions can be given", body = Health),
        (status = 503, description = "They cannot: the gate withholds", body = Problem),
    )
)]
pub(super) async fn ready(State(app): State<App>) -> Result<Json<Health>, Problem> {
    app.store.ping().await?;
    app.shelf().await?;
    Ok(Json(Health {
        status: "ready",
        version: env!("CARGO_PKG_VERSION"),
    }))
}
