//! The receipt: signed, checkable without the service, and silent about everything else.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::{Signature, Verifier as _, VerifyingKey};
use serde_json::{Value, json};
use shared::digest::Digest;

use crate::service::{BASE, Service};

async fn receipt(service: &Service, more: Value) -> (String, Value) {
    let answer = service.object_to("jane@client.example", more).await;
    let url = answer.at("/receipt");
    let path = url.strip_prefix(BASE).unwrap().to_owned();
    let kept = service.get(&path).await;
    assert_eq!(kept.status, 200, "{}", kept.text());
    assert_eq!(kept.header("cache-control"), "private, no-store");
    assert!(
        kept.header("content-disposition")
            .starts_with("attachment; ")
    );
    let kept = kept.json();
    assert_eq!(kept["receipt"]["reference"], answer.at("/reference"));
    (path, kept)
}

async fn public_key(service: &Service) -> (String, VerifyingKey) {
    let keys = service.get("/log/key").await.json();
    let key = &keys["keys"][0];
    assert_eq!(key["algorithm"], "Ed25519");
    let public = BASE64_STANDARD
        .decode(key["public"].as_str().unwrap())
        .unwrap();
    let id = &Digest::of(&public).to_string()[..16];
    assert_eq!(key["key"], id);
    let public = VerifyingKey::from_bytes(&public.try_into().unwrap()).unwrap();
    (id.to_owned(), public)
}

fn verifies(key: &VerifyingKey, kept: &Value) -> bool {
    let canonical = serde_json_canonicalizer::to_vec(&kept["receipt"]).unwrap();
    let value = kept["signature"]["value"].as_str().unwrap();
    let signature = Signature::from_slice(&BASE64_STANDARD.decode(value).unwrap()).unwrap();
    key.verify(&canonical, &signature).is_ok()
}

#[tokio::test]
async fn the_signature_verifies_over_the_canonical_bytes_with_the_published_key() {
    let service = Service::start().await;
    let token = service.view_token();
    let (_, kept) = receipt(
        &service,
        json!({"view_token": token, "until": "2027-02-23"}),
    )
    .await;
    let (id, key) = public_key(&service).await;
    assert_eq!(kept["signature"]["key"], id);
    assert_eq!(kept["signature"]["algorithm"], "Ed25519");
    assert!(verifies(&key, &kept));
    for (member, other) in [
        ("act", json!("objected")),
        ("until", json!("2027-02-25T00:00:00.000Z")),
        ("recorded_at", json!("2026-11-23T12:00:00.001Z")),
        ("controller", json!("Another Company")),
    ] {
        let mut altered = kept.clone();
        assert_ne!(altered["receipt"][member], other);
        altered["receipt"][member] = other;
        assert!(!verifies(&key, &altered), "{member}");
    }
}

#[tokio::test]
async fn a_receipt_says_what_was_done_and_towards_whom() {
    let service = Service::start().await;
    let token = service.view_token();
    let more = json!({"view_token": token, "topic": "it_strategy", "until": "2027-02-23"});
    let (_, kept) = receipt(&service, more).await;
    let receipt = &kept["receipt"];
    assert_eq!(receipt["format"], "sayso-receipt-1");
    assert_eq!(receipt["act"], "paused");
    assert_eq!(receipt["right"], "eu-gdpr:A21");
    assert_eq!(receipt["recorded_at"], "2026-11-23T12:00:00.000Z");
    assert_eq!(receipt["until"], "2027-02-24T00:00:00.000Z");
    assert_eq!(receipt["scope"]["purpose"], "info_about_us");
    assert_eq!(receipt["scope"]["topic"], "it_strategy");
    assert_eq!(receipt["assurance"], "unverified");
    assert_eq!(receipt["language"], "en");
    assert!(!receipt["controller"].as_str().unwrap().is_empty());
    assert_eq!(receipt["notice"]["version"], 1);
    assert_eq!(receipt["notice"]["sha256"], service.in_force().to_string());
    assert!(receipt["control_text"].is_string());
    let url = receipt["notice"]["url"].as_str().unwrap();
    let json = format!("{}/notice.json", url.strip_prefix(BASE).unwrap());
    let bytes = service.get(&json).await.bytes;
    assert_eq!(
        Digest::of(&bytes),
        service.in_force(),
        "the url leads to it"
    );
}

#[tokio::test]
async fn a_receipt_holds_no_address_no_place_and_no_entry() {
    let service = Service::start().await;
    let token = service.view_token();
    let (_, kept) = receipt(&service, json!({"view_token": token})).await;
    let text = kept.to_string();
    for entry in service.entries().await {
        for id in [entry.id, entry.subject] {
            assert!(!text.contains(&id.to_string()));
            assert!(!text.contains(&id.simple().to_string()));
        }
    }
    for word in [
        "jane",
        "client.example",
        "@",
        "seq",
        "subject",
        "\"id\"",
        &token,
    ] {
        assert!(!text.contains(word), "{word}: {text}");
    }
}

#[tokio::test]
async fn a_receipt_stays_after_the_act_was_undone() {
    let service = Service::start().await;
    let answer = service.object("jane@client.example").await;
    let path = answer.at("/receipt").replace(BASE, "");
    let before = service.get(&path).await.bytes;
    service.undo(&answer.at("/undo/token")).await;
    assert_eq!(service.get(&path).await.bytes, before);
}

#[tokio::test]
async fn an_unknown_or_damaged_capability_opens_nothing() {
    let service = Service::start().await;
    let (path, _) = receipt(&service, json!({})).await;
    let unknown = "A".repeat(path.len() - "/v1/receipts/".len());
    let first = service.get(&format!("/v1/receipts/{unknown}")).await;
    first.is_problem(404, "not_found");
    let mut damaged = vec![
        format!("{path}A"),
        path[..path.len() - 1].to_owned(),
        path.to_lowercase(),
        format!("{path}%3D"),
        "/v1/receipts/jane@client.example".to_owned(),
    ];
    // Each part of the capability counts: the time in front, and the secret.
    for place in [13, 20, 25, 36] {
        let mut other = path.clone();
        let letter = if &path[place..=place] == "A" {
            "B"
        } else {
            "A"
        };
        other.replace_range(place..=place, letter);
        damaged.push(other);
    }
    for path in damaged {
        let answer = service.get(&path).await;
        answer.is_problem(404, "not_found");
        assert_eq!(answer.bytes, first.bytes, "{path}");
    }
}

#[tokio::test]
async fn the_undo_token_opens_no_receipt_and_the_receipt_undoes_nothing() {
    let service = Service::start().await;
    let answer = service.object("jane@client.example").await;
    let token = answer.at("/undo/token");
    let capability = answer
        .at("/receipt")
        .replace(&format!("{BASE}/v1/receipts/"), "");
    let stolen = service.get(&format!("/v1/receipts/{token}")).await;
    stolen.is_problem(404, "not_found");
    let cut = service.get(&format!("/v1/receipts/{}", &token[..30])).await;
    cut.is_problem(404, "not_found");
    service
        .undo(&capability)
        .await
        .is_problem(404, "unknown_token");
}
