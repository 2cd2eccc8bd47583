//! Settings of the notice count when it is published again, and `config check` says what waits for that.

use std::fs;

use serde_json::{Value, json};

use crate::deployment::{Deployment, notice};

/// Changes the configuration.
fn change(deployment: &Deployment, from: &str, to: &str) {
    let path = deployment.file("sayso.toml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(&path, text.replace(from, to)).unwrap();
}

fn publish(deployment: &Deployment) {
    let folder = notice();
    let folder = folder.to_str().unwrap();
    deployment.run(&["notice", "publish", folder]).with(0);
}

/// What is amiss in the notices in force.
fn amiss(deployment: &Deployment, code: i32) -> Vec<Value> {
    let found = deployment.json(code, &["config", "check"]);
    found["notices"].as_array().unwrap().clone()
}

#[test]
fn a_setting_that_was_not_published_is_named_until_it_is() {
    let deployment = Deployment::published();
    assert_eq!(amiss(&deployment, 0), Vec::<Value>::new());
    change(&deployment, "00000000", "00000001");
    let found = amiss(&deployment, 3);
    assert_eq!(found.len(), 1, "{found:?}");
    let said = found[0].to_string();
    assert!(said.contains("says of controller is not"), "{said}");
    assert!(said.contains("sayso notice publish"), "{said}");
    publish(&deployment);
    assert_eq!(amiss(&deployment, 0), Vec::<Value>::new());
}

#[test]
fn a_review_is_renewed_by_publishing_and_not_by_the_configuration_alone() {
    let deployment = Deployment::configured();
    change(&deployment, "2026-11-01", "2020-01-01");
    publish(&deployment);
    let address = "jane@client.example";
    let reasons = deployment.check(3, address)["reasons"].clone();
    assert_eq!(reasons, json!(["lia_missing"]));
    let said = amiss(&deployment, 3)[0].to_string();
    assert!(said.contains("lapsed since 2021-01-01"), "{said}");
    assert!(said.contains("LIA-info-about-us"), "{said}");
    change(&deployment, "2020-01-01", "2026-11-01");
    deployment.check(3, address);
    let found = amiss(&deployment, 3);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].to_string().contains("LIA-info-about-us"),
        "{found:?}"
    );
    publish(&deployment);
    assert_eq!(amiss(&deployment, 0), Vec::<Value>::new());
    deployment.check(0, address);
}
