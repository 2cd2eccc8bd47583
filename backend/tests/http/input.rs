//! Bad input is refused with a problem document that repeats nothing, and changes nothing.

use axum::http::Method;
use serde_json::json;

use crate::service::{Answer, Service, objection, posted, request};

/// What no answer may repeat: it stands somewhere in every bad request below.
const MARK: &str = "zaphod";

#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str) {
    answer.is_problem(status, code);
    let text = answer.text().to_lowercase();
    assert!(!text.contains(MARK), "the answer repeats the input: {text}");
}

async fn refuses(service: &Service, path: &str, body: &str, status: u16, code: &str) {
    let state = service.state();
    let answer = service.send(posted(path, &[], body)).await;
    refused(&answer, status, code);
    assert_eq!(service.state(), state, "{body:.200}");
}

#[tokio::test]
async fn what_is_no_json_is_refused() {
    let service = Service::start().await;
    let deep = format!("{}{MARK}", "[".repeat(60_000));
    let nested = format!("{{\"zaphod\":{}1{}}}", "[".repeat(500), "]".repeat(500));
    for body in [
        "",
        "{",
        "zaphod",
        "{\"address\":\"zaphod@client.example\"",
        "{\"address\":\"zaphod\",\"notice\":\"zaphod\"}}",
        "{'address':'zaphod'}",
        "{\"address\":\"zaphod\u{0}\"}",
        "\u{feff}{}",
        "{\"address\": NaN}",
    ] {
        refuses(&service, "/v1/objections", body, 400, "malformed_json").await;
    }
    for body in [
        "",
        "{",
        "zaphod",
        "{\"token\":\"zaphod\"",
        "{\"token\":\"zaphod\"}]",
    ] {
        refuses(&service, "/v1/objections/undo", body, 400, "malformed_json").await;
    }
    for body in [deep, nested] {
        let answer = service.send(posted("/v1/objections", &[], &body)).await;
        assert!(answer.status.is_client_error(), "{}", answer.text());
        assert!(!answer.text().contains(MARK));
    }
    let latin = service
        .send(request(
            Method::POST,
            "/v1/objections",
            &[("content-type", "application/json; charset=iso-8859-1")],
            "{\"address\":\"zaphod",
        ))
        .await;
    refused(&latin, 400, "malformed_json");
}

#[tokio::test]
async fn fields_that_are_missing_unknown_twice_or_of_another_kind_are_refused() {
    let service = Service::start().await;
    for body in [
        "null",
        "1",
        "\"zaphod@client.example\"",
        "[]",
        "[\"zaphod\"]",
        "{}",
        r#"{"address":"zaphod@client.example"}"#,
        r#"{"notice":"corporate-clients"}"#,
        r#"{"address":null,"notice":"corporate-clients"}"#,
        r#"{"address":["zaphod@client.example"],"notice":"corporate-clients"}"#,
        r#"{"address":{"zaphod":1},"notice":"corporate-clients"}"#,
        r#"{"address":42,"notice":"corporate-clients"}"#,
        r#"{"address":"a@client.example","address":"zaphod@client.example","notice":"corporate-clients"}"#,
        r#"{"address":"zaphod@client.example","notice":"corporate-clients","until":20270223}"#,
        r#"{"address":"zaphod@client.example","notice":"corporate-clients","topic":["it_strategy"]}"#,
        r#"{"address":"zaphod@client.example","notice":"corporate-clients","zaphod":true}"#,
        r#"{"address":"zaphod@client.example","notice":"corporate-clients","x, expected zaphod":1}"#,
        r#"{"address":"zaphod@client.example","notice":"corporate-clients","x at line zaphod":1}"#,
        r#"{"address":"zaphod@client.example","notice":"corporate-clients","__proto__":{}}"#,
    ] {
        refuses(&service, "/v1/objections", body, 422, "invalid_request").await;
    }
    for body in [
        "{}",
        r#"{"token":1}"#,
        r#"{"token":"a","zaphod":"zaphod@client.example"}"#,
        r#"{"token":"a","token":"zaphod"}"#,
    ] {
        refuses(
            &service,
            "/v1/objections/undo",
            body,
            422,
            "invalid_request",
        )
        .await;
    }
}

#[tokio::test]
async fn a_value_that_looks_like_an_error_message_is_not_repeated() {
    let service = Service::start().await;
    let check = |first: &str| {
        let checks = json!([{"address": "a@client.example", "first_contact": first}]);
        json!({"purpose": "info_about_us", "checks": checks})
    };
    for value in [
        "zaphod",
        "a, expected zaphod",
        "a, expected zaphod at line 1",
        "\u{7}, expected zaphod at line 7 column 7, expected zaphod",
    ] {
        let answer = service.decisions(&check(value)).await;
        refused(&answer, 422, "invalid_request");
    }
}

#[tokio::test]
async fn what_is_no_address_is_refused() {
    let service = Service::start().await;
    let long = format!("zaphod{}@client.example", "x".repeat(60));
    for address in [
        "",
        "   ",
        "zaphod",
        "zaphod@",
        "@client.example",
        "zaphod@@client.example",
        "zaphod@localhost",
        "zaphod@client.example\r\nBcc: zaphod@evil.example",
        "zaphod@client.example\nX: y",
        "zaphod@client.example,zaphod@evil.example",
        "zaphod@client.example;zaphod@evil.example",
        "Zaphod <zaphod@client.example>",
        "<zaphod@client.example>",
        "zaphod (comment)@client.example",
        "zap hod@client.example",
        "zaphod\u{0}@client.example",
        "zaphod\u{202e}@client.example",
        "zaphod\u{200b}@client.example",
        "zaphod@client\u{ad}.example",
        "zaphod@-client.example",
        "zaphod@client..example",
        "zaphod@127.0.0.1",
        "zaphod@[127.0.0.1]",
        "zaphod@xn--a.example\u{0}",
        "zaphod@\u{fffd}.example",
        "=cmd|'/c zaphod'!A1",
        "<script>zaphod()</script>",
        "../../zaphod",
        &long,
        &"zaphod@client.example".repeat(2000),
    ] {
        let body = objection(address, json!({})).to_string();
        refuses(&service, "/v1/objections", &body, 422, "invalid_address").await;
    }
}

#[tokio::test]
async fn names_that_no_notice_knows_are_refused() {
    let service = Service::start().await;
    let address = "zaphod@client.example";
    for (more, code) in [
        (json!({"notice": "zaphod"}), "unknown_notice"),
        (json!({"notice": ""}), "unknown_notice"),
        (json!({"notice": "../zaphod"}), "unknown_notice"),
        (json!({"notice": "Corporate-Clients"}), "unknown_notice"),
        (json!({"purpose": "zaphod"}), "unknown_purpose"),
        (json!({"purpose": "Zaphod!"}), "unknown_purpose"),
        (json!({"purpose": ""}), "unknown_purpose"),
        (json!({"topic": "zaphod"}), "unknown_topic"),
        (json!({"topic": "zaphod zaphod"}), "unknown_topic"),
        (
            json!({"purpose": "info_about_us", "topic": "zaphod"}),
            "unknown_topic",
        ),
        (json!({"channel": "zaphod"}), "invalid_request"),
        (json!({"channel": "EMAIL"}), "invalid_request"),
        (json!({"channel": ""}), "invalid_request"),
        (json!({"purpose": "service_provision"}), "case_needed"),
        (json!({"purpose": "business_admin"}), "case_needed"),
        (json!({"purpose": "security_risk"}), "case_needed"),
        (json!({"purpose": "legal_compliance"}), "case_needed"),
        (
            json!({"purpose": "deidentified_improvement"}),
            "case_needed",
        ),
    ] {
        let body = objection(address, more).to_string();
        refuses(&service, "/v1/objections", &body, 422, code).await;
    }
}

#[tokio::test]
async fn an_end_that_is_over_or_no_date_is_refused() {
    let service = Service::start().await;
    for until in [
        "",
        "zaphod",
        "tomorrow",
        "2026-11-22",
        "2026-11-23T12:00:00Z",
        "2026-11-23T11:59:59.999Z",
        "2026-11-23T13:00:00+01:00",
        "1970-01-01",
        "-0001-01-01",
        "2027-02-30",
        "2027-13-01",
        "2027-2-3",
        "23.02.2027",
        "2027-02-23 zaphod",
        "2027-02-23T12:00:00",
        "9999-12-31",
        "10000-01-01",
        "+12027-01-01",
        "99999999999999999999-01-01",
        "1795435200000",
        "P3M",
    ] {
        let body = objection("zaphod@client.example", json!({"until": until})).to_string();
        refuses(&service, "/v1/objections", &body, 422, "invalid_until").await;
    }
}

#[tokio::test]
async fn a_far_end_is_kept_as_it_was_given() {
    let service = Service::start().await;
    let until = json!({"until": "9999-12-30T23:59:59.999Z"});
    service.object_to("jane@client.example", until).await;
    let entries = service.entries().await;
    let end = entries[0].until.unwrap().to_string();
    assert_eq!(end, "9999-12-30T23:59:59.999Z");
    assert!(!service.proceeds("jane@client.example").await);
}

#[tokio::test]
async fn another_media_type_is_refused() {
    let service = Service::start().await;
    let body = objection("zaphod@client.example", json!({})).to_string();
    let form = "address=zaphod%40client.example&notice=corporate-clients";
    let state = service.state();
    for path in ["/v1/objections", "/v1/objections/undo"] {
        for media in [
            "text/plain",
            "text/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/jsonx",
            "",
        ] {
            for body in [body.as_str(), form] {
                let headers = [("content-type", media)];
                let answer = service
                    .send(request(Method::POST, path, &headers, body))
                    .await;
                refused(&answer, 415, "unsupported_media_type");
            }
        }
        let without = service.send(request(Method::POST, path, &[], &body)).await;
        refused(&without, 415, "unsupported_media_type");
    }
    assert_eq!(service.state(), state);
    let headers = [("content-type", "Application/JSON ; charset=utf-8")];
    let answer = service
        .send(request(Method::POST, "/v1/objections", &headers, &body))
        .await;
    assert_eq!(answer.status, 202);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let service = Service::start().await;
    let padding = " ".repeat(64 * 1024);
    let body = objection("zaphod@client.example", json!({})).to_string();
    refuses(
        &service,
        "/v1/objections",
        &format!("{body}{padding}"),
        413,
        "too_large",
    )
    .await;
    let huge = objection(&"zaphod".repeat(1 << 18), json!({})).to_string();
    refuses(&service, "/v1/objections", &huge, 413, "too_large").await;
    let question = json!({"purpose": "zaphod".repeat(1 << 18), "checks": []});
    refused(&service.decisions(&question).await, 413, "too_large");
}

#[tokio::test]
async fn a_batch_of_more_than_a_thousand_is_refused() {
    let service = Service::start().await;
    let batch = |count: usize| {
        let checks = vec![json!({"address": "zaphod@client.example"}); count];
        json!({"purpose": "info_about_us", "checks": checks})
    };
    let answer = service.decisions(&batch(1000)).await;
    assert_eq!(
        answer.json()["decisions"].as_array().map(Vec::len),
        Some(1000)
    );
    let answer = service.decisions(&batch(1001)).await;
    refused(&answer, 422, "invalid_request");
    assert_eq!(answer.json()["errors"][0]["field"], "checks");
    assert_eq!(
        service.decisions(&batch(0)).await.json()["decisions"],
        json!([])
    );
}

#[tokio::test]
async fn the_field_that_is_wrong_is_named() {
    let service = Service::start().await;
    for (more, field) in [
        (json!({"address": "zaphod"}), "address"),
        (json!({"notice": "zaphod"}), "notice"),
        (json!({"purpose": "zaphod"}), "purpose"),
        (json!({"topic": "zaphod"}), "topic"),
        (json!({"channel": "zaphod"}), "channel"),
        (json!({"until": "zaphod"}), "until"),
    ] {
        let body = objection("zaphod@client.example", more);
        let answer = service.post("/v1/objections", &body).await;
        assert_eq!(answer.json()["errors"][0]["field"], field);
    }
}

#[tokio::test]
async fn paths_and_queries_that_cannot_be_read_are_problems_too() {
    let service = Service::start().await;
    let state = service.state();
    for path in [
        "/zaphod",
        "/v1/zaphod",
        "/notices/zaphod",
        "/notices/%ff",
        "/notices/corporate-clients/versions/zaphod",
        "/notices/corporate-clients/versions/%ff",
        "/notices/corporate-clients/versions/99999999999999999999",
        "/notices/corporate-clients/versions/-1",
        "/notices/corporate-clients/diff/0/7",
        "/notices/corporate-clients/diff/%ff/%fe",
        "/notices/corporate-clients/versions/%ff/notice.json",
        "/embed/zaphod/sayso.js",
        "/embed/%ff/sayso.js",
        "/embed/%ff/fragment.html",
        "/assets/0000000000000000/zaphod",
        "/assets/%ff/%fe",
        "/v1/receipts/%ff",
        "/v1/receipts/zaphod",
        "/v1/receipts/..%2f..%2fzaphod",
        "//",
        "/notices//",
    ] {
        let answer = service.get(path).await;
        refused(&answer, 404, "not_found");
    }
    for path in [
        "/",
        "/docs",
        "/frame/corporate-clients",
        "/notices/corporate-clients",
        "/embed/corporate-clients/sayso.js",
    ] {
        for query in [
            "?lang=de&lang=fr",
            "?lang=%ff",
            "?lang",
            "?lang=zaphod",
            "?%",
            "?=&&=",
        ] {
            let answer = service.get(&format!("{path}{query}")).await;
            assert_eq!(answer.status, 200, "{path}{query}: {}", answer.text());
            assert!(!answer.text().contains(MARK));
        }
    }
    refused(&service.get("/frame/%ff").await, 404, "not_found");
    assert_eq!(service.state(), state);
}
