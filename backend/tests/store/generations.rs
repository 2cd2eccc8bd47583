//! Generations of the pepper: an address is one person under all of them, and where it is two, what
//! restricts either restricts it.

use backend::store::links::Proven as _;
use backend::store::{Keys, Known, Read as _, StoreError, Write as _};
use shared::entry::{Act, Assurance};
use shared::standing::Standing;
use uuid::Uuid;

use crate::engine::Engine;
use crate::given::{NOW, act, entry, key, receipt, retraction, subject};

pub(crate) async fn every_key_of_an_act_leads_to_its_subject(engine: impl Engine) {
    let store = engine.open();
    let [one, two, three] = [1, 2, 3].map(|generation| key(generation, 1));
    let alone = |key| Keys(vec![key]);
    let noticed = entry(subject(1), 10, Act::NoticeProvided);
    let new = act(Keys(vec![two, one]), vec![noticed]);
    store.append(new).await.unwrap();
    // Whoever knows the older generation alone finds the same person.
    let objected = act(alone(one), vec![entry(subject(2), 11, Act::Objected)]);
    store.restrict(objected, None).await.unwrap();
    let rotated = entry(subject(1), 12, Act::NoticeProvided);
    let rotated = act(Keys(vec![three, two, one]), vec![rotated]);
    store.append(rotated).await.unwrap();
    let asked = [alone(one), alone(two), alone(three)];
    for known in store.look_up(&asked).await.unwrap().known {
        let known = known.unwrap();
        assert_eq!(known.subject, subject(1));
        assert_eq!(known.standing.stays(NOW).len(), 1);
    }
    assert_eq!(store.history(subject(1)).await.unwrap().len(), 3);
}

pub(crate) async fn what_restricts_one_of_two_subjects_restricts_their_address(
    engine: impl Engine,
) {
    let store = engine.open();
    let [older, newer] = [key(1, 1), key(2, 1)].map(|key| Keys(vec![key]));
    let both = Keys([newer.0.clone(), older.0.clone()].concat());
    let noticed = entry(subject(1), 1, Act::NoticeProvided);
    store.append(act(newer, vec![noticed])).await.unwrap();
    let mut objected = act(older, vec![entry(subject(2), 2, Act::Objected)]);
    objected.receipt = Some(receipt(1));
    store.append(objected).await.unwrap();
    let stays = async || {
        let found = store.look_up(std::slice::from_ref(&both)).await.unwrap();
        let [known] = found.known.try_into().unwrap();
        let known: Known = known.unwrap();
        assert_eq!(known.subject, subject(1));
        known.standing.stays(NOW).len()
    };
    assert_eq!(stays().await, 1);
    let past = store.look_back(std::slice::from_ref(&both), 2).await;
    let past = past.unwrap().remove(0).unwrap();
    assert_eq!(past.standing.stays(NOW).len(), 1);
    // What the person decides now is decided for both.
    let mut lifted = entry(subject(1), 3, Act::ObjectionLifted);
    lifted.evidence.assurance = Assurance::LinkVerified;
    lifted.refers_to = vec![Uuid::from_u128(2)];
    let lifted = act(both.clone(), vec![lifted]);
    let stale = store.append_decided(lifted.clone(), 1).await;
    assert!(matches!(stale, Err(StoreError::Conflict)), "{stale:?}");
    store.append_decided(lifted, 2).await.unwrap();
    assert_eq!(stays().await, 0);
    let again = entry(subject(9), 4, Act::Objected);
    let again = act(both.clone(), vec![again]);
    store.restrict(again, None).await.unwrap();
    assert_eq!(stays().await, 1);
    for kept in store.standings(Uuid::nil(), 10).await.unwrap() {
        let history = store.history(kept.subject).await.unwrap();
        assert_eq!(history.len(), 3);
        let fold = Standing::of(history.iter().map(|(_, entry)| entry));
        assert_eq!(kept.standing, fold);
    }
}

pub(crate) async fn what_was_recorded_of_two_subjects_is_undone_for_both(engine: impl Engine) {
    let store = engine.open();
    let [older, newer] = [key(1, 1), key(2, 1)].map(|key| Keys(vec![key]));
    let both = Keys([newer.0.clone(), older.0.clone()].concat());
    for (keys, number) in [(newer, 1), (older, 2)] {
        let noticed = entry(subject(number), number, Act::NoticeProvided);
        store.append(act(keys, vec![noticed])).await.unwrap();
    }
    // Before it and after it others say the same.
    for number in [5, 7] {
        let other = [11, 12].map(|id| entry(subject(number), id, Act::Objected));
        let other = act(Keys(vec![key(2, number)]), other.into());
        store.append(other).await.unwrap();
        if number == 7 {
            break;
        }
        let ids = [21, 22];
        let mut objected = act(
            both.clone(),
            ids.map(|id| entry(subject(1), id, Act::Objected)).into(),
        );
        objected.receipt = Some(receipt(1));
        store.restrict(objected, None).await.unwrap();
    }
    let kept = store.receipt(receipt(1).name).await.unwrap().unwrap();
    assert_eq!((kept.subject, kept.beside), (subject(1), vec![subject(2)]));
    let undoing = [(31, 21), (32, 22)].map(|(id, of)| retraction(subject(1), id, of));
    let undone = store.undo(receipt(1).name, subject(1), undoing.into());
    assert!(undone.await.unwrap());
    let found = store.look_up(&[both, Keys(vec![key(2, 5)])]).await.unwrap();
    let stays = |place: usize| {
        found.known[place]
            .as_ref()
            .unwrap()
            .standing
            .stays(NOW)
            .len()
    };
    assert_eq!((stays(0), stays(1)), (0, 1));
    for kept in store.standings(Uuid::nil(), 10).await.unwrap() {
        let history = store.history(kept.subject).await.unwrap();
        let fold = Standing::of(history.iter().map(|(_, entry)| entry));
        assert_eq!(kept.standing, fold);
        let theirs = history
            .iter()
            .all(|(_, entry)| entry.subject == kept.subject);
        assert!(theirs);
    }
}
