//! Those who were really mailed, held against the certificate.

use std::fs;

use serde_json::{Value, json};

use crate::deployment::{Deployment, notice};
use crate::replaying::{list, object, scrubbed};

/// Reconciles with these recipients.
pub(crate) fn reconcile(
    deployment: &Deployment,
    code: i32,
    files: &[String; 2],
    sent: &str,
    more: &[&str],
) -> Value {
    let file = deployment.file("sent.csv");
    fs::write(&file, sent).unwrap();
    let arguments = ["reconcile", &files[1], file.to_str().unwrap()];
    deployment.json(code, &[&arguments, more].concat())
}

/// Line and finding of each.
pub(crate) fn found(answer: &Value) -> Vec<(u64, String)> {
    let findings = answer["findings"].as_array().unwrap();
    let one = |found: &Value| {
        (
            found["line"].as_u64().unwrap(),
            found["finding"].as_str().unwrap().to_owned(),
        )
    };
    findings.iter().map(one).collect()
}

pub(crate) fn expected(found: &[(u64, &str)]) -> Vec<(u64, String)> {
    found
        .iter()
        .map(|(line, finding)| (*line, (*finding).to_owned()))
        .collect()
}

#[test]
fn who_was_mailed_although_withheld_or_not_listed_is_named_by_line() {
    let deployment = Deployment::published();
    object(&deployment, "ann");
    let files = scrubbed(&deployment, &list(&["ann", "bob", "cyd"]), &[]);
    let fine = reconcile(&deployment, 0, &files, &list(&["bob", "cyd"]), &[]);
    assert_eq!(
        (&fine["recipients"], &fine["violations"]),
        (&json!(2), &json!(0))
    );
    assert_eq!(fine["findings"], json!([]));
    let sent = list(&["cyd", "ann", "stranger", "no address"]);
    let answer = reconcile(&deployment, 3, &files, &sent, &[]);
    assert_eq!(
        found(&answer),
        expected(&[(3, "withheld"), (5, "withheld")])
    );
    assert_eq!(answer["findings"][0]["reason"], "objected");
    assert_eq!(answer["findings"][1]["reason"], "invalid_address");
    assert!(!answer.to_string().contains("ann@"));
    let listed = reconcile(&deployment, 3, &files, &sent, &["--list", &files[0]]);
    assert_eq!(
        found(&listed),
        expected(&[(3, "withheld"), (4, "not_in_list"), (5, "withheld")])
    );
    assert_eq!(listed["violations"], 3);
}

#[test]
fn a_recipient_beyond_the_header_is_not_overlooked() {
    let deployment = Deployment::published();
    object(&deployment, "ann");
    let files = scrubbed(&deployment, &list(&["ann", "bob"]), &[]);
    let sent = "email\nbob@client.example;ann@client.example\nbob@client.example;\n";
    let answer = reconcile(&deployment, 3, &files, sent, &[]);
    assert_eq!(found(&answer), expected(&[(2, "withheld")]));
    assert_eq!(answer["findings"][0]["reason"], "invalid_address");
}

#[test]
fn the_time_of_sending_decides_whether_an_objection_came_before() {
    let deployment = Deployment::published();
    let files = scrubbed(&deployment, &list(&["ann", "bob"]), &[]);
    let signed: Value = serde_json::from_slice(&fs::read(&files[1]).unwrap()).unwrap();
    let time = |name: &str| signed["certificate"][name].as_str().unwrap().to_owned();
    let (at, end) = (time("at"), time("valid_until"));
    let objected = object(&deployment, "ann")["recorded_at"]
        .as_str()
        .unwrap()
        .to_owned();
    let sent = |times: &[(&str, &str)]| {
        let rows: String = times
            .iter()
            .map(|(name, time)| format!("{time},{name}@client.example\n"))
            .collect();
        format!("Sent at,Recipient\n{rows}")
    };
    let times = ["--time-column", "Sent at"];
    let rows = [
        ("ann", at.as_str()),
        ("ann", &objected),
        ("bob", &objected),
        ("bob", &end),
        ("bob", "2020-01-01 08:00"),
        ("bob", "2020-01-01"),
        ("bob", "yesterday"),
    ];
    let answer = reconcile(&deployment, 3, &files, &sent(&rows), &times);
    assert_eq!(
        found(&answer),
        expected(&[
            (3, "stopped_before_sending"),
            (5, "after_validity"),
            (6, "before_certificate"),
            (7, "before_certificate"),
        ])
    );
    assert_eq!(answer["findings"][0]["reason"], "objected");
    assert_eq!(answer["unreadable_times"], json!([8]));
    let unknown = reconcile(&deployment, 0, &files, &sent(&rows[..1]), &[]);
    assert_eq!(found(&unknown), expected(&[(2, "stopped_since")]));
    assert_eq!(
        (&unknown["violations"], &unknown["times_known"]),
        (&json!(0), &json!(false))
    );
}

#[test]
fn who_objected_before_a_mailing_that_came_too_late_is_named_as_such() {
    let deployment = Deployment::published();
    let files = scrubbed(&deployment, &list(&["ann", "bob"]), &[]);
    let signed: Value = serde_json::from_slice(&fs::read(&files[1]).unwrap()).unwrap();
    let end = signed["certificate"]["valid_until"].as_str().unwrap();
    object(&deployment, "ann");
    let sent = format!("Sent at,Recipient\n{end},ann@client.example\n{end},bob@client.example\n");
    let times = ["--time-column", "Sent at"];
    let answer = reconcile(&deployment, 3, &files, &sent, &times);
    assert_eq!(
        found(&answer),
        expected(&[(2, "stopped_before_sending"), (3, "after_validity")])
    );
    assert_eq!(answer["findings"][0]["reason"], "objected");
}

#[test]
fn a_mailing_that_told_of_the_right_is_recorded_once() {
    let deployment = Deployment::published();
    object(&deployment, "ann");
    let files = scrubbed(
        &deployment,
        &list(&["ann", "bob", "cyd"]),
        &["--first-contact"],
    );
    let entries = || {
        deployment.json(0, &["ledger", "verify"])["entries"]
            .as_u64()
            .unwrap()
    };
    let sent = list(&["bob", "cyd", "bob"]);
    let dry = reconcile(&deployment, 0, &files, &sent, &["--dry-run"]);
    assert_eq!(
        dry["informed"],
        json!({"recorded": 2, "known": 1, "dry_run": true})
    );
    assert_eq!(entries(), 1);
    let obliged = || deployment.check(0, "bob@client.example")["obligations"].clone();
    assert_eq!(obliged(), json!(["inform_of_right_to_object"]));
    let done = reconcile(&deployment, 0, &files, &sent, &[]);
    assert_eq!(
        done["informed"],
        json!({"recorded": 2, "known": 1, "dry_run": false})
    );
    assert_eq!(entries(), 3);
    assert_eq!(obliged(), json!([]));
    let shown = deployment.json(0, &["ledger", "show"]);
    let entry = &shown["entries"][2]["entry"];
    assert_eq!(entry["act"], "notice_provided");
    assert_eq!(entry["evidence"]["assurance"], "imported");
    assert!(
        entry["evidence"]["reference"]
            .as_str()
            .unwrap()
            .starts_with("mailing: certificate ")
    );
    assert_eq!(entry["evidence"]["notice"].as_str().map(str::len), Some(64));
    let again = reconcile(&deployment, 0, &files, &sent, &[]);
    assert_eq!(
        again["informed"],
        json!({"recorded": 0, "known": 3, "dry_run": false})
    );
    assert_eq!(entries(), 3);
}

#[test]
fn what_was_sent_before_the_certificate_told_nobody_by_this_mailing() {
    let deployment = Deployment::published();
    let files = scrubbed(&deployment, &list(&["ann", "bob"]), &["--first-contact"]);
    let signed: Value = serde_json::from_slice(&fs::read(&files[1]).unwrap()).unwrap();
    let at = signed["certificate"]["at"].as_str().unwrap();
    let sent =
        format!("Sent at,Recipient\n2020-01-01,ann@client.example\n{at},bob@client.example\n");
    let times = ["--time-column", "Sent at"];
    let answer = reconcile(&deployment, 3, &files, &sent, &times);
    assert_eq!(found(&answer), expected(&[(2, "before_certificate")]));
    assert_eq!(answer["informed"]["recorded"], 1, "{answer}");
    let obliged =
        |who: &str| deployment.check(0, &format!("{who}@client.example"))["obligations"].clone();
    assert_eq!(obliged("ann"), json!(["inform_of_right_to_object"]));
    assert_eq!(obliged("bob"), json!([]));
}

#[test]
fn of_whom_nobody_can_say_when_they_were_mailed_nothing_is_recorded() {
    let deployment = Deployment::published();
    let people = list(&["ann", "bob", "cyd"]);
    let files = scrubbed(&deployment, &people, &["--first-contact"]);
    let at = || {
        let signed: Value = serde_json::from_slice(&fs::read(&files[1]).unwrap()).unwrap();
        signed["certificate"]["at"].as_str().unwrap().to_owned()
    };
    let sent = format!(
        "Sent at,Recipient\n{},ann@client.example\n,bob@client.example\nnot sent,cyd@client.example\n",
        at()
    );
    let times = ["--time-column", "Sent at"];
    let answer = reconcile(&deployment, 3, &files, &sent, &times);
    assert_eq!(answer["unreadable_times"], json!([3, 4]));
    assert_eq!(
        answer["informed"],
        json!({"recorded": 1, "known": 0, "left": 2, "dry_run": false})
    );
    let obliged =
        |who: &str| deployment.check(0, &format!("{who}@client.example"))["obligations"].clone();
    assert_eq!(obliged("ann"), json!([]));
    for who in ["bob", "cyd"] {
        assert_eq!(obliged(who), json!(["inform_of_right_to_object"]));
    }
    // Who came from somebody else was mailed for the first time only where that is known.
    let facts = "email,obtained_at\nbob@client.example,2026-01-31\n";
    let more = ["--as", "facts", "--evidence", "list of March"];
    deployment.import(facts, &more).with(0);
    scrubbed(&deployment, &people, &[]);
    let untold = |time: &str, code: i32| {
        let sent = format!("Sent at,Recipient\n{time},bob@client.example\n");
        reconcile(&deployment, code, &files, &sent, &times)["untold"].clone()
    };
    assert_eq!(untold("not sent", 3), 0);
    assert_eq!(untold(&at(), 0), 1);
}

#[test]
fn what_a_company_objected_to_before_the_sending_is_found() {
    let deployment = Deployment::published();
    let files = scrubbed(&deployment, &list(&["ann", "bob"]), &[]);
    let signed: Value = serde_json::from_slice(&fs::read(&files[1]).unwrap()).unwrap();
    let time = |name: &str| signed["certificate"][name].as_str().unwrap().to_owned();
    let domain = [
        "domain",
        "object",
        "client.example",
        "--evidence",
        "letter 4",
    ];
    let objected = deployment.json(0, &domain)["at"]
        .as_str()
        .unwrap()
        .to_owned();
    let sent = format!(
        "Sent at,Recipient\n{},ann@client.example\n{objected},bob@client.example\n",
        time("at")
    );
    let times = ["--time-column", "Sent at"];
    let answer = reconcile(&deployment, 3, &files, &sent, &times);
    assert_eq!(found(&answer), expected(&[(3, "stopped_before_sending")]));
    assert_eq!(answer["findings"][0]["reason"], "domain_objected");
    let unknown = reconcile(&deployment, 0, &files, &list(&["ann"]), &[]);
    assert_eq!(found(&unknown), expected(&[(2, "stopped_since")]));
    let lifted = ["domain", "lift", "client.example", "--evidence", "letter 5"];
    deployment.json(0, &lifted);
    let answer = reconcile(&deployment, 3, &files, &sent, &times);
    assert_eq!(found(&answer), expected(&[(3, "stopped_before_sending")]));
    let unknown = reconcile(&deployment, 0, &files, &list(&["ann"]), &[]);
    assert_eq!(found(&unknown), []);
}

#[test]
fn a_mailing_that_did_not_tell_records_nothing() {
    let deployment = Deployment::published();
    let files = scrubbed(&deployment, &list(&["bob"]), &[]);
    let answer = reconcile(&deployment, 0, &files, &list(&["bob"]), &[]);
    assert_eq!(answer["informed"], json!(null));
    assert_eq!(deployment.json(0, &["ledger", "verify"])["entries"], 0);
}

#[test]
fn who_was_erased_since_is_no_violation_and_another_list_is_refused() {
    let deployment = Deployment::published();
    object(&deployment, "ann");
    let files = scrubbed(&deployment, &list(&["ann", "bob"]), &[]);
    let erase = ["erase", "ann@client.example", "--evidence", "letter 7"];
    deployment.run(&erase).with(0);
    let answer = reconcile(
        &deployment,
        0,
        &files,
        &list(&["ann"]),
        &["--list", &files[0]],
    );
    assert_eq!(found(&answer), expected(&[(2, "erased_since")]));
    fs::write(&files[0], list(&["bob"])).unwrap();
    let other = reconcile(
        &deployment,
        3,
        &files,
        &list(&["bob"]),
        &["--list", &files[0]],
    );
    assert!(other["problem"].as_str().unwrap().contains("another list"));
}

#[test]
fn what_the_list_states_by_row_holds_until_the_mailing() {
    let deployment = Deployment::configured();
    let config = deployment.file("sayso.toml");
    let text = fs::read_to_string(&config).unwrap();
    let without = text.replace("default_country = \"GB\"\n", "");
    assert_ne!(without, text);
    fs::write(&config, without).unwrap();
    let folder = notice();
    let publish = ["notice", "publish", folder.to_str().unwrap()];
    deployment.run(&publish).with(0);
    let text = "Email,Country\nann@client.example,GB\nbob@client.example,GB\n";
    let files = scrubbed(&deployment, text, &["--country-column", "Country"]);
    let objected = object(&deployment, "ann")["recorded_at"].clone();
    let objected = objected.as_str().unwrap();
    let sent =
        format!("Sent,Email\n{objected},ann@client.example\n{objected},bob@client.example\n");
    let list = ["--list", &files[0]];
    let times = [&list[..], &["--time-column", "Sent"]].concat();
    let answer = reconcile(&deployment, 3, &files, &sent, &times);
    assert_eq!(found(&answer), expected(&[(2, "stopped_before_sending")]));
    assert_eq!(answer["findings"][0]["reason"], "objected");
    let unknown = reconcile(&deployment, 0, &files, &sent, &list);
    assert_eq!(found(&unknown), expected(&[(2, "stopped_since")]));
}

#[test]
fn a_list_that_stated_facts_by_row_is_needed_where_the_recipients_do_not() {
    let deployment = Deployment::published();
    let text = "Email,Country\nann@client.example,DE\nbob@client.example,GB\n";
    let files = scrubbed(&deployment, text, &["--country-column", "Country"]);
    let file = deployment.file("sent.csv");
    fs::write(&file, list(&["ann", "bob"])).unwrap();
    let sent = file.to_str().unwrap();
    let refused = deployment.run(&["reconcile", &files[1], sent]).with(1);
    assert!(refused.error.contains("--list"), "{refused:?}");
    let answer = reconcile(
        &deployment,
        3,
        &files,
        &list(&["ann", "bob"]),
        &["--list", &files[0]],
    );
    assert_eq!(found(&answer), expected(&[(2, "withheld")]));
    let stated = reconcile(&deployment, 3, &files, text, &[]);
    assert_eq!(found(&stated), expected(&[(2, "withheld")]));
}
