//! The gate over HTTP: in the order asked, on one state, strict about the unknown.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use axum::http::Method;
use serde_json::{Value, json};

use crate::service::{PURPOSE, Service, request};

#[tokio::test]
async fn decisions_come_in_the_order_asked_on_one_state() {
    let service = Service::start().await;
    for number in (0..40).step_by(2) {
        service.object(&format!("n{number}@client.example")).await;
    }
    let checks: Vec<Value> = (0..40)
        .rev()
        .map(|number| json!({"address": format!("n{number}@client.example")}))
        .collect();
    let answer = service
        .decisions(&json!({"purpose": PURPOSE, "checks": checks}))
        .await
        .json();
    assert_eq!(answer["as_of"], 20);
    assert_eq!(answer["at"], "2026-11-23T12:00:00.000Z");
    assert_eq!(answer["rules"].as_str().map(str::len), Some(64));
    let proceeds: Vec<bool> = answer["decisions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|decision| decision["proceed"].as_bool().unwrap())
        .collect();
    let expected: Vec<bool> = (0..40).rev().map(|number| number % 2 == 1).collect();
    assert_eq!(proceeds, expected);
}

#[tokio::test]
async fn an_objection_before_the_question_has_arrived_is_in_the_answer() {
    let service = Service::start().await;
    let bearer = format!("Bearer {}", service.key);
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    for turn in 0..10 {
        let address = format!("late-{turn}@client.example");
        assert!(service.proceeds(&address).await);
        let question = json!({"purpose": PURPOSE, "checks": [{"address": address}]}).to_string();
        let (give, mut get) = tokio::sync::mpsc::channel::<Result<Bytes, Infallible>>(1);
        let arriving = futures_util::stream::poll_fn(move |context| get.poll_recv(context));
        let mut asked = request(Method::POST, "/v1/decisions", &headers, "");
        if turn % 2 == 0 {
            // Then the key is asked for when the question is there.
            let length = question.len().into();
            asked.headers_mut().insert("content-length", length);
        }
        *asked.body_mut() = Body::from_stream(arriving);
        let asking = async {
            // The key has been looked at by now: the head of the request was there at once.
            service.object(&address).await;
            give.send(Ok(question.into())).await.unwrap();
            drop(give);
        };
        let (answer, ()) = tokio::join!(service.send(asked), asking);
        assert_eq!(answer.json()["decisions"][0]["proceed"], false, "{turn}");
    }
}

#[tokio::test]
async fn a_decision_names_its_members_and_no_others() {
    let service = Service::start().await;
    service.object("jane@client.example").await;
    let members = |decision: &Value| -> Vec<String> {
        decision.as_object().unwrap().keys().cloned().collect()
    };
    let no = service.decide("jane@client.example").await;
    assert_eq!(
        members(&no),
        ["evidence", "obligations", "proceed", "reasons"]
    );
    let yes = service.decide("joe@client.example").await;
    assert_eq!(
        members(&yes),
        [
            "evidence",
            "legal_basis",
            "obligations",
            "proceed",
            "reasons"
        ]
    );
}

#[tokio::test]
async fn the_evidence_is_the_entry_that_stands_in_the_way() {
    let service = Service::start().await;
    service.object("jane@client.example").await;
    let decision = service.decide("jane@client.example").await;
    let entry = service.entries().await[0].id.to_string();
    assert_eq!(decision["evidence"], json!([entry]));
}

#[tokio::test]
async fn the_stricter_country_and_class_win() {
    let service = Service::start().await;
    let table = [
        (json!({}), true),
        (json!({"country": "GB", "subscriber": "corporate"}), true),
        (json!({"country": "uk"}), true),
        (json!({"country": "DE"}), false),
        (json!({"subscriber": "individual"}), false),
        (json!({"country": "DE", "subscriber": "corporate"}), false),
    ];
    for (stated, proceeds) in table {
        let mut check = stated.clone();
        check["address"] = json!("joe@client.example");
        let question = json!({"purpose": PURPOSE, "checks": [check]});
        let decision = service.decisions(&question).await.json()["decisions"][0].clone();
        assert_eq!(decision["proceed"], proceeds, "{stated}: {decision}");
        if !proceeds {
            assert_eq!(decision["reasons"][0], "no_consent");
        }
    }
    let consumer = service.decide("joe@gmail.com").await;
    assert_eq!(consumer["reasons"], json!(["no_consent"]));
}

#[tokio::test]
async fn without_defaults_a_contact_never_seen_needs_consent() {
    let service = Service::with(|config| {
        config.default_country = None;
        config.default_subscriber = None;
    })
    .await;
    let decision = service.decide("joe@client.example").await;
    assert_eq!(decision["reasons"], json!(["no_consent"]));
}

#[tokio::test]
async fn a_deployment_may_withhold_until_people_are_informed() {
    let service = Service::with(|config| {
        config.uninformed = shared::rules::Uninformed::Withhold;
    })
    .await;
    let decision = service.decide("joe@client.example").await;
    assert_eq!(decision["reasons"], json!(["not_informed"]));
}

#[tokio::test]
async fn a_country_that_is_none_is_named_with_its_place() {
    let service = Service::start().await;
    let checks = json!([{"address": "a@client.example"}, {"address": "b@client.example", "country": "zaphod"}]);
    let answer = service
        .decisions(&json!({"purpose": PURPOSE, "checks": checks}))
        .await;
    answer.is_problem(422, "invalid_request");
    assert_eq!(answer.json()["errors"][0]["field"], "checks[1].country");
    assert!(!answer.text().contains("zaphod"));
}

#[tokio::test]
async fn a_bad_row_is_answered_in_its_place() {
    let service = Service::start().await;
    service.object("jane@client.example").await;
    let checks: Vec<Value> = ["joe@client.example", "zaphod", "jane@client.example", ""]
        .map(|address| json!({"address": address}))
        .into();
    let question = json!({"purpose": "info_about_us", "checks": checks});
    let answer = service.decisions(&question).await.json();
    let first = |row: usize| answer["decisions"][row]["reasons"][0].clone();
    assert_eq!(
        [first(0), first(1), first(2), first(3)],
        [
            "legitimate_interest",
            "invalid_address",
            "objected",
            "invalid_address"
        ]
    );
}

#[tokio::test]
async fn questions_about_the_unknown_are_withheld() {
    let service = Service::start().await;
    for more in [
        json!({"purpose": "zaphod"}),
        json!({"purpose": ""}),
        json!({"purpose": "service_provision"}),
        json!({"topic": "zaphod"}),
        json!({"topic": ""}),
        json!({"channel": "sms"}),
    ] {
        let decision = service
            .decide_about("joe@client.example", more.clone())
            .await;
        assert_eq!(decision["proceed"], false, "{more}");
        assert_eq!(decision["reasons"], json!(["unknown_purpose"]), "{more}");
    }
}
