//! The parameters of a path. What cannot be read names nothing that is here.

use axum::extract::FromRequestParts;
use axum::extract::rejection::PathRejection;

use super::problem::{Code, Problem};

/// Like axum's, with a problem document where the path is not UTF-8.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Problem))]
pub(super) struct Path<T>(pub T);

impl From<PathRejection> for Problem {
    fn from(_: PathRejection) -> Self {
        Self::new(Code::NotFound, "Check the address; / shows what is here.")
    }
}
