//! Letters: what they say (EML-03 to EML-07, UNS-18). The messages are read by a library that did not write them.

use std::sync::Arc;
use std::time::Duration;

use backend::config::{Smtp, Tls};
use backend::mail::{Carrier, Kind, Mailer, Post, RENEWED};
use frontend::catalogue::Language;
use mail_parser::{HeaderValue, Message, MessageParser, MimeHeaders as _};
use shared::address::Address;
use shared::purpose::{Channel, PurposeKey, TopicKey};
use shared::scope::Scope;
use shared::time::Timestamp;

use crate::postbox::{Postbox, Taken};
use crate::service::{BASE, NOTICE, PURPOSE, Service};
use crate::world::Manual;

pub(crate) const TEN_MINUTES: i64 = 10 * 60 * 1000;
pub(crate) const JANE: &str = "jane@client.example";

pub(crate) fn smtp(port: u16) -> Smtp {
    Smtp {
        host: "127.0.0.1".to_owned(),
        port: Some(port),
        tls: Tls::None,
        user: None,
        password: None,
        from: "privacy@privacy.example.com".to_owned(),
        reply_to: None,
        dkim: Vec::new(),
    }
}

pub(crate) async fn sending(port: u16) -> Service {
    Service::with(|config| config.smtp = Some(smtp(port))).await
}

pub(crate) fn mailer(service: &Service) -> Mailer {
    renewing(service, RENEWED)
}

/// A mailer that takes what it has in hand anew that often.
pub(crate) fn renewing(service: &Service, renewed: Duration) -> Mailer {
    let carrier = Carrier::new(&service.config, &service.directory()).unwrap();
    Mailer::new(
        service.store.clone(),
        &service.config,
        Arc::new(service.secrets.clone()),
        service.world.clone(),
        carrier,
        BASE,
        renewed,
    )
    .unwrap()
}

pub(crate) fn post(service: &Service) -> Post {
    Post::new(Arc::new(service.secrets.clone()), service.world.clone())
}

pub(crate) fn link() -> Kind {
    Kind::Link {
        token: "dG9rZW4".to_owned(),
        code: "1234-5678".to_owned(),
        until: Manual::START.plus_millis(TEN_MINUTES),
    }
}

fn scope() -> Scope {
    Scope {
        purpose: Some(PurposeKey::parse(PURPOSE).unwrap()),
        topic: Some(TopicKey::parse("it_strategy").unwrap()),
        channel: Some(Channel::Email),
    }
}

fn every_kind() -> Vec<Kind> {
    let reference = || "7K2M-9QXA".to_owned();
    let until = Manual::START.plus_millis(TEN_MINUTES);
    vec![
        link(),
        Kind::Confirm {
            token: "dG9rZW4".to_owned(),
            code: "1234-5678".to_owned(),
            until,
            scope: scope(),
        },
        Kind::Objected {
            scope: Scope::ALL,
            further: Vec::new(),
            until: Some(until),
            reference: reference(),
            at: Manual::START,
        },
        Kind::CaseReceived {
            reference: reference(),
            complaint: true,
            due: until,
        },
        Kind::CaseAcknowledged {
            reference: reference(),
        },
        Kind::CaseDecided {
            reference: reference(),
            accepted: false,
        },
    ]
}

/// Puts a letter into the outbox as any act does.
pub(crate) async fn write(service: &Service, language: Language, kind: Kind) {
    let address = Address::parse(JANE).unwrap();
    let mut letter = post(service).letter(&address, language, NOTICE, kind);
    letter.allowance = None;
    put(service, letter).await;
}

pub(crate) async fn put(service: &Service, letter: backend::store::outbox::NewLetter) {
    let row = "INSERT INTO letter (due, first_due, not_after, sealed) VALUES (0, ?1, ?2, ?3)";
    let (due, not_after) = (letter.due.as_millis(), letter.not_after.as_millis());
    service
        .database()
        .execute(row, (due, not_after, letter.sealed))
        .unwrap();
}

pub(crate) async fn work_off(mailer: &Mailer) {
    while mailer.send_one().await.unwrap() {}
}

pub(crate) fn parse(taken: &Taken) -> Message<'_> {
    MessageParser::default().parse(&taken.bytes).unwrap()
}

fn text(value: &HeaderValue<'_>) -> String {
    value.as_text().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn every_letter_has_its_headers_once_and_both_parts_in_every_language() {
    let (postbox, port) = Postbox::open();
    let service = sending(port).await;
    for language in Language::ALL {
        for kind in every_kind() {
            write(&service, language, kind).await;
        }
    }
    work_off(&mailer(&service)).await;
    let taken = postbox.taken();
    assert_eq!(taken.len(), 3 * every_kind().len());
    let mut names: Vec<String> = Vec::new();
    for one in &taken {
        assert_eq!(one.to, JANE);
        assert_eq!(one.from, "privacy@privacy.example.com");
        let message = parse(one);
        for header in [
            "From",
            "Reply-To",
            "To",
            "Subject",
            "Date",
            "Message-ID",
            "MIME-Version",
            "Content-Type",
            "Auto-Submitted",
            "X-Auto-Response-Suppress",
        ] {
            let found = message.headers().iter().filter(|one| one.name() == header);
            assert_eq!(found.count(), 1, "{header}");
        }
        assert!(message.header("List-Unsubscribe").is_none());
        assert_eq!(
            text(message.header("Auto-Submitted").unwrap()),
            "auto-generated"
        );
        assert_eq!(
            text(message.header("X-Auto-Response-Suppress").unwrap()),
            "All"
        );
        let from = message.from().unwrap().first().unwrap();
        assert_eq!(from.address(), Some("privacy@privacy.example.com"));
        assert!(!from.name().unwrap().is_empty());
        let reply_to = message.reply_to().unwrap().first().unwrap();
        assert!(reply_to.address().unwrap().contains('@'));
        assert_eq!(
            message.date().unwrap().to_timestamp() * 1000,
            Manual::START.as_millis()
        );
        let name = message.message_id().unwrap();
        assert!(name.ends_with("@privacy.example.com"), "{name}");
        names.push(name.to_owned());
        assert_eq!(
            message.content_type().unwrap().subtype(),
            Some("alternative")
        );
        assert_eq!(
            (message.text_body_count(), message.html_body_count()),
            (1, 1)
        );
        assert_eq!(message.attachment_count(), 0);
        said_alike(&message);
    }
    names.sort();
    names.dedup();
    assert_eq!(names.len(), taken.len());
}

/// The HTML says what the text says and fetches nothing.
fn said_alike(message: &Message<'_>) {
    let text = message.body_text(0).unwrap().into_owned();
    let html = message.body_html(0).unwrap().into_owned();
    for gap in ["{", "}", "\u{fffd}"] {
        assert!(!text.contains(gap), "{text}");
    }
    for fetched in [
        "<img", "<link", "<style", "<script", "src=", "url(", "@import",
    ] {
        assert!(!html.contains(fetched), "{fetched}: {html}");
    }
    let unescaped = html.replace("&quot;", "\"").replace("&amp;", "&");
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        assert!(
            unescaped.contains(line.trim()),
            "{line:?} is not in the HTML"
        );
    }
    for (at, _) in html.match_indices("href=\"") {
        let url = html[at + 6..].split('"').next().unwrap();
        assert!(url.starts_with(BASE), "{url}");
        assert!(text.contains(url) && html.contains(&format!(">{url}</a>")));
    }
}

#[tokio::test]
async fn a_letter_that_asks_for_consent_says_that_it_stops_no_other_mailing_and_where_that_is_done()
{
    let (postbox, port) = Postbox::open();
    let service = sending(port).await;
    let confirm = every_kind().swap_remove(1);
    write(&service, Language::En, confirm).await;
    work_off(&mailer(&service)).await;
    let taken = postbox.taken();
    let message = parse(&taken[0]);
    let text = message.body_text(0).unwrap();
    for part in [
        "you have agreed to nothing",
        "Other mailings",
        "https://privacy.example.com/notices/corporate-clients?lang=en#object",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("no mailing is sent"), "{text}");
}

#[tokio::test]
async fn the_letter_about_an_objection_names_all_that_it_is_about() {
    let (postbox, port) = Postbox::open();
    let service = sending(port).await;
    let calls = Scope {
        channel: Some(Channel::Phone),
        ..scope()
    };
    let objected = Kind::Objected {
        scope: scope(),
        further: vec![calls],
        until: None,
        reference: "7K2M-9QXA".to_owned(),
        at: Manual::START,
    };
    write(&service, Language::En, objected).await;
    work_off(&mailer(&service)).await;
    let taken = postbox.taken();
    let message = parse(&taken[0]);
    let text = message.body_text(0).unwrap();
    assert!(
        text.contains(", by email; ") && text.contains(", by phone."),
        "{text}"
    );
    assert!(!text.contains("mailings to this"), "{text}");
}

#[tokio::test]
async fn a_link_letter_says_what_why_who_until_when_and_that_nothing_need_be_done() {
    let (postbox, port) = Postbox::open();
    let service = sending(port).await;
    write(&service, Language::En, link()).await;
    work_off(&mailer(&service)).await;
    let taken = postbox.taken();
    let message = parse(&taken[0]);
    let text = message.body_text(0).unwrap();
    for part in [
        "https://privacy.example.com/self?lang=en#t=dG9rZW4",
        "1234-5678",
        "until 23 November 2026, 12:10 UTC",
        "you need do nothing",
        "Somebody asked for a link",
        "It advertises nothing",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let shelved = service.store.notices().await.unwrap();
    assert!(!shelved.is_empty());
    let controller = service.config.notice.value("controller.name").unwrap();
    assert!(text.contains(&controller), "{text}");
}

#[tokio::test]
async fn a_mailed_link_opens_a_page_in_the_language_of_its_letter() {
    let (postbox, port) = Postbox::open();
    let service = sending(port).await;
    for language in Language::ALL {
        write(&service, language, link()).await;
    }
    work_off(&mailer(&service)).await;
    let taken = postbox.taken();
    let texts: Vec<_> = taken
        .iter()
        .map(|message| parse(message).body_text(0).unwrap().into_owned())
        .collect();
    for language in Language::ALL {
        let opens = format!("{BASE}/self?lang={}#t=", language.tag());
        assert_eq!(texts.iter().filter(|text| text.contains(&opens)).count(), 1);
    }
}

#[test]
fn the_moments_of_these_tests_are_what_the_letters_say() {
    assert_eq!(
        Manual::START,
        Timestamp::parse("2026-11-23T12:00:00Z").unwrap()
    );
}
