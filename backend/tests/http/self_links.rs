//! Links and sessions: asked for, used once, over in time.

use serde_json::json;

use crate::letters::{OUR_PAGE, cookie};
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

#[tokio::test]
async fn a_session_ends_when_it_is_not_used_and_after_an_hour_whatever_happens() {
    let service = Service::start().await;
    let idle = service.sign_in(JANE).await;
    service.world.pass(15 * MINUTE);
    service.own(&idle).await.is_problem(401, "sign_in_needed");
    let mut session = service.sign_in(JANE).await;
    for _ in 0..5 {
        service.world.pass(10 * MINUTE);
        session = service.own(&session).await.at("/session");
    }
    service.world.pass(10 * MINUTE - 1);
    let last = service.own(&session).await.at("/session");
    service.world.pass(1);
    service.own(&last).await.is_problem(401, "sign_in_needed");
}

#[tokio::test]
async fn signing_out_ends_the_session_everywhere() {
    let service = Service::start().await;
    let cookie = service.sign_in_on_page(JANE).await;
    let headers = [("cookie", cookie.as_str()), OUR_PAGE];
    let page = service.form_with("/self/out", &headers, &[]).await;
    assert!(page.text().contains("You are signed out"));
    assert!(page.header("set-cookie").contains("Max-Age=0"));
    let after = service.get_with("/self", &[("cookie", &cookie)]).await;
    assert!(!after.text().contains(JANE));
    let session = service.sign_in(JANE).await;
    let bearer = format!("Bearer {session}");
    let request = crate::service::request(
        axum::http::Method::DELETE,
        "/v1/sessions",
        &[("authorization", &bearer)],
        "",
    );
    assert_eq!(service.send(request).await.status, 204);
    service
        .own(&session)
        .await
        .is_problem(401, "sign_in_needed");
}

#[tokio::test]
async fn the_cookie_is_bound_to_the_host_and_hidden_from_scripts_and_other_sites() {
    let service = Service::start().await;
    let link = service.link(JANE).await;
    let fields = [("token", link.token.as_str())];
    let opened = service
        .form_with("/self/session", &[OUR_PAGE], &fields)
        .await;
    let set = opened.header("set-cookie");
    assert!(set.starts_with("__Host-sayso="), "{set}");
    for part in ["; Secure", "; HttpOnly", "; SameSite=Strict", "; Path=/"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains("Domain"));
    assert!(cookie(&opened).len() > 60);
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
    ] {
        let answer = service.post("/v1/sessions", &body).await;
        assert_eq!(answer.status, 422, "{body} {}", answer.text());
    }
}

#[tokio::test]
async fn forged_sessions_open_nothing() {
    let service = Service::start().await;
    let session = service.sign_in(JANE).await;
    let elsewhere = Service::start().await;
    elsewhere.sign_in(JANE).await;
    let other = elsewhere.sign_in(JANE).await;
    let mut damaged = session.clone();
    damaged.replace_range(4..5, if &session[4..5] == "A" { "B" } else { "A" });
    for forged in [other.as_str(), &damaged, "", "x", &session[1..]] {
        let answer = service.own(forged).await;
        answer.is_problem(401, "sign_in_needed");
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
async fn a_form_of_another_site_is_refused_whoever_is_signed_in() {
    let service = Service::start().await;
    let cookie = service.sign_in_on_page(JANE).await;
    let state = service.state();
    let jar = ("cookie", cookie.as_str());
    for from in [
        vec![("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "same-site")],
        vec![("sec-fetch-site", "none")],
        vec![
            ("sec-fetch-site", "cross-site"),
            ("origin", crate::service::BASE),
        ],
        vec![("origin", "https://evil.example")],
        vec![("origin", crate::service::SITE)],
        vec![("origin", "null")],
        vec![],
    ] {
        let headers = [&[jar][..], &from].concat();
        for (path, fields) in [
            ("/self/choices", [("act", "object")]),
            ("/self/undo", [("token", "x")]),
            ("/self/out", [("lang", "en")]),
        ] {
            let answer = service.form_with(path, &headers, &fields).await;
            assert_eq!(answer.status, 403, "{path} {from:?}");
        }
        let choice = json!({ "act": "object" });
        let answer = service
            .post_with("/v1/self/choices", &headers, &choice)
            .await;
        answer.is_problem(403, "origin_refused");
    }
    let link = service.link(JANE).await;
    let fields = [("token", link.token.as_str())];
    let foreign = [("sec-fetch-site", "cross-site")];
    let answer = service.form_with("/self/session", &foreign, &fields).await;
    assert_eq!(answer.status, 403, "nobody is signed in as somebody else");
    assert_ne!(state, service.state(), "only the link was written");
    assert!(service.proceeds(JANE).await);
    let old = [jar, ("origin", crate::service::BASE)];
    let answer = service
        .form_with("/self/choices", &old, &[("act", "object")])
        .await;
    assert_eq!(answer.status, 200, "a browser that says only where it is");
}

#[tokio::test]
async fn a_configured_site_may_use_the_bearer_and_no_other_may_read_it() {
    let service = Service::start().await;
    let session = service.sign_in(JANE).await;
    let bearer = format!("Bearer {session}");
    let site = crate::service::SITE;
    for (path, method) in [
        ("/v1/self", "GET"),
        ("/v1/self/choices", "POST"),
        ("/v1/sessions", "DELETE"),
    ] {
        let asked = [("origin", site), ("access-control-request-method", method)];
        let request = crate::service::request(axum::http::Method::OPTIONS, path, &asked, "");
        let answer = service.send(request).await;
        assert_eq!(answer.status, 204);
        assert_eq!(answer.header("access-control-allow-origin"), site);
        assert!(
            answer
                .header("access-control-allow-methods")
                .contains(method)
        );
        assert!(
            answer
                .header("access-control-allow-headers")
                .contains("authorization")
        );
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
    let headers = [("authorization", bearer.as_str()), ("origin", site)];
    let own = service.get_with("/v1/self", &headers).await;
    assert_eq!(own.header("access-control-allow-origin"), site);
    assert_eq!(own.header("cache-control"), "no-store");
    let evil = [
        ("authorization", bearer.as_str()),
        ("origin", "https://evil.example"),
    ];
    let read = service.get_with("/v1/self", &evil).await;
    assert_eq!(read.header("access-control-allow-origin"), "");
    let client = [headers[0], headers[1], ("x-sayso-client", "1")];
    let made = service
        .post_with("/v1/self/choices", &client, &json!({ "act": "object" }))
        .await;
    assert_eq!(made.status, 200, "{}", made.text());
    let entries = service.entries().await;
    let evidence = &entries.last().unwrap().evidence;
    assert_eq!(evidence.host_origin.as_deref(), Some(site));
}

#[tokio::test]
async fn reading_any_page_of_a_signed_in_person_writes_nothing() {
    let service = Service::start().await;
    let cookie = service.sign_in_on_page(JANE).await;
    let link = service.link(JANE).await;
    let state = service.state();
    for path in [
        "/self",
        "/self?lang=de",
        "/v1/self",
        "/consent",
        "/self#t=x",
    ] {
        for method in [axum::http::Method::GET, axum::http::Method::HEAD] {
            let path = path.replace("#t=x", &format!("?t={}", link.token));
            let request = crate::service::request(method, &path, &[("cookie", &cookie)], "");
            let answer = service.send(request).await;
            assert_eq!(answer.status, 200, "{path}");
            assert_eq!(answer.header("cache-control"), "no-store");
            assert_eq!(answer.header("referrer-policy"), "no-referrer");
        }
    }
    assert_eq!(service.state(), state);
}

#[tokio::test]
async fn the_cookie_of_a_page_moves_on_with_every_answer() {
    let service = Service::start().await;
    let mut jar = service.sign_in_on_page(JANE).await;
    for _ in 0..3 {
        service.world.pass(14 * MINUTE);
        let page = service.get_with("/self", &[("cookie", &jar)]).await;
        assert!(page.text().contains(JANE));
        jar = cookie(&page);
    }
    service.world.pass(15 * MINUTE);
    let page = service.get_with("/self", &[("cookie", &jar)]).await;
    assert!(
        page.text().contains("this page was closed"),
        "{}",
        page.text()
    );
    assert!(!page.text().contains(JANE));
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
