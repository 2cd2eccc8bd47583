//! Erasure, backup and restore, from the command line.

use std::fs;
use std::process::{Command, Stdio};

use backend::secrets::SecretsText;
use serde_json::json;
use shared::address::Address;

use crate::deployment::Deployment;

const JANE: &str = "jane@client.example";
const ERASE: [&str; 4] = ["erase", JANE, "--evidence", "letter 7"];

fn object(deployment: &Deployment, address: &str) {
    let told = ["object", address, "--purpose", "all", "--evidence", "call"];
    deployment.run(&told).with(0);
}

#[test]
fn erasure_says_what_stays_and_the_gate_still_withholds() {
    let deployment = Deployment::published();
    let nothing = deployment.json(0, &ERASE);
    assert_eq!(nothing, json!({ "erased": false, "stays": [] }));
    object(&deployment, JANE);
    let erased = deployment.json(0, &ERASE);
    assert_eq!(erased, json!({ "erased": true, "stays": [{}] }));
    let decided = deployment.check(3, JANE);
    assert_eq!(decided["reasons"], json!(["objected", "erased"]));
    let verified = deployment.json(0, &["ledger", "verify"]);
    assert_eq!(
        (&verified["entries"], &verified["erased"]),
        (&json!(2), &json!(1))
    );
    let again = deployment.json(0, &ERASE);
    assert_eq!(again, erased);
    assert_eq!(
        deployment.json(0, &["ledger", "verify"])["entries"],
        2,
        "once is enough"
    );
    deployment.run(&["erase", JANE, "--evidence", JANE]).with(2);
}

#[test]
fn an_address_in_typographic_quotes_is_refused_unless_somebody_is_known_so() {
    let deployment = Deployment::published();
    object(&deployment, JANE);
    let quoted = format!("\u{201c}{JANE}\u{201d}");
    for command in [
        ["erase", &quoted, "--evidence", "letter 7"],
        ["export", &quoted, "--reason", "letter 7"],
    ] {
        let refused = deployment.run(&command).with(2);
        assert!(!refused.error.contains(JANE), "{refused:?}");
    }
    assert_eq!(deployment.check(3, JANE)["reasons"], json!(["objected"]));
    // As an earlier version took it.
    let taken = Address::of_kept(&quoted).unwrap();
    let secrets = fs::read_to_string(deployment.file("secrets.toml")).unwrap();
    let secrets: toml::Table = toml::from_str(&secrets).unwrap();
    let secrets: SecretsText = secrets["secrets"].clone().try_into().unwrap();
    let key = secrets.check().unwrap().keys(&taken).0[0].1;
    let database = rusqlite::Connection::open(deployment.file("sayso.db")).unwrap();
    let rekey = "UPDATE subject_key SET address_key = ?1";
    assert_eq!(database.execute(rekey, [key.as_bytes()]).unwrap(), 1);
    let erased = deployment.json(0, &["erase", &quoted, "--evidence", "letter 7"]);
    assert_eq!(erased["erased"], true);
}

#[test]
fn a_restored_older_backup_is_erased_again_before_anybody_sees_it() {
    let deployment = Deployment::published();
    object(&deployment, JANE);
    object(&deployment, "other@client.example");
    let backup = deployment.file("monday.db");
    let backup = backup.to_str().unwrap();
    let made = deployment.json(0, &["backup", backup]);
    assert_eq!(made["bytes"], fs::metadata(backup).unwrap().len());
    deployment.run(&["backup", backup]).with(1);
    deployment.run(&ERASE).with(0);
    let restored = deployment.json(0, &["restore", backup]);
    assert_eq!(restored["erased_again"], 1, "{restored}");
    assert_eq!(restored["problems"], json!([]));
    assert_eq!(restored["erased"], 1);
    assert!(deployment.file("sayso.db.replaced").exists());
    assert_eq!(
        deployment.check(3, JANE)["reasons"],
        json!(["objected", "erased"])
    );
    let other = deployment.check(3, "other@client.example");
    assert_eq!(other["reasons"], json!(["objected"]));
    assert_eq!(
        deployment.json(0, &["ledger", "verify"])["problems"],
        json!([])
    );
    let list = fs::read_to_string(deployment.file("erasures.ndjson")).unwrap();
    assert!(!list.contains("client.example"), "{list}");
}

#[test]
fn nothing_is_restored_while_the_service_runs_and_a_backup_is() {
    let deployment = Deployment::published();
    let mut service = Command::new(env!("CARGO_BIN_EXE_sayso"))
        .env_clear()
        .arg("--data")
        .arg(deployment.file(""))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    let mut out = std::io::BufReader::new(service.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut out, &mut ready).unwrap();
    let backup = deployment.file("now.db");
    let backup = backup.to_str().unwrap();
    deployment.run(&["backup", backup]).with(0);
    let refused = deployment.run(&["restore", backup]).with(1);
    assert!(refused.error.contains("stop it first"), "{refused:?}");
    service.kill().unwrap();
    service.wait().unwrap();
    let restored = deployment.run(&["restore", backup]).with(0).output;
    for again in ["`sayso key revoke`", "`sayso domain object`", ".replaced"] {
        assert!(restored.contains(again), "{restored}");
    }
}

#[test]
fn what_people_stopped_after_the_backup_is_taken_over_from_the_database_that_it_replaced() {
    let deployment = Deployment::published();
    object(&deployment, JANE);
    let backup = deployment.file("monday.db");
    let backup = backup.to_str().unwrap();
    deployment.run(&["backup", backup]).with(0);
    object(&deployment, JANE);
    object(&deployment, "later@client.example");
    let list = deployment.file("list.csv");
    fs::write(&list, "email\nlisted@client.example\n").unwrap();
    let list = list.to_str().unwrap();
    deployment
        .run(&["import", list, "--as", "objections"])
        .with(0);
    let evidence = deployment.json(0, &["ledger", "show"])["entries"][2]["entry"].clone();
    let replaced = deployment.file("sayso.db.replaced");
    let replaced = replaced.to_str().unwrap();
    deployment.run(&["carry-over", backup]).with(1);
    let restored = deployment.run(&["restore", backup]).with(0).output;
    assert!(restored.contains("sayso carry-over"), "{restored}");
    deployment.check(0, "later@client.example");
    let dry = deployment.json(3, &["carry-over", replaced, "--dry-run"]);
    assert_eq!(dry["carried_over"], json!({ "objected": 2 }));
    deployment.check(0, "later@client.example");
    let carried = deployment.json(3, &["carry-over", replaced]);
    assert_eq!(carried["carried_over"], json!({ "objected": 2 }));
    assert_eq!(carried["imported_left"], 1);
    deployment.check(3, "later@client.example");
    deployment.check(0, "listed@client.example");
    let shown = deployment.json(0, &["ledger", "show"]);
    assert!(shown.to_string().contains(&evidence.to_string()), "{shown}");
    let again = deployment.json(0, &["carry-over", replaced, "--imported"]);
    assert_eq!(again["carried_over"], json!({ "objected": 1 }));
    assert_eq!(again["known"], 2);
    deployment.check(3, "listed@client.example");
    let verified = deployment.json(0, &["ledger", "verify"]);
    assert_eq!(verified["problems"], json!([]));
}

/// A backup of the deployment, under that name.
fn back_up(deployment: &Deployment, name: &str) -> String {
    let backup = deployment.file(name).to_str().unwrap().to_owned();
    deployment.run(&["backup", &backup]).with(0);
    backup
}

#[test]
fn a_damaged_entry_of_one_person_keeps_nobody_elses_from_being_taken_over() {
    let deployment = Deployment::published();
    object(&deployment, JANE);
    let backup = back_up(&deployment, "b.db");
    for address in [JANE, "later@client.example"] {
        object(&deployment, address);
    }
    let database = rusqlite::Connection::open(deployment.file("sayso.db")).unwrap();
    database
        .execute_batch(
            "DROP TRIGGER payload_is_not_updated;
             UPDATE payload SET canonical = x'00' WHERE seq = 1;",
        )
        .unwrap();
    drop(database);
    deployment.run(&["restore", &backup]).with(0);
    let replaced = deployment.file("sayso.db.replaced");
    let carried = deployment.json(0, &["carry-over", replaced.to_str().unwrap()]);
    assert_eq!(carried["carried_over"], json!({ "objected": 2 }));
    deployment.check(3, "later@client.example");
}

#[test]
fn what_came_between_two_restores_is_taken_over_as_well() {
    let deployment = Deployment::published();
    object(&deployment, JANE);
    let first = back_up(&deployment, "first.db");
    object(&deployment, "second@client.example");
    let second = back_up(&deployment, "second.db");
    deployment.run(&["restore", &first]).with(0);
    object(&deployment, "between@client.example");
    let (replaced, aside) = (
        deployment.file("sayso.db.replaced"),
        deployment.file("aside.db"),
    );
    fs::rename(&replaced, aside).unwrap();
    deployment.run(&["restore", &second]).with(0);
    deployment.check(0, "between@client.example");
    let carried = deployment.json(0, &["carry-over", replaced.to_str().unwrap()]);
    assert_eq!(carried["carried_over"], json!({ "objected": 1 }));
    deployment.check(3, "between@client.example");
}

#[test]
fn who_was_erased_since_is_not_brought_back_and_what_is_left_is_named() {
    let deployment = Deployment::published();
    let backup = back_up(&deployment, "b.db");
    object(&deployment, JANE);
    let company = ["domain", "object", "late.example", "--evidence", "letter 9"];
    deployment.run(&company).with(0);
    deployment.run(&["restore", &backup]).with(0);
    let replaced = deployment.file("sayso.db.replaced");
    let carry = ["carry-over", replaced.to_str().unwrap()];
    let carried = deployment.json(3, &carry);
    assert_eq!(carried["carried_over"], json!({ "objected": 1 }));
    assert_eq!(carried["domains_left"], json!(["late.example"]));
    deployment.run(&ERASE).with(0);
    let again = deployment.json(3, &carry);
    assert_eq!(again["carried_over"], json!({}));
    assert_eq!(again["known"], 1);
    deployment.check(3, JANE);
}

#[test]
fn nothing_is_taken_over_from_another_ledger() {
    let (one, other) = (Deployment::published(), Deployment::published());
    object(&one, JANE);
    object(&other, "else@client.example");
    let backup = one.file("b.db");
    let backup = backup.to_str().unwrap();
    one.run(&["backup", backup]).with(0);
    one.run(&["restore", backup]).with(0);
    let foreign = other.file("sayso.db");
    let refused = one.run(&["carry-over", foreign.to_str().unwrap()]).with(1);
    assert!(
        refused.error.contains("another deployment's"),
        "{refused:?}"
    );
    one.check(0, "else@client.example");
}

#[test]
fn a_new_machine_is_set_up_from_a_backup() {
    let (old, new) = (Deployment::published(), Deployment::empty());
    object(&old, JANE);
    let backup = old.file("b.db");
    let backup = backup.to_str().unwrap();
    old.run(&["backup", backup]).with(0);
    for file in ["secrets.toml", "sayso.toml"] {
        fs::copy(old.file(file), new.file(file)).unwrap();
    }
    let restored = new.json(0, &["restore", backup]);
    assert_eq!(restored.get("replaced"), None);
    assert_eq!(new.check(3, JANE)["reasons"], json!(["objected"]));
    new.run(&["restore", "/nonexistent.db"]).with(1);
}
