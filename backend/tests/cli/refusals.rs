//! What is missing, short or from the future refuses the start: exit 1 means do not send (SEC-70).

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use serde_json::json;

use crate::deployment::Deployment;

const CHECK: [&str; 4] = ["check", "jane@client.example", "--purpose", "info_about_us"];
const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];
const TOLD: [&str; 6] = [
    "object",
    "jane@client.example",
    "--purpose",
    "all",
    "--evidence",
    "call",
];

/// Rewrites the line of the secrets file that starts with that name.
fn set(deployment: &Deployment, name: &str, value: &str) {
    let path = deployment.file("secrets.toml");
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<_> = text
        .lines()
        .map(|line| match line.split(" = ").next() == Some(name) {
            true => format!("{name} = \"{value}\""),
            false => line.to_owned(),
        })
        .collect();
    assert_ne!(lines.join("\n"), text.trim_end(), "{name} was set");
    fs::write(&path, lines.join("\n")).unwrap();
}

#[track_caller]
fn nothing_works(deployment: &Deployment, says: &str) {
    for command in [&CHECK[..], &SERVE, &TOLD] {
        let ended = deployment.run(command).with(1);
        assert!(ended.error.contains(says), "{command:?}: {ended:?}");
        assert!(!ended.output.contains("proceed"));
        assert!(!ended.error.contains("jane"), "{ended:?}");
    }
}

#[test]
fn a_directory_that_is_not_there_is_named_before_what_it_lacks() {
    let deployment = Deployment::empty();
    let asked = Command::new(env!("CARGO_BIN_EXE_sayso"))
        .env_clear()
        .args(CHECK)
        .arg("--data")
        .arg(deployment.file("nowhere"))
        .output()
        .unwrap();
    assert_eq!(asked.status.code(), Some(1));
    let said = String::from_utf8(asked.stderr).unwrap();
    assert!(
        said.contains("there is no directory") && said.contains("--data"),
        "{said}"
    );
}

#[test]
fn without_secrets_nothing_starts() {
    let deployment = Deployment::published();
    fs::remove_file(deployment.file("secrets.toml")).unwrap();
    nothing_works(&deployment, "pepper");
}

#[test]
fn a_missing_or_short_secret_refuses_the_start_and_is_named_without_its_value() {
    for (name, value) in [
        ("1", ""),
        ("1", "c2hvcnQ="),
        ("1", "not base64!"),
        ("1", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="),
        ("view_key", ""),
        ("view_key", "c2hvcnQ="),
        ("signing_key", ""),
        ("signing_key", "c2hvcnQ="),
    ] {
        let deployment = Deployment::published();
        set(&deployment, name, value);
        nothing_works(&deployment, if name == "1" { "pepper" } else { name });
        let ended = deployment.run(&SERVE);
        assert!(
            value.is_empty() || !ended.error.contains(value),
            "{ended:?}"
        );
        let found = deployment.json(3, &["config", "check"]);
        assert_eq!(
            found["missing"].as_array().map(Vec::len),
            Some(1),
            "{found}"
        );
    }
}

#[test]
fn equal_secrets_refuse_the_start() {
    let deployment = Deployment::published();
    let same = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=";
    set(&deployment, "view_key", same);
    set(&deployment, "signing_key", same);
    nothing_works(&deployment, "equal");
}

#[test]
fn a_database_of_the_future_is_left_alone() {
    let deployment = Deployment::published();
    let database = rusqlite::Connection::open(deployment.file("sayso.db")).unwrap();
    database.execute_batch("PRAGMA user_version = 999").unwrap();
    nothing_works(&deployment, "schema 999");
}

#[test]
fn a_file_that_is_no_database_of_sayso_is_left_alone() {
    let deployment = Deployment::published();
    for suffix in ["-wal", "-shm"] {
        let _ = fs::remove_file(deployment.file(&format!("sayso.db{suffix}")));
    }
    let noise = vec![0xa5; 8192];
    fs::write(deployment.file("sayso.db"), &noise).unwrap();
    for command in [&CHECK[..], &SERVE, &TOLD] {
        deployment.run(command).with(1);
    }
    assert_eq!(fs::read(deployment.file("sayso.db")).unwrap(), noise);
}

#[test]
fn a_rule_set_that_cannot_be_read_is_not_taken_for_none() {
    let deployment = Deployment::published();
    let database = rusqlite::Connection::open(deployment.file("sayso.db")).unwrap();
    database
        .execute_batch("DROP TRIGGER rules_are_not_updated; UPDATE rules SET canonical = x'7b7d';")
        .unwrap();
    let ended = deployment.run(&CHECK).with(1);
    assert!(ended.output.is_empty(), "{ended:?}");
}

#[test]
fn without_a_database_the_gate_fails_and_makes_none() {
    let deployment = Deployment::configured();
    let ended = deployment.run(&CHECK).with(1);
    assert!(ended.error.contains("no database"), "{ended:?}");
    assert!(!deployment.file("sayso.db").exists());
    for command in [
        &["ledger", "verify"][..],
        &["key", "list"],
        &["notice", "list"],
    ] {
        deployment.run(command).with(1);
    }
}

#[test]
fn a_database_without_a_notice_withholds() {
    let deployment = Deployment::configured();
    deployment
        .run(&["key", "create", "--scope", "admin"])
        .with(0);
    assert_eq!(
        deployment.json(3, &CHECK)["reasons"],
        json!(["unknown_purpose"])
    );
    deployment.run(&TOLD).with(1);
}

#[test]
fn a_configuration_that_cannot_be_read_refuses_the_start() {
    for broken in [
        "public_url = ",
        "unknown_key = 1",
        "site = [{ origin = 'https://example.com/' }]",
        "public_url = 'privacy.example.com'",
        "default_country = 'Britain'",
        "consumer_domains = ['mail.example', 'jane@mail.example']",
    ] {
        let deployment = Deployment::published();
        fs::write(deployment.file("sayso.toml"), broken).unwrap();
        for command in [&CHECK[..], &SERVE, &["config", "check"]] {
            let ended = deployment.run(command).with(1);
            assert!(ended.error.starts_with("sayso: "), "{ended:?}");
        }
    }
    let deployment = Deployment::published();
    deployment
        .run(&[&CHECK[..], &["--config", "/nonexistent.toml"]].concat())
        .with(1);
}

#[test]
fn serving_needs_a_public_url_outside_the_demonstration() {
    let deployment = Deployment::published();
    let path = deployment.file("sayso.toml");
    let text = fs::read_to_string(&path).unwrap();
    let without: Vec<_> = text
        .lines()
        .filter(|line| !line.starts_with("public_url"))
        .collect();
    fs::write(&path, without.join("\n")).unwrap();
    let ended = deployment.run(&SERVE).with(1);
    assert!(ended.error.contains("public_url"), "{ended:?}");
    assert_eq!(
        deployment.json(3, &["config", "check"])["public_url"],
        json!(null)
    );
}

#[test]
fn a_demonstration_does_not_take_over_a_real_deployment() {
    let deployment = Deployment::published();
    let ended = deployment.run(&[&SERVE[..], &["--demo"]].concat()).with(1);
    assert!(ended.error.contains("real deployment"), "{ended:?}");
}

#[test]
fn secrets_are_made_once_for_their_owner_alone() {
    let deployment = Deployment::empty();
    deployment.run(&["config", "secrets"]).with(0);
    let path = deployment.file("secrets.toml");
    let made = fs::read(&path).unwrap();
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    deployment.run(&["config", "secrets"]).with(1);
    assert_eq!(
        fs::read(&path).unwrap(),
        made,
        "a pepper is never overwritten"
    );
}

#[test]
fn a_complete_configuration_is_found_complete() {
    let deployment = Deployment::published();
    let found = deployment.json(0, &["config", "check"]);
    assert_eq!(found["missing"], json!([]));
    assert_eq!(found["sites"], json!(["https://www.example.com"]));
}

#[test]
fn the_environment_comes_last_and_wins() {
    let deployment = Deployment::published();
    let environment = [("SAYSO_DEFAULT_COUNTRY", "DE"), ("SAYSO_RATE_LIMIT", "off")];
    let arguments = [&CHECK[..], &["--json"]].concat();
    // The rule set in force was published with GB; the gate of this command reads it from there.
    assert_eq!(deployment.run_with(&environment, &arguments).code, 0);
    let pepper = [("SAYSO_SECRETS__PEPPER__1", "c2hvcnQ=")];
    deployment.run_with(&pepper, &arguments).with(1);
}

#[test]
fn a_directory_on_the_command_line_and_a_server_in_the_environment_are_refused_together() {
    let deployment = Deployment::published();
    let elsewhere = [
        ("SAYSO_SERVER", "https://privacy.example.com"),
        ("SAYSO_KEY", "sayso_0"),
    ];
    let check = ["check", "jane@client.example", "--purpose", "info_about_us"];
    let refused = deployment.run_with(&elsewhere, &check).with(2);
    assert!(refused.error.contains("SAYSO_SERVER"), "{refused:?}");
    // What asks no server is not concerned.
    deployment.run_with(&elsewhere, &["key", "list"]).with(0);
}
