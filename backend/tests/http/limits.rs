//! Public writes are limited per client, generously, and never dropped in silence (SEC-12, SEC-13).

use axum::body::Body;
use axum::http::{Method, Request};
use backend::config::Switch;
use serde_json::json;

use crate::service::{Answer, NOTICE, Service, from_client, objection, posted, request};

/// Writes that one client may make at once.
const BURST: usize = 300;
/// Of these, those that do nothing but send a letter, and milliseconds in which one more is earned.
const LETTERS: usize = 20;
const LETTER_EARNED: i64 = 3_000;
/// Milliseconds in which one more is earned.
const EARNED: i64 = 200;

pub(crate) async fn limited() -> Service {
    Service::with(|config| {
        config.rate_limit = Switch::On;
        config.trusted_proxies = vec!["10.0.0.1".parse().unwrap()];
    })
    .await
}

/// A write that is counted and refused, and so costs no time.
fn attempt(headers: &[(&str, &str)]) -> Request<Body> {
    posted("/v1/objections", headers, "{}")
}

/// Writes as often as one client may at once; returns the answer to the next.
pub(crate) async fn exhaust(service: &Service, client: &str, headers: &[(&str, &str)]) -> Answer {
    for _ in 0..BURST {
        let answer = service.send(from_client(attempt(headers), client)).await;
        answer.is_problem(422, "invalid_request");
    }
    let answer = service.send(from_client(attempt(headers), client)).await;
    answer.is_problem(429, "rate_limited");
    answer
}

#[tokio::test]
async fn an_office_gets_through_and_a_flood_is_told_when_to_try_again() {
    let service = limited().await;
    let state = service.state();
    let answer = exhaust(&service, "192.0.2.1", &[]).await;
    assert_eq!(answer.header("retry-after"), "2");
    assert!(!answer.text().contains("192.0.2.1"));
    let body = objection("jane@client.example", json!({})).to_string();
    let object = |client| from_client(posted("/v1/objections", &[], &body), client);
    assert_eq!(service.send(object("192.0.2.1")).await.status, 429);
    assert_eq!(service.state(), state, "nothing was recorded");
    let other = service.send(object("192.0.2.2")).await;
    assert_eq!(other.status, 202, "another client is not held up");
}

/// Writes until one is refused; returns how many were admitted.
async fn admitted(service: &Service) -> usize {
    for admitted in 0..=BURST {
        let answer = service.send(from_client(attempt(&[]), "192.0.2.1")).await;
        if answer.status == 429 {
            return admitted;
        }
    }
    panic!("never limited");
}

#[tokio::test]
async fn writes_are_earned_back_one_by_one_whatever_the_clock_is_set_to() {
    let service = limited().await;
    exhaust(&service, "192.0.2.1", &[]).await;
    service.world.pass(EARNED - 1);
    assert_eq!(admitted(&service).await, 0);
    service.world.pass(1);
    assert_eq!(admitted(&service).await, 1);
    service.world.pass(-60 * 60 * 1000);
    assert_eq!(admitted(&service).await, 0);
    service.world.pass(3 * EARNED);
    assert_eq!(
        admitted(&service).await,
        3,
        "set back, nobody waits an hour"
    );
    service.world.pass(1_000 * 365 * 24 * 60 * 60 * 1000);
    assert_eq!(
        admitted(&service).await,
        BURST,
        "set forward, no more at once"
    );
}

#[tokio::test]
async fn who_asks_for_many_letters_is_told_to_wait_and_objects_all_the_same() {
    let service = limited().await;
    let ask = |number: usize| {
        let address = format!("stranger{number}@client.example");
        let (path, body) = match number % 2 {
            0 => ("/v1/links", json!({ "address": address })),
            _ => (
                "/v1/consents",
                json!({
                    "address": address, "notice": NOTICE, "purpose": "info_about_us",
                    "topic": "it_strategy", "channel": "email",
                }),
            ),
        };
        from_client(posted(path, &[], &body.to_string()), "192.0.2.1")
    };
    for number in 0..LETTERS {
        let answer = service.send(ask(number)).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
    }
    let state = service.state();
    for number in 0..2 {
        let answer = service.send(ask(number)).await;
        answer.is_problem(429, "rate_limited");
        assert_eq!(answer.header("retry-after"), "4");
    }
    let forms = [
        ("/self/link", "address=a%40client.example"),
        ("/consent", ""),
    ];
    for (path, body) in forms {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let form = request(Method::POST, path, &headers, body);
        let answer = service.send(from_client(form, "192.0.2.1")).await;
        assert_eq!(answer.status, 429, "{path}");
    }
    assert_eq!(service.state(), state, "nothing was recorded");
    let body = objection("jane@client.example", json!({})).to_string();
    let object = posted("/v1/objections", &[], &body);
    let answer = service.send(from_client(object, "192.0.2.1")).await;
    assert_eq!(answer.status, 202);
    service.world.pass(LETTER_EARNED);
    assert_eq!(service.send(ask(0)).await.status, 202);
    service.send(ask(0)).await.is_problem(429, "rate_limited");
}

#[tokio::test]
async fn a_limited_site_can_read_when_to_try_again() {
    let service = limited().await;
    let headers = [("origin", crate::service::SITE), ("x-sayso-client", "1")];
    let answer = exhaust(&service, "192.0.2.1", &headers).await;
    assert_eq!(
        answer.header("access-control-allow-origin"),
        crate::service::SITE
    );
    assert_eq!(
        answer.header("access-control-expose-headers"),
        "retry-after"
    );
}

#[tokio::test]
async fn a_limited_form_keeps_what_was_typed_and_offers_to_send_it_again() {
    let service = limited().await;
    let fields = [
        ("address", "jane@client.example"),
        ("notice", NOTICE),
        ("purpose", "info_about_us"),
        ("topic", "it_strategy"),
        ("channel", "email"),
        ("until", "2027-02-23"),
        ("view_token", "what-was-shown"),
    ];
    let body = serde_urlencoded::to_string(fields).unwrap();
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let form = request(Method::POST, "/object", &headers, &body);
    exhaust(&service, "192.0.2.1", &[]).await;
    let answer = service.send(from_client(form, "192.0.2.1")).await;
    assert_eq!(answer.status, 429);
    assert!(!answer.header("retry-after").is_empty());
    let page = answer.text();
    for (name, value) in fields {
        let field = page
            .split("<input")
            .find(|field| field.contains(&format!("name=\"{name}\"")));
        assert!(
            field.unwrap().contains(&format!("value=\"{value}\"")),
            "{name}"
        );
    }
    for kept in ["action=\"/object\"", "<button"] {
        assert!(page.contains(kept), "{kept}");
    }
}

#[tokio::test]
async fn a_stranger_cannot_name_another_client_and_a_trusted_proxy_can() {
    let service = limited().await;
    let forged = [("x-forwarded-for", "203.0.113.7")];
    exhaust(&service, "192.0.2.1", &forged).await;
    // Another name in the header is the same client still.
    let again = [("x-forwarded-for", "203.0.113.8")];
    for _ in 0..20 {
        let answer = service
            .send(from_client(attempt(&again), "192.0.2.1"))
            .await;
        answer.is_problem(429, "rate_limited");
    }
    // Nobody exhausted what 203.0.113.7 has.
    let through = service
        .send(from_client(attempt(&forged), "10.0.0.1"))
        .await;
    assert_eq!(through.status, 422);
    // Behind the proxy, clients are told apart, and what they put before it does not count.
    let lying = [("x-forwarded-for", "198.51.100.9, 203.0.113.50")];
    exhaust(&service, "10.0.0.1", &lying).await;
    let other = [("x-forwarded-for", "203.0.113.51")];
    let answer = service.send(from_client(attempt(&other), "10.0.0.1")).await;
    assert_eq!(answer.status, 422);
}

#[tokio::test]
async fn a_network_of_ipv6_is_one_client() {
    let service = limited().await;
    exhaust(&service, "2001:db8:1:2::1", &[]).await;
    for host in 2..22 {
        let client = format!("2001:db8:1:2::{host:x}");
        let answer = service.send(from_client(attempt(&[]), &client)).await;
        answer.is_problem(429, "rate_limited");
    }
    let answer = service
        .send(from_client(attempt(&[]), "2001:db8:1:3::1"))
        .await;
    assert_eq!(answer.status, 422);
}

#[tokio::test]
async fn limits_can_be_switched_off_for_tests_and_load() {
    let service = Service::with(|config| config.rate_limit = Switch::Off).await;
    for _ in 0..2 * BURST {
        let answer = service.send(from_client(attempt(&[]), "192.0.2.1")).await;
        assert_eq!(answer.status, 422);
    }
}

#[tokio::test]
async fn programs_with_a_key_are_not_limited() {
    let service = limited().await;
    exhaust(&service, "192.0.2.1", &[]).await;
    let key = service
        .key(&[backend::http::access::Scope::GateCheck])
        .await;
    let bearer = format!("Bearer {key}");
    for _ in 0..50 {
        let body = json!({"purpose": "info_about_us", "checks": []}).to_string();
        let asked = posted("/v1/decisions", &[("authorization", &bearer)], &body);
        assert_eq!(
            service.send(from_client(asked, "192.0.2.1")).await.status,
            200
        );
    }
}

#[tokio::test]
async fn reading_is_not_limited() {
    let service = limited().await;
    exhaust(&service, "192.0.2.1", &[]).await;
    let page = request(Method::GET, "/notices/corporate-clients", &[], "");
    assert_eq!(
        service.send(from_client(page, "192.0.2.1")).await.status,
        200
    );
}
