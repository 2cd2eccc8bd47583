//! Secrets that do not go with the database: nothing starts that would not find who objected.

use std::fs;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use crate::deployment::Deployment;
use crate::replaying::object;

const ANN: &str = "ann@client.example";

/// Puts these generations of the pepper into the secrets; the first one is that of the deployment.
fn peppers(deployment: &Deployment, generations: &[u32]) {
    let path = deployment.file("secrets.toml");
    let mut secrets: toml::Table = fs::read_to_string(&path).unwrap().parse().unwrap();
    let copy = deployment.file("copy.toml");
    if !copy.exists() {
        fs::copy(&path, &copy).unwrap();
    }
    let first: toml::Table = fs::read_to_string(&copy).unwrap().parse().unwrap();
    let pepper = generations.iter().map(|generation| {
        let text = match generation {
            1 => first["secrets"]["pepper"]["1"].clone(),
            _ => BASE64_STANDARD.encode([*generation as u8; 32]).into(),
        };
        (generation.to_string(), text)
    });
    let pepper = toml::Value::Table(pepper.collect());
    secrets["secrets"]
        .as_table_mut()
        .unwrap()
        .insert("pepper".to_owned(), pepper);
    fs::write(&path, secrets.to_string()).unwrap();
}

#[track_caller]
fn nothing_works(deployment: &Deployment, says: &str) {
    fs::write(deployment.file("one.csv"), "Email\nann@client.example\n").unwrap();
    let one = deployment.file("one.csv");
    let one = one.to_str().unwrap();
    for command in [
        &["check", ANN, "--purpose", "info_about_us"][..],
        &["serve", "--listen", "127.0.0.1:0"],
        &["object", ANN, "--purpose", "all", "--evidence", "call"],
        &["erase", ANN, "--evidence", "call"],
        &["export", ANN, "--reason", "call 7"],
        &["import", one, "--as", "objections"],
        &["link", ANN, "--purpose", "info_about_us"],
        &["case", "list"],
        &["notice", "due", one],
    ] {
        let ended = deployment.run(command).with(1);
        assert!(ended.error.contains(says), "{command:?}: {ended:?}");
        assert!(!ended.error.contains("ann"), "{ended:?}");
    }
    let found = deployment.json(3, &["config", "check"]);
    let missing = found["missing"].to_string();
    assert!(missing.contains(says), "{missing}");
    let mail = deployment.fed("", &["mail-in", "--sender", ANN, "--", ANN]);
    assert_eq!(mail.code, 75, "the mail system keeps it: {mail:?}");
}

#[test]
fn an_older_pepper_cannot_be_taken_away_before_an_import_has_keyed_everybody_anew() {
    let deployment = Deployment::published();
    let list = deployment.file("one.csv");
    fs::write(&list, "Email\nann@client.example\n").unwrap();
    let import = ["import", list.to_str().unwrap(), "--as", "objections"];
    assert_eq!(deployment.json(0, &import)["recorded"], 1);
    peppers(&deployment, &[1, 2]);
    deployment.check(3, ANN);
    peppers(&deployment, &[2]);
    nothing_works(&deployment, "1 contact is keyed under pepper.1 alone");
    peppers(&deployment, &[1, 2]);
    let report = deployment.json(0, &import);
    assert_eq!(
        (&report["recorded"], &report["known"]),
        (&json!(0), &json!(1))
    );
    peppers(&deployment, &[2]);
    assert_eq!(deployment.check(3, ANN)["reasons"], json!(["objected"]));
    peppers(&deployment, &[1]);
    nothing_works(&deployment, "Put pepper.2 back");
}

#[test]
fn of_four_peppers_the_oldest_is_not_given_up_while_somebody_is_keyed_under_it_alone() {
    let deployment = Deployment::published();
    object(&deployment, "ann");
    for generations in [&[1, 2][..], &[1, 2, 3]] {
        peppers(&deployment, generations);
        deployment.check(3, ANN);
    }
    peppers(&deployment, &[1, 2, 3, 4]);
    nothing_works(&deployment, "Take the newest out");
    let found = deployment.json(3, &["config", "check"]);
    let missing = found["missing"].to_string();
    for says in ["1 contact would not be found", "take pepper.4 out"] {
        assert!(missing.contains(says), "{missing}");
    }
    peppers(&deployment, &[1, 2, 3]);
    object(&deployment, "ann");
    peppers(&deployment, &[1, 2, 3, 4]);
    let found = deployment.json(3, &["config", "check"]);
    assert!(
        found["missing"].to_string().contains("nobody needs"),
        "{found}"
    );
}

#[test]
fn new_secrets_are_not_made_for_a_restored_database_and_not_used_on_it() {
    let (old, new) = (Deployment::published(), Deployment::configured());
    object(&old, "ann");
    let backup = old.file("b.db");
    let backup = backup.to_str().unwrap();
    old.run(&["backup", backup]).with(0);
    new.run(&["restore", backup]).with(0);
    nothing_works(&new, "Put the pepper.1 of this deployment back");
    fs::remove_file(new.file("secrets.toml")).unwrap();
    let refused = new.run(&["config", "secrets"]).with(1);
    assert!(refused.error.contains("1 contact"), "{refused:?}");
    assert!(!new.file("secrets.toml").exists());
    fs::copy(old.file("secrets.toml"), new.file("secrets.toml")).unwrap();
    new.check(3, ANN);
}
