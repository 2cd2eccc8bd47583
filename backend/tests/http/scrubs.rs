//! `POST /v1/scrubs`: a line for every row, then the certificate, on one state of the ledger.

use std::fs;
use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Method, Request};
use backend::http::ScrubbedRow;
use backend::http::access::Scope;
use backend::scrub::Remark;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use shared::certificate::SignedCertificate;

use crate::service::{Answer, PURPOSE, Service, request};
use crate::world::logged;

pub(crate) const LIST: &str = "Name,Email\nJane,jane@client.example\nBob,bob@client.example\nNobody,none\n\
                    Bob,BOB@client.example\n";

fn asked(key: &str, query: &str, body: Body) -> Request<Body> {
    let key = format!("Bearer {key}");
    let headers = [
        ("authorization", key.as_str()),
        ("content-type", "text/csv"),
    ];
    let path = format!("/v1/scrubs?purpose={PURPOSE}{query}");
    let (parts, _) = request(Method::POST, &path, &headers, "").into_parts();
    Request::from_parts(parts, body)
}

pub(crate) async fn scrub(service: &Service, query: &str, list: &str) -> Answer {
    let key = service.key(&[Scope::ScrubRun]).await;
    service
        .send(asked(&key, query, Body::from(list.to_owned())))
        .await
}

fn lines(answer: &Answer) -> (Vec<Value>, SignedCertificate) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let text = answer.text();
    let mut lines: Vec<&str> = text.lines().collect();
    let last = lines.pop().unwrap();
    let rows = lines
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    (rows, serde_json::from_str(last).unwrap())
}

#[tokio::test]
async fn the_first_row_says_that_the_one_above_it_may_be_about_somebody() {
    let service = Service::start().await;
    let (rows, _) = lines(&scrub(&service, "", "jane,Jane\nbob@client.example,Bob\nx,Y\n").await);
    assert_eq!(rows[0]["remarks"], json!(["assumed_header"]));
    assert_eq!(rows[1]["remarks"], json!(["invalid_address"]));
    let (rows, _) = lines(
        &scrub(
            &service,
            "&column=Jane",
            "jane,Jane\nx,bob@client.example\n",
        )
        .await,
    );
    assert!(rows[0]["remarks"].is_null(), "{rows:?}");
}

#[tokio::test]
async fn every_row_is_answered_in_order_and_the_certificate_comes_last() {
    let service = Service::start().await;
    service.object("jane@client.example").await;
    let answer = scrub(&service, "&valid_hours=48", LIST).await;
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    assert_eq!(answer.header("cache-control"), "no-store");
    let (rows, signed) = lines(&answer);
    let inform = json!(["inform_of_right_to_object"]);
    assert_eq!(
        rows,
        [
            json!({"row": 1, "proceed": false, "reasons": ["objected"]}),
            json!({"row": 2, "proceed": true, "reasons": ["legitimate_interest"], "obligations": inform}),
            json!({"row": 3, "proceed": false, "reasons": ["invalid_address"], "remarks": ["invalid_address"]}),
            json!({"row": 4, "proceed": true, "reasons": ["legitimate_interest"], "obligations": inform, "remarks": ["repeated_address"]}),
        ]
    );
    let certificate = &signed.certificate;
    assert_eq!(
        certificate.list.sha256,
        shared::digest::Digest::of(LIST.as_bytes())
    );
    assert_eq!(
        (certificate.counts.kept, certificate.counts.withheld),
        (2, 2)
    );
    assert_eq!(certificate.as_of, 1);
    assert_eq!(certificate.flaw(certificate.at), None);
    assert_eq!(
        certificate.issuer.origin.as_deref(),
        Some("https://privacy.example.com")
    );
    assert!(!certificate.issuer.controller.is_empty());
    use ed25519_dalek::Verifier as _;
    let value = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, &signed.signature.value);
    let signature = ed25519_dalek::Signature::from_slice(&value.unwrap()).unwrap();
    let key = service.secrets.signing.verifying_key();
    key.verify(&certificate.canonical(), &signature).unwrap();
}

#[tokio::test]
async fn what_is_asked_must_be_clear_before_anything_is_decided() {
    let service = Service::start().await;
    let keyless = service.send(asked("", "", Body::from(LIST))).await;
    keyless.is_problem(401, "unauthorized");
    let other = service.key(&[Scope::GateCheck]).await;
    service
        .send(asked(&other, "", Body::from(LIST)))
        .await
        .is_problem(403, "missing_scope");
    for query in [
        "&channel=pigeon",
        "&country=Germany",
        "&subscriber=company",
        "&valid_hours=49",
        "&country=GB&country_column=Name",
        "&unknown=1",
        "&purpose=again",
    ] {
        scrub(&service, query, LIST)
            .await
            .is_problem(422, "invalid_request");
    }
    for list in ["", "a,b\n1,2\n", "x@y.example,\"open\n", "PK\u{3}\u{4}"] {
        scrub(&service, "", list)
            .await
            .is_problem(422, "unreadable_list");
    }
    scrub(&service, "&column=Mail", LIST)
        .await
        .is_problem(422, "unreadable_list");
}

#[tokio::test]
async fn what_no_notice_states_is_an_error_of_its_field() {
    let service = Service::start().await;
    let key = service.key(&[Scope::ScrubRun]).await;
    for (query, field, there_are) in [
        ("purpose=info_abut_us", "purpose", "info_about_us"),
        (
            "purpose=info_about_us&topic=weather",
            "topic",
            "it_strategy",
        ),
        ("purpose=info_about_us&channel=sms", "channel", "email"),
    ] {
        let key = format!("Bearer {key}");
        let headers = [
            ("authorization", key.as_str()),
            ("content-type", "text/csv"),
        ];
        let path = format!("/v1/scrubs?{query}");
        let answer = service
            .send(request(Method::POST, &path, &headers, LIST))
            .await;
        answer.is_problem(422, "invalid_request");
        let error = &answer.json()["errors"][0];
        assert_eq!(error["field"], field, "{error}");
        assert!(
            error["detail"].as_str().unwrap().contains(there_are),
            "{error}"
        );
    }
}

#[tokio::test]
async fn the_first_line_names_columns_that_nobody_asked_about() {
    let service = Service::start().await;
    let list = "Email,Second email,Country,Opt out\n\
        jane@client.example,j@home.example,DE,no\n\
        bob@client.example,b@home.example,GB,yes\n";
    let asked = "&column=Email&overlooked=true";
    let (rows, _) = lines(&scrub(&service, asked, list).await);
    assert_eq!(
        rows[0]["overlooked"],
        json!([
            {"column": "Second email", "looks_like": "addresses"},
            {"column": "Country", "looks_like": "countries"},
            {"column": "Opt out", "looks_like": "opt_outs"},
        ])
    );
    assert!(rows[1]["overlooked"].is_null(), "{rows:?}");
    let (rows, _) = lines(&scrub(&service, "&column=Email", list).await);
    assert!(
        rows[0]["overlooked"].is_null(),
        "who does not ask: {rows:?}"
    );
    let named = "&column=Email&country_column=Country&overlooked=true";
    let (rows, _) = lines(&scrub(&service, named, list).await);
    assert_eq!(
        rows[0]["overlooked"].as_array().unwrap().len(),
        2,
        "{rows:?}"
    );
}

#[test]
fn what_a_newer_server_says_beside_the_answer_spoils_none() {
    let line = r#"{"row": 1, "proceed": false, "reasons": ["objected"], "mood": "grim",
        "remarks": ["repeated_address", "handwritten"],
        "overlooked": [{"column": "Star", "looks_like": "zodiac", "size": 3}]}"#;
    let row: ScrubbedRow = serde_json::from_str(line).unwrap();
    assert_eq!(row.remarks, [Remark::RepeatedAddress]);
    assert_eq!(row.outcome().unwrap().reasons(), ["objected"]);
    let other = line.replace("objected", "dreamt");
    serde_json::from_str::<ScrubbedRow>(&other).unwrap_err();
}

#[tokio::test]
async fn the_log_says_which_key_asked_about_a_list_and_how_much() {
    let service = Service::start().await;
    let key = service.key(&[Scope::ScrubRun]).await;
    let answer = service.send(asked(&key, "", Body::from(LIST))).await;
    let (_, signed) = lines(&answer);
    let certificate = &signed.certificate;
    let rules = certificate.rules.unwrap();
    let since = format!(
        "&since={}&since_at={}&since_rules={rules}",
        certificate.as_of, certificate.at
    );
    let later = service.send(asked(&key, &since, Body::from(LIST))).await;
    assert_eq!(later.status, 200, "{}", later.text());
    let id = &shared::digest::Digest::of(key.as_bytes()).to_string()[..12];
    let said = logged();
    for told in [
        format!("a list was scrubbed key=\"{id}\" rows=4 kept=3"),
        format!("who must be taken off a list was asked key=\"{id}\" rows=4 kept=3 taken_off=0"),
    ] {
        assert!(said.contains(&told), "{told}");
    }
    assert!(!said.contains(&key));
}

#[tokio::test]
async fn nothing_of_a_list_is_kept_anywhere() {
    let service = Service::start().await;
    service.object("jane@client.example").await;
    let key = service.key(&[Scope::ScrubRun]).await;
    let before = service.state();
    let mut list = String::from("email,note\n");
    let line = "-".repeat(300);
    for number in 0..5_000 {
        list.push_str(&format!("zaphod-{number}@beeblebrox.example,{line}\n"));
    }
    let answer = service.send(asked(&key, "", Body::from(list))).await;
    assert_eq!(lines(&answer).0.len(), 5_000);
    assert_eq!(service.state(), before);
    for file in fs::read_dir(service.directory()).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(10).any(|window| window == b"beeblebrox"));
    }
    assert!(!logged().contains("beeblebrox"));
    assert!(!answer.text().contains("beeblebrox"));
}

#[tokio::test]
async fn an_objection_during_a_scrub_is_in_the_result_or_after_its_state() {
    let service = Service::start().await;
    let key = service.key(&[Scope::ScrubRun]).await;
    let filler = format!("someone@client.example,{}\n", "-".repeat(400)).repeat(3_000);
    for turn in 0..6 {
        let address = format!("late-{turn}@client.example");
        let (give, mut get) = tokio::sync::mpsc::channel::<Result<Bytes, io::Error>>(1);
        let stream = futures_util::stream::poll_fn(move |context| get.poll_recv(context));
        let sending = async {
            let first = format!("email,note\n{address},x\n{filler}");
            give.send(Ok(first.into())).await.unwrap();
            for piece in 0..6 {
                if piece == turn {
                    service.object(&address).await;
                }
                give.send(Ok(filler.clone().into())).await.unwrap();
            }
            drop(give);
        };
        let body = Body::from_stream(stream);
        let (answer, ()) = tokio::join!(service.send(asked(&key, "", body)), sending);
        let (rows, signed) = lines(&answer);
        let objected = service.entries().await.len() as u64;
        let included = signed.certificate.as_of >= objected;
        assert_eq!(
            rows[0]["proceed"], !included,
            "{turn}: {:?}",
            signed.certificate.as_of
        );
    }
}

#[tokio::test]
async fn a_list_that_breaks_off_has_no_result() {
    let service = Service::start().await;
    let key = service.key(&[Scope::ScrubRun]).await;
    let pieces = [
        Ok(Bytes::from_static(LIST.as_bytes())),
        Err(io::Error::from(io::ErrorKind::ConnectionReset)),
    ];
    let body = Body::from_stream(futures_util::stream::iter(pieces));
    service
        .send(asked(&key, "", body))
        .await
        .is_problem(422, "unreadable_list");
}

#[tokio::test]
async fn an_unreadable_store_decides_nothing() {
    let service = Service::start().await;
    service.object("jane@client.example").await;
    let key = service.key(&[Scope::ScrubRun]).await;
    service
        .database()
        .execute("UPDATE subject SET standing = x'00'", ())
        .unwrap();
    let small = service.send(asked(&key, "", Body::from(LIST))).await;
    small.is_problem(503, "store_unavailable");
    let row = format!("someone@client.example,{}\n", "-".repeat(400));
    let long = format!("email,note\n{}", row.repeat(3_000));
    let long = service.send(asked(&key, "", Body::from(long))).await;
    long.is_problem(503, "store_unavailable");
}

#[tokio::test]
async fn clients_that_stop_reading_make_nobody_wait_for_long() {
    let service = Service::start().await;
    let key = service.key(&[Scope::ScrubRun]).await;
    let list = format!("email\n{}", "someone@client.example\n".repeat(10_000));
    let begun = async || {
        let response = service
            .begin(asked(&key, "", Body::from(list.clone())))
            .await;
        assert_eq!(response.status(), 200);
        response
    };
    let (one, other) = (begun().await, begun().await);
    let third = service.send(asked(&key, "", Body::from(LIST))).await;
    third.is_problem(429, "rate_limited");
    // What sends the answers has begun to wait.
    tokio::task::yield_now().await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(31)).await;
    tokio::task::yield_now().await;
    tokio::time::resume();
    let third = service.send(asked(&key, "", Body::from(LIST))).await;
    assert_eq!(lines(&third).0.len(), 4);
    for given_up in [one, other] {
        let read = given_up.into_body().collect().await;
        assert!(read.is_err(), "it must not look like a whole answer");
    }
}
