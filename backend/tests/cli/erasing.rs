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
