//! Request bodies, parsed at the door.

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;

use super::problem::{Code, Problem};

/// Bytes of a JSON or form body at most (SEC-27).
pub(super) const SMALL: usize = 64 * 1024;
/// Bytes of a batch of decisions at most.
pub(super) const BATCH: usize = 1024 * 1024;

/// Reads a JSON body of at most `limit` bytes into `T`.
pub(super) async fn json<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<T, Problem> {
    parse_json(headers, &read(body, limit).await?)
}

/// Parses a JSON body that was read. What is no JSON is 400; a field that is missing, unknown or of the
/// wrong type is 422.
pub(super) fn parse_json<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: &[u8],
) -> Result<T, Problem> {
    expect_type(headers, "application/json")?;
    serde_json::from_slice(body).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        if error.is_data() {
            Problem::new(
                Code::InvalidRequest,
                format!(
                    "At {place}: {}. See /docs for the fields.",
                    without_values(&error)
                ),
            )
        } else {
            Problem::new(
                Code::MalformedJson,
                format!("Send JSON; it breaks at {place}."),
            )
        }
    })
}

/// Reads a form as browsers send it without scripts, twice: each reader takes the fields that it
/// knows. Others are passed over: an objection must not fail because of one.
pub(super) async fn form<T: DeserializeOwned, U: DeserializeOwned>(
    headers: &HeaderMap,
    body: Body,
) -> Result<(T, U), Problem> {
    expect_type(headers, "application/x-www-form-urlencoded")?;
    let bytes = read(body, SMALL).await?;
    let unclear = |_| {
        Problem::new(
            Code::MalformedForm,
            "Send the form as the page shows it, once per field.",
        )
    };
    let one = serde_urlencoded::from_bytes(&bytes).map_err(unclear)?;
    let other = serde_urlencoded::from_bytes(&bytes).map_err(unclear)?;
    Ok((one, other))
}

fn expect_type(headers: &HeaderMap, expected: &str) -> Result<(), Problem> {
    let given = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = given.and_then(|text| text.split(';').next()).map(str::trim);
    if essence.is_some_and(|essence| essence.eq_ignore_ascii_case(expected)) {
        Ok(())
    } else {
        Err(Problem::new(
            Code::UnsupportedMediaType,
            format!("Send the body with the header Content-Type: {expected}."),
        ))
    }
}

/// Whether the body is said to be small: as much as anybody may send.
pub(super) fn is_small(headers: &HeaderMap) -> bool {
    let length = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    length.is_some_and(|length: usize| length <= SMALL)
}

/// Reads a body of at most `limit` bytes.
pub(super) async fn read(body: Body, limit: usize) -> Result<Bytes, Problem> {
    to_bytes(body, limit).await.map_err(|_| {
        Problem::new(
            Code::TooLarge,
            format!("Send at most {} KiB, and all of it.", limit / 1024),
        )
    })
}

/// The parser's message without the values it quotes: an address must not come back in an error.
fn without_values(error: &serde_json::Error) -> String {
    let message = error.to_string();
    // From the right: what stands before may be the caller's own words.
    let message = message
        .rsplit_once(" at line ")
        .map_or(message.as_str(), |(message, _)| message);
    if message.starts_with("unknown field") || message.starts_with("missing field") {
        // Field names, of which only an unknown one is the caller's own text.
        let known = message.rsplit_once(", expected ").map(|(_, known)| known);
        return match known {
            Some(known) => format!("unknown field, expected {known}"),
            None if message.starts_with("missing") => message.to_owned(),
            None => "unknown field".to_owned(),
        };
    }
    match message.rsplit_once(", expected ") {
        Some((_, expected)) => format!("a value of the wrong kind, expected {expected}"),
        None => "a value that is not usable".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::without_values;

    #[test]
    fn errors_quote_nothing_of_what_was_sent() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Sample {
            #[expect(dead_code, reason = "only parsed")]
            count: u8,
        }
        for body in [
            r#"{"count":"jane@example.com"}"#,
            r#"{"jane@example.com":1}"#,
            r#"{"count":"1, expected jane"}"#,
            r#"{"count":"1, expected jane at line 1"}"#,
            r#"{"1, expected jane":1}"#,
            r#"{"1 at line jane":1}"#,
            r#"{"count":1,"count":2}"#,
            "{}",
            "[]",
            r#"{"count":999}"#,
        ] {
            let error = serde_json::from_str::<Sample>(body).expect_err(body);
            let text = without_values(&error);
            assert!(!text.contains("jane") && !text.is_empty(), "{text}");
        }
    }
}
