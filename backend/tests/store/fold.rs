//! Standings that another version's fold wrote, and a schema of an older version.

use backend::store::dues::KeptDue;
use backend::store::sqlite::{Options, Sqlite};
use backend::store::{NewAct, Read, StoreError, Write as _};
use rusqlite::Connection;
use shared::standing::Standing;
use uuid::Uuid;

use crate::engine::{Engine as _, SqliteFile};
use crate::given::{keys, objection};

const EVERYBODY: u64 = 2_500;

async fn filled() -> SqliteFile {
    let file = SqliteFile::fresh();
    let acts: Vec<NewAct> = (1..=EVERYBODY).map(|id| objection(id, id)).collect();
    file.open().append_all(acts).await.unwrap();
    file
}

/// Changes the database from outside.
fn change(file: &SqliteFile, change: &str) {
    let raw = Connection::open(file.path()).unwrap();
    raw.execute_batch(change).unwrap();
}

/// Of how many the kept standing is not the fold of their entries.
async fn differing(store: &impl Read) -> usize {
    let kept = store.standings(Uuid::nil(), 10_000).await.unwrap();
    assert_eq!(kept.len() as u64, EVERYBODY);
    let mut differ = 0;
    for one in kept {
        let history = store.history(one.subject).await.unwrap();
        let fold = Standing::of(history.iter().map(|(_, entry)| entry));
        differ += usize::from((one.due, one.standing) != (KeptDue::of(&fold), fold));
    }
    differ
}

#[tokio::test]
async fn what_another_fold_wrote_is_folded_again_before_anything_is_answered() {
    let file = filled().await;
    change(
        &file,
        "UPDATE subject SET standing = x'7b7d', notice_due = 7 WHERE no % 2 = 0;
         UPDATE fold SET number = number - 1;",
    );
    let store = file.open();
    let found = store.look_up(&[keys(2)]).await.unwrap().known.remove(0);
    let history = store.history(found.clone().unwrap().subject).await.unwrap();
    let fold = Standing::of(history.iter().map(|(_, entry)| entry));
    assert_eq!(*found.unwrap().standing, fold);
    assert_eq!(differing(&store).await, 0);
    drop(store);
    // Once is enough.
    change(&file, "UPDATE subject SET standing = x'7b7d' WHERE no = 1");
    assert_eq!(differing(&file.open()).await, 1);
}

#[tokio::test]
async fn folding_again_goes_on_where_it_was_interrupted() {
    let file = filled().await;
    let interrupted = format!(
        "UPDATE subject SET standing = x'7b7d' WHERE no IN (5, 2005);
         UPDATE fold SET number = 0, done = 1000, next = {}",
        Standing::FOLD
    );
    change(&file, &interrupted);
    assert_eq!(differing(&file.open()).await, 1, "the first page was done");
    // Another fold than was interrupted begins anew.
    change(&file, "UPDATE fold SET number = 0, done = 1000, next = 0");
    assert_eq!(differing(&file.open()).await, 0);
}

#[tokio::test]
async fn nothing_is_brought_up_to_date_while_somebody_has_it_open() {
    let older = "DROP TABLE fold; DROP TABLE retention_run; DROP INDEX letter_by_turn;
                 DROP INDEX letter_untried; DROP INDEX letter_by_end;
                 ALTER TABLE letter DROP COLUMN refused_since; ALTER TABLE letter DROP COLUMN rank;
                 CREATE INDEX letter_by_due ON letter (due); PRAGMA user_version = 12";
    for outdated in [older, "UPDATE fold SET number = 0"] {
        let file = SqliteFile::fresh();
        let running = file.open();
        change(&file, outdated);
        for options in [Options::service(), Options::command()] {
            let refused = Sqlite::open(&file.path(), options);
            let Err(StoreError::Unavailable(why)) = refused else {
                panic!("{refused:?}");
            };
            assert!(why.to_string().contains("stop them"), "{why}");
        }
        running.append(objection(1, 1)).await.unwrap();
        drop(running);
        let store = file.open();
        assert!(store.look_up(&[keys(1)]).await.unwrap().known[0].is_some());
        file.open();
    }
}
