//! What `sayso ledger verify` finds besides entries and standings that were changed.

use serde_json::json;

use crate::deployment::Deployment;

const TOLD: [&str; 6] = [
    "object",
    "jane@client.example",
    "--purpose",
    "all",
    "--evidence",
    "call",
];

#[test]
fn an_objection_that_nobody_would_find_and_a_file_that_is_damaged_are_found() {
    for (damage, says) in [
        ("DELETE FROM subject_key", "no address leads to subject"),
        (
            "DELETE FROM subject WHERE no = 1",
            "row 1 of payload refers to nothing in subject",
        ),
        (
            // The index of the keys by subject, as if one were not in it.
            "CREATE INDEX other ON subject_key (subject_no) WHERE 0;
             PRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET rootpage =
               (SELECT rootpage FROM sqlite_schema WHERE name = 'other')
             WHERE name = 'subject_key_of_subject';
             DELETE FROM sqlite_schema WHERE name = 'other';",
            "index subject_key_of_subject",
        ),
    ] {
        let deployment = Deployment::published();
        deployment.run(&TOLD).with(0);
        let whole = deployment.json(0, &["ledger", "verify"]);
        assert_eq!(whole["problems"], json!([]));
        let database = rusqlite::Connection::open(deployment.file("sayso.db")).unwrap();
        database
            .execute_batch(&format!("PRAGMA foreign_keys = OFF; {damage}"))
            .unwrap();
        drop(database);
        let found = deployment.json(3, &["ledger", "verify"]);
        assert!(found["problems"].to_string().contains(says), "{found}");
    }
}

#[test]
fn an_erased_contact_is_no_problem() {
    let deployment = Deployment::published();
    deployment.run(&TOLD).with(0);
    deployment
        .run(&["erase", TOLD[1], "--evidence", "letter 7"])
        .with(0);
    let whole = deployment.json(0, &["ledger", "verify"]);
    assert_eq!(
        whole,
        json!({"entries": 2, "erased": 1, "subjects": 1, "problems": []})
    );
}
