//! The answers to unverified acts are alike for every address (LAW-27, SEC-07).

use serde_json::{Value, json};

use crate::service::{Answer, Service};

/// The answer with all that is random masked; each must have the length it always has.
fn masked(answer: &Answer) -> (u16, Vec<(String, String)>, Value) {
    let mut headers: Vec<_> = answer
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    let mut body = answer.json();
    for (pointer, length) in [("/reference", 9), ("/receipt", 70), ("/undo/token", 51)] {
        let value = body.pointer_mut(pointer).unwrap();
        assert_eq!(value.as_str().unwrap().len(), length, "{pointer}: {value}");
        *value = Value::Null;
    }
    (answer.status.as_u16(), headers, body)
}

#[tokio::test]
async fn unknown_known_and_suppressed_addresses_are_answered_alike() {
    let service = Service::start().await;
    let token = service.view_token();
    let known = service
        .object_to("known@client.example", json!({"view_token": token}))
        .await;
    service.undo(&known.at("/undo/token")).await;
    service.object("suppressed@client.example").await;
    let until = json!({"until": "2027-02-23"});
    service.object_to("paused@client.example", until).await;

    let first = service.object("unknown@client.example").await;
    for address in [
        "known@client.example",
        "suppressed@client.example",
        "suppressed@client.example",
        "paused@client.example",
        "suppressed+tag@client.example",
        "a@gmail.com",
        "someone.with.a.very.long.name@a.very.long.subdomain.of.some.client.example",
    ] {
        let answer = service.object(address).await;
        assert_eq!(masked(&answer), masked(&first), "{address}");
        assert_eq!(answer.bytes.len(), first.bytes.len(), "{address}");
    }
}

#[tokio::test]
async fn answers_to_pauses_are_alike_too() {
    let service = Service::start().await;
    service.object("suppressed@client.example").await;
    let until = json!({"until": "2027-02-23", "topic": "it_strategy"});
    let unknown = service.object_to("new@client.example", until.clone()).await;
    let known = service.object_to("suppressed@client.example", until).await;
    assert_eq!(masked(&unknown), masked(&known));
}

#[tokio::test]
async fn undoing_is_answered_alike_whatever_stood_before() {
    let service = Service::start().await;
    service.object("suppressed@client.example").await;
    let mut answers = Vec::new();
    for address in ["new@client.example", "suppressed@client.example"] {
        let token = service.object(address).await.at("/undo/token");
        let undone = service.undo(&token).await;
        answers.push((undone.status, undone.headers, undone.bytes));
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn receipts_of_the_same_act_differ_in_nothing_but_their_names() {
    let service = Service::start().await;
    service.object("suppressed@client.example").await;
    let mut receipts = Vec::new();
    for address in ["new@client.example", "suppressed@client.example"] {
        let receipt = service.object(address).await.at("/receipt");
        let path = receipt.trim_start_matches(crate::service::BASE);
        let mut body = service.get(path).await.json();
        body["receipt"]["reference"] = Value::Null;
        body["signature"]["value"] = Value::Null;
        receipts.push(body);
    }
    assert_eq!(receipts[0], receipts[1]);
}

#[tokio::test]
async fn the_page_for_a_form_says_the_same_to_every_address() {
    let service = Service::start().await;
    service.object("suppressed@client.example").await;
    let mut pages = Vec::new();
    // Of one length, so that the page may say the address without a difference in length.
    for address in ["suppressed@client.example", "unknown.so@client.example"] {
        let fields = [("address", address), ("notice", crate::service::NOTICE)];
        let answer = service.form("/object", &fields).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        pages.push((answer.bytes.len(), answer.headers));
    }
    assert_eq!(pages[0], pages[1]);
}
