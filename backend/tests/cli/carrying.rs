//! `sayso carry-over`: what is left, what is named, and what it is asked of by mistake.

use std::fs;

use serde_json::{Value, json};

use crate::deployment::{Deployment, changed};
use crate::imports::told;

const JANE: &str = "jane@client.example";
const FACTS: [&str; 2] = ["--as", "facts"];

/// A backup of the deployment.
fn back_up(deployment: &Deployment) -> String {
    let backup = deployment.file("b.db").to_str().unwrap().to_owned();
    deployment.run(&["backup", &backup]).with(0);
    backup
}

/// Takes over from the database that a restore replaced.
fn carry(deployment: &Deployment, code: i32, more: &[&str]) -> Value {
    let replaced = deployment.file("sayso.db.replaced");
    let command = ["carry-over", replaced.to_str().unwrap()];
    deployment.json(code, &[&command[..], more].concat())
}

#[test]
fn facts_that_restrict_are_taken_over_without_what_loosens() {
    let deployment = Deployment::published();
    let backup = back_up(&deployment);
    let facts = "email,country,subscriber,evidence\n\
        dora@client.example,DE,individual,form 1\n\
        eve@client.example,FR,corporate,form 2\n\
        fay@client.example,GB,corporate,form 3\n\
        gil@client.example,DE,,\n";
    deployment.import(facts, &FACTS).with(0);
    deployment.run(&["restore", &backup]).with(0);
    deployment.check(0, "dora@client.example");
    let left = carry(&deployment, 3, &[]);
    assert_eq!(left["carried_over"], json!({}));
    assert_eq!(left["imported_left"], 3, "what loosens is none of it");
    // What is said here again already is not recorded twice.
    let again = "email,country\ngil@client.example,DE\n";
    deployment.import(again, &FACTS).with(0);
    let taken = carry(&deployment, 0, &["--imported"]);
    assert_eq!(taken["carried_over"], json!({ "fact_recorded": 2 }));
    assert_eq!(taken["known"], 1);
    for who in ["dora", "eve", "gil"] {
        deployment.check(3, &format!("{who}@client.example"));
    }
    let eve = deployment.entries().pop().unwrap();
    assert_eq!(eve["facts"], json!({ "country": "FR" }));
    assert_eq!(
        deployment.json(0, &["ledger", "verify"])["problems"],
        json!([])
    );
}

#[test]
fn a_fact_that_was_corrected_here_since_is_not_recorded_over_it() {
    let deployment = Deployment::published();
    let backup = back_up(&deployment);
    let facts = "email,country,subscriber,obtained_at,evidence\n\
        dora@client.example,DE,,2026-01-02,form 1\n\
        gil@client.example,DE,individual,2026-01-02,form 2\n";
    deployment.import(facts, &FACTS).with(0);
    deployment.run(&["restore", &backup]).with(0);
    let corrected = "email,country,evidence\n\
        dora@client.example,GB,form 3\n\
        gil@client.example,GB,form 4\n";
    deployment.import(corrected, &FACTS).with(0);
    let taken = carry(&deployment, 0, &["--imported"]);
    assert_eq!(taken["carried_over"], json!({ "fact_recorded": 1 }));
    assert_eq!(taken["known"], 1);
    deployment.check(0, "dora@client.example");
    deployment.check(3, "gil@client.example");
    let gil = deployment.entries().pop().unwrap();
    assert_eq!(gil["facts"], json!({ "subscriber": "individual" }));
}

#[test]
fn what_was_imported_and_is_here_already_is_not_said_to_be_left() {
    let deployment = Deployment::published();
    let backup = back_up(&deployment);
    let list = "email\nlisted@client.example\n";
    deployment.import(list, &["--as", "objections"]).with(0);
    deployment.run(&["restore", &backup]).with(0);
    assert_eq!(carry(&deployment, 3, &[])["imported_left"], 1);
    carry(&deployment, 0, &["--imported"]);
    let plain = carry(&deployment, 0, &[]);
    assert_eq!(plain["imported_left"], 0);
    assert_eq!(plain["known"], 1);
}

#[test]
fn the_own_database_is_refused_and_where_another_ledger_ends_is_said() {
    let deployment = Deployment::published();
    told(&deployment, JANE);
    let backup = back_up(&deployment);
    told(&deployment, "later@client.example");
    deployment.run(&["restore", &backup]).with(0);
    let own = deployment.file("sayso.db");
    let link = deployment.file("link.db");
    std::os::unix::fs::symlink(&own, &link).unwrap();
    for own in [own, link] {
        let refused = deployment.run(&["carry-over", own.to_str().unwrap()]);
        let said = refused.with(1).error;
        assert!(said.contains("sayso.db.replaced"), "{said}");
    }
    let said = deployment.run(&["carry-over", &backup]).with(0).output;
    assert!(said.contains("ends with entry 1, which is here"), "{said}");
    let carried = carry(&deployment, 0, &[]);
    assert_eq!(carried["since"], 1);
    assert_eq!(carried["entries_since"], 1);
    let said = deployment.file("sayso.db.replaced");
    let said = deployment.run(&["carry-over", said.to_str().unwrap()]);
    let said = said.with(0).output;
    assert!(said.contains("has 1 entry after entry 1"), "{said}");
}

#[test]
fn a_notice_published_since_is_named_until_a_version_says_the_same_under_whatever_number() {
    let deployment = Deployment::published();
    let backup = back_up(&deployment);
    let mut folder = String::new();
    for period in ["P8Y", "P9Y"] {
        let period = format!("period = \"{period}\"");
        folder = changed(&deployment, "period = \"P7Y\"", &period);
        deployment.run(&["notice", "publish", &folder]).with(0);
    }
    told(&deployment, JANE);
    deployment.run(&["restore", &backup]).with(0);
    let left = carry(&deployment, 3, &[]);
    assert_eq!(left["carried_over"], json!({ "objected": 1 }));
    assert_eq!(left["notices_left"], json!(["corporate-clients version 3"]));
    let replaced = deployment.file("sayso.db.replaced");
    let said = deployment.run(&["carry-over", replaced.to_str().unwrap()]);
    let said = said.with(3).output;
    assert!(said.contains("`sayso notice publish`"), "{said}");
    // Another number, so another digest: what counts is what it says.
    deployment.run(&["notice", "publish", &folder]).with(0);
    assert_eq!(carry(&deployment, 0, &[]).get("notices_left"), None);
    fs::remove_dir_all(folder).unwrap();
}
