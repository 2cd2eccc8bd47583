//! What people stopped after a backup, taken over from the database that it took the place of.

use std::collections::BTreeMap;

use backend::carrying::{Carried, Wanted, carry};
use backend::clock::System;
use backend::store::erasure::Erase as _;
use backend::store::sqlite::{Options, Sqlite};
use backend::store::{NewAct, Read as _, Write as _};
use shared::entry::{Act, Actor, Assurance, Entry};
use shared::purpose::{Channel, PurposeKey, TopicKey};
use shared::scope::Scope;
use shared::standing::{Consent, Standing};
use shared::time::Timestamp;

use crate::backup::{database, restore};
use crate::engine::{Engine as _, SqliteFile};
use crate::erasure::erasure;
use crate::given::{NOW, act, entry, keys, objection, subject};

/// What was there when the backup was made, what came after it, and what is recorded once it is restored.
struct History {
    before: Vec<NewAct>,
    since: Vec<NewAct>,
    after: Vec<NewAct>,
}

async fn append(store: &Sqlite, acts: Vec<NewAct>) {
    for act in acts {
        store.append(act).await.unwrap();
    }
}

impl History {
    /// The file with the database that was replaced, and the one that took its place.
    async fn played(self) -> (SqliteFile, Sqlite, Sqlite) {
        let file = SqliteFile::fresh();
        let store = Sqlite::open(&file.path(), Options::command()).unwrap();
        append(&store, self.before).await;
        let copy = database(&file, ".copy");
        store.back_up(&copy).await.unwrap();
        append(&store, self.since).await;
        drop(store);
        restore(&file, &copy).await.unwrap();
        let from = Sqlite::open(&database(&file, ".replaced"), Options::command()).unwrap();
        let to = Sqlite::open(&file.path(), Options::command()).unwrap();
        append(&to, self.after).await;
        (file, from, to)
    }
}

async fn carried(from: &Sqlite, to: &Sqlite) -> Carried {
    let wanted = Wanted {
        imported: false,
        dry: false,
    };
    carry(from, to, wanted, &System).await.unwrap()
}

async fn standing(store: &Sqlite, number: u64) -> Standing {
    let found = store.look_up(&[keys(number)]).await.unwrap().known;
    (*found[0].as_ref().unwrap().standing).clone()
}

/// E-mail on that topic, or on all of the purpose.
fn about(topic: Option<&str>) -> Scope {
    Scope {
        purpose: Some(PurposeKey::parse("news").unwrap()),
        topic: topic.map(|topic| TopicKey::parse(topic).unwrap()),
        channel: Some(Channel::Email),
    }
}

fn minute(minute: i64) -> Timestamp {
    NOW.plus_millis(minute * 60_000)
}

/// What the first person says on their own page, in that minute.
fn said(id: u64, kind: Act, scope: Scope, at: i64) -> Entry {
    let mut said = entry(subject(1), id, kind);
    said.evidence.assurance = Assurance::LinkVerified;
    (said.scope, said.recorded_at) = (scope, minute(at));
    said
}

/// A consent of the first person, from a file that was read in that minute.
fn imported(id: u64, scope: Scope, at: i64) -> Entry {
    let mut given = said(id, Act::ConsentGiven, scope, at);
    given.evidence.actor = Actor::Staff;
    given.evidence.assurance = Assurance::Imported;
    given.evidence.reference = Some("form 1".to_owned());
    given
}

fn of(entries: Vec<Entry>) -> Vec<NewAct> {
    let entries = entries.into_iter();
    entries.map(|entry| act(keys(1), vec![entry])).collect()
}

#[tokio::test]
async fn a_withdrawal_stands_against_a_consent_that_is_imported_again_after_the_restore() {
    let news = || about(None);
    let withdrawn = said(2, Act::ConsentWithdrawn, news(), 2);
    let history = History {
        before: vec![objection(9, 9)],
        since: of(vec![imported(1, news(), 1), withdrawn.clone()]),
        after: of(vec![imported(3, news(), 3)]),
    };
    let (_file, from, to) = history.played().await;
    let given = standing(&to, 1).await.consent(&news(), NOW);
    assert!(matches!(given, Consent::Given(_)), "{given:?}");
    let carried = carried(&from, &to).await;
    assert_eq!(carried.acts, BTreeMap::from([(Act::ConsentWithdrawn, 1)]));
    assert_eq!((carried.since, carried.entries), (1, 2));
    let now = standing(&to, 1).await.consent(&news(), NOW);
    assert_eq!(now, Consent::Withdrawn(withdrawn.id));
}

#[tokio::test]
async fn a_consent_to_a_part_takes_the_place_of_no_withdrawal_of_the_whole() {
    let [one, other] = ["one", "other"].map(|topic| about(Some(topic)));
    let history = History {
        before: of(vec![
            imported(1, one.clone(), 1),
            imported(2, other.clone(), 1),
        ]),
        since: of(vec![said(3, Act::ConsentWithdrawn, about(None), 2)]),
        after: of(vec![said(4, Act::ConsentGiven, one, 3)]),
    };
    let (_file, from, to) = history.played().await;
    assert_eq!(carried(&from, &to).await.known, 0);
    let now = standing(&to, 1).await.consent(&other, NOW);
    assert!(matches!(now, Consent::Withdrawn(_)), "{now:?}");
}

#[tokio::test]
async fn a_consent_that_the_person_gave_anew_to_all_of_it_takes_the_place_of_a_withdrawal() {
    let part = about(Some("one"));
    let history = History {
        before: of(vec![imported(1, about(None), 1)]),
        since: of(vec![
            said(2, Act::ConsentWithdrawn, part.clone(), 2),
            said(3, Act::ConsentRefused, part.clone(), 3),
        ]),
        after: of(vec![said(4, Act::ConsentGiven, about(None), 4)]),
    };
    let (_file, from, to) = history.played().await;
    let carried = carried(&from, &to).await;
    assert_eq!((carried.known, carried.acts), (1, BTreeMap::new()));
    let now = standing(&to, 1).await.consent(&part, NOW);
    assert!(matches!(now, Consent::Given(_)), "{now:?}");
}

#[tokio::test]
async fn who_was_forgotten_since_the_restore_is_taken_over_with_everybody_after_them() {
    let asked = entry(subject(1), 1, Act::ConsentRequested);
    let history = History {
        before: of(vec![asked]),
        since: vec![objection(1, 2), objection(1, 3), objection(2, 4)],
        after: Vec::new(),
    };
    let (_file, from, to) = history.played().await;
    let mut forgotten = erasure(1, 5, &[]);
    forgotten.forgets = true;
    to.erase(forgotten).await.unwrap();
    let taken = carried(&from, &to).await;
    assert_eq!(taken.acts, BTreeMap::from([(Act::Objected, 3)]));
    for number in [1, 2] {
        assert_eq!(standing(&to, number).await.stays(NOW).len(), 1, "{number}");
    }
    let again = carried(&from, &to).await;
    assert_eq!((again.known, again.acts), (3, BTreeMap::new()));
}

#[tokio::test]
async fn what_is_unreadable_of_one_person_here_keeps_nobody_else_from_being_taken_over() {
    let history = History {
        before: vec![objection(1, 1)],
        since: vec![objection(1, 2), objection(2, 3)],
        after: Vec::new(),
    };
    let (file, from, to) = history.played().await;
    let raw = rusqlite::Connection::open(file.path()).unwrap();
    let damage = "UPDATE subject SET standing = x'00'";
    raw.execute(damage, ()).unwrap();
    let carried = carried(&from, &to).await;
    assert_eq!(carried.acts, BTreeMap::from([(Act::Objected, 1)]));
    assert_eq!(carried.damaged, 1);
    assert_eq!(standing(&to, 2).await.stays(NOW).len(), 1);
}
