//! What happened since: in the ledger's order, page by page, without saying for whom (SEC-67).

use backend::clock::World;
use backend::http::access::Scope;
use serde_json::{Value, json};

use crate::service::{Answer, BASE, PURPOSE, Service};

async fn changes(service: &Service, key: &str, query: &str) -> Answer {
    let bearer = format!("Bearer {key}");
    let path = format!("/v1/changes{query}");
    service.get_with(&path, &[("authorization", &bearer)]).await
}

fn places(answer: &Answer) -> Vec<u64> {
    let list = answer.json()["changes"].as_array().unwrap().clone();
    list.iter()
        .map(|change| change["seq"].as_u64().unwrap())
        .collect()
}

#[tokio::test]
async fn a_change_says_what_was_done_about_what_and_not_for_whom() {
    let service = Service::start().await;
    let key = service.key(&[Scope::ChangesRead]).await;
    let scope = json!({"purpose": PURPOSE, "topic": "it_strategy", "channel": "email", "until": "2027-02-23"});
    service.object_to("jane@client.example", scope).await;
    service.object("joe@client.example").await;
    let answer = changes(&service, &key, "").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store");
    let found = answer.json();
    assert_eq!(
        found["changes"],
        json!([
            {
                "seq": 1, "act": "paused", "purpose": PURPOSE, "topic": "it_strategy",
                "channel": "email", "until": "2027-02-24T00:00:00.000Z",
                "recorded_at": "2026-11-23T12:00:00.000Z",
            },
            {"seq": 2, "act": "objected", "recorded_at": "2026-11-23T12:00:00.000Z"},
        ])
    );
    assert_eq!((&found["as_of"], &found["next"]), (&json!(2), &json!(2)));
    assert_eq!(found["rules"].as_str().map(str::len), Some(64));
    for entry in service.entries().await {
        assert!(!answer.text().contains(&entry.subject.to_string()));
        assert!(!answer.text().contains(&entry.id.to_string()));
    }
}

#[tokio::test]
async fn pages_have_no_gap_and_no_double_while_entries_are_appended() {
    let service = Service::start().await;
    let key = service.key(&[Scope::ChangesRead]).await;
    for number in 0..23 {
        service.object(&format!("n{number}@client.example")).await;
    }
    let mut seen = Vec::new();
    let mut path = "?limit=5".to_owned();
    loop {
        let answer = changes(&service, &key, &path).await;
        seen.extend(places(&answer));
        let late = seen.len();
        if late < 30 {
            service.object(&format!("late{late}@client.example")).await;
        }
        let link = answer.header("link");
        let Some(next) = link.strip_suffix(">; rel=\"next\"") else {
            assert_eq!(link, "");
            break;
        };
        let start = format!("<{BASE}/v1/changes");
        path = next.strip_prefix(&start).unwrap().to_owned();
        assert_eq!(
            path,
            format!("?after={}&limit=5", answer.json()["next"]),
            "the link is what `next` says"
        );
    }
    assert_eq!(seen, (1..=seen.len() as u64).collect::<Vec<_>>());
    assert!(seen.len() > 23, "{seen:?}");
    let all = service.entries().await.len();
    let end = changes(&service, &key, &format!("?after={all}")).await;
    assert_eq!(places(&end), [0; 0]);
    assert_eq!(end.json()["next"], all, "who waits stays in place");
}

#[tokio::test]
async fn what_was_erased_keeps_its_place_and_says_nothing() {
    let service = Service::start().await;
    let key = service.key(&[Scope::ChangesRead]).await;
    service.object("jane@client.example").await;
    let mut entry = service.entries().await.remove(0);
    let erased = entry.subject;
    entry.act = shared::entry::Act::Erased;
    let world: &dyn World = &*service.world;
    entry.id = world.entry_id(world.now());
    entry.scope = shared::scope::Scope::ALL;
    entry.stays = vec![shared::entry::Stay {
        scope: shared::scope::Scope::ALL,
        until: None,
    }];
    let entry = backend::store::SealedEntry::new(entry, shared::entry::Salt([7; 32]));
    let erasure = backend::store::erasure::NewErasure {
        subject: erased,
        entry,
        forgets: false,
        decided_on: None,
    };
    service.store.erase(erasure).await.unwrap();
    let list = changes(&service, &key, "").await.json()["changes"].clone();
    assert_eq!(list[0], json!({"seq": 1}));
    assert_eq!(list[1]["act"], "erased");
}

#[tokio::test]
async fn whoever_knows_an_entry_that_is_not_there_is_told_to_start_anew() {
    let service = Service::start().await;
    let key = service.key(&[Scope::ChangesRead]).await;
    service.object("jane@client.example").await;
    for after in ["2", "18446744073709551615"] {
        let answer = changes(&service, &key, &format!("?after={after}")).await;
        answer.is_problem(422, "invalid_request");
        assert_eq!(answer.json()["errors"][0]["field"], "after");
        assert!(answer.at("/errors/0/detail").contains("Start anew with 0"));
    }
}

#[tokio::test]
async fn the_scope_of_the_key_and_the_parameters_are_checked() {
    let service = Service::start().await;
    let missing = service.get("/v1/changes").await;
    missing.is_problem(401, "unauthorized");
    let other = service.key(&[Scope::GateCheck, Scope::ScrubRun]).await;
    changes(&service, &other, "")
        .await
        .is_problem(403, "missing_scope");
    let key = service.key(&[Scope::ChangesRead]).await;
    let most = changes(&service, &key, "?limit=500&after=0").await;
    assert_eq!(most.status, 200);
    for (query, field) in [
        ("?limit=501", "limit"),
        ("?limit=0", "limit"),
        ("?limit=ten", "limit"),
        ("?after=-1", "after"),
        ("?after=jane%40client.example", "after"),
        ("?cursor=1", ""),
    ] {
        let answer = changes(&service, &key, query).await;
        answer.is_problem(422, "invalid_request");
        assert_eq!(answer.json()["errors"][0]["field"], Value::from(field));
        assert!(!answer.text().contains("jane"));
    }
}
