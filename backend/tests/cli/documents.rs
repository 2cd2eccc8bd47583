//! `sayso import` of JSON: nobody in a document is passed over, and nobody taken for another.

use std::fs;

use serde_json::{Value, json};

use crate::deployment::{Deployment, Ended};

fn import(deployment: &Deployment, text: &str, more: &[&str]) -> Ended {
    let path = deployment.file("document.json");
    fs::write(&path, text).unwrap();
    let file = path.to_str().unwrap();
    let fixed = ["import", file, "--as", "objections", "--json"];
    deployment.run(&[&fixed[..], more].concat())
}

fn objected(deployment: &Deployment, who: &str) -> bool {
    let reasons: Value = deployment.reasons(&format!("{who}@client.example"));
    reasons == json!(["objected"])
}

#[test]
fn the_member_that_the_command_line_names_is_the_address() {
    let deployment = Deployment::published();
    let text = r#"[{"email": "ann@client.example", "private": "bob@client.example"},
        {"email": "cat@client.example"}]"#;
    let report = import(&deployment, text, &["--column", "private"]).with(3);
    assert_eq!(report.json()["refusals"][0]["line"], 2);
    assert!(objected(&deployment, "bob"));
    assert!(!objected(&deployment, "ann") && !objected(&deployment, "cat"));
}

#[test]
fn a_contact_that_has_a_list_of_its_own_is_not_passed_over() {
    let deployment = Deployment::published();
    let text = r#"{"email": "ann@client.example", "bounces": []}
        {"email": "bob@client.example", "contacts": [], "data": 0}
        {"mail": "cat@client.example", "results": []}"#;
    let report = import(&deployment, text, &[]).with(3).json();
    assert_eq!(
        (&report["rows"], &report["refusals"][0]["line"]),
        (&json!(3), &json!(3)),
        "{report}"
    );
    assert!(objected(&deployment, "ann") && objected(&deployment, "bob"));
    let domains = r#"{"domain": "other.example", "contacts": []}"#;
    let path = deployment.file("domains.json");
    fs::write(&path, domains).unwrap();
    let file = path.to_str().unwrap();
    let arguments = ["import", file, "--as", "domains", "--evidence", "letter 3"];
    assert_eq!(deployment.json(0, &arguments)["recorded"], 1);
}

#[test]
fn the_first_contact_alone_does_not_tell_which_tool_it_was() {
    let deployment = Deployment::published();
    let contact = |who: Value, dnc: Value| {
        json!({"fields": {"core": {"email": {"value": who}}, "all": {"email": who}},
            "doNotContact": dnc})
    };
    let text = json!({"total": 3, "contacts": {
        "1": contact(Value::Null, json!([])),
        "2": contact(json!("ann@client.example"), json!([])),
        "3": contact(
            json!("bob@client.example"),
            json!([{"reason": 1, "channel": "email"}]),
        ),
    }});
    let report = import(&deployment, &text.to_string(), &[]).with(3).json();
    assert_eq!(
        (&report["tool"], &report["refused"], &report["silent"]),
        (&json!("mautic"), &json!(1), &json!(1)),
        "{report}"
    );
    assert!(!objected(&deployment, "ann") && objected(&deployment, "bob"));
}
