//! Over HTTP: who must be taken off a list since its certificate.

use axum::http::Method;
use backend::http::access::Scope;
use serde_json::{Value, json};
use shared::digest::Digest;

use crate::service::{Answer, PURPOSE, Service, request};

const LIST: &str = "Email\nann@client.example\nbob@client.example\ncyd@client.example\nnobody\n";

async fn scrub(service: &Service, key: &str, more: &str) -> Answer {
    let bearer = format!("Bearer {key}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "text/csv"),
    ];
    let path = format!("/v1/scrubs?purpose={PURPOSE}{more}");
    service
        .send(request(Method::POST, &path, &headers, LIST))
        .await
}

fn lines(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let text = answer.text();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The certificate's state as parameters.
fn since(certificate: &Value) -> String {
    let text = |name: &str| certificate[name].as_str().unwrap();
    format!(
        "&since={}&since_at={}&since_rules={}",
        certificate["as_of"],
        text("at"),
        text("rules")
    )
}

#[tokio::test]
async fn only_rows_that_were_kept_then_and_are_withheld_now_come_back() {
    let service = Service::start().await;
    let key = service.key(&[Scope::ScrubRun]).await;
    service.object("ann@client.example").await;
    let first = lines(&scrub(&service, &key, "").await);
    let certificate = first.last().unwrap()["certificate"].clone();
    service.object("bob@client.example").await;
    service.object("ann@client.example").await;
    let found = lines(&scrub(&service, &key, &since(&certificate)).await);
    assert_eq!(
        found,
        [
            json!({"row": 2, "proceed": false, "reasons": ["objected"]}),
            json!({
                "taken_off": 1, "rows": 4, "at": "2026-11-23T12:00:00.000Z", "as_of": 3,
                "sha256": Digest::of(LIST.as_bytes()).to_string(),
            }),
        ]
    );
}

#[tokio::test]
async fn a_state_that_is_not_known_here_is_refused_by_its_field() {
    let service = Service::start().await;
    let key = service.key(&[Scope::ScrubRun]).await;
    let first = lines(&scrub(&service, &key, "").await);
    let certificate = first.last().unwrap()["certificate"].clone();
    let other = |name: &str, value: Value| {
        let mut changed = certificate.clone();
        changed[name] = value;
        since(&changed)
    };
    for (query, field) in [
        (other("as_of", json!(7)), "since"),
        (other("rules", json!("0".repeat(64))), "since_rules"),
        (other("at", json!("yesterday")), "since_at"),
        ("&since=0".to_owned(), "since_at"),
        ("&since_at=2026-11-23T12:00:00Z".to_owned(), "since"),
    ] {
        let answer = scrub(&service, &key, &query).await;
        answer.is_problem(422, "invalid_request");
        assert_eq!(answer.json()["errors"][0]["field"], field, "{query}");
    }
}
