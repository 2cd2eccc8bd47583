//! Columns that nobody named: what stands in them is heeded, or the report says that it was not.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::deployment::{Deployment, Ended};
use crate::imports::told;
use crate::scrub::scrub;

const OBJECTIONS: [&str; 2] = ["--as", "objections"];

fn scrubbed(deployment: &Deployment, list: &str, more: &[&str]) -> Ended {
    let path = deployment.file("list");
    fs::write(&path, list).unwrap();
    scrub(deployment, &path, more)
}

fn imported(deployment: &Deployment, table: &str, more: &[&str], code: i32) -> Value {
    let arguments = [&OBJECTIONS[..], more].concat();
    deployment.import(table, &arguments).with(code).json()
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
fn only_who_stopped_mailings_for_good_is_handed_to_a_tool_as_unsubscribed() {
    let deployment = Deployment::published();
    told(&deployment, "ann@client.example");
    let pause = [
        "object",
        "bob@client.example",
        "--purpose",
        "all",
        "--until",
        "2099-01-01",
    ];
    deployment
        .run(&[&pause[..], &["--evidence", "call"]].concat())
        .with(0);
    let bounced = "email,reason\ncyd@client.example,hard bounce\n";
    imported(&deployment, bounced, &[], 0);
    let list = "Name;Email;Land;Note\n\
        Ann;ann@client.example;GB;\"two; and\nlines\"\n\
        Bob;bob@client.example;GB;\n\
        Cyd;cyd@client.example;GB;;x\n\
        Dan;dan@client.example;DE;\n\
        Eve;eve@client.example;GB;\n\
        Fay;none;GB;\n";
    scrubbed(&deployment, list, &["--country-column", "Land"]).with(0);
    let withheld = fs::read(deployment.file("withheld")).unwrap();
    assert_eq!(
        stopped(&withheld),
        "Name;Email;Land;Note;sayso_reason;sayso_line\r\n\
         Ann;ann@client.example;GB;\"two; and\nlines\";objected;2\r\n\
         Cyd;cyd@client.example;GB;;hard_bounce;5;x\r\n"
    );
}

/// What the recipe makes of withheld rows.
fn stopped(withheld: &[u8]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/clients/stopped.py");
    let mut child = Command::new("python3")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(withheld).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}
