//! The numbers of a ledger whose backup was restored.

use std::fs;

use backend::store::erasure::Erase as _;
use backend::store::sqlite::{Options, Sqlite};
use backend::store::{Read as _, Write as _};
use rusqlite::Connection;
use shared::scope::Scope;
use shared::time::Timestamp;

use crate::backup::{database, restore, restore_at};
use crate::engine::{Engine as _, SqliteFile};
use crate::erasure::erasure;
use crate::given::{NOW, objection};

#[tokio::test]
async fn numbers_that_were_handed_out_after_a_backup_are_not_handed_out_again() {
    let file = SqliteFile::fresh();
    let store = file.open();
    store.append(objection(1, 1)).await.unwrap();
    let copy = database(&file, ".copy");
    let direct = Sqlite::open(&file.path(), Options::command()).unwrap();
    direct.back_up(&copy).await.unwrap();
    drop(direct);
    let seen = store.append(objection(2, 2)).await.unwrap();
    store.erase(erasure(2, 3, &[Scope::ALL])).await.unwrap();
    drop(store);
    assert_eq!(restore(&file, &copy).await.unwrap(), 1);
    let store = file.open();
    let restored = store.look_up(&[]).await.unwrap().as_of;
    let new = store.append(objection(3, 4)).await.unwrap();
    assert!(new > restored && restored > 1_000_000_000);
    let rows = store.ledger(seen, 10).await.unwrap();
    let found: Vec<_> = rows.iter().map(|row| (row.seq, row.is_restore())).collect();
    let goes_on = found[0].0;
    assert_eq!(
        found,
        [(goes_on, true), (goes_on + 1, false), (goes_on + 2, false)]
    );
    for (seq, nth) in [
        (0, Some(0)),
        (1, Some(1)),
        (seen, None),
        (seen + 1, None),
        (goes_on - 1, None),
        (goes_on, Some(1)),
        (new, Some(3)),
        (new + 1, None),
        (u64::MAX, None),
    ] {
        assert_eq!(store.nth(seq).await.unwrap(), nth, "{seq}");
    }
    drop(store);
    let raw = Connection::open(file.path()).unwrap();
    for seq in [2, new + 2] {
        let row = "INSERT INTO ledger VALUES (?1, zeroblob(32))";
        assert!(raw.execute(row, [seq.cast_signed()]).is_err(), "{seq}");
    }
}

#[tokio::test]
async fn a_ledger_goes_on_past_its_end_where_the_clock_is_behind() {
    let file = SqliteFile::fresh();
    let direct = Sqlite::open(&file.path(), Options::command()).unwrap();
    let first = direct.go_on(NOW, 0).await.unwrap();
    direct.append(objection(1, 1)).await.unwrap();
    let second = direct.go_on(Timestamp::from_millis(0), 0).await.unwrap();
    assert!(second > first + 1_000_000);
    assert_eq!(direct.append(objection(2, 2)).await.unwrap(), second + 1);
    assert_eq!(direct.nth(second + 1).await.unwrap(), Some(2));
}

#[tokio::test]
async fn after_a_restore_by_a_clock_that_was_ahead_the_next_one_goes_on_past_it() {
    let file = SqliteFile::fresh();
    let store = file.open();
    store.append(objection(1, 1)).await.unwrap();
    let copy = database(&file, ".copy");
    let direct = Sqlite::open(&file.path(), Options::command()).unwrap();
    direct.back_up(&copy).await.unwrap();
    drop((store, direct));
    let ahead = NOW.plus_millis(5 * 365 * 24 * 60 * 60 * 1000);
    restore_at(&file, &copy, ahead).await.unwrap();
    let store = file.open();
    let known = store.append(objection(2, 2)).await.unwrap();
    drop(store);
    fs::remove_file(database(&file, ".replaced")).unwrap();
    restore_at(&file, &copy, NOW).await.unwrap();
    let store = file.open();
    let new = store.append(objection(3, 3)).await.unwrap();
    let rows = store.ledger(known, 10).await.unwrap();
    let found: Vec<_> = rows.iter().map(|row| row.seq).collect();
    assert_eq!(found, [new - 1, new], "who knew {known} misses nothing");
    drop(store);
    // What cannot be read tells nothing, and is moved as it is.
    fs::remove_file(database(&file, ".replaced")).unwrap();
    fs::write(file.path(), "no database").unwrap();
    restore(&file, &copy).await.unwrap();
    let moved = fs::read(database(&file, ".replaced")).unwrap();
    assert_eq!(moved, b"no database");
}
