//! Which websites may write and read the answer: exact origins alone (SEC-21, SEC-23).

use axum::http::Method;
use serde_json::json;

use crate::service::{Answer, BASE, SITE, Service, objection, request};

const CLIENT: (&str, &str) = ("x-sayso-client", "1");

async fn object_from(service: &Service, headers: &[(&str, &str)]) -> Answer {
    let body = objection("jane@client.example", json!({}));
    service.post_with("/v1/objections", headers, &body).await
}

#[tokio::test]
async fn a_configured_site_may_object_and_read_the_answer() {
    let service = Service::start().await;
    let answer = object_from(&service, &[CLIENT, ("origin", SITE)]).await;
    assert_eq!(answer.status, 202);
    assert_eq!(answer.header("access-control-allow-origin"), SITE);
    assert_eq!(
        answer.header("access-control-expose-headers"),
        "retry-after"
    );
    assert!(answer.header("vary").to_lowercase().contains("origin"));
    let token = json!({"token": answer.at("/undo/token")});
    let headers = [CLIENT, ("origin", SITE)];
    let undone = service
        .post_with("/v1/objections/undo", &headers, &token)
        .await;
    assert_eq!(undone.status, 202);
    assert_eq!(undone.header("access-control-allow-origin"), SITE);
}

#[tokio::test]
async fn a_configured_site_may_read_its_mistakes() {
    let service = Service::start().await;
    let body = objection("nonsense", json!({}));
    let headers = [CLIENT, ("origin", SITE)];
    let answer = service.post_with("/v1/objections", &headers, &body).await;
    answer.is_problem(422, "invalid_address");
    assert_eq!(answer.header("access-control-allow-origin"), SITE);
}

#[tokio::test]
async fn any_other_origin_is_refused_and_cannot_read_why() {
    let service = Service::start().await;
    let state = service.state();
    for origin in [
        "https://www.example.com.evil.example",
        "https://evilwww.example.com",
        "https://evil.www.example.com",
        "https://example.com",
        "http://www.example.com",
        "https://www.example.com:8443",
        "https://www.example.com:443",
        "https://WWW.EXAMPLE.COM",
        "https://www.example.com/",
        "https://www.example.com ",
        "https://user@www.example.com",
        "https://www.example.com%60.evil.example",
        "https://www.example.com, https://evil.example",
        "null",
        "",
        "*",
        "https://privacy.example.com.evil.example",
        "http://privacy.example.com",
    ] {
        for path in ["/v1/objections", "/v1/objections/undo"] {
            let body = objection("jane@client.example", json!({}));
            let headers = [CLIENT, ("origin", origin)];
            let answer = service.post_with(path, &headers, &body).await;
            answer.is_problem(403, "origin_refused");
            assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
            assert!(answer.header("vary").to_lowercase().contains("origin"));
            let asked = [
                ("origin", origin),
                ("access-control-request-method", "POST"),
            ];
            let preflight = service
                .send(request(Method::OPTIONS, path, &asked, ""))
                .await;
            for header in ["origin", "methods", "headers", "credentials"] {
                let name = format!("access-control-allow-{header}");
                assert_eq!(preflight.header(&name), "", "{origin}");
            }
        }
    }
    assert_eq!(service.state(), state);
}

#[tokio::test]
async fn a_preflight_is_answered_for_configured_sites() {
    let service = Service::start().await;
    for path in ["/v1/objections", "/v1/objections/undo"] {
        let headers = [
            ("origin", SITE),
            ("access-control-request-method", "POST"),
            (
                "access-control-request-headers",
                "content-type,x-sayso-client",
            ),
        ];
        let answer = service
            .send(request(Method::OPTIONS, path, &headers, ""))
            .await;
        assert_eq!(answer.status, 204);
        assert_eq!(answer.header("access-control-allow-origin"), SITE);
        assert_eq!(answer.header("access-control-allow-methods"), "POST");
        let allowed = answer.header("access-control-allow-headers");
        assert!(allowed.contains("content-type") && allowed.contains("x-sayso-client"));
        assert_eq!(answer.header("access-control-max-age"), "600");
        assert!(answer.header("vary").to_lowercase().contains("origin"));
        assert!(answer.bytes.is_empty());
    }
}

#[tokio::test]
async fn pages_must_send_the_client_header_that_makes_browsers_ask_first() {
    let service = Service::start().await;
    let state = service.state();
    let cross = ("sec-fetch-site", "cross-site");
    for headers in [
        &[("origin", SITE)][..],
        &[("origin", SITE), ("x-sayso-client", "")],
        &[("origin", SITE), ("x-sayso-client", "0")],
        &[("origin", SITE), ("x-sayso-client", "2")],
        &[("origin", SITE), cross],
        &[cross],
    ] {
        let answer = object_from(&service, headers).await;
        answer.is_problem(403, "client_header_missing");
    }
    assert_eq!(service.state(), state);
    for headers in [
        &[][..],
        &[("origin", SITE), CLIENT, cross],
        &[("origin", BASE)],
        &[("origin", BASE), ("sec-fetch-site", "same-origin")],
        &[("sec-fetch-site", "none")],
    ] {
        let answer = object_from(&service, headers).await;
        assert_eq!(answer.status, 202, "{headers:?} {}", answer.text());
    }
}

#[tokio::test]
async fn the_demonstration_allows_both_local_names_of_its_own_port() {
    let service = Service::with(|config| config.public_url = None).await;
    for origin in ["http://localhost:8080", "http://127.0.0.1:8080"] {
        let answer = object_from(&service, &[CLIENT, ("origin", origin)]).await;
        assert_eq!(answer.status, 202, "{origin}");
    }
    for origin in [
        "http://localhost:8081",
        "http://localhost",
        "http://[::1]:8080",
    ] {
        let answer = object_from(&service, &[CLIENT, ("origin", origin)]).await;
        answer.is_problem(403, "origin_refused");
    }
}

#[tokio::test]
async fn outside_the_demonstration_local_names_are_strangers() {
    let service = Service::with(|config| config.demo = false).await;
    for origin in ["http://localhost:8080", "http://127.0.0.1:8080"] {
        let answer = object_from(&service, &[CLIENT, ("origin", origin)]).await;
        answer.is_problem(403, "origin_refused");
    }
    assert_eq!(service.get("/demo").await.status, 404);
}

/// Elsewhere a panel that scripts run could send nothing; the plain form can be posted from anywhere.
#[tokio::test]
async fn only_where_scripts_may_write_do_they_get_what_takes_over_the_plain_form() {
    let service = Service::start().await;
    let path = backend::assets::named("widget.css").unwrap().path();
    for origin in [SITE, BASE] {
        let answer = service.get_with(&path, &[("origin", origin)]).await;
        assert_eq!(answer.status, 200, "{origin}");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert!(answer.header("cache-control").contains("immutable"));
    }
    for origin in ["https://example.com", "null"] {
        let answer = service.get_with(&path, &[("origin", origin)]).await;
        answer.is_problem(403, "origin_refused");
        // So that a site which is configured later is not refused by the browser's memory.
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let answer = service.get(&path).await;
    let vary: Vec<_> = answer.headers.get_all("vary").iter().collect();
    assert_eq!(vary, ["accept-encoding", "origin"]);
}

#[tokio::test]
async fn the_gate_is_for_no_website() {
    let service = Service::start().await;
    let headers = [CLIENT, ("origin", SITE)];
    let answer = service
        .post_with("/v1/decisions", &headers, &json!({}))
        .await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
    let preflight = request(Method::OPTIONS, "/v1/decisions", &headers, "");
    assert_eq!(
        service
            .send(preflight)
            .await
            .header("access-control-allow-origin"),
        ""
    );
}
