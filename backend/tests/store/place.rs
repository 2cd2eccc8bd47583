//! Where the database is: links, what is kept beside it, and what a restore that was cut off leaves.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use backend::store::erasure::Erase as _;
use backend::store::sqlite::{Options, Restoring, Sqlite};
use backend::store::{Read as _, StoreError, Write as _};
use rusqlite::Connection;
use shared::scope::Scope;

use crate::engine::{Engine as _, SqliteFile};
use crate::erasure::erasure;
use crate::given::{keys, objection};

fn named(path: &Path, suffix: &str) -> PathBuf {
    path.with_file_name(format!("sayso.db{suffix}"))
}

/// What is refused, in words.
fn why(refused: Result<impl std::fmt::Debug, StoreError>) -> String {
    match refused {
        Err(StoreError::Unavailable(why)) => why.to_string(),
        other => panic!("{other:?}"),
    }
}

/// A database that was moved to another disk after a crash, with a link in its place: the index of its
/// journal was left behind.
async fn moved() -> (SqliteFile, SqliteFile) {
    let (before, now) = (SqliteFile::fresh(), SqliteFile::fresh());
    let store = before.open();
    store.append(objection(1, 1)).await.unwrap();
    let index = fs::read(named(&before.path(), "-shm")).unwrap();
    drop(store);
    fs::rename(before.path(), now.path()).unwrap();
    symlink(now.path(), before.path()).unwrap();
    fs::write(named(&before.path(), "-shm"), index).unwrap();
    (before, now)
}

#[tokio::test]
async fn a_server_behind_a_link_sees_every_objection() {
    let (link, file) = moved().await;
    let server = Sqlite::open(&link.path(), Options::service()).unwrap();
    server.settle();
    let beside = Sqlite::open(&file.path(), Options::command()).unwrap();
    for number in 2..5 {
        let before = server.look_up(&[keys(number)]).await.unwrap();
        assert_eq!(before.known, [None]);
        let writer = if number % 2 == 0 { &beside } else { &server };
        writer.append(objection(number, number)).await.unwrap();
        let after = server.look_up(&[keys(number)]).await.unwrap();
        assert!(after.known[0].is_some() && after.as_of == number);
    }
}

#[tokio::test]
async fn whoever_opens_a_database_by_another_name_is_seen_and_its_list_stays_where_it_was() {
    let (link, file) = moved().await;
    let server = Sqlite::open(&link.path(), Options::service()).unwrap();
    let copy = named(&link.path(), ".copy");
    server.back_up(&copy).await.unwrap();
    let said = why(Restoring::begin(&file.path(), &copy));
    assert!(said.contains("stop it first"), "{said}");
    server.erase(erasure(1, 2, &[Scope::ALL])).await.unwrap();
    assert!(link.path().with_file_name("erasures.ndjson").exists());
    drop(server);
    let restoring = Restoring::begin(&link.path(), &copy).unwrap();
    let staged = restoring.open(Options::command()).unwrap();
    let again = staged.erase_again(restoring.replaces()).await;
    assert_eq!(again.unwrap(), 1);
    drop(staged);
    restoring.finish().unwrap();
    assert!(link.path().is_symlink() && named(&file.path(), ".replaced").exists());
    let store = link.open();
    let known = store.look_up(&[keys(1)]).await.unwrap().known.remove(0);
    assert!(known.unwrap().standing.erased.is_some());
}

#[test]
fn a_link_to_a_disk_that_is_not_there_makes_no_empty_database() {
    let (link, file) = (SqliteFile::fresh(), SqliteFile::fresh());
    symlink(file.path(), link.path()).unwrap();
    let said = why(Sqlite::open(&link.path(), Options::service()));
    assert!(said.contains("leads to nothing"), "{said}");
    assert!(!file.path().exists());
}

#[tokio::test]
async fn a_restore_that_was_cut_off_loses_nothing_and_nothing_new_is_begun_in_its_place() {
    let file = SqliteFile::fresh();
    let store = file.open();
    store.append(objection(1, 1)).await.unwrap();
    let copy = named(&file.path(), ".copy");
    let direct = Sqlite::open(&file.path(), Options::command()).unwrap();
    direct.back_up(&copy).await.unwrap();
    drop(direct);
    store.append(objection(2, 2)).await.unwrap();
    // As it was at that moment, with its journal, put aside by a restore that then ended.
    let cut = SqliteFile::fresh();
    for suffix in ["", "-wal"] {
        let from = named(&file.path(), suffix);
        fs::copy(from, named(&cut.path(), &format!(".replaced{suffix}"))).unwrap();
    }
    fs::copy(&copy, named(&cut.path(), ".restoring")).unwrap();
    let said = why(Sqlite::open(&cut.path(), Options::service()));
    assert!(said.contains("cut off"), "{said}");
    assert!(!cut.path().exists());
    let none = named(&cut.path(), ".none");
    fs::write(&none, "no backup").unwrap();
    assert!(Restoring::begin(&cut.path(), &none).is_err());
    assert!(!cut.path().exists());
    drop(Restoring::begin(&cut.path(), &copy).unwrap());
    let known = cut.open().look_up(&[keys(1), keys(2)]).await.unwrap().known;
    assert!(known.iter().all(Option::is_some), "{known:?}");
    let restoring = Restoring::begin(&cut.path(), &copy).unwrap();
    let replaced = restoring.finish().unwrap().unwrap();
    let rows = |path: PathBuf| -> i64 {
        let raw = Connection::open(path).unwrap();
        raw.query_row("SELECT count(*) FROM ledger", (), |row| row.get(0))
            .unwrap()
    };
    assert_eq!((rows(replaced), rows(cut.path())), (2, 1));
}

#[tokio::test]
async fn what_is_replaced_is_whole_in_one_file() {
    let file = SqliteFile::fresh();
    let store = Sqlite::open(&file.path(), Options::command()).unwrap();
    store.append(objection(1, 1)).await.unwrap();
    let copy = named(&file.path(), ".copy");
    store.back_up(&copy).await.unwrap();
    // As after a crash: what was committed last is in the journal alone.
    let files = ["", "-wal"].map(|suffix| fs::read(named(&file.path(), suffix)).unwrap());
    drop(store);
    for (suffix, bytes) in ["", "-wal"].iter().zip(files) {
        fs::write(named(&file.path(), suffix), bytes).unwrap();
    }
    Restoring::begin(&file.path(), &copy)
        .unwrap()
        .finish()
        .unwrap();
    assert!(!named(&file.path(), ".replaced-wal").exists());
    let raw = Connection::open(named(&file.path(), ".replaced")).unwrap();
    let rows: i64 = raw
        .query_row("SELECT count(*) FROM ledger", (), |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 1);
}

#[tokio::test]
async fn a_journal_without_its_database_is_put_beside_no_other() {
    let file = SqliteFile::fresh();
    let store = Sqlite::open(&file.path(), Options::command()).unwrap();
    store.append(objection(1, 1)).await.unwrap();
    let copy = named(&file.path(), ".copy");
    store.back_up(&copy).await.unwrap();
    drop(store);
    let left = named(&file.path(), ".replaced-wal");
    fs::write(&left, "of a database that was deleted").unwrap();
    let restoring = Restoring::begin(&file.path(), &copy).unwrap();
    restoring.finish().unwrap();
    assert!(!left.exists());
}
