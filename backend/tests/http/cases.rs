//! Objections that a person weighs (Art. 21(1)) and complaints (s.164A), by form and by program.

use std::sync::Arc;

use backend::mail::{Kind, Post};
use backend::store::cases::{CaseKind, KeptCase};
use backend::store::outbox::{First, Rank};
use serde_json::{Value, json};
use shared::entry::Act;

use crate::service::{NOTICE, SITE, Service};

pub(crate) const ADDRESS: &str = "jane@client.example";
pub(crate) const TEXT: &str = "You scan my private tablet, which I never agreed to.";
pub(crate) const DAY_MS: i64 = 24 * 60 * 60 * 1000;

pub(crate) fn complaint(address: &str) -> Value {
    json!({ "kind": "complaint", "address": address, "notice": NOTICE, "text": TEXT })
}

pub(crate) fn objection(address: &str, purpose: &str) -> Value {
    json!({ "kind": "objection", "address": address, "notice": NOTICE, "purpose": purpose, "text": TEXT })
}

/// Every letter that waits, to whom and about what.
pub(crate) async fn letters(service: &Service) -> Vec<(String, Kind)> {
    let secrets = Arc::new(service.secrets.clone());
    let post = Post::new(secrets, service.world.clone());
    let now = backend::clock::World::now(&*service.world);
    let mut letters = Vec::new();
    while let Some(due) = service
        .store
        .take_letter(now, now.plus_millis(DAY_MS), Rank::Notice, First::Ending)
        .await
        .unwrap()
    {
        let letter = post.open(&due.sealed).unwrap();
        letters.push((letter.to, letter.kind));
        service.store.drop_letter(due.no).await.unwrap();
    }
    letters
}

pub(crate) async fn only_case(service: &Service) -> KeptCase {
    let cases = service.store.cases().await.unwrap();
    assert_eq!(cases.len(), 1);
    cases.into_iter().next().unwrap()
}

#[tokio::test]
async fn a_complaint_is_acknowledged_within_thirty_days_of_its_receipt() {
    let service = Service::start().await;
    let answer = service.post("/v1/cases", &complaint(ADDRESS)).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    assert_eq!(answer.at("/by"), "2026-12-23T12:00:00.000Z");
    let case = only_case(&service).await;
    assert_eq!(case.kind, CaseKind::Complaint);
    assert_eq!(case.due, None, "the law sets no limit for the outcome");
    let shown = answer.at("/reference");
    assert_eq!(shown.replace('-', ""), case.reference);
    let told = letters(&service).await;
    assert!(matches!(
        &told[..],
        [(to, Kind::CaseReceived { reference, complaint: true, .. })]
            if to == ADDRESS && *reference == shown
    ));
}

#[tokio::test]
async fn an_objection_that_is_weighed_is_answered_within_a_month_and_restricts_meanwhile() {
    let service = Service::start().await;
    let answer = service
        .post("/v1/cases", &objection(ADDRESS, "security_risk"))
        .await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    assert_eq!(answer.at("/by"), "2026-12-24T00:00:00.000Z");
    let entries = service.entries().await;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].act, Act::CaseOpened);
    assert_eq!(
        entries[0].scope.purpose.as_ref().unwrap().as_str(),
        "security_risk"
    );
    assert!(!service.entries().await.iter().any(|entry| {
        String::from_utf8(entry.canonical())
            .unwrap()
            .contains("tablet")
    }));
    assert!(
        service.proceeds(ADDRESS).await,
        "mailings are another matter"
    );
}

#[tokio::test]
async fn the_forms_work_without_a_script_and_show_the_reference() {
    let service = Service::start().await;
    for (path, purpose) in [("/complain", ""), ("/object/case", "business_admin")] {
        let page = service
            .get(&format!("{path}?notice={NOTICE}&lang=de"))
            .await;
        assert_eq!(page.status, 200);
        let page = page.text();
        assert!(page.contains(&format!("action=\"{path}\"")));
        assert!(
            page.contains("lang=\"de\"") && page.contains("Exampletown"),
            "a letter is possible"
        );
        let fields = [
            ("address", ADDRESS),
            ("notice", NOTICE),
            ("purpose", purpose),
            ("text", TEXT),
            ("lang", "de"),
        ];
        let done = service.form(path, &fields).await;
        assert_eq!(done.status, 200, "{}", done.text());
        let newest = service.store.cases().await.unwrap().pop().unwrap();
        let cases = service.store.cases().await.unwrap();
        assert!(
            cases
                .iter()
                .any(|case| done.text().contains(&backend::cases::shown(case)))
        );
        assert_eq!(newest.notice, NOTICE);
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_at_the_field_and_everything_typed_stays() {
    let service = Service::start().await;
    let long = "x".repeat(4_001);
    for (address, text, says) in [
        ("", TEXT, "#address"),
        ("jane", TEXT, "#address"),
        (ADDRESS, "  ", "#text"),
        (ADDRESS, &long, "#text"),
        (ADDRESS, "</textarea><script>alert(1)</script>", "#purpose"),
    ] {
        let fields = [("address", address), ("notice", NOTICE), ("text", text)];
        let page = service.form("/object/case", &fields).await;
        assert_eq!(page.status, 422);
        let page = page.text();
        assert!(page.contains(&format!("href=\"{says}\"")), "{says}: {page}");
        assert!(page.contains(&format!("value=\"{address}\"")));
        assert!(
            !page.contains("<script") && page.matches("</textarea>").count() == 1,
            "{page}"
        );
    }
    assert!(service.store.cases().await.unwrap().is_empty());
    assert!(service.entries().await.is_empty());
}

#[tokio::test]
async fn a_program_is_told_which_field_is_wrong() {
    let service = Service::start().await;
    let mut bad = complaint(ADDRESS);
    bad["kind"] = json!("question");
    service
        .post("/v1/cases", &bad)
        .await
        .is_problem(422, "invalid_request");
    for purpose in ["info_about_us", "nonsense", ""] {
        let answer = service
            .post("/v1/cases", &objection(ADDRESS, purpose))
            .await;
        answer.is_problem(422, "unknown_purpose");
    }
    let answer = service.post("/v1/cases", &complaint("nobody")).await;
    answer.is_problem(422, "invalid_address");
    let mut bad = complaint(ADDRESS);
    bad["notice"] = json!("other");
    service
        .post("/v1/cases", &bad)
        .await
        .is_problem(422, "unknown_notice");
    let stranger = [("origin", "https://evil.example"), ("x-sayso-client", "1")];
    let answer = service
        .post_with("/v1/cases", &stranger, &complaint(ADDRESS))
        .await;
    answer.is_problem(403, "origin_refused");
    let site = [("origin", SITE), ("x-sayso-client", "1")];
    let answer = service
        .post_with("/v1/cases", &site, &complaint(ADDRESS))
        .await;
    assert_eq!(answer.status, 202);
}

#[tokio::test]
async fn whoever_objects_to_what_is_weighed_gets_the_form_for_it() {
    let service = Service::start().await;
    let fields = [
        ("address", ADDRESS),
        ("notice", NOTICE),
        ("purpose", "security_risk"),
    ];
    let page = service.form("/object", &fields).await;
    let page = page.text();
    assert!(page.contains("/object/case") && page.contains(&format!("value=\"{ADDRESS}\"")));
    assert!(page.contains("checked"), "{page}");
    let wanted = json!({ "purpose": "security_risk" });
    let refused = service
        .post(
            "/v1/objections",
            &crate::service::objection(ADDRESS, wanted),
        )
        .await;
    refused.is_problem(422, "case_needed");
    assert!(refused.at("/detail").contains("/v1/cases"));
}

#[tokio::test]
async fn every_page_and_the_widget_lead_to_both_forms() {
    let service = Service::start().await;
    for path in [
        "/notices/corporate-clients",
        "/embed/corporate-clients/fragment.html",
        "/frame/corporate-clients",
    ] {
        let page = service.get(path).await.text();
        for form in [
            "/complain?notice=corporate-clients",
            "/object/case?notice=corporate-clients",
        ] {
            assert!(page.contains(form), "{form} from {path}");
        }
    }
    assert_eq!(
        service.get("/complain").await.status,
        200,
        "also without a notice"
    );
    service.get("/complain?notice=other").await;
}

#[tokio::test]
async fn a_case_answers_alike_for_every_address_and_sends_few_letters() {
    let service = Service::start().await;
    service.object(ADDRESS).await;
    assert_eq!(letters(&service).await.len(), 1, "about the objection");
    let mut lengths = Vec::new();
    for address in [ADDRESS, "other@client.example"] {
        for _ in 0..5 {
            let answer = service.post("/v1/cases", &complaint(address)).await;
            assert_eq!(answer.status, 202);
            lengths.push(answer.bytes.len());
        }
    }
    lengths.dedup();
    assert_eq!(lengths.len(), 1, "{lengths:?}");
    assert_eq!(service.store.cases().await.unwrap().len(), 10);
    assert_eq!(
        letters(&service).await.len(),
        6,
        "three an hour for each address"
    );
}

#[tokio::test]
async fn the_choice_of_language_keeps_the_notice_and_what_was_typed_is_not_lost_by_it() {
    let service = Service::start().await;
    // One that stands first in the order of names.
    crate::publishing::publish_beside(&service, "a-notice", "news", "gardening").await;
    for (path, kept) in [
        ("/complain?notice=corporate-clients", ""),
        ("/object/case?notice=corporate-clients", ""),
        (
            "/object/case?notice=corporate-clients&purpose=business_admin",
            "value=\"business_admin\" checked",
        ),
    ] {
        let page = service.get(path).await.text();
        let link = page
            .split("<a href=\"")
            .find(|a| a.contains("hreflang=\"de\""));
        let link = link.unwrap().split('"').next().unwrap();
        let link = link.replace("&amp;", "&").replace(crate::service::BASE, "");
        let page = service.get(&link).await.text();
        assert!(page.contains("<html lang=\"de\""), "{link}: {page}");
        let notice = "name=\"notice\" value=\"corporate-clients\"";
        assert!(
            page.contains(notice) && page.contains(kept),
            "{link}: {page}"
        );
    }
    for path in ["/complain", "/object/case"] {
        let fields = [("notice", NOTICE), ("text", TEXT), ("address", "jane")];
        let page = service.form(path, &fields).await;
        assert_eq!(page.status, 422);
        assert!(!page.text().contains("hreflang"), "{}", page.text());
    }
}
