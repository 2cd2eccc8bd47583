//! Rows that are over go; what is not over stays.

use backend::store::links::{LinkPurpose, Links as _, NewLink};
use backend::store::outbox::{Allowance, NewLetter, Rank};
use backend::store::tidying::{Over, Tidy as _};
use backend::store::{ReceiptName, Write as _};
use shared::digest::Digest;

use crate::engine::Engine;
use crate::given::{NOW, key, objection, receipt};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

pub(crate) async fn what_is_over_is_counted_then_deleted_and_nothing_else(engine: impl Engine) {
    let store = engine.open();
    let mut objected = objection(1, 1);
    let mut kept = receipt(1);
    kept.name = ReceiptName([0; 22]);
    kept.name.0[..6].copy_from_slice(&NOW.as_millis().to_be_bytes()[2..]);
    objected.receipt = Some(kept.clone());
    store.append(objected).await.unwrap();
    let link = NewLink {
        purpose: LinkPurpose::OwnPages,
        to: key(1, 1),
        about: Digest::of(b"about"),
        token: Digest::of(b"token"),
        code: Digest::of(b"code"),
        until: NOW.plus_millis(DAY_MS),
        sealed: vec![1],
    };
    let letter = NewLetter {
        due: NOW,
        not_after: NOW.plus_millis(DAY_MS),
        rank: Rank::Owed,
        allowance: Some(Allowance {
            to: key(1, 1),
            at: NOW,
            per_hour: 1,
            per_day: 1,
        }),
        sealed: vec![2],
    };
    store.ask_link(link, letter).await.unwrap();
    let early = kept.undo_until.plus_millis(-1);
    assert_eq!(store.tidy(early, true).await.unwrap(), Over::default());
    let late = NOW.plus_millis(2 * DAY_MS);
    let all = Over {
        links: 1,
        sessions: 0,
        letters: 1,
        events: 0,
        letter_counts: 1,
        undo_secrets: 1,
    };
    for delete in [false, false, true] {
        assert_eq!(store.tidy(late, delete).await.unwrap(), all);
    }
    assert_eq!(store.tidy(late, true).await.unwrap(), Over::default());
}
