//! Acts: appended whole or not at all, found by address, undone once.

use std::sync::Arc;

use backend::store::dues::KeptDue;
use backend::store::{Keys, Read as _, StoreError, Write};
use proptest::prelude::*;
use shared::entry::{Act, Assurance, Entry};
use shared::purpose::PurposeKey;
use shared::scope::Scope;
use shared::standing::Standing;
use uuid::Uuid;

use crate::engine::Engine;
use crate::given::{act, entry, key, keys, objection, receipt, retraction, subject};

pub(crate) async fn an_empty_store_knows_nobody(engine: impl Engine) {
    let store = engine.open();
    let found = store.look_up(&[keys(1), keys(2)]).await.unwrap();
    assert_eq!(found.as_of, 0);
    assert_eq!(found.rules, None);
    assert_eq!(found.known, [None, None]);
    assert!(store.ledger(0, 10).await.unwrap().is_empty());
    assert!(store.history(subject(1)).await.unwrap().is_empty());
    assert!(store.standings(Uuid::nil(), 10).await.unwrap().is_empty());
    assert!(store.receipt(receipt(1).name).await.unwrap().is_none());
    store.ping().await.unwrap();
}

pub(crate) async fn what_was_appended_is_found_with_its_standing(engine: impl Engine) {
    let store = engine.open();
    let objection = objection(1, 10);
    let expected = Standing::of([&objection.entries[0].entry]);
    assert_eq!(store.append(objection).await.unwrap(), 1);
    let found = store.look_up(&[keys(1)]).await.unwrap();
    assert_eq!(found.as_of, 1);
    let known = found.known[0].as_ref().unwrap();
    assert_eq!(known.subject, subject(1));
    assert_eq!(*known.standing, expected);
}

pub(crate) async fn answers_come_in_the_order_asked(engine: impl Engine) {
    let store = engine.open();
    for number in 1..=100 {
        store.append(objection(number, number)).await.unwrap();
    }
    let asked: Vec<u64> = (0..=150).rev().collect();
    let addresses: Vec<Keys> = asked.iter().map(|&number| keys(number)).collect();
    let found = store.look_up(&addresses).await.unwrap();
    for (number, known) in asked.into_iter().zip(found.known) {
        let expected = (1..=100).contains(&number).then(|| subject(number));
        assert_eq!(known.map(|known| known.subject), expected, "{number}");
    }
}

pub(crate) async fn an_address_of_another_subject_is_a_conflict_and_writes_nothing(
    engine: impl Engine,
) {
    let store = engine.open();
    store.append(objection(1, 10)).await.unwrap();
    let mut foreign = act(keys(1), vec![entry(subject(2), 11, Act::Objected)]);
    foreign.receipt = Some(receipt(1));
    let refused = store.append(foreign).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    assert_eq!(store.ledger(0, 10).await.unwrap().len(), 1);
    assert!(store.history(subject(2)).await.unwrap().is_empty());
    assert!(store.receipt(receipt(1).name).await.unwrap().is_none());
    assert_eq!(store.standings(Uuid::nil(), 10).await.unwrap().len(), 1);
}

pub(crate) async fn a_subject_known_under_another_address_is_a_conflict(engine: impl Engine) {
    let store = engine.open();
    store.append(objection(1, 10)).await.unwrap();
    let refused = store
        .append(act(keys(2), vec![entry(subject(1), 11, Act::Objected)]))
        .await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    let found = store.look_up(&[keys(2)]).await.unwrap();
    assert_eq!((found.as_of, &found.known[0]), (1, &None));
}

pub(crate) async fn a_conflict_does_not_disturb_its_neighbours(engine: impl Engine) {
    let store = Arc::new(engine.open());
    store.append(objection(1, 1)).await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for id in 2..=200 {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            if id % 2 == 0 {
                store.append(objection(id, id)).await.is_ok()
            } else {
                let foreign = act(keys(1), vec![entry(subject(id), id, Act::Objected)]);
                matches!(store.append(foreign).await, Err(StoreError::Conflict))
            }
        });
    }
    assert!(
        tasks
            .join_all()
            .await
            .into_iter()
            .all(|as_expected| as_expected)
    );
    let rows = store.ledger(0, 1_000).await.unwrap();
    assert_eq!(rows.last().unwrap().seq, 101);
    assert_eq!(rows.len(), 101);
}

pub(crate) async fn an_act_without_entries_or_with_foreign_ones_is_refused(engine: impl Engine) {
    let store = engine.open();
    let mut empty = objection(1, 10);
    empty.entries.clear();
    assert!(store.append(empty).await.is_err());
    let mut mixed = objection(1, 10);
    mixed.entries.extend(objection(2, 11).entries);
    assert!(store.append(mixed).await.is_err());
    let mut unaddressed = objection(1, 10);
    unaddressed.keys.0.clear();
    assert!(store.append(unaddressed).await.is_err());
    assert!(store.ledger(0, 10).await.unwrap().is_empty());
    assert!(store.standings(Uuid::nil(), 10).await.unwrap().is_empty());
}

pub(crate) async fn a_repeated_objection_is_appended_again(engine: impl Engine) {
    let store = engine.open();
    for id in 1..=20 {
        assert_eq!(store.append(objection(1, id)).await.unwrap(), id);
    }
    assert_eq!(store.history(subject(1)).await.unwrap().len(), 20);
}

pub(crate) async fn an_older_generation_finds_the_subject_and_gets_the_current_key(
    engine: impl Engine,
) {
    let store = engine.open();
    store.append(objection(1, 10)).await.unwrap();
    let both = Keys(vec![key(2, 1), key(1, 1)]);
    let found = store.look_up(std::slice::from_ref(&both)).await.unwrap();
    assert_eq!(found.known[0].as_ref().unwrap().subject, subject(1));
    let current = Keys(vec![key(2, 1)]);
    let before = store.look_up(std::slice::from_ref(&current)).await.unwrap();
    assert_eq!(before.known, [None]);
    let again = act(both, vec![entry(subject(1), 11, Act::Objected)]);
    store.append(again).await.unwrap();
    let after = store.look_up(&[current, keys(1)]).await.unwrap();
    for known in after.known {
        assert_eq!(known.unwrap().subject, subject(1));
    }
}

pub(crate) async fn an_act_is_undone_once(engine: impl Engine) {
    let store = engine.open();
    let mut objection = objection(1, 10);
    objection.receipt = Some(receipt(1));
    store.append(objection).await.unwrap();
    let name = receipt(1).name;
    let back = |id| vec![retraction(subject(1), id, 10)];
    assert!(store.undo(name, subject(1), back(11)).await.unwrap());
    assert!(!store.undo(name, subject(1), back(12)).await.unwrap());
    assert!(store.receipt(name).await.unwrap().unwrap().undone);
    assert_eq!(store.history(subject(1)).await.unwrap().len(), 2);
    let found = store.look_up(&[keys(1)]).await.unwrap();
    assert_eq!(
        *found.known[0].as_ref().unwrap().standing,
        Standing::default()
    );
}

pub(crate) async fn fifty_undos_at_once_undo_once(engine: impl Engine) {
    let store = Arc::new(engine.open());
    let mut objection = objection(1, 10);
    objection.receipt = Some(receipt(1));
    store.append(objection).await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for id in 11..61 {
        let store = Arc::clone(&store);
        let entries = vec![retraction(subject(1), id, 10)];
        tasks.spawn(async move {
            store
                .undo(receipt(1).name, subject(1), entries)
                .await
                .unwrap()
        });
    }
    let done = tasks.join_all().await;
    assert_eq!(done.into_iter().filter(|&done| done).count(), 1);
    assert_eq!(store.ledger(0, 100).await.unwrap().len(), 2);
}

pub(crate) async fn an_undo_by_another_subject_or_of_an_unknown_receipt_is_a_conflict(
    engine: impl Engine,
) {
    let store = engine.open();
    let mut first = objection(1, 10);
    first.receipt = Some(receipt(1));
    store.append(first).await.unwrap();
    store.append(objection(2, 11)).await.unwrap();
    let foreign = vec![retraction(subject(2), 12, 10)];
    let by_another = store.undo(receipt(1).name, subject(2), foreign).await;
    assert!(matches!(by_another, Err(StoreError::Conflict)));
    let own = vec![retraction(subject(1), 12, 10)];
    let unknown = store.undo(receipt(2).name, subject(1), own).await;
    assert!(matches!(unknown, Err(StoreError::Conflict)));
    assert!(
        !store
            .receipt(receipt(1).name)
            .await
            .unwrap()
            .unwrap()
            .undone
    );
    assert_eq!(store.ledger(0, 10).await.unwrap().len(), 2);
}

pub(crate) async fn a_kept_receipt_returns_its_entries(engine: impl Engine) {
    let store = engine.open();
    store.append(objection(2, 9)).await.unwrap();
    let entries = vec![
        entry(subject(1), 10, Act::NoticeProvided),
        entry(subject(1), 11, Act::Objected),
    ];
    let mut new = act(keys(1), entries.clone());
    new.receipt = Some(receipt(7));
    assert_eq!(store.append(new).await.unwrap(), 2);
    store.append(objection(1, 12)).await.unwrap();
    let kept = store.receipt(receipt(7).name).await.unwrap().unwrap();
    assert_eq!(kept.subject, subject(1));
    assert_eq!(kept.entries, entries);
    assert_eq!(kept.undo, receipt(7).undo);
    assert_eq!(kept.undo_until, receipt(7).undo_until);
    assert!(!kept.undone);
}

pub(crate) async fn a_receipt_name_used_twice_is_a_conflict_and_writes_nothing(
    engine: impl Engine,
) {
    let store = Arc::new(engine.open());
    let mut first = objection(1, 1);
    first.receipt = Some(receipt(1));
    store.append(first).await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for id in 2..=50 {
        let store = Arc::clone(&store);
        let mut new = objection(id, id);
        new.receipt = (id % 7 == 0).then(|| receipt(1));
        tasks.spawn(async move { (id % 7 == 0) == store.append(new).await.is_err() });
    }
    assert!(
        tasks
            .join_all()
            .await
            .into_iter()
            .all(|as_expected| as_expected)
    );
    let found = store.look_up(&[keys(7), keys(8)]).await.unwrap();
    assert_eq!(found.as_of, 43);
    assert_eq!(found.known[0], None);
    assert!(found.known[1].is_some());
}

/// Acts of a few subjects in any order: who, what, whether verified, about which of two purposes,
/// referring to which earlier entry.
fn any_acts() -> impl Strategy<Value = Vec<(u64, Act, bool, Option<bool>, u64)>> {
    let kinds = prop::sample::select(vec![
        Act::Objected,
        Act::Objected,
        Act::ObjectionLifted,
        Act::Retracted,
        Act::ConsentGiven,
        Act::ConsentRefused,
        Act::ConsentWithdrawn,
        Act::NoticeProvided,
        Act::Bounced,
        Act::SpamReported,
        Act::Erased,
    ]);
    let one = (
        1..5u64,
        kinds,
        any::<bool>(),
        any::<Option<bool>>(),
        1..40u64,
    );
    prop::collection::vec(one, 1..40)
}

pub(crate) async fn standings_equal_the_fold_of_the_histories<E: Engine>(_: E) {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(12));
    let check = |acts: Vec<(u64, Act, bool, Option<bool>, u64)>| {
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current()
                .block_on(appended_and_folded(&E::fresh().open(), acts));
        });
        Ok(())
    };
    runner.run(&any_acts(), check).unwrap();
}

async fn appended_and_folded(store: &impl Write, acts: Vec<(u64, Act, bool, Option<bool>, u64)>) {
    for (id, (who, kind, is_verified, purpose, refers_to)) in (1..).zip(acts) {
        let mut new: Entry = entry(subject(who), id, kind);
        if is_verified {
            new.evidence.assurance = Assurance::LinkVerified;
        }
        new.scope = Scope {
            purpose: purpose.map(|one| PurposeKey::parse(if one { "one" } else { "two" }).unwrap()),
            ..Scope::ALL
        };
        new.refers_to = vec![Uuid::from_u128(u128::from(refers_to))];
        store.append(act(keys(who), vec![new])).await.unwrap();
    }
    for kept in store.standings(Uuid::nil(), 100).await.unwrap() {
        let history = store.history(kept.subject).await.unwrap();
        let fold = Standing::of(history.iter().map(|(_, entry)| entry));
        assert_eq!((kept.due, &kept.standing), (KeptDue::of(&fold), &fold));
    }
}

pub(crate) async fn acts_of_many_addresses_are_appended_together(engine: impl Engine) {
    let store = engine.open();
    store.append(objection(1, 1)).await.unwrap();
    let acts = (1..=500)
        .map(|number| objection(number, 1_000 + number))
        .collect();
    assert_eq!(store.append_all(acts).await.unwrap(), 2);
    let asked: Vec<Keys> = (1..=500).map(keys).collect();
    let found = store.look_up(&asked).await.unwrap();
    assert_eq!(found.as_of, 501);
    assert!(found.known.iter().all(Option::is_some));
    let subjects = [subject(2), subject(1), subject(900)];
    let histories = store.histories(&subjects).await.unwrap();
    let lengths: Vec<_> = histories.iter().map(Vec::len).collect();
    assert_eq!(lengths, [1, 2, 0]);
    assert_eq!(histories[1], store.history(subject(1)).await.unwrap());
}

pub(crate) async fn of_many_acts_one_conflict_leaves_none(engine: impl Engine) {
    let store = Arc::new(engine.open());
    store.append(objection(7, 1)).await.unwrap();
    let mut acts: Vec<_> = (10..=20)
        .map(|number| objection(number, 100 + number))
        .collect();
    acts.push(act(keys(7), vec![entry(subject(8), 200, Act::Objected)]));
    acts.extend((30..=40).map(|number| objection(number, 100 + number)));
    let (refused, beside) = tokio::join!(store.append_all(acts), store.append(objection(50, 50)));
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    beside.unwrap();
    let found = store
        .look_up(&[keys(10), keys(30), keys(50)])
        .await
        .unwrap();
    assert_eq!(
        (found.as_of, &found.known[0], &found.known[1]),
        (2, &None, &None)
    );
    assert!(found.known[2].is_some());
    assert_eq!(store.ledger(0, 10).await.unwrap().len(), 2);
    store.append(objection(10, 60)).await.unwrap();
}
