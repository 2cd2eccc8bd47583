//! What is true of SQLite's backups and erasures alone: bytes, files, the list.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use backend::store::erasure::Erase as _;
use backend::store::sqlite::{Options, Restoring, Sqlite};
use backend::store::{Read as _, StoreError, Write as _};
use rusqlite::Connection;
use shared::entry::Act;
use shared::scope::Scope;
use shared::time::Timestamp;

use crate::engine::{Engine as _, SqliteFile};
use crate::erasure::erasure;
use crate::given::{NOW, act, entry, keys, objection, sealed, subject};

fn holds(path: &Path, bytes: &[u8]) -> bool {
    fs::read(path).is_ok_and(|file| file.windows(bytes.len()).any(|window| window == bytes))
}

pub(crate) fn database(file: &SqliteFile, suffix: &str) -> std::path::PathBuf {
    file.path().with_file_name(format!("sayso.db{suffix}"))
}

#[tokio::test]
async fn what_was_erased_is_in_no_file_while_the_service_runs() {
    let file = SqliteFile::fresh();
    let store = file.open();
    for id in 0..300 {
        store.append(objection(id % 3, 1000 + id)).await.unwrap();
    }
    let gone: Vec<_> = (0..300)
        .map(|id| objection(id % 3, 1000 + id).entries.remove(0))
        .collect();
    let reader = store.look_up(&[keys(1)]).await.unwrap();
    assert!(
        holds(&database(&file, ""), &gone[1].canonical)
            || holds(&database(&file, "-wal"), &gone[1].canonical)
    );
    store.erase(erasure(1, 1, &[Scope::ALL])).await.unwrap();
    drop(reader);
    for part in fs::read_dir(file.path().parent().unwrap()).unwrap() {
        let path = part.unwrap().path();
        for (place, sealed) in gone.iter().enumerate().filter(|(place, _)| place % 3 == 1) {
            assert!(
                !holds(&path, &sealed.canonical),
                "{place} in {}",
                path.display()
            );
            assert!(
                !holds(&path, &sealed.salt.0),
                "{place} in {}",
                path.display()
            );
        }
    }
    assert!(
        holds(&database(&file, ""), &gone[2].canonical),
        "others stay"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_that_waits_for_a_reader_keeps_nobody_from_writing() {
    let file = SqliteFile::fresh();
    let store = std::sync::Arc::new(file.open());
    store.append(objection(1, 1)).await.unwrap();
    let reader = Connection::open(file.path()).unwrap();
    reader.execute_batch("BEGIN").unwrap();
    let count = "SELECT count(*) FROM ledger";
    let rows: i64 = reader.query_row(count, (), |row| row.get(0)).unwrap();
    assert_eq!(rows, 1);
    let erasing = {
        let store = store.clone();
        tokio::spawn(async move { store.erase(erasure(1, 2, &[Scope::ALL])).await })
    };
    let list = file.path().with_file_name("erasures.ndjson");
    let (mut id, mut since) = (10, 0);
    // Once it is on the list, it waits for the reader.
    while since < 40 && !erasing.is_finished() {
        let written = store.append(objection(2, id));
        let written = tokio::time::timeout(Duration::from_secs(3), written).await;
        written.expect("a write at once").unwrap();
        (id, since) = (id + 1, since + usize::from(list.exists()));
    }
    drop(reader);
    erasing.await.unwrap().unwrap();
    let gone = objection(1, 1).entries.remove(0).canonical;
    assert!(!holds(&database(&file, "-wal"), &gone));
    assert!(!holds(&file.path(), &gone));
}

#[tokio::test]
async fn nothing_but_an_erasure_makes_a_payload_deletable() {
    let file = SqliteFile::fresh();
    let store = file.open();
    store.append(objection(1, 1)).await.unwrap();
    store.append(objection(2, 2)).await.unwrap();
    store.erase(erasure(1, 3, &[Scope::ALL])).await.unwrap();
    let raw = Connection::open(file.path()).unwrap();
    for seq in [2, 3] {
        let refused = raw.execute("DELETE FROM payload WHERE seq = ?1", [seq]);
        assert!(refused.is_err(), "{seq}");
    }
    store.append(objection(1, 4)).await.unwrap();
    assert!(
        raw.execute("DELETE FROM payload WHERE seq < 4", ())
            .is_err()
    );
}

#[tokio::test]
async fn a_backup_made_while_others_write_is_of_one_moment_and_its_owners_alone() {
    let file = SqliteFile::fresh();
    let store = std::sync::Arc::new(file.open());
    let writing = {
        let store = store.clone();
        tokio::spawn(async move {
            for id in 1..=200 {
                store.append(objection(id, id)).await.unwrap();
            }
        })
    };
    let beside = Sqlite::open(&file.path(), Options::command()).unwrap();
    let copy = database(&file, ".copy");
    beside.back_up(&copy).await.unwrap();
    writing.await.unwrap();
    for path in [copy.clone(), database(&file, ".copy.sha256")] {
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
    assert!(
        beside.back_up(&copy).await.is_err(),
        "never over another file"
    );
    let opened = Sqlite::open(&copy, Options::command()).unwrap();
    let rows = opened.ledger(0, 1000).await.unwrap();
    for (row, expected) in rows.iter().zip(1..) {
        assert_eq!(row.seq, expected);
        assert!(row.payload.is_some());
        let known = opened.look_up(&[keys(expected)]).await.unwrap().known;
        assert!(known[0].is_some());
    }
}

pub(crate) async fn restore(file: &SqliteFile, copy: &Path) -> Result<usize, StoreError> {
    restore_at(file, copy, NOW).await
}

pub(crate) async fn restore_at(
    file: &SqliteFile,
    copy: &Path,
    at: Timestamp,
) -> Result<usize, StoreError> {
    let restoring = Restoring::begin(&file.path(), copy)?;
    let staged = restoring.open(Options::command())?;
    staged.go_on(at, restoring.handed_out()).await?;
    let again = staged.erase_again(restoring.replaces()).await?;
    drop(staged);
    restoring.finish()?;
    Ok(again)
}

#[tokio::test]
async fn a_restored_backup_is_erased_again_however_often() {
    let file = SqliteFile::fresh();
    let store = file.open();
    store.append(objection(1, 1)).await.unwrap();
    store.append(objection(3, 3)).await.unwrap();
    let copy = database(&file, ".copy");
    let direct = Sqlite::open(&file.path(), Options::command()).unwrap();
    direct.back_up(&copy).await.unwrap();
    drop(direct);
    store.append(objection(2, 2)).await.unwrap();
    for (number, id) in [(1, 11), (2, 12)] {
        store
            .erase(erasure(number, id, &[Scope::ALL]))
            .await
            .unwrap();
    }
    store.append(objection(1, 13)).await.unwrap();
    store.erase(erasure(1, 14, &[Scope::ALL])).await.unwrap();
    let newer = database(&file, ".newer");
    let direct = Sqlite::open(&file.path(), Options::command()).unwrap();
    direct.back_up(&newer).await.unwrap();
    drop(direct);
    assert!(restore(&file, &copy).await.is_err(), "somebody has it open");
    drop(store);
    assert_eq!(restore(&file, &copy).await.unwrap(), 2);
    let gone = objection(1, 1).entries.remove(0).canonical;
    assert!(!holds(&file.path(), &gone));
    let store = file.open();
    for number in [1, 2] {
        let known = store.look_up(&[keys(number)]).await.unwrap().known;
        let standing = &known[0].as_ref().unwrap().standing;
        assert!(
            standing.erased.is_some() && standing.stays(NOW).len() == 1,
            "{number}"
        );
        assert_eq!(store.history(subject(number)).await.unwrap().len(), 1);
    }
    assert_eq!(store.history(subject(3)).await.unwrap().len(), 1);
    drop(store);
    let refused = restore(&file, &newer).await;
    assert!(
        refused.is_err(),
        "what was replaced is kept until it is deleted"
    );
    fs::remove_file(database(&file, ".replaced")).unwrap();
    assert_eq!(
        restore(&file, &newer).await.unwrap(),
        0,
        "nothing is new to it"
    );
}

#[tokio::test]
async fn an_erasure_is_done_again_whatever_the_clock_said_at_the_one_before() {
    let file = SqliteFile::fresh();
    let store = file.open();
    store.append(objection(1, 1)).await.unwrap();
    let mut first = erasure(1, 2, &[Scope::ALL]);
    first.entry.entry.recorded_at = NOW.plus_millis(365 * 24 * 60 * 60 * 1000);
    first.entry = sealed(first.entry.entry);
    store.erase(first).await.unwrap();
    store.append(objection(1, 3)).await.unwrap();
    let copy = database(&file, ".copy");
    let direct = Sqlite::open(&file.path(), Options::command()).unwrap();
    direct.back_up(&copy).await.unwrap();
    drop(direct);
    store.erase(erasure(1, 4, &[Scope::ALL])).await.unwrap();
    drop(store);
    assert_eq!(restore(&file, &copy).await.unwrap(), 1);
    let gone = objection(1, 3).entries.remove(0).canonical;
    assert!(!holds(&file.path(), &gone));
    assert_eq!(file.open().history(subject(1)).await.unwrap().len(), 1);
}

/// Somebody is forgotten, comes back as somebody else, objects and is erased, all after the backup.
async fn erased_twice(first: u64, second: u64) -> (SqliteFile, PathBuf) {
    let file = SqliteFile::fresh();
    let store = file.open();
    let noticed = entry(subject(first), 1, Act::NoticeProvided);
    store.append(act(keys(1), vec![noticed])).await.unwrap();
    let copy = database(&file, ".copy");
    let direct = Sqlite::open(&file.path(), Options::command()).unwrap();
    direct.back_up(&copy).await.unwrap();
    drop(direct);
    let mut forgotten = erasure(first, 2, &[]);
    forgotten.forgets = true;
    store.erase(forgotten).await.unwrap();
    let objected = entry(subject(second), 3, Act::Objected);
    store.append(act(keys(1), vec![objected])).await.unwrap();
    let erased = erasure(second, 4, &[Scope::ALL]);
    store.erase(erased).await.unwrap();
    (file, copy)
}

#[tokio::test]
async fn who_was_forgotten_and_came_back_is_erased_again_as_who_they_became() {
    for (first, second) in [(1, 2), (2, 1)] {
        let (file, copy) = erased_twice(first, second).await;
        assert_eq!(restore(&file, &copy).await.unwrap(), 2);
        let store = file.open();
        let known = store.look_up(&[keys(1)]).await.unwrap().known.remove(0);
        let known = known.unwrap();
        assert_eq!(known.subject, subject(second));
        assert_eq!(known.standing.stays(NOW).len(), 1);
    }
}

#[tokio::test]
async fn an_erased_address_that_is_somebody_elses_in_the_backup_restores_nothing() {
    let (file, copy) = erased_twice(1, 2).await;
    let list = file.path().with_file_name("erasures.ndjson");
    let text = fs::read_to_string(&list).unwrap();
    let (_, rest) = text.split_once('\n').unwrap();
    fs::write(&list, rest).unwrap();
    let refused = restore(&file, &copy).await;
    let Err(StoreError::Corrupt { place, source }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(place, "erasures.ndjson");
    assert!(source.to_string().contains("the newest copy"), "{source}");
}

#[tokio::test]
async fn an_erasure_that_is_not_yet_on_the_list_gets_there_with_the_next_opening() {
    let file = SqliteFile::fresh();
    let store = file.open();
    store.append(objection(1, 1)).await.unwrap();
    store.erase(erasure(1, 2, &[Scope::ALL])).await.unwrap();
    drop(store);
    let list = file.path().with_file_name("erasures.ndjson");
    let text = fs::read_to_string(&list).unwrap();
    // As after a crash: noted in the database, and half on the list.
    let raw = Connection::open(file.path()).unwrap();
    raw.execute("INSERT INTO erasure VALUES (2, ?1)", [text.trim_end()])
        .unwrap();
    drop(raw);
    fs::write(&list, &text[..20]).unwrap();
    drop(file.open());
    assert_eq!(fs::read_to_string(&list).unwrap(), text);
    let mode = fs::metadata(&list).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_damaged_backup_or_list_restores_nothing() {
    let file = SqliteFile::fresh();
    let store = file.open();
    store.append(objection(1, 1)).await.unwrap();
    drop(store);
    let copy = database(&file, ".copy");
    let direct = Sqlite::open(&file.path(), Options::command()).unwrap();
    direct.back_up(&copy).await.unwrap();
    drop(direct);
    let whole = fs::read(&copy).unwrap();
    let mut bent = whole.clone();
    let middle = bent.len() / 2;
    bent[middle] ^= 1;
    fs::write(&copy, bent).unwrap();
    assert!(restore(&file, &copy).await.is_err());
    fs::write(&copy, whole).unwrap();
    let list = file.path().with_file_name("erasures.ndjson");
    fs::write(&list, "{\"format\":2}\n").unwrap();
    let refused = restore(&file, &copy).await;
    assert!(
        matches!(refused, Err(StoreError::Corrupt { .. })),
        "{refused:?}"
    );
    assert!(!database(&file, ".restoring").exists());
    fs::remove_file(&list).unwrap();
    assert_eq!(restore(&file, &copy).await.unwrap(), 0);
}
