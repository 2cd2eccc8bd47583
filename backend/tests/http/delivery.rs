//! Delivery: each letter arrives once, whatever the mail server does and whenever the process dies
//! (EML-14, EML-15).

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use backend::clock::World as _;
use backend::mail::{Kind, Post};
use backend::secrets::SecretsText;
use backend::store::outbox::{First, Rank};
use frontend::catalogue::Language;
use mail_parser::MessageParser;
use shared::address::Address;

use crate::messages::{
    JANE, TEN_MINUTES, link, mailer, parse, post, put, renewing, sending, smtp, work_off, write,
};
use crate::postbox::Postbox;
use crate::service::{NOTICE, Service};
use crate::world::{Manual, logged};

#[tokio::test]
async fn a_letter_that_is_not_taken_now_is_tried_again_and_arrives_once() {
    let (postbox, port) = Postbox::open();
    let service = sending(port).await;
    let mailer = mailer(&service);
    for refusal in [
        ("CONNECT", "421 busy"),
        ("CONNECT", "554 go away"),
        ("MAIL", "451 later"),
        ("MAIL", "530 sign in first"),
        ("RCPT", "450 greylisted"),
        ("DATA", "452 full"),
    ] {
        postbox.refuse(refusal);
    }
    write(
        &service,
        Language::En,
        Kind::CaseAcknowledged {
            reference: "7K2M-9QXA".to_owned(),
        },
    )
    .await;
    for _ in 0..6 {
        work_off(&mailer).await;
        assert!(postbox.taken().is_empty());
        service.world.pass(300_000);
    }
    work_off(&mailer).await;
    service.world.pass(24 * 60 * 60 * 1000);
    work_off(&mailer).await;
    assert_eq!(postbox.taken().len(), 1);
    assert_eq!(waiting(&service), 0);
}

#[tokio::test]
async fn an_answer_to_a_case_waits_for_months_and_a_letter_that_is_too_old_is_told_of() {
    let (postbox, port) = Postbox::open();
    let service = sending(port).await;
    let mailer = mailer(&service);
    let month = 30 * 24 * 60 * 60 * 1000;
    for accepted in [false, true] {
        postbox.refuse(("MAIL", "535 the password has expired"));
        let reference = "7K2M-9QXA".to_owned();
        let kind = Kind::CaseDecided {
            reference,
            accepted,
        };
        write(&service, Language::En, kind).await;
        work_off(&mailer).await;
        let waits = match accepted {
            false => 4 * month,
            true => 13 * month,
        };
        service.world.pass(waits);
        let now = service.world.now();
        let tidied = service.store.tidy(now, false).await.unwrap().letters;
        assert_eq!(tidied, u64::from(accepted));
        work_off(&mailer).await;
        assert_eq!(postbox.taken().len(), 1, "the first one alone");
        assert_eq!(waiting(&service), 0);
    }
    assert!(logged().contains("letters were deleted unsent"));
}

#[tokio::test]
async fn a_letter_that_is_refused_for_good_is_dropped() {
    let (postbox, port) = Postbox::open();
    let service = sending(port).await;
    let mailer = mailer(&service);
    for refusal in [
        ("RCPT", "550 5.1.1 no such mailbox"),
        ("RCPT", "550 5.2.1 mailbox disabled"),
        ("RCPT", "550-5.1.1 no such\r\n550 5.1.1 mailbox"),
        ("DATA", "552 5.3.4 too long"),
        ("DATA", "554 5.6.0 unreadable"),
    ] {
        postbox.refuse(refusal);
        write(&service, Language::En, link()).await;
        work_off(&mailer).await;
        assert_eq!(waiting(&service), 0, "{refusal:?}");
    }
    assert!(postbox.taken().is_empty());
    let logged = crate::world::logged();
    assert!(logged.contains("refused for good") && !logged.contains(JANE));
}

#[tokio::test]
async fn an_answer_about_the_sender_or_the_server_or_nothing_that_is_said_drops_no_letter() {
    let (postbox, port) = Postbox::open();
    let service = sending(port).await;
    let mailer = mailer(&service);
    write(&service, Language::En, case()).await;
    for refusal in [
        ("MAIL", "550 this sender may not send"),
        ("MAIL", "553 5.1.8 no such domain"),
        ("MAIL", "552 too much"),
        ("RCPT", "550 relay not permitted"),
        ("RCPT", "553 not here"),
        ("RCPT", "554 relaying denied"),
        ("RCPT", "550 5.0.0 no"),
        ("RCPT", "552 5.2.2 mailbox full"),
        ("RCPT", "550 5.6.7 no such letters here"),
        ("RCPT", "550 5.7.1 relaying denied"),
        ("RCPT", "553 5.7.1 sender address rejected"),
        ("RCPT", "550 5.1.0 sender address rejected"),
        ("RCPT", "550 5.1.7 sender address malformed"),
        ("RCPT", "550 5.1.8 sender's domain not found"),
        ("RCPT", "503 5.5.1 bad sequence"),
        ("DATA", "554 no"),
        ("DATA", "550 5.7.26 not authenticated"),
        ("DATA", "554 5.3.2 not taking messages"),
    ] {
        postbox.refuse(refusal);
        work_off(&mailer).await;
        assert_eq!(waiting(&service), 1, "{refusal:?}");
        service.world.pass(60 * 60 * 1000);
    }
    work_off(&mailer).await;
    assert_eq!(postbox.taken().len(), 1);
    assert_eq!(waiting(&service), 0);
    assert!(service.proceeds(JANE).await);
}

#[tokio::test]
async fn a_letter_that_a_code_alone_refuses_for_a_week_is_dropped_and_that_is_told() {
    let (postbox, port) = Postbox::open();
    let service = sending(port).await;
    let mailer = mailer(&service);
    let day = 24 * 60 * 60 * 1000;
    write(&service, Language::En, case()).await;
    // That the server could not be reached for a month says nothing of the letter.
    let unsaid = ("RCPT", "550 Unrouteable address");
    for (refusal, pause) in [
        (("CONNECT", "421 busy"), 30 * day),
        (unsaid, 3 * day),
        (("MAIL", "535 the password has expired"), 3 * day),
        (("DATA", "554 5.0.0 no"), day),
        (("RCPT", "503 out of order"), day),
    ] {
        postbox.refuse(refusal);
        work_off(&mailer).await;
        assert_eq!(waiting(&service), 1, "{refusal:?}");
        service.world.pass(pause);
    }
    // Nor does it that a service which was stopped for long has tried it a few times.
    let mut further = 0;
    while waiting(&service) > 0 {
        postbox.refuse(unsaid);
        work_off(&mailer).await;
        service.world.pass(60 * 60 * 1000);
        further += 1;
    }
    assert_eq!(further, 96, "a hundred attempts and one");
    assert_eq!(postbox.taken().len(), 0);
    assert!(logged().contains("refused for a week without a status and dropped"));
    assert!(!logged().contains(JANE));
}

#[tokio::test]
async fn a_letter_that_was_put_back_ends_when_its_time_is_over() {
    let (postbox, port) = Postbox::open();
    let service = sending(port).await;
    write(&service, Language::En, link()).await;
    let mailer = mailer(&service);
    for _ in 0..9 {
        postbox.refuse(("RCPT", "450 later"));
    }
    let end = Manual::START.plus_millis(TEN_MINUTES);
    while service.world.now() < end {
        work_off(&mailer).await;
        let due = service.store.next_letter().await.unwrap().unwrap();
        assert!(due <= end, "it holds up nobody after its end");
        service
            .world
            .pass(due.as_millis() - service.world.now().as_millis());
    }
    work_off(&mailer).await;
    assert_eq!((postbox.taken().len(), waiting(&service)), (0, 0));
}

#[tokio::test]
async fn a_letter_that_cannot_be_opened_here_waits_holds_up_no_other_and_leaves_once_it_can() {
    let (postbox, port) = Postbox::open();
    let mut service = sending(port).await;
    let elsewhere = SecretsText::generate(&backend::clock::System)
        .check()
        .unwrap();
    let foreign = || {
        let post = Post::new(Arc::new(elsewhere.clone()), service.world.clone());
        let address = Address::parse(JANE).unwrap();
        post.letter(&address, Language::En, NOTICE, case())
    };
    let (first, second) = (foreign(), foreign());
    put(&service, first).await;
    write(&service, Language::En, case()).await;
    work_off(&mailer(&service)).await;
    assert_eq!((postbox.taken().len(), waiting(&service)), (1, 1));
    assert!(crate::world::logged().contains("every secrets.seal of its time"));
    service.world.pass(10_000);
    let known = std::mem::replace(&mut service.secrets.sealer, elsewhere.sealer.clone());
    work_off(&mailer(&service)).await;
    assert_eq!((postbox.taken().len(), waiting(&service)), (2, 0));

    service.secrets.sealer = known;
    put(&service, second).await;
    work_off(&mailer(&service)).await;
    assert_eq!(waiting(&service), 1);
    service.world.pass(366 * 24 * 60 * 60 * 1000);
    work_off(&mailer(&service)).await;
    assert_eq!((postbox.taken().len(), waiting(&service)), (2, 0));
}

#[tokio::test]
async fn a_server_that_is_down_loses_no_letter() {
    // Held, so that nobody else gets it, but not listened on.
    let closed = tokio::net::TcpSocket::new_v4().unwrap();
    closed.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let down = closed.local_addr().unwrap().port();
    let service = sending(down).await;
    let mailer = mailer(&service);
    write(&service, Language::En, link()).await;
    work_off(&mailer).await;
    assert_eq!(waiting(&service), 1);
    drop(closed);
    let postbox = Postbox::open_at(down);
    service.world.pass(10_000);
    work_off(&mailer).await;
    assert_eq!(postbox.taken().len(), 1);
    assert_eq!(waiting(&service), 0);
}

#[tokio::test]
async fn a_link_that_is_over_is_not_sent() {
    let (postbox, port) = Postbox::open();
    let service = sending(port).await;
    write(&service, Language::En, link()).await;
    service.world.pass(TEN_MINUTES);
    work_off(&mailer(&service)).await;
    assert!(postbox.taken().is_empty());
    assert_eq!(waiting(&service), 0);
}

#[tokio::test]
async fn a_letter_that_was_taken_when_the_process_died_is_sent_after_the_restart() {
    let (postbox, port) = Postbox::open();
    let service = sending(port).await;
    write(&service, Language::En, link()).await;
    let (now, later) = (Manual::START, Manual::START.plus_millis(60_000));
    let taken = service
        .store
        .take_letter(now, later, Rank::Notice, First::Ending)
        .await;
    assert!(taken.unwrap().is_some());
    let restarted = mailer(&service);
    work_off(&restarted).await;
    assert!(postbox.taken().is_empty());
    service.world.pass(60_000);
    work_off(&restarted).await;
    assert_eq!(postbox.taken().len(), 1);
}

#[tokio::test]
async fn a_letter_in_the_hands_of_a_slow_server_is_taken_by_nobody_else() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let service = sending(silent.local_addr().unwrap().port()).await;
    write(&service, Language::En, link()).await;
    let slow = renewing(&service, Duration::from_millis(5));
    let in_hand = tokio::spawn(async move { slow.send_one().await });
    due(&service, 60_000).await;
    service.world.pass(50_000);
    due(&service, 110_000).await;
    in_hand.abort();
}

/// Waits until the letter is due that many milliseconds after the start.
async fn due(service: &Service, after: i64) {
    let due = Some(Manual::START.plus_millis(after));
    while service.store.next_letter().await.unwrap() != due {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_letter_that_is_sent_again_has_the_same_name() {
    let (postbox, port) = Postbox::open();
    let service = sending(port).await;
    let address = Address::parse(JANE).unwrap();
    let letter = post(&service).letter(&address, Language::En, NOTICE, link());
    for _ in 0..2 {
        put(&service, letter.clone()).await;
        work_off(&mailer(&service)).await;
    }
    let taken = postbox.taken();
    assert_eq!(parse(&taken[0]).message_id(), parse(&taken[1]).message_id());
}

#[tokio::test]
async fn no_more_letters_leave_within_an_hour_than_the_operator_allows() {
    let (postbox, port) = Postbox::open();
    let service = Service::with(|config| {
        config.smtp = Some(smtp(port));
        config.mail.per_hour = 2;
    })
    .await;
    let mailer = mailer(&service);
    for _ in 0..3 {
        write(
            &service,
            Language::De,
            Kind::CaseAcknowledged {
                reference: "7K2M-9QXA".to_owned(),
            },
        )
        .await;
    }
    work_off(&mailer).await;
    assert_eq!(postbox.taken().len(), 2);
    service.world.pass(60 * 60 * 1000);
    work_off(&mailer).await;
    assert_eq!(postbox.taken().len(), 3);
}

#[tokio::test]
async fn without_a_mail_server_the_demonstration_writes_files_that_its_owner_alone_reads() {
    use std::os::unix::fs::PermissionsExt as _;
    let service = Service::start().await;
    write(&service, Language::Fr, link()).await;
    work_off(&mailer(&service)).await;
    let files: Vec<_> = std::fs::read_dir(service.directory().join("mail"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    let [file] = files.as_slice() else {
        panic!("{files:?}")
    };
    assert_eq!(file.extension(), Some(Path::new("eml").as_os_str()));
    let mode = std::fs::metadata(file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let bytes = std::fs::read(file).unwrap();
    let message = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(message.to().unwrap().first().unwrap().address(), Some(JANE));
    assert_eq!(waiting(&service), 0);
}

#[tokio::test]
async fn without_a_mail_server_outside_the_demonstration_letters_wait() {
    let service = Service::with(|config| config.demo = false).await;
    write(
        &service,
        Language::En,
        Kind::CaseAcknowledged {
            reference: "7K2M-9QXA".to_owned(),
        },
    )
    .await;
    let mailer = mailer(&service);
    work_off(&mailer).await;
    service.world.pass(60_000);
    work_off(&mailer).await;
    assert_eq!(waiting(&service), 1);
    assert!(!service.directory().join("mail").exists());
}

fn case() -> Kind {
    Kind::CaseAcknowledged {
        reference: "7K2M-9QXA".to_owned(),
    }
}

fn waiting(service: &Service) -> u32 {
    service
        .database()
        .query_row("SELECT count(*) FROM letter", (), |row| row.get(0))
        .unwrap()
}
