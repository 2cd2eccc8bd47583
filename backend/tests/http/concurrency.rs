//! Many at once: everyone is answered, nothing is lost, the ledger has no gap.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;
use shared::entry::Act;
use tokio::task::JoinSet;

use crate::service::Service;

const MANY: usize = 200;

async fn all_object(service: &Arc<Service>, address: impl Fn(usize) -> String) {
    let mut tasks = JoinSet::new();
    for number in 0..MANY {
        let (service, address) = (Arc::clone(service), address(number));
        tasks.spawn(async move { service.object(&address).await.at("/reference") });
    }
    let references: BTreeSet<String> = tasks.join_all().await.into_iter().collect();
    assert_eq!(references.len(), MANY, "each has a reference of its own");
}

async fn is_whole(service: &Service, entries: usize) {
    let rows = service.store.ledger(0, 10_000).await.unwrap();
    let places: Vec<u64> = rows.iter().map(|row| row.seq).collect();
    let expected: Vec<u64> = (1..=u64::try_from(entries).unwrap()).collect();
    assert_eq!(places, expected);
    for row in rows {
        let (salt, canonical) = row.payload.unwrap();
        assert_eq!(shared::entry::commitment(&salt, &canonical), row.commitment);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_objections_of_one_new_address_are_all_recorded() {
    let service = Arc::new(Service::start().await);
    all_object(&service, |_| "jane@client.example".to_owned()).await;
    is_whole(&service, MANY).await;
    let subjects: BTreeSet<_> = service.entries().await.iter().map(|e| e.subject).collect();
    assert_eq!(subjects.len(), 1, "one person");
    assert!(!service.proceeds("jane@client.example").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_objections_of_as_many_addresses_are_all_recorded() {
    let service = Arc::new(Service::start().await);
    all_object(&service, |number| format!("n{number}@client.example")).await;
    is_whole(&service, MANY).await;
    let checks: Vec<_> = (0..MANY)
        .map(|number| json!({"address": format!("n{number}@client.example")}))
        .collect();
    let question = json!({"purpose": "info_about_us", "checks": checks});
    let answer = service.decisions(&question).await.json();
    for decision in answer["decisions"].as_array().unwrap() {
        assert_eq!(decision["proceed"], false);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_undos_at_once_undo_once() {
    let service = Arc::new(Service::start().await);
    let token = service
        .object("jane@client.example")
        .await
        .at("/undo/token");
    let mut tasks = JoinSet::new();
    for _ in 0..50 {
        let (service, token) = (Arc::clone(&service), token.clone());
        tasks.spawn(async move { service.undo(&token).await.status.as_u16() });
    }
    assert!(tasks.join_all().await.iter().all(|status| *status == 202));
    let entries = service.entries().await;
    let retracted = entries.iter().filter(|entry| entry.act == Act::Retracted);
    assert_eq!(retracted.count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_decision_after_an_acknowledged_objection_withholds() {
    let service = Arc::new(Service::start().await);
    let mut tasks = JoinSet::new();
    for number in 0..50 {
        let service = Arc::clone(&service);
        tasks.spawn(async move {
            let address = format!("n{number}@client.example");
            let before = service.proceeds(&address).await;
            service.object(&address).await;
            (before, service.proceeds(&address).await)
        });
    }
    for both in tasks.join_all().await {
        assert_eq!(both, (true, false));
    }
}
