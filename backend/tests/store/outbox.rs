//! In which order letters leave.

use backend::store::Write as _;
use backend::store::outbox::{First, NewLetter, Outbox as _, Rank};
use shared::entry::Act;

use crate::engine::Engine;
use crate::given::{NOW, act, entry, keys, subject};

pub(crate) async fn letters_come_by_rank_and_then_by_their_end_or_in_their_order(
    engine: impl Engine,
) {
    let store = engine.open();
    let (owed, notice) = (Rank::Owed, Rank::Notice);
    for (number, rank, ends) in [
        (1_u8, notice, 2),
        (2, owed, 4),
        (3, owed, 3),
        (4, notice, 5),
        (5, owed, 4),
        (6, owed, 1),
        (7, owed, 4),
    ] {
        let (whose, id) = (subject(number.into()), number.into());
        let mut new = act(keys(id), vec![entry(whose, id, Act::Objected)]);
        new.letter = Some(NewLetter {
            due: NOW,
            not_after: NOW.plus_millis(ends * 1_000),
            rank,
            allowance: None,
            sealed: vec![number],
        });
        store.append(new).await.unwrap();
    }
    let (at, later) = (NOW.plus_millis(1_000), NOW.plus_millis(9_000));
    let (ending, waiting) = (First::Ending, First::Waiting);
    for (lowest, first, expected) in [
        (notice, waiting, Some(2)),
        (owed, ending, Some(3)),
        (notice, ending, Some(5)),
        (owed, waiting, Some(7)),
        (owed, ending, None),
        (owed, waiting, None),
        (notice, ending, Some(1)),
        (notice, waiting, Some(4)),
        (notice, waiting, None),
    ] {
        let taken = store.take_letter(at, later, lowest, first).await.unwrap();
        let number = taken.as_ref().map(|letter| letter.sealed[0]);
        assert_eq!(number, expected, "the sixth is over");
        let rank = number.map(|number| match number {
            1 | 4 => notice,
            _ => owed,
        });
        assert_eq!(taken.map(|letter| letter.rank), rank);
    }
}
