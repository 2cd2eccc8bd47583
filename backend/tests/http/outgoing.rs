//! Which letters leave first, how many leave, and what is recorded of those that find no mailbox (SEC-12,
//! EML-12).

use serde_json::json;
use shared::entry::{Act, Actor, Surface};

use crate::messages::{JANE, mailer, sending, work_off};
use crate::postbox::Postbox;
use crate::service::{NOTICE, PURPOSE, Service};

async fn ask_consent(service: &Service, address: &str) {
    let asked = json!({
        "address": address, "notice": NOTICE, "purpose": PURPOSE,
        "topic": "it_strategy", "channel": "email",
    });
    let answer = service.post("/v1/consents", &asked).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
}

#[tokio::test]
async fn a_confirmation_that_finds_no_mailbox_is_closed_and_the_address_withheld() {
    let (postbox, port) = Postbox::open();
    let service = sending(port).await;
    let mailer = mailer(&service);
    ask_consent(&service, JANE).await;
    postbox.refuse(("RCPT", "550 5.1.1 no such mailbox"));
    work_off(&mailer).await;
    assert_eq!(service.decide(JANE).await["reasons"][0], "hard_bounce");
    let entries = service.entries().await;
    let last = entries.last().unwrap();
    assert_eq!(last.act, Act::Bounced);
    assert_eq!(last.evidence.actor, Actor::MailReceiver);
    assert_eq!(last.evidence.surface, Surface::MailSystem);
    assert_eq!(rows(&service, "link"), 0, "nothing is left to confirm");
    assert_eq!(rows(&service, "letter"), 0);
    assert!(postbox.taken().is_empty());
}

#[tokio::test]
async fn a_confirmation_that_is_refused_for_another_reason_withholds_nobody() {
    let (postbox, port) = Postbox::open();
    let service = sending(port).await;
    let mailer = mailer(&service);
    for (refusal, waiting) in [
        ("550 no such mailbox", 1),
        ("550 5.7.1 relaying denied", 2),
        ("552 5.3.4 too long", 2),
    ] {
        ask_consent(&service, JANE).await;
        postbox.refuse(("RCPT", refusal));
        work_off(&mailer).await;
        assert!(service.proceeds(JANE).await, "{refusal}");
        assert_eq!(rows(&service, "link"), 1, "{refusal}");
        assert_eq!(rows(&service, "letter"), waiting, "{refusal}");
    }
}

fn rows(service: &Service, table: &str) -> u32 {
    let count = format!("SELECT count(*) FROM {table}");
    service
        .database()
        .query_row(&count, (), |row| row.get(0))
        .unwrap()
}
