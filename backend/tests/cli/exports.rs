//! Exports of other tools, in the formats that they document: each reason stays what it is.

use std::path::Path;

use serde_json::{Value, json};

use crate::deployment::Deployment;

/// Imports an export as it is, and returns the report.
fn import(deployment: &Deployment, file: &str, more: &[&str], code: i32) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/exports")
        .join(file);
    let fixed = ["import", path.to_str().unwrap(), "--as", "objections"];
    deployment.json(code, &[&fixed[..], more].concat())
}

/// The reasons of the gate for people of the fixtures, by their names.
fn reasons(deployment: &Deployment, names: &[&str]) -> Vec<String> {
    let reason = |name: &&str| {
        let address = format!("{name}@client.example");
        let asked = ["check", &address, "--purpose", "info_about_us", "--json"];
        let decided = deployment.run(&asked).json();
        let reasons = decided["reasons"].as_array().unwrap().iter();
        let words: Vec<_> = reasons.map(|reason| reason.as_str().unwrap()).collect();
        words.join("+")
    };
    names.iter().map(reason).collect()
}

const OBJECTED: &str = "objected";
const BOUNCED: &str = "hard_bounce";
const SPAM: &str = "spam_reported";
const YES: &str = "legitimate_interest";
const FIVE: [&str; 5] = ["ann", "bob", "cat", "dan", "eve"];

#[test]
fn mailchimp() {
    let deployment = Deployment::published();
    for file in ["unsubscribed", "cleaned", "subscribed"] {
        let report = import(&deployment, &format!("mailchimp_{file}.csv"), &[], 0);
        assert_eq!(report["tool"], "mailchimp", "{report}");
    }
    assert_eq!(
        reasons(&deployment, &FIVE),
        [OBJECTED, SPAM, OBJECTED, BOUNCED, YES]
    );
    let entries = deployment.json(0, &["ledger", "show"]);
    let evidence = |place: usize| &entries["entries"][place]["entry"]["evidence"];
    assert_eq!(
        evidence(0)["reference"],
        "mailchimp: unsubscribed 2024-05-01T10:00:00.000Z"
    );
    assert_eq!(evidence(0)["actor"], "data_subject");
    assert_eq!(evidence(1)["actor"], "mail_receiver");
    assert_eq!(evidence(2)["actor"], "staff");
    let again = import(
        &deployment,
        "mailchimp_unsubscribed.csv",
        &["--evidence", "disk 2"],
        0,
    );
    assert_eq!(
        (&again["recorded"], &again["known"]),
        (&json!(0), &json!(3))
    );
}

#[test]
fn a_status_of_the_companys_own_takes_nobody_out_of_a_table_of_mailchimps() {
    let deployment = Deployment::published();
    let table = |column: &str, rows: &str| {
        let named = format!("Email Address,Status,LEID,EUID,{column}\n{rows}");
        let report = deployment.import(&named, &["--as", "objections"]).with(0);
        assert_eq!(report.json()["tool"], "mailchimp");
    };
    table(
        "UNSUB_TIME",
        "ann@client.example,Customer,1,a,2024-05-01 10:00:00\n\
         bob@client.example,Subscribed,2,b,2024-05-01 10:00:00\n",
    );
    table(
        "CLEAN_TIME",
        "cat@client.example,Lead,3,c,2024-06-01 08:00:00\n",
    );
    table("LAST_CHANGED", "eve@client.example,Customer,5,e,\n");
    table(
        "UNSUB_TIME,CLEAN_TIME",
        "dan@client.example,Customer,4,d,,2024-06-01 08:00:00\n\
         eve@client.example,Customer,5,e,,\n",
    );
    assert_eq!(
        reasons(&deployment, &FIVE),
        [OBJECTED, OBJECTED, BOUNCED, BOUNCED, YES]
    );
}

#[test]
fn sendgrid() {
    let deployment = Deployment::published();
    for file in ["bounces.csv", "spam_reports.csv", "group.json"] {
        let report = import(&deployment, &format!("sendgrid_{file}"), &[], 0);
        assert_eq!(report["tool"], "sendgrid", "{report}");
    }
    let report = import(
        &deployment,
        "sendgrid_unsubscribes.csv",
        &["--from", "sendgrid"],
        0,
    );
    assert_eq!(report["recorded"], 1, "{report}");
    assert_eq!(
        reasons(&deployment, &FIVE),
        [BOUNCED, YES, SPAM, OBJECTED, OBJECTED]
    );
}

#[test]
fn a_group_stands_for_a_topic_where_that_is_said() {
    let deployment = Deployment::published();
    let purpose = ["--purpose", "info_about_us"];
    let list = ["--list", "Weekly news=industry_updates"];
    import(
        &deployment,
        "sendgrid_group.json",
        &[&purpose[..], &list].concat(),
        0,
    );
    let asked = ["check", "eve@client.example", "--topic"];
    deployment.json(3, &[&asked[..], &["industry_updates"], &purpose].concat());
    deployment.json(0, &[&asked[..], &["it_strategy"], &purpose].concat());
    let wrong = [&purpose[..], &["--list", "Weekly news=weather"]].concat();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exports/sendgrid_group.json");
    let fixed = ["import", path.to_str().unwrap(), "--as", "objections"];
    deployment.run(&[&fixed[..], &wrong].concat()).with(2);
}

#[test]
fn postmark() {
    let deployment = Deployment::published();
    let report = import(&deployment, "postmark.json", &[], 0);
    assert_eq!(report["tool"], "postmark", "{report}");
    assert_eq!(
        reasons(&deployment, &FIVE),
        [OBJECTED, BOUNCED, SPAM, OBJECTED, YES]
    );
    let table = import(&deployment, "postmark.csv", &[], 3);
    assert_eq!(
        (&table["known"], &table["recorded"]),
        (&json!(3), &json!(0)),
        "{table}"
    );
    assert_eq!(
        table["refusals"][0]["line"], 5,
        "a reason that is not documented"
    );
}

#[test]
fn hubspot() {
    let deployment = Deployment::published();
    let report = import(&deployment, "hubspot.csv", &[], 0);
    assert_eq!(report["tool"], "hubspot", "{report}");
    assert_eq!(
        reasons(&deployment, &FIVE),
        [OBJECTED, BOUNCED, SPAM, OBJECTED, YES]
    );
    let contacts = Deployment::published();
    let report = import(&contacts, "hubspot_contacts.csv", &[], 0);
    assert_eq!(report["tool"], "hubspot", "{report}");
    assert_eq!(
        reasons(&contacts, &FIVE),
        [OBJECTED, OBJECTED, YES, YES, YES]
    );
}

#[test]
fn listmonk() {
    let deployment = Deployment::published();
    for file in ["subscribers.csv", "subscribers.json", "bounces.json"] {
        let report = import(&deployment, &format!("listmonk_{file}"), &[], 0);
        assert_eq!(report["tool"], "listmonk", "{report}");
    }
    assert_eq!(
        reasons(&deployment, &FIVE),
        [OBJECTED, YES, OBJECTED, BOUNCED, SPAM]
    );
}

#[test]
fn mautic() {
    let deployment = Deployment::published();
    for file in ["dnc.csv", "contacts.json"] {
        let report = import(&deployment, &format!("mautic_{file}"), &[], 0);
        assert_eq!(report["tool"], "mautic", "{report}");
    }
    // Dan wants no text messages, which is not about mail.
    assert_eq!(
        reasons(&deployment, &FIVE),
        [OBJECTED, BOUNCED, OBJECTED, YES, BOUNCED]
    );
}

#[test]
fn what_a_mail_server_said_is_sendgrids_whatever_columns_stand_beside_it() {
    for heads in [
        "email,created_at,reason,status,_id",
        "email,created,reason,status,name",
    ] {
        let table = format!(
            "{heads}\nann@client.example,2026-05-01,550 5.1.1 User unknown,5.1.1,1\n\
             bob@client.example,2026-05-01,452 4.2.2 The mailbox is full,4.2.2,2\n"
        );
        let deployment = Deployment::published();
        let report = deployment.import(&table, &["--as", "objections"]).with(0);
        let report = report.json();
        assert_eq!(report["tool"], "sendgrid");
        let reasons = deployment.reasons("ann@client.example");
        assert_eq!(reasons, json!(["hard_bounce"]));
        deployment.check(0, "bob@client.example");
    }
    let late = "email,created,reason,status\n\
        ann@client.example,1,\"421: Too many connections\",\n\
        bob@client.example,1,\"452, mailbox full\",\n";
    let deployment = Deployment::published();
    let report = deployment.import(late, &["--as", "objections"]).with(0);
    assert_eq!(report.json()["silent"], 2);
}
