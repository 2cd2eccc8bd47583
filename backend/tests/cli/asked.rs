//! Requests by letter or phone, and retention, from the command line.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use crate::deployment::Deployment;

const JANE: &str = "jane@client.example";

#[test]
fn an_export_needs_a_reason_and_is_noted() {
    let deployment = Deployment::published();
    let told = ["object", JANE, "--purpose", "all", "--evidence", "call"];
    deployment.run(&told).with(0);
    deployment.run(&["export", JANE]).with(2);
    assert!(!deployment.file("views.ndjson").exists());
    let ended = deployment
        .run(&["export", JANE, "--reason", "letter 7"])
        .with(0);
    let person = ended.json();
    assert_eq!(person["suppressed"], true);
    assert_eq!(person["records"][0]["type"], "RightExerciseRecord");
    assert!(!person.to_string().contains(JANE));
    let views = fs::read_to_string(deployment.file("views.ndjson")).unwrap();
    assert!(
        views.contains("letter 7") && !views.contains(JANE),
        "{views}"
    );
    let mode = fs::metadata(deployment.file("views.ndjson"))
        .unwrap()
        .permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
    let table = deployment
        .run(&["export", JANE, "--reason", "letter 7", "--csv"])
        .with(0);
    assert_eq!(table.output.lines().count(), 2);
    let part = deployment.run(&["export", "jane", "--reason", "x"]).with(2);
    assert!(
        !part.error.contains("jane"),
        "an exact address alone: {part:?}"
    );
    deployment
        .run(&["export", "nobody@client.example", "--reason", "x"])
        .with(3);
}

#[test]
fn retention_prints_its_rules_and_what_is_over() {
    let deployment = Deployment::published();
    let planned = deployment.json(0, &["retention", "--dry-run"]);
    assert_eq!(planned["dry_run"], true);
    assert_eq!(planned["rules"].as_array().unwrap().len(), 9);
    for rule in planned["rules"].as_array().unwrap() {
        assert_eq!(rule["count"], json!(0));
        assert!(rule["why"].as_str().is_some_and(|why| !why.is_empty()));
    }
    let said = deployment.run(&["retention"]).with(0).output;
    assert!(said.contains("P5Y"), "{said}");
}
