//! `key create | list | revoke`.

use std::fs;

use serde_json::json;

use crate::deployment::Deployment;

#[test]
fn a_key_is_shown_once_and_kept_as_a_hash() {
    let deployment = Deployment::published();
    let made = deployment.json(
        0,
        &["key", "create", "--scope", "gate:check", "--label", "crm"],
    );
    let members: Vec<_> = made.as_object().unwrap().keys().collect();
    assert_eq!(members, ["key"]);
    let key = made["key"].as_str().unwrap();
    assert!(key.starts_with("sayso_") && key.len() == 49, "{key}");
    for file in fs::read_dir(deployment.file("")).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        assert!(
            !bytes
                .windows(20)
                .any(|window| window == &key.as_bytes()[6..26])
        );
    }
    let listed = deployment.json(0, &["key", "list"]);
    let shown = &listed["keys"][0];
    assert_eq!(shown["label"], "crm");
    assert_eq!(shown["scopes"], json!(["gate:check"]));
    assert_eq!(shown["active"], true);
    assert_eq!(shown["ends_in"], key[key.len() - 4..]);
    assert!(!listed.to_string().contains(&key[6..40]));
}

#[test]
fn a_key_is_revoked_by_itself_or_by_its_id() {
    let deployment = Deployment::published();
    let mut keys = Vec::new();
    for _ in 0..2 {
        let made = deployment.json(0, &["key", "create", "--scope", "admin"]);
        keys.push(made["key"].as_str().unwrap().to_owned());
    }
    let id = |place: usize| deployment.json(0, &["key", "list"])["keys"][place]["id"].clone();
    let second = id(1);
    deployment.json(0, &["key", "revoke", &keys[0]]);
    deployment.json(0, &["key", "revoke", second.as_str().unwrap()]);
    let listed = deployment.json(0, &["key", "list"]);
    for key in listed["keys"].as_array().unwrap() {
        assert_eq!(key["active"], false);
        assert!(key["revoked_at"].is_string());
    }
    let unknown = deployment.run(&["key", "revoke", "sayso_nonsense"]).with(1);
    assert!(!unknown.error.contains("sayso_nonsense"));
}

#[test]
fn an_end_that_is_over_is_refused() {
    let deployment = Deployment::published();
    let create = ["key", "create", "--scope", "admin", "--expires"];
    deployment
        .run(&[&create[..], &["2020-01-01"]].concat())
        .with(2);
    deployment.run(&[&create[..], &["soon"]].concat()).with(2);
    deployment
        .run(&[&create[..], &["2099-01-01"]].concat())
        .with(0);
    let listed = deployment.json(0, &["key", "list"]);
    assert_eq!(listed["keys"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_scope_that_opens_nothing_yet_is_taken_and_said_to_be_one() {
    let deployment = Deployment::published();
    let create = |scope| ["key", "create", "--scope", "gate:check", "--scope", scope];
    let idle = deployment.run(&create("entries:read")).with(0).error;
    assert!(idle.contains("No call asks for entries:read yet"), "{idle}");
    let working = deployment.run(&create("scrub:run")).with(0).error;
    assert!(!working.contains("No call"), "{working}");
}

#[test]
fn a_new_key_is_all_of_the_answer_and_what_is_said_of_it_stands_beside() {
    let deployment = Deployment::published();
    let create = ["key", "create", "--scope", "gate:check"];
    let made = deployment.run(&create).with(0);
    assert_eq!(made.output.trim_end().len(), 49, "{made:?}");
    assert!(made.error.contains("shown this once"), "{made:?}");
}
