//! Whatever happened before and since: a list is decided again as its certificate says.

use std::io::Cursor;
use std::sync::Arc;

use backend::clock::World;
use backend::recording::Recorder;
use backend::replay::Replay;
use backend::scrub::{Certifier, Digesting, ListColumns, Order, Progress, Scrub};
use backend::shelf::ShelfKeeper;
use backend::store::{NewAct, Read, SealedEntry, StoreError};
use backend::table::Table;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use shared::address::Address;
use shared::certificate::{Again, Certificate, Comparison, Finding, Validity};
use shared::decision::{Question, Stated};
use shared::entry::{Act, Actor, Assurance, Entry, Evidence, FORMAT, Method, Surface};
use shared::facts::{Country, CrmReference, Facts, SoftOptIn, Subscriber};
use shared::purpose::{Channel, PurposeKey, TopicKey};
use shared::scope::Scope;

use crate::service::{PURPOSE, Service};

pub(crate) const HOUR_MS: i64 = 60 * 60 * 1000;
/// Whose acts they are; the lists hold their variants too.
const NAMES: [&str; 5] = [
    "ann@client.example",
    "bob@client.example",
    "bob+news@client.example",
    "cyd@gmail.com",
    "dan@firma.example",
];

/// What somebody did, or that they were erased.
#[derive(Debug, Clone)]
struct Done {
    who: usize,
    act: Act,
    verified: bool,
    scope: Scope,
    ends: Option<i64>,
    earlier: Index,
    facts: Facts,
}

fn done() -> impl Strategy<Value = Done> {
    let acts = [
        Act::Objected,
        Act::Paused,
        Act::Retracted,
        Act::ObjectionLifted,
        Act::ConsentGiven,
        Act::ConsentRefused,
        Act::ConsentWithdrawn,
        Act::NoticeProvided,
        Act::FactRecorded,
        Act::Bounced,
        Act::SpamReported,
        Act::Erased,
    ];
    let scopes = [
        Scope::ALL,
        scope(None, None),
        scope(None, Some(Channel::Email)),
        scope(Some("it_strategy"), Some(Channel::Email)),
    ];
    let facts =
        (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(gb, corporate, soft)| Facts {
            country: Some(if gb {
                Country::GB
            } else {
                Country::parse("DE").unwrap()
            }),
            crm_references: [CrmReference::parse("4711").unwrap()].into(),
            subscriber: Some(if corporate {
                Subscriber::Corporate
            } else {
                Subscriber::Individual
            }),
            soft_opt_in: if soft {
                [
                    SoftOptIn::ObtainedInSale,
                    SoftOptIn::SimilarServices,
                    SoftOptIn::RefusalOffered,
                ]
                .into()
            } else {
                [SoftOptIn::ObtainedInSale].into()
            },
            ..Facts::default()
        });
    (
        0..NAMES.len(),
        select(acts.to_vec()),
        any::<bool>(),
        select(scopes.to_vec()),
        prop::option::of(-3..30_i64),
        any::<Index>(),
        facts,
    )
        .prop_map(|(who, act, verified, scope, ends, earlier, facts)| Done {
            who,
            act,
            verified,
            scope,
            ends,
            earlier,
            facts,
        })
}

fn scope(topic: Option<&str>, channel: Option<Channel>) -> Scope {
    Scope {
        purpose: Some(PurposeKey::parse(PURPOSE).unwrap()),
        topic: topic.map(|topic| TopicKey::parse(topic).unwrap()),
        channel,
    }
}

async fn happen(service: &Service, all: &[Done]) {
    let world: &dyn World = &*service.world;
    for done in all {
        service.world.pass(HOUR_MS / 4);
        let now = world.now();
        let keys = service
            .secrets
            .keys(&Address::parse(NAMES[done.who]).unwrap());
        let evidence = Evidence {
            actor: Actor::DataSubject,
            assurance: if done.verified {
                Assurance::LinkVerified
            } else {
                Assurance::Imported
            },
            build: "test".to_owned(),
            control_text: None,
            gpc: false,
            host_origin: None,
            language: "en".to_owned(),
            method: Method::Form,
            notice: None,
            reference: Some("file 7".to_owned()),
            surface: Surface::SelfService,
            view_token: None,
        };
        if done.act == Act::Erased {
            let recorder = Recorder::new(service.store.clone(), service.world.clone());
            recorder.erase(&keys, &evidence).await.unwrap();
            continue;
        }
        let known = service
            .store
            .look_up(std::slice::from_ref(&keys))
            .await
            .unwrap();
        let known = known.known[0].as_ref().map(|known| known.subject);
        let earlier = match known {
            Some(subject) => service.store.history(subject).await.unwrap(),
            None => Vec::new(),
        };
        let subject = known.unwrap_or_else(|| world.subject());
        let entry = Entry {
            act: done.act,
            evidence,
            facts: (done.act == Act::FactRecorded).then(|| done.facts.clone()),
            format: FORMAT,
            id: world.entry_id(now),
            recorded_at: now,
            refers_to: (!earlier.is_empty())
                .then(|| done.earlier.get(&earlier).1.id)
                .into_iter()
                .collect(),
            scope: done.scope.clone(),
            stays: Vec::new(),
            subject,
            until: done.ends.map(|hours| now.plus_millis(hours * HOUR_MS)),
        };
        let entries = vec![SealedEntry::new(entry, world.salt())];
        let act = NewAct {
            keys,
            subject,
            entries,
            receipt: None,
            letter: None,
        };
        match service.store.append(act).await {
            Ok(_) | Err(StoreError::Conflict) => {}
            Err(other) => panic!("{other}"),
        }
    }
}

/// The list: everybody, their variants, people whom nobody knows, and what is no address.
fn list(rows: &[(usize, usize)]) -> String {
    const OTHERS: [&str; 5] = [
        "eve@client.example",
        "ann+x@client.example",
        "BOB@Client.Example",
        "fay@gmail.com",
        "none",
    ];
    const STATED: [&str; 4] = [",", "GB,corporate", "DE,corporate", "GB,individual"];
    let all: Vec<&str> = NAMES.into_iter().chain(OTHERS).collect();
    let rows: String = rows
        .iter()
        .map(|&(name, stated)| format!("{},{}\n", all[name % all.len()], STATED[stated]))
        .collect();
    format!("email,country,class\n{rows}")
}

fn order() -> Order {
    Order {
        question: Question {
            purpose: Some(PurposeKey::parse(PURPOSE).unwrap()),
            topic: None,
            channel: Channel::Email,
            stated: Stated::default(),
            first_contact: false,
        },
        address: None,
        country: Some("country".to_owned()),
        subscriber: Some("class".to_owned()),
        all_repeats: false,
    }
}

pub(crate) async fn certify(service: &Service, text: &str) -> Certificate {
    let store: Arc<dyn Read> = service.store.clone();
    let progress = Progress::default();
    let input = Digesting::new(Cursor::new(text.to_owned()), &progress);
    let mut table = Table::open(input).unwrap();
    let secrets = Arc::new(service.secrets.clone());
    let at = service.world.now();
    let scrub = Scrub::prepare(&mut table, order(), &*store, secrets, at)
        .await
        .unwrap();
    let totals = scrub.run(&mut table, None, None, |_, _| Ok(())).unwrap();
    let certifier = Certifier {
        shelf: &ShelfKeeper::new(store),
        origin: None,
        validity: Validity::DEFAULT,
        secrets: &service.secrets,
        world: &*service.world,
    };
    certifier
        .certify(&scrub, &totals, &progress)
        .await
        .unwrap()
        .certificate
}

/// Findings, and how many rows were erased since.
async fn replayed(
    service: &Service,
    certificate: &Certificate,
    text: &str,
) -> (Vec<Finding>, usize) {
    let secrets = Arc::new(service.secrets.clone());
    let replay = Replay::of(certificate, service.store.clone(), secrets)
        .await
        .unwrap();
    let mut table = Table::open(Cursor::new(text.to_owned())).unwrap();
    let columns: ListColumns = order().columns(&table).unwrap();
    let mut checks = Vec::new();
    table
        .for_each(|row| {
            checks.push(columns.check(row, &certificate.asked.about(Stated::default())));
            Ok::<(), backend::table::TableProblem>(())
        })
        .unwrap();
    let seen = replay.look_back(&checks).await.unwrap();
    let mut comparison = Comparison::new(certificate);
    let mut erased = 0;
    let mut found = Vec::new();
    for (check, seen) in checks.iter().zip(&seen) {
        let again = replay.again(check, seen);
        erased += usize::from(again == Again::Erased);
        found.extend(comparison.next(again));
    }
    found.extend(comparison.finish().0);
    (found, erased)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_list_is_decided_again_as_it_was_whatever_happened_since(
        before in prop::collection::vec(done(), 0..20),
        since in prop::collection::vec(done(), 0..20),
        rows in prop::collection::vec((0..10_usize, 0..4_usize), 0..40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let service = Service::start().await;
            happen(&service, &before).await;
            let text = list(&rows);
            let certificate = certify(&service, &text).await;
            prop_assert_eq!(certificate.list.rows, rows.len() as u64);
            let fresh = replayed(&service, &certificate, &text).await;
            prop_assert_eq!(fresh, (Vec::new(), 0));
            happen(&service, &since).await;
            let (found, erased) = replayed(&service, &certificate, &text).await;
            let tells = |finding: &Finding| !matches!(finding, Finding::Unknown { .. });
            let wrong: Vec<_> = found.iter().filter(|finding| tells(finding)).collect();
            prop_assert_eq!(wrong, Vec::<&Finding>::new());
            prop_assert!(found.is_empty() || erased > 3);
            Ok(())
        })?;
    }
}
