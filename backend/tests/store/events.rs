//! What sinks have to be told is kept with its entry, given to one teller at a time, and forgotten.

use backend::store::erasure::Erase as _;
use backend::store::events::{Background, Events as _, Failure, NewEvent, Whereof};
use backend::store::outbox::{First, NewLetter, Outbox as _, Rank};
use backend::store::waiting::Waiting as _;
use backend::store::{NewAct, StoreError, Write as _};
use shared::entry::{Act, Assurance};
use uuid::Uuid;

use crate::engine::Engine;
use crate::erasure::erasure;
use crate::given::{NOW, act, entry, keys, objection, subject};
use crate::links::letter;

const MINUTE_MS: i64 = 60_000;

/// An objection of which these sinks are told.
fn told_to(number: u64, id: u64, sinks: &[&str]) -> NewAct {
    told(objection(number, id), id, sinks)
}

/// The act, as these sinks are told of it.
fn told(mut act: NewAct, id: u64, sinks: &[&str]) -> NewAct {
    let event = |sink: &&str| NewEvent {
        sink: (*sink).to_owned(),
        kept_until: NOW.plus_millis(10 * MINUTE_MS),
        is_kept_back: false,
        sealed: vec![u8::try_from(id).unwrap()],
    };
    act.entries[0].events = sinks.iter().map(event).collect();
    act
}

pub(crate) async fn an_event_is_kept_with_its_entry_and_given_to_one_teller(engine: impl Engine) {
    let store = engine.open();
    store.append(told_to(1, 1, &["a", "b"])).await.unwrap();
    let later = NOW.plus_millis(MINUTE_MS);
    let taken = store.take_event("a", NOW, later).await.unwrap().unwrap();
    assert_eq!(taken.about, Whereof::Entry(1));
    assert_eq!((taken.attempts, &taken.sealed), (0, &vec![1]));
    assert_eq!(store.take_event("a", NOW, later).await.unwrap(), None);
    assert!(store.take_event("b", NOW, later).await.unwrap().is_some());
    // Whoever took it and died leaves it due again.
    let again = store.take_event("a", later, later).await.unwrap().unwrap();
    assert_eq!((again.no, again.attempts), (taken.no, 1));
    store.event_told(taken.no, later).await.unwrap();
    store.event_told(taken.no, later).await.unwrap();
    assert_eq!(store.next_event("a").await.unwrap(), None);
    let states = store.sinks().await.unwrap();
    assert_eq!((states[0].told, states[0].waiting), (1, 0));
    assert_eq!((states[1].told, states[1].waiting), (0, 1));
    assert_eq!(states[0].slowest_ms, Some(60_000));
}

pub(crate) async fn an_act_that_is_refused_tells_nobody(engine: impl Engine) {
    let store = engine.open();
    store.append(told_to(1, 1, &["a"])).await.unwrap();
    let mut other = told_to(1, 2, &["a"]);
    other.subject = subject(2);
    other.entries[0].entry.subject = subject(2);
    let refused = store.append(other).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    assert_eq!(store.sinks().await.unwrap()[0].waiting, 1);
}

pub(crate) async fn what_was_recorded_by_a_clock_that_was_ahead_is_due_at_once(
    engine: impl Engine,
) {
    let store = engine.open();
    let ahead = NOW.plus_millis(48 * 60 * MINUTE_MS);
    let mut objected = entry(subject(1), 1, Act::Objected);
    objected.recorded_at = ahead;
    let mut act = act(keys(1), vec![objected]);
    act.entries[0].events = told_to(1, 1, &["a"]).entries.remove(0).events;
    act.letter = Some(NewLetter {
        due: ahead,
        ..letter(1, 9)
    });
    store.append(act).await.unwrap();
    assert!(store.next_event("a").await.unwrap() <= Some(NOW));
    assert!(store.take_event("a", NOW, ahead).await.unwrap().is_some());
    assert!(store.next_letter().await.unwrap() <= Some(NOW));
    let taken = store
        .take_letter(NOW, ahead, Rank::Notice, First::Ending)
        .await
        .unwrap();
    assert!(taken.is_some());
}

pub(crate) async fn a_sink_that_failed_is_left_alone_or_told_nothing(engine: impl Engine) {
    let store = engine.open();
    store.append(told_to(1, 1, &["a"])).await.unwrap();
    store.append(told_to(2, 2, &["a"])).await.unwrap();
    let (soon, late) = (NOW.plus_millis(MINUTE_MS), NOW.plus_millis(60 * MINUTE_MS));
    let taken = store.take_event("a", NOW, soon).await.unwrap().unwrap();
    let failure = Failure {
        at: NOW,
        status: Some(429),
        trouble: None,
        due: soon,
        left_alone_until: Some(late),
    };
    store.event_failed("a", taken.no, failure).await.unwrap();
    assert_eq!(store.take_event("a", soon, late).await.unwrap(), None);
    assert_eq!(store.next_event("a").await.unwrap(), Some(late));
    assert!(store.take_event("a", late, late).await.unwrap().is_some());
    store.disable_sink("a", late).await.unwrap();
    assert_eq!(store.next_event("a").await.unwrap(), None);
    assert_eq!(store.take_event("a", late, late).await.unwrap(), None);
    assert_eq!(store.retry_sink("a", NOW).await.unwrap(), 2);
    assert!(store.take_event("a", NOW, late).await.unwrap().is_some());
    let state = &store.sinks().await.unwrap()[0];
    assert_eq!((state.status, state.disabled_at), (Some(429), None));
}

pub(crate) async fn what_was_told_is_found_by_its_entry_until_it_is_forgotten(engine: impl Engine) {
    let store = engine.open();
    let act = told_to(1, 1, &["a", "b"]);
    let entry = act.entries[0].entry.id;
    store.append(act).await.unwrap();
    let taken = store.take_event("a", NOW, NOW).await.unwrap().unwrap();
    store.event_told(taken.no, NOW).await.unwrap();
    let found = store.events_of(&[entry]).await.unwrap();
    let both = [("a".to_owned(), vec![1]), ("b".to_owned(), vec![1])];
    assert_eq!(found, both);
    let end = NOW.plus_millis(10 * MINUTE_MS);
    assert_eq!(store.forget_told(end.plus_millis(-1)).await.unwrap(), 0);
    assert_eq!(store.forget_told(end).await.unwrap(), 1);
    // What was not told yet stays, however late it is.
    assert_eq!(store.events_of(&[entry]).await.unwrap(), both[1..]);
    assert_eq!(store.keep_sinks(&["a".to_owned()]).await.unwrap(), 1);
}

pub(crate) async fn the_sinks_of_the_service_are_known_before_they_are_told_anything(
    engine: impl Engine,
) {
    let store = engine.open();
    assert!(store.kept_sinks().await.unwrap().is_empty());
    let both = ["a".to_owned(), "b".to_owned()];
    for names in [&both[..], &both, &both[1..]] {
        store.keep_sinks(names).await.unwrap();
        assert_eq!(store.kept_sinks().await.unwrap(), names);
    }
    let state = &store.sinks().await.unwrap()[0];
    assert_eq!(
        (state.name.as_str(), state.told, state.waiting),
        ("b", 0, 0)
    );
}

pub(crate) async fn what_an_entry_takes_back_is_known_by_its_place(engine: impl Engine) {
    let store = engine.open();
    let first = objection(1, 1);
    let named = first.entries[0].entry.id;
    store.append(first).await.unwrap();
    store.append(objection(2, 2)).await.unwrap();
    let mut retracted = entry(subject(1), 3, Act::Retracted);
    retracted.refers_to = vec![named];
    store.append(act(keys(1), vec![retracted])).await.unwrap();
    let known = store.background(3).await.unwrap();
    assert_eq!(known.takes_back, [1]);
    // A case is told to nobody, and what is decided in it takes nothing back.
    let opened = entry(subject(3), 4, Act::CaseOpened);
    let case = opened.id;
    store.append(act(keys(3), vec![opened])).await.unwrap();
    let mut accepted = entry(subject(3), 5, Act::Objected);
    accepted.refers_to = vec![case];
    store.append(act(keys(3), vec![accepted])).await.unwrap();
    for other in [1, 2, 5, 9] {
        let known = store.background(other).await.unwrap();
        assert_eq!(known, Background::default());
    }
}

pub(crate) async fn what_stops_is_told_before_facts_and_consents_also_where_it_failed(
    engine: impl Engine,
) {
    let store = engine.open();
    for (number, of) in [(1, Act::FactRecorded), (2, Act::ConsentGiven)] {
        let loose = act(keys(number), vec![entry(subject(number), number, of)]);
        store.append(told(loose, number, &["a"])).await.unwrap();
    }
    for number in [3, 4] {
        store.append(told_to(number, number, &["a"])).await.unwrap();
    }
    let (soon, late) = (NOW.plus_millis(MINUTE_MS), NOW.plus_millis(60 * MINUTE_MS));
    let next = async |at| store.take_event("a", at, late).await.unwrap().unwrap();
    let first = next(NOW).await;
    assert_eq!(first.about, Whereof::Entry(3));
    let failure = Failure {
        at: NOW,
        status: Some(500),
        trouble: None,
        due: soon,
        left_alone_until: None,
    };
    store.event_failed("a", first.no, failure).await.unwrap();
    assert_eq!(next(NOW).await.about, Whereof::Entry(4));
    assert_eq!(next(NOW).await.about, Whereof::Entry(1));
    assert!(store.next_event("a").await.unwrap() <= Some(NOW));
    // What failed is not behind all that was never tried.
    assert_eq!(next(soon).await.no, first.no);
    assert_eq!(next(soon).await.about, Whereof::Entry(2));
    assert_eq!(store.next_event("a").await.unwrap(), Some(late));
}

pub(crate) async fn what_a_sink_does_not_want_is_dropped_and_not_counted(engine: impl Engine) {
    let store = engine.open();
    let act = told_to(1, 1, &["a"]);
    let entry = act.entries[0].entry.id;
    store.append(act).await.unwrap();
    store.keep_sinks(&["a".to_owned()]).await.unwrap();
    let late = NOW.plus_millis(60 * MINUTE_MS);
    let taken = store.take_event("a", late, late).await.unwrap().unwrap();
    store.drop_event(taken.no).await.unwrap();
    assert!(store.events_of(&[entry]).await.unwrap().is_empty());
    let state = &store.sinks().await.unwrap()[0];
    assert_eq!((state.waiting, state.told), (0, 0));
    assert_eq!((state.told_at, state.slowest_ms), (None, None));
}

pub(crate) async fn what_stops_and_waits_of_who_is_erased_waits_with_the_erasure_and_all_else_goes(
    engine: impl Engine,
) {
    let store = engine.open();
    store.append(told_to(1, 1, &["a"])).await.unwrap();
    let taken = store.take_event("a", NOW, NOW).await.unwrap().unwrap();
    store.event_told(taken.no, NOW).await.unwrap();
    store.append(told_to(1, 2, &["a"])).await.unwrap();
    store.append(told_to(2, 3, &["a"])).await.unwrap();
    let consent = entry(subject(1), 4, Act::ConsentGiven);
    let consent = told(act(keys(1), vec![consent]), 4, &["a"]);
    store.append(consent).await.unwrap();
    let mut lifted = entry(subject(1), 6, Act::ObjectionLifted);
    lifted.evidence.assurance = Assurance::LinkVerified;
    lifted.refers_to = [1, 2].map(Uuid::from_u128).to_vec();
    let lifted = told(act(keys(1), vec![lifted]), 6, &["a"]);
    store.append(lifted).await.unwrap();
    assert_eq!(store.sinks().await.unwrap()[0].waiting, 4);
    let erasure = erasure(1, 5, &[]);
    let id = erasure.entry.entry.id;
    store.erase(erasure).await.unwrap();
    let theirs = store.events_of(&[id]).await.unwrap();
    assert_eq!(theirs, [("a".to_owned(), vec![2])]);
    assert_eq!(
        store.sinks().await.unwrap()[0].waiting,
        2,
        "with that of another"
    );
}
