//! `sayso import`: what other systems know comes in once, in parts and in any order, and takes nothing
//! back.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::deployment::{Deployment, Ended};

/// What most imports are about.
pub(crate) const PURPOSE: [&str; 2] = ["--purpose", "info_about_us"];

impl Deployment {
    /// Imports a table written here.
    pub(crate) fn import(&self, table: &str, arguments: &[&str]) -> Ended {
        let path = self.file("table.csv");
        fs::write(&path, table).unwrap();
        let file = path.to_str().unwrap();
        self.run(&[&["import", file, "--json"], arguments].concat())
    }

    /// Runs `sayso`, feeds it, and kills it once the ledger holds that many entries while it waits for
    /// more input.
    fn kill_after_entries(&self, arguments: &[&str], input: &str, entries: usize) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sayso"))
            .env_clear()
            .arg("--data")
            .arg(self.file(""))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).unwrap();
        let after = (entries - 1).to_string();
        loop {
            let shown = self.json(0, &["ledger", "show", "--after", &after, "--limit", "1"]);
            if !shown["entries"].as_array().unwrap().is_empty() {
                break;
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// The reasons of the gate.
    pub(crate) fn reasons(&self, address: &str) -> Value {
        let arguments = ["check", address, "--purpose", "info_about_us", "--json"];
        self.run(&arguments).json()["reasons"].clone()
    }

    /// The entries of the ledger.
    pub(crate) fn entries(&self) -> Vec<Value> {
        let shown = self.json(0, &["ledger", "show", "--limit", "100000"]);
        let rows = shown["entries"].as_array().unwrap().iter();
        rows.map(|row| row["entry"].clone()).collect()
    }
}

/// Somebody objects by phone.
pub(crate) fn told(deployment: &Deployment, address: &str) {
    let told = ["object", address, "--purpose", "all", "--evidence", "call"];
    deployment.run(&told).with(0);
}

#[test]
fn scopes_of_objections_come_from_columns_or_the_command_line() {
    let deployment = Deployment::published();
    let table = "email;purpose;topic;until\n\
        ann@client.example;info_about_us;it_strategy;\n\
        bob@client.example;;;2099-01-01\n\
        cat@client.example;weather;;\n\
        dan@client.example;;;2020-01-01\n";
    let report = deployment
        .import(table, &["--as", "objections"])
        .with(3)
        .json();
    assert_eq!(report["doubts"][0]["line"], 4, "{report}");
    assert_eq!(
        report["silent"], 1,
        "a pause that is over restricts nothing"
    );
    let about = |topic, code| {
        let asked = ["check", "ann@client.example", "--topic", topic];
        deployment.json(code, &[&asked[..], &PURPOSE].concat())
    };
    about("it_strategy", 3);
    about("industry_updates", 0);
    assert_eq!(deployment.reasons("bob@client.example"), json!(["paused"]));
    for wrong in [
        &["--purpose", "weather"][..],
        &["--topic", "it_strategy"],
        &["--channel", "x"],
    ] {
        let arguments = [&["--as", "objections"][..], wrong].concat();
        let ended = deployment
            .import("email\nx@client.example\n", &arguments)
            .with(2);
        assert!(ended.error.starts_with("sayso: "), "{ended:?}");
    }
    assert_eq!(deployment.entries().len(), 3);
}

#[test]
fn the_same_file_twice_in_halves_and_shuffled_gives_the_same_and_writes_nothing_new() {
    let rows: Vec<String> = (0..2_500)
        .map(|number| {
            let act = ["unsubscribed", "hard_bounce", "complaint"][number % 3];
            // Every tenth address stands there twice.
            let who = if number % 10 == 0 { number + 1 } else { number };
            format!(
                "p{who}@client.example,{act},2025-03-{:02}\n",
                number % 28 + 1
            )
        })
        .collect();
    let file = |rows: &[String]| format!("email,reason,date\n{}", rows.concat());
    let shuffled: Vec<String> = (0..rows.len())
        .map(|place| rows[place * 1_777 % rows.len()].clone())
        .collect();
    let objections = ["--as", "objections"];
    let once = Deployment::published();
    let first = once.import(&file(&rows), &objections).with(0).json();
    assert_eq!(
        (&first["rows"], &first["recorded"]),
        (&json!(2_500), &json!(2_500)),
        "{first}"
    );
    let twice = once.import(&file(&rows), &objections).with(0).json();
    assert_eq!(
        (&twice["recorded"], &twice["known"]),
        (&json!(0), &json!(2_500)),
        "{twice}"
    );
    let other = Deployment::published();
    other.import(&file(&rows[1_200..]), &objections).with(0);
    other.import(&file(&rows[..1_200]), &objections).with(0);
    other.import(&file(&shuffled), &objections).with(0);
    assert_eq!(once.entries().len(), other.entries().len());
    for number in [0, 1, 2, 3, 10, 11, 12, 1_999, 2_499] {
        let address = format!("p{number}@client.example");
        assert_eq!(once.reasons(&address), other.reasons(&address), "{address}");
    }
    for deployment in [once, other] {
        assert_eq!(
            deployment.json(0, &["ledger", "verify"])["problems"],
            json!([])
        );
    }
}

#[test]
fn what_a_person_undid_or_lifted_is_never_the_imports_to_change() {
    let deployment = Deployment::published();
    told(&deployment, "ann@client.example");
    let files = [
        (
            "facts",
            "email,country,subscriber,obtained_in_sale,similar_services,refusal_offered,evidence\n\
            ann@client.example,GB,corporate,yes,yes,yes,contract\n",
        ),
        (
            "consents",
            "email,when,how,wording,reference\n\
            ann@client.example,2026-11-01,web form,I agree,form 1\n",
        ),
        (
            "objections",
            "email,status\nann@client.example,subscribed\n",
        ),
    ];
    for (kind, table) in files {
        let arguments = ["--as", kind, PURPOSE[0], PURPOSE[1]];
        let report = deployment.import(table, &arguments).with(0).json();
        if kind != "objections" {
            assert_eq!(report["suppressed"], 1, "{report}");
        }
        assert_eq!(
            deployment.reasons("ann@client.example"),
            json!(["objected"])
        );
    }
}

#[test]
fn a_rehearsal_writes_nothing_and_says_the_same() {
    let deployment = Deployment::published();
    let table = "email,reason\nann@client.example,unsubscribed\nnonsense,unsubscribed\n\
        info@client.example,bounce\n";
    let rehearsed = deployment
        .import(table, &["--as", "objections", "--dry-run"])
        .with(3)
        .json();
    assert_eq!(deployment.entries(), [] as [Value; 0]);
    let mut done = deployment
        .import(table, &["--as", "objections"])
        .with(3)
        .json();
    done["dry_run"] = json!(true);
    assert_eq!(rehearsed, done);
    assert_eq!(done["role_mailboxes"], 1);
    let people = deployment.run(&["import", "-", "--as", "objections"]);
    assert_eq!(people.code, 1, "an empty file is no table: {people:?}");
}

#[test]
fn an_import_that_was_killed_is_finished_by_the_next_one() {
    let deployment = Deployment::published();
    let note = "x".repeat(800);
    let mut table = "email,note\n".to_owned();
    for number in 0..5_000 {
        writeln!(table, "p{number}@client.example,{note}").unwrap();
    }
    let cut = table.match_indices('\n').nth(3_500).unwrap().0 + 1;
    deployment.kill_after_entries(&["import", "-", "--as", "objections"], &table[..cut], 1_000);
    let recorded = deployment.entries().len();
    assert!(
        recorded >= 1_000 && recorded.is_multiple_of(1_000),
        "{recorded}"
    );
    assert_eq!(
        deployment.json(0, &["ledger", "verify"])["problems"],
        json!([])
    );
    let report = deployment
        .import(&table, &["--as", "objections"])
        .with(0)
        .json();
    assert_eq!(report["known"], recorded, "{report}");
    assert_eq!(deployment.entries().len(), 5_000);
}

#[test]
fn an_import_runs_beside_the_service_and_counts_at_once() {
    let deployment = Deployment::published();
    let service = deployment.serve();
    let report = deployment
        .import("email\nann@client.example\n", &["--as", "objections"])
        .with(0);
    assert_eq!(report.json()["recorded"], 1);
    assert_eq!(
        deployment.reasons("ann@client.example"),
        json!(["objected"])
    );
    drop(service);
}

#[test]
fn no_address_is_kept_or_said() {
    let deployment = Deployment::published();
    let table = "email,reason,evidence\nann@client.example,unsubscribed,mail from ann@client.example\n\
        bob@client.example,unsubscribed,folder 3\nbob@@client.example,unsubscribed,\n";
    let ended = deployment.import(table, &["--as", "objections"]).with(3);
    assert!(
        !ended.output.contains("client.example") && ended.error.is_empty(),
        "{ended:?}"
    );
    for file in fs::read_dir(deployment.file(""))
        .unwrap()
        .map(Result::unwrap)
    {
        if file.file_name() != "table.csv" {
            let bytes = fs::read(file.path()).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            assert!(
                !text.contains("bob@client.example"),
                "{:?}",
                file.file_name()
            );
        }
    }
}

#[test]
fn a_word_that_says_nothing_of_mailings_is_refused_and_a_word_against_them_decides() {
    let deployment = Deployment::published();
    let table = "email,type,status\n\
        ann@client.example,,Active\n\
        bob@client.example,customer,enabled\n\
        cat@client.example,,confirmed\n\
        dan@client.example,opt-in,unsubscribed\n\
        eve@client.example,opted out,subscribed\n\
        fay@client.example,opt-in,\n\
        gil@client.example,,subscribed\n\
        hal@client.example,,\n";
    let report = deployment
        .import(table, &["--as", "objections"])
        .with(3)
        .json();
    let lines: Vec<_> = report["refusals"].as_array().unwrap().iter().collect();
    assert_eq!(lines.len(), 3, "{report}");
    for (refusal, line) in lines.iter().zip(2..) {
        assert_eq!(refusal["line"], line);
        let why = refusal["why"].as_str().unwrap();
        assert!(
            why.contains("status") && why.contains("unsubscribed"),
            "{why}"
        );
    }
    assert_eq!(report["silent"], 2, "{report}");
    for who in ["dan", "eve", "hal"] {
        let address = format!("{who}@client.example");
        assert_eq!(deployment.reasons(&address), json!(["objected"]), "{who}");
    }
    deployment.check(0, "gil@client.example");
}

#[test]
fn a_date_that_is_none_is_refused_and_the_database_stays_readable() {
    let deployment = Deployment::published();
    let facts = "email,obtained_at,evidence\n\
        ann@client.example,-001-01-01,letter 1\n\
        bob@client.example,+999-01-01,letter 1\n\
        cat@client.example,2020-01-01,letter 1\n";
    let report = deployment.import(facts, &["--as", "facts"]).with(3).json();
    assert_eq!(
        (&report["recorded"], &report["refused"]),
        (&json!(1), &json!(2)),
        "{report}"
    );
    let consents = "email,when,how,wording,reference\n\
        ann@client.example,-009-01-01,web form,I agree,form 1\n";
    let arguments = ["--as", "consents", PURPOSE[0], PURPOSE[1]];
    let report = deployment.import(consents, &arguments).with(3).json();
    assert_eq!(report["refused"], 1, "{report}");
    assert_eq!(
        deployment.json(0, &["ledger", "verify"])["problems"],
        json!([])
    );
    for who in ["ann", "bob", "cat"] {
        deployment.check(0, &format!("{who}@client.example"));
    }
}

#[test]
fn other_columns_with_addresses_are_named() {
    let deployment = Deployment::published();
    let table = "email,second address,note\nann@client.example,bob@client.example,x\n";
    let objections = ["--as", "objections"];
    let report = deployment.import(table, &objections).with(0).json();
    assert_eq!(report["unread_columns"], json!(["second address"]));
    let file = deployment.file("table.csv");
    let import = ["import", file.to_str().unwrap(), "--as", "objections"];
    let told = deployment.run(&import).with(0).output;
    assert!(
        told.contains("column \"second address\" holds addresses too"),
        "{told}"
    );
    let one = deployment.import("email\nann@client.example\n", &objections);
    assert_eq!(one.json()["unread_columns"], json!([]));
}

#[test]
fn a_tag_and_its_base_the_four_cases() {
    let object = |deployment: &Deployment, address: &str| {
        let path = deployment.file("one.csv");
        std::fs::write(&path, format!("email\n{address}\n")).unwrap();
        let import = ["import", path.to_str().unwrap(), "--as", "objections"];
        deployment.run(&import).with(0);
    };
    let base = Deployment::published();
    object(&base, "jane@client.example");
    base.check(3, "jane@client.example");
    base.check(3, "jane+news@client.example");
    let tag = Deployment::published();
    object(&tag, "jane+news@client.example");
    tag.check(3, "jane+news@client.example");
    tag.check(0, "jane@client.example");
    tag.check(0, "jane+other@client.example");
}
