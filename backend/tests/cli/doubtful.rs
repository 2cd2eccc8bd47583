//! Lists whose rows are not what they seem: whoever may be meant is not mailed, and nobody's objection is
//! lost unseen.

use std::fs;

use serde_json::{Value, json};

use crate::deployment::{Deployment, Ended};
use crate::imports::told;
use crate::scrub::scrub;

const OBJECTIONS: [&str; 2] = ["--as", "objections"];

/// Where ann and bob object.
fn deployment() -> Deployment {
    let deployment = Deployment::published();
    for address in ["ann@client.example", "bob@client.example"] {
        told(&deployment, address);
    }
    deployment
}

fn scrubbed(deployment: &Deployment, list: &[u8], more: &[&str]) -> Ended {
    let path = deployment.file("list");
    fs::write(&path, list).unwrap();
    scrub(deployment, &path, more)
}

fn text(deployment: &Deployment, name: &str) -> String {
    String::from_utf8(fs::read(deployment.file(name)).unwrap()).unwrap()
}

fn remarks(ended: Ended) -> Value {
    ended.with(0).json()["remarks"]["counts"].clone()
}

fn imported(deployment: &Deployment, list: &[u8], more: &[&str]) -> Ended {
    let path = deployment.file("table.csv");
    fs::write(&path, list).unwrap();
    let file = path.to_str().unwrap();
    deployment.run(&[&["import", file], &OBJECTIONS[..], more].concat())
}

/// What a file says, in either encoding.
fn decoded(written: &[u8]) -> String {
    let Some(wide) = written.strip_prefix(b"\xff\xfe") else {
        return String::from_utf8(written.to_vec()).unwrap();
    };
    let units = wide
        .chunks(2)
        .map(|two| u16::from_le_bytes([two[0], two[1]]));
    String::from_utf16(&units.collect::<Vec<_>>()).unwrap()
}

fn lines(named: &Value) -> Vec<u64> {
    let named = named.as_array().unwrap().iter();
    named.map(|row| row["line"].as_u64().unwrap()).collect()
}

fn wide(text: &str) -> Vec<u8> {
    let units = format!("\u{feff}{text}");
    units.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn a_list_with_a_stray_quote_that_swallows_rows_is_refused_whole_by_line() {
    let deployment = deployment();
    let stray = "name,email\n\
        Dan,dan@client.example\n\
        \"Acme,ann@client.example\n\
        Bob,bob@client.example\n\
        \"Cyd\" Ltd,cyd@client.example\n";
    let backslash = "size,email\n1,dan@client.example\n\
        \"5\\\"\",ann@client.example\n\"6\\\"\",cyd@client.example\n";
    // Longer than what is looked at first.
    let plain = format!("{},d@client.example\n", "D".repeat(1_000)).repeat(1_100);
    let long = stray.replacen("Dan,dan@client.example\n", &plain, 1);
    for (list, line) in [
        (stray.as_bytes(), 3),
        (backslash.as_bytes(), 3),
        (&wide(stray), 3),
        (long.as_bytes(), 1_102),
    ] {
        let ended = scrubbed(&deployment, list, &[]).with(1);
        let named = format!("the row that begins in line {line} a quoted cell");
        assert!(ended.error.contains(&named), "{ended:?}");
        assert!(!deployment.file("kept").exists());
        let ended = imported(&deployment, list, &["--dry-run"]).with(1);
        assert!(ended.error.contains(&named), "{ended:?}");
    }
}

#[test]
fn a_row_whose_quoted_cell_holds_lines_that_look_like_rows_is_not_mailed_and_is_named() {
    let deployment = deployment();
    for row in [
        "\"Acme\tann@client.example\tx\n12\"\tcyd@client.example\tx",
        "1\"\tcyd@client.example\t\"x\nAcme\tbob@client.example\ty\n\"",
        "Cyd\tcyd@client.example\t\"\nBob\tbob@client.example\t12\"",
    ] {
        let list = format!("name\temail\tnote\n{row}\nDan\tdan@client.example\t\"two\nlines\"\n");
        for list in [list.clone().into_bytes(), wide(&list)] {
            let counts = remarks(scrubbed(&deployment, &list, &["--json"]));
            assert_eq!(counts, json!({"unclear_row": 1}), "{row}");
            let kept = decoded(&fs::read(deployment.file("kept")).unwrap());
            assert!(kept.contains("dan@client.example"), "{kept}");
            assert!(!kept.contains("bob") && !kept.contains("ann"), "{row}");
        }
        let report = imported(&deployment, list.as_bytes(), &["--json", "--dry-run"]);
        let report = report.with(3).json();
        let counts = (&report["recorded"], &report["refused"], &report["rows"]);
        assert_eq!(counts, (&json!(2), &json!(0), &json!(2)), "{report}");
        assert_eq!(lines(&report["doubts"]), [2], "{row}");
    }
}

#[test]
fn a_second_address_beyond_the_header_is_not_mailed_and_not_lost() {
    let deployment = deployment();
    let list = "email\n\
        cyd@client.example;bob@client.example\n\
        dan@client.example;bob\u{ff20}client.example\n\
        eve@client.example;new\n\
        fay@client.example;\n";
    let answer = scrubbed(&deployment, list.as_bytes(), &["--json"]);
    assert_eq!(remarks(answer), json!({"uneven_row": 4, "unclear_row": 2}));
    assert_eq!(
        text(&deployment, "kept"),
        "email\neve@client.example;new\nfay@client.example;\n"
    );
    let withheld = text(&deployment, "withheld");
    assert_eq!(
        withheld.matches(";invalid_address;").count(),
        2,
        "{withheld}"
    );
    let report = imported(&deployment, list.as_bytes(), &["--json"]).with(3);
    let report = report.json();
    assert_eq!(lines(&report["doubts"]), [2, 3], "{report}");
    assert_eq!(
        (&report["recorded"], &report["refused"]),
        (&json!(4), &json!(0))
    );
}

#[test]
fn an_objection_counts_for_the_address_in_its_cell_whatever_else_the_row_holds() {
    let deployment = Deployment::published();
    for (list, stopped, named) in [
        (
            "email,reason\nann@client.example,too many mails, please stop\n",
            &["ann@client.example"][..],
            &[][..],
        ),
        (
            "bob@client.example\ncyd@client.example,phoned 3 May\n",
            &["bob@client.example", "cyd@client.example"],
            &[],
        ),
        (
            "email,notes\ndan@client.example,\"see\neve@client.example,Eve\nabove\"\n",
            &["dan@client.example"],
            &[2],
        ),
        (
            "email,reason\nfay@client.example,no,or gus@client.example\n",
            &["fay@client.example"],
            &[2],
        ),
    ] {
        let ended = imported(&deployment, list.as_bytes(), &["--json"]);
        let report = ended.with(if named.is_empty() { 0 } else { 3 }).json();
        assert_eq!(lines(&report["doubts"]), named, "{report}");
        assert_eq!(report["refused"], 0, "{report}");
        for address in stopped {
            assert_eq!(deployment.reasons(address), json!(["objected"]), "{list}");
        }
    }
    let list = b"email,reason\nAnn,Lee,hal@client.example\nno,\"x\nid@client.example,y\"\n";
    let report = imported(&deployment, list, &["--json"]).with(3).json();
    assert_eq!(lines(&report["refusals"]), [2, 3], "{report}");
    let facts = "email,country\nhal@client.example,GB,x\nid@client.example,FR\n";
    let report = deployment.import(facts, &["--as", "facts"]).with(3).json();
    assert_eq!(lines(&report["refusals"]), [2], "{report}");
    let domains = "domain,reason\nacme.example,too many, stop\nbeta.example,x,ann@y.example\n";
    let report = deployment.import(domains, &["--as", "domains", "--evidence", "letters"]);
    let report = report.with(3).json();
    assert_eq!(
        (lines(&report["doubts"]), &report["recorded"]),
        (vec![3], &json!(2))
    );
}

#[test]
fn an_import_that_breaks_off_reports_what_it_has_recorded() {
    let deployment = Deployment::published();
    let plain = format!("{},d@client.example\n", "D".repeat(1_000)).repeat(3_000);
    let list = format!("name,email\n{plain}\"Acme,ann@client.example\nBob,b@x\n\"Cyd\" Ltd,c@x\n");
    let ended = imported(&deployment, list.as_bytes(), &["--json"]).with(1);
    assert!(
        ended.error.contains("begins in line 3002 a quoted"),
        "{ended:?}"
    );
    let report = ended.json();
    assert!(report["rows"].as_u64().unwrap() >= 1_000, "{report}");
    assert_eq!(report["recorded"], 1, "{report}");
    let told = imported(&deployment, list.as_bytes(), &[]).with(1).output;
    assert!(told.contains("not read to its end"), "{told}");
}

#[test]
fn a_column_of_handles_does_not_hide_the_one_of_addresses() {
    let deployment = deployment();
    let list = b"Kontakt,Mastodon\nann@client.example,@ann@social.example\n";
    let answer = scrubbed(&deployment, list, &["--json"]).with(0).json();
    assert_eq!(
        (&answer["column"], &answer["kept"]),
        (&json!("Kontakt"), &json!(0))
    );
}

#[test]
fn a_heading_with_an_at_sign_is_no_row() {
    let deployment = deployment();
    let list = "email,status,Twitter (@handle)\n\
        dan@client.example,subscribed,@dan\n\
        eve@client.example,unsubscribed,@eve\n";
    let answer = scrubbed(&deployment, list.as_bytes(), &["--json"])
        .with(0)
        .json();
    assert_eq!(
        (&answer["rows"], &answer["column"]),
        (&json!(2), &json!("email"))
    );
    assert!(text(&deployment, "kept").starts_with("email,status,Twitter (@handle)\n"));
    let report = imported(&deployment, list.as_bytes(), &["--json"])
        .with(0)
        .json();
    assert_eq!(
        (&report["silent"], &report["recorded"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        deployment.reasons("dan@client.example"),
        json!(["legitimate_interest"])
    );
}

#[test]
fn a_first_row_that_may_be_about_somebody_is_a_row_in_whatever_form_the_address_is() {
    let deployment = deployment();
    for first in [
        "dan(at)client.example",
        "dan\u{ff20}client.example",
        "dan@localhost",
        "Dan <dan@client.example>",
        "dan.@client.example",
        "mailto:dan@client.example",
        "'dan@client.example'",
        "\"dan@client.example; bob@client.example\"",
        "write to dan@client.example",
        "dan@client.example (old)",
    ] {
        let list = format!("{first},Dan\neve@client.example,Eve\n");
        let counts = remarks(scrubbed(&deployment, list.as_bytes(), &["--json"]));
        assert_eq!(counts, json!({"invalid_address": 1}), "{first}");
        assert!(!text(&deployment, "kept").contains("dan"), "{first}");
        let report = imported(&deployment, list.as_bytes(), &["--json", "--dry-run"]);
        let report = report.with(3).json();
        assert_eq!(report["refusals"][0]["line"], 1, "{first}");
        assert_eq!(report["assumed_header"], false, "{first}");
    }
    let list = b"recipient,dan@client.example\nrecipient,eve@client.example\n";
    let report = imported(&deployment, list, &["--json", "--dry-run"])
        .with(0)
        .json();
    assert_eq!(report["recorded"], 2, "{report}");
}

#[test]
fn a_first_row_of_names_that_tell_of_no_address_is_named_in_the_report() {
    let deployment = deployment();
    for list in [
        &b"dan,Dan\neve@client.example,Eve\n"[..],
        b",x\neve@client.example,1\n",
    ] {
        let told = scrubbed(&deployment, list, &[]).with(0).output;
        assert!(told.contains("taken for the names"), "{told}");
        let counts = remarks(scrubbed(&deployment, list, &["--json"]));
        assert_eq!(counts, json!({"assumed_header": 1}));
        let told = imported(&deployment, list, &[]).with(0).output;
        assert!(
            told.contains("the first row was taken for the names"),
            "{told}"
        );
    }
    for (list, more) in [
        (&b"email\neve@client.example\n"[..], &[][..]),
        (b"whom,x\neve@client.example,1\n", &["--column", "Whom"]),
        (b"eve@client.example\n", &[]),
    ] {
        let more = [more, &["--json"]].concat();
        assert_eq!(remarks(scrubbed(&deployment, list, &more)), json!({}));
        let report = imported(&deployment, list, &more);
        assert_eq!(report.with(0).json()["assumed_header"], false, "{list:?}");
    }
}

#[test]
fn added_columns_stand_under_their_own_headings_in_rows_that_are_longer_than_the_header() {
    let deployment = deployment();
    let list = "email,name\n\
        dan@client.example,Dan,\n\
        eve@client.example,Eve, ,\"x,y\",\n\
        fay@client.example\n\
        ann@client.example,Ann,,\n\
        bob@client.example,Bob,z\n";
    for list in [list.as_bytes().to_vec(), wide(list)] {
        scrubbed(&deployment, &list, &["--unsubscribe-links"]).with(0);
        for (name, heading, starts, rows) in [
            (
                "kept",
                "sayso_unsubscribe",
                "https://privacy.example.com/u/",
                3,
            ),
            ("withheld", "sayso_reason", "objected", 2),
        ] {
            let written = fs::read(deployment.file(name)).unwrap();
            let written = decoded(&written);
            let mut reader = csv::ReaderBuilder::new();
            let mut reader = reader.flexible(true).from_reader(written.as_bytes());
            let place = reader
                .headers()
                .unwrap()
                .iter()
                .position(|one| one == heading);
            let place = place.unwrap();
            let all: Vec<_> = reader.records().map(Result::unwrap).collect();
            assert_eq!(all.len(), rows, "{written}");
            assert!(
                all.iter().all(|row| row[place].starts_with(starts)),
                "{written}"
            );
        }
        if list.starts_with(b"email") {
            let (kept, withheld) = (text(&deployment, "kept"), text(&deployment, "withheld"));
            assert!(
                kept.contains("List-Unsubscribe=One-Click, ,\"x,y\",\n"),
                "{kept}"
            );
            assert!(kept.contains("fay@client.example,,https"), "{kept}");
            assert_eq!(
                withheld,
                "email,name,sayso_reason,sayso_line\n\
                 ann@client.example,Ann,objected,5\n\
                 bob@client.example,Bob,objected,6,z\n"
            );
        }
    }
}

#[test]
fn an_address_whose_letters_are_not_utf_8_is_not_guessed() {
    let deployment = Deployment::published();
    told(&deployment, "ann@b\u{fc}cher.example");
    // What a Mac and what Windows write for the same letter.
    for letter in [b'\x9f', b'\xfc'] {
        let mut list = b"email,name\nann@b".to_vec();
        list.push(letter);
        list.extend_from_slice(b"cher.example,Ann\ndan@client.example,J\xf6rg\n");
        let answer = scrubbed(&deployment, &list, &["--json"]);
        assert_eq!(remarks(answer), json!({"not_utf8": 1}));
        let kept = fs::read(deployment.file("kept")).unwrap();
        assert_eq!(kept, b"email,name\ndan@client.example,J\xf6rg\n");
        let report = imported(&deployment, &list, &["--json", "--dry-run"]).with(3);
        let report = report.json();
        assert_eq!(report["refusals"][0]["line"], 2);
        let why = report["refusals"][0]["why"].as_str().unwrap();
        assert!(why.contains("save the list as UTF-8"), "{why}");
        assert_eq!(report["recorded"], 1);
    }
    let list = b"{\"email\":\"ann@b\xfccher.example\"}\n{\"email\":\"dan@client.example\",\"n\":\"\xf6\"}\n";
    let counts = remarks(scrubbed(&deployment, list, &["--json"]));
    assert_eq!(counts, json!({"not_utf8": 1}));
}
