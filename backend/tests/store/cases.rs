//! Cases: opened and worked in one unit with their entries.

use backend::store::cases::{CaseKind, CaseStep, Cases as _, Handle as _, NewCase};
use backend::store::outbox::{First, NewLetter, Outbox as _, Rank};
use backend::store::{NewAct, Read as _, StoreError, Write as _};
use shared::entry::Act;
use shared::purpose::PurposeKey;
use shared::standing::Standing;

use crate::engine::Engine;
use crate::given::{NOW, act, entry, keys, objection, sealed, subject};

fn letter() -> NewLetter {
    NewLetter {
        due: NOW,
        not_after: NOW.plus_millis(1_000),
        rank: Rank::Owed,
        allowance: None,
        sealed: vec![7],
    }
}

pub(crate) fn case(reference: &str) -> NewCase {
    NewCase {
        reference: reference.to_owned(),
        kind: CaseKind::Objection,
        notice: "n".to_owned(),
        purpose: Some(PurposeKey::parse("security").unwrap()),
        acknowledge_by: None,
        due: Some(NOW.plus_millis(100)),
        sealed: vec![1, 2, 3],
    }
}

pub(crate) fn opening(number: u64, id: u64) -> NewAct {
    let mut opening = act(
        keys(number),
        vec![entry(subject(number), id, Act::CaseOpened)],
    );
    opening.letter = Some(letter());
    opening
}

pub(crate) const DECIDED: CaseStep = CaseStep::Decide {
    accepted: false,
    grounds: None,
};

pub(crate) async fn a_case_is_kept_with_its_entry_and_its_letter(engine: impl Engine) {
    let store = engine.open();
    store
        .open_case(case("AAAA0001"), opening(1, 1))
        .await
        .unwrap();
    let kept = store.case("AAAA0001").await.unwrap().unwrap();
    assert_eq!((kept.subject, kept.received_at), (subject(1), NOW));
    assert_eq!(kept.opened, entry(subject(1), 1, Act::CaseOpened).id);
    assert_eq!(kept.sealed, Some(vec![1, 2, 3]));
    assert_eq!(store.cases_of(subject(1)).await.unwrap(), [kept]);
    assert!(store.cases_of(subject(2)).await.unwrap().is_empty());
    assert!(store.case("AAAA0002").await.unwrap().is_none());
    assert!(
        store
            .take_letter(NOW, NOW.plus_millis(9), Rank::Notice, First::Ending)
            .await
            .unwrap()
            .is_some()
    );
}

pub(crate) async fn a_taken_reference_or_another_subject_opens_nothing(engine: impl Engine) {
    let store = engine.open();
    store
        .open_case(case("AAAA0001"), opening(1, 1))
        .await
        .unwrap();
    let mut foreign = opening(2, 3);
    foreign.keys = keys(1);
    for (reference, act) in [("AAAA0001", opening(2, 2)), ("AAAA0002", foreign)] {
        let refused = store.open_case(case(reference), act).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    }
    assert_eq!(store.cases().await.unwrap().len(), 1);
    assert_eq!(store.ledger(0, 10).await.unwrap().len(), 1);
}

pub(crate) async fn steps_are_taken_once_and_only_while_the_case_is_open(engine: impl Engine) {
    let store = engine.open();
    store
        .open_case(case("AAAA0001"), opening(1, 1))
        .await
        .unwrap();
    store.append(objection(2, 2)).await.unwrap();
    let step = |id, act| vec![sealed(entry(subject(1), id, act))];
    let later = CaseStep::Extend(NOW.plus_millis(900));
    let steps = [
        (CaseStep::Acknowledge, Act::CaseAcknowledged),
        (later, Act::CaseExtended),
        (DECIDED, Act::CaseDecided),
    ];
    let foreign = vec![sealed(entry(subject(2), 9, Act::CaseDecided))];
    assert!(
        store
            .step_case("AAAA0001", DECIDED, foreign, None)
            .await
            .is_err()
    );
    for (place, (taken, act)) in steps.into_iter().enumerate() {
        let id = 10 + place as u64 * 2;
        let letter = Some(letter());
        store
            .step_case("AAAA0001", taken.clone(), step(id, act), letter)
            .await
            .unwrap();
        let again = store
            .step_case("AAAA0001", taken, step(id + 1, act), None)
            .await;
        assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
    }
    let kept = store.case("AAAA0001").await.unwrap().unwrap();
    assert_eq!(kept.acknowledged_at, Some(NOW));
    assert_eq!(
        (kept.extended_at, kept.due),
        (Some(NOW), Some(NOW.plus_millis(900)))
    );
    assert_eq!(kept.decided, Some((NOW, false)));
    assert_eq!(kept.sealed, None, "who asked and what they wrote is gone");
    let history = store.history(subject(1)).await.unwrap();
    assert_eq!(history.len(), 4);
    let known = store.look_up(&[keys(1)]).await.unwrap().known;
    let fold = Standing::of(history.iter().map(|(_, entry)| entry));
    assert_eq!(*known[0].as_ref().unwrap().standing, fold);
}

pub(crate) async fn old_cases_are_counted_and_then_deleted(engine: impl Engine) {
    let store = engine.open();
    for (reference, number) in [("AAAA0001", 1), ("AAAA0002", 2)] {
        store
            .open_case(case(reference), opening(number, number))
            .await
            .unwrap();
    }
    let decided = vec![sealed(entry(subject(1), 11, Act::CaseDecided))];
    store
        .step_case("AAAA0001", DECIDED, decided, None)
        .await
        .unwrap();
    let after = NOW.plus_millis(1);
    assert_eq!(store.old_cases(NOW, true).await.unwrap(), 0);
    for delete in [false, false, true] {
        assert_eq!(store.old_cases(after, delete).await.unwrap(), 1);
    }
    assert_eq!(store.old_cases(after, true).await.unwrap(), 0);
    let left = store.cases().await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].reference, "AAAA0002");
}
