//! `sayso scrub`: what people's tools export goes in, and every row comes out in one of two files.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::deployment::{Deployment, Ended};

/// Who objected.
const JANE: &str = "jane.doe@client.example";
/// Who did not.
const BOB: &str = "bob.stone@client.example";

/// A deployment where [`JANE`] objected.
pub(crate) fn deployment() -> Deployment {
    let deployment = Deployment::published();
    object(&deployment);
    deployment
}

fn object(deployment: &Deployment) {
    let purpose = ["--purpose", "info_about_us", "--evidence", "letter 17"];
    deployment
        .run(&[&["object", JANE], &purpose[..]].concat())
        .with(0);
}

/// Where the list and the three files are.
pub(crate) fn scrub(deployment: &Deployment, list: &Path, more: &[&str]) -> Ended {
    let path = |name: &str| deployment.file(name).to_str().unwrap().to_owned();
    let (kept, withheld, certificate) = (path("kept"), path("withheld"), path("certificate"));
    let arguments = [
        "scrub",
        list.to_str().unwrap(),
        "--purpose",
        "info_about_us",
        "--kept",
        &kept,
        "--withheld",
        &withheld,
        "--certificate",
        &certificate,
    ];
    deployment.run(&[&arguments[..], more].concat())
}

fn export(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/lists")
        .join(name)
}

fn written(deployment: &Deployment, bytes: &[u8]) -> PathBuf {
    let path = deployment.file("list");
    fs::write(&path, bytes).unwrap();
    path
}

fn read(deployment: &Deployment, name: &str) -> Vec<u8> {
    fs::read(deployment.file(name)).unwrap()
}

fn text(deployment: &Deployment, name: &str) -> String {
    String::from_utf8(read(deployment, name)).unwrap()
}

fn json_of(ended: &Ended) -> Value {
    serde_json::from_str(&ended.output).unwrap_or_else(|_| panic!("no JSON: {ended:?}"))
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Splits a row's bytes out of a file: everything before and after must be what was left.
fn without<'a>(bytes: &'a [u8], kept: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes
        .windows(kept.len())
        .position(|window| window == kept)?;
    Some((&bytes[..at], &bytes[at + kept.len()..]))
}

#[test]
fn what_tools_export_goes_through_byte_for_byte() {
    let deployment = deployment();
    for (name, column, rows, withheld) in [
        ("mailchimp.csv", "Email Address", 2, 1),
        ("hubspot.csv", "Email", 2, 1),
        ("outlook.csv", "E-mail Address", 2, 1),
        ("google.csv", "E-mail 1 - Value", 3, 2),
        ("excel-unicode.txt", "E-Mail-Adresse", 2, 1),
        ("excel-sep.csv", "Correo electrónico", 2, 1),
        ("crm.ndjson", "email", 2, 1),
        ("bare.csv", "1", 2, 1),
    ] {
        let answer = json_of(&scrub(&deployment, &export(name), &["--json"]).with(0));
        assert_eq!(answer["column"], column, "{name}");
        assert_eq!(answer["rows"], rows, "{name}");
        assert_eq!(answer["withheld"], withheld, "{name}");
        let list = fs::read(export(name)).unwrap();
        let kept = read(&deployment, "kept");
        let wide = name == "excel-unicode.txt";
        let sought = |address: &str| -> Vec<u8> {
            let units = address.encode_utf16().flat_map(u16::to_le_bytes);
            if wide {
                units.collect()
            } else {
                address.as_bytes().to_vec()
            }
        };
        let in_kept = |address: &str| has(&kept.to_ascii_lowercase(), &sought(address));
        assert!(in_kept(BOB) && !in_kept(JANE), "{name}");
        // What is kept begins as the list does, and each of its rows stands in the list as it is.
        let begins = kept
            .iter()
            .zip(&list)
            .take_while(|(one, other)| one == other)
            .count();
        let rest = &kept[begins..];
        assert!(rest.is_empty() || without(&list, rest).is_some(), "{name}");
        let held = read(&deployment, "withheld");
        let reason = sought("objected");
        assert!(has(&held, &reason), "{name}");
    }
}

#[test]
fn kept_rows_are_unchanged_and_withheld_ones_say_why_and_where() {
    let deployment = deployment();
    let list = "Name;E-Mail;Note\r\n\
                \"Doe; Jane\";Jane.Doe@Client.Example;\"two\r\nlines\"\r\n\
                Bob;bob.stone@client.example;=1+1\r\n\
                Eve;no address\r\n\
                Bob;BOB.STONE@client.example;again\r\n";
    let path = written(&deployment, list.as_bytes());
    let report = deployment.file("report.csv");
    let more = ["--json", "--report", report.to_str().unwrap()];
    let answer = json_of(&scrub(&deployment, &path, &more).with(0));
    assert_eq!(
        text(&deployment, "kept"),
        "Name;E-Mail;Note\r\nBob;bob.stone@client.example;=1+1\r\nBob;BOB.STONE@client.example;again\r\n"
    );
    assert_eq!(
        text(&deployment, "withheld"),
        "Name;E-Mail;Note;sayso_reason;sayso_line\r\n\
         \"Doe; Jane\";Jane.Doe@Client.Example;\"two\r\nlines\";objected;2\r\n\
         Eve;no address;;invalid_address;5\r\n"
    );
    assert_eq!(
        text(&deployment, "report.csv"),
        "line,remark\n5,invalid_address\n5,uneven_row\n6,repeated_address\n"
    );
    assert_eq!(answer["kept"], 2);
    assert_eq!(answer["duplicates"], 1);
    let counts = json!({"invalid_address": 1, "repeated_address": 1, "uneven_row": 1});
    assert_eq!(answer["remarks"]["counts"], counts);
    let people = scrub(&deployment, &path, &[]).with(0).output;
    assert!(people.starts_with("4 rows: 2 kept, 2 withheld"), "{people}");
    assert!(people.contains("1  withheld: objected"), "{people}");
    assert!(people.contains("(line 6)"), "{people}");
    assert!(!people.contains('@'), "{people}");
}

#[test]
fn mailboxes_of_several_people_are_decided_like_any_other_and_named() {
    let deployment = deployment();
    let list = "Email\nINFO@client.example\nsales+spring@client.example\njane@client.example\n";
    let path = written(&deployment, list.as_bytes());
    let report = deployment.file("report.csv");
    let people = scrub(&deployment, &path, &["--report", report.to_str().unwrap()]);
    let people = people.with(0).output;
    assert!(people.starts_with("3 rows: 3 kept, 0 withheld"), "{people}");
    let said = "2 rows: several people may read this mailbox: each can object for it (lines 2, 3)";
    assert!(people.contains(said), "{people}");
    assert_eq!(
        text(&deployment, "report.csv"),
        "line,remark\n2,role_mailbox\n3,role_mailbox\n"
    );
}

#[test]
fn the_certificate_states_the_list_and_verifies() {
    let deployment = deployment();
    let path = export("hubspot.csv");
    let more = [
        "--country-column",
        "country/region",
        "--first-contact",
        "--valid-hours",
        "2",
    ];
    scrub(&deployment, &path, &more).with(0);
    let signed: Value = serde_json::from_slice(&read(&deployment, "certificate")).unwrap();
    let certificate = &signed["certificate"];
    let digest = shared::digest::Digest::of(&fs::read(&path).unwrap());
    assert_eq!(certificate["list"]["sha256"], digest.to_string());
    assert_eq!(certificate["list"]["rows"], 2);
    assert_eq!(certificate["asked"]["columns"]["address"], "Email");
    assert_eq!(certificate["asked"]["columns"]["country"], "Country/Region");
    assert_eq!(certificate["asked"]["first_contact"], true);
    assert_eq!(certificate["counts"]["kept"], 1);
    assert_eq!(
        certificate["counts"]["reasons"],
        json!({"legitimate_interest": 1, "objected": 1})
    );
    assert_eq!(certificate["as_of"], 1);
    let typed: shared::certificate::SignedCertificate =
        serde_json::from_value(signed.clone()).unwrap();
    let hours = typed.certificate.valid_until.as_millis() - typed.certificate.at.as_millis();
    assert_eq!(hours, 2 * 3_600_000);
    assert_eq!(typed.certificate.flaw(typed.certificate.at), None);
    assert!(!signed.to_string().contains(BOB));
}

#[test]
fn columns_are_added_only_where_asked_for() {
    let deployment = deployment();
    let path = written(
        &deployment,
        b"email,n\nbob.stone@client.example,1\njane.doe@client.example,2\n",
    );
    let more = [
        "--unsubscribe-links",
        "--mailing",
        "2026-11",
        "--obligations",
    ];
    scrub(&deployment, &path, &more).with(0);
    let kept = read(&deployment, "kept");
    let mut rows = csv::Reader::from_reader(kept.as_slice());
    let header: Vec<_> = rows.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(
        header,
        [
            "email",
            "n",
            "sayso_obligation",
            "sayso_unsubscribe",
            "sayso_list_unsubscribe",
            "sayso_list_unsubscribe_post"
        ]
    );
    let row = rows.records().next().unwrap().unwrap();
    assert_eq!(&row[2], "inform_of_right_to_object");
    assert!(
        row[3].starts_with("https://privacy.example.com/u/"),
        "{row:?}"
    );
    assert_eq!(&row[4], format!("<{}>", &row[3]));
    assert_eq!(&row[5], "List-Unsubscribe=One-Click");
    assert!(rows.records().next().is_none());
}

#[test]
fn a_list_that_cannot_be_read_says_what_to_do_and_writes_nothing() {
    let deployment = deployment();
    for (list, told) in [
        (&b""[..], "the list is empty"),
        (
            b"email,name\na@x.com,\"open\nb@x.com,B\n",
            "begins in line 2 is never closed",
        ),
        (b"name,town\nA,B\n", "name it with --column"),
        (b"one,two\na@x.com,b@x.com\n", "say with --column"),
        (b"email,E-Mail\na@x.com,b@x.com\n", "say with --column"),
        (b"PK\x03\x04zip", "save the list as CSV"),
        (b"[{\"email\": \"a@x.com\"}]", "one object per line"),
        (b"\xff\xfee\0m\0a\0i\0l\0\n\0a", "cut off"),
    ] {
        let path = written(&deployment, list);
        let ended = scrub(&deployment, &path, &[]).with(1);
        assert!(ended.error.contains(told), "{ended:?}");
        for name in ["kept", "withheld", "certificate"] {
            assert!(!deployment.file(name).exists(), "{name} after {told}");
        }
    }
    let left: Vec<_> = fs::read_dir(deployment.file("")).unwrap().collect();
    let unfinished = |entry: &std::io::Result<fs::DirEntry>| {
        entry
            .as_ref()
            .unwrap()
            .file_name()
            .to_string_lossy()
            .contains("unfinished")
    };
    assert!(!left.iter().any(unfinished), "{left:?}");
    let path = written(&deployment, b"email\na@x.com\n");
    let ended = scrub(&deployment, &path, &["--column", "mail"]).with(1);
    assert!(
        ended
            .error
            .contains("there is no column \"mail\" (the columns are email)"),
        "{ended:?}"
    );
}

#[test]
fn no_file_takes_the_place_of_another() {
    let deployment = deployment();
    let list = written(&deployment, b"email\na@x.com\n");
    let kept = deployment.file("kept");
    for path in [&list, &kept] {
        let more = ["--report", path.to_str().unwrap()];
        scrub(&deployment, &list, &more).with(1);
    }
    assert_eq!(fs::read(&list).unwrap(), b"email\na@x.com\n");
}

#[test]
fn what_is_stated_and_cannot_be_read_counts_as_the_strictest() {
    let deployment = deployment();
    let list = "email,country,class\n\
                a@client.example,GB,corporate\n\
                b@client.example,Ruritania,corporate\n\
                c@client.example,uk,\n\
                d@client.example,,company\n";
    let path = written(&deployment, list.as_bytes());
    let more = [
        "--json",
        "--country-column",
        "country",
        "--subscriber-column",
        "class",
    ];
    let answer = json_of(&scrub(&deployment, &path, &more).with(0));
    assert_eq!(answer["kept"], 2);
    let counts = json!({"unreadable_country": 1, "unreadable_subscriber": 1});
    assert_eq!(answer["remarks"]["counts"], counts);
    let withheld = text(&deployment, "withheld");
    assert!(
        withheld.contains("b@client.example,Ruritania,corporate,no_consent,3"),
        "{withheld}"
    );
    assert!(
        withheld.contains("d@client.example,,company,no_consent,5"),
        "{withheld}"
    );
}

#[test]
fn the_same_list_of_a_server_gives_the_same_files() {
    let deployment = Deployment::empty();
    let server = crate::serving::Server::start(&deployment);
    object(&deployment);
    let list = "email;n\n\
                jane.doe@client.example;\"1\n2\"\n\
                bob.stone@client.example;3\n\
                bob.stone@client.example;4\n\
                nobody;5\n";
    let path = written(&deployment, list.as_bytes());
    scrub(&deployment, &path, &["--unsubscribe-links"]).with(0);
    let here = [text(&deployment, "withheld"), text(&deployment, "kept")];
    let key = deployment.json(
        0,
        &[
            "key",
            "create",
            "--scope",
            "scrub:run",
            "--scope",
            "gate:check",
        ],
    );
    let key = key["key"].as_str().unwrap();
    let url = format!("http://{}", server.host());
    let afar = ["--json", "--server", &url, "--key", key];
    let answer = scrub(&deployment, &path, &afar).with(0);
    let answer = json_of(&answer);
    assert_eq!(text(&deployment, "withheld"), here[0]);
    let kept = "email;n\nbob.stone@client.example;3\nbob.stone@client.example;4\n";
    assert_eq!(text(&deployment, "kept"), kept);
    assert_eq!(answer["duplicates"], 1);
    assert_eq!(
        answer["remarks"]["counts"],
        json!({"invalid_address": 1, "repeated_address": 1})
    );
    let links = [&afar[..], &["--unsubscribe-links"]].concat();
    scrub(&deployment, &path, &links).with(0);
    let (ours, theirs) = (here[1].lines(), text(&deployment, "kept"));
    assert_eq!(ours.clone().next(), theirs.lines().next());
    assert_eq!(ours.count(), theirs.lines().count());
    let ended = scrub(
        &deployment,
        &path,
        &["--server", &url, "--key", "sayso_wrong"],
    )
    .with(1);
    assert!(ended.error.contains("API key"), "{ended:?}");
}
