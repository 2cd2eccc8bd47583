//! `GET /metrics`: what operators watch, and nothing about anybody (SEC-29).

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Method;
use backend::http::access::Scope;
use backend::metrics::Route;
use serde_json::json;

use crate::cases::{DAY_MS, complaint};
use crate::crm::import;
use crate::exposition::{Exposition, read};
use crate::limits::{exhaust, limited};
use crate::mta::Asking;
use crate::receiver::Receiver;
use crate::scrubs::{LIST, scrub};
use crate::service::{Answer, PURPOSE, Service, from_client, objection, posted, request};
use crate::sinks::telling;

const JANE: &str = "jane@client.example";

async fn asked(service: &Service, scope: Scope) -> Answer {
    let key = format!("Bearer {}", service.key(&[scope]).await);
    let headers = [("authorization", key.as_str())];
    service.get_with("/metrics", &headers).await
}

async fn metrics(service: &Service) -> Exposition {
    let answer = asked(service, Scope::MetricsRead).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    read(&answer.text())
}

#[tokio::test]
async fn only_a_key_for_it_reads_the_metrics_and_reading_changes_nothing() {
    let service = Service::start().await;
    service
        .get("/metrics")
        .await
        .is_problem(401, "unauthorized");
    for other in Scope::ALL {
        let answer = asked(&service, other).await;
        match other {
            Scope::MetricsRead | Scope::Admin => assert_eq!(answer.status, 200),
            _ => answer.is_problem(403, "missing_scope"),
        }
    }
    let key = format!("Bearer {}", service.key(&[Scope::MetricsRead]).await);
    let headers = [("authorization", key.as_str())];
    let before = service.state();
    let answer = service.get_with("/metrics", &headers).await;
    assert_eq!(
        answer.header("content-type"),
        "text/plain; version=0.0.4; charset=utf-8"
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    let head = service
        .send(request(Method::HEAD, "/metrics", &headers, ""))
        .await;
    assert_eq!((head.status.as_u16(), head.bytes.len()), (200, 0));
    assert_eq!(service.state(), before);
    let body = json!({"purpose": PURPOSE, "checks": []});
    let elsewhere = service.post_with("/v1/decisions", &headers, &body).await;
    elsewhere.is_problem(403, "missing_scope");
    let changes = service.get_with("/v1/changes", &headers).await;
    changes.is_problem(403, "missing_scope");
}

#[tokio::test]
async fn before_anything_happened_every_number_is_there_and_zero() {
    let service = Service::start().await;
    let all = metrics(&service).await;
    assert_eq!(all.of("sayso_decisions_total", "").len(), 3 * 17);
    for (name, labels) in [
        ("sayso_acts_total", ""),
        ("sayso_decisions_total", ""),
        ("sayso_mail_server_answers_total", ""),
        ("sayso_ledger_entries_total", ""),
        ("sayso_letters_waiting", ""),
        ("sayso_letters_oldest_waiting_seconds", ""),
        ("sayso_cases_open", ""),
        ("sayso_cases_overdue", ""),
        ("sayso_notices_due", ""),
        ("sayso_notices_overdue", ""),
        ("sayso_http_refusals_total", ""),
        ("sayso_http_requests_total", "route=\"objections\""),
    ] {
        let numbers = all.of(name, labels);
        assert!(!numbers.is_empty(), "{name}");
        assert!(numbers.iter().all(|number| *number == 0.0), "{name}");
    }
    assert_eq!(
        all.of(
            "sayso_build_info",
            &format!("version=\"{}\"", env!("CARGO_PKG_VERSION"))
        ),
        [1.0]
    );
    assert_eq!(all.one("sayso_start_time_seconds", ""), 1_795_435_200.0);
}

#[tokio::test]
async fn decisions_are_counted_by_who_asked_and_by_the_reason_that_decided() {
    let service = Service::start().await;
    service.object(JANE).await;
    let checks = [
        JANE,
        "no address",
        "joe@client.example",
        "ann@client.example",
    ];
    let checks: Vec<_> = checks.map(|address| json!({ "address": address })).into();
    service
        .decisions(&json!({"purpose": PURPOSE, "checks": checks}))
        .await;
    assert!(!service.proceeds(JANE).await);
    assert_eq!(scrub(&service, "", LIST).await.status, 200);
    let asking = Asking::at(&service).await;
    for recipient in [JANE, "joe@client.example", "bob@client.example"] {
        asking.about_recipient(recipient).await;
    }
    let all = metrics(&service).await;
    let decided = |asked: &str, outcome: &str, reason: &str| {
        let labels = format!("asked=\"{asked}\",outcome=\"{outcome}\",reason=\"{reason}\"");
        all.one("sayso_decisions_total", &labels)
    };
    assert_eq!(decided("contacts", "withheld", "objected"), 2.0);
    assert_eq!(decided("contacts", "withheld", "invalid_address"), 1.0);
    assert_eq!(decided("contacts", "proceed", "legitimate_interest"), 2.0);
    assert_eq!(decided("list", "withheld", "objected"), 1.0);
    assert_eq!(decided("list", "withheld", "invalid_address"), 1.0);
    assert_eq!(decided("list", "proceed", "legitimate_interest"), 2.0);
    assert_eq!(decided("mail_server", "withheld", "objected"), 1.0);
    assert_eq!(
        decided("mail_server", "proceed", "legitimate_interest"),
        2.0
    );
    assert_eq!(
        all.of("sayso_decisions_total", "").iter().sum::<f64>(),
        12.0
    );
    let timed = "sayso_http_request_duration_seconds_count";
    assert_eq!(
        all.one(timed, "route=\"decisions\""),
        1.0,
        "one in sixteen is timed"
    );
    let told = |answer: &str| {
        all.one(
            "sayso_mail_server_answers_total",
            &format!("answer=\"{answer}\""),
        )
    };
    assert_eq!(
        (told("pass"), told("refuse"), told("wait")),
        (2.0, 1.0, 0.0)
    );
}

#[tokio::test]
async fn acts_are_counted_once_they_are_recorded_and_entries_whoever_appended_them() {
    let service = Service::start().await;
    let token = json!({ "view_token": service.view_token() });
    let answer = service.object_to(JANE, token).await;
    for _ in 0..2 {
        service.undo(&answer.at("/undo/token")).await;
    }
    service
        .object_to("joe@client.example", json!({"until": "2026-12-24"}))
        .await;
    let session = service.sign_in(JANE).await;
    service.choose(&session, json!({"act": "object"})).await;
    service.post("/v1/cases", &complaint(JANE)).await;
    import(&service, "email,crm_id\nann@client.example,4711\n").await;
    let all = metrics(&service).await;
    let acts = |act: &str| all.one("sayso_acts_total", &format!("act=\"{act}\""));
    assert_eq!(acts("objected"), 2.0);
    assert_eq!(acts("notice_provided"), 1.0);
    assert_eq!(acts("retracted"), 1.0, "undoing twice is undoing once");
    assert_eq!(acts("paused"), 1.0);
    assert_eq!(acts("case_opened"), 1.0);
    assert_eq!(acts("fact_recorded"), 0.0, "another process recorded it");
    let entries = service.entries().await.len();
    assert_eq!(all.one("sayso_ledger_entries_total", ""), entries as f64);
}

#[tokio::test]
async fn what_waits_and_what_is_late_is_said_with_how_long() {
    let receiver = Receiver::open().await;
    let (service, teller) = telling(&receiver, "").await;
    let untold = metrics(&service).await;
    assert_eq!(untold.one("sayso_sink_events_waiting", "sink=\"crm\""), 0.0);
    service.object(JANE).await;
    service.world.pass(1_500);
    teller.work_off().await.unwrap();
    service.object("joe@client.example").await;
    service.post("/v1/cases", &complaint(JANE)).await;
    let table = "email,obtained_at,evidence\nann@client.example,2026-11-23,a list\n";
    import(&service, table).await;
    service.world.pass(90_000);
    let all = metrics(&service).await;
    let sink = |name: &str| all.one(&format!("sayso_sink_{name}"), "sink=\"crm\"");
    assert_eq!(sink("told_total"), 1.0);
    assert_eq!(sink("effect_seconds_total"), 1.5);
    assert_eq!(sink("slowest_seconds"), 1.5);
    assert_eq!(sink("events_waiting"), 1.0);
    assert_eq!(sink("oldest_waiting_seconds"), 90.0);
    assert_eq!(sink("disabled"), 0.0);
    let letters = all.one("sayso_letters_waiting", "");
    assert!(letters >= 1.0, "{letters}");
    let waited = all.one("sayso_letters_oldest_waiting_seconds", "");
    assert!((90.0..92.0).contains(&waited), "{waited}");
    let owed = |all: &Exposition| {
        [
            "cases_open",
            "cases_overdue",
            "notices_due",
            "notices_overdue",
        ]
        .map(|name| all.one(&format!("sayso_{name}"), ""))
    };
    assert_eq!(owed(&all), [1.0, 0.0, 1.0, 0.0]);
    service.world.pass(32 * DAY_MS);
    assert_eq!(owed(&metrics(&service).await), [1.0, 1.0, 1.0, 1.0]);
}

#[tokio::test]
async fn answers_are_counted_by_what_was_asked_for_and_refusals_by_themselves() {
    let service = limited().await;
    exhaust(&service, "192.0.2.1", &[]).await;
    service
        .database()
        .execute_batch("ALTER TABLE receipt RENAME TO away")
        .unwrap();
    let body = objection(JANE, json!({})).to_string();
    let write = || from_client(posted("/v1/objections", &[], &body), "192.0.2.2");
    assert_eq!(service.send(write()).await.status, 503);
    service
        .database()
        .execute_batch("ALTER TABLE away RENAME TO receipt")
        .unwrap();
    assert_eq!(service.send(write()).await.status, 202);
    service.get("/notices/corporate-clients").await;
    service.get("/nothing").await;
    let all = metrics(&service).await;
    let answered = |route: &str, status: &str| {
        let labels = format!("route=\"{route}\",status=\"{status}\"");
        all.one("sayso_http_requests_total", &labels)
    };
    assert_eq!(answered("objections", "2xx"), 1.0);
    assert_eq!(answered("objections", "4xx"), 301.0);
    assert_eq!(answered("objections", "5xx"), 1.0);
    assert_eq!(answered("notices", "2xx"), 1.0);
    assert_eq!(answered("other", "4xx"), 1.0);
    let refused = |status: &str| {
        let labels = format!("route=\"objections\",status=\"{status}\"");
        all.one("sayso_http_refusals_total", &labels)
    };
    assert_eq!((refused("429"), refused("503")), (1.0, 1.0));
    let took = all.one(
        "sayso_http_request_duration_seconds_count",
        "route=\"objections\"",
    );
    assert_eq!(took, 303.0);
}

#[tokio::test]
async fn nothing_in_it_is_about_a_person() {
    let receiver = Receiver::open().await;
    let (service, _) = telling(&receiver, "").await;
    let about = json!({"purpose": PURPOSE, "topic": "it_strategy", "channel": "email"});
    let body = objection(JANE, about).to_string();
    let written = from_client(posted("/v1/objections", &[], &body), "192.0.2.77");
    assert_eq!(service.send(written).await.status, 202);
    service.post("/v1/cases", &complaint(JANE)).await;
    service.proceeds(JANE).await;
    service
        .get("/self/jane@client.example?q=jane@client.example")
        .await;
    let text = asked(&service, Scope::MetricsRead).await.text();
    let entries = service.entries().await;
    let ids = entries
        .iter()
        .flat_map(|entry| [entry.id.to_string(), entry.subject.to_string()]);
    let words = [
        "jane",
        "client.example",
        "192.0.2",
        "it_strategy",
        PURPOSE,
        "@",
        "sayso_key",
    ];
    for word in words.into_iter().map(str::to_owned).chain(ids) {
        assert!(!text.contains(&word), "{word} in {text}");
    }
    let labels: BTreeSet<_> = read(&text).labels();
    let known = [
        "act", "answer", "asked", "le", "outcome", "reason", "route", "sink", "status", "ui",
        "version",
    ];
    assert_eq!(labels, known.map(str::to_owned).into());
}

#[test]
fn every_route_is_counted_as_something() {
    let mut by_kind: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for route in crate::interface::routes() {
        let kind = format!("{:?}", Route::of(&route));
        by_kind.entry(kind).or_default().push(route);
    }
    let mut other = by_kind.remove("Other").unwrap();
    other.sort();
    assert_eq!(
        other,
        [
            "/",
            "/.well-known/gpc.json",
            "/demo",
            "/docs",
            "/favicon.ico",
            "/openapi.json"
        ]
    );
    assert_eq!(by_kind["Decisions"], ["/v1/decisions"]);
    assert_eq!(by_kind["Lists"], ["/v1/scrubs"]);
    assert_eq!(by_kind["OneClick"], ["/u/{token}"]);
    assert_eq!(by_kind.len(), 11, "{by_kind:?}");
}
