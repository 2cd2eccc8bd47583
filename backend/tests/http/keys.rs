//! API keys: who may ask the gate (SEC-40).

use backend::demo::make_key;
use backend::http::access::Scope;
use serde_json::{Value, json};
use shared::digest::Digest;

use crate::service::{Answer, PURPOSE, Service};

fn question() -> Value {
    json!({"purpose": PURPOSE, "checks": [{"address": "jane@client.example"}]})
}

async fn ask(service: &Service, authorization: &str) -> Answer {
    let headers = [("authorization", authorization)];
    service
        .post_with("/v1/decisions", &headers, &question())
        .await
}

#[tokio::test]
async fn without_a_valid_key_the_gate_says_nothing() {
    let service = Service::start().await;
    let key = service.key(&[Scope::GateCheck]).await;
    let missing = service.post("/v1/decisions", &question()).await;
    missing.is_problem(401, "unauthorized");
    assert_eq!(missing.header("www-authenticate"), "Bearer");
    for authorization in [
        "",
        "Bearer",
        "Bearer ",
        "Bearer sayso_",
        "Bearer sayso_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        &key,
        &format!("Basic {key}"),
        &format!("Bearer {}", &key[..key.len() - 1]),
        &format!("Bearer {key}A"),
        &format!("Bearer {}", key.to_uppercase()),
        &format!("Bearer {}", Digest::of(key.as_bytes())),
        &format!("Bearer {key} {key}"),
        "Bearer \u{e9}",
    ] {
        let answer = ask(&service, authorization).await;
        answer.is_problem(401, "unauthorized");
        assert_eq!(answer.bytes, missing.bytes, "{authorization}");
    }
    assert_eq!(ask(&service, &format!("Bearer {key}")).await.status, 200);
    assert_eq!(ask(&service, &format!("bearer {key}")).await.status, 200);
}

#[tokio::test]
async fn a_key_in_the_address_is_never_read() {
    let service = Service::start().await;
    let key = service.key(&[Scope::Admin]).await;
    for name in ["key", "api_key", "access_token", "token", "authorization"] {
        let path = format!("/v1/decisions?{name}={key}");
        let answer = service.post(&path, &question()).await;
        answer.is_problem(401, "unauthorized");
        assert!(!answer.text().contains(&key));
    }
}

#[tokio::test]
async fn a_key_may_do_what_its_scopes_say() {
    let service = Service::start().await;
    for scope in Scope::ALL {
        let key = service.key(&[scope]).await;
        let answer = ask(&service, &format!("Bearer {key}")).await;
        match scope {
            Scope::GateCheck | Scope::Admin => assert_eq!(answer.status, 200, "{scope:?}"),
            Scope::ScrubRun
            | Scope::ChangesRead
            | Scope::EntriesRead
            | Scope::MetricsRead
            | Scope::ObjectionWrite => {
                answer.is_problem(403, "missing_scope");
            }
        }
    }
    let both = service.key(&[Scope::ChangesRead, Scope::GateCheck]).await;
    assert_eq!(ask(&service, &format!("Bearer {both}")).await.status, 200);
}

#[tokio::test]
async fn an_expired_key_works_no_more() {
    let service = Service::start().await;
    let now = shared::time::Timestamp::from_millis;
    let end = crate::world::Manual::START.as_millis() + 1000;
    let scopes = [Scope::GateCheck];
    let start = crate::world::Manual::START;
    let key = make_key(
        &service.store,
        "",
        &scopes,
        Some(now(end)),
        start,
        &*service.world,
    );
    let bearer = format!("Bearer {}", key.await.unwrap());
    service.world.pass(999);
    assert_eq!(ask(&service, &bearer).await.status, 200);
    service.world.pass(1);
    ask(&service, &bearer).await.is_problem(401, "unauthorized");
}

#[tokio::test]
async fn a_revoked_key_works_no_more_at_once() {
    let service = Service::start().await;
    let key = service.key(&[Scope::Admin]).await;
    let bearer = format!("Bearer {key}");
    assert_eq!(ask(&service, &bearer).await.status, 200);
    let hash = Digest::of(key.as_bytes());
    let start = crate::world::Manual::START;
    assert!(service.store.revoke_api_key(hash, start).await.unwrap());
    ask(&service, &bearer).await.is_problem(401, "unauthorized");
}

#[tokio::test]
async fn the_database_keeps_no_key() {
    let service = Service::start().await;
    let key = service.key(&[Scope::Admin]).await;
    let kept = service
        .store
        .api_key(service.store.glance(), Digest::of(key.as_bytes()))
        .await;
    let kept = format!("{:?}", kept.unwrap().unwrap());
    assert!(!kept.contains(&key[6..20]));
}
