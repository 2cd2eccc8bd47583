//! What sinks are told of what takes back or ends: nothing while the same is stopped otherwise.

use serde_json::{Value, json};

use crate::lifting::lift;
use crate::receiver::Receiver;
use crate::service::PURPOSE;
use crate::sinks::{SECRET, hash, telling};

const JANE: &str = "jane@client.example";

/// What each message tells.
fn told(receiver: &Receiver) -> Vec<String> {
    let act = |body: Value| body["data"]["act"].as_str().unwrap().to_owned();
    receiver.bodies().into_iter().map(act).collect()
}

#[tokio::test]
async fn whoever_takes_back_an_objection_ends_no_older_one_at_a_sink() {
    let receiver = Receiver::open().await;
    let (service, teller) = telling(&receiver, "").await;
    let janes = service.object(JANE).await;
    let strangers = service.object(JANE).await;
    service.undo(&strangers.at("/undo/token")).await;
    teller.work_off().await.unwrap();
    assert!(!service.proceeds(JANE).await);
    assert_eq!(told(&receiver), ["objected", "objected"]);
    service.undo(&janes.at("/undo/token")).await;
    teller.work_off().await.unwrap();
    assert!(service.proceeds(JANE).await);
    let last = receiver.bodies().pop().unwrap();
    assert_eq!(last["type"], "contact.retracted");
    assert_eq!(last["data"]["takes_back"], json!([1]));
    assert_eq!(last["data"]["seq"], 4);
}

#[tokio::test]
async fn a_retraction_is_not_told_while_a_part_of_it_or_all_of_it_is_stopped_otherwise() {
    let receiver = Receiver::open().await;
    let (service, teller) = telling(&receiver, "").await;
    let topic = json!({"purpose": PURPOSE, "topic": "it_strategy"});
    let part = service.object_to(JANE, topic).await;
    let all = service.object(JANE).await;
    service.undo(&all.at("/undo/token")).await;
    let again = service.object(JANE).await;
    service.undo(&part.at("/undo/token")).await;
    teller.work_off().await.unwrap();
    assert_eq!(told(&receiver), ["objected", "objected", "objected"]);
    service.undo(&again.at("/undo/token")).await;
    teller.work_off().await.unwrap();
    assert_eq!(told(&receiver)[3..], ["retracted"]);
}

#[tokio::test]
async fn a_pause_that_is_over_keeps_no_retraction_from_a_sink_and_one_in_force_does() {
    let receiver = Receiver::open().await;
    let (service, teller) = telling(&receiver, "").await;
    let until = json!({"until": "2026-11-23T12:05:00Z"});
    service.object_to(JANE, until).await;
    let first = service.object(JANE).await;
    let second = service.object("joe@client.example").await;
    let until = json!({"until": "2026-11-24"});
    service.object_to("joe@client.example", until).await;
    service.world.pass(6 * 60_000);
    service.undo(&first.at("/undo/token")).await;
    service.undo(&second.at("/undo/token")).await;
    teller.work_off().await.unwrap();
    let wanted = ["paused", "objected", "objected", "paused", "retracted"];
    assert_eq!(told(&receiver), wanted);
    let last = receiver.bodies().pop().unwrap();
    assert_eq!(last["data"]["address_hmac"], hash(SECRET, JANE));
}

#[tokio::test]
async fn a_lift_is_told_once_nothing_stops_the_same_any_more_with_what_it_ends() {
    let receiver = Receiver::open().await;
    let (service, teller) = telling(&receiver, "").await;
    let until = json!({"until": "2027-02-23"});
    service.object_to(JANE, until).await;
    service.object(JANE).await;
    let session = service.sign_in(JANE).await;
    lift(&service, &session, "objection", None).await;
    teller.work_off().await.unwrap();
    assert_eq!(told(&receiver), ["paused", "objected"]);
    lift(&service, &session, "pause", None).await;
    teller.work_off().await.unwrap();
    assert!(service.proceeds(JANE).await);
    let last = receiver.bodies().pop().unwrap();
    assert_eq!(last["data"]["act"], "objection_lifted");
    assert_eq!(last["data"]["takes_back"], json!([1]));
}
