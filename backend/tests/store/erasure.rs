//! Erasure: what was said is gone, what was restricted stays.

use backend::store::dues::KeptDue;
use backend::store::erasure::{Erase as _, NewErasure};
use backend::store::{Read as _, StoreError, Write as _};
use shared::entry::{Act, Stay, commitment};
use shared::scope::Scope;
use shared::standing::Standing;
use uuid::Uuid;

use crate::engine::Engine;
use crate::given::{NOW, act, entry, keys, objection, receipt, sealed, subject};

/// The erasure of that subject, which leaves these restrictions.
pub(crate) fn erasure(number: u64, id: u64, stays: &[Scope]) -> NewErasure {
    let mut erased = entry(subject(number), id, Act::Erased);
    let stay = |scope: &Scope| Stay {
        scope: scope.clone(),
        until: None,
    };
    erased.stays = stays.iter().map(stay).collect();
    NewErasure {
        subject: subject(number),
        entry: sealed(erased),
        forgets: false,
        decided_on: None,
    }
}

pub(crate) async fn erasure_deletes_what_was_said_and_keeps_what_was_restricted(
    engine: impl Engine,
) {
    let store = engine.open();
    let mut objected = objection(1, 10);
    objected.receipt = Some(receipt(1));
    store.append(objected).await.unwrap();
    store.append(objection(2, 20)).await.unwrap();
    store.append(objection(1, 11)).await.unwrap();
    let erasure = erasure(1, 12, &[Scope::ALL]);
    let entry = erasure.entry.entry.clone();
    assert_eq!(store.erase(erasure).await.unwrap(), 4);
    let history = store.history(subject(1)).await.unwrap();
    assert_eq!(history, [(4, entry.clone())]);
    let known = store.look_up(&[keys(1)]).await.unwrap().known;
    assert_eq!(*known[0].as_ref().unwrap().standing, Standing::of([&entry]));
    assert!(store.receipt(receipt(1).name).await.unwrap().is_none());
    let rows = store.ledger(0, 10).await.unwrap();
    let kept: Vec<_> = rows.iter().map(|row| row.payload.is_some()).collect();
    assert_eq!(
        kept,
        [false, true, false, true],
        "only theirs, and all of it"
    );
    for row in rows {
        if let Some((salt, canonical)) = row.payload {
            assert_eq!(commitment(&salt, &canonical), row.commitment);
        }
    }
}

pub(crate) async fn an_erasure_that_does_not_state_what_holds_is_a_conflict(engine: impl Engine) {
    let store = engine.open();
    store.append(objection(1, 10)).await.unwrap();
    let mut forgets = erasure(1, 11, &[Scope::ALL]);
    forgets.forgets = true;
    let mut late = erasure(1, 12, &[Scope::ALL]);
    late.entry.entry.act = Act::Objected;
    for refused in [erasure(1, 13, &[]), erasure(3, 14, &[]), forgets, late] {
        let refused = store.erase(refused).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    }
    assert_eq!(store.ledger(0, 10).await.unwrap().len(), 1);
    assert_eq!(store.history(subject(1)).await.unwrap().len(), 1);
}

pub(crate) async fn what_came_after_an_erasure_was_decided_keeps_it_from_being_done(
    engine: impl Engine,
) {
    let store = engine.open();
    let says = |id, kind| act(keys(1), vec![entry(subject(1), id, kind)]);
    let kinds = [Act::ConsentRefused, Act::SpamReported, Act::Bounced];
    let noticed = says(1, Act::NoticeProvided);
    let mut last = store.append(noticed).await.unwrap();
    for (id, kind) in (2..).zip(kinds) {
        let mut late = erasure(1, 10 + id, &[]);
        (late.forgets, late.decided_on) = (true, Some(last));
        last = store.append(says(id, kind)).await.unwrap();
        let refused = store.erase(late).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    }
    assert_eq!(store.history(subject(1)).await.unwrap().len(), 4);
    let mut informed = erasure(1, 20, &[]);
    informed.decided_on = Some(last);
    store.erase(informed).await.unwrap();
}

pub(crate) async fn a_restriction_made_meanwhile_is_never_lost_by_an_erasure(engine: impl Engine) {
    let store = std::sync::Arc::new(engine.open());
    let noticed = || act(keys(1), vec![entry(subject(1), 1, Act::NoticeProvided)]);
    store.append(noticed()).await.unwrap();
    let erasing = {
        let store = store.clone();
        tokio::spawn(async move { store.erase(erasure(1, 3, &[])).await.is_ok() })
    };
    store.append(objection(1, 2)).await.unwrap();
    erasing.await.unwrap();
    let known = store.look_up(&[keys(1)]).await.unwrap().known;
    let standing = &known[0].as_ref().unwrap().standing;
    assert_eq!(standing.stays(NOW).len(), 1);
}

pub(crate) async fn a_forgotten_address_is_unknown_and_its_place_in_the_ledger_stays(
    engine: impl Engine,
) {
    let store = engine.open();
    let noticed = act(keys(1), vec![entry(subject(1), 1, Act::NoticeProvided)]);
    store.append(noticed).await.unwrap();
    let mut forgetting = erasure(1, 2, &[]);
    forgetting.forgets = true;
    store.erase(forgetting).await.unwrap();
    assert_eq!(store.look_up(&[keys(1)]).await.unwrap().known, [None]);
    assert_eq!(store.ledger(0, 10).await.unwrap().len(), 2);
    // Whoever comes back is somebody new.
    store
        .append(act(keys(1), vec![entry(subject(9), 3, Act::Objected)]))
        .await
        .unwrap();
    let known = store.look_up(&[keys(1)]).await.unwrap().known;
    assert_eq!(known[0].as_ref().unwrap().subject, subject(9));
}

pub(crate) async fn after_an_erasure_standings_are_still_the_fold_of_what_is_left(
    engine: impl Engine,
) {
    let store = engine.open();
    for number in 1..=5 {
        store.append(objection(number, number)).await.unwrap();
        store
            .erase(erasure(number, 100 + number, &[Scope::ALL]))
            .await
            .unwrap();
        store.append(objection(number, 200 + number)).await.unwrap();
    }
    store.erase(erasure(1, 301, &[Scope::ALL])).await.unwrap();
    for kept in store.standings(Uuid::nil(), 10).await.unwrap() {
        let history = store.history(kept.subject).await.unwrap();
        let fold = Standing::of(history.iter().map(|(_, entry)| entry));
        assert_eq!((kept.due, &kept.standing), (KeptDue::of(&fold), &fold));
    }
}

pub(crate) async fn of_many_erasures_each_is_done_or_refused_alone(engine: impl Engine) {
    let store = engine.open();
    for number in 1..=3 {
        store.append(objection(number, number)).await.unwrap();
    }
    let erasures = vec![
        erasure(1, 11, &[Scope::ALL]),
        erasure(2, 12, &[]),
        erasure(9, 13, &[]),
        erasure(3, 14, &[Scope::ALL]),
    ];
    let done = store.erase_all(erasures).await.unwrap();
    let places: Vec<_> = done.iter().map(|one| one.as_ref().ok().copied()).collect();
    assert_eq!(places, [Some(4), None, None, Some(5)]);
    for (number, is_erased) in [(1, true), (2, false), (3, true)] {
        let history = store.history(subject(number)).await.unwrap();
        let erased = history.iter().all(|(_, entry)| entry.act == Act::Erased);
        assert_eq!((history.len(), erased), (1, is_erased), "{number}");
    }
}
