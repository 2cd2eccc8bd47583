//! Erasure, backup and restore, from the command line.

use std::fs;
use std::process::{Command, Stdio};

use serde_json::json;

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
    let dry = deployment.json(0, &["carry-over", replaced, "--dry-run"]);
    assert_eq!(dry["carried_over"], json!({ "objected": 2 }));
    deployment.check(0, "later@client.example");
    let carried = deployment.json(0, &["carry-over", replaced]);
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
        refused.error.contains("its ledger is another one"),
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
