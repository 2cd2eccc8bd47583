//! Publishing beside a running service is seen by its very next request.

use std::sync::Arc;

use backend::clock::World;
use backend::publishing::{Folder, Refused, publish, renew_rules};
use backend::store::sqlite::{Options, Sqlite};
use backend::store::{NewAct, SealedEntry, Write};
use serde_json::json;
use shared::address::Address;
use shared::entry::{Act, Assurance, Salt};
use shared::rules::Part;
use shared::time::Timestamp;

use crate::service::{Service, folder};

/// The store as a command beside the service opens it.
fn beside(service: &Service) -> Arc<dyn Write> {
    Arc::new(Sqlite::open(&service.path(), Options::command()).unwrap())
}

/// A longer period: a change that people must be told of.
fn longer() -> Folder {
    let mut folder = folder();
    let notice = folder.0.get_mut("notice.toml").unwrap();
    assert!(notice.contains("period = \"P7Y\""));
    *notice = notice.replace("period = \"P7Y\"", "period = \"P9Y\"");
    folder
}

/// The person themselves, by a link in their mailbox, was shown the notice.
async fn inform(service: &Service, address: &str) {
    let token = json!({"view_token": service.view_token()});
    let undo = service.object_to(address, token).await.at("/undo/token");
    service.undo(&undo).await;
    let mut entry = service.entries().await[1].clone();
    assert_eq!(entry.act, Act::NoticeProvided);
    entry.id = (&*service.world as &dyn World).entry_id(service.world.now());
    entry.evidence.assurance = Assurance::LinkVerified;
    let act = NewAct {
        keys: service.secrets.keys(&Address::parse(address).unwrap()),
        subject: entry.subject,
        entries: vec![SealedEntry::new(entry, Salt([7; 32]))],
        receipt: None,
        letter: None,
    };
    service.store.append(act).await.unwrap();
}

pub(crate) async fn publish_longer(service: &Service, at: Timestamp) {
    let store = beside(service);
    let published = publish(&store, &[longer()], &[], &service.config, at)
        .await
        .unwrap();
    assert_eq!(published[0].versions, [2]);
}

/// Publishes the next version of the notice, which has `new` wherever its sources have `old`.
pub(crate) async fn publish_with(service: &Service, old: &str, new: &str) {
    let mut folder = folder();
    assert!(folder.0.values().any(|text| text.contains(old)), "{old}");
    for text in folder.0.values_mut() {
        *text = text.replace(old, new);
    }
    let at = service.world.now();
    let ended = left_out(service, &folder.0["notice.toml"]);
    publish(&beside(service), &[folder], &ended, &service.config, at)
        .await
        .unwrap();
}

/// What the rules in force have and that structure does not name.
fn left_out(service: &Service, structure: &str) -> Vec<Part> {
    let is_there = |key: &str| structure.contains(&format!("\"{key}\""));
    let mut ended = Vec::new();
    for (purpose, rule) in service.rules().purposes {
        let part = |topic| Part {
            purpose: purpose.clone(),
            topic,
        };
        if is_there(purpose.as_str()) {
            let gone = rule.topics.iter().filter(|topic| !is_there(topic.as_str()));
            ended.extend(gone.map(|topic| part(Some(topic.clone()))));
        } else {
            ended.push(part(None));
        }
    }
    ended
}

/// Publishes the same notice once more under that name, with another purpose for its mailings, and in
/// the place of its first topic that one.
pub(crate) async fn publish_beside(service: &Service, name: &str, purpose: &str, topic: &str) {
    let mut folder = folder();
    folder.0.retain(|file, _| !file.starts_with("seed"));
    for text in folder.0.values_mut() {
        *text = text
            .replace("key = \"corporate-clients\"", &format!("key = \"{name}\""))
            .replace("info_about_us", purpose)
            .replace("it_strategy", topic);
    }
    let at = service.world.now();
    publish(&beside(service), &[folder], &[], &service.config, at)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_new_version_is_in_force_at_the_next_request() {
    let service = Service::start().await;
    let old = service.get("/notices/corporate-clients").await;
    let script = service.get("/embed/corporate-clients/sayso.js").await;
    assert_eq!(
        service
            .get("/notices/corporate-clients/versions/2")
            .await
            .status,
        404
    );
    publish_longer(&service, crate::world::Manual::START).await;

    let new = service.get("/notices/corporate-clients").await;
    assert_ne!(new.bytes, old.bytes);
    assert_ne!(new.header("etag"), old.header("etag"));
    assert_ne!(
        service.get("/embed/corporate-clients/sayso.js").await.bytes,
        script.bytes
    );
    let shown = service.get("/notices/corporate-clients/notice.json").await;
    assert_eq!(shown.json()["version"], 2);
    let page = service.get("/notices/corporate-clients/diff/1/2").await;
    assert_eq!(page.status, 200);
    service.object("jane@client.example").await;
    let entry = &service.entries().await[0];
    assert_eq!(entry.evidence.notice, Some(service.in_force()));
}

#[tokio::test]
async fn the_widget_leads_to_all_that_changed_within_thirty_days_and_to_nothing_before_a_first_version()
 {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let service = Service::start().await;
    let widget = async |notice: &str| {
        let script = service.get(&format!("/embed/{notice}/sayso.js")).await;
        let frame = service.get(&format!("/frame/{notice}")).await;
        [script, frame].map(|answer| {
            assert_eq!(answer.status, 200);
            answer.text()
        })
    };
    service.world.pass(40 * DAY);
    publish_longer(&service, service.world.now()).await;
    service.world.pass(DAY);
    let mut reworded = longer();
    let texts = reworded.0.get_mut("en.toml").unwrap();
    *texts = texts.replacen("title = \"", "title = \"Our ", 1);
    let at = service.world.now();
    let published = publish(&beside(&service), &[reworded], &[], &service.config, at).await;
    assert_eq!(published.unwrap()[0].versions, [3]);
    for page in widget("corporate-clients").await {
        assert!(page.contains("/corporate-clients/diff/1/3?"), "{page}");
    }
    publish_beside(&service, "visitors", "letters", "events").await;
    for page in widget("visitors").await {
        assert!(
            page.contains("visitors") && !page.contains("/diff/"),
            "{page}"
        );
    }
}

#[tokio::test]
async fn an_objection_is_judged_by_the_notice_in_force_not_by_the_one_at_hand() {
    let service = Service::start().await;
    service.object("jane@client.example").await;
    publish_longer(&service, crate::world::Manual::START).await;
    service.object("joe@client.example").await;
    let in_force = service.in_force();
    let judged: Vec<_> = service
        .entries()
        .await
        .into_iter()
        .map(|entry| entry.evidence.notice)
        .collect();
    assert_ne!(judged[0], Some(in_force));
    assert_eq!(judged[1..], [Some(in_force)]);
}

#[tokio::test]
async fn a_version_that_obliges_to_inform_brings_the_obligation_back() {
    let service = Service::start().await;
    let address = "jane@client.example";
    inform(&service, address).await;
    assert_eq!(service.decide(address).await["obligations"], json!([]));
    publish_longer(&service, crate::world::Manual::START.plus_millis(1000)).await;
    service.world.pass(2000);
    let after = service.decide(address).await;
    assert_eq!(after["obligations"], json!(["inform_of_right_to_object"]));
}

#[tokio::test]
async fn having_seen_the_version_before_is_not_having_been_informed_of_this_one() {
    let service = Service::start().await;
    let address = "jane@client.example";
    let old = service.view_token();
    let shown = service.in_force();
    publish_longer(&service, crate::world::Manual::START.plus_millis(1000)).await;
    service.world.pass(2000);
    let undo = service
        .object_to(address, json!({"view_token": old}))
        .await
        .at("/undo/token");
    let entry = &service.entries().await[0];
    assert_eq!(
        entry.evidence.notice,
        Some(shown),
        "the evidence is what was shown"
    );
    assert!(entry.evidence.view_token.is_some());
    service.undo(&undo).await;
    let after = service.decide(address).await;
    assert_eq!(after["obligations"], json!(["inform_of_right_to_object"]));
}

#[tokio::test]
async fn an_old_receipt_still_names_the_version_that_was_shown() {
    let service = Service::start().await;
    let receipt = service.object("jane@client.example").await.at("/receipt");
    let path = receipt.replace(crate::service::BASE, "");
    let before = service.get(&path).await.json();
    publish_longer(&service, crate::world::Manual::START).await;
    let after = service.get(&path).await.json();
    assert_eq!(after, before);
    assert_eq!(after["receipt"]["notice"]["version"], 1);
}

#[tokio::test]
async fn the_same_text_is_not_published_twice() {
    let service = Service::start().await;
    let store = beside(&service);
    let again = publish(
        &store,
        &[folder()],
        &[],
        &service.config,
        crate::world::Manual::START,
    )
    .await;
    assert_eq!(again.unwrap()[0].versions, Vec::<u32>::new());
}

#[tokio::test]
async fn a_notice_with_an_empty_slot_is_refused_and_nothing_changes() {
    let service = Service::start().await;
    let state = service.state();
    let mut config = service.config.clone();
    config.notice.controller = None;
    let refused = publish(
        &beside(&service),
        &[longer()],
        &[],
        &config,
        crate::world::Manual::START,
    )
    .await;
    let defects = refused.unwrap_err().downcast::<Refused>().unwrap().0;
    assert!(!defects[0].defects.is_empty());
    assert_eq!(service.state(), state);
}

#[tokio::test]
async fn settings_of_the_gate_come_into_force_at_the_next_request() {
    let service = Service::start().await;
    assert!(service.proceeds("joe@client.example").await);
    let mut config = service.config.clone();
    config.default_country = None;
    let now = crate::world::Manual::START;
    assert!(renew_rules(&beside(&service), &config, now).await.unwrap());
    assert!(!renew_rules(&beside(&service), &config, now).await.unwrap());
    assert!(!service.proceeds("joe@client.example").await);
}

#[tokio::test]
async fn an_objection_told_to_staff_beside_the_service_counts_at_once() {
    let service = Service::start().await;
    let other = Service::start().await;
    // Another process with the same secrets and file: its own writer, its own readers.
    let recorder = backend::recording::Recorder::new(beside(&service), service.world.clone());
    other.object("jane@client.example").await;
    let mut evidence = other.entries().await[0].evidence.clone();
    evidence.actor = shared::entry::Actor::Staff;
    let objection = backend::recording::Objection {
        keys: service
            .secrets
            .keys(&Address::parse("jane@client.example").unwrap()),
        judged_by: None,
        scope: shared::scope::Scope::ALL,
        until: None,
        evidence,
    };
    assert!(service.proceeds("jane@client.example").await);
    recorder.object(&objection).await.unwrap();
    assert!(!service.proceeds("jane@client.example").await);
}
