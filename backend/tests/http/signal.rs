//! Global Privacy Control: what is said about it, and what it changes.

use serde_json::json;
use shared::entry::Act;

use crate::service::{NOTICE, Service, request};

#[tokio::test]
async fn the_statement_is_there_only_where_the_operator_makes_it() {
    let silent = Service::start().await;
    silent
        .get("/.well-known/gpc.json")
        .await
        .is_problem(404, "not_found");
    let since = "2026-11-23".parse().unwrap();
    let service = Service::with(|config| config.gpc_since = Some(since)).await;
    let answer = service.get("/.well-known/gpc.json").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(
        answer.json(),
        json!({ "gpc": true, "lastUpdate": "2026-11-23" })
    );
}

#[tokio::test]
async fn one_of_several_headers_is_enough_and_no_page_view_is_noted() {
    let service = Service::start().await;
    let state = service.state();
    for path in [
        "/",
        "/notices/corporate-clients",
        "/embed/corporate-clients/sayso.js",
    ] {
        let plain = service.get(path).await;
        let signalled = service.get_with(path, &[("sec-gpc", "1")]).await;
        assert_eq!(
            plain.bytes, signalled.bytes,
            "{path}: so no Vary is needed (GPC-08)"
        );
    }
    assert_eq!(service.state(), state);
    let body = crate::service::objection("jane@client.example", json!({})).to_string();
    let headers = [
        ("content-type", "application/json"),
        ("sec-gpc", "0"),
        ("sec-gpc", "1"),
    ];
    let post = request(axum::http::Method::POST, "/v1/objections", &headers, &body);
    assert_eq!(service.send(post).await.status, 202);
    assert!(service.entries().await[0].evidence.gpc);
}

#[tokio::test]
async fn a_later_choice_of_the_person_counts_more_than_the_signal() {
    let service = Service::start().await;
    let session = service.sign_in("jane@client.example").await;
    let bearer = format!("Bearer {session}");
    let own = service.own(&session).await.json();
    let give = json!({
        "act": "give", "purpose": "info_about_us", "topic": "it_strategy", "channel": "email",
        "as_of": own["as_of"], "view_token": service.view_token(),
    });
    let headers = [("authorization", bearer.as_str()), ("sec-gpc", "1")];
    let answer = service.post_with("/v1/self/choices", &headers, &give).await;
    assert_eq!(answer.status, 200, "{} {NOTICE}", answer.text());
    let entries = service.entries().await;
    let given = entries
        .iter()
        .find(|entry| entry.act == Act::ConsentGiven)
        .unwrap();
    assert!(given.evidence.gpc);
}
