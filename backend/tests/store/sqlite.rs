//! What is true of the SQLite engine alone: the file, its rights, its triggers, its schema.

use std::os::unix::fs::PermissionsExt as _;

use backend::store::cases::{Cases as _, Handle as _};
use backend::store::links::{LinkPurpose, Links as _, Proven as _, TRIES};
use backend::store::sqlite::{Options, Sqlite};
use backend::store::{ApiKey, Read as _, StoreError, Write as _};
use rusqlite::Connection;
use shared::digest::Digest;
use shared::entry::Act;

use crate::cases::{DECIDED, case, opening};
use crate::engine::{Engine as _, SqliteFile};
use crate::given::{NOW, act, entry, keys, objection, sealed, subject};
use crate::links::{code, letter, link, session};

async fn with_entries() -> SqliteFile {
    let file = SqliteFile::fresh();
    let store = file.open();
    for id in 1..=3 {
        store.append(objection(id, id)).await.unwrap();
    }
    file
}

#[tokio::test]
async fn history_refuses_to_be_changed_even_from_outside() {
    let file = with_entries().await;
    let raw = Connection::open(file.path()).unwrap();
    for change in [
        "UPDATE ledger SET commitment = zeroblob(32)",
        "UPDATE ledger SET seq = seq + 10",
        "DELETE FROM ledger WHERE seq = 3",
        "INSERT INTO ledger VALUES (5, zeroblob(32))",
        "INSERT OR REPLACE INTO ledger VALUES (2, zeroblob(32))",
        "UPDATE payload SET canonical = x'7b7d'",
        "DELETE FROM payload",
    ] {
        assert!(raw.execute(change, ()).is_err(), "{change}");
    }
}

#[tokio::test]
async fn only_the_owner_may_read_the_files() {
    let file = SqliteFile::fresh();
    let store = file.open();
    store.append(objection(1, 1)).await.unwrap();
    for part in std::fs::read_dir(file.path().parent().unwrap()).unwrap() {
        let part = part.unwrap();
        let mode = part.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{:?}", part.file_name());
    }
}

#[tokio::test]
async fn a_schema_of_a_later_version_is_refused() {
    let file = with_entries().await;
    let raw = Connection::open(file.path()).unwrap();
    raw.pragma_update(None, "user_version", 99).unwrap();
    let refused = Sqlite::open(&file.path(), Options::service());
    assert!(matches!(
        refused,
        Err(StoreError::FromTheFuture {
            found: 99,
            known: 2..
        })
    ));
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let file = SqliteFile::fresh();
    let content = "a letter, not a database. ".repeat(200);
    std::fs::write(file.path(), &content).unwrap();
    let refused = Sqlite::open(&file.path(), Options::service());
    assert!(
        matches!(refused, Err(StoreError::Corrupt { .. })),
        "{refused:?}"
    );
    assert_eq!(std::fs::read_to_string(file.path()).unwrap(), content);
}

#[test]
fn a_database_of_another_program_is_refused() {
    let file = SqliteFile::fresh();
    let raw = Connection::open(file.path()).unwrap();
    raw.execute_batch("CREATE TABLE theirs (a)").unwrap();
    let refused = Sqlite::open(&file.path(), Options::service());
    assert!(
        matches!(refused, Err(StoreError::Corrupt { .. })),
        "{refused:?}"
    );
}

#[test]
fn a_missing_directory_is_named_as_the_problem() {
    let file = SqliteFile::fresh();
    let refused = Sqlite::open(&file.path().join("nowhere/sayso.db"), Options::command());
    assert!(matches!(refused, Err(StoreError::Unavailable(_))));
}

#[test]
fn many_may_open_a_new_store_at_once() {
    let file = SqliteFile::fresh();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| Sqlite::open(&file.path(), Options::command()).unwrap());
        }
    });
}

#[tokio::test]
async fn no_answer_is_given_again_once_anybody_has_committed() {
    let file = SqliteFile::fresh();
    let (asked, beside) = (file.open(), file.open());
    for number in 1..=200 {
        let writer = if number % 2 == 0 { &asked } else { &beside };
        for _ in 0..2 {
            let before = asked.look_up(&[keys(number)]).await.unwrap();
            assert_eq!(before.known, [None]);
        }
        writer.append(objection(number, number)).await.unwrap();
        for store in [&asked, &beside] {
            let after = store.look_up(&[keys(number)]).await.unwrap();
            assert!(after.known[0].is_some() && after.as_of == number);
        }
    }
}

#[tokio::test]
async fn a_key_revoked_beside_a_server_no_longer_works_there() {
    let file = SqliteFile::fresh();
    let (server, command) = (file.open(), file.open());
    let hash = Digest::of(b"key");
    let key = ApiKey {
        hash,
        label: "mailing tool".to_owned(),
        last4: "last".to_owned(),
        scopes: vec!["gate:check".to_owned()],
        created_at: NOW,
        expires_at: None,
        revoked_at: None,
    };
    command.add_api_key(key.clone()).await.unwrap();
    for _ in 0..2 {
        assert_eq!(
            server
                .api_key(server.glance(), hash)
                .await
                .unwrap()
                .as_deref(),
            Some(&key)
        );
    }
    assert!(command.revoke_api_key(hash, NOW).await.unwrap());
    let seen = server
        .api_key(server.glance(), hash)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(seen.revoked_at, Some(NOW));
}

#[tokio::test]
async fn a_step_of_a_case_whose_standing_is_unreadable_changes_nothing() {
    let file = SqliteFile::fresh();
    let store = file.open();
    let opened = store.open_case(case("AAAA0001"), opening(1, 1)).await;
    opened.unwrap();
    let before = store.case("AAAA0001").await.unwrap();
    let raw = Connection::open(file.path()).unwrap();
    raw.execute("UPDATE subject SET standing = x'7b'", ())
        .unwrap();
    let decided = vec![sealed(entry(subject(1), 2, Act::CaseDecided))];
    let refused = store.step_case("AAAA0001", DECIDED, decided, None).await;
    assert!(
        matches!(refused, Err(StoreError::Corrupt { .. })),
        "{refused:?}"
    );
    assert_eq!(store.case("AAAA0001").await.unwrap(), before);
    assert_eq!(store.ledger(0, 10).await.unwrap().len(), 1);
}

/// Pages that commits have written to the journal so far, as the head of its index says.
fn pages(file: &SqliteFile) -> u32 {
    let index = std::fs::read(file.path().with_extension("db-shm")).unwrap();
    u32::from_ne_bytes(index[16..20].try_into().unwrap())
}

#[tokio::test]
async fn a_wrong_code_writes_as_much_whether_a_link_waits_or_not() {
    let file = SqliteFile::fresh();
    let store = Sqlite::open(&file.path(), Options::command()).unwrap();
    for purpose in [LinkPurpose::OwnPages, LinkPurpose::Consent] {
        let waits = link(1, &format!("{purpose:?}"), purpose);
        store.ask_link(waits, letter(1, 9)).await.unwrap();
    }
    // The first address has links, until it has no more tries; the second has none.
    let mut written = Vec::new();
    for address in [1, 2] {
        for _ in 0..=TRIES {
            let before = pages(&file);
            let wrong = store.open_session(code(address, "wrong"), NOW, session("s"));
            assert!(wrong.await.unwrap().is_none());
            let between = pages(&file);
            let wrong = store.look_at_link(code(address, "wrong"), LinkPurpose::Consent, NOW);
            assert!(wrong.await.unwrap().is_none());
            written.push((between - before, pages(&file) - between));
        }
    }
    assert!(written.iter().all(|one| *one == written[0]), "{written:?}");
    assert!(written[0].0 > 0 && written[0].1 > 0, "{written:?}");
}

#[tokio::test]
async fn a_link_that_is_asked_for_once_too_often_writes_as_much_as_one_that_is_sent() {
    let file = SqliteFile::fresh();
    let store = Sqlite::open(&file.path(), Options::command()).unwrap();
    let mut written = Vec::new();
    for number in 0..6 {
        let before = pages(&file);
        let own = link(1, &format!("own {number}"), LinkPurpose::OwnPages);
        store.ask_link(own, letter(1, 3)).await.unwrap();
        let between = pages(&file);
        let asked = act(
            keys(2),
            vec![entry(subject(2), number, Act::ConsentRequested)],
        );
        let consent = link(2, &format!("consent {number}"), LinkPurpose::Consent);
        let kept = store.ask_consent(asked, consent, letter(2, 3)).await;
        kept.unwrap();
        written.push((between - before, pages(&file) - between));
    }
    // The first consent of an address also makes its subject.
    let written = &written[1..];
    assert!(written.iter().all(|one| *one == written[0]), "{written:?}");
    let raw = Connection::open(file.path()).unwrap();
    for table in ["letter", "letter_count"] {
        let count = format!("SELECT count(*) FROM {table}");
        let kept: u32 = raw.query_row(&count, (), |row| row.get(0)).unwrap();
        assert_eq!(kept, 6, "{table}");
    }
}
