//! Random acts of random actors, in any order and with any clock.

use std::ops::Range;

use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use shared::entry::{Act, Actor, Assurance, Entry, Stay};
use shared::facts::{Country, CrmReference, Facts, Obtained, SoftOptIn, Subscriber};
use shared::scope::Scope;
use shared::time::Timestamp;

use crate::sample::{self, moment, scope};

/// Every act.
pub(crate) const ALL: [Act; 17] = [
    Act::Objected,
    Act::ObjectionLifted,
    Act::Paused,
    Act::Retracted,
    Act::ConsentRequested,
    Act::ConsentGiven,
    Act::ConsentRefused,
    Act::ConsentWithdrawn,
    Act::NoticeProvided,
    Act::FactRecorded,
    Act::CaseOpened,
    Act::CaseAcknowledged,
    Act::CaseExtended,
    Act::CaseDecided,
    Act::Erased,
    Act::Bounced,
    Act::SpamReported,
];

/// Any acts, numbered from 1. An entry refers to up to two earlier ones.
pub(crate) fn sequence(length: Range<usize>) -> impl Strategy<Value = Vec<Entry>> {
    vec((act(), vec(any::<Index>(), 0..3)), length).prop_map(|acts| {
        let mut entries: Vec<Entry> = Vec::new();
        for (number, (mut entry, earlier)) in (1..).zip(acts) {
            entry.id = sample::id(number);
            if !entries.is_empty() {
                entry.refers_to = earlier.iter().map(|index| index.get(&entries).id).collect();
            }
            entries.push(entry);
        }
        entries
    })
}

/// Any scope that an act can have.
pub(crate) fn scopes() -> impl Strategy<Value = Scope> {
    select(every_scope())
}

/// All of them.
pub(crate) fn every_scope() -> Vec<Scope> {
    const PURPOSES: [(&str, &str); 6] = [
        ("", ""),
        ("info_about_us", ""),
        ("info_about_us", "events"),
        ("info_about_us", "it_strategy"),
        ("newsletter", ""),
        ("newsletter", "events"),
    ];
    let by =
        |(purpose, topic)| ["", "email", "phone"].map(|channel| scope(purpose, topic, channel));
    PURPOSES.into_iter().flat_map(by).collect()
}

/// A moment around that of the questions, to the millisecond.
pub(crate) fn moments() -> impl Strategy<Value = Timestamp> {
    let now = moment("2026-12-01T12:00:00Z");
    prop_oneof![-3_i64..4, -90 * 86_400_000_i64..90 * 86_400_000]
        .prop_map(move |millis| now.plus_millis(millis))
}

fn act() -> impl Strategy<Value = Entry> {
    // The acts that decide come more often than those that decide nothing.
    let act = prop_oneof![3 => select(&ALL[..10]), 1 => select(&ALL[10..])];
    let person = prop_oneof![
        1 => Just((Actor::DataSubject, Assurance::LinkVerified)),
        2 => (actor(), assurance()),
    ];
    (
        act,
        scopes(),
        person,
        option::of(moments()),
        moments(),
        any::<bool>(),
        facts(),
        stays(),
    )
        .prop_map(
            |(act, scope, person, until, recorded_at, evidenced, facts, stays)| {
                let mut entry = sample::entry(0, act);
                (entry.evidence.actor, entry.evidence.assurance) = person;
                entry.evidence.reference = evidenced.then(|| "letter".to_owned());
                entry.scope = scope;
                entry.recorded_at = recorded_at;
                entry.until = until;
                entry.facts = (act == Act::FactRecorded).then_some(facts);
                entry.stays = if act == Act::Erased {
                    stays
                } else {
                    Vec::new()
                };
                entry
            },
        )
}

fn actor() -> impl Strategy<Value = Actor> {
    select(
        [
            Actor::DataSubject,
            Actor::Staff,
            Actor::MailReceiver,
            Actor::System,
        ]
        .as_slice(),
    )
}

fn assurance() -> impl Strategy<Value = Assurance> {
    select(
        [
            Assurance::Unverified,
            Assurance::OneClickToken,
            Assurance::LinkVerified,
            Assurance::StaffAttested,
            Assurance::Imported,
        ]
        .as_slice(),
    )
}

/// References to records of a customer database.
pub(crate) fn records() -> impl Strategy<Value = CrmReference> {
    select(vec!["4711", "0031t00000Ab9Zx", "contact:8"])
        .prop_map(|text| CrmReference::parse(text).expect(text))
}

fn facts() -> impl Strategy<Value = Facts> {
    let country = Country::parse("DE").expect("a country");
    let soft = [
        SoftOptIn::ObtainedInSale,
        SoftOptIn::SimilarServices,
        SoftOptIn::RefusalOffered,
    ];
    (
        option::of(select([Country::GB, country].to_vec())),
        option::of(select(vec![Subscriber::Corporate, Subscriber::Individual])),
        btree_set(select(soft.to_vec()), 0..=3),
        btree_set(records(), 0..=2),
        obtained(),
    )
        .prop_map(
            |(country, subscriber, soft_opt_in, crm_references, obtained)| Facts {
                country,
                crm_references,
                obtained,
                soft_opt_in,
                subscriber,
            },
        )
}

/// That a contact came from somebody else; mostly nothing says so.
pub(crate) fn obtained() -> impl Strategy<Value = Obtained> {
    let moment = || option::weighted(0.3, moments());
    (moment(), moment(), moment()).prop_map(|(communicated_at, disclosed_at, obtained_at)| {
        Obtained {
            communicated_at,
            disclosed_at,
            obtained_at,
        }
    })
}

fn stays() -> impl Strategy<Value = Vec<Stay>> {
    vec(
        (scopes(), option::of(moments())).prop_map(|(scope, until)| Stay { scope, until }),
        0..3,
    )
}
