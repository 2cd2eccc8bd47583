//! The gate at the mail server, asked as Postfix asks (LAW-15, LAW-17).

use std::path::PathBuf;
use std::sync::Arc;

use backend::config::{Listen, Mta};
use backend::gate::Gate;
use backend::mta::Port;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::service::Service;
use crate::world::logged;

const PASS: &str = "action=DUNNO\n\n";
const REFUSE: &str = "action=550 5.7.1 ";
const WAIT: &str = "action=450 4.7.1 ";

/// A port of that service; it stops answering when this is dropped.
pub(crate) struct Asking {
    path: PathBuf,
    stop: watch::Sender<bool>,
    running: JoinHandle<()>,
}

/// A mail server's connection.
struct MailServer(UnixStream);

fn mta(service: &Service, more: &str) -> Mta {
    let path = service.directory().join("gate");
    toml::from_str(&format!(
        "listen = 'unix:{}'\npurpose = 'info_about_us'\n{more}",
        path.display()
    ))
    .unwrap()
}

async fn port(service: &Service, mta: &Mta) -> anyhow::Result<Port> {
    let gate = Gate::new(service.store.clone(), Arc::new(service.secrets.clone()));
    let metrics = service.metrics.clone();
    Port::open(mta, gate, service.world.clone(), metrics).await
}

impl Asking {
    pub(crate) async fn at(service: &Service) -> Self {
        Self::about(service, &mta(service, "")).await
    }

    async fn about(service: &Service, mta: &Mta) -> Self {
        let (stop, stopped) = watch::channel(false);
        let running = tokio::spawn(port(service, mta).await.unwrap().run(stopped));
        let Listen::Unix(path) = mta.listen.clone() else {
            panic!("tests ask over a socket")
        };
        Self {
            path,
            stop,
            running,
        }
    }

    async fn connect(&self) -> MailServer {
        MailServer(UnixStream::connect(&self.path).await.unwrap())
    }

    /// One question on a connection of its own.
    pub(crate) async fn about_recipient(&self, recipient: &str) -> String {
        self.connect().await.about(recipient).await
    }
}

/// A whole request about that recipient.
fn request(recipient: &str) -> String {
    format!(
        "request=smtpd_access_policy\nprotocol_state=RCPT\nprotocol_name=ESMTP\n\
         client_address=192.0.2.7\nhelo_name=tool.example.com\nsender=news@example.com\n\
         recipient={recipient}\nrecipient_count=0\nsize=4711\npolicy_context=\n\n"
    )
}

impl MailServer {
    async fn about(&mut self, recipient: &str) -> String {
        self.ask(&request(recipient)).await
    }

    async fn ask(&mut self, request: &str) -> String {
        self.0.write_all(request.as_bytes()).await.unwrap();
        self.answer().await
    }

    /// One answer: to the empty line, or empty where the other side has closed.
    async fn answer(&mut self) -> String {
        let mut answer = String::new();
        while !answer.ends_with("\n\n") {
            let mut byte = [0];
            if self.0.read(&mut byte).await.unwrap() == 0 {
                break;
            }
            answer.push(char::from(byte[0]));
        }
        answer
    }
}

#[tokio::test]
async fn a_mail_server_is_told_to_refuse_who_objected_and_nobody_else() {
    let service = Service::start().await;
    let asking = Asking::at(&service).await;
    let mut server = asking.connect().await;
    assert_eq!(server.about("jane@client.example").await, PASS);
    service.object("jane@client.example").await;
    for spelling in [
        "jane@client.example",
        "JANE@Client.Example",
        "jane+news@client.example",
    ] {
        assert!(
            server.about(spelling).await.starts_with(REFUSE),
            "{spelling}"
        );
    }
    assert_eq!(server.about("joe@client.example").await, PASS);
    service.object("rené@bücher.example").await;
    for spelling in ["rené@bücher.example", "RENÉ@xn--bcher-kva.example"] {
        assert!(
            server.about(spelling).await.starts_with(REFUSE),
            "{spelling}"
        );
    }
}

#[tokio::test]
async fn a_mail_server_and_a_program_that_asks_get_the_same_answer() {
    let service = Service::start().await;
    service.object("jane@client.example").await;
    let to_a_topic = json!({"purpose": "info_about_us", "topic": "it_strategy"});
    service.object_to("ann@client.example", to_a_topic).await;
    let pause = json!({"until": "2026-12-24"});
    service.object_to("bea@client.example", pause).await;
    let asking = Asking::at(&service).await;
    for address in [
        "jane@client.example",
        "ann@client.example",
        "bea@client.example",
        "joe@client.example",
        "joe@gmail.com",
        "no address",
        "joe@[192.0.2.1]",
        "postmaster",
    ] {
        let refused = asking.about_recipient(address).await.starts_with(REFUSE);
        assert_eq!(refused, !service.proceeds(address).await, "{address}");
    }
}

#[tokio::test]
async fn a_port_asks_about_its_topic_and_for_its_country_alone() {
    let service = Service::start().await;
    let about_strategy = json!({"purpose": "info_about_us", "topic": "it_strategy"});
    service
        .object_to("ann@client.example", about_strategy)
        .await;
    for (topic, answer) in [("it_strategy", REFUSE), ("industry_updates", PASS)] {
        let mta = mta(&service, &format!("topic = '{topic}'"));
        let asking = Asking::about(&service, &mta).await;
        let told = asking.about_recipient("ann@client.example").await;
        assert!(told.starts_with(answer), "{topic}: {told}");
        asking.stop.send(true).unwrap();
        asking.running.await.unwrap();
    }
    let german = Asking::about(&service, &mta(&service, "default_country = 'DE'")).await;
    let told = german.about_recipient("joe@client.example").await;
    assert!(told.starts_with(REFUSE), "{told}");
}

#[tokio::test]
async fn every_refusal_reads_alike_and_names_nobody() {
    let service = Service::start().await;
    service.object("jane@client.example").await;
    let pause = json!({"until": "2026-12-24"});
    service.object_to("bea@client.example", pause).await;
    let asking = Asking::at(&service).await;
    let refused = asking.about_recipient("jane@client.example").await;
    for other in ["bea@client.example", "joe@gmail.com", "no address"] {
        assert_eq!(asking.about_recipient(other).await, refused, "{other}");
    }
    for word in ["jane", "client", "object", "consent"] {
        assert!(!refused.contains(word), "{word} in {refused}");
    }
}

#[tokio::test]
async fn what_is_no_question_about_a_recipient_waits_and_never_passes() {
    let service = Service::start().await;
    let asking = Asking::at(&service).await;
    let good = request("joe@client.example");
    let mut server = asking.connect().await;
    for state in ["CONNECT", "MAIL", "DATA", "END-OF-MESSAGE", "VRFY", ""] {
        let elsewhere = good.replace("RCPT", state);
        assert!(server.ask(&elsewhere).await.starts_with(WAIT), "{state}");
    }
    for (from, to) in [
        ("recipient=joe@client.example\n", ""),
        ("recipient=joe@client.example", "recipient="),
        ("smtpd_access_policy", "something_else"),
        ("size=4711", "size"),
        ("size=4711", "recipient=ann@client.example"),
    ] {
        assert!(good.contains(from));
        let told = server.ask(&good.replacen(from, to, 1)).await;
        assert!(told.starts_with(WAIT), "{to}: {told}");
    }
    assert!(server.ask("\n").await.starts_with(WAIT));
    assert_eq!(server.about("joe@client.example").await, PASS);
    assert!(server.ask(&"x".repeat(70_000)).await.starts_with(WAIT));
    assert_eq!(server.answer().await, "", "the connection is closed");
}

#[tokio::test]
async fn while_the_store_cannot_be_read_mail_waits() {
    let service = Service::start().await;
    let asking = Asking::at(&service).await;
    let mut server = asking.connect().await;
    assert_eq!(server.about("waiting@client.example").await, PASS);
    service
        .database()
        .execute_batch("PRAGMA foreign_keys = OFF; DROP TABLE subject_key; DROP TABLE subject;")
        .unwrap();
    let told = server.about("waiting@client.example").await;
    assert!(told.starts_with(WAIT), "{told}");
    let logged = logged();
    assert!(logged.contains("a mail server was told to wait: nothing could be decided"));
    assert!(!logged.contains("waiting@client"));
}

#[tokio::test]
async fn what_the_operator_left_undone_lets_mail_wait_and_loses_none() {
    let service = Service::start().await;
    service.object("jane@client.example").await;
    {
        let unknown = mta(&service, "").purpose;
        let mta = Mta {
            purpose: shared::purpose::PurposeKey::parse("newsletter").unwrap(),
            ..mta(&service, "")
        };
        assert_ne!(unknown, mta.purpose);
        let asking = Asking::about(&service, &mta).await;
        assert!(
            asking
                .about_recipient("joe@client.example")
                .await
                .starts_with(WAIT)
        );
        asking.stop.send(true).unwrap();
        asking.running.await.unwrap();
    }
    let asking = Asking::at(&service).await;
    service.world.pass(365 * 24 * 60 * 60_000);
    assert!(
        asking
            .about_recipient("joe@client.example")
            .await
            .starts_with(WAIT)
    );
    assert!(
        asking
            .about_recipient("jane@client.example")
            .await
            .starts_with(REFUSE)
    );
}

#[tokio::test]
async fn contacts_who_were_not_told_pass_where_every_mailing_tells_them() {
    let service = Service::with(|config| {
        config.uninformed = shared::rules::Uninformed::Withhold;
    })
    .await;
    for (first_contact, answer) in [(false, REFUSE), (true, PASS)] {
        let more = format!("first_contact = {first_contact}");
        let asking = Asking::about(&service, &mta(&service, &more)).await;
        let told = asking.about_recipient("joe@client.example").await;
        assert!(told.starts_with(answer), "{told}");
        asking.stop.send(true).unwrap();
        asking.running.await.unwrap();
    }
}

#[tokio::test]
async fn questions_that_come_in_pieces_or_all_at_once_are_answered_in_order() {
    let service = Service::start().await;
    service.object("jane@client.example").await;
    let asking = Asking::at(&service).await;
    let mut server = asking.connect().await;
    let both = request("jane@client.example") + &request("joe@client.example");
    server.0.write_all(both.as_bytes()).await.unwrap();
    assert!(server.answer().await.starts_with(REFUSE));
    assert_eq!(server.answer().await, PASS);
    for piece in request("jane@client.example").as_bytes().chunks(7) {
        server.0.write_all(piece).await.unwrap();
        server.0.flush().await.unwrap();
        tokio::task::yield_now().await;
    }
    assert!(server.answer().await.starts_with(REFUSE));
    // Whoever breaks off is not answered.
    let cut = &request("joe@client.example")[..100];
    server.0.write_all(cut.as_bytes()).await.unwrap();
    server.0.shutdown().await.unwrap();
    assert_eq!(server.answer().await, "");
}

#[tokio::test]
async fn a_port_that_is_asked_to_stop_closes_idle_connections_and_can_be_opened_again() {
    let service = Service::start().await;
    let asking = Asking::at(&service).await;
    let mut idle = asking.connect().await;
    assert_eq!(idle.about("joe@client.example").await, PASS);
    let taken = port(&service, &mta(&service, "")).await;
    assert!(taken.is_err(), "somebody listens there");
    asking.stop.send(true).unwrap();
    asking.running.await.unwrap();
    assert_eq!(idle.answer().await, "");
    // The socket that was left behind is no obstacle.
    let again = Asking::at(&service).await;
    assert_eq!(again.about_recipient("joe@client.example").await, PASS);
}
