//! Columns that nobody named: what stands in them is heeded, or the report says that it was not.

use std::fs;

use serde_json::{Value, json};

use crate::deployment::{Deployment, Ended};
use crate::scrub::scrub;

const OBJECTIONS: [&str; 2] = ["--as", "objections"];

fn scrubbed(deployment: &Deployment, list: &str, more: &[&str]) -> Ended {
    let path = deployment.file("list");
    fs::write(&path, list).unwrap();
    scrub(deployment, &path, more)
}

/// The columns that a scrub did not read, with what they look like.
fn overlooked(deployment: &Deployment, list: &str, more: &[&str]) -> Value {
    let more = [more, &["--json"]].concat();
    scrubbed(deployment, list, &more).with(0).json()["overlooked"].clone()
}

fn imported(deployment: &Deployment, table: &str, more: &[&str], code: i32) -> Value {
    let arguments = [&OBJECTIONS[..], more].concat();
    deployment.import(table, &arguments).with(code).json()
}

fn lines(refusals: &Value) -> Vec<u64> {
    let all = refusals.as_array().unwrap().iter();
    all.map(|one| one["line"].as_u64().unwrap()).collect()
}

#[test]
fn a_column_of_countries_or_classes_that_nobody_named_is_told_of() {
    let deployment = Deployment::published();
    let list = "Name,Email,Country,Country/Region,Subscriber,Type\n\
        Eva,eva@example.com,DE,Germany,individual,company\n\
        Bob,bob@example.com,gb,United Kingdom,corporate,\n";
    assert_eq!(
        overlooked(&deployment, list, &[]),
        json!([
            {"column": "Country", "looks_like": "countries"},
            {"column": "Country/Region", "looks_like": "countries"},
            {"column": "Subscriber", "looks_like": "subscribers"},
            {"column": "Type", "looks_like": "subscribers"},
        ])
    );
    let told = scrubbed(&deployment, list, &[]).with(0).output;
    for said in [
        "column \"Country\" looks like countries: say --country-column Country\n",
        "column \"Country/Region\" looks like countries: say --country-column Country/Region\n",
        "column \"Subscriber\" looks like subscriber classes: say --subscriber-column Subscriber\n",
    ] {
        assert!(told.contains(said), "{told}");
    }
    let named = ["--country-column", "Country", "--subscriber-column", "Type"];
    assert_eq!(overlooked(&deployment, list, &named), json!([]));
    // What is said of all beats the column, and the report says that.
    let stated = ["--country", "GB", "--subscriber", "corporate"];
    let told = scrubbed(&deployment, list, &stated).with(0).output;
    for said in [
        "column \"Country\" looks like countries, which were not looked at: --country was said of all",
        "column \"Subscriber\" looks like subscriber classes, which were not looked at: --subscriber",
    ] {
        assert!(told.contains(said), "{told}");
    }
    let lines = "{\"email\":\"eva@example.com\",\"land\":\"Deutschland\"}\n\
        {\"email\":\"bob@example.com\",\"land\":\"AT\"}\n";
    let land = json!([{"column": "land", "looks_like": "countries"}]);
    assert_eq!(overlooked(&deployment, lines, &[]), land);
}

#[test]
fn columns_that_are_empty_or_only_called_so_are_not_told_of() {
    let deployment = Deployment::published();
    for list in [
        "Email,Country,Subscriber,Opt out,Status\neva@example.com,,,,\nbob@example.com,,,,\n",
        "Email,Country music fan,Subscriber since,Type,Status\neva@example.com,yes,2024,customer,new\n",
        "Email,Town,Initials,Unsubscribe link\neva@example.com,Derby,DE,https://news.example.com/u/1\n",
        "eva@example.com,DE,individual,unsubscribed\n",
    ] {
        assert_eq!(overlooked(&deployment, list, &[]), json!([]), "{list}");
    }
}

#[test]
fn opt_outs_that_stand_in_the_list_itself_are_told_of_and_the_import_they_are_sent_to_heeds_them() {
    let deployment = Deployment::published();
    let list = "Email,Unsubscribed from all email,Email Marketing Status,Opt out\n\
        opt1@client.example,true,Unsubscribed,yes\n\
        bob@client.example,false,Subscribed,no\n";
    let columns = [
        "Unsubscribed from all email",
        "Email Marketing Status",
        "Opt out",
    ];
    let expected = columns.map(|column| json!({"column": column, "looks_like": "opt_outs"}));
    assert_eq!(overlooked(&deployment, list, &[]), json!(expected));
    let told = scrubbed(&deployment, list, &[]).with(0).output;
    let said = "column \"Opt out\" looks like opt-outs: Sayso does not read it in a scrub; import it first: \
        sayso import FILE --as objections";
    assert!(told.contains(said), "{told}");
    for list in [
        list.to_owned(),
        list.replace("Unsubscribed from all email", "Remarks").replace("true", ""),
        "Email,unsubscribed_at\nopt1@client.example,2026-05-01\nbob@client.example,never\n".to_owned(),
        "Email,Email Marketing Status\nopt1@client.example,Unsubscribed\nbob@client.example,Subscribed\n"
            .to_owned(),
    ] {
        let fresh = Deployment::published();
        imported(&fresh, &list, &[], 0);
        assert_eq!(fresh.reasons("opt1@client.example"), json!(["objected"]), "{list}");
        fresh.check(0, "bob@client.example");
    }
}

#[test]
fn in_an_import_any_word_against_mailings_wins_within_a_row() {
    let deployment = Deployment::published();
    let document = r#"[
        {"email": "a@client.example", "unsubscribed": true, "status": "subscribed"},
        {"email": "b@client.example", "status": "subscribed", "opted_out_at": "2026-05-01T10:00:00Z"},
        {"email": "c@client.example", "status": "unsubscribed", "unsubscribed": false},
        {"email": "d@client.example", "status": "subscribed", "unsubscribed": false}
    ]"#;
    let report = imported(&deployment, document, &[], 0);
    assert_eq!(
        (&report["recorded"], &report["silent"], &report["said_no"]),
        (&json!(3), &json!(1), &json!(1)),
        "{report}"
    );
    for who in ["a", "b", "c"] {
        let address = format!("{who}@client.example");
        assert_eq!(deployment.reasons(&address), json!(["objected"]), "{who}");
    }
    deployment.check(0, "d@client.example");
}

#[test]
fn a_no_in_a_column_of_opt_outs_is_no_objection_and_an_empty_cell_there_is_refused() {
    let deployment = Deployment::published();
    let table = "email,unsubscribed\n\
        x1@client.example,yes\n\
        x2@client.example,no\n\
        x3@client.example,\n\
        x4@client.example,from the newsletter\n";
    let report = imported(&deployment, table, &[], 3);
    assert_eq!(
        (
            &report["recorded"],
            &report["said_no"],
            lines(&report["refusals"])
        ),
        (&json!(2), &json!(1), vec![4]),
        "{report}"
    );
    let why = report["refusals"][0]["why"].as_str().unwrap();
    assert!(why.contains("unsubscribed is empty"), "{why}");
    let file = deployment.file("table.csv");
    let import = ["import", file.to_str().unwrap(), "--as", "objections"];
    let told = deployment.run(&import).with(3).output;
    assert!(told.contains("1 of these say no in a column"), "{told}");
    for who in ["x1", "x4"] {
        let address = format!("{who}@client.example");
        assert_eq!(deployment.reasons(&address), json!(["objected"]), "{who}");
    }
    for who in ["x2", "x3"] {
        deployment.check(0, &format!("{who}@client.example"));
    }
    // A list of people who objected needs no word, and what they said of it is none.
    let table = "email,reason\nx5@client.example,no\n";
    assert_eq!(imported(&deployment, table, &[], 0)["recorded"], 1);
    let null = r#"[{"email": "x6@client.example", "unsubscribed_at": null}]"#;
    assert_eq!(imported(&deployment, null, &[], 3)["refused"], 1);
}

#[test]
fn other_addresses_of_a_json_element_are_named_or_refused() {
    let deployment = Deployment::published();
    let document = r#"[{"email": "a3@client.example", "alt_email": "a4@client.example",
        "more": {"addresses": ["a5@client.example", "a3@client.example"]}, "from": "a3@client.example"}]"#;
    let report = imported(&deployment, document, &[], 0);
    assert_eq!(
        report["unread_columns"],
        json!(["alt_email", "more.addresses"])
    );
    let doubled = r#"{"email": "a10@client.example", "email": "a11@client.example"}"#;
    for unclear in [
        r#"{"Email": "a1@client.example", "email": "a2@client.example"}"#,
        r#"{"email": "a1@client.example", "email_address": "a2@client.example"}"#,
        doubled,
        &format!("[{doubled}]"),
        r#"{"contacts": {"7": {"email": "a1@client.example", "status": "unsubscribed", "status": "subscribed"}}}"#,
    ] {
        let report = imported(&deployment, unclear, &[], 3);
        assert_eq!(lines(&report["refusals"]), [1], "{unclear}");
        assert_eq!(report["recorded"], 0, "{unclear}");
        let why = report["refusals"][0]["why"].as_str().unwrap();
        assert!(why.contains("member") && !why.contains('@'), "{why}");
    }
    for clear in [
        r#"{"Email": "A6@client.example", "email": "a6@client.example"}"#,
        r#"{"email": "a7@client.example", "email": "a7@client.example"}"#,
    ] {
        let report = imported(&deployment, clear, &[], 0);
        assert_eq!(
            (&report["recorded"], &report["unread_columns"]),
            (&json!(1), &json!([]))
        );
    }
    let both = r#"{"Email": "a1@client.example", "email": "a2@client.example"}"#;
    for (column, stopped) in [
        ("Email", "a1@client.example"),
        ("email", "a2@client.example"),
    ] {
        imported(&deployment, both, &["--column", column], 0);
        assert_eq!(deployment.reasons(stopped), json!(["objected"]), "{column}");
    }
}

#[test]
fn a_bounce_or_complaint_of_listmonk_counts_whatever_else_its_row_lacks() {
    let from = ["--from", "listmonk"];
    let deployment = Deployment::published();
    let table = "id,type,source,email,created_at\n\
        3,complaint,ses,ann@client.example,2024-08-20T23:54:22Z\n\
        4,hard,smtp,bob@client.example,2024-08-20T23:54:22Z\n\
        5,soft,smtp,cat@client.example,2024-08-20T23:54:22Z\n\
        6,other,smtp,dan@client.example,2024-08-20T23:54:22Z\n";
    let report = imported(&deployment, table, &from, 3);
    assert_eq!(lines(&report["refusals"]), [5], "{report}");
    let document = r#"[
        {"uuid": "0f1f", "email": "gil@client.example", "status": "enabled", "attribs": {"type": "hard"}},
        {"id": 3, "type": "complaint", "email": "eve@client.example"},
        {"id": 4, "type": "hard", "email": "fay@client.example"}
    ]"#;
    imported(&deployment, document, &[], 0);
    for (who, reason) in [
        ("ann", "spam_reported"),
        ("bob", "hard_bounce"),
        ("eve", "spam_reported"),
        ("fay", "hard_bounce"),
    ] {
        let address = format!("{who}@client.example");
        assert_eq!(deployment.reasons(&address), json!([reason]), "{who}");
    }
    for who in ["cat", "gil"] {
        deployment.check(0, &format!("{who}@client.example"));
    }
}

#[test]
fn a_scrub_for_what_no_notice_states_is_refused_before_anything_is_written() {
    let deployment = Deployment::published();
    let list = deployment.file("list");
    fs::write(&list, "email\neva@client.example\n").unwrap();
    let path = |name: &str| deployment.file(name).to_str().unwrap().to_owned();
    let (kept, withheld, certificate) = (path("kept"), path("withheld"), path("certificate"));
    let files = [
        "--kept",
        &kept,
        "--withheld",
        &withheld,
        "--certificate",
        &certificate,
    ];
    for (asked, says) in [
        (&["info_abut_us"][..], "there are: info_about_us"),
        (&["service_provision"], "there are: info_about_us"),
        (
            &["info_about_us", "--topic", "weather"],
            "it has: industry_updates, it_strategy",
        ),
        (
            &["info_about_us", "--channel", "sms"],
            "it goes over: email",
        ),
    ] {
        let command = ["scrub", list.to_str().unwrap(), "--purpose"];
        let ended = deployment
            .run(&[&command[..], asked, &files].concat())
            .with(2);
        assert!(ended.error.contains(says), "{ended:?}");
        for name in ["kept", "withheld", "certificate"] {
            assert!(!deployment.file(name).exists(), "{name} after {asked:?}");
        }
    }
    let unpublished = Deployment::configured();
    unpublished.json(0, &["key", "create", "--scope", "scrub:run"]);
    let ended = scrub(&unpublished, &list, &[]).with(1);
    assert!(
        ended.error.contains("no notice is published yet"),
        "{ended:?}"
    );
}

#[test]
fn a_title_above_the_names_of_the_columns_is_told_of() {
    let deployment = Deployment::published();
    let list = "Kontaktliste November 2026;;;\n\
        Name;E-Mail;Land;\n\
        Eva;eva@client.example;DE;\n\
        Bob;bob@client.example;GB;\n";
    let answer = scrubbed(&deployment, list, &["--json"]).with(0).json();
    assert_eq!(answer["remarks"]["counts"]["assumed_header"], 1, "{answer}");
    let told = scrubbed(&deployment, list, &[]).with(0).output;
    assert!(told.contains("if it is a title, delete it"), "{told}");
    let report = imported(&deployment, list, &["--dry-run"], 3);
    assert_eq!(report["assumed_header"], true, "{report}");
}

#[test]
fn the_name_of_a_mailing_is_read_before_anything_is_done() {
    let deployment = Deployment::published();
    let list = deployment.file("list");
    fs::write(&list, "email\neva@client.example\n").unwrap();
    let purpose = ["--purpose", "info_about_us"];
    let long = "m".repeat(65);
    for name in ["May news", "a@b.example", "", &long] {
        let links = ["--unsubscribe-links", "--mailing", name];
        let here = scrub(&deployment, &list, &links);
        let afar = ["--server", "http://localhost:9", "--key", "sayso_x"];
        let afar = scrub(&deployment, &list, &[&links[..], &afar].concat());
        let link = ["link", "eva@client.example", "--mailing", name];
        let link = deployment.run(&[&link[..], &purpose].concat());
        for ended in [here, afar, link] {
            let ended = ended.with(2);
            let says = "--mailing: the name of a mailing is 1 to 64 letters";
            assert!(ended.error.contains(says), "{ended:?}");
            assert!(!ended.error.contains("a@b"), "{ended:?}");
        }
    }
    assert!(!deployment.file("kept").exists());
}
