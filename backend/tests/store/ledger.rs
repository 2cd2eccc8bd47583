//! The ledger: in order, without a gap, kept.

use std::sync::Arc;

use backend::store::Read as _;
use backend::store::Write as _;
use shared::entry::{Act, Entry};
use uuid::Uuid;

use crate::engine::Engine;
use crate::given::{act, entry, keys, objection, subject};

pub(crate) async fn an_act_of_several_entries_lies_together(engine: impl Engine) {
    let store = Arc::new(engine.open());
    let mut tasks = tokio::task::JoinSet::new();
    for number in 1..=40 {
        let store = Arc::clone(&store);
        let ids = number * 10..number * 10 + 3;
        let entries = ids.map(|id| entry(subject(number), id, Act::Objected));
        let new = act(keys(number), entries.collect());
        tasks.spawn(async move { (number, store.append(new).await.unwrap()) });
    }
    for (number, first) in tasks.join_all().await {
        let history = store.history(subject(number)).await.unwrap();
        let places: Vec<u64> = history.into_iter().map(|(seq, _)| seq).collect();
        assert_eq!(places, [first, first + 1, first + 2]);
    }
}

pub(crate) async fn places_have_no_gap_under_many_writers(engine: impl Engine) {
    let store = Arc::new(engine.open());
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..8 {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            let mut places = Vec::new();
            for id in task * 50 + 1..=task * 50 + 50 {
                places.push((store.append(objection(id, id)).await.unwrap(), id));
            }
            places
        });
    }
    let mut places: Vec<(u64, u64)> = tasks.join_all().await.concat();
    places.sort_unstable();
    let rows = store.ledger(0, 1_000).await.unwrap();
    assert_eq!(rows.len(), 400);
    for ((row, (place, id)), expected) in rows.iter().zip(places).zip(1..) {
        assert_eq!((row.seq, place), (expected, expected));
        let entry = Entry::from_canonical(&row.payload.as_ref().unwrap().1).unwrap();
        assert_eq!(entry.id, Uuid::from_u128(u128::from(id)));
    }
}

pub(crate) async fn the_ledger_is_read_page_by_page(engine: impl Engine) {
    let store = engine.open();
    for id in 1..=25 {
        store.append(objection(id, id)).await.unwrap();
    }
    let mut seen = Vec::new();
    loop {
        let after = seen.last().copied().unwrap_or(0);
        let page = store.ledger(after, 10).await.unwrap();
        if page.is_empty() {
            break;
        }
        assert!(page.len() <= 10);
        seen.extend(page.into_iter().map(|row| row.seq));
    }
    assert_eq!(seen, (1..=25).collect::<Vec<u64>>());
    assert!(store.ledger(0, 0).await.unwrap().is_empty());
    assert!(store.ledger(u64::MAX, 10).await.unwrap().is_empty());
    assert_eq!(store.ledger(0, usize::MAX).await.unwrap().len(), 25);
}

pub(crate) async fn every_commitment_is_that_of_its_payload(engine: impl Engine) {
    let store = engine.open();
    for id in 1..=5 {
        store.append(objection(id, id)).await.unwrap();
    }
    for row in store.ledger(0, 10).await.unwrap() {
        let (salt, canonical) = row.payload.unwrap();
        assert_eq!(shared::entry::commitment(&salt, &canonical), row.commitment);
    }
}

pub(crate) async fn a_history_is_in_ledger_order(engine: impl Engine) {
    let store = engine.open();
    for id in 1..=30 {
        let number = id % 3;
        store.append(objection(number, 100 - id)).await.unwrap();
    }
    let history = store.history(subject(1)).await.unwrap();
    let places: Vec<u64> = history.iter().map(|&(seq, _)| seq).collect();
    assert_eq!(places, (0..10).map(|n| 3 * n + 1).collect::<Vec<_>>());
    assert_eq!(history[0].1, entry(subject(1), 99, Act::Objected));
}

pub(crate) async fn standings_are_read_page_by_page(engine: impl Engine) {
    let store = engine.open();
    let mut expected: Vec<Uuid> = (1..=25).map(subject).collect();
    expected.sort_unstable();
    for id in 1..=25 {
        store.append(objection(id, id)).await.unwrap();
    }
    let mut seen = Vec::new();
    loop {
        let after = seen.last().copied().unwrap_or(Uuid::nil());
        let page = store.standings(after, 10).await.unwrap();
        if page.is_empty() {
            break;
        }
        seen.extend(page.into_iter().map(|kept| kept.subject));
    }
    assert_eq!(seen, expected);
}

pub(crate) async fn a_restart_keeps_everything(engine: impl Engine) {
    let store = engine.open();
    for id in 1..=10 {
        store.append(objection(id, id)).await.unwrap();
    }
    let before = store.look_up(&[keys(3), keys(11)]).await.unwrap();
    drop(store);
    let store = engine.open();
    let after = store.look_up(&[keys(3), keys(11)]).await.unwrap();
    assert_eq!((after.as_of, after.known), (before.as_of, before.known));
    assert_eq!(store.append(objection(11, 11)).await.unwrap(), 11);
}

pub(crate) async fn two_openings_see_each_others_writes_at_once(engine: impl Engine) {
    let (one, two) = (engine.open(), engine.open());
    for id in 1..=20 {
        let (writes, reads) = if id % 2 == 0 {
            (&one, &two)
        } else {
            (&two, &one)
        };
        assert_eq!(writes.append(objection(1, id)).await.unwrap(), id);
        let found = reads.look_up(&[keys(1)]).await.unwrap();
        assert_eq!(found.as_of, id);
        let standing = &found.known[0].as_ref().unwrap().standing;
        assert!(standing.is_live(Uuid::from_u128(u128::from(id))));
    }
}

pub(crate) async fn no_answer_is_older_than_what_was_acknowledged(engine: impl Engine) {
    let (one, two) = (Arc::new(engine.open()), Arc::new(engine.open()));
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..8_u64 {
        let (one, two) = (Arc::clone(&one), Arc::clone(&two));
        tasks.spawn(async move {
            for turn in 1..=100 {
                let id = task * 1_000 + turn;
                // Asked before, so that an answer is there to be remembered.
                let before = two.look_up(&[keys(id)]).await.unwrap();
                assert!(before.known[0].is_none());
                let seq = one.append(objection(id, id)).await.unwrap();
                for store in [&two, &one] {
                    let found = store.look_up(&[keys(id)]).await.unwrap();
                    assert!(
                        found.as_of >= seq,
                        "asked after {seq}, answered as of {}",
                        found.as_of
                    );
                    assert!(found.known[0].is_some());
                }
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
}

pub(crate) async fn what_was_queued_before_closing_is_kept(engine: impl Engine) {
    let store = Arc::new(engine.open());
    let mut tasks = tokio::task::JoinSet::new();
    for id in 1..=100 {
        let store = Arc::clone(&store);
        tasks.spawn(async move { store.append(objection(id, id)).await.is_ok() });
    }
    drop(store);
    let kept = tasks
        .join_all()
        .await
        .into_iter()
        .filter(|&kept| kept)
        .count();
    assert_eq!(kept, 100);
    let again = engine.open();
    assert_eq!(again.ledger(0, 1_000).await.unwrap().len(), 100);
}
