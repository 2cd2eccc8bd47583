//! Over HTTP: who must be taken off a list since its certificate.

use axum::http::Method;
use backend::http::access::Scope;
use backend::recording::Recorder;
use serde_json::{Value, json};
use shared::address::Address;
use shared::digest::Digest;
use shared::entry::{Actor, Assurance, Evidence, Method as Way, Surface};

use crate::service::{Answer, PURPOSE, Service, request};

const LIST: &str = "Email\nann@client.example\nbob@client.example\ncyd@client.example\nnobody\n";

async fn scrub(service: &Service, key: &str, more: &str) -> Answer {
    asked(service, key, &format!("purpose={PURPOSE}{more}"), LIST).await
}

async fn asked(service: &Service, key: &str, query: &str, list: &str) -> Answer {
    let bearer = format!("Bearer {key}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "text/csv"),
    ];
    let path = format!("/v1/scrubs?{query}");
    service
        .send(request(Method::POST, &path, &headers, list))
        .await
}

fn lines(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let text = answer.text();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The certificate's state as parameters.
fn since(certificate: &Value) -> String {
    let text = |name: &str| certificate[name].as_str().unwrap();
    format!(
        "&since={}&since_at={}&since_rules={}",
        certificate["as_of"],
        text("at"),
        text("rules")
    )
}

#[tokio::test]
async fn only_rows_that_were_kept_then_and_are_withheld_now_come_back() {
    let service = Service::start().await;
    let key = service.key(&[Scope::ScrubRun]).await;
    service.object("ann@client.example").await;
    let first = lines(&scrub(&service, &key, "").await);
    let certificate = first.last().unwrap()["certificate"].clone();
    service.object("bob@client.example").await;
    service.object("ann@client.example").await;
    let found = lines(&scrub(&service, &key, &since(&certificate)).await);
    assert_eq!(
        found,
        [
            json!({"row": 2, "proceed": false, "reasons": ["objected"]}),
            json!({
                "taken_off": 1, "rows": 4, "at": "2026-11-23T12:00:00.000Z", "as_of": 3,
                "sha256": Digest::of(LIST.as_bytes()).to_string(),
                "kept": 2, "erased": 0, "asked": certificate["asked"],
            }),
        ]
    );
    assert_eq!(certificate["counts"]["kept"], 2);
}

#[tokio::test]
async fn a_question_that_is_not_the_certificates_is_refused_or_told_from_it() {
    const LIST: &str = "Email,Boss\nann@client.example,eve@client.example\n\
        bob@client.example,eve@client.example\ncyd@client.example,eve@client.example\n";
    let service = Service::start().await;
    let key = service.key(&[Scope::ScrubRun]).await;
    let ask = async |query: &str| asked(&service, &key, query, LIST).await;
    let right = format!("purpose={PURPOSE}&topic=it_strategy&column=Email");
    let certificate = lines(&ask(&right).await).pop().unwrap()["certificate"].take();
    assert_eq!(certificate["counts"]["kept"], 3);
    service.object("bob@client.example").await;
    let since = since(&certificate);
    let last = lines(&ask(&format!("{right}{since}")).await).pop().unwrap();
    let tells = |last: &Value| {
        let kept = last["kept"].as_u64().unwrap() + last["erased"].as_u64().unwrap();
        last["asked"] != certificate["asked"] || kept < 3
    };
    assert_eq!((&last["taken_off"], tells(&last)), (&json!(1), false));
    let (without_rules, _) = since.split_once("&since_rules").unwrap();
    for (query, field) in [
        (format!("{right}{without_rules}"), "since_rules"),
        (
            format!("{}{since}", right.replace("about_us", "about_u")),
            "purpose",
        ),
        (
            format!("{}{since}", right.replace("it_strategy", "it_strateg")),
            "topic",
        ),
        (format!("{right}&channel=sms{since}"), "channel"),
    ] {
        let answer = ask(&query).await;
        answer.is_problem(422, "invalid_request");
        assert_eq!(answer.json()["errors"][0]["field"], field, "{query}");
    }
    for query in [
        format!("{right}&country=DE{since}"),
        format!("{right}&subscriber=individual{since}"),
        format!("{}{since}", right.replace("Email", "Boss")),
        format!(
            "{}{since}",
            right.replace("it_strategy", "industry_updates")
        ),
    ] {
        let last = lines(&ask(&query).await).pop().unwrap();
        assert!(tells(&last), "{query}: {last}");
    }
}

#[tokio::test]
async fn who_was_erased_since_is_counted_apart_from_those_who_were_kept() {
    let service = Service::start().await;
    let key = service.key(&[Scope::ScrubRun]).await;
    let first = lines(&scrub(&service, &key, "").await);
    let certificate = first.last().unwrap()["certificate"].clone();
    assert_eq!(certificate["counts"]["kept"], 3);
    service.object("bob@client.example").await;
    let bob = Address::parse("bob@client.example").unwrap();
    let recorder = Recorder::new(service.store.clone(), service.world.clone());
    let evidence = Evidence::off_page(
        Actor::Staff,
        Assurance::StaffAttested,
        Surface::CommandLine,
        Way::Report,
        "test".to_owned(),
    );
    let keys = service.secrets.keys(&bob);
    recorder.erase(&keys, &evidence).await.unwrap();
    let found = lines(&scrub(&service, &key, &since(&certificate)).await);
    let last = found.last().unwrap();
    assert_eq!(
        (&last["taken_off"], &last["kept"], &last["erased"]),
        (&json!(1), &json!(2), &json!(1))
    );
}

#[tokio::test]
async fn a_state_that_is_not_known_here_is_refused_by_its_field() {
    let service = Service::start().await;
    let key = service.key(&[Scope::ScrubRun]).await;
    let first = lines(&scrub(&service, &key, "").await);
    let certificate = first.last().unwrap()["certificate"].clone();
    let other = |name: &str, value: Value| {
        let mut changed = certificate.clone();
        changed[name] = value;
        since(&changed)
    };
    for (query, field) in [
        (other("as_of", json!(7)), "since"),
        (other("rules", json!("0".repeat(64))), "since_rules"),
        (other("rules", json!("none")), "since_rules"),
        (other("at", json!("yesterday")), "since_at"),
        ("&since=0".to_owned(), "since_at"),
        ("&since_at=2026-11-23T12:00:00Z".to_owned(), "since"),
    ] {
        let answer = scrub(&service, &key, &query).await;
        answer.is_problem(422, "invalid_request");
        assert_eq!(answer.json()["errors"][0]["field"], field, "{query}");
    }
}
