//! What `sayso mail-in` makes of mail that is about several addresses, that nobody reads, or that came
//! back for a reason of its sender (UNS-16, UNS-17).

use std::fs;

use crate::deployment::Deployment;
use crate::mail::{JANE, deployment, ended, link, mailbox, message, reasons, returned, taken};

#[test]
fn whoever_writes_where_nobody_reads_is_told_so_and_no_machine_is() {
    let sayso = deployment();
    let from = format!("From: {JANE}\nSubject: Stop mailing me");
    let readable = message(&from, "I object.");
    let unreadable = message("From: Jane\nSubject: Stop mailing me", "I object.");
    let (privacy, back) = ("privacy@privacy.example.com", "back@privacy.example.com");
    for (said, to) in [
        (&readable, privacy),
        (&readable, back),
        (&readable, "unsub@elsewhere.example"),
        (&unreadable, privacy),
        (&unreadable, "unsub@privacy.example.com"),
        (&"no headers at all".to_owned(), "unsub@privacy.example.com"),
    ] {
        let arguments = ["--sender", JANE, "--", to];
        assert_eq!(ended(&sayso, said, &arguments, 67), "nothing", "{to}");
    }
    let told = sayso.fed(&readable, &["mail-in", "--sender", JANE, "--", privacy]);
    let told = told.with(67).output;
    assert!(
        told.starts_with("Nobody reads mail to this address"),
        "{told}"
    );
    assert!(told.contains("To stop mailings, use the link"), "{told}");
    assert!(!told.contains("jane"), "{told}");
    let away = message(
        &format!("{from}\nAuto-Submitted: auto-replied"),
        "I am away.",
    );
    for (said, sender) in [(&away, JANE), (&readable, ""), (&unreadable, "")] {
        let arguments = ["--sender", sender, "--", privacy];
        assert_eq!(taken(&sayso, said, &arguments), "nothing");
    }
    let without = Deployment::published();
    assert_eq!(
        ended(&without, &readable, &["--sender", JANE, "--", back], 67),
        "nothing"
    );
}

#[test]
fn of_one_message_about_several_addresses_every_one_is_recorded() {
    let john = "john@client.example";
    let sayso = deployment();
    let (first, second) = (link(&sayso, JANE), link(&sayso, john));
    let (first, second) = (mailbox(&first), mailbox(&second));
    let said = message("From: other@elsewhere.example", "stop");
    let arguments = ["--sender", "other@elsewhere.example", "--", &first, &second];
    assert_eq!(taken(&sayso, &said, &arguments), "unsubscribed");
    assert_eq!(reasons(&sayso, JANE)[0], "objected");
    assert_eq!(reasons(&sayso, john)[0], "objected");

    let sayso = deployment();
    let (first, second) = (link(&sayso, JANE), link(&sayso, john));
    let to = format!("To: {}\nCc: {}", mailbox(&first), mailbox(&second));
    let said = message(&format!("From: other@elsewhere.example\n{to}"), "stop");
    assert_eq!(taken(&sayso, &said, &[]), "unsubscribed");
    assert_eq!(reasons(&sayso, JANE)[0], "objected");
    assert_eq!(reasons(&sayso, john)[0], "objected");

    let sayso = deployment();
    let two = format!("From: {JANE}, {john}\nTo: unsub@privacy.example.com");
    assert_eq!(taken(&sayso, &message(&two, "stop"), &[]), "unsubscribed");
    assert_eq!(reasons(&sayso, JANE)[0], "objected");
    assert_eq!(reasons(&sayso, john)[0], "objected");

    let sayso = deployment();
    let group = |address: &str, status: &str| {
        format!("\r\nFinal-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: {status}\r\n")
    };
    let further = [
        group(john, "5.2.1"),
        group("refused@client.example", "5.7.1"),
    ]
    .concat();
    let report = returned("failed", "5.1.1");
    let report = report.replace(
        "\r\n\r\n--report\r\nContent-Type: message/rfc822",
        &format!("\r\n{further}\r\n--report\r\nContent-Type: message/rfc822"),
    );
    assert_eq!(taken(&sayso, &report, &["--sender", ""]), "bounced");
    assert_eq!(reasons(&sayso, JANE)[0], "hard_bounce");
    assert_eq!(reasons(&sayso, john)[0], "hard_bounce");
    assert_ne!(reasons(&sayso, "refused@client.example")[0], "hard_bounce");

    let named = "Original-Rcpt-To: <named@client.example>";
    let report = include_str!("complaint.eml")
        .replace("{kind}", "abuse")
        .replace("{url}", "https://elsewhere.example/u/x")
        .replace(named, &format!("{named}\nOriginal-Rcpt-To: <{john}>"))
        .replace('\n', "\r\n");
    let sayso = deployment();
    assert_eq!(taken(&sayso, &report, &[]), "spam_reported");
    assert_eq!(reasons(&sayso, john)[0], "spam_reported");
    assert_eq!(reasons(&sayso, "named@client.example")[0], "spam_reported");
}

#[test]
fn a_mark_counts_however_its_domain_is_written_in_the_message_and_in_the_configuration() {
    let sayso = deployment();
    let file = sayso.file("sayso.toml");
    let config = fs::read_to_string(&file).unwrap();
    let configured = config.replace("unsub@privacy.example.com", "Unsub@Bücher.example.");
    let smtp = "[smtp]\nhost = 'mail.example.com'\nfrom = 'Privacy@Privacy.Example.com'\n";
    fs::write(&file, format!("{configured}\n{smtp}")).unwrap();
    let marked = mailbox(&link(&sayso, JANE));
    assert!(
        marked.starts_with("unsub+") && marked.ends_with("@xn--bcher-kva.example"),
        "{marked}"
    );
    let said = message("From: other@elsewhere.example", "stop");
    for (written, address) in [
        ("BÜCHER.example", JANE),
        ("xn--bcher-kva.example.", "john@client.example"),
    ] {
        let marked = mailbox(&link(&sayso, address));
        let to = marked.replace("xn--bcher-kva.example", written);
        let arguments = ["--sender", "other@elsewhere.example", "--", &to];
        assert_eq!(
            taken(&sayso, &said, &arguments),
            "unsubscribed",
            "{written}"
        );
        assert_eq!(reasons(&sayso, address)[0], "objected");
    }
}

#[test]
fn mail_that_came_back_for_another_reason_than_its_mailbox_withholds_nobody() {
    let sayso = deployment();
    let reply =
        "smtp; 550 5.1.1 <jane@client.example>: Recipient address\r\n rejected: User unknown";
    let unsaid = |reason: &str| {
        let report = returned("failed", "5.0.0");
        assert!(report.contains(reply));
        report.replace(reply, reason)
    };
    let elsewhere = [
        "5.1.0", "5.1.8", "5.2.2", "5.3.4", "5.4.6", "5.6.7", "5.7.1", "5.7.26",
    ];
    let reports = elsewhere
        .map(|status| returned("failed", status))
        .into_iter();
    let replies = [
        "smtp; 550 5.7.1 This mailing is withheld",
        "smtp;550-5.7.26 not authenticated",
        "smtp; 451 greylisted for too long",
    ];
    for report in reports.chain(replies.map(unsaid)) {
        assert_eq!(
            taken(&sayso, &report, &["--sender", ""]),
            "nothing",
            "{report}"
        );
    }
    let tagged = returned("failed", "5.7.1");
    let told = sayso.fed(&tagged, &["mail-in", "--sender", ""]).with(0);
    assert!(
        told.output.contains("not because of the mailbox"),
        "{told:?}"
    );
    assert_eq!(
        reasons(&sayso, JANE),
        serde_json::json!(["legitimate_interest"])
    );
    for reply in [
        "smtp; 550 no such user",
        "smtp; 550 5.1.1 no such user",
        "X-Postfix; gone",
    ] {
        let sayso = deployment();
        let report = unsaid(reply);
        assert_eq!(
            taken(&sayso, &report, &["--sender", ""]),
            "bounced",
            "{reply}"
        );
        assert_eq!(reasons(&sayso, JANE)[0], "hard_bounce");
    }
}
