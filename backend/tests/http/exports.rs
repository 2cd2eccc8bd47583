//! A notice for programs of others: linked data for every version with a structure, TILT where the
//! notice says enough.

use shared::notice::party::Party;
use shared::notice::settings::Answer;

use crate::service::{BASE, Service};

const NOTICE_PATH: &str = "/notices/corporate-clients";

#[tokio::test]
async fn a_notice_is_read_as_linked_data_by_programs_of_any_origin() {
    let service = Service::start().await;
    for path in [
        format!("{NOTICE_PATH}/notice.jsonld"),
        format!("{NOTICE_PATH}/versions/1/notice.jsonld"),
    ] {
        let answer = service.get(&path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), "application/ld+json");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        let document = answer.json();
        assert_eq!(document["@id"], format!("{BASE}{NOTICE_PATH}/versions/1"));
        let canonical = service.get(&format!("{NOTICE_PATH}/notice.json")).await;
        let digest = shared::digest::Digest::of(&canonical.bytes).to_string();
        assert_eq!(document["dct:identifier"], digest);
        let etag = answer.header("etag").to_owned();
        let again = service.get_with(&path, &[("if-none-match", &etag)]).await;
        assert_eq!(again.status, 304, "{path}");
    }
    let german = service
        .get(&format!("{NOTICE_PATH}/notice.jsonld?lang=de"))
        .await;
    assert_eq!(german.json()["dct:language"], "de");
}

#[tokio::test]
async fn a_notice_that_lacks_what_tilt_demands_is_not_made_up() {
    let service = Service::start().await;
    let answer = service.get(&format!("{NOTICE_PATH}/tilt.json")).await;
    answer.is_problem(409, "notice_lacks_detail");
    let errors = answer.json()["errors"].clone();
    assert_eq!(errors[0]["field"], "controller.representative");
    assert!(answer.at("/errors/0/detail").contains("N3"));
}

#[tokio::test]
async fn a_notice_that_says_enough_is_read_in_tilt() {
    let service = Service::with(|config| {
        config.notice.representative = Some(Answer::Given(Party {
            name: "Example Representative".to_owned(),
            address: None,
            country: None,
            email: "representative@example.com".to_owned(),
            phone: None,
        }));
    })
    .await;
    for path in ["", "/versions/1"] {
        let answer = service.get(&format!("{NOTICE_PATH}{path}/tilt.json")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let document = answer.json();
        assert_eq!(document["meta"]["status"], "active");
        assert_eq!(
            document["controller"]["representative"]["email"],
            "representative@example.com"
        );
        assert_eq!(document["x-rightToObject"]["available"], true);
    }
}

#[tokio::test]
async fn a_text_without_structure_has_neither() {
    let service = Service::start().await;
    for name in ["notice.jsonld", "tilt.json"] {
        let answer = service
            .get(&format!("{NOTICE_PATH}/versions/0/{name}"))
            .await;
        answer.is_problem(404, "not_found");
        let other = service.get(&format!("/notices/zaphod/{name}")).await;
        other.is_problem(404, "not_found");
    }
}
