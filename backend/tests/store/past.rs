//! Looking back: what held when an earlier entry was the last one.

use backend::store::erasure::Erase as _;
use backend::store::{Keys, Past, Read as _, Write as _};
use shared::entry::{Act, Entry};
use shared::standing::Standing;

use crate::engine::Engine;
use crate::erasure::erasure;
use crate::given::{act, entry, key, keys, objection, subject};

pub(crate) async fn looking_back_gives_what_held_then_and_what_came_since(engine: impl Engine) {
    let store = engine.open();
    let acts = [
        Act::Objected,
        Act::NoticeProvided,
        Act::Bounced,
        Act::SpamReported,
        Act::ConsentRefused,
        Act::FactRecorded,
    ];
    for turn in 0..12_u64 {
        let number = turn % 3 + 1;
        let act_of = acts[usize::try_from(turn).unwrap() % acts.len()];
        let made = entry(subject(number), turn + 1, act_of);
        store.append(act(keys(number), vec![made])).await.unwrap();
    }
    let asked = [keys(2), keys(9), keys(1), keys(3)];
    for as_of in 0..=13 {
        let found = store.look_back(&asked, as_of).await.unwrap();
        for (number, past) in [2, 9, 1, 3].into_iter().zip(found) {
            let history = store.history(subject(number)).await.unwrap();
            if history.is_empty() {
                assert_eq!(past, None);
                continue;
            }
            let (before, after): (Vec<_>, Vec<_>) =
                history.into_iter().partition(|(seq, _)| *seq <= as_of);
            let entries = |part: Vec<(u64, Entry)>| -> Vec<Entry> {
                part.into_iter().map(|(_, entry)| entry).collect()
            };
            let expected = Past {
                standing: Standing::of(&entries(before)),
                since: entries(after),
            };
            assert_eq!(past, Some(expected), "{number} as of {as_of}");
        }
    }
    let now = store.look_up(&asked).await.unwrap();
    let last = store.look_back(&asked, now.as_of).await.unwrap();
    for (known, past) in now.known.iter().zip(last) {
        let standing = known.as_ref().map(|known| (*known.standing).clone());
        assert_eq!(past.map(|past| past.standing), standing);
    }
}

pub(crate) async fn who_was_erased_since_is_known_as_such(engine: impl Engine) {
    let store = engine.open();
    store.append(objection(1, 1)).await.unwrap();
    store.append(objection(2, 2)).await.unwrap();
    let everything = [shared::scope::Scope::ALL];
    let erased = store.erase(erasure(1, 3, &everything)).await.unwrap();
    let asked = [keys(1), keys(2)];
    let is_erased = async |as_of| -> Vec<bool> {
        let found = store.look_back(&asked, as_of).await.unwrap();
        found
            .into_iter()
            .map(|past| past.unwrap().is_erased())
            .collect()
    };
    assert_eq!(is_erased(erased - 1).await, [true, false]);
    assert_eq!(is_erased(erased).await, [false, false]);
}

pub(crate) async fn looking_back_finds_a_subject_under_every_generation(engine: impl Engine) {
    let store = engine.open();
    store.append(objection(1, 1)).await.unwrap();
    let newer = Keys(vec![key(2, 1), key(1, 1)]);
    let found = store.look_back(&[newer], 1).await.unwrap();
    assert_eq!(
        found[0]
            .as_ref()
            .unwrap()
            .standing
            .stays(crate::given::NOW)
            .len(),
        1
    );
}
