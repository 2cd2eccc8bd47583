//! Links and sessions: kept with their letter, used once, wrong codes counted, gone when over.

use backend::store::links::{LinkPurpose, Links, NewLink, NewSession, Proof, Proven as _, TRIES};
use backend::store::outbox::{Allowance, First, NewLetter, Outbox as _, Rank};
use backend::store::waiting::{LettersWaiting, Waiting as _};
use backend::store::{Read as _, StoreError, Write};
use shared::digest::Digest;
use shared::entry::Act;

use crate::engine::Engine;
use crate::given::{NOW, act, entry, key, keys, objection, subject};

const LIFE: i64 = 600_000;

fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

/// A link to the address of that number; its token and code are named after `name`.
pub(crate) fn link(address: u64, name: &str, purpose: LinkPurpose) -> NewLink {
    NewLink {
        purpose,
        to: key(1, address),
        about: digest("about"),
        token: digest(&format!("token {name}")),
        code: digest(&format!("code {name}")),
        until: NOW.plus_millis(LIFE),
        sealed: name.as_bytes().to_vec(),
    }
}

pub(crate) fn letter(address: u64, per_hour: u32) -> NewLetter {
    NewLetter {
        due: NOW,
        not_after: NOW.plus_millis(LIFE),
        rank: Rank::Owed,
        allowance: Some(Allowance {
            to: key(1, address),
            at: NOW,
            per_hour,
            per_day: 10,
        }),
        sealed: b"letter".to_vec(),
    }
}

fn token(name: &str) -> Proof {
    Proof::Token(digest(&format!("token {name}")))
}

pub(crate) fn code(address: u64, name: &str) -> Proof {
    Proof::Code(vec![(key(1, address), digest(&format!("code {name}")))])
}

pub(crate) fn session(name: &str) -> NewSession {
    NewSession {
        name: digest(name),
        until: NOW.plus_millis(6 * LIFE),
    }
}

async fn ask(store: &impl Write, address: u64, name: &str) {
    let link = link(address, name, LinkPurpose::OwnPages);
    store.ask_link(link, letter(address, 9)).await.unwrap();
}

async fn opens(store: &impl Write, proof: Proof) -> bool {
    let session = session(&format!("{proof:?}"));
    let opened = store.open_session(proof, NOW, session).await.unwrap();
    opened.is_some()
}

pub(crate) async fn a_letter_waits_since_it_was_first_due(engine: impl Engine) {
    let store = engine.open();
    assert_eq!(
        store.letters_waiting().await.unwrap(),
        LettersWaiting::default()
    );
    ask(&store, 1, "a").await;
    let later = NOW.plus_millis(LIFE / 2);
    let taken = store
        .take_letter(NOW, later, Rank::Notice, First::Ending)
        .await
        .unwrap()
        .unwrap();
    store.put_letter_back(taken.no, later, None).await.unwrap();
    ask(&store, 2, "b").await;
    let waiting = store.letters_waiting().await.unwrap();
    assert_eq!((waiting.waiting, waiting.oldest), (2, Some(NOW)));
    store.drop_letter(taken.no).await.unwrap();
    assert_eq!(store.letters_waiting().await.unwrap().waiting, 1);
}

pub(crate) async fn a_link_comes_with_its_letter_and_opens_one_session(engine: impl Engine) {
    let store = engine.open();
    ask(&store, 1, "a").await;
    assert!(
        store
            .take_letter(NOW, NOW, Rank::Notice, First::Ending)
            .await
            .unwrap()
            .is_some()
    );
    let opened = store.open_session(token("a"), NOW, session("s")).await;
    assert_eq!(opened.unwrap().unwrap(), b"a");
    let kept = store.session(digest("s")).await.unwrap().unwrap();
    assert_eq!(kept.sealed, b"a");
    assert_eq!(kept.until, session("s").until);
    assert!(!opens(&store, token("a")).await);
    assert!(!opens(&store, code(1, "a")).await);
    store.end_session(digest("s")).await.unwrap();
    store.end_session(digest("s")).await.unwrap();
    assert!(store.session(digest("s")).await.unwrap().is_none());
}

pub(crate) async fn of_fifty_who_use_a_link_at_once_one_succeeds(engine: impl Engine) {
    let store = engine.open();
    ask(&store, 1, "a").await;
    let store = std::sync::Arc::new(store);
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..50 {
        let store = store.clone();
        tasks.spawn(async move {
            let proof = match number % 2 {
                0 => token("a"),
                _ => code(1, "a"),
            };
            let session = session(&number.to_string());
            store.open_session(proof, NOW, session).await.unwrap()
        });
    }
    let opened = tasks.join_all().await.into_iter();
    assert_eq!(opened.flatten().count(), 1);
}

pub(crate) async fn a_newer_link_voids_the_older_of_its_address_purpose_and_matter(
    engine: impl Engine,
) {
    let store = engine.open();
    for name in ["a", "b"] {
        ask(&store, 1, name).await;
    }
    ask(&store, 2, "other address").await;
    let consent = link(1, "other purpose", LinkPurpose::Consent);
    store.ask_link(consent, letter(1, 9)).await.unwrap();
    let mut matter = link(1, "other matter", LinkPurpose::OwnPages);
    matter.about = digest("something else");
    store.ask_link(matter, letter(1, 9)).await.unwrap();
    assert!(!opens(&store, token("a")).await);
    assert!(opens(&store, token("b")).await);
    let found = |proof, purpose| store.look_at_link(proof, purpose, NOW);
    for (name, purpose) in [
        ("other address", LinkPurpose::OwnPages),
        ("other purpose", LinkPurpose::Consent),
        ("other matter", LinkPurpose::OwnPages),
    ] {
        let looked = found(token(name), purpose).await.unwrap();
        assert_eq!(looked.unwrap(), name.as_bytes());
    }
}

pub(crate) async fn a_letter_too_many_leaves_the_older_link_and_makes_no_new_one(
    engine: impl Engine,
) {
    let store = engine.open();
    for (name, allowed) in [("a", 1), ("b", 1)] {
        let link = link(1, name, LinkPurpose::OwnPages);
        store.ask_link(link, letter(1, allowed)).await.unwrap();
    }
    assert!(!opens(&store, token("b")).await);
    assert!(opens(&store, token("a")).await);
}

pub(crate) async fn a_link_serves_its_own_purpose_and_time(engine: impl Engine) {
    let store = engine.open();
    ask(&store, 1, "a").await;
    let consent = link(2, "c", LinkPurpose::Consent);
    store.ask_link(consent, letter(2, 9)).await.unwrap();
    for (name, foreign) in [("a", LinkPurpose::Consent), ("c", LinkPurpose::OwnPages)] {
        let looked = store.look_at_link(token(name), foreign, NOW).await;
        assert!(looked.unwrap().is_none(), "{name}");
    }
    assert!(!opens(&store, token("c")).await);
    let given = act(keys(2), vec![entry(subject(2), 1, Act::ConsentGiven)]);
    let confirmed = store.confirm(token("a"), NOW, given, 0).await.unwrap();
    assert_eq!(confirmed, None);
    assert!(store.ledger(0, 10).await.unwrap().is_empty());
    let over = NOW.plus_millis(LIFE);
    let late = store.open_session(token("a"), over, session("s")).await;
    assert!(late.unwrap().is_none());
    assert!(opens(&store, token("a")).await);
}

pub(crate) async fn five_wrong_codes_close_the_code_and_leave_the_token(engine: impl Engine) {
    let store = engine.open();
    ask(&store, 1, "a").await;
    ask(&store, 2, "b").await;
    for _ in 0..TRIES {
        assert!(!opens(&store, code(1, "wrong")).await);
    }
    assert!(!opens(&store, code(1, "a")).await);
    assert!(!opens(&store, code(2, "a")).await);
    assert!(opens(&store, code(2, "b")).await);
    assert!(opens(&store, token("a")).await);
}

pub(crate) async fn a_code_is_found_under_an_older_generation(engine: impl Engine) {
    let store = engine.open();
    ask(&store, 1, "a").await;
    let typed = digest("code a");
    let proof = Proof::Code(vec![
        (key(2, 1), digest("under the newer")),
        (key(1, 1), typed),
    ]);
    assert!(opens(&store, proof).await);
}

pub(crate) async fn mail_that_came_back_for_good_closes_what_waits_to_be_confirmed(
    engine: impl Engine,
) {
    let store = engine.open();
    for (address, name) in [(1, "a"), (2, "b")] {
        let consent = link(address, name, LinkPurpose::Consent);
        store.ask_link(consent, letter(address, 9)).await.unwrap();
    }
    let bounced = act(keys(1), vec![entry(subject(1), 1, Act::Bounced)]);
    store.append(bounced).await.unwrap();
    let waits = async |name| {
        let found = store.look_at_link(token(name), LinkPurpose::Consent, NOW);
        found.await.unwrap().is_some()
    };
    assert!(!waits("a").await);
    assert!(waits("b").await);
}

pub(crate) async fn looking_at_a_link_does_not_use_it(engine: impl Engine) {
    let store = engine.open();
    ask(&store, 1, "a").await;
    for _ in 0..20 {
        for proof in [token("a"), code(1, "a")] {
            let purpose = LinkPurpose::OwnPages;
            let looked = store.look_at_link(proof, purpose, NOW).await.unwrap();
            assert_eq!(looked.unwrap(), b"a");
        }
    }
    assert!(opens(&store, code(1, "a")).await);
}

pub(crate) async fn what_is_over_is_deleted(engine: impl Engine) {
    let store = engine.open();
    for number in 1..=3 {
        ask(&store, number, &number.to_string()).await;
    }
    let opened = store.open_session(token("3"), NOW, session("s")).await;
    assert!(opened.unwrap().is_some());
    let before = NOW.plus_millis(LIFE - 1);
    assert_eq!(store.drop_ended(before).await.unwrap(), 0);
    assert_eq!(store.drop_ended(NOW.plus_millis(LIFE)).await.unwrap(), 2);
    assert!(store.session(digest("s")).await.unwrap().is_some());
    assert_eq!(store.drop_ended(session("s").until).await.unwrap(), 1);
    assert!(store.session(digest("s")).await.unwrap().is_none());
}

pub(crate) async fn a_consent_is_asked_for_with_its_link_and_confirmed_once(engine: impl Engine) {
    let store = engine.open();
    let asked = act(keys(1), vec![entry(subject(1), 1, Act::ConsentRequested)]);
    let consent = link(1, "c", LinkPurpose::Consent);
    let kept = store.ask_consent(asked, consent, letter(1, 9)).await;
    kept.unwrap();
    assert!(
        store
            .take_letter(NOW, NOW, Rank::Notice, First::Ending)
            .await
            .unwrap()
            .is_some()
    );
    let given = |id| act(keys(1), vec![entry(subject(1), id, Act::ConsentGiven)]);
    let confirmed = store.confirm(token("c"), NOW, given(2), 1).await.unwrap();
    assert_eq!(confirmed, Some(2));
    let again = store.confirm(token("c"), NOW, given(3), 2).await.unwrap();
    assert_eq!(again, None);
    assert_eq!(store.history(subject(1)).await.unwrap().len(), 2);
}

pub(crate) async fn a_consent_is_asked_for_without_a_link_when_letters_are_too_many(
    engine: impl Engine,
) {
    let store = engine.open();
    let asked = act(keys(1), vec![entry(subject(1), 1, Act::ConsentRequested)]);
    let consent = link(1, "c", LinkPurpose::Consent);
    let kept = store.ask_consent(asked, consent, letter(1, 0)).await;
    kept.unwrap();
    assert_eq!(store.history(subject(1)).await.unwrap().len(), 1);
    let purpose = LinkPurpose::Consent;
    let looked = store.look_at_link(token("c"), purpose, NOW).await;
    assert!(looked.unwrap().is_none());
    assert!(
        store
            .take_letter(NOW, NOW, Rank::Notice, First::Ending)
            .await
            .unwrap()
            .is_none()
    );
}

pub(crate) async fn what_loosens_is_compared_with_what_was_seen(engine: impl Engine) {
    let store = engine.open();
    store.append(objection(1, 10)).await.unwrap();
    let seen = store.append(objection(2, 11)).await.unwrap();
    store.append(objection(1, 12)).await.unwrap();
    let lift = |id| act(keys(1), vec![entry(subject(1), id, Act::ObjectionLifted)]);
    let refused = store.append_decided(lift(13), seen).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    let consent = link(1, "c", LinkPurpose::Consent);
    store.ask_link(consent, letter(1, 9)).await.unwrap();
    let refused = store.confirm(token("c"), NOW, lift(14), seen).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    assert_eq!(store.ledger(0, 10).await.unwrap().len(), 3);
    let confirmed = store.confirm(token("c"), NOW, lift(15), 3).await.unwrap();
    assert_eq!(confirmed, Some(4), "a refusal leaves the link unused");
    let decided = store.append_decided(lift(16), 4).await.unwrap();
    assert_eq!(decided, 5);
}
