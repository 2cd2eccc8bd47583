//! How a request ends that no handler answers: unknown, not in time, or with a panic.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::problem::{Code, Problem};
use super::{App, pages};

/// No request takes longer than this.
const TIMEOUT: Duration = Duration::from_secs(30);

pub(super) async fn not_found(State(app): State<App>, headers: HeaderMap) -> Response {
    let problem = Problem::new(Code::NotFound, "Check the address; / shows what is here.");
    pages::or_problem(&app, &headers, &problem)
}

pub(super) async fn method_not_allowed() -> Problem {
    Problem::new(
        Code::MethodNotAllowed,
        "See /docs for the methods of this address.",
    )
}

pub(super) async fn in_time(request: Request, next: Next) -> Response {
    tokio::time::timeout(TIMEOUT, next.run(request))
        .await
        .unwrap_or_else(|_| {
            Problem::new(Code::TimedOut, "Try again in a moment.")
                .retry_after(5)
                .into_response()
        })
}

pub(super) fn panicked(_cause: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a request handler panicked");
    Problem::new(
        Code::Internal,
        "The operator was told. Try again in a moment.",
    )
    .into_response()
}
