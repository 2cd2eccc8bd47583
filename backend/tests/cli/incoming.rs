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
    for (said, sender) in [
        (&away, JANE),
        (&readable, ""),
        (&unreadable, ""),
        (&readable, "MAILER-DAEMON"),
        (&readable, "Mailer-Daemon@mx.client.example"),
    ] {
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
    let refused = |status| {
        let report = returned("failed", status);
        report.replace(reply, &format!("smtp; 550 {status} refused"))
    };
    let reports = elsewhere.map(refused).into_iter();
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
    let told = sayso
        .fed(&refused("5.7.1"), &["mail-in", "--sender", ""])
        .with(0);
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

#[test]
fn mail_that_came_back_counts_where_the_reply_tells_of_the_mailbox_and_its_status_does_not() {
    let reply =
        "smtp; 550 5.1.1 <jane@client.example>: Recipient address\r\n rejected: User unknown";
    for (status, said) in [
        (
            "5.4.1",
            "smtp; 550 5.4.1 Recipient\r\n address rejected: Access denied. AS(201806281)",
        ),
        (
            "5.5.0",
            "smtp; 550 5.5.0 Requested action not taken: mailbox\r\n unavailable (S2017062302).",
        ),
        ("5.1.0", "smtp; 550 5.1.1 User unknown"),
        ("5.4.4", "smtp;550-5.1.1 User unknown"),
        ("5.7.1", reply),
        ("5.3.0", "smtp; 550 No such user here"),
    ] {
        let sayso = deployment();
        let report = returned("failed", status).replace(reply, said);
        assert_eq!(
            taken(&sayso, &report, &["--sender", ""]),
            "bounced",
            "{status} {said}"
        );
        assert_eq!(reasons(&sayso, JANE)[0], "hard_bounce");
    }
}

#[test]
fn mail_to_a_domain_that_is_gone_withholds_and_where_another_host_was_not_found_it_does_not() {
    let reply =
        "smtp; 550 5.1.1 <jane@client.example>: Recipient address\r\n rejected: User unknown";
    let found = "X-Postfix; Host or domain name not found. Name service error\r\n for name=";
    for (status, said, expected) in [
        (
            "5.4.4",
            &format!("{found}client.example type=A: Host not found"),
            "bounced",
        ),
        (
            "5.1.0",
            &"X-Postfix; Domain client.example does not accept mail\r\n (nullMX)".to_owned(),
            "bounced",
        ),
        (
            "5.4.4",
            &format!("{found}relay.example type=A: Host not found"),
            "nothing",
        ),
    ] {
        let sayso = deployment();
        let report = returned("failed", status).replace(reply, said);
        assert_eq!(
            taken(&sayso, &report, &["--sender", ""]),
            expected,
            "{said}"
        );
        let is_withheld = reasons(&sayso, JANE)[0] == "hard_bounce";
        assert_eq!(is_withheld, expected == "bounced", "{said}");
    }
}

#[test]
fn a_report_counts_wherever_its_fields_are_folded() {
    let sayso = deployment();
    let report = returned("failed", "5.1.1");
    let folded = report
        .replace("Status: ", "Status:\r\n ")
        .replace("Action: ", "Action:\r\n\t")
        .replace("Final-Recipient: ", "Final-Recipient:\r\n ");
    assert_eq!(folded.len(), report.len() + 6);
    assert_eq!(taken(&sayso, &folded, &["--sender", ""]), "bounced");
    assert_eq!(reasons(&sayso, JANE)[0], "hard_bounce");

    let complaint = include_str!("complaint.eml")
        .replace("Feedback-Type: {kind}", "Feedback-Type:\n abuse")
        .replace("{url}", "https://elsewhere.example/u/x")
        .replace('\n', "\r\n");
    assert_eq!(taken(&sayso, &complaint, &[]), "spam_reported");
}

#[test]
fn one_message_without_a_mark_stops_a_handful_of_people_at_most() {
    let names: Vec<_> = (0..6)
        .map(|one| format!("no{one}@client.example"))
        .collect();
    let sayso = deployment();
    let stopped = |reason: &str| {
        let stopped = |name: &&String| reasons(&sayso, name)[0] == reason;
        names.iter().filter(stopped).count()
    };
    let arguments = ["--sender", JANE, "--", "unsub@privacy.example.com"];
    let list = message(&format!("From: {}", names.join(",\n ")), "stop");
    assert_eq!(ended(&sayso, &list, &arguments, 67), "nothing");
    let mut mail_in = vec!["mail-in"];
    mail_in.extend(arguments);
    let told = sayso.fed(&list, &mail_in).with(67).output;
    assert!(told.contains("more than five addresses"), "{told}");
    assert_eq!(stopped("objected"), 0);

    let marked = mailbox(&link(&sayso, &names[0]));
    let arguments = ["--sender", JANE, "--", &marked];
    assert_eq!(taken(&sayso, &list, &arguments), "unsubscribed");
    assert_eq!(stopped("objected"), 1, "a mark counts whoever wrote");

    let each = |field: &str| -> String {
        let all = names.iter().map(|name| format!("{field}: <{name}>\n"));
        all.collect()
    };
    let complaint = include_str!("complaint.eml")
        .replace("{kind}", "abuse")
        .replace("{url}", "https://elsewhere.example/u/x")
        .replace(
            "Original-Rcpt-To: <named@client.example>\n",
            &[each("Original-Rcpt-To"), each("Removal-Recipient")].concat(),
        )
        .replace('\n', "\r\n");
    assert_eq!(taken(&sayso, &complaint, &[]), "spam_reported");
    // The first has objected, which decides before the complaint.
    assert_eq!(stopped("spam_reported"), 4);

    let groups: String = names
        .iter()
        .map(|name| {
            format!("\r\nFinal-Recipient: rfc822; {name}\r\nAction: failed\r\nStatus: 5.1.1\r\n")
        })
        .collect();
    let report = returned("failed", "5.1.1").replace(
        "\r\n\r\n--report\r\nContent-Type: message/rfc822",
        &format!("\r\n{groups}\r\n--report\r\nContent-Type: message/rfc822"),
    );
    let sayso = deployment();
    assert_eq!(taken(&sayso, &report, &["--sender", ""]), "bounced");
    assert_eq!(reasons(&sayso, JANE)[0], "hard_bounce");
    let bounced = |name: &&String| reasons(&sayso, name)[0] == "hard_bounce";
    assert_eq!(names.iter().filter(bounced).count(), 4);
}
