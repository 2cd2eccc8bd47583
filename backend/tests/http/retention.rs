//! What this system keeps of its own, over eight years (NOT-07, DP-02).

use std::collections::BTreeMap;

use backend::clock::World;
use backend::recording::{Recorder, Reported};
use backend::retention::{Class, RULES, Run, RunError};
use backend::store::{Keys, NewAct, SealedEntry};
use serde_json::json;
use shared::address::Address;
use shared::entry::{Act, Actor, Assurance, Entry, Evidence, FORMAT, Method, Surface};
use shared::purpose::{Channel, PurposeKey};
use shared::scope::Scope;

use crate::cases::{complaint, letters};
use crate::service::{PURPOSE, Service};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

const OBJECTED: &str = "objected@client.example";
const PAUSED: &str = "paused@client.example";
const UNDONE: &str = "undone@client.example";
const COMPLAINED: &str = "complained@client.example";

fn recorder(service: &Service) -> Recorder {
    Recorder::new(service.store.clone(), service.world.clone())
}

async fn run(service: &Service, delete: bool) -> BTreeMap<Class, u64> {
    let run = match delete {
        true => Run::DeleteByThisClock,
        false => Run::Count,
    };
    let counts = recorder(service).keep_to_rules(run).await.unwrap();
    counts.into_iter().filter(|(_, count)| *count > 0).collect()
}

fn keys(service: &Service, address: &str) -> Keys {
    service.secrets.keys(&Address::parse(address).unwrap())
}

async fn is_known(service: &Service, address: &str) -> bool {
    let keys = keys(service, address);
    service.store.look_up(&[keys]).await.unwrap().known[0].is_some()
}

/// The days since the start on which something happened, and what.
async fn eight_years(service: &Service) -> Vec<(i64, BTreeMap<Class, u64>)> {
    let mut seen = Vec::new();
    for day in 0..8 * 366 {
        // Every day where it matters, else now and then: a real service runs daily.
        let matters = day < 10 || day % 31 == 0 || (1825..1832).contains(&day);
        if matters {
            let counts = run(service, true).await;
            assert_eq!(
                run(service, true).await,
                BTreeMap::new(),
                "the second run is idle"
            );
            if !counts.is_empty() {
                seen.push((day, counts));
            }
        }
        service.world.pass(DAY_MS);
    }
    seen
}

#[tokio::test]
async fn after_eight_years_only_what_has_to_be_respected_is_left() {
    let service = Service::start().await;
    service.object(OBJECTED).await;
    service
        .object_to(PAUSED, json!({ "until": "2027-02-22" }))
        .await;
    let undone = service.object(UNDONE).await;
    service.undo(&undone.at("/undo/token")).await;
    service.post("/v1/cases", &complaint(COMPLAINED)).await;
    let opened = service.store.cases().await.unwrap().remove(0);
    letters(&service).await;
    service.link(PAUSED).await;
    let before = service.state();
    let planned = run(&service, false).await;
    assert_eq!(planned, BTreeMap::new());
    assert_eq!(service.state(), before, "a dry run changes nothing");

    let seen = eight_years(&service).await;
    let when = |class: Class| -> Vec<i64> {
        seen.iter()
            .filter(|(_, counts)| counts.contains_key(&class))
            .map(|(day, _)| *day)
            .collect()
    };
    assert_eq!(when(Class::Links), [1]);
    assert_eq!(when(Class::UndoSecrets), [1]);
    let contacts = when(Class::Contacts);
    assert_eq!(contacts[0], 1826, "undone, five years ago by the calendar");
    assert!(
        contacts.len() == 2 && contacts[1] > 1826 + 80,
        "the pause ended later: {contacts:?}"
    );
    assert!(is_known(&service, OBJECTED).await && !service.proceeds(OBJECTED).await);
    assert!(
        is_known(&service, COMPLAINED).await,
        "an open case keeps its entries"
    );
    for address in [PAUSED, UNDONE] {
        assert!(!is_known(&service, address).await, "{address}");
    }
    let rows = service.store.ledger(0, 1_000).await.unwrap();
    let kept: Vec<_> = rows.iter().filter_map(|row| row.payload.as_ref()).collect();
    assert_eq!(
        kept.len(),
        4,
        "an objection, a case, and two erasures that say nothing"
    );
    assert!(
        service
            .store
            .case(&opened.reference)
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn a_clock_that_leaps_lets_nobody_go_until_somebody_has_looked_at_it() {
    let service = Service::start().await;
    service
        .object_to(PAUSED, json!({ "until": "2027-02-22" }))
        .await;
    let recorder = recorder(&service);
    recorder.keep_to_rules(Run::Delete).await.unwrap();
    service.world.pass(400 * DAY_MS);
    recorder.keep_to_rules(Run::Delete).await.unwrap();
    service.world.pass(8 * 366 * DAY_MS);
    let before = service.state();
    let refused = recorder.keep_to_rules(Run::Delete).await;
    assert!(matches!(refused, Err(RunError::Leap { .. })), "{refused:?}");
    assert_eq!(service.state(), before);
    assert_eq!(run(&service, false).await[&Class::Contacts], 1);
    assert_eq!(run(&service, true).await[&Class::Contacts], 1);
    recorder.keep_to_rules(Run::Delete).await.unwrap();
}

/// Records a consent by the verified person that ends in two years.
async fn consent(service: &Service, address: &str) {
    let now = service.world.now();
    let world: &dyn World = &*service.world;
    let person = Evidence::off_page(
        Actor::DataSubject,
        Assurance::LinkVerified,
        Surface::SelfService,
        Method::Form,
        "test".to_owned(),
    );
    let entry = Entry {
        id: world.entry_id(now),
        act: Act::ConsentGiven,
        scope: Scope {
            purpose: PurposeKey::parse(PURPOSE).ok(),
            topic: None,
            channel: Some(Channel::Email),
        },
        until: Some(now.plus_millis(730 * DAY_MS)),
        format: FORMAT,
        subject: world.subject(),
        recorded_at: now,
        evidence: person,
        refers_to: Vec::new(),
        facts: None,
        stays: Vec::new(),
    };
    let act = NewAct {
        keys: keys(service, address),
        subject: entry.subject,
        entries: vec![SealedEntry::new(entry, world.salt())],
        receipt: None,
        letter: None,
    };
    service.store.append(act).await.unwrap();
}

#[tokio::test]
async fn whoever_could_not_be_mailed_stays_withheld_when_their_entries_go() {
    let service = Service::start().await;
    let table = "email,country,subscriber,evidence\n\
                 german@client.example,DE,,CRM 1\n\
                 private@client.example,,individual,CRM 2\n\
                 british@client.example,GB,corporate,CRM 3\n";
    let report = crate::crm::import(&service, table).await;
    assert_eq!(report.refused, 0, "{report:?}");
    consent(&service, "consented@client.example").await;
    let returned = keys(&service, "returned@client.example");
    let by_mail = Evidence::off_page(
        Actor::MailReceiver,
        Assurance::Unverified,
        Surface::CommandLine,
        Method::Report,
        "test".to_owned(),
    );
    let recorder = recorder(&service);
    let reported = recorder.report(&returned, Reported::Bounced, &by_mail);
    reported.await.unwrap();
    service.world.pass(8 * 366 * DAY_MS);
    let withheld = ["german", "private", "consented", "returned"];
    for name in withheld {
        assert!(
            !service.proceeds(&format!("{name}@client.example")).await,
            "{name}"
        );
    }
    let counts = run(&service, true).await;
    assert_eq!(counts.get(&Class::Contacts), Some(&2), "{counts:?}");
    assert_eq!(run(&service, true).await, BTreeMap::new());
    assert!(!is_known(&service, "british@client.example").await);
    for name in withheld {
        let address = format!("{name}@client.example");
        assert!(!service.proceeds(&address).await, "{name}");
        assert!(is_known(&service, &address).await, "{name}");
    }
    let keys = keys(&service, "consented@client.example");
    let known = service
        .store
        .look_up(&[keys])
        .await
        .unwrap()
        .known
        .remove(0);
    let history = service.store.history(known.unwrap().subject).await.unwrap();
    assert_eq!(history.len(), 1);
    assert_eq!(history[0].1.act, Act::Erased, "its evidence is gone");
}

#[tokio::test]
async fn a_decided_case_goes_after_five_years_with_the_contact_behind_it() {
    let service = Service::start().await;
    let answer = service.post("/v1/cases", &complaint(COMPLAINED)).await;
    let recorder = recorder(&service);
    let secrets = std::sync::Arc::new(service.secrets.clone());
    let desk = backend::cases::Desk::new(recorder, secrets, service.world.clone());
    let staff = crate::case_steps::staff();
    desk.decide(&answer.at("/reference"), true, None, &staff)
        .await
        .unwrap();
    letters(&service).await;
    // Until noon of the last day, when it was decided.
    service.world.pass(1826 * DAY_MS - 1);
    assert_eq!(run(&service, true).await.get(&Class::Cases), None);
    assert_eq!(run(&service, true).await.get(&Class::Contacts), None);
    assert_eq!(service.store.cases().await.unwrap().len(), 1);
    service.world.pass(2);
    let planned = run(&service, false).await;
    assert_eq!(
        planned,
        BTreeMap::from([(Class::Contacts, 1), (Class::Cases, 1)])
    );
    assert_eq!(run(&service, true).await, planned);
    assert_eq!(run(&service, true).await, BTreeMap::new());
    assert!(service.store.cases().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_question_for_consent_that_nobody_answers_is_forgotten_after_a_week_and_not_before() {
    let service = Service::start().await;
    let asked = json!({ "address": PAUSED, "notice": crate::service::NOTICE,
        "purpose": "info_about_us", "channel": "email" });
    let answer = service.post("/v1/consents", &asked).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    assert!(is_known(&service, PAUSED).await);
    // Soon after midnight of the day on which the link ends at noon.
    service.world.pass(6 * DAY_MS + DAY_MS / 2 + 10 * 60 * 1000);
    let counts = run(&service, true).await;
    for kept in [Class::PendingConsents, Class::Links] {
        assert!(!counts.contains_key(&kept), "{counts:?}");
    }
    let links = "SELECT count(*) FROM link";
    let links: i64 = (service.database())
        .query_row(links, (), |row| row.get(0))
        .unwrap();
    assert_eq!(links, 1, "it can be pressed as long as the letter says");
    assert!(is_known(&service, PAUSED).await);
    service.world.pass(DAY_MS / 2 - 10 * 60 * 1000);
    let counts = run(&service, true).await;
    assert_eq!(counts.get(&Class::PendingConsents), Some(&1), "{counts:?}");
    assert!(!is_known(&service, PAUSED).await);
}

#[tokio::test]
async fn every_table_about_people_has_a_rule_or_a_reason_to_have_none() {
    let service = Service::start().await;
    let database = service.database();
    let mut tables = database
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        .unwrap();
    let tables = tables.query_map((), |row| row.get::<_, String>(0)).unwrap();
    for table in tables.map(Result::unwrap) {
        let rule = match table.as_str() {
            "link" => Some(Class::Links),
            "session" => Some(Class::Sessions),
            "letter" => Some(Class::Letters),
            "event" => Some(Class::Events),
            "letter_count" => Some(Class::LetterCounts),
            "receipt" => Some(Class::UndoSecrets),
            "payload" | "subject" | "subject_key" => Some(Class::Contacts),
            "case_file" => Some(Class::Cases),
            // Nothing about a person: commitments whose salts are gone say nothing.
            "ledger" | "notice" | "rules" | "text" | "api_key" | "erasure" | "domain_step"
            | "sink" | "stray_code" | "pepper" | "restored" | "fold" | "retention_run" => None,
            own if own.starts_with("sqlite_") => None,
            other => panic!("{other} has no retention rule"),
        };
        let known = |class: Class| RULES.iter().any(|one| one.name == class);
        assert!(rule.is_none_or(known), "{table}");
    }
}
