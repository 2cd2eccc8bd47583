//! `sayso import --as objections`: nobody's word against mailings is lost, whichever tool a table looks like
//! and whatever stands beside that word.

use std::fs;

use serde_json::{Value, json};

use crate::deployment::Deployment;

/// Imports a table into a deployment of its own.
fn imported(table: &str, more: &[&str], code: i32) -> (Deployment, Value) {
    let deployment = Deployment::published();
    let arguments = [&["--as", "objections"][..], more].concat();
    let report = deployment.import(table, &arguments).with(code).json();
    (deployment, report)
}

/// Why the gate withholds from somebody.
fn withheld(deployment: &Deployment, who: &str) -> Vec<String> {
    let reasons = deployment.reasons(&format!("{who}@client.example"));
    let reasons = reasons.as_array().unwrap().iter();
    reasons
        .map(|reason| reason.as_str().unwrap().to_owned())
        .collect()
}

fn is_stopped(deployment: &Deployment, who: &str) -> bool {
    withheld(deployment, who).contains(&"objected".to_owned())
}

/// The acts of the ledger, each with its purpose, topic and channel.
fn acts(deployment: &Deployment) -> Vec<Value> {
    let entries = deployment.entries().into_iter();
    let act = |one: Value| {
        let scope = &one["scope"];
        json!([
            one["act"],
            scope["purpose"],
            scope["topic"],
            scope["channel"]
        ])
    };
    entries.map(act).collect()
}

fn lines(named: &Value) -> Vec<u64> {
    let named = named.as_array().unwrap().iter();
    named.map(|row| row["line"].as_u64().unwrap()).collect()
}

#[test]
fn an_opt_out_in_a_table_with_headings_of_hubspot_is_an_objection_in_whatever_words() {
    for (heading, words) in [
        (
            "Opted out of email",
            &["2026-05-01", "Opted out", "unsubscribed", "WAHR"][..],
        ),
        (
            "Unsubscribed from all email",
            &["2026-05-01 10:00", "Unsubscribed", "VRAI", "sí"],
        ),
        ("Opted out of email: Product news", &["2026-05-01", "Yes"]),
    ] {
        for word in words {
            let table = format!(
                "Email,{heading}\nann@client.example,{word}\nbob@client.example,No\n\
                 cat@client.example,\n"
            );
            let (deployment, report) = imported(&table, &[], 0);
            assert_eq!(report["tool"], "hubspot");
            assert_eq!(report["silent"], 2, "{report}");
            assert!(is_stopped(&deployment, "ann"), "{heading} {word}");
            deployment.check(0, "bob@client.example");
        }
    }
}

#[test]
fn a_companys_own_column_of_opt_outs_counts_in_the_table_of_a_tool() {
    for (tool, table) in [
        (
            "hubspot",
            "Record ID,Email,Unsubscribed from all email,Do not contact\n\
             1,ann@client.example,,yes\n2,bob@client.example,No,no\n",
        ),
        (
            "listmonk",
            "uuid,email,status,unsubscribed_at\n\
             a,ann@client.example,enabled,2026-05-01\nb,bob@client.example,enabled,\n",
        ),
        (
            "mailchimp",
            "Email Address,LAST_CHANGED,LEID,EUID,Opt out\n\
             ann@client.example,2026-05-01,1,a,yes\nbob@client.example,2026-05-01,2,b,no\n",
        ),
        (
            "mailchimp",
            "Email Address,LEID,EUID,Email marketing status\n\
             ann@client.example,1,a,Unsubscribed\nbob@client.example,2,b,Subscribed\n",
        ),
        (
            "mautic",
            "Email,DNC reason,Do not contact\n\
             ann@client.example,Contactable,1\nbob@client.example,Contactable,0\n",
        ),
        (
            "hubspot",
            "Email,Opted out of email,Status\n\
             ann@client.example,No,Unsubscribed\nbob@client.example,No,Customer\n",
        ),
        (
            "hubspot",
            "Record ID,Email,Unsubscribed from all email,Marketing objection\n\
             1,ann@client.example,,by letter\n2,bob@client.example,,no\n",
        ),
    ] {
        let (deployment, report) = imported(table, &[], 0);
        assert_eq!(
            (&report["tool"], &report["recorded"]),
            (&json!(tool), &json!(1))
        );
        assert!(is_stopped(&deployment, "ann"), "{table}");
        deployment.check(0, "bob@client.example");
    }
    let bounced = "Email,Portal Bounce,Do not contact\nann@client.example,UNKNOWN_USER,yes\n";
    let (deployment, _) = imported(bounced, &[], 0);
    assert!(is_stopped(&deployment, "ann"));
    let unknown = "EmailAddress,SuppressionReason,Opted out\nann@client.example,Paused,yes\n";
    let (deployment, report) = imported(unknown, &[], 3);
    assert!(is_stopped(&deployment, "ann"));
    assert_eq!(lines(&report["doubts"]), [2], "{report}");
}

#[test]
fn labels_and_parts_that_a_tool_writes_are_no_opt_outs() {
    let mautic = r#"{"contacts": {"1": {
        "fields": {"all": {"email": "ann@client.example", "unsubscribed": "0"},
            "core": {"email": {"value": "ann@client.example"},
                "unsubscribed": {"label": "Unsubscribed", "alias": "unsubscribed", "value": "0"}}},
        "doNotContact": [{"id": 2, "reason": 0, "channel": "email"}]}}}"#;
    let (deployment, report) = imported(mautic, &[], 0);
    assert_eq!(
        (&report["tool"], &report["silent"]),
        (&json!("mautic"), &json!(1))
    );
    deployment.check(0, "ann@client.example");
    let sales = "Record ID,Email,Unsubscribed from all email,Main objection\n\
        1,ann@client.example,No,price\n2,bob@client.example,No,\n";
    assert_eq!(imported(sales, &[], 0).1["silent"], 2);
    let mailchimp = "Email Address,UNSUB_TIME,CLEAN_TIME,UNSUB_CAMPAIGN_TITLE,LEID\n\
        ann@client.example,,,May news,1\n";
    let (deployment, _) = imported(mailchimp, &[], 0);
    deployment.check(0, "ann@client.example");
}

#[test]
fn a_table_of_peoples_own_is_not_taken_for_one_of_sendgrids() {
    let (deployment, report) = imported(
        "email,created_at,status,reason\n\
         ann@client.example,2026-05-01,unsubscribed,no interest\n\
         bob@client.example,2026-05-01,subscribed,\n",
        &[],
        0,
    );
    assert_eq!(report["acts"], json!({ "objected": 1 }), "{report}");
    assert_eq!(withheld(&deployment, "ann"), ["objected"]);
    let (deployment, report) = imported(
        "email,created_at,ip,unsubscribed\n\
         ann@client.example,2026-05-01,192.0.2.1,no\n\
         bob@client.example,2026-05-01,192.0.2.2,yes\n",
        &[],
        0,
    );
    assert_eq!(report["acts"], json!({ "objected": 1 }), "{report}");
    deployment.check(0, "ann@client.example");
    assert_eq!(withheld(&deployment, "bob"), ["objected"]);
    // Its first row tells nothing of whose table it is.
    let (deployment, _) = imported(
        "email,created,status,reason\n\
         ann@client.example,1700083507,,4 mails a week\n\
         bob@client.example,1700083507,unsubscribed,\n\
         cat@client.example,1700083507,,452 4.2.2 The mailbox is full\n",
        &[],
        0,
    );
    assert_eq!(withheld(&deployment, "ann"), ["hard_bounce"]);
    assert_eq!(withheld(&deployment, "bob"), ["objected"]);
    deployment.check(0, "cat@client.example");
}

#[test]
fn true_and_false_of_a_spreadsheet_are_read_in_its_language() {
    for (yes, no) in [
        ("WAHR", "FALSCH"),
        ("VRAI", "FAUX"),
        ("VERDADERO", "FALSO"),
        ("WAAR", "ONWAAR"),
    ] {
        let table = format!("email,Opt out\nann@client.example,{yes}\nbob@client.example,{no}\n");
        let (deployment, report) = imported(&table, &[], 0);
        assert_eq!(report["said_no"], 1, "{report}");
        assert!(is_stopped(&deployment, "ann"));
        deployment.check(0, "bob@client.example");
        let table = format!(
            "Email;Portal Unsubscribe;Portal Bounce;News\nann@client.example;{yes};{no};{no}\n\
             bob@client.example;{no};{no};{no}\ncat@client.example;{no};{no};{yes}\n"
        );
        let (deployment, report) = imported(&table, &[], 0);
        assert_eq!(report["acts"], json!({ "objected": 2 }), "{report}");
        assert_eq!(withheld(&deployment, "ann"), ["objected"]);
        deployment.check(0, "bob@client.example");
    }
    let (deployment, report) = imported(
        "Email;Portal Unsubscribe;Portal Bounce\nann@client.example;TRUE;NIEPRAWDA\n\
         bob@client.example;FALSE;NIEPRAWDA\n",
        &[],
        3,
    );
    assert_eq!(withheld(&deployment, "ann"), ["objected"]);
    assert_eq!(
        (lines(&report["doubts"]), lines(&report["refusals"])),
        (vec![2], vec![3])
    );
    let list = deployment.file("list");
    fs::write(
        &list,
        "email,Opt out\nann@client.example,WAHR\nbob@client.example,FALSCH\n",
    )
    .unwrap();
    let scrubbed = crate::scrub::scrub(&deployment, &list, &["--json"])
        .with(0)
        .json();
    let expected = json!([{"column": "Opt out", "looks_like": "opt_outs"}]);
    assert_eq!(scrubbed["overlooked"], expected);
}

#[test]
fn who_opted_out_and_is_said_to_have_complained_or_bounced_did_both() {
    let (deployment, _) = imported(
        "Email,Unsubscribed,Reason\n\
         ann@client.example,yes,Spammy content\n\
         bob@client.example,2026-05-01,Complaint about prices\n\
         cat@client.example,no,hard bounce\n",
        &[],
        0,
    );
    for who in ["ann", "bob"] {
        let reasons = withheld(&deployment, who);
        let has = |reason: &str| reasons.iter().any(|one| one == reason);
        assert!(has("objected") && has("spam_reported"), "{who} {reasons:?}");
    }
    assert_eq!(withheld(&deployment, "cat"), ["hard_bounce"]);
    let everything = json!(["objected", null, null, null]);
    let all = acts(&deployment);
    assert_eq!(all.iter().filter(|act| **act == everything).count(), 2);
    let (deployment, _) = imported(
        "email,status,email status\nann@client.example,bounced,unsubscribed\n",
        &[],
        0,
    );
    assert!(is_stopped(&deployment, "ann"));
}

#[test]
fn an_objection_counts_for_the_most_that_it_may_mean_where_its_reach_cannot_be_read() {
    let (deployment, report) = imported(
        "email,unsubscribed,purpose,topic,channel,until\n\
         a@client.example,yes,,,Webshop,\n\
         b@client.example,yes,,,E-Mail,\n\
         c@client.example,yes,info_about_us,weather,,\n\
         d@client.example,yes,,News,,\n\
         e@client.example,yes,weather,,email,\n\
         f@client.example,yes,,,,31.12.2027\n\
         g@client.example,yes,info_about_us,it_strategy,email,\n\
         h@client.example,no,weather,,fax,soon\n",
        &[],
        3,
    );
    assert_eq!(lines(&report["doubts"]), [2, 4, 5, 6, 7], "{report}");
    assert_eq!(
        (&report["refused"], &report["silent"]),
        (&json!(0), &json!(1))
    );
    let us = "info_about_us";
    assert_eq!(
        acts(&deployment),
        [
            json!(["objected", null, null, null]),
            json!(["objected", null, null, "email"]),
            json!(["objected", us, null, null]),
            json!(["objected", null, null, null]),
            json!(["objected", null, null, "email"]),
            json!(["objected", null, null, null]),
            json!(["objected", us, "it_strategy", "email"]),
        ]
    );
    let why = |place: usize| report["doubts"][place]["why"].as_str().unwrap().to_owned();
    for (place, says) in [
        (0, "for every channel"),
        (1, "for every topic"),
        (2, "for all direct marketing"),
        (3, "for all direct marketing"),
        (4, "for good"),
    ] {
        assert!(why(place).contains(says), "{}", why(place));
    }
}

#[test]
fn a_part_of_a_row_that_is_not_understood_takes_no_other_with_it() {
    let (deployment, report) = imported(
        "Email,DNC preferences\n\
         ann@client.example,\"1:email,1:notification\"\n\
         bob@client.example,1:notification\n\
         cat@client.example,0:notification\n",
        &[],
        3,
    );
    assert_eq!(
        (lines(&report["doubts"]), lines(&report["refusals"])),
        (vec![2], vec![3]),
        "{report}"
    );
    assert!(is_stopped(&deployment, "ann"));
    let (deployment, _) = imported(
        "Email Address,UNSUB_TIME,LEID,Until\nann@client.example,2024-05-01 10:00:00,1,2025-01-01\n",
        &[],
        3,
    );
    assert!(
        is_stopped(&deployment, "ann"),
        "that field is not the tool's"
    );
}

#[test]
fn a_no_beside_a_word_that_may_stop_mailings_is_refused_and_passes_nobody_over() {
    let (deployment, report) = imported(
        "email,status,unsubscribed\n\
         a@client.example,blocked,no\n\
         b@client.example,removed,false\n\
         c@client.example,gesperrt,nein\n\
         d@client.example,subscribed,no\n\
         e@client.example,enabled,no\n\
         f@client.example,n/a,no\n\
         g@client.example,blocked,yes\n",
        &[],
        3,
    );
    assert_eq!(lines(&report["refusals"]), [2, 3, 4], "{report}");
    let why = report["refusals"][0]["why"].as_str().unwrap();
    assert!(
        why.contains("status") && why.contains("unsubscribed says no"),
        "{why}"
    );
    assert_eq!(
        (&report["silent"], &report["recorded"]),
        (&json!(3), &json!(1))
    );
    assert!(is_stopped(&deployment, "g"));
    let count = "Email,Opt out count,status\na@client.example,0,removed\n";
    assert_eq!(imported(count, &[], 3).1["refused"], 1);
    let place = "Email,Opt out,type,state\na@client.example,no,customer,CA\n";
    assert_eq!(imported(place, &[], 0).1["said_no"], 1);
}

#[test]
fn a_part_of_a_postal_address_is_no_word_about_mailings() {
    let table = "Email,MailingState\nann@client.example,\nbob@client.example,CA\n";
    let (deployment, report) = imported(table, &[], 0);
    assert_eq!(report["recorded"], 2, "{report}");
    assert!(is_stopped(&deployment, "ann") && is_stopped(&deployment, "bob"));
}

#[test]
fn the_end_of_a_pause_in_the_table_of_a_tool_is_said_not_to_be_read() {
    let table = "Email,Opted out of email,until\nann@client.example,yes,2027-01-01\n";
    let (deployment, report) = imported(table, &[], 3);
    assert!(is_stopped(&deployment, "ann"));
    assert_eq!(lines(&report["doubts"]), [2], "{report}");
}

#[test]
fn a_no_beside_what_a_contact_is_to_the_company_stops_nothing() {
    let table =
        "email,unsubscribed,status\nann@client.example,no,Customer\nbob@client.example,no,Lead\n";
    let (deployment, report) = imported(table, &[], 0);
    assert_eq!(report["silent"], 2, "{report}");
    deployment.check(0, "ann@client.example");
    let whatsapp = "Email,Opted out of email,Opted out of WhatsApp\nann@client.example,,yes\n";
    let (deployment, _) = imported(whatsapp, &[], 0);
    deployment.check(0, "ann@client.example");
}
