//! The pepper is rotated: whoever is known as two subjects is restricted by what restricts either.

use std::collections::BTreeMap;
use std::sync::Arc;

use backend::cases::{Asked, Desk};
use backend::clock::World as _;
use backend::gate::Gate;
use backend::recording::{Choice, ChoiceDeed, Lifted, Objection, Recorder};
use backend::secrets::{Secrets, SecretsText};
use backend::store::cases::CaseKind;
use backend::store::image::Sight;
use frontend::catalogue::Language;
use serde_json::json;
use shared::address::Address;
use shared::decision::{Stated, bearing};
use shared::entry::{Actor, Assurance, Evidence, Method, Surface};
use shared::purpose::{Channel, PurposeKey, TopicKey};
use shared::scope::Scope;
use shared::standing::Standing;
use shared::time::Timestamp;

use crate::lists::{decided, question, scrubbed};
use crate::service::{NOTICE, PURPOSE, Service};
use crate::world::Manual;

/// What somebody stops: nothing at all, to begin with.
const STOPS: [Option<Stop>; 5] = [
    None,
    Some(Stop::Phone),
    Some(Stop::Topic),
    Some(Stop::Pause),
    Some(Stop::Everything),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    Phone,
    Topic,
    Pause,
    Everything,
}

impl Stop {
    fn scope(self) -> Scope {
        let about = |topic: Option<&str>, channel| Scope {
            purpose: PurposeKey::parse(PURPOSE).ok(),
            topic: topic.map(|topic| TopicKey::parse(topic).unwrap()),
            channel: Some(channel),
        };
        match self {
            Self::Phone => about(None, Channel::Phone),
            Self::Topic => about(Some("it_strategy"), Channel::Email),
            Self::Pause | Self::Everything => Scope::ALL,
        }
    }
}

/// The secrets before the rotation, after it, and without the older pepper.
fn secrets(service: &Service) -> [Secrets; 3] {
    texts(&service.world).map(|text| text.check().unwrap())
}

fn texts(world: &Manual) -> [SecretsText; 3] {
    let text = SecretsText::generate(world);
    let mut other = SecretsText::generate(world);
    let (older, newer) = (text.pepper["1"].clone(), other.pepper.remove("1").unwrap());
    let with = |peppers: &[(&str, &String)]| {
        let peppers = peppers.iter();
        let pepper = peppers.map(|(number, text)| ((*number).to_owned(), (*text).clone()));
        let pepper: BTreeMap<String, String> = pepper.collect();
        SecretsText {
            pepper,
            ..text.clone()
        }
    };
    [
        with(&[("1", &older)]),
        with(&[("1", &older), ("2", &newer)]),
        with(&[("2", &newer)]),
    ]
}

async fn stop(service: &Service, secrets: &Secrets, address: &Address, what: Stop) {
    let until = Timestamp::parse("2027-01-01T00:00:00.000Z").unwrap();
    let objection = Objection {
        keys: secrets.keys(address),
        judged_by: None,
        scope: what.scope(),
        until: (what == Stop::Pause).then_some(until),
        evidence: Evidence::off_page(
            Actor::DataSubject,
            Assurance::Unverified,
            Surface::Widget,
            Method::Form,
            "test".to_owned(),
        ),
    };
    let recorder = Recorder::new(service.store.clone(), service.world.clone());
    recorder.object(&objection).await.unwrap();
}

#[tokio::test]
async fn who_is_known_as_two_subjects_is_decided_alike_however_it_is_asked() {
    let mut service = Service::start().await;
    let [older, both, newer] = secrets(&service);
    service.secrets = both.clone();
    let mut addresses = Vec::new();
    let mut is_stopped = Vec::new();
    for (number, before) in STOPS.into_iter().enumerate() {
        for (place, after) in STOPS.into_iter().enumerate() {
            let name = format!("contact-{number}-{place}");
            let address = Address::parse(&format!("{name}@client.example")).unwrap();
            if let Some(what) = after {
                stop(&service, &newer, &address, what).await;
            }
            if let Some(what) = before {
                stop(&service, &older, &address, what).await;
            }
            let stops = |what| !matches!(what, None | Some(Stop::Phone));
            for variant in ["", "+news"] {
                addresses.push(format!("{name}{variant}@client.example"));
                is_stopped.push(stops(before) || stops(after));
            }
        }
    }
    let stated = Stated::default();
    let expected = decided(&service, &addresses, stated).await;
    let proceeds = |verdict: &String| verdict == "legitimate_interest";
    let stopped: Vec<bool> = expected.iter().map(|verdict| !proceeds(verdict)).collect();
    assert_eq!(stopped, is_stopped);
    let line = |note: &str, address: &String| format!("{note},{address},y\n");
    for note in ["x".to_owned(), "x".repeat(22_000)] {
        let lines: String = addresses
            .iter()
            .map(|address| line(&note, address))
            .collect();
        let list = format!("note,email,more\n{lines}");
        let (_, _, verdicts) = scrubbed(&service, list.as_bytes(), stated).await;
        assert_eq!(verdicts, expected);
    }
    let (rules, asked, at) = (service.rules(), question(stated), service.world.now());
    let sight = Sight {
        generations: both.generations().collect(),
        question: asked.clone(),
        at,
        everybody: false,
    };
    let image = service.store.image(sight).await.unwrap();
    for address in &addresses {
        let keys = both.keys(&Address::parse(address).unwrap());
        let found = service.store.look_up(std::slice::from_ref(&keys)).await;
        let known = found.unwrap().known.remove(0);
        let reduced = |standing: &Standing| bearing(&rules, standing, &asked, at);
        assert_eq!(
            image.look_up(&keys).map(|standing| reduced(&standing)),
            known.map(|known| reduced(&known.standing)),
            "{address}"
        );
    }
}

#[tokio::test]
async fn an_objection_under_the_older_pepper_reaches_who_was_first_seen_under_the_newer() {
    let service = Service::start().await;
    let [older, both, _] = secrets(&service);
    let jane = Address::parse("jane@client.example").unwrap();
    stop(&service, &both, &jane, Stop::Phone).await;
    stop(&service, &older, &jane, Stop::Everything).await;
    assert_eq!(
        service
            .store
            .standings(uuid::Uuid::nil(), 10)
            .await
            .unwrap()
            .len(),
        1
    );
    let gate = Gate::new(service.store.clone(), Arc::new(both));
    let check = backend::gate::Check {
        address: Some(jane),
        question: question(Stated::default()),
    };
    let answer = gate.decide(&[check], service.world.now()).await.unwrap();
    assert!(!answer.decisions[0].proceeds());
}

#[tokio::test]
async fn what_was_lifted_for_two_subjects_is_stopped_again_for_both() {
    let service = Service::start().await;
    let [older, both, newer] = secrets(&service);
    let jane = Address::parse("jane@client.example").unwrap();
    stop(&service, &newer, &jane, Stop::Phone).await;
    stop(&service, &older, &jane, Stop::Everything).await;
    let keys = [both.keys(&jane)];
    let objects = async || {
        let found = service.store.look_up(&keys).await.unwrap();
        let known = found.known[0].clone().unwrap();
        let behind = known.standing.behind(&Scope::ALL, false);
        (found.as_of, known.subject, behind)
    };
    let (as_of, subject, entries) = objects().await;
    assert_eq!(entries.len(), 1);
    let choice = Choice {
        keys: keys[0].clone(),
        subject: Some(subject),
        deed: ChoiceDeed::Lift(Lifted {
            scope: Scope::ALL,
            entries,
            until: None,
        }),
        scope: Scope::ALL,
        evidence: Evidence::off_page(
            Actor::DataSubject,
            Assurance::LinkVerified,
            Surface::SelfService,
            Method::Form,
            "test".to_owned(),
        ),
    };
    let recorder = Recorder::new(service.store.clone(), service.world.clone());
    let lifted = recorder.lift(&choice, as_of).await.unwrap();
    assert!(objects().await.2.is_empty());
    recorder.undo(&lifted.undo_token).await.unwrap();
    assert_eq!(objects().await.2.len(), 1);
    for keys in [older.keys(&jane), newer.keys(&jane)] {
        let found = service.store.look_up(&[keys]).await.unwrap();
        let known = found.known[0].clone().unwrap();
        assert_eq!(known.standing.behind(&Scope::ALL, false).len(), 1);
    }
}

#[tokio::test]
async fn who_is_known_as_two_subjects_sees_and_lifts_what_was_recorded_of_either() {
    let [older, both, newer] = texts(&Manual::new());
    let [older, newer] = [older, newer].map(|text| text.check().unwrap());
    let service = Service::with(|config| config.secrets = both).await;
    let name = "jane@client.example";
    let jane = Address::parse(name).unwrap();
    stop(&service, &newer, &jane, Stop::Topic).await;
    stop(&service, &older, &jane, Stop::Everything).await;
    let recorder = Recorder::new(service.store.clone(), service.world.clone());
    let desk = Desk::new(recorder, Arc::new(older), service.world.clone());
    let complaint = Asked {
        kind: CaseKind::Complaint,
        address: jane,
        language: Language::En,
        notice: NOTICE.to_owned(),
        purpose: None,
        text: "You wrote to me".to_owned(),
        evidence: crate::case_steps::staff(),
    };
    let opened = desk.open(&complaint).await.unwrap();
    while service.letter().await.is_some() {}

    let session = service.sign_in(name).await;
    let bearer = format!("Bearer {session}");
    let headers = [("authorization", bearer.as_str())];
    let export = service.get_with("/self/export.json", &headers).await.json();
    let acts: Vec<_> = (export["records"].as_array().unwrap().iter())
        .map(|record| record["entry"]["act"].as_str().unwrap())
        .collect();
    assert_eq!(acts, ["objected", "objected", "case_opened"]);
    assert_eq!(export["holds"].as_array().unwrap().len(), 2);
    assert_eq!(export["cases"][0]["reference"], opened.reference);

    let own = service.own(&session).await.json();
    assert_eq!(own["stops"].as_array().unwrap().len(), 2, "{own}");
    let lift = json!({ "act": "lift", "kind": "objection", "as_of": own["as_of"] });
    let made = service.choose(&session, lift).await;
    assert_eq!(made.status, 200, "{}", made.text());
    let about = |topic: &str| service.decide_about(name, json!({ "topic": topic }));
    assert_eq!(about("it_strategy").await["proceed"], false);
    assert_eq!(about("industry_updates").await["proceed"], true);
    // What was recorded of both is named once.
    let export = service.get_with("/self/export.json", &headers).await.json();
    assert_eq!(export["records"].as_array().unwrap().len(), 4);
}
