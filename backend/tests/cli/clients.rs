//! Programs of `docs/clients`, run as they are.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::deployment::Deployment;
use crate::imports::{PURPOSE, told};
use crate::scrub::scrub;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// How long the service may take to tell something.
const PATIENCE: Duration = Duration::from_secs(60);

fn client(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../docs/clients")
        .join(name)
}

fn object(deployment: &Deployment, address: &str, more: &[&str]) {
    let told = ["object", address, "--evidence", "call"];
    deployment.run(&[&told[..], more].concat()).with(0);
}

#[test]
fn only_who_stopped_mailings_for_good_is_handed_to_a_tool_as_unsubscribed() {
    let deployment = Deployment::published();
    told(&deployment, "ann@client.example");
    let pause = ["--purpose", "all", "--until", "2099-01-01"];
    object(&deployment, "bob@client.example", &pause);
    let bounced = "email,reason\ncyd@client.example,hard bounce\n";
    deployment.import(bounced, &["--as", "objections"]).with(0);
    let company = [
        "domain",
        "object",
        "other.example",
        "--evidence",
        "letter 7",
    ];
    deployment.run(&company).with(0);
    let list = "Name;Email;Land;Note\n\
        Ann;ann@client.example;GB;\"two; and\nlines\"\n\
        Bob;bob@client.example;GB;\n\
        Cyd;cyd@client.example;GB;;x\n\
        Dan;dan@client.example;DE;\n\
        Eve;eve@client.example;GB;\n\
        Fay;none;GB;\n\
        Gil;gil@other.example;GB;\n";
    let path = deployment.file("list");
    fs::write(&path, list).unwrap();
    scrub(&deployment, &path, &["--country-column", "Land"]).with(0);
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
    let mut child = Command::new("python3")
        .arg(client("stopped.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(withheld).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What the receiver prints of changes about these contacts, so many lines, by address.
fn received(
    deployment: &Deployment,
    contacts: &str,
    changes: impl FnOnce(),
    lines: usize,
) -> Vec<Value> {
    let port = {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap().port()
    };
    let sink = format!(
        "\n[[sink]]\nname = 'crm'\nurl = 'http://127.0.0.1:{port}/hook'\nsecret = '{SECRET}'\n\
         allow_private = true\n"
    );
    let config = fs::read_to_string(deployment.file("sayso.toml")).unwrap();
    fs::write(deployment.file("sayso.toml"), config + &sink).unwrap();
    let file = deployment.file("contacts.txt");
    fs::write(&file, contacts).unwrap();
    let mut receiver = Command::new("python3")
        .arg(client("receive.py"))
        .arg(port.to_string())
        .arg(file)
        .env("SAYSO_SECRET", SECRET)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (give, take) = channel();
    let printed = BufReader::new(receiver.stdout.take().unwrap());
    thread::spawn(move || {
        let mut printed = printed.lines().map_while(Result::ok);
        printed.all(|line| give.send(line).is_ok())
    });
    changes();
    let service = deployment.serve();
    let told: Result<Vec<_>, _> = (0..lines).map(|_| take.recv_timeout(PATIENCE)).collect();
    drop(service);
    receiver.kill().unwrap();
    receiver.wait().unwrap();
    let told = told.unwrap();
    let mut told: Vec<Value> = told
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    told.sort_by_key(|line| line["address"].to_string());
    told
}

#[test]
fn the_receiver_says_who_stopped_for_good_and_knows_the_first_contact_behind_a_mark() {
    let deployment = Deployment::published();
    let contacts = "\u{feff}ann@client.example\r\nbob@client.example\r\ncyd@client.example\r\n\
        dan@client.example\r\neve@other.example\r\n";
    let changes = || {
        told(&deployment, "ann@client.example");
        let topic = ["--topic", "it_strategy"];
        object(
            &deployment,
            "bob@client.example",
            &[&PURPOSE[..], &topic].concat(),
        );
        let pause = [PURPOSE[0], PURPOSE[1], "--until", "2099-01-01"];
        object(&deployment, "cyd@client.example", &pause);
        let phone = [PURPOSE[0], "all", "--channel", "phone"];
        object(&deployment, "dan@client.example", &phone);
        let company = [
            "domain",
            "object",
            "other.example",
            "--evidence",
            "letter 7",
        ];
        deployment.run(&company).with(0);
    };
    let found = received(&deployment, contacts, changes, 5);
    let said: Vec<_> = found
        .iter()
        .map(|line| (line["address"].as_str().unwrap(), line["for_good"] == true))
        .collect();
    assert_eq!(
        said,
        [
            ("ann@client.example", true),
            ("bob@client.example", false),
            ("cyd@client.example", false),
            ("dan@client.example", false),
            ("eve@other.example", false),
        ]
    );
    assert!(found.iter().all(|line| line["loosens"] == false));
}
