//! The letter that tells of an objection: one a day, for unverified objections alone, and the
//! objection holds whatever becomes of it (EML-13, SEC-12).

use backend::config::Switch;
use backend::mail::Kind;
use serde_json::json;

use crate::service::Service;

const JANE: &str = "jane@client.example";

#[tokio::test]
async fn an_unverified_objection_is_told_by_one_letter_a_day() {
    let service = Service::start().await;
    let answer = service
        .object_to(JANE, json!({ "topic": "it_strategy" }))
        .await;
    let letter = service.letter().await.unwrap();
    assert_eq!(letter.to, JANE);
    let Kind::Objected {
        reference,
        scope,
        until,
        ..
    } = letter.kind
    else {
        panic!("another letter")
    };
    assert_eq!(reference, answer.at("/reference"));
    assert_eq!(scope.topic.unwrap().as_str(), "it_strategy");
    assert_eq!(until, None);
    for _ in 0..5 {
        service.object(JANE).await;
    }
    assert!(service.letter().await.is_none());
    assert_eq!(service.decide(JANE).await["reasons"][0], "objected");
    service.object("john@client.example").await;
    assert!(service.letter().await.is_some());
    service.world.pass(24 * 60 * 60 * 1000);
    service.object(JANE).await;
    assert!(service.letter().await.is_some());
}

#[tokio::test]
async fn strangers_who_object_with_an_address_use_up_none_of_its_links() {
    let service = Service::start().await;
    for _ in 0..20 {
        service.object(JANE).await;
    }
    assert!(service.letter().await.is_some());
    for _ in 0..3 {
        let _ = service.link(JANE).await;
    }
}

#[tokio::test]
async fn the_operator_can_switch_these_letters_off() {
    for off in [
        |config: &mut backend::config::Config| config.mail.objection_notice = Switch::Off,
        |config: &mut backend::config::Config| config.demo = false,
    ] {
        let service = Service::with(off).await;
        service.object(JANE).await;
        assert!(service.letter().await.is_none());
    }
}

#[tokio::test]
async fn a_form_is_told_like_a_script() {
    let service = Service::start().await;
    let fields = [
        ("address", JANE),
        ("notice", crate::service::NOTICE),
        ("lang", "fr"),
    ];
    assert_eq!(service.form("/object", &fields).await.status, 200);
    assert!(service.letter().await.is_some());
}
