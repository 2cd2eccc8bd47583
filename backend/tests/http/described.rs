//! Whatever is answered, the description of the interface names: its status and its media type.

use axum::http::Method;
use backend::http::access::Scope;
use serde_json::Value;

use crate::limits::{exhaust, limited};
use crate::service::{Answer, SITE, Service, from_client, request};

const JSON: (&str, &str) = ("content-type", "application/json");

/// The operations of the description: path, method, and what it says of them.
fn operations(description: &Value) -> Vec<(String, Method, Value)> {
    let paths = description["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().iter();
        methods.map(move |(method, operation)| {
            let method = method.to_uppercase().parse().unwrap();
            (path.clone(), method, operation.clone())
        })
    });
    all.collect()
}

#[track_caller]
fn is_named(operation: &Value, answer: &Answer, what: &str) {
    let status = answer.status.as_str();
    let named = &operation["responses"][status];
    assert!(named.is_object(), "{what} answers {status}");
    let media = answer.header("content-type");
    let media = media.split(';').next().unwrap_or_default();
    let content = &named["content"];
    assert!(
        answer.bytes.is_empty() || content[media].is_object(),
        "{what} answers {status} as {media}: {content}"
    );
}

#[tokio::test]
async fn every_answer_is_of_a_status_and_media_type_that_the_description_names() {
    let service = Service::start().await;
    let description = service.get("/openapi.json").await.json();
    let all = operations(&description);
    assert!(all.len() > 15, "{all:?}");
    let bearer = |key: &str| format!("Bearer {key}");
    let keys = [
        "Bearer zaphod".to_owned(),
        bearer(&service.key(&Scope::ALL).await),
        bearer(&service.key(&[Scope::EntriesRead]).await),
        bearer(&service.sign_in("jane@client.example").await),
    ];
    let malformed = ["", "{", "null", "{}", "{\"zaphod\":1}", "[1]"];
    let mut statuses = std::collections::BTreeSet::new();
    for (path, method, operation) in &all {
        let to = path.replace("{capability}", "zaphod");
        for key in &keys {
            let key = ("authorization", key.as_str());
            for headers in [
                &[key][..],
                &[key, JSON],
                &[key, ("content-type", "application/x-www-form-urlencoded")],
                &[key, JSON, ("origin", "https://evil.example")],
                &[key, JSON, ("origin", SITE)],
                &[key, JSON, ("sec-fetch-site", "cross-site")],
                &[JSON],
            ] {
                for body in malformed {
                    let answer = request(method.clone(), &to, headers, body);
                    let answer = service.send(answer).await;
                    is_named(operation, &answer, &format!("{method} {path} {body}"));
                    statuses.insert(answer.status.as_u16());
                }
            }
        }
        let key = ("authorization", keys[1].as_str());
        let large = " ".repeat(1024 * 1024 + 1);
        let answer = request(method.clone(), &to, &[key, JSON], &large);
        let answer = service.send(answer).await;
        is_named(operation, &answer, &format!("{method} {path}, large"));
        statuses.insert(answer.status.as_u16());
        for query in ["?zaphod=1", "?lang=%ff", "?after=-1&limit=0", "?purpose=x"] {
            let to = format!("{to}{query}");
            let answer = service.send(request(method.clone(), &to, &[key], "")).await;
            is_named(operation, &answer, &format!("{method} {path}{query}"));
        }
        for other in [Method::PUT, Method::PATCH] {
            let answer = service.send(request(other, &to, &[key], "")).await;
            assert_eq!(answer.status, 405, "{path}");
            is_named(operation, &answer, path);
        }
    }
    for status in [400, 401, 403, 404, 413, 415, 422] {
        assert!(statuses.contains(&status), "{status}: {statuses:?}");
    }
}

#[tokio::test]
async fn who_is_limited_finds_that_in_the_description() {
    let service = limited().await;
    let description = service.get("/openapi.json").await.json();
    let session = format!("Bearer {}", service.sign_in("jane@client.example").await);
    let client = "192.0.2.1";
    exhaust(&service, client, &[]).await;
    let mut held_up = 0;
    for (path, method, operation) in operations(&description) {
        let headers = [("authorization", session.as_str()), JSON];
        let to = path.replace("{capability}", "zaphod");
        let asked = request(method.clone(), &to, &headers, "{}");
        let answer = service.send(from_client(asked, client)).await;
        is_named(&operation, &answer, &format!("{method} {path}"));
        held_up += usize::from(answer.status == 429);
    }
    assert!(held_up > 6, "{held_up}");
}
