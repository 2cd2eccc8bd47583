//! A certificate's decisions given again: the same, whatever happened since.

use std::fs;

use backend::signature::PublicKeys;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::deployment::Deployment;

const HOUSE: &str = "client.example";

/// Puts a list of these local parts through the gate; the paths of list and certificate.
pub(crate) fn scrubbed(deployment: &Deployment, list: &str, more: &[&str]) -> [String; 2] {
    let path = |name: &str| deployment.file(name).to_str().unwrap().to_owned();
    let [input, kept, withheld, certificate] =
        ["list.csv", "kept.csv", "withheld.csv", "cert.json"].map(path);
    fs::write(&input, list).unwrap();
    let arguments = [
        "scrub",
        &input,
        "--purpose",
        "info_about_us",
        "--kept",
        &kept,
        "--withheld",
        &withheld,
        "--certificate",
        &certificate,
    ];
    deployment.json(0, &[&arguments, more].concat());
    [input, certificate]
}

/// A list with a header and a row for each name.
pub(crate) fn list(names: &[&str]) -> String {
    let rows: String = names
        .iter()
        .map(|name| format!("{name}@{HOUSE}\n"))
        .collect();
    format!("Email\n{rows}")
}

pub(crate) fn object(deployment: &Deployment, name: &str) -> Value {
    let address = format!("{name}@{HOUSE}");
    let told = ["object", &address, "--purpose", "all", "--evidence", "call"];
    deployment.json(0, &told)
}

fn replay(deployment: &Deployment, code: i32, files: &[String; 2]) -> Value {
    deployment.json(code, &["replay", &files[1], &files[0]])
}

#[test]
fn later_objections_change_no_verdict_of_a_certificate() {
    let deployment = Deployment::published();
    object(&deployment, "ann");
    let names = ["ann", "bob", "cyd", "bob+news", "no address"];
    let files = scrubbed(&deployment, &list(&names), &[]);
    let fresh = replay(&deployment, 0, &files);
    assert_eq!(
        fresh,
        json!({"same": true, "rows": 5, "erased": [], "differences": []})
    );
    object(&deployment, "bob");
    object(&deployment, "cyd");
    assert_eq!(replay(&deployment, 0, &files), fresh);
    let people = deployment.run(&["replay", &files[1], &files[0]]).with(0);
    assert!(people.output.contains("all 5 rows"), "{people:?}");
}

#[test]
fn contacts_who_were_erased_since_are_named_and_spoil_no_other_row() {
    let deployment = Deployment::published();
    object(&deployment, "ann");
    object(&deployment, "bob");
    let files = scrubbed(&deployment, &list(&["cyd", "bob", "ann"]), &[]);
    let erase = ["erase", "bob@client.example", "--evidence", "letter 7"];
    deployment.run(&erase).with(0);
    let answer = replay(&deployment, 0, &files);
    assert_eq!(
        answer,
        json!({"same": true, "rows": 3, "erased": [3], "differences": []})
    );
}

#[test]
fn a_row_that_is_decided_otherwise_is_named_by_its_line() {
    let deployment = Deployment::published();
    object(&deployment, "bob");
    let files = scrubbed(&deployment, &list(&["ann", "bob", "cyd"]), &[]);
    let database = rusqlite::Connection::open(deployment.file("sayso.db")).unwrap();
    let guard = "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'payload'
                 AND sql LIKE '%DELETE%'";
    let guard: String = database.query_row(guard, (), |row| row.get(0)).unwrap();
    let lose = format!("DROP TRIGGER {guard}; DELETE FROM payload;");
    database.execute_batch(&lose).unwrap();
    drop(database);
    let answer = replay(&deployment, 3, &files);
    assert_eq!(answer["same"], false);
    let difference = &answer["differences"][0];
    assert_eq!(
        (&difference["first_line"], &difference["last_line"]),
        (&json!(3), &json!(3))
    );
    let what = difference["what"].as_str().unwrap();
    assert!(
        what.starts_with("was withheld (objected), is now may be mailed"),
        "{what}"
    );
    assert_eq!(answer["differences"].as_array().unwrap().len(), 1);
    assert!(!what.contains("forgotten"), "{what}");
    let database = rusqlite::Connection::open(deployment.file("sayso.db")).unwrap();
    database.execute("DELETE FROM subject_key", ()).unwrap();
    drop(database);
    let answer = replay(&deployment, 3, &files);
    let what = answer["differences"][0]["what"].as_str().unwrap();
    assert!(what.ends_with("may have been forgotten since"), "{what}");
}

#[test]
fn another_list_or_a_forged_certificate_is_not_replayed() {
    let deployment = Deployment::published();
    let files = scrubbed(&deployment, &list(&["ann", "bob"]), &[]);
    let certificate = fs::read_to_string(&files[1]).unwrap();
    fs::write(&files[0], list(&["ann", "cyd"])).unwrap();
    let other = replay(&deployment, 3, &files);
    assert!(other["problem"].as_str().unwrap().contains("another list"));
    assert_eq!(other["same"], false);
    let forged = certificate.replace("\"kept\": 2", "\"kept\": 1");
    assert_ne!(forged, certificate);
    fs::write(&files[1], forged).unwrap();
    let forged = replay(&deployment, 3, &files);
    assert_eq!(forged["problem"], "it was changed after it was signed");
}

#[test]
fn countries_and_classes_stated_row_by_row_are_read_again() {
    let deployment = Deployment::published();
    let text = "Land;E-Mail;Art\nDE;ann@client.example;corporate\nGB;bob@client.example;individual\n\
                gb;cyd@client.example;corporate\n??;dan@client.example;corporate\n";
    let columns = ["--country-column", "Land", "--subscriber-column", "Art"];
    let files = scrubbed(&deployment, text, &columns);
    let signed: Value = serde_json::from_slice(&fs::read(&files[1]).unwrap()).unwrap();
    assert_eq!(signed["certificate"]["counts"]["kept"], 1);
    assert_eq!(replay(&deployment, 0, &files)["same"], true);
}

#[test]
fn a_database_that_ends_before_the_certificate_decides_nothing() {
    let deployment = Deployment::published();
    let backup = deployment.file("monday.db");
    deployment
        .run(&["backup", backup.to_str().unwrap()])
        .with(0);
    object(&deployment, "ann");
    let files = scrubbed(&deployment, &list(&["ann"]), &[]);
    deployment
        .run(&["restore", backup.to_str().unwrap()])
        .with(0);
    let ended = deployment.run(&["replay", &files[1], &files[0]]).with(1);
    assert!(ended.error.contains("older backup"), "{ended:?}");
}

#[test]
fn after_a_new_signing_key_the_older_public_key_still_serves() {
    let deployment = Deployment::published();
    let files = scrubbed(&deployment, &list(&["ann", "bob"]), &[]);
    let secrets = deployment.file("secrets.toml");
    let text = fs::read_to_string(&secrets).unwrap();
    let all: toml::Table = toml::from_str(&text).unwrap();
    let old = all["secrets"]["signing_key"].as_str().unwrap();
    let seed = BASE64_STANDARD.decode(old).unwrap();
    let key = ed25519_dalek::SigningKey::from_bytes(&seed.try_into().unwrap());
    let keys = deployment.file("keys.json");
    let public = serde_json::to_string(&PublicKeys::of(&key)).unwrap();
    fs::write(&keys, public).unwrap();
    fs::write(
        &secrets,
        text.replace(old, &BASE64_STANDARD.encode([9; 32])),
    )
    .unwrap();
    let refused = replay(&deployment, 3, &files);
    assert_eq!(refused["problem"], "it was signed with another key");
    let keys = keys.to_str().unwrap();
    let arguments = ["replay", &files[1], &files[0], "--keys", keys];
    assert_eq!(deployment.json(0, &arguments)["same"], true);
}
