//! Links: asked for by anybody, answered alike, used once.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::json;

use crate::letters::OUR_PAGE;
use crate::service::{PURPOSE, Service};

const JANE: &str = "jane@client.example";
const MINUTE: i64 = 60_000;

#[tokio::test]
async fn from_a_link_to_a_changed_choice_and_the_gates_answer() {
    let service = Service::start().await;
    assert!(service.proceeds(JANE).await);
    let session = service.sign_in(JANE).await;
    let own = service.own(&session).await;
    assert_eq!(own.status, 200, "{}", own.text());
    assert_eq!(own.json()["address"], JANE);
    assert_eq!(own.json()["stops"], json!([]));
    let made = service.choose(&session, json!({ "act": "object" })).await;
    assert_eq!(made.status, 200, "{}", made.text());
    assert!(!service.proceeds(JANE).await);
    assert_eq!(made.json()["self"]["stops"][0]["by"]["act"], "objected");
    let as_of = made.json()["self"]["as_of"].clone();
    let lift = json!({ "act": "lift", "as_of": as_of });
    let lifted = service.choose(&session, lift).await;
    assert_eq!(lifted.status, 200, "{}", lifted.text());
    assert!(service.proceeds(JANE).await);
}

#[tokio::test]
async fn a_page_shows_what_holds_and_changes_it_without_a_script() {
    let service = Service::start().await;
    let cookie = service.sign_in_on_page(JANE).await;
    let page = service.get_with("/self", &[("cookie", &cookie)]).await;
    assert_eq!(page.status, 200);
    let text = page.text();
    assert!(
        text.contains(JANE) && text.contains("Object to all marketing"),
        "{text}"
    );
    let fields = [("act", "object"), ("purpose", PURPOSE)];
    let headers = [("cookie", cookie.as_str()), OUR_PAGE];
    let answer = service.form_with("/self/choices", &headers, &fields).await;
    assert_eq!(answer.status, 200);
    assert!(
        answer.text().contains("You have objected"),
        "{}",
        answer.text()
    );
    assert!(!service.proceeds(JANE).await);
}

#[tokio::test]
async fn the_typed_code_opens_the_same_and_a_link_works_once() {
    let service = Service::start().await;
    let link = service.link(JANE).await;
    let code = link.code.to_lowercase().replace('-', " ");
    let typed = json!({ "address": "Jane@Client.Example", "code": code });
    let opened = service.post("/v1/sessions", &typed).await;
    assert_eq!(opened.status, 200, "{}", opened.text());
    for again in [typed, json!({ "token": link.token })] {
        let refused = service.post("/v1/sessions", &again).await;
        refused.is_problem(404, "unknown_token");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_redemptions_at_once_one_opens_a_session() {
    let service = std::sync::Arc::new(Service::start().await);
    let link = service.link(JANE).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (service, token) = (service.clone(), link.token.clone());
        tasks.spawn(async move {
            let body = json!({ "token": token });
            service.post("/v1/sessions", &body).await.status.as_u16()
        });
    }
    let mut statuses = tasks.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200);
    assert!(statuses[1..].iter().all(|&status| status == 404));
}

#[tokio::test]
async fn a_link_is_over_after_ten_minutes_and_when_a_newer_one_is_asked_for() {
    let service = Service::start().await;
    let late = service.link(JANE).await;
    service.world.pass(10 * MINUTE);
    refused(&service, json!({ "token": late.token })).await;
    let typed = json!({ "address": JANE, "code": late.code });
    refused(&service, typed).await;
    let older = service.link(JANE).await;
    let newer = service.link(JANE).await;
    refused(&service, json!({ "token": older.token })).await;
    let opened = service
        .post("/v1/sessions", &json!({ "token": newer.token }))
        .await;
    assert_eq!(opened.status, 200);
}

async fn refused(service: &Service, body: serde_json::Value) {
    let answer = service.post("/v1/sessions", &body).await;
    answer.is_problem(404, "unknown_token");
}

#[tokio::test]
async fn five_wrong_codes_close_the_code() {
    let service = Service::start().await;
    let link = service.link(JANE).await;
    for _ in 0..5 {
        refused(&service, json!({ "address": JANE, "code": "0000000000" })).await;
    }
    refused(&service, json!({ "address": JANE, "code": link.code })).await;
    // The token has 256 bits: nobody guesses it, and nobody can close it for somebody else.
    let opened = service
        .post("/v1/sessions", &json!({ "token": link.token }))
        .await;
    assert_eq!(opened.status, 200);
}

#[tokio::test]
async fn a_code_opens_the_choices_of_its_own_address_alone() {
    let service = Service::start().await;
    let link = service.link(JANE).await;
    let other = json!({ "address": "john@client.example", "code": link.code });
    refused(&service, other).await;
    for body in [
        json!({ "token": "" }),
        json!({ "token": link.token, "more": 1 }),
        json!({}),
        json!({ "code": link.code }),
        json!({ "address": JANE }),
        json!({ "address": JANE, "code": " " }),
    ] {
        let answer = service.post("/v1/sessions", &body).await;
        assert_eq!(answer.status, 422, "{body} {}", answer.text());
    }
}

#[tokio::test]
async fn known_unknown_suppressed_and_limited_addresses_are_answered_alike() {
    let service = Service::start().await;
    service.object("s0pp@client.example").await;
    let known = json!({ "purpose": PURPOSE });
    service.object_to("k0wn@client.example", known).await;
    for _ in 0..5 {
        let limited = json!({ "address": "o0er@client.example" });
        service.post("/v1/links", &limited).await;
    }
    while service.letter().await.is_some() {}
    let mut answers = Vec::new();
    for name in ["k0wn", "n0ne", "s0pp", "o0er"] {
        let address = format!("{name}@client.example");
        let json = service
            .post("/v1/links", &json!({ "address": address }))
            .await;
        let fields = [("address", address.as_str()), ("lang", "en")];
        let page = service.form("/self/link", &fields).await;
        let consent = json!({
            "address": address, "notice": crate::service::NOTICE,
            "purpose": PURPOSE, "channel": "email",
        });
        let asked = service.post("/v1/consents", &consent).await;
        let fields = [
            ("address", address.as_str()),
            ("notice", crate::service::NOTICE),
            ("purpose", PURPOSE),
            ("channel", "email"),
        ];
        let asked_page = service.form("/consent", &fields).await;
        let all = [json, page, asked, asked_page].map(|answer| {
            assert_eq!(answer.status, 202, "{}", answer.text());
            (answer.headers.clone(), answer.text().replace(name, "****"))
        });
        answers.push(all);
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    let mut letters = 0;
    while service.letter().await.is_some() {
        letters += 1;
    }
    assert_eq!(letters, 9, "three for each address but the limited one");
}

#[tokio::test]
async fn the_link_in_the_mail_is_never_built_from_the_host_header() {
    let service = Service::start().await;
    let body = json!({ "address": JANE }).to_string();
    let headers = [("x-forwarded-host", "evil.example")];
    let mut request = crate::service::posted("/v1/links", &headers, &body);
    request
        .headers_mut()
        .insert("host", "evil.example".parse().unwrap());
    assert_eq!(service.send(request).await.status, 202);
    let letter = service.letter().await.unwrap();
    let said = serde_json::to_string(&letter).unwrap();
    assert!(!said.contains("evil"), "{said}");
}

#[tokio::test]
async fn neither_token_nor_code_nor_session_is_kept() {
    let service = Service::start().await;
    let used = service.link(JANE).await;
    let session = service
        .post("/v1/sessions", &json!({ "token": used.token }))
        .await
        .at("/session");
    let waiting = service.link(JANE).await;
    let text = |token: &str| token.as_bytes().to_vec();
    let bytes = |token: &str| BASE64_URL_SAFE_NO_PAD.decode(token).unwrap();
    let mut secrets = vec![text(&session), bytes(&session)[..32].to_vec()];
    for link in [&used, &waiting] {
        secrets.extend([text(&link.token), bytes(&link.token)]);
        secrets.extend([text(&link.code), text(&link.code.replace('-', ""))]);
    }
    for file in std::fs::read_dir(service.directory()).unwrap() {
        let kept = std::fs::read(file.unwrap().path()).unwrap();
        for secret in &secrets {
            assert!(!kept.windows(secret.len()).any(|window| window == secret));
        }
    }
    let opened = service
        .post("/v1/sessions", &json!({ "token": waiting.token }))
        .await;
    assert_eq!(opened.status, 200);
}

#[tokio::test]
async fn what_is_wrong_with_a_typed_code_is_said_at_the_field_and_the_address_kept() {
    let service = Service::start().await;
    for (code, said) in [
        ("", "Enter the code from the message"),
        ("7K3M4-Q9XD0", "This link or code does not work"),
    ] {
        let fields = [("address", JANE), ("code", code)];
        let page = service
            .form_with("/self/session", &[OUR_PAGE], &fields)
            .await;
        assert!(page.status.is_client_error());
        let text = page.text();
        assert_eq!(
            text.matches(said).count(),
            2,
            "in the summary and at the field: {text}"
        );
        assert!(text.contains(&format!("value=\"{JANE}\"")));
        assert!(text.contains("<title>Error:"));
        assert_eq!(page.header("set-cookie"), "");
    }
}
