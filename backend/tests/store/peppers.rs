//! With which peppers the keys of a store were made.

use backend::store::peppers::{Misfit, Peppers as _};
use backend::store::{Keys, Read as _, Write as _};
use shared::entry::Act;

use crate::engine::Engine;
use crate::given::{act, entry, key, subject};

fn marks(generations: &[u32]) -> Vec<(u32, [u8; 32])> {
    let mark = |generation: &u32| (*generation, [u8::try_from(*generation).unwrap(); 32]);
    generations.iter().map(mark).collect()
}

fn keyed(generations: &[u32], address: u64) -> Keys {
    Keys(
        (generations.iter())
            .map(|generation| key(*generation, address))
            .collect(),
    )
}

pub(crate) async fn another_pepper_than_keys_were_made_with_fits_no_more(engine: impl Engine) {
    let store = engine.open();
    let other = [(1, [9; 32])];
    for marks in [&other[..], &marks(&[1])] {
        assert_eq!(store.misfit(marks, true).await.unwrap(), None, "no keys");
    }
    let noticed = entry(subject(1), 1, Act::NoticeProvided);
    store
        .append(act(keyed(&[1], 1), vec![noticed]))
        .await
        .unwrap();
    for keep in [false, true] {
        let found = store.misfit(&other, keep).await.unwrap();
        assert_eq!(found, Some(Misfit::Another(1)));
        assert_eq!(store.misfit(&marks(&[1]), keep).await.unwrap(), None);
    }
    let two = [marks(&[2]), other.to_vec()].concat();
    let found = store.misfit(&two, true).await.unwrap();
    assert_eq!(found, Some(Misfit::Another(1)));
}

pub(crate) async fn a_generation_is_needed_until_everybody_is_keyed_anew(engine: impl Engine) {
    let store = engine.open();
    // Written before marks were kept.
    for number in [1, 2] {
        let objected = entry(subject(number), number, Act::Objected);
        let objected = act(keyed(&[1], number), vec![objected]);
        store.append(objected).await.unwrap();
    }
    let both = marks(&[2, 1]);
    assert_eq!(store.misfit(&both, true).await.unwrap(), None);
    let again = entry(subject(1), 3, Act::Objected);
    let again = act(keyed(&[2, 1], 1), vec![again]);
    store.append(again).await.unwrap();
    let missing = Misfit::Missing {
        generations: vec![1],
        contacts: 1,
    };
    let alone = marks(&[2]);
    let found = store.misfit(&alone, true).await.unwrap();
    assert_eq!(found, Some(missing));
    assert_eq!(store.keyed_without(&[2]).await.unwrap(), 1);
    // The secrets from before the rotation.
    let found = store.misfit(&marks(&[1]), true).await.unwrap();
    assert_eq!(found, Some(Misfit::Outdated(2)));
    let seen = vec![keyed(&[2, 1], 2), keyed(&[2, 1], 7)];
    store.key_anew(seen).await.unwrap();
    for keep in [false, true, true] {
        assert_eq!(store.misfit(&alone, keep).await.unwrap(), None);
    }
    let asked = [keyed(&[2], 2), keyed(&[2], 7)];
    let known = store.look_up(&asked).await.unwrap().known;
    assert_eq!(known[0].as_ref().unwrap().subject, subject(2));
    assert!(known[1].is_none(), "nobody knows them");
    assert_eq!(store.misfit(&both, true).await.unwrap(), None, "put back");
}
