//! One-click unsubscribe (RFC 8058): one POST stops, nothing else does, and a token can do no more
//! than stop (UNS-01 to UNS-13, LAW-28).

use axum::http::Method;
use backend::one_click::{OneClick, Unsubscribe};
use backend::secrets::{Secrets, SecretsText};
use serde_json::json;
use shared::address::Address;
use shared::entry::{Act, Assurance, Method as By, Surface};

use crate::service::{Answer, BASE, PURPOSE, Service, request};

pub(crate) const JANE: &str = "jane@client.example";
const BODY: &str = "List-Unsubscribe=One-Click";
pub(crate) const URLENCODED: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const MULTIPART: (&str, &str) = ("content-type", "multipart/form-data; boundary=b0und");

pub(crate) fn unsubscribe(
    service: &Service,
    secrets: &Secrets,
    address: &str,
    topic: Option<&str>,
) -> Unsubscribe {
    let rules = service.rules();
    let address = Address::parse(address).unwrap();
    let one = OneClick::new(address, &rules, PURPOSE, topic, Some("2026-11")).unwrap();
    let mailbox = Some("unsub@privacy.example.com");
    one.unsubscribe(BASE, mailbox, secrets, &*service.world)
}

/// A token about every mailing of the purpose.
pub(crate) fn token(service: &Service, address: &str) -> String {
    let made = unsubscribe(service, &service.secrets, address, None);
    made.url.rsplit('/').next().unwrap().to_owned()
}

fn multipart(name: &str, value: &str) -> String {
    format!(
        "--b0und\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n--b0und--\r\n"
    )
}

pub(crate) async fn press(
    service: &Service,
    token: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let path = format!("/u/{token}");
    service
        .send(request(Method::POST, &path, headers, body))
        .await
}

#[tokio::test]
async fn one_post_stops_in_either_encoding_without_redirect_or_cookie() {
    let bodies = [
        (URLENCODED, BODY.to_owned()),
        (MULTIPART, multipart("List-Unsubscribe", "One-Click")),
    ];
    for (kind, body) in bodies {
        let service = Service::start().await;
        assert!(service.proceeds(JANE).await);
        let answer = press(&service, &token(&service, JANE), &[kind], &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.text().len() < 100);
        for header in ["location", "set-cookie"] {
            assert_eq!(answer.header(header), "", "{header}");
        }
        assert!(!service.proceeds(JANE).await);
        assert!(service.proceeds("john@client.example").await);
        let entries = service.entries().await;
        let [entry] = entries.as_slice() else {
            panic!("{entries:?}")
        };
        assert_eq!(entry.act, Act::Objected);
        assert_eq!(entry.evidence.assurance, Assurance::OneClickToken);
        assert_eq!(entry.evidence.surface, Surface::OneClick);
        assert_eq!(entry.evidence.method, By::OneClickPost);
        assert_eq!(entry.evidence.notice, Some(service.in_force()));
        assert_eq!(entry.evidence.reference.as_deref(), Some("mailing 2026-11"));
    }
}

#[tokio::test]
async fn headers_of_any_kind_change_nothing_and_are_not_kept() {
    let service = Service::with(|config| config.rate_limit = backend::config::Switch::On).await;
    let hostile = [
        URLENCODED,
        ("origin", "https://evil.example"),
        ("cookie", "sayso=stolen; __Host-sayso=stolen"),
        ("referer", "https://evil.example/page"),
        ("authorization", "Bearer sayso_nothing"),
        ("sec-fetch-site", "cross-site"),
        ("sec-gpc", "1"),
    ];
    for number in 0..200 {
        let address = format!("a{number}@client.example");
        let answer = press(&service, &token(&service, &address), &hostile, BODY).await;
        assert_eq!(answer.status, 200, "no limit for a good token");
        assert_eq!(answer.text(), "Unsubscribed.\n");
    }
    let entries = service.entries().await;
    assert_eq!(entries.len(), 200);
    for entry in entries {
        assert_eq!(entry.evidence.host_origin, None);
        assert!(!entry.evidence.gpc);
        let kept = String::from_utf8(entry.canonical()).unwrap();
        assert!(!kept.contains("evil") && !kept.contains("stolen"), "{kept}");
    }
}

#[tokio::test]
async fn reading_and_every_other_body_stop_nothing_and_show_the_page() {
    let service = Service::start().await;
    let token = token(&service, JANE);
    let path = format!("/u/{token}");
    let state = service.state();
    for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
        for path in [path.clone(), format!("{path}?_method=POST&{BODY}")] {
            let answer = service
                .send(request(method.clone(), &path, &[], BODY))
                .await;
            assert!(answer.status.as_u16() < 500);
        }
    }
    let json = ("content-type", "application/json");
    for (kind, body) in [
        (URLENCODED, String::new()),
        (URLENCODED, "List-Unsubscribe=One-click".to_owned()),
        (URLENCODED, "list-unsubscribe=One-Click".to_owned()),
        (URLENCODED, format!("{BODY}&x=1")),
        (URLENCODED, format!("_method=DELETE&{BODY}")),
        (json, json!({ "List-Unsubscribe": "One-Click" }).to_string()),
        (("content-type", "text/plain"), BODY.to_owned()),
        (MULTIPART, multipart("List-Unsubscribe", "Two-Click")),
        (MULTIPART, BODY.to_owned()),
        (URLENCODED, "stop=".to_owned()),
        (URLENCODED, "x".repeat(100_000)),
    ] {
        let answer = press(&service, &token, &[kind], &body).await;
        assert_eq!(answer.status, 200, "{body:.60}");
        assert!(
            answer.text().contains("<form method=\"post\""),
            "{body:.60}"
        );
    }
    let wrong = press(&service, &token, &[URLENCODED], "stop=part&until=").await;
    assert!(wrong.text().contains("role=\"alert\""), "{}", wrong.text());
    assert_eq!(service.state(), state);
    let page = service.get(&path).await.text();
    assert!(!page.contains("<script") && !page.contains(JANE));
    assert!(service.proceeds(JANE).await);
}

#[tokio::test]
async fn a_forged_cut_or_unknown_token_is_always_the_same_answer() {
    let service = Service::start().await;
    let good = token(&service, JANE);
    let other = SecretsText::generate(&backend::clock::System)
        .check()
        .unwrap();
    let foreign = unsubscribe(&service, &other, JANE, None).url;
    let mut bent = good.clone().into_bytes();
    bent[40] = if bent[40] == b'A' { b'B' } else { b'A' };
    let state = service.state();
    let mut answers = Vec::new();
    for token in [
        foreign.rsplit('/').next().unwrap(),
        &good[..good.len() - 1],
        &good[1..],
        std::str::from_utf8(&bent).unwrap(),
        "x",
        "%FF",
        &"A".repeat(5000),
    ] {
        for (method, body) in [(Method::POST, BODY), (Method::GET, "")] {
            let path = format!("/u/{token}");
            let answer = service
                .send(request(method, &path, &[URLENCODED], body))
                .await;
            assert_eq!(answer.status, 404, "{token}");
            answers.push(answer.bytes);
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    let person = request(Method::GET, "/u/x", &[("accept", "text/html")], "");
    let page = service.send(person).await;
    assert_eq!(page.status, 404);
    assert!(
        page.text()
            .contains("/notices/corporate-clients?lang=en#object"),
        "a person still gets the way to stop the mailings"
    );
    assert_eq!(service.state(), state);
}

#[tokio::test]
async fn of_twenty_posts_at_once_all_are_answered_and_one_is_written() {
    let service = std::sync::Arc::new(Service::start().await);
    let token = token(&service, JANE);
    let mut posts = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (service, token) = (service.clone(), token.clone());
        posts.spawn(async move { press(&service, &token, &[URLENCODED], BODY).await });
    }
    while let Some(answer) = posts.join_next().await {
        let answer = answer.unwrap();
        assert_eq!(
            (answer.status.as_u16(), answer.text().as_str()),
            (200, "Unsubscribed.\n")
        );
    }
    assert_eq!(service.entries().await.len(), 1);
    assert!(!service.proceeds(JANE).await);
}

#[tokio::test]
async fn a_token_works_after_the_seal_was_renewed_and_when_its_purpose_is_stopped_in_part() {
    let service = Service::start().await;
    let mut text = SecretsText::generate(&backend::clock::System);
    let old = text.check().unwrap();
    let token = unsubscribe(&service, &old, JANE, None).url;
    let renewed = SecretsText::generate(&backend::clock::System);
    text.seal.insert("2".to_owned(), renewed.seal["1"].clone());
    text.seal.insert("3".to_owned(), renewed.view_key.clone());
    let new = text.check().unwrap();
    let opened = OneClick::open(token.rsplit('/').next().unwrap(), &new).unwrap();
    assert_eq!(opened.address.reveal(), JANE);

    service
        .object_to(JANE, json!({ "topic": "it_strategy" }))
        .await;
    let token = self::token(&service, JANE);
    press(&service, &token, &[URLENCODED], BODY).await;
    let about = service
        .decide_about(JANE, json!({ "topic": "industry_updates" }))
        .await;
    assert_eq!(about["proceed"], false);
}

#[tokio::test]
async fn a_general_message_stops_every_mailing_and_one_of_a_topic_that_topic() {
    let service = Service::start().await;
    let proceeds = async |topic: &str, more: serde_json::Value| {
        let mut more = more;
        more["topic"] = topic.into();
        service.decide_about(JANE, more).await["proceed"] == true
    };
    let narrow = unsubscribe(&service, &service.secrets, JANE, Some("it_strategy")).url;
    let narrow = narrow.rsplit('/').next().unwrap();
    press(&service, narrow, &[URLENCODED], BODY).await;
    assert!(!proceeds("it_strategy", json!({})).await);
    assert!(proceeds("industry_updates", json!({})).await);
    press(&service, &token(&service, JANE), &[URLENCODED], BODY).await;
    assert!(!proceeds("industry_updates", json!({})).await);
    let scopes: Vec<_> = service
        .entries()
        .await
        .into_iter()
        .map(|one| one.scope)
        .collect();
    assert!(
        scopes
            .iter()
            .all(|scope| scope.channel == Some(shared::purpose::Channel::Email))
    );
}

#[tokio::test]
async fn a_token_opens_nothing_else() {
    let service = Service::start().await;
    let token = token(&service, JANE);
    service.object(JANE).await;
    let state = service.state();
    let session = service
        .post("/v1/sessions", &json!({ "token": token }))
        .await;
    assert!(session.status.is_client_error(), "{}", session.text());
    assert!(service.undo(&token).await.status.is_client_error());
    let bearer = format!("Bearer {token}");
    let own = service
        .get_with("/v1/self", &[("authorization", &bearer)])
        .await;
    assert_eq!(own.status, 401);
    assert_eq!(service.state(), state);
}

#[tokio::test]
async fn links_are_made_for_a_key_and_carry_both_headers_byte_for_byte() {
    let service = Service::with(|config| {
        config.mail.unsubscribe = Some("unsub@privacy.example.com".to_owned());
    })
    .await;
    let asked = json!({ "purpose": PURPOSE, "mailing": "2026-11",
        "addresses": [JANE, "no address", "john@client.example"] });
    let path = "/v1/unsubscribe-links";
    assert_eq!(service.post(path, &asked).await.status, 401);
    let answer = service.asked(path, &asked).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let links = answer.json()["links"].clone();
    let url = links[0]["url"].as_str().unwrap();
    assert!(url.starts_with("https://privacy.example.com/u/"), "{url}");
    let ways = links[0]["list_unsubscribe"].as_str().unwrap();
    let mailto = links[0]["mailto"].as_str().unwrap();
    assert_eq!(ways, format!("<{url}>, <{mailto}>"));
    assert_eq!(
        (
            ways.matches("https:").count(),
            ways.matches("mailto:").count()
        ),
        (1, 1)
    );
    assert_eq!(links[0]["list_unsubscribe_post"], BODY);
    assert!(links[1]["url"].is_null() && links[1]["problem"].is_string());
    assert_ne!(links[2]["url"], links[0]["url"]);
    let all = answer.text();
    for trace in ["jane", "client.example"] {
        assert!(!all.contains(trace), "{trace}");
    }
    press(
        &service,
        url.rsplit('/').next().unwrap(),
        &[URLENCODED],
        BODY,
    )
    .await;
    assert!(!service.proceeds(JANE).await);
    let long = "m".repeat(65);
    for (wrong, field) in [
        (
            json!({ "purpose": "legal_compliance", "addresses": [JANE] }),
            "purpose",
        ),
        (
            json!({ "purpose": PURPOSE, "topic": "none", "addresses": [JANE] }),
            "topic",
        ),
        (
            json!({ "purpose": PURPOSE, "mailing": "a@b", "addresses": [JANE] }),
            "mailing",
        ),
        (
            json!({ "purpose": PURPOSE, "mailing": long, "addresses": [JANE] }),
            "mailing",
        ),
        (
            json!({ "purpose": PURPOSE, "addresses": vec![JANE; 1001] }),
            "addresses",
        ),
    ] {
        let answer = service.asked(path, &wrong).await;
        answer.is_problem(422, "invalid_request");
        assert_eq!(answer.json()["errors"][0]["field"], field);
    }
}
