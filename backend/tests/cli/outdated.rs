//! Settings of the notice count when it is published again, and `config check` says what waits for that.

use std::fs;
use std::sync::Arc;

use backend::config::Config;
use backend::publishing::{self, Folder};
use backend::store::Write;
use backend::store::sqlite::{Options, Sqlite};
use serde_json::{Value, json};
use shared::time::Timestamp;

use crate::deployment::{Deployment, notice, today};

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
fn a_setting_of_the_gate_that_waits_for_a_start_is_named_until_then() {
    let deployment = Deployment::published();
    change(
        &deployment,
        "default_country = \"GB\"",
        "default_country = \"FR\"",
    );
    let found = deployment.json(3, &["config", "check"]);
    let said = found["missing"][0].as_str().unwrap();
    assert!(
        said.contains("(default_country): restart the service"),
        "{said}"
    );
    deployment.check(0, "jane@client.example");
    drop(deployment.serve());
    assert_eq!(
        deployment.json(0, &["config", "check"])["missing"],
        json!([])
    );
    let withheld = deployment.check(3, "jane@client.example");
    assert_eq!(withheld["reasons"], json!(["no_consent"]));
}

#[test]
fn a_port_that_asks_about_what_no_notice_states_is_named() {
    let deployment = Deployment::published();
    let text = fs::read_to_string(deployment.file("sayso.toml")).unwrap();
    for (port, said) in [
        ("purpose = 'nope'", "purpose nope"),
        (
            "purpose = 'info_about_us'\ntopic = 'nope'",
            "topic nope of info_about_us",
        ),
        (
            "purpose = 'info_about_us'\nchannel = 'sms'",
            "channel sms for info_about_us",
        ),
    ] {
        let port = format!("{text}\n[[mta]]\nlisten = '127.0.0.1:0'\n{port}\n");
        fs::write(deployment.file("sayso.toml"), port).unwrap();
        let found = amiss(&deployment, 3);
        assert!(
            found.len() == 1 && found[0].to_string().contains(said),
            "{found:?}"
        );
    }
}

/// Publishes as somebody did at that moment.
async fn publish_at(deployment: &Deployment, moment: &str) {
    let config = Config::load(&deployment.file(""), None).unwrap();
    let database = deployment.file("sayso.db");
    let store: Arc<dyn Write> = Arc::new(Sqlite::open(&database, Options::command()).unwrap());
    let folder = Folder::read(&notice()).unwrap();
    let at = Timestamp::parse(moment).unwrap();
    publishing::publish(&store, &[folder], &[], &config, at)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_review_is_renewed_by_publishing_and_not_by_the_configuration_alone() {
    let deployment = Deployment::configured();
    change(&deployment, &today(), "2020-01-01");
    publish_at(&deployment, "2020-06-01T12:00:00Z").await;
    let address = "jane@client.example";
    let reasons = deployment.check(3, address)["reasons"].clone();
    assert_eq!(reasons, json!(["lia_missing"]));
    let said = amiss(&deployment, 3)[0].to_string();
    assert!(said.contains("lapsed since 2021-01-01"), "{said}");
    assert!(said.contains("LIA-info-about-us"), "{said}");
    change(&deployment, "2020-01-01", &today());
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
