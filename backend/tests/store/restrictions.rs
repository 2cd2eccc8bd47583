//! Restrictions: appended without a look-up, whoever's address it is.

use std::sync::Arc;

use backend::store::{Read as _, Write as _};
use shared::entry::Act;
use shared::standing::Standing;
use uuid::Uuid;

use crate::engine::Engine;
use crate::given::{act, entry, keys, objection, receipt, subject};

pub(crate) async fn a_restriction_joins_the_subject_that_its_address_has(engine: impl Engine) {
    let store = engine.open();
    store.append(objection(1, 10)).await.unwrap();
    let mut repeated = act(keys(1), vec![entry(subject(2), 11, Act::Objected)]);
    repeated.receipt = Some(receipt(1));
    assert_eq!(store.restrict(repeated, None).await.unwrap(), 2);
    assert!(store.history(subject(2)).await.unwrap().is_empty());
    let history = store.history(subject(1)).await.unwrap();
    let entries: Vec<_> = history.iter().map(|(_, entry)| entry).collect();
    assert_eq!(entries.len(), 2);
    assert!(entries.iter().all(|entry| entry.subject == subject(1)));
    let known = store.look_up(&[keys(1)]).await.unwrap().known.remove(0);
    assert_eq!(
        *known.unwrap().standing,
        Standing::of(entries.iter().copied())
    );
    for row in store.ledger(0, 10).await.unwrap() {
        let (salt, canonical) = row.payload.unwrap();
        assert_eq!(shared::entry::commitment(&salt, &canonical), row.commitment);
    }
    let kept = store.receipt(receipt(1).name).await.unwrap().unwrap();
    assert_eq!((kept.subject, kept.entries.len()), (subject(1), 1));
    assert_eq!(store.restrict(objection(3, 12), None).await.unwrap(), 3);
    assert_eq!(store.history(subject(3)).await.unwrap().len(), 1);
}

pub(crate) async fn restrictions_of_one_new_address_at_once_are_one_subjects(engine: impl Engine) {
    let (here, there) = (Arc::new(engine.open()), Arc::new(engine.open()));
    let mut tasks = tokio::task::JoinSet::new();
    for id in 1..=100 {
        let (here, there) = (Arc::clone(&here), Arc::clone(&there));
        tasks.spawn(async move {
            let proposed = act(keys(1), vec![entry(subject(id), id, Act::Objected)]);
            match id % 2 {
                0 => here.restrict(proposed, None).await.unwrap(),
                _ => there.restrict(proposed, None).await.unwrap(),
            }
        });
    }
    tasks.join_all().await;
    let known = here.look_up(&[keys(1)]).await.unwrap().known.remove(0);
    let history = here.history(known.unwrap().subject).await.unwrap();
    assert_eq!(history.len(), 100);
    assert_eq!(here.standings(Uuid::nil(), 10).await.unwrap().len(), 1);
}
