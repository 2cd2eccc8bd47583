//! What a lift ends: that which was pressed or listed, all of it, and nothing else.

use backend::recording::{Recorder, Reported};
use serde_json::{Value, json};
use shared::address::Address;
use shared::entry::{Actor, Assurance, Evidence, Method, Surface};

use crate::consents::{ask, confirm, open};
use crate::letters::OUR_PAGE;
use crate::service::{PURPOSE, Service};

const JANE: &str = "jane@client.example";

async fn press(service: &Service, session: &str, choice: Value) -> Value {
    let made = service.choose(session, choice).await;
    assert_eq!(made.status, 200, "{}", made.text());
    made.json()
}

/// Lifts what is of that kind, about everything or about that topic.
pub(crate) async fn lift(
    service: &Service,
    session: &str,
    kind: &str,
    topic: Option<&str>,
) -> Value {
    let as_of = service.own(session).await.json()["as_of"].clone();
    let mut choice = json!({ "act": "lift", "kind": kind, "as_of": as_of });
    if let Some(topic) = topic {
        choice["purpose"] = json!(PURPOSE);
        choice["topic"] = json!(topic);
    }
    press(service, session, choice).await
}

async fn to_topic(service: &Service, topic: &str, more: Value) {
    let mut about = json!({ "purpose": PURPOSE, "topic": topic });
    about
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    service.object_to(JANE, about).await;
}

/// The kinds and topics of what stops mailings.
async fn stops(service: &Service, session: &str) -> Vec<(String, Option<String>)> {
    let own = service.own(session).await.json();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let stops = own["stops"].as_array().unwrap().iter();
    stops
        .map(|stop| (text(&stop["kind"]).unwrap(), text(&stop["topic"])))
        .collect()
}

fn stop(kind: &str, topic: Option<&str>) -> (String, Option<String>) {
    (kind.to_owned(), topic.map(str::to_owned))
}

async fn reasons(service: &Service, topic: &str, channel: &str) -> Value {
    let more = json!({ "topic": topic, "channel": channel });
    service.decide_about(JANE, more).await["reasons"].clone()
}

async fn reported_as_spam(service: &Service) {
    let keys = service.secrets.keys(&Address::parse(JANE).unwrap());
    let evidence = Evidence::off_page(
        Actor::MailReceiver,
        Assurance::OneClickToken,
        Surface::MailSystem,
        Method::Report,
        "test".to_owned(),
    );
    let recorder = Recorder::new(service.store.clone(), service.world.clone());
    let reported = recorder.report(&keys, Reported::Spam, &evidence).await;
    reported.unwrap();
}

/// Jane erases all that is kept of her.
pub(crate) async fn erased(service: &Service) {
    let cookie = service.sign_in_on_page(JANE).await;
    let headers = [("cookie", cookie.as_str()), OUR_PAGE];
    let erased = service.form_with("/self/erase", &headers, &[]).await;
    assert_eq!(erased.status, 200, "{}", erased.text());
}

#[tokio::test]
async fn the_end_of_a_pause_leaves_the_objections_to_the_same_and_to_a_part_of_it() {
    let service = Service::start().await;
    service
        .object_to(JANE, json!({ "until": "2027-02-23" }))
        .await;
    to_topic(&service, "it_strategy", json!({})).await;
    service.object(JANE).await;
    let session = service.sign_in(JANE).await;
    let as_of = service.own(&session).await.json()["as_of"].clone();
    let either = json!({ "act": "lift", "as_of": as_of });
    let refused = service.choose(&session, either).await;
    refused.is_problem(422, "invalid_request");
    let neither = json!({ "act": "lift", "kind": "everything", "as_of": as_of });
    let refused = service.choose(&session, neither).await;
    refused.is_problem(422, "invalid_request");
    lift(&service, &session, "pause", None).await;
    let lifted = service.entries().await.pop().unwrap();
    let paused = service.entries().await.remove(0);
    assert_eq!(
        (lifted.refers_to, lifted.until),
        (vec![paused.id], paused.until)
    );
    let left = [
        stop("objection", Some("it_strategy")),
        stop("objection", None),
    ];
    assert_eq!(stops(&service, &session).await, left);
    lift(&service, &session, "objection", None).await;
    assert_eq!(stops(&service, &session).await, left[..1]);
    let reasons = reasons(&service, "it_strategy", "email").await;
    assert_eq!(reasons, json!(["objected"]));
}

#[tokio::test]
async fn an_empty_name_in_a_lift_is_one_that_was_left_out() {
    let service = Service::start().await;
    let session = service.sign_in(JANE).await;
    service.object(JANE).await;
    assert!(!service.proceeds(JANE).await);
    let as_of = service.own(&session).await.json()["as_of"].clone();
    let lift = json!({ "act": "lift", "purpose": "", "topic": "", "channel": "", "as_of": as_of });
    let answer = service.choose(&session, lift).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(service.proceeds(JANE).await);
}

#[tokio::test]
async fn each_button_of_the_page_lifts_the_stop_above_it() {
    let service = Service::start().await;
    service.object(JANE).await;
    service
        .object_to(JANE, json!({ "until": "2027-02-23" }))
        .await;
    let cookie = service.sign_in_on_page(JANE).await;
    let headers = [("cookie", cookie.as_str()), OUR_PAGE];
    let page = service.get_with("/self", &headers[..1]).await.text();
    let form = page.split("Pause: All marketing").nth(1).unwrap();
    let form = form.split("</form>").next().unwrap();
    let inputs = form.split("type=\"hidden\"").skip(1);
    let part = |input: &str, name: &str| {
        let value = input.split(&format!("{name}=\"")).nth(1).unwrap();
        value.split('"').next().unwrap().to_owned()
    };
    let fields: Vec<_> = inputs
        .map(|input| (part(input, "name"), part(input, "value")))
        .collect();
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let ended = service.form_with("/self/choices", &headers, &fields).await;
    assert_eq!(ended.status, 200, "{}", ended.text());
    let page = ended.text();
    assert!(
        page.contains("Objection: All marketing") && !page.contains("Pause: All marketing"),
        "{page}"
    );
    let text = service.entries().await.pop().unwrap().evidence.control_text;
    let text = service.store.text(text.unwrap()).await.unwrap().unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.starts_with("Pause: All marketing\n"), "{text}");
    assert!(text.ends_with("\nEnd this pause"), "{text}");
}

#[tokio::test]
async fn the_tick_beside_a_consent_lifts_what_it_lists_and_nothing_else() {
    let service = Service::start().await;
    service.object(JANE).await;
    to_topic(&service, "other_services", json!({})).await;
    let link = ask(&service).await;
    let page = open(&service, &link).await;
    assert_eq!(page.text().matches("Objection: ").count(), 1);
    let given = confirm(&service, &page, &[("lift", "1")]).await;
    assert!(given.text().contains("is lifted"), "{}", given.text());
    let about_it = reasons(&service, "it_strategy", "email").await;
    assert_eq!(about_it, json!(["consent"]));
    let other = reasons(&service, "other_services", "email").await;
    assert_eq!(other, json!(["objected"]));
}

#[tokio::test]
async fn one_press_lifts_every_repeat_of_an_objection_and_undoing_it_stops_it_once() {
    let service = Service::start().await;
    for _ in 0..12 {
        service.object(JANE).await;
    }
    let session = service.sign_in(JANE).await;
    let made = lift(&service, &session, "objection", None).await;
    assert!(service.proceeds(JANE).await);
    let before = service.entries().await.len();
    let token = made["undo"]["token"].as_str().unwrap();
    assert_eq!(service.undo(token).await.status, 202);
    assert!(!service.proceeds(JANE).await);
    assert_eq!(service.entries().await.len(), before + 1);
}

#[tokio::test]
async fn whose_data_was_erased_can_allow_mailings_again_and_what_stayed_stays() {
    let service = Service::start().await;
    to_topic(&service, "it_strategy", json!({})).await;
    to_topic(&service, "it_strategy", json!({ "until": "2027-02-23" })).await;
    erased(&service).await;
    let cookie = service.sign_in_on_page(JANE).await;
    let headers = [("cookie", cookie.as_str())];
    let page = service.get_with("/self", &headers).await.text();
    for said in [
        "Stopped since your data was erased: All marketing",
        "Allow this again",
        "Pause: IT strategies and solutions",
        "until 23 February 2027",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let session = service.sign_in(JANE).await;
    let topic = Some("it_strategy");
    let stayed = [stop("objection", topic), stop("pause", topic)];
    let all = [&stayed[..], &[stop("erased", None)]].concat();
    assert_eq!(stops(&service, &session).await, all);
    lift(&service, &session, "erased", None).await;
    assert_eq!(stops(&service, &session).await, stayed);
    let other = reasons(&service, "other_services", "email").await;
    assert_eq!(other, json!(["legitimate_interest"]));
    lift(&service, &session, "objection", topic).await;
    assert_eq!(stops(&service, &session).await, stayed[1..]);
    let made = lift(&service, &session, "pause", topic).await;
    assert_eq!(stops(&service, &session).await, []);
    let token = made["undo"]["token"].as_str().unwrap();
    assert_eq!(service.undo(token).await.status, 202);
    assert_eq!(stops(&service, &session).await, stayed[1..]);
}

#[tokio::test]
async fn an_objection_to_everything_that_stayed_of_an_erasure_ends_with_it_by_one_press() {
    let service = Service::start().await;
    service.object(JANE).await;
    erased(&service).await;
    let session = service.sign_in(JANE).await;
    assert_eq!(stops(&service, &session).await, [stop("objection", None)]);
    lift(&service, &session, "objection", None).await;
    assert!(service.proceeds(JANE).await);
}

#[tokio::test]
async fn after_a_spam_report_the_person_can_allow_mailings_again_and_take_that_back() {
    let service = Service::start().await;
    reported_as_spam(&service).await;
    service
        .object_to(JANE, json!({ "until": "2027-02-23" }))
        .await;
    let session = service.sign_in(JANE).await;
    lift(&service, &session, "pause", None).await;
    let left = [stop("spam_reported", None)];
    assert_eq!(stops(&service, &session).await, left);
    let made = lift(&service, &session, "spam_reported", None).await;
    assert!(service.proceeds(JANE).await);
    let token = made["undo"]["token"].as_str().unwrap();
    assert_eq!(service.undo(token).await.status, 202);
    assert!(!service.proceeds(JANE).await);
    let by_phone = reasons(&service, "it_strategy", "phone").await;
    assert_eq!(by_phone, json!(["legitimate_interest"]));
}

#[tokio::test]
async fn who_consents_again_is_shown_an_erasure_and_a_spam_report_and_can_lift_both() {
    let service = Service::start().await;
    to_topic(&service, "other_services", json!({})).await;
    erased(&service).await;
    reported_as_spam(&service).await;
    let link = ask(&service).await;
    let page = open(&service, &link).await;
    for said in [
        "Stopped since your data was erased: All marketing",
        "Stopped since a message was reported as spam: All marketing",
    ] {
        assert!(page.text().contains(said), "{said}: {}", page.text());
    }
    let given = confirm(&service, &page, &[("lift", "1")]).await;
    assert_eq!(given.status, 200, "{}", given.text());
    let about_it = reasons(&service, "it_strategy", "email").await;
    assert_eq!(about_it, json!(["consent"]));
    let other = reasons(&service, "other_services", "email").await;
    assert_eq!(other, json!(["objected"]));
    let entries = service.store.ledger(0, 100).await.unwrap();
    assert_eq!(entries.len(), 7, "two lifts, each of its own stop");
}

#[tokio::test]
async fn who_paused_everything_can_still_object_for_good_in_the_widget() {
    let service = Service::start().await;
    let session = service.sign_in(JANE).await;
    let offered = async |act: &str| {
        let own = service.own(&session).await.json();
        let lines = own["lines"].as_array().unwrap().clone();
        let presses = lines.iter().flat_map(|line| line["presses"].as_array());
        let presses = presses.flatten().filter(|press| press["act"] == act);
        presses.cloned().collect::<Vec<Value>>()
    };
    let all = offered("object").await.len();
    service
        .object_to(JANE, json!({ "until": "2027-02-23" }))
        .await;
    assert_eq!(offered("object").await.len(), all);
    let lifts = offered("lift").await;
    assert_eq!((lifts.len(), &lifts[0]["kind"]), (1, &json!("pause")));
    to_topic(&service, "it_strategy", json!({ "channel": "email" })).await;
    assert_eq!(offered("object").await.len(), all - 1);
    service.object(JANE).await;
    assert_eq!(offered("object").await.len(), 0);
    let lifts = offered("lift").await;
    assert_eq!(lifts.len(), 3);
}
