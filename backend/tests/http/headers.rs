//! Security headers on every answer of every route (SEC-25, SEC-26).

use axum::http::Method;
use serde_json::json;

use crate::service::{Answer, NOTICE, SITE, Service, request};

/// Requests that reach every route and every kind of answer.
async fn answers(service: &Service) -> Vec<(String, Answer)> {
    let receipt = service.object("jane@client.example").await.at("/receipt");
    let capability = receipt.rsplit('/').next().unwrap();
    let css = backend::assets::named("widget.css").unwrap().path();
    let mut all = Vec::new();
    for route in crate::interface::routes() {
        let path = match route.as_str() {
            "/assets/{digest}/{*name}" => css.clone(),
            _ => route
                .replace("{notice}", NOTICE)
                .replace("{version}", "1")
                .replace("{old}", "0")
                .replace("{new}", "1")
                .replace("{capability}", capability),
        };
        for method in [
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::OPTIONS,
            Method::DELETE,
        ] {
            for headers in [
                &[][..],
                &[("accept", "text/html")],
                &[("origin", SITE)],
                &[("accept-encoding", "br")],
            ] {
                let request = request(method.clone(), &path, headers, "");
                all.push((format!("{method} {path}"), service.send(request).await));
            }
        }
    }
    let fields = [("address", "jane@client.example"), ("notice", NOTICE)];
    all.push(("form".to_owned(), service.form("/object", &fields).await));
    all.push((
        "bad form".to_owned(),
        service
            .form("/object", &[("address", ""), ("notice", NOTICE)])
            .await,
    ));
    all.push(("nowhere".to_owned(), service.get("/nowhere").await));
    all.push(("bad path".to_owned(), service.get("/notices/%ff").await));
    all
}

fn directive<'a>(answer: &'a Answer, name: &str) -> &'a str {
    let policy = answer.header("content-security-policy");
    let mut directives = policy.split(';').map(str::trim);
    let found = directives.find_map(|one| one.strip_prefix(name));
    found.unwrap_or("absent").trim()
}

#[tokio::test]
async fn every_answer_carries_the_headers() {
    let service = Service::start().await;
    for (what, answer) in answers(&service).await {
        let hsts = answer.header("strict-transport-security");
        assert!(hsts.starts_with("max-age=63072000"), "{what}: {hsts}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
        // Pages whose forms have to say that they are ours say so to us alone.
        let own = what.contains(" /self");
        let expected = if own { "same-origin" } else { "no-referrer" };
        let policy = answer.header("referrer-policy");
        let matters = !own || answer.status != 405;
        assert!(policy == expected || !matters, "{what}: {policy}");
        assert_eq!(
            answer.header("cross-origin-opener-policy"),
            "same-origin",
            "{what}"
        );
        assert!(
            !answer.header("cross-origin-resource-policy").is_empty(),
            "{what}"
        );
        assert_eq!(directive(&answer, "default-src"), "'none'", "{what}");
        assert_eq!(directive(&answer, "base-uri"), "'none'", "{what}");
        assert!(
            !answer
                .header("content-security-policy")
                .contains("unsafe-inline"),
            "{what}"
        );
        assert!(
            !answer
                .header("content-security-policy")
                .contains("'unsafe-eval'"),
            "{what}"
        );
        for absent in [
            "access-control-allow-credentials",
            "set-cookie",
            "server",
            "x-powered-by",
            "clear-site-data",
        ] {
            assert!(!answer.headers.contains_key(absent), "{what} has {absent}");
        }
        assert!(answer.status.as_u16() < 500, "{what}");
        if answer.status.as_u16() == 405 {
            assert!(!answer.header("allow").is_empty(), "{what} names no method");
        }
        let is_json = answer.header("content-type").ends_with("json");
        if !answer.status.is_success() && is_json && !answer.bytes.is_empty() {
            answer.is_problem(answer.status.as_u16(), &answer.at("/code"));
        }
        let plain = answer.header("content-type").starts_with("text/plain");
        assert!(
            answer.status.is_success() || !plain,
            "{what}: {}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn only_the_frame_and_the_forms_may_be_framed_and_only_by_sites() {
    let service = Service::start().await;
    for (what, answer) in answers(&service).await {
        let may_frame = directive(&answer, "frame-ancestors");
        let path = what.split(' ').next_back().unwrap_or_default();
        let framed = path.starts_with("/frame/")
            || path.starts_with("/object") && path != "/object/case"
            || what == "POST /consent"
            || what.ends_with("form");
        if framed && answer.status != 405 {
            let expected = [
                "'self'",
                "http://127.0.0.1:8080",
                "http://localhost:8080",
                SITE,
            ];
            let mut found: Vec<_> = may_frame.split(' ').collect();
            found.sort_unstable();
            assert_eq!(found, expected, "{what}");
        } else {
            assert_eq!(may_frame, "'none'", "{what}");
        }
    }
}

#[tokio::test]
async fn personal_answers_are_stored_nowhere() {
    let service = Service::start().await;
    let objected = service.object("jane@client.example").await;
    let receipt = objected.at("/receipt");
    let path = receipt.trim_start_matches(crate::service::BASE);
    let token = objected.at("/undo/token");
    let question =
        json!({"purpose": "info_about_us", "checks": [{"address": "jane@client.example"}]});
    let fields = [("address", "jane@client.example"), ("notice", NOTICE)];
    for (what, answer) in [
        ("receipt", service.get(path).await),
        ("decisions", service.decisions(&question).await),
        ("undo", service.undo(&token).await),
        ("form", service.form("/object", &fields).await),
        (
            "form refused",
            service
                .form("/object", &[("address", "jane"), ("notice", NOTICE)])
                .await,
        ),
        (
            "form undo",
            service
                .form("/object/undo", &[("token", &token), ("notice", NOTICE)])
                .await,
        ),
        ("objection", objected),
    ] {
        let cache = answer.header("cache-control");
        assert!(cache.contains("no-store"), "{what}: {cache:?}");
    }
}

#[tokio::test]
async fn what_sites_load_may_be_loaded_by_any_site() {
    let service = Service::start().await;
    for path in [
        "/embed/corporate-clients/sayso.js",
        "/embed/corporate-clients/fragment.html",
    ] {
        let answer = service.get(path).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(
            answer.header("cross-origin-resource-policy"),
            "cross-origin"
        );
    }
    let page = service.get("/notices/corporate-clients").await;
    assert_eq!(page.header("access-control-allow-origin"), "");
    assert_eq!(page.header("cross-origin-resource-policy"), "same-origin");
}

#[tokio::test]
async fn json_about_a_person_may_do_nothing_and_is_kept_nowhere() {
    let service = Service::start().await;
    let question =
        json!({"purpose": "info_about_us", "checks": [{"address": "jane@client.example"}]});
    for answer in [
        service.object("jane@client.example").await,
        service.decisions(&question).await,
    ] {
        assert!(answer.status.is_success());
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("cache-control"), "no-store");
        for (header, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "same-origin"),
            (
                "content-security-policy",
                "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
            ),
        ] {
            assert_eq!(answer.header(header), value);
        }
        let hsts = answer.header("strict-transport-security");
        assert!(hsts.starts_with("max-age=63072000"), "{hsts}");
    }
}
