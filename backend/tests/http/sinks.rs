//! Sinks: other systems are told of every change, signed, once, and without an address (LAW-31,
//! SEC-60..63).

use std::sync::Arc;
use std::time::Duration;

use backend::config::Sink;
use backend::sinks::{ALARM_MS, Level, PAGE_MS, PATIENCE, Signing, Sinks, Teller};
use serde_json::{Value, json};
use shared::address::Address;
use shared::time::Timestamp;

use crate::receiver::{Received, Receiver};
use crate::service::Service;
use crate::world::logged;

pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER: &str = "whsec_b3RoZXJvdGhlcm90aGVyb3RoZXJvdGhlcg==";
const JANE: &str = "jane@client.example";

/// A sink at that URL, named `crm`.
pub(crate) fn sink(url: &str, more: &str) -> Sink {
    let secret = match more.contains("secret") {
        true => String::new(),
        false => format!("secret = '{SECRET}'\n"),
    };
    let text = format!("name = 'crm'\nurl = '{url}'\nallow_private = true\n{secret}{more}");
    toml::from_str(&text).unwrap()
}

pub(crate) async fn telling(receiver: &Receiver, more: &str) -> (Service, Teller) {
    let sink = sink(&receiver.url(), more);
    let service = Service::with(|config| config.sink = vec![sink]).await;
    let teller = teller(&service, PATIENCE);
    (service, teller)
}

/// The sinks of that service.
pub(crate) fn sinks_of(service: &Service) -> Sinks {
    let secrets = Arc::new(service.secrets.clone());
    Sinks::new(&service.config, secrets, service.world.clone())
}

fn teller(service: &Service, patience: Duration) -> Teller {
    Teller::new(service.store.clone(), sinks_of(service), patience).unwrap()
}

fn signing(secret: &str) -> Signing {
    Signing::try_from(secret.to_owned()).unwrap()
}

pub(crate) fn hash(secret: &str, address: &str) -> String {
    signing(secret).hash(&Address::parse(address).unwrap())
}

/// Whether one of its signatures is by that secret.
fn is_signed(received: &Received, secret: &str) -> bool {
    let seconds: i64 = received.header("webhook-timestamp").parse().unwrap();
    let at = Timestamp::from_millis(seconds * 1000);
    let wanted = signing(secret).sign(received.header("webhook-id"), at, &received.body);
    let signatures = received.header("webhook-signature");
    signatures.split(' ').any(|one| one == wanted)
}

pub(crate) async fn state(service: &Service) -> backend::store::waiting::SinkState {
    let states = service.store.sinks().await.unwrap();
    states.into_iter().next().unwrap()
}

#[tokio::test]
async fn a_sink_is_told_of_an_objection_once_signed_and_without_the_address() {
    let receiver = Receiver::open().await;
    let (service, teller) = telling(&receiver, "").await;
    service.object("Jane@CLIENT.example").await;
    service.world.pass(1500);
    assert_eq!(teller.work_off().await.unwrap(), 1);
    assert_eq!(teller.work_off().await.unwrap(), 0);
    let [told] = &receiver.received()[..] else {
        panic!("{:?}", receiver.received())
    };
    assert!(is_signed(told, SECRET) && !is_signed(told, OTHER));
    assert!(told.header("webhook-id").starts_with("msg_"));
    assert_eq!(told.header("content-type"), "application/json");
    let body: Value = serde_json::from_str(&told.body).unwrap();
    assert_eq!(
        body,
        json!({
            "type": "contact.objected",
            "timestamp": "2026-11-23T12:00:00.000Z",
            "data": {
                "event_id": told.header("webhook-id"),
                "seq": 1,
                "act": "objected",
                "address_hmac": hash(SECRET, JANE),
            }
        })
    );
    let state = state(&service).await;
    assert_eq!((state.told, state.waiting), (1, 0));
    assert_eq!(
        (state.average_ms, state.slowest_ms),
        (Some(1500), Some(1500))
    );
    let entry = service.entries().await[0].id.to_string();
    assert!(!told.body.contains("jane") && !told.body.contains(&entry));
}

#[tokio::test]
async fn what_changes_nothing_is_not_told_and_a_sink_hears_of_the_acts_it_wants() {
    let receiver = Receiver::open().await;
    let (service, teller) = telling(&receiver, "acts = ['paused']").await;
    let token = service.view_token();
    service
        .object_to(JANE, json!({ "view_token": token }))
        .await;
    let until = json!({"until": "2026-12-24", "purpose": "info_about_us", "topic": "it_strategy"});
    service.object_to(JANE, until).await;
    teller.work_off().await.unwrap();
    let bodies = receiver.bodies();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    let data = &bodies[0]["data"];
    assert_eq!(data["act"], "paused");
    assert_eq!(data["purpose"], "info_about_us");
    assert_eq!(data["topic"], "it_strategy");
    assert_eq!(data["until"], "2026-12-25T00:00:00.000Z");
}

#[tokio::test]
async fn of_an_undoing_the_sink_is_told_about_the_same_address() {
    let receiver = Receiver::open().await;
    let (service, teller) = telling(&receiver, "").await;
    let answer = service.object(JANE).await;
    teller.work_off().await.unwrap();
    service.world.pass(9 * 60_000);
    teller.watch().await.unwrap();
    service.undo(&answer.at("/undo/token")).await;
    teller.work_off().await.unwrap();
    let bodies = receiver.bodies();
    assert_eq!(bodies[1]["type"], "contact.retracted");
    assert_eq!(bodies[1]["data"]["address_hmac"], hash(SECRET, JANE));
    // Nothing of it is kept once no undoing can come.
    service.world.pass(11 * 60_000);
    teller.watch().await.unwrap();
    let kept: u32 = service
        .database()
        .query_row("SELECT count(*) FROM event", (), |row| row.get(0))
        .unwrap();
    assert_eq!(kept, 0);
}

#[tokio::test]
async fn a_failed_call_is_repeated_under_the_same_id_with_a_new_time_until_it_is_taken() {
    let receiver = Receiver::open().await;
    let (service, teller) = telling(&receiver, "").await;
    for status in [500, 404, 302] {
        receiver.answer(status, &[("location", "/elsewhere")]);
    }
    service.object(JANE).await;
    for _ in 0..3 {
        assert_eq!(teller.work_off().await.unwrap(), 1);
        assert_eq!(teller.work_off().await.unwrap(), 0, "not before its time");
        service.world.pass(60 * 60_000);
    }
    assert_eq!(teller.work_off().await.unwrap(), 1);
    let received = receiver.received();
    assert_eq!(received.len(), 4);
    assert!(
        received.iter().all(|one| one.path == "/hook"),
        "no redirect is followed"
    );
    assert!(received.iter().all(|one| is_signed(one, SECRET)));
    let distinct = |name| {
        let values: std::collections::BTreeSet<_> =
            received.iter().map(|one| one.header(name)).collect();
        values.len()
    };
    assert_eq!(distinct("webhook-id"), 1);
    assert_eq!(distinct("webhook-timestamp"), 4);
    let bodies: std::collections::BTreeSet<_> = received.iter().map(|one| &one.body).collect();
    assert_eq!(bodies.len(), 1);
    let state = state(&service).await;
    assert_eq!((state.told, state.status), (1, Some(302)));
    let logged = logged();
    assert!(logged.contains("a sink was not told") && !logged.contains(&hash(SECRET, JANE)));
}

#[tokio::test]
async fn a_sink_that_is_gone_is_told_nothing_more_and_loses_nothing_until_it_is_resumed() {
    let receiver = Receiver::open().await;
    let (service, teller) = telling(&receiver, "").await;
    receiver.answer(410, &[]);
    service.object(JANE).await;
    teller.work_off().await.unwrap();
    service.object("joe@client.example").await;
    service.world.pass(3 * 60 * 60_000);
    assert_eq!(teller.work_off().await.unwrap(), 0);
    assert!(state(&service).await.disabled_at.is_some());
    assert_eq!(state(&service).await.waiting, 2);
    let due = service
        .store
        .retry_sink("crm", backend::clock::World::now(&*service.world))
        .await;
    assert_eq!(due.unwrap(), 2);
    assert_eq!(teller.work_off().await.unwrap(), 2);
    assert_eq!(receiver.received().len(), 3);
}

#[tokio::test]
async fn a_sink_that_is_busy_is_left_alone_as_long_as_it_asks() {
    let receiver = Receiver::open().await;
    let (service, teller) = telling(&receiver, "").await;
    receiver.answer(429, &[("retry-after", "1800")]);
    service.object(JANE).await;
    service.object("joe@client.example").await;
    assert_eq!(teller.work_off().await.unwrap(), 1);
    service.world.pass(1_799_000);
    assert_eq!(teller.work_off().await.unwrap(), 0);
    service.world.pass(1_000);
    assert_eq!(teller.work_off().await.unwrap(), 2);
}

#[tokio::test]
async fn a_sink_that_does_not_answer_in_time_is_told_again() {
    let receiver = Receiver::open().await;
    let (service, _) = telling(&receiver, "").await;
    let hurried = teller(&service, Duration::from_millis(200));
    receiver.hang();
    service.object(JANE).await;
    assert_eq!(hurried.work_off().await.unwrap(), 1);
    let waits = state(&service).await;
    assert_eq!((waits.told, waits.waiting, waits.status), (0, 1, None));
    service.world.pass(60_000);
    assert_eq!(teller(&service, PATIENCE).work_off().await.unwrap(), 1);
    assert_eq!(state(&service).await.told, 1);
}

#[tokio::test]
async fn while_the_secret_is_renewed_both_sign_and_both_name_the_address() {
    let receiver = Receiver::open().await;
    let secrets = format!("secret = ['{OTHER}', '{SECRET}']");
    let (service, teller) = telling(&receiver, &secrets).await;
    service.object(JANE).await;
    teller.work_off().await.unwrap();
    let received = receiver.received();
    assert!(is_signed(&received[0], SECRET) && is_signed(&received[0], OTHER));
    let data = &receiver.bodies()[0]["data"];
    assert_eq!(data["address_hmac"], hash(OTHER, JANE));
    assert_eq!(data["previous_address_hmac"], hash(SECRET, JANE));
}

#[tokio::test]
async fn a_sink_that_was_not_told_for_a_day_raises_an_alarm_and_for_44_hours_calls_somebody() {
    let receiver = Receiver::open().await;
    let (service, teller) = telling(&receiver, "").await;
    receiver.answer(410, &[]);
    service.object(JANE).await;
    teller.work_off().await.unwrap();
    for (waited, level) in [
        (ALARM_MS - 1, Level::Fine),
        (1, Level::Alarm),
        (PAGE_MS - ALARM_MS - 1, Level::Alarm),
        (1, Level::Page),
    ] {
        service.world.pass(waited);
        assert_eq!(teller.watch().await.unwrap(), level);
    }
    let logged = logged();
    assert!(logged.contains("ALARM: a sink") && logged.contains("PAGE: a sink"));
}

#[tokio::test]
async fn a_name_that_leads_into_the_own_network_is_not_connected_to() {
    let receiver = Receiver::open().await;
    let inside = format!("https://localhost:{}/hook", receiver.port());
    let sink = Sink {
        url: inside,
        allow_private: false,
        ..sink(&receiver.url(), "")
    };
    let service = Service::with(|config| config.sink = vec![sink]).await;
    service.object(JANE).await;
    assert_eq!(teller(&service, PATIENCE).work_off().await.unwrap(), 1);
    assert_eq!(receiver.connections(), 0);
    assert_eq!(state(&service).await.waiting, 1);
}

#[tokio::test]
async fn what_waits_for_a_sink_is_sealed_and_survives_a_process_that_dies_with_it_in_hand() {
    let receiver = Receiver::open().await;
    let (service, teller) = telling(&receiver, "").await;
    service.object(JANE).await;
    let (now, later) = (
        backend::clock::World::now(&*service.world),
        backend::clock::World::now(&*service.world).plus_millis(60_000),
    );
    let taken = service.store.take_event("crm", now, later).await.unwrap();
    assert!(taken.is_some());
    for file in std::fs::read_dir(service.directory()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap_or_default();
        for trace in [JANE, "client.example", &hash(SECRET, JANE), SECRET] {
            let found = bytes
                .windows(trace.len())
                .any(|part| part == trace.as_bytes());
            assert!(!found, "{trace} is in a file");
        }
    }
    assert_eq!(teller.work_off().await.unwrap(), 0);
    service.world.pass(60_000);
    assert_eq!(teller.work_off().await.unwrap(), 1);
    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test]
async fn sinks_that_are_configured_no_more_leave_nothing_behind() {
    let receiver = Receiver::open().await;
    let (service, _) = telling(&receiver, "").await;
    service.object(JANE).await;
    let kept = ["crm".to_owned()];
    assert_eq!(service.store.keep_sinks(&kept).await.unwrap(), 0);
    assert_eq!(service.store.keep_sinks(&[]).await.unwrap(), 1);
    assert!(service.store.sinks().await.unwrap().is_empty());
}
