//! `sayso link` and `sayso mail-in`: links for messages, and what mail systems hand over (UNS-01 to
//! UNS-03, UNS-16, UNS-17, EML-03, EML-04).

use std::fs;

use serde_json::Value;

use crate::deployment::Deployment;

pub(crate) const JANE: &str = "jane@client.example";
const PURPOSE: [&str; 2] = ["--purpose", "info_about_us"];

pub(crate) fn deployment() -> Deployment {
    let deployment = Deployment::published();
    let file = deployment.file("sayso.toml");
    let mut config: toml::Table = fs::read_to_string(&file).unwrap().parse().unwrap();
    let mailboxes =
        "unsubscribe = 'unsub@privacy.example.com'\nbounces = 'back@privacy.example.com'";
    let mailboxes: toml::Table = mailboxes.parse().unwrap();
    config.insert("mail".to_owned(), toml::Value::Table(mailboxes));
    fs::write(file, config.to_string()).unwrap();
    deployment
}

pub(crate) fn link(deployment: &Deployment, address: &str) -> Value {
    let arguments = [&["link", address], &PURPOSE[..]].concat();
    deployment.json(0, &arguments)
}

/// The marked mailbox of a link.
pub(crate) fn mailbox(link: &Value) -> String {
    let mailto = link["mailto"].as_str().unwrap();
    let mailbox = mailto.strip_prefix("mailto:").unwrap();
    mailbox.split('?').next().unwrap().to_owned()
}

pub(crate) fn message(headers: &str, body: &str) -> String {
    format!("{headers}\nMessage-ID: <1@client.example>\n\n{body}\n").replace('\n', "\r\n")
}

pub(crate) fn taken(deployment: &Deployment, message: &str, arguments: &[&str]) -> String {
    ended(deployment, message, arguments, 0)
}

/// What was taken of a message; the command ended so.
pub(crate) fn ended(
    deployment: &Deployment,
    message: &str,
    arguments: &[&str],
    code: i32,
) -> String {
    let arguments = [&["mail-in", "--json"], arguments].concat();
    let answer = deployment.fed(message, &arguments).with(code).json();
    answer["taken"].as_str().unwrap().to_owned()
}

pub(crate) fn reasons(deployment: &Deployment, address: &str) -> Value {
    let arguments = [&["check", address, "--json"], &PURPOSE[..]].concat();
    deployment.run(&arguments).json()["reasons"].clone()
}

#[test]
fn a_link_comes_with_both_headers_and_no_address_in_it() {
    let deployment = deployment();
    let made = link(&deployment, JANE);
    let url = made["url"].as_str().unwrap();
    assert!(url.starts_with("https://privacy.example.com/u/"), "{url}");
    let headers = &made["headers"];
    let ways = format!("<{url}>, <{}>", made["mailto"].as_str().unwrap());
    assert_eq!(headers["List-Unsubscribe"], ways);
    assert_eq!(
        headers["List-Unsubscribe-Post"],
        "List-Unsubscribe=One-Click"
    );
    for trace in ["jane", "client.example"] {
        assert!(!made.to_string().contains(trace), "{made}");
    }
    assert_ne!(link(&deployment, JANE)["url"], made["url"]);
    let plain = deployment
        .run(&[&["link", JANE], &PURPOSE[..]].concat())
        .with(0);
    assert!(
        plain
            .output
            .contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    );
    let wrong = deployment
        .run(&["link", JANE, "--purpose", "legal_compliance"])
        .with(2);
    assert!(wrong.error.contains("legal_compliance"), "{}", wrong.error);
    deployment.run(&[&["link"], &PURPOSE[..]].concat()).with(2);
}

#[test]
fn a_list_is_answered_line_by_line_in_its_order() {
    let deployment = deployment();
    let arguments = [&["link", "--from", "-"], &PURPOSE[..]].concat();
    let list = format!("\u{feff}{JANE}\r\n\r\nnot an address\n\"john@client.example\"\n");
    let ended = deployment.fed(&list, &arguments).with(3);
    let rows: Vec<Value> = ended
        .output
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(rows.len(), 3, "{rows:?}");
    assert!(rows[0]["url"].is_string() && rows[2]["url"].is_string());
    assert_eq!(
        (&rows[1]["row"], &rows[1]["url"]),
        (&3.into(), &Value::Null)
    );
    assert!(!ended.output.contains("not an address"));
    fs::write(deployment.file("list.csv"), format!("{JANE}\n")).unwrap();
    let file = deployment.file("list.csv");
    let file = file.to_str().unwrap();
    let arguments = [&["link", "--from", file], &PURPOSE[..]].concat();
    assert_eq!(deployment.run(&arguments).with(0).output.lines().count(), 1);
}

#[test]
fn any_message_to_a_marked_mailbox_unsubscribes_whoever_it_was_marked_for() {
    let deployment = deployment();
    let marked = mailbox(&link(&deployment, JANE));
    let said = message(
        "From: Other <other@elsewhere.example>\nSubject: whatever",
        "no",
    );
    let arguments = [
        "--sender",
        "other@elsewhere.example",
        &marked.to_ascii_uppercase(),
    ];
    assert_eq!(taken(&deployment, &said, &arguments), "unsubscribed");
    assert_eq!(reasons(&deployment, JANE)[0], "objected");
    assert_ne!(
        reasons(&deployment, "other@elsewhere.example")[0],
        "objected"
    );
}

#[test]
fn without_a_mark_the_sender_is_unsubscribed_and_without_our_mailbox_nobody() {
    let deployment = deployment();
    let said = message(
        &format!("From: {JANE}\nTo: unsub@privacy.example.com\nSubject: unsubscribe"),
        "",
    );
    assert_eq!(taken(&deployment, &said, &[]), "unsubscribed");
    assert_eq!(reasons(&deployment, JANE)[0], "objected");
    let said = message("From: john@client.example\nTo: sales@example.com", "hello");
    assert_eq!(ended(&deployment, &said, &[], 67), "nothing");
    assert_ne!(reasons(&deployment, "john@client.example")[0], "objected");
}

#[test]
fn machines_and_reports_unsubscribe_nobody() {
    let deployment = deployment();
    let marked = mailbox(&link(&deployment, JANE));
    let away = format!("From: {JANE}\nTo: {marked}\nAuto-Submitted: auto-replied (vacation)");
    let plain = format!("From: {JANE}\nTo: {marked}\nSubject: Undelivered");
    let returned = format!("Return-Path: <>\n{plain}");
    for (said, arguments) in [
        (&away, &[][..]),
        (&plain, &["--sender", ""][..]),
        (&plain, &["--sender", "<>"][..]),
        (&plain, &["--sender", "MAILER-DAEMON"][..]),
        (&returned, &[][..]),
    ] {
        assert_eq!(
            taken(&deployment, &message(said, "I am away"), arguments),
            "nothing"
        );
    }
    assert_ne!(reasons(&deployment, JANE)[0], "objected");
    let by_hand = message(&format!("{plain}\nAuto-Submitted: no"), "stop");
    assert_eq!(taken(&deployment, &by_hand, &[]), "unsubscribed");
}

pub(crate) fn returned(action: &str, status: &str) -> String {
    let report = include_str!("returned.eml");
    report
        .replace("{action}", action)
        .replace("{status}", status)
        .replace('\n', "\r\n")
}

#[test]
fn mail_that_came_back_for_good_is_withheld_and_mail_that_is_late_is_not() {
    let deployment = deployment();
    for (action, status) in [
        ("delayed", "4.4.1"),
        ("failed", "4.2.2"),
        ("delivered", "5.0.0"),
    ] {
        let report = returned(action, status);
        assert_eq!(taken(&deployment, &report, &["--sender", ""]), "nothing");
    }
    assert_eq!(
        reasons(&deployment, JANE),
        serde_json::json!(["legitimate_interest"])
    );
    let report = returned("failed", "5.1.1");
    assert_eq!(taken(&deployment, &report, &["--sender", ""]), "bounced");
    assert_eq!(reasons(&deployment, JANE)[0], "hard_bounce");
}

#[test]
fn a_complaint_is_withheld_for_the_address_of_the_link_in_the_message() {
    let deployment = deployment();
    let url = link(&deployment, JANE)["url"].as_str().unwrap().to_owned();
    // Headers of that length arrive folded.
    let folded = format!("{}\n {}", &url[..60], &url[60..]);
    let report = |kind: &str, url: &str| {
        let report = include_str!("complaint.eml");
        report
            .replace("{kind}", kind)
            .replace("{url}", url)
            .replace('\n', "\r\n")
    };
    assert_eq!(
        taken(&deployment, &report("not-spam", &folded), &[]),
        "nothing"
    );
    assert_eq!(
        taken(&deployment, &report("abuse", &folded), &[]),
        "spam_reported"
    );
    assert_eq!(reasons(&deployment, JANE)[0], "spam_reported");
    let named = "named@client.example";
    assert_ne!(reasons(&deployment, named)[0], "spam_reported");
    let without = report("abuse", "https://elsewhere.example/u/x");
    assert_eq!(taken(&deployment, &without, &[]), "spam_reported");
    assert_eq!(reasons(&deployment, named)[0], "spam_reported");
}

#[test]
fn what_cannot_be_taken_now_is_kept_by_the_mail_system() {
    let deployment = Deployment::configured();
    let said = message(&format!("From: {JANE}\nTo: unsub@privacy.example.com"), "");
    let kept = deployment.fed(&said, &["mail-in"]).with(75);
    assert!(kept.error.contains("no database") && !kept.error.contains("jane"));
    let deployment = self::deployment();
    for odd in ["", "\0\0\0", "no headers at all", "From: \r\n\r\n"] {
        assert_eq!(ended(&deployment, odd, &[], 67), "nothing", "{odd:?}");
    }
}
