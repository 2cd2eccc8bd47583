//! How a request ends that no route answers.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::problem::{Code, Problem};
use super::{App, pages};

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
