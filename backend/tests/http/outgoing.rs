//! Which letters leave first, how many leave, and what is recorded of those that find no mailbox (SEC-12,
//! EML-12).

use backend::mail::Kind;
use frontend::catalogue::Language;
use serde_json::json;
use shared::entry::{Act, Actor, Surface};

use crate::messages::{JANE, mailer, sending, smtp, work_off, write};
use crate::postbox::Postbox;
use crate::service::{NOTICE, PURPOSE, Service};

/// A service that sends to that port, so many letters an hour.
async fn limited(port: u16, per_hour: u32) -> Service {
    Service::with(|config| {
        config.smtp = Some(smtp(port));
        config.mail.per_hour = per_hour;
    })
    .await
}

async fn flood(service: &Service, objections: u32) {
    for number in 0..objections {
        service
            .object(&format!("stranger{number}@client.example"))
            .await;
    }
}

async fn ask_link(service: &Service, address: &str) {
    let asked = service
        .post("/v1/links", &json!({ "address": address }))
        .await;
    assert_eq!(asked.status, 202, "{}", asked.text());
}

async fn ask_consent(service: &Service, address: &str) {
    let asked = json!({
        "address": address, "notice": NOTICE, "purpose": PURPOSE,
        "topic": "it_strategy", "channel": "email",
    });
    let answer = service.post("/v1/consents", &asked).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
}

fn acknowledged() -> Kind {
    Kind::CaseAcknowledged {
        reference: "7K2M-9QXA".to_owned(),
    }
}

/// To whom letters went, in that order.
fn receivers(postbox: &Postbox) -> Vec<String> {
    postbox.taken().into_iter().map(|taken| taken.to).collect()
}

#[tokio::test]
async fn a_flood_of_objections_keeps_no_link_and_no_confirmation_from_leaving() {
    let (postbox, port) = Postbox::open();
    let service = limited(port, 5).await;
    let mailer = mailer(&service);
    flood(&service, 9).await;
    work_off(&mailer).await;
    assert_eq!(postbox.taken().len(), 3, "half of what may leave");
    ask_link(&service, "link@client.example").await;
    ask_consent(&service, "consent@client.example").await;
    work_off(&mailer).await;
    assert_eq!(
        receivers(&postbox)[3..],
        ["link@client.example", "consent@client.example"]
    );
    service.world.pass(60 * 60 * 1000);
    work_off(&mailer).await;
    assert_eq!(postbox.taken().len(), 8, "notices go on with the next hour");
}

#[tokio::test]
async fn a_flood_of_links_keeps_no_answer_and_no_confirmation_from_leaving() {
    let (postbox, port) = Postbox::open();
    let service = limited(port, 4).await;
    write(&service, Language::En, acknowledged()).await;
    ask_consent(&service, "consent@client.example").await;
    for number in 0..9 {
        ask_link(&service, &format!("link{number}@client.example")).await;
    }
    work_off(&mailer(&service)).await;
    let expected = [
        "link0@client.example",
        JANE,
        "link1@client.example",
        "consent@client.example",
    ];
    assert_eq!(receivers(&postbox), expected);
}

#[tokio::test]
async fn a_link_leaves_however_many_answers_wait() {
    let (postbox, port) = Postbox::open();
    let service = limited(port, 3).await;
    for _ in 0..9 {
        write(&service, Language::En, acknowledged()).await;
    }
    for address in ["one@client.example", "other@client.example"] {
        ask_link(&service, address).await;
    }
    work_off(&mailer(&service)).await;
    let expected = ["one@client.example", JANE, "other@client.example"];
    assert_eq!(receivers(&postbox), expected);
}

#[tokio::test]
async fn an_answer_that_was_not_taken_at_once_waits_behind_no_flood_of_links() {
    let (postbox, port) = Postbox::open();
    let service = limited(port, 2).await;
    let mailer = mailer(&service);
    write(&service, Language::En, acknowledged()).await;
    postbox.refuse(("RCPT", "450 later"));
    work_off(&mailer).await;
    for number in 0..9 {
        ask_link(&service, &format!("link{number}@client.example")).await;
    }
    service.world.pass(10_000);
    work_off(&mailer).await;
    let mut left = receivers(&postbox);
    left.sort();
    assert_eq!(left, [JANE, "link0@client.example"]);
}

#[tokio::test]
async fn what_ends_first_and_what_waits_longest_leave_by_turns() {
    let (postbox, port) = Postbox::open();
    let service = sending(port).await;
    flood(&service, 1).await;
    write(&service, Language::En, acknowledged()).await;
    ask_consent(&service, "consent@client.example").await;
    ask_link(&service, "link@client.example").await;
    work_off(&mailer(&service)).await;
    let expected = [
        "link@client.example",
        JANE,
        "consent@client.example",
        "stranger0@client.example",
    ];
    assert_eq!(receivers(&postbox), expected);
}

#[tokio::test]
async fn notices_of_objections_leave_however_many_links_wait() {
    let (postbox, port) = Postbox::open();
    let service = limited(port, 4).await;
    let mailer = mailer(&service);
    flood(&service, 2).await;
    let expected = ["stranger0@client.example", "stranger1@client.example"];
    for notice in expected {
        for number in 0..9 {
            ask_link(&service, &format!("link{number}@client.example")).await;
        }
        let before = postbox.taken().len();
        work_off(&mailer).await;
        let left = receivers(&postbox).split_off(before);
        assert_eq!(left.len(), 4);
        assert_eq!(left[3], notice, "every fourth place");
        service.world.pass(60 * 60 * 1000);
    }
}

#[tokio::test]
async fn those_who_send_at_the_same_time_send_no_more_than_the_operator_allows() {
    let (postbox, port) = Postbox::open();
    let service = limited(port, 5).await;
    let mailer = mailer(&service);
    for _ in 0..9 {
        write(&service, Language::En, acknowledged()).await;
    }
    for _ in 0..3 {
        let (one, two, three, four) = tokio::join!(
            mailer.send_one(),
            mailer.send_one(),
            mailer.send_one(),
            mailer.send_one()
        );
        assert!([one, two, three, four].iter().all(Result::is_ok));
    }
    assert_eq!(postbox.taken().len(), 5);
}

#[tokio::test]
async fn a_letter_that_was_not_taken_leaves_its_place_to_another() {
    let (postbox, port) = Postbox::open();
    let service = limited(port, 1).await;
    let mailer = mailer(&service);
    postbox.refuse(("RCPT", "450 later"));
    for _ in 0..2 {
        write(&service, Language::En, acknowledged()).await;
    }
    work_off(&mailer).await;
    assert_eq!(postbox.taken().len(), 1);
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
