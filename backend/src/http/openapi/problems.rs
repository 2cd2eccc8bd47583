//! The problems that calls of a kind may be answered with, beside those that an operation names itself.

use utoipa::openapi::path::Operation;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};

use crate::http::problem::MEDIA_TYPE;

/// What is answered to calls that bring JSON and cannot be read.
const UNREAD: [(&str, &str); 4] = [
    ("400", "The body is not JSON"),
    ("413", "The body is too large"),
    (
        "415",
        "The body is not sent with Content-Type: application/json",
    ),
    ("422", "A field is missing, unknown or wrong"),
];
/// What is answered to any call.
const ANY: [(&str, &str); 3] = [
    ("405", "The address has other methods"),
    ("500", "Something went wrong here: the operator was told"),
    (
        "503",
        "It took too long, or the store cannot be reached: try again after Retry-After",
    ),
];
const STRANGE: (&str, &str) = ("403", "The website is not configured");
const LIMITED: (&str, &str) = (
    "429",
    "Too many from one client: try again after Retry-After",
);

/// Names them all, each as a problem document. `from_pages` is whether pages may send it.
pub(super) fn name(operation: &mut Operation, from_pages: bool) {
    let mut may: Vec<_> = ANY.to_vec();
    let brings_json = matches!(&operation.request_body, Some(RefOr::T(body))
        if body.content.contains_key("application/json"));
    if brings_json {
        may.extend(UNREAD);
    }
    if from_pages {
        may.push(STRANGE);
        may.extend(brings_json.then_some(LIMITED));
    }
    let responses = &mut operation.responses.responses;
    for (status, says) in may {
        let response = || RefOr::T(ResponseBuilder::new().description(says).build());
        responses.entry(status.to_owned()).or_insert_with(response);
    }
    for (status, response) in responses {
        if let (true, RefOr::T(response)) = (status.starts_with(['4', '5']), response) {
            let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem")));
            let content = RefOr::T(problem.build());
            response.content = [(MEDIA_TYPE.to_owned(), content)].into_iter().collect();
        }
    }
}
