//! Cases, worked from the command line while the service runs.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::deployment::Deployment;

/// A service over the deployment; killed when dropped.
struct Running(Child, String);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(deployment: &Deployment) -> Running {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sayso"))
        .env_clear()
        .arg("--data")
        .arg(deployment.file(""))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
    let listens = said.find_map(|line| Some(line.ok()?.strip_prefix("It listens on ")?.to_owned()));
    Running(child, listens.expect("a place to connect to"))
}

fn open(service: &Running, body: &Value) -> String {
    let body = body.to_string();
    let mut stream = TcpStream::connect(&service.1).unwrap();
    write!(
        stream,
        "POST /v1/cases HTTP/1.1\r\nhost: privacy.example.com\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    let at = answer.find("{\"").unwrap();
    let answer: Value = serde_json::from_str(&answer[at..]).unwrap();
    answer["reference"].as_str().unwrap().to_owned()
}

#[test]
fn a_case_is_listed_shown_acknowledged_extended_and_decided() {
    let deployment = Deployment::published();
    assert_eq!(
        deployment.json(0, &["case", "list"]),
        json!({ "cases": [] })
    );
    let service = serve(&deployment);
    let asked = json!({ "kind": "objection", "address": "jane@client.example",
        "notice": "corporate-clients", "purpose": "security_risk", "text": "My reasons." });
    let reference = open(&service, &asked);
    let listed = deployment.json(0, &["case", "list"]);
    assert_eq!(listed["cases"][0]["reference"], reference);
    assert!(!listed.to_string().contains("jane"), "{listed}");
    let shown = deployment.json(0, &["case", "show", &reference]);
    assert_eq!(shown["address"], "jane@client.example");
    assert_eq!(shown["text"], "My reasons.");
    deployment.run(&["case", "acknowledge", &reference]).with(0);
    deployment.run(&["case", "acknowledge", &reference]).with(1);
    deployment.run(&["case", "extend", &reference]).with(2);
    let extend = ["case", "extend", &reference, "--reason", "complexity"];
    deployment.run(&extend).with(0);
    deployment.run(&["case", "decide", &reference]).with(2);
    let refused = deployment
        .run(&["case", "decide", &reference, "--reject"])
        .with(2);
    assert!(refused.error.contains("--grounds"), "{refused:?}");
    let reject = [
        "case",
        "decide",
        &reference,
        "--reject",
        "--grounds",
        "We defend a claim.",
    ];
    let decided = deployment.json(0, &reject);
    assert_eq!(
        (&decided["accepted"], &decided["grounds"]),
        (&json!(false), &json!("We defend a claim."))
    );
    assert_eq!(decided.get("address"), None);
    assert_eq!(deployment.json(0, &["case", "list"])["cases"], json!([]));
    let all = deployment.json(0, &["case", "list", "--all"]);
    assert_eq!(all["cases"].as_array().unwrap().len(), 1);
    deployment.run(&["case", "show", "0000-0000"]).with(1);
    assert_eq!(
        deployment.json(0, &["ledger", "verify"])["problems"],
        json!([])
    );
}

#[test]
fn what_is_overdue_is_reported_with_exit_3() {
    let deployment = Deployment::published();
    let service = serve(&deployment);
    let asked = json!({ "kind": "complaint", "address": "jane@client.example",
        "notice": "corporate-clients", "text": "What is wrong." });
    let reference = open(&service, &asked);
    assert_eq!(
        deployment.json(0, &["case", "list", "--overdue"])["cases"],
        json!([])
    );
    let database = rusqlite::Connection::open(deployment.file("sayso.db")).unwrap();
    let late = "UPDATE case_file SET acknowledge_by = acknowledge_by - 31 * 86400000";
    database.execute(late, ()).unwrap();
    let overdue = deployment.json(3, &["case", "list", "--overdue"]);
    assert_eq!(overdue["cases"][0]["reference"], reference);
    assert!(
        deployment
            .run(&["case", "list"])
            .with(3)
            .output
            .contains("OVERDUE")
    );
    deployment.run(&["case", "acknowledge", &reference]).with(0);
    deployment.run(&["case", "list"]).with(0);
}

#[test]
fn erasure_names_the_case_that_stays_open() {
    let deployment = Deployment::published();
    let service = serve(&deployment);
    let asked = json!({ "kind": "complaint", "address": "jane@client.example",
        "notice": "corporate-clients", "text": "My reasons." });
    let reference = open(&service, &asked);
    let erase = ["erase", "jane@client.example", "--evidence", "letter 7"];
    let said = deployment.run(&erase).with(0).output;
    let shown = format!(
        "until it is decided: {}-{}.",
        &reference[..4],
        &reference[reference.len() - 4..]
    );
    assert!(said.contains(&shown), "{said}");
}
