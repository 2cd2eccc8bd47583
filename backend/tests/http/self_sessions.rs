//! Sessions: whose they are, how they end, and who cannot use them.

use serde_json::json;

use crate::letters::{OUR_PAGE, cookie};
use crate::service::{Answer, BASE, NOTICE, Service};

const JANE: &str = "jane@client.example";
const MINUTE: i64 = 60_000;

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
            let policy = answer.header("referrer-policy");
            let own = path.starts_with("/self");
            assert_eq!(policy, if own { "same-origin" } else { "no-referrer" });
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

/// What a browser that does not know `Sec-Fetch-Site` says of a form of that page.
fn origin_said_by(page: &Answer) -> (&'static str, &'static str) {
    let origin = match page.header("referrer-policy") {
        "no-referrer" => "null",
        _ => BASE,
    };
    ("origin", origin)
}

#[tokio::test]
async fn a_browser_that_says_nothing_but_its_origin_can_use_every_form_of_our_pages() {
    let service = Service::start().await;
    let link = service.link(JANE).await;
    let start = service.get("/self").await;
    let fields = [("token", link.token.as_str())];
    let opened = service
        .form_with("/self/session", &[origin_said_by(&start)], &fields)
        .await;
    assert_eq!(opened.status, 303, "{}", opened.text());
    let jar = cookie(&opened);
    let jar = ("cookie", jar.as_str());
    let mut page = service.get_with("/self", &[jar]).await;
    for (path, fields, status) in [
        ("/self/choices", [("act", "object")], 200),
        ("/self/undo", [("token", "x")], 409),
        ("/self/choices", [("act", "object")], 200),
        ("/self/erase", [("lang", "en")], 200),
        ("/self/out", [("lang", "en")], 200),
    ] {
        if path == "/self/erase" {
            page = service.get_with("/self/history", &[jar]).await;
        }
        let headers = [jar, origin_said_by(&page)];
        page = service.form_with(path, &headers, &fields).await;
        assert_eq!(page.status, status, "{path}: {}", page.text());
    }
    assert!(!service.proceeds(JANE).await);
}

#[tokio::test]
async fn a_button_pressed_after_the_session_is_over_is_answered_with_what_became_of_it() {
    let service = Service::start().await;
    let jar = service.sign_in_on_page(JANE).await;
    service.world.pass(16 * MINUTE);
    let state = service.state();
    for (path, field) in [
        ("/self/choices", ("act", "object")),
        ("/self/undo", ("token", "x")),
        ("/self/erase", ("notice", "")),
    ] {
        for (lang, says) in [
            ("en", "Nothing was recorded"),
            ("de", "Es wurde nichts festgehalten"),
            ("fr", "Rien n’a été enregistré"),
        ] {
            let headers = [("cookie", jar.as_str()), OUR_PAGE];
            let fields = [field, ("lang", lang)];
            let page = service.form_with(path, &headers, &fields).await;
            assert_eq!(page.status, 401, "{path}");
            let text = page.text();
            let alert = text.split("role=\"alert\"").nth(1).unwrap();
            let alert = alert.split("</div>").next().unwrap();
            assert!(alert.contains(&format!("<h2>{says}</h2>")), "{text}");
            let object = format!("href=\"/notices/{NOTICE}?lang={lang}#object\"");
            assert!(alert.contains(&object), "{text}");
            assert!(text.contains("action=\"/self/link\""), "{text}");
        }
    }
    assert_eq!(service.state(), state);
    let read = service
        .get_with("/self/history", &[("cookie", &jar)])
        .await
        .text();
    assert!(!read.contains("role=\"alert\""), "nobody pressed: {read}");
}

#[tokio::test]
async fn a_link_opened_while_another_address_is_signed_in_is_noticed_and_opens_its_own() {
    let service = Service::start().await;
    let (work, info) = ("work@client.example", "info@client.example");
    let jar = service.sign_in_on_page(work).await;
    let link = service.link(info).await;
    let page = service.get_with("/self", &[("cookie", &jar)]).await;
    let text = page.text();
    assert!(text.contains(&format!("These are the choices of {work}.")));
    let linked = text.split("id=\"linked\" hidden").nth(1).unwrap();
    let (linked, typed) = linked.split_once("id=\"typed\"").unwrap();
    let says = format!("this browser still shows the choices of {work}");
    assert!(linked.contains(&says), "{linked}");
    assert!(linked.contains("action=\"/self/session\"") && linked.contains("id=\"token\""));
    assert!(typed.contains("Object to all marketing"), "{typed}");
    let script = typed.split("<script src=\"").nth(1).unwrap();
    let script = service.get(script.split('"').next().unwrap()).await;
    assert_eq!(
        script.header("content-type"),
        "text/javascript; charset=utf-8"
    );
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self'"), "{policy}");

    let headers = [("cookie", jar.as_str()), OUR_PAGE];
    let fields = [("token", link.token.as_str())];
    let opened = service.form_with("/self/session", &headers, &fields).await;
    assert_eq!(opened.status, 303, "{}", opened.text());
    let jar = cookie(&opened);
    let page = service.get_with("/self", &[("cookie", &jar)]).await.text();
    assert!(page.contains(&format!("These are the choices of {info}.")));
    let headers = [("cookie", jar.as_str()), OUR_PAGE];
    let object = [("act", "object")];
    service.form_with("/self/choices", &headers, &object).await;
    assert!(!service.proceeds(info).await);
    assert!(service.proceeds(work).await);
}
