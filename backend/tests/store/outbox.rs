//! In which order letters leave.

use backend::store::outbox::{First, NewLetter, Outbox, Rank};
use backend::store::{NewAct, Write as _};
use rusqlite::Connection;
use shared::entry::Act;
use shared::time::Timestamp;

use crate::engine::{Engine, SqliteFile};
use crate::given::{NOW, act, entry, keys, subject};

/// An act with a letter of that number.
fn with_letter(number: u8, rank: Rank, ends: Timestamp) -> NewAct {
    let (whose, id) = (subject(number.into()), number.into());
    let mut new = act(keys(id), vec![entry(whose, id, Act::Objected)]);
    new.letter = Some(NewLetter {
        due: NOW,
        not_after: ends,
        rank,
        allowance: None,
        sealed: vec![number],
    });
    new
}

/// The number of the letter that comes first a second after `NOW`, and since when it is refused; it is due
/// again that many milliseconds after `NOW`.
async fn taken(
    store: &impl Outbox,
    again: i64,
    lowest: Rank,
    first: First,
) -> Option<(u8, Option<Timestamp>)> {
    let (at, until) = (NOW.plus_millis(1_000), NOW.plus_millis(again));
    let taken = store.take_letter(at, until, lowest, first).await.unwrap();
    taken.map(|letter| (letter.sealed[0], letter.refused_since))
}

pub(crate) async fn letters_that_were_put_back_take_turns_with_those_that_never_were(
    engine: impl Engine,
) {
    let store = engine.open();
    let (owed, notice) = (Rank::Owed, Rank::Notice);
    for (number, rank, ends) in [
        (1, owed, 2),
        (2, owed, 3),
        (3, notice, 2),
        (4, owed, 9),
        (5, owed, 8),
        (6, notice, 9),
        (7, notice, 8),
    ] {
        let new = with_letter(number, rank, NOW.plus_millis(ends * 1_000));
        store.append(new).await.unwrap();
    }
    for (no, due) in [(1, 900), (2, 800), (3, 700)] {
        let due = NOW.plus_millis(due);
        store.put_letter_back(no, due, Some(due)).await.unwrap();
        store.put_letter_back(no, due, Some(NOW)).await.unwrap();
    }
    store
        .put_letter_back(2, NOW.plus_millis(800), None)
        .await
        .unwrap();
    let refused = |number, due| Some((number, Some(NOW.plus_millis(due))));
    for (lowest, first, expected) in [
        (notice, First::Ending, Some((5, None))),
        (notice, First::Notice, Some((6, None))),
        (notice, First::Again, refused(2, 800)),
        (owed, First::Notice, Some((4, None))),
        (owed, First::Ending, refused(1, 900)),
        (owed, First::Again, None),
        (notice, First::Again, refused(3, 700)),
        (notice, First::Again, Some((7, None))),
        (notice, First::Ending, None),
    ] {
        assert_eq!(taken(&store, 9_000, lowest, first).await, expected);
    }
}

#[tokio::test]
async fn letters_of_an_older_version_are_sent_by_this_one() {
    let file = SqliteFile::fresh();
    let store = file.open();
    for number in [1, 2] {
        let new = with_letter(number, Rank::Owed, NOW.plus_millis(9_000));
        store.append(new).await.unwrap();
    }
    let (at, later) = (NOW.plus_millis(1_000), NOW.plus_millis(2_000));
    let taken = store
        .take_letter(at, later, Rank::Notice, First::Waiting)
        .await;
    assert_eq!(taken.unwrap().unwrap().no, 1);
    drop(store);
    let older = format!(
        "DROP INDEX letter_by_turn; DROP INDEX letter_untried; DROP INDEX letter_by_end;
         ALTER TABLE letter DROP COLUMN refused_since;
         CREATE INDEX letter_by_due ON letter (due);
         CREATE INDEX letter_by_rank ON letter (rank, not_after, due);
         CREATE INDEX letter_by_wait ON letter (rank, no, due);
         UPDATE letter SET due = {} WHERE no = 2; PRAGMA user_version = 15",
        NOW.as_millis()
    );
    let raw = Connection::open(file.path()).unwrap();
    raw.execute_batch(&older).unwrap();
    drop(raw);
    let store = file.open();
    let due: Option<i64> = store.next_letter().await.unwrap().map(Timestamp::as_millis);
    assert_eq!(due, Some(0), "it was never taken");
    for (first, expected) in [(First::Ending, 2), (First::Again, 1)] {
        let taken = store.take_letter(later, NOW.plus_millis(8_000), Rank::Owed, first);
        assert_eq!(taken.await.unwrap().unwrap().no, expected);
    }
}

pub(crate) async fn letters_come_by_rank_and_then_by_their_end_or_in_their_order(
    engine: impl Engine,
) {
    let store = engine.open();
    let (owed, notice) = (Rank::Owed, Rank::Notice);
    for (number, rank, ends) in [
        (1, notice, 2),
        (2, owed, 4),
        (3, owed, 3),
        (4, notice, 5),
        (5, owed, 4),
        (6, owed, 1),
        (7, owed, 4),
    ] {
        let new = with_letter(number, rank, NOW.plus_millis(ends * 1_000));
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
