//! Lists whose rows are not what they seem: whoever may be meant is not mailed, and nobody's objection is
//! lost unseen.

use std::fs;

use serde_json::{Value, json};

use crate::deployment::{Deployment, Ended};
use crate::imports::told;
use crate::scrub::scrub;

const OBJECTIONS: [&str; 2] = ["--as", "objections"];

/// Where ann and bob object.
fn deployment() -> Deployment {
    let deployment = Deployment::published();
    for address in ["ann@client.example", "bob@client.example"] {
        told(&deployment, address);
    }
    deployment
}

fn scrubbed(deployment: &Deployment, list: &[u8], more: &[&str]) -> Ended {
    let path = deployment.file("list");
    fs::write(&path, list).unwrap();
    scrub(deployment, &path, more)
}

fn text(deployment: &Deployment, name: &str) -> String {
    String::from_utf8(fs::read(deployment.file(name)).unwrap()).unwrap()
}

fn remarks(ended: Ended) -> Value {
    ended.with(0).json()["remarks"]["counts"].clone()
}

fn imported(deployment: &Deployment, list: &[u8], more: &[&str]) -> Ended {
    let path = deployment.file("table.csv");
    fs::write(&path, list).unwrap();
    let file = path.to_str().unwrap();
    deployment.run(&[&["import", file], &OBJECTIONS[..], more].concat())
}

#[test]
fn a_heading_with_an_at_sign_is_no_row() {
    let deployment = deployment();
    let list = "email,status,Twitter (@handle)\n\
        dan@client.example,subscribed,@dan\n\
        eve@client.example,unsubscribed,@eve\n";
    let answer = scrubbed(&deployment, list.as_bytes(), &["--json"])
        .with(0)
        .json();
    assert_eq!(
        (&answer["rows"], &answer["column"]),
        (&json!(2), &json!("email"))
    );
    assert!(text(&deployment, "kept").starts_with("email,status,Twitter (@handle)\n"));
    let report = imported(&deployment, list.as_bytes(), &["--json"])
        .with(0)
        .json();
    assert_eq!(
        (&report["silent"], &report["recorded"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        deployment.reasons("dan@client.example"),
        json!(["legitimate_interest"])
    );
}

#[test]
fn a_first_row_that_may_be_about_somebody_is_a_row_in_whatever_form_the_address_is() {
    let deployment = deployment();
    for first in [
        "dan(at)client.example",
        "dan\u{ff20}client.example",
        "dan@localhost",
        "Dan <dan@client.example>",
        "dan.@client.example",
    ] {
        let list = format!("{first},Dan\neve@client.example,Eve\n");
        let counts = remarks(scrubbed(&deployment, list.as_bytes(), &["--json"]));
        assert_eq!(counts, json!({"invalid_address": 1}), "{first}");
        assert!(!text(&deployment, "kept").contains("dan"), "{first}");
        let report = imported(&deployment, list.as_bytes(), &["--json", "--dry-run"]);
        let report = report.with(3).json();
        assert_eq!(report["refusals"][0]["line"], 1, "{first}");
        assert_eq!(report["assumed_header"], false, "{first}");
    }
    let list = b"recipient,dan@client.example\nrecipient,eve@client.example\n";
    let report = imported(&deployment, list, &["--json", "--dry-run"])
        .with(0)
        .json();
    assert_eq!(report["recorded"], 2, "{report}");
}

#[test]
fn a_first_row_of_names_that_tell_of_no_address_is_named_in_the_report() {
    let deployment = deployment();
    let list = b"dan,Dan\neve@client.example,Eve\n";
    let told = imported(&deployment, list, &[]).with(0).output;
    assert!(
        told.contains("the first row was taken for the names"),
        "{told}"
    );
    for (list, more) in [
        (&b"email\neve@client.example\n"[..], &[][..]),
        (b"whom,x\neve@client.example,1\n", &["--column", "Whom"]),
        (b",x\neve@client.example,1\n", &[]),
        (b"eve@client.example\n", &[]),
    ] {
        let report = imported(&deployment, list, &[more, &["--json"]].concat());
        assert_eq!(report.with(0).json()["assumed_header"], false, "{list:?}");
    }
}
