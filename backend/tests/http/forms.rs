//! The same acts as plain forms: nothing needs a script.

use axum::http::Method;
use serde_json::json;
use shared::entry::{Method as By, Surface};

use crate::service::{NOTICE, SITE, Service, request};

const ADDRESS: &str = "jane@client.example";

/// The value of the first field of that name in the page.
fn field(page: &str, name: &str) -> String {
    let at = page.find(&format!("name=\"{name}\"")).unwrap();
    let rest = &page[at..];
    let rest = &rest[rest.find("value=\"").unwrap() + 7..];
    rest[..rest.find('"').unwrap()].to_owned()
}

#[tokio::test]
async fn an_objection_by_form_counts_at_once_and_can_be_undone_from_its_page() {
    let service = Service::start().await;
    let page = service.get("/notices/corporate-clients").await.text();
    let token = field(&page, "view_token");
    let fields = [
        ("address", ADDRESS),
        ("notice", NOTICE),
        ("view_token", token.as_str()),
    ];
    let answer = service.form("/object", &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(!service.proceeds(ADDRESS).await);
    let entry = &service.entries().await[0];
    assert_eq!(entry.evidence.method, By::Form);
    assert_eq!(entry.evidence.surface, Surface::NoticePage);
    assert!(entry.evidence.view_token.is_some());

    let done = answer.text();
    let receipt = done
        .find("/v1/receipts/")
        .map(|at| &done[at..at + 43])
        .unwrap();
    assert_eq!(service.get(receipt).await.status, 200);
    let undo = field(&done, "token");
    let undone = service
        .form("/object/undo", &[("token", &undo), ("notice", NOTICE)])
        .await;
    assert_eq!(undone.status, 200, "{}", undone.text());
    assert!(service.proceeds(ADDRESS).await);
}

#[tokio::test]
async fn a_form_may_choose_a_topic_and_an_end() {
    let service = Service::start().await;
    let fields = [
        ("address", ADDRESS),
        ("notice", NOTICE),
        ("topic", "it_strategy"),
        ("until", "2027-02-23"),
        ("purpose", ""),
        ("channel", ""),
        ("some_other_field", "that is passed over"),
    ];
    assert_eq!(service.form("/object", &fields).await.status, 200);
    let entry = &service.entries().await[0];
    assert_eq!(entry.scope.topic.as_ref().unwrap().as_str(), "it_strategy");
    assert_eq!(entry.until.unwrap().to_string(), "2027-02-24T00:00:00.000Z");
}

#[tokio::test]
async fn a_form_from_a_site_names_the_site_and_from_a_stranger_counts_too() {
    let service = Service::start().await;
    let body = serde_urlencoded::to_string([("address", ADDRESS), ("notice", NOTICE)]).unwrap();
    for (origin, host) in [
        (SITE, Some(SITE)),
        ("https://evil.example", None),
        ("null", None),
    ] {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", origin),
            ("sec-fetch-site", "cross-site"),
        ];
        let answer = service
            .send(request(Method::POST, "/object", &headers, &body))
            .await;
        assert_eq!(answer.status, 200, "{origin}");
        assert_eq!(answer.header("access-control-allow-origin"), "");
        let entries = service.entries().await;
        assert_eq!(
            entries.last().unwrap().evidence.host_origin.as_deref(),
            host
        );
    }
}

#[tokio::test]
async fn a_mistake_is_named_and_what_was_typed_is_kept() {
    let service = Service::start().await;
    let state = service.state();
    for typed in ["", "jane", "jane@", "\"><script>alert(1)</script>"] {
        let fields = [
            ("address", typed),
            ("notice", NOTICE),
            ("topic", "it_strategy"),
        ];
        let answer = service.form("/object", &fields).await;
        assert_eq!(answer.status, 422, "{typed}");
        let page = answer.text();
        assert!(page.contains("role=\"alert\""), "{typed}");
        assert!(
            !page.contains("<script>alert"),
            "{typed} is text, not markup"
        );
        if typed == "jane" {
            assert!(page.contains("value=\"jane\""), "{typed}");
        }
    }
    assert_eq!(service.state(), state);
}

#[tokio::test]
async fn what_cannot_be_read_is_answered_with_a_page() {
    let service = Service::start().await;
    let state = service.state();
    let form = "application/x-www-form-urlencoded";
    let fields = "address=jane%40client.example&notice=corporate-clients";
    for (media, body, status) in [
        ("text/plain", fields.to_owned(), 415),
        ("application/json", "{}".to_owned(), 415),
        (form, format!("{fields}&address=joe%40client.example"), 400),
        (form, format!("{fields}&x={}", "y".repeat(65_536)), 413),
        (form, String::new(), 422),
        (
            form,
            "address=jane%40client.example&notice=zaphod".to_owned(),
            422,
        ),
        (form, format!("{fields}&purpose=service_provision"), 422),
        (form, format!("{fields}&until=2020-01-01"), 422),
    ] {
        for path in ["/object", "/object/undo"] {
            let headers = [("content-type", media)];
            let answer = service
                .send(request(Method::POST, path, &headers, &body))
                .await;
            if path == "/object" {
                assert_eq!(answer.status, status, "{body:.100}");
            }
            assert!(answer.status.is_client_error(), "{path} {body:.100}");
            let kind = answer.header("content-type");
            assert!(kind.starts_with("text/html"), "{path} {status}: {kind}");
            assert!(answer.header("cache-control").contains("no-store"));
        }
    }
    assert_eq!(service.state(), state);
}

#[tokio::test]
async fn an_undo_that_is_forged_or_late_is_answered_with_a_page_and_undoes_nothing() {
    let service = Service::start().await;
    let token = service.object(ADDRESS).await.at("/undo/token");
    let forged = service
        .form("/object/undo", &[("token", "AAAA"), ("notice", NOTICE)])
        .await;
    assert_eq!(forged.status, 404);
    service.world.pass(600_000);
    let late = service
        .form("/object/undo", &[("token", &token), ("notice", NOTICE)])
        .await;
    assert_eq!(late.status, 409);
    assert!(!service.proceeds(ADDRESS).await);
}

#[tokio::test]
async fn the_answer_speaks_the_language_of_the_form() {
    let service = Service::start().await;
    for lang in ["de", "fr", "en"] {
        let fields = [("address", ADDRESS), ("notice", NOTICE), ("lang", lang)];
        let page = service.form("/object", &fields).await.text();
        assert!(page.contains(&format!("lang=\"{lang}\"")), "{lang}");
    }
    assert_eq!(service.entries().await.len(), 3);
    assert_eq!(
        service.decide(ADDRESS).await["reasons"],
        json!(["objected"])
    );
}

const DAY: i64 = 24 * 60 * 60 * 1000;

#[tokio::test]
async fn a_pause_chosen_on_an_earlier_day_is_answered_with_the_end_that_was_recorded() {
    let service = Service::start().await;
    service.world.pass(DAY);
    let fields = [
        ("address", ADDRESS),
        ("notice", NOTICE),
        ("until", "2027-02-23"),
    ];
    let page = service.form("/object", &fields).await.text();
    let entry = &service.entries().await[0];
    assert_eq!(entry.until.unwrap().to_string(), "2027-02-24T00:00:00.000Z");
    assert!(page.contains("Mailings are paused"), "{page}");
    assert!(page.contains("until the end of 23 February 2027"), "{page}");
    assert!(!page.contains("for good"), "{page}");
}

#[tokio::test]
async fn a_mistake_keeps_the_pause_that_was_chosen_on_an_earlier_day() {
    let service = Service::start().await;
    service.world.pass(DAY);
    let fields = [
        ("address", "jane"),
        ("notice", NOTICE),
        ("until", "2027-02-23"),
    ];
    let page = service.form("/object", &fields).await.text();
    assert!(page.contains("value=\"2027-02-23\" checked"), "{page}");
    assert!(page.contains("Until 23 February 2027"), "{page}");
    let checked = |name: &str| {
        let radios = page.split("<input").filter(|input| {
            let input = input.split('>').next().unwrap_or_default();
            input.contains(&format!("name=\"{name}\"")) && input.contains(" checked")
        });
        radios.count()
    };
    assert_eq!(checked("until"), 1, "{page}");
}

#[tokio::test]
async fn who_opens_the_forms_address_comes_to_the_page_that_has_it() {
    let service = Service::start().await;
    let answer = service.get("/object?lang=de").await;
    assert_eq!(answer.status, 303);
    assert_eq!(
        answer.header("location"),
        "/notices/corporate-clients?lang=de#object"
    );
}
