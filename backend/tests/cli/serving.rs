//! Commands beside a running server: what one writes, the other sees at once.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::deployment::{Deployment, changed};

/// A running `sayso serve --demo`; it is killed when this is dropped.
pub(crate) struct Server {
    process: Child,
    host: String,
    key: String,
    /// The command that it says asks the gate.
    asking: String,
}

impl Server {
    pub(crate) fn start(deployment: &Deployment) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_sayso"))
            .env_clear()
            .args(["serve", "--demo", "--listen", "127.0.0.1:0", "--data"])
            .arg(deployment.file(""))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        let host = first.strip_prefix("Sayso is ready at http://").unwrap();
        let mut line = |wanted: fn(&str) -> bool| {
            let mut lines = lines.by_ref().map(|line| line.unwrap().trim().to_owned());
            lines.find(|line| wanted(line)).unwrap()
        };
        Self {
            host: host.to_owned(),
            asking: line(|line| line.contains(" check ADDRESS ")),
            key: line(|line| line.starts_with("sayso_")),
            process,
        }
    }

    /// Host and port.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// The API key of the demonstration.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// The status line and body of an answer.
    fn ask(&self, request: &str, body: &Value) -> (String, String) {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let mut stream = TcpStream::connect(&self.host).unwrap();
        write!(
            stream,
            "{request} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.host,
            self.key,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap();
        (status.to_owned(), body.to_owned())
    }

    fn object(&self, address: &str) -> Value {
        let body = json!({"address": address, "notice": "corporate-clients"});
        let (status, answer) = self.ask("POST /v1/objections", &body);
        assert_eq!(status, "202");
        serde_json::from_str(&answer).unwrap()
    }

    fn proceeds(&self, address: &str) -> bool {
        let body = json!({"purpose": "info_about_us", "checks": [{"address": address}]});
        let (status, answer) = self.ask("POST /v1/decisions", &body);
        assert_eq!(status, "200", "{answer}");
        let answer: Value = serde_json::from_str(&answer).unwrap();
        answer["decisions"][0]["proceed"].as_bool().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn the_command_that_the_demonstration_shows_can_be_typed_as_it_stands() {
    let deployment = Deployment::empty();
    let server = Server::start(&deployment);
    let asked = server.asking.replace("ADDRESS", "nobody@client.example");
    let answer = Command::new("sh").args(["-c", &asked]).output().unwrap();
    let said = String::from_utf8_lossy(&answer.stdout).into_owned();
    assert_eq!(answer.status.code(), Some(0), "{asked}: {answer:?}");
    assert!(said.starts_with("proceed"), "{said}");
}

#[test]
fn server_and_commands_see_each_others_objections_at_once() {
    let deployment = Deployment::empty();
    let server = Server::start(&deployment);
    assert!(server.proceeds("jane@client.example"));
    deployment.check(0, "jane@client.example");
    server.object("jane@client.example");
    deployment.check(3, "jane@client.example");
    let told = [
        "object",
        "joe@client.example",
        "--purpose",
        "all",
        "--evidence",
        "call",
    ];
    deployment.run(&told).with(0);
    assert!(!server.proceeds("joe@client.example"));
    deployment.json(0, &["ledger", "verify"]);
}

#[test]
fn a_version_published_beside_the_server_is_on_its_next_page() {
    let deployment = Deployment::empty();
    let server = Server::start(&deployment);
    let path = "GET /notices/corporate-clients/versions/2";
    assert_eq!(server.ask(path, &Value::Null).0, "404");
    let folder = changed(&deployment, "period = \"P7Y\"", "period = \"P9Y\"");
    deployment.run(&["notice", "publish", &folder]).with(0);
    assert_eq!(server.ask(path, &Value::Null).0, "200");
    let (_, text) = server.ask("GET /notices/corporate-clients/notice.json", &Value::Null);
    let notice: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(notice["version"], 2);
}

#[test]
fn a_key_works_from_its_making_to_its_revoking() {
    let deployment = Deployment::empty();
    let mut server = Server::start(&deployment);
    let made = deployment.json(0, &["key", "create", "--scope", "gate:check"]);
    server.key = made["key"].as_str().unwrap().to_owned();
    assert!(server.proceeds("jane@client.example"));
    deployment.run(&["key", "revoke", &server.key]).with(0);
    let body = json!({"purpose": "info_about_us", "checks": []});
    assert_eq!(server.ask("POST /v1/decisions", &body).0, "401");
}

#[test]
fn what_was_acknowledged_outlives_a_kill() {
    let deployment = Deployment::empty();
    let mut server = Server::start(&deployment);
    for number in 0..20 {
        server.object(&format!("n{number}@client.example"));
    }
    server.process.kill().unwrap();
    drop(server);
    for number in 0..20 {
        deployment.check(3, &format!("n{number}@client.example"));
    }
    let whole = deployment.json(0, &["ledger", "verify"]);
    assert_eq!(whole["entries"], 20);
    let server = Server::start(&deployment);
    assert!(!server.proceeds("n7@client.example"));
}

#[test]
fn a_demonstration_keeps_its_secrets_and_key_when_started_again() {
    let deployment = Deployment::empty();
    let server = Server::start(&deployment);
    let key = server.key.clone();
    let secrets = std::fs::read(deployment.file("secrets.toml")).unwrap();
    drop(server);
    let server = Server::start(&deployment);
    assert_eq!(server.key, key);
    assert_eq!(
        std::fs::read(deployment.file("secrets.toml")).unwrap(),
        secrets
    );
    assert!(server.proceeds("jane@client.example"));
}

#[test]
fn a_check_over_the_network_answers_as_one_on_the_spot() {
    let deployment = Deployment::empty();
    let server = Server::start(&deployment);
    let url = format!("http://{}", server.host);
    let elsewhere = Deployment::empty();
    let ask = |key: &str| {
        let asked = [
            "check",
            "jane@example.org",
            "--purpose",
            "info_about_us",
            "--json",
        ];
        elsewhere.run(&[&asked[..], &["--server", &url, "--key", key]].concat())
    };
    assert_eq!(ask(&server.key).with(0).json()["proceed"], true);
    server.object("jane@example.org");
    let afar = ask(&server.key).with(3).json();
    let here = deployment.check(3, "jane@example.org");
    for part in ["proceed", "reasons", "evidence", "as_of", "rules"] {
        assert_eq!(afar[part], here[part], "{part}");
    }
    let refused = ask("sayso_nobody").with(1);
    assert!(refused.error.contains("sayso key create"), "{refused:?}");
}

#[test]
fn a_key_is_never_sent_in_the_clear_and_a_server_out_of_reach_means_do_not_send() {
    let elsewhere = Deployment::empty();
    let ask = |server: &str| {
        let asked = ["check", "jane@example.org", "--purpose", "info_about_us"];
        elsewhere.run(&[&asked[..], &["--server", server, "--key", "sayso_k"]].concat())
    };
    for clear in [
        "http://privacy.example.com",
        "http://127.0.0.1.example.com",
        "ftp://privacy.example.com",
    ] {
        assert!(ask(clear).with(1).error.contains("https://"), "{clear}");
    }
    // The host stands behind the @.
    for named in [
        "http://localhost:x@privacy.example.com",
        "http://127.0.0.1:80@privacy.example.com",
        "https://jane@privacy.example.com",
    ] {
        assert!(ask(named).with(1).error.contains("no user"), "{named}");
    }
    assert!(ask("privacy.example.com").with(1).error.contains("URL"));
    let silent = ask("http://127.0.0.1:1").with(1);
    assert!(silent.error.contains("do not send"), "{silent:?}");
    assert!(!silent.error.contains("sayso_k"), "{silent:?}");
}

#[test]
fn what_goes_to_this_machine_passes_no_proxy() {
    let deployment = Deployment::empty();
    let server = Server::start(&deployment);
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let through = format!("http://{}", proxy.local_addr().unwrap());
    let environment = ["HTTP_PROXY", "http_proxy", "ALL_PROXY"].map(|name| (name, &*through));
    let url = format!("http://{}", server.host);
    let asked = [
        "check",
        "jane@example.org",
        "--purpose",
        "info_about_us",
        "--server",
        &url,
        "--key",
        &server.key,
    ];
    let elsewhere = Deployment::empty();
    elsewhere.run_with(&environment, &asked).with(0);
    proxy.set_nonblocking(true).unwrap();
    assert!(proxy.accept().is_err(), "nobody came to the proxy");
}

#[test]
fn a_receipt_is_checked_without_the_service_and_a_changed_one_is_not_genuine() {
    let deployment = Deployment::empty();
    let server = Server::start(&deployment);
    let answer = server.object("jane@example.org");
    let path = answer["receipt"]
        .as_str()
        .unwrap()
        .rsplit_once("/v1/")
        .unwrap();
    let (_, receipt) = server.ask(&format!("GET /v1/{}", path.1), &Value::Null);
    let (_, keys) = server.ask("GET /log/key", &Value::Null);
    drop(server);
    let elsewhere = Deployment::empty();
    let verify = |receipt: &str, keys: &str| {
        std::fs::write(elsewhere.file("receipt.json"), receipt).unwrap();
        std::fs::write(elsewhere.file("keys.json"), keys).unwrap();
        let [receipt, keys] = ["receipt.json", "keys.json"].map(|name| elsewhere.file(name));
        let [receipt, keys] = [receipt, keys].map(|path| path.to_str().unwrap().to_owned());
        elsewhere.run(&["receipt", "verify", &receipt, "--keys", &keys, "--json"])
    };
    let genuine = verify(&receipt, &keys).with(0).json();
    assert_eq!(genuine["receipt"]["reference"], answer["reference"]);
    let changed = receipt.replace("\"objected\"", "\"paused\"");
    assert_eq!(verify(&changed, &keys).with(3).json()["genuine"], false);
    let others = Server::start(&Deployment::empty())
        .ask("GET /log/key", &Value::Null)
        .1;
    assert_eq!(verify(&receipt, &others).with(3).json()["genuine"], false);
    verify("{}", &keys).with(1);
}

#[test]
fn links_made_beside_a_demonstration_lead_to_it_whatever_its_port() {
    let deployment = Deployment::empty();
    let server = Server::start(&deployment);
    let link = ["link", "jane@client.example", "--purpose", "info_about_us"];
    let url = deployment.json(0, &link)["url"]
        .as_str()
        .unwrap()
        .to_owned();
    let there = format!("http://{}/u/", server.host());
    assert!(url.starts_with(&there), "{url}");
}
