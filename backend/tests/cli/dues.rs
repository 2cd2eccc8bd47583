//! Contacts that came from somebody else: who must be told, and by when (Art. 14).

use std::fs;

use serde_json::{Value, json};
use shared::time::Timestamp;

use crate::deployment::Deployment;
use crate::imports::PURPOSE;
use crate::replaying::{list, scrubbed};
use crate::serving::Server;

/// From when on the first of the contacts below is late: 1 March 2026.
const LATE: i64 = 1_772_323_200_000;
const FACTS: [&str; 2] = ["--as", "facts"];

/// Now, as the command line says it.
fn now(deployment: &Deployment) -> Timestamp {
    let shown = deployment.json(0, &["notice", "due"]);
    Timestamp::parse(shown["at"].as_str().unwrap()).unwrap()
}

/// Three contacts of a client: one that is late, one that is not, one that came from the person.
fn imported() -> (Deployment, Timestamp) {
    let deployment = Deployment::published();
    let now = now(&deployment);
    let table = format!(
        "email,obtained_at,country,evidence,crm_reference\n\
         ann@client.example,2026-01-31,GB,list of March,contact:4711\n\
         bob@client.example,{},GB,list of May,\n\
         cat@client.example,,GB,contract,\n",
        now.date()
    );
    let report = deployment.import(&table, &FACTS).with(0).json();
    assert_eq!(report["recorded"], 3, "{report}");
    (deployment, now)
}

fn dates(shown: &Value) -> Vec<&str> {
    let contacts = shown["contacts"].as_array().unwrap().iter();
    contacts
        .map(|row| row["due_by"].as_str().unwrap())
        .collect()
}

#[test]
fn who_must_be_told_and_for_whom_it_is_late_is_listed_without_an_address() {
    let (deployment, now) = imported();
    let end = now.date_in_months(1).succ_opt().unwrap();
    let shown = deployment.json(3, &["notice", "due"]);
    assert_eq!((&shown["due"], &shown["overdue"]), (&json!(2), &json!(1)));
    assert_eq!(
        dates(&shown),
        ["2026-03-01T00:00:00.000Z", &format!("{end}T00:00:00.000Z")]
    );
    let late = &shown["contacts"][0];
    assert_eq!(late["overdue"], true);
    assert_eq!(late["evidence"], "table: facts; list of March");
    assert_eq!(late["crm_references"], json!(["contact:4711"]));
    assert_eq!(late["subject"].as_str().map(str::len), Some(36));
    assert!(!shown.to_string().contains("client.example"), "{shown}");
    let overdue = deployment.json(3, &["notice", "due", "--overdue"]);
    assert_eq!(dates(&overdue).len(), 1);
    let first = deployment.json(3, &["notice", "due", "--limit", "1"]);
    assert_eq!((dates(&first).len(), &first["more"]), (1, &json!(1)));
    let said = deployment.run(&["notice", "due"]).with(3).output;
    assert!(
        said.contains("by 2026-02-28") && said.contains("OVERDUE"),
        "{said}"
    );
}

#[test]
fn a_date_that_was_put_off_in_the_database_is_found() {
    let (deployment, _) = imported();
    let database = rusqlite::Connection::open(deployment.file("sayso.db")).unwrap();
    deployment.json(0, &["ledger", "verify"]);
    for tampering in [
        "notice_due = notice_due + 86400000",
        "notice_due = NULL",
        "notice_told = notice_due - 1",
    ] {
        let update = format!("UPDATE subject SET {tampering} WHERE no = 1");
        database.execute(&update, ()).unwrap();
        let found = deployment.json(3, &["ledger", "verify"]);
        let problems = found["problems"].as_array().unwrap();
        assert_eq!(problems.len(), 1, "{tampering}: {found}");
        let said = problems[0].as_str().unwrap();
        assert!(said.starts_with("by when subject"), "{said}");
        let mended = "UPDATE subject SET notice_due = ?1, notice_told = NULL WHERE no = 1";
        database.execute(mended, [LATE]).unwrap();
        deployment.json(0, &["ledger", "verify"]);
    }
}

#[test]
fn a_list_at_hand_is_answered_by_its_lines() {
    let (deployment, _) = imported();
    let path = deployment.file("contacts.csv");
    let file = path.to_str().unwrap();
    fs::write(
        &path,
        list(&["cat", "bob", "stranger", "no address", "ann"]),
    )
    .unwrap();
    let shown = deployment.json(3, &["notice", "due", file]);
    let counted = json!({"rows": 5, "due": 2, "overdue": 1});
    assert_eq!(shown["list"], counted, "{shown}");
    let contacts = shown["contacts"].as_array().unwrap().iter();
    let lines: Vec<_> = contacts.map(|row| row["line"].clone()).collect();
    assert_eq!(lines, [json!(6), json!(3)], "what is due first comes first");
    fs::write(&path, list(&["cat", "bob"])).unwrap();
    let shown = deployment.json(0, &["notice", "due", file]);
    assert_eq!(shown["list"]["overdue"], 0, "nobody of this list is late");
}

#[test]
fn a_check_says_until_when_the_person_must_be_told() {
    let (deployment, now) = imported();
    let check = |name: &str| {
        let address = format!("{name}@client.example");
        deployment.json(0, &["check", &address, PURPOSE[0], PURPOSE[1]])
    };
    assert_eq!(check("ann")["notice_due_by"], "2026-03-01T00:00:00.000Z");
    assert_eq!(check("cat")["notice_due_by"], Value::Null);
    let said = |name: &str| {
        let address = format!("{name}@client.example");
        let asked = ["check", &address, PURPOSE[0], PURPOSE[1]];
        deployment.run(&asked).with(0).output
    };
    assert!(
        said("ann").contains("overdue since 2026-02-28"),
        "{}",
        said("ann")
    );
    let last = now.date_in_months(1);
    assert!(said("bob").contains(&format!("tell the person by {last}")));
    assert!(!said("cat").contains("Art. 14)"), "{}", said("cat"));
}

#[test]
fn a_server_says_so_to_whoever_asks_it() {
    let deployment = Deployment::empty();
    let server = Server::start(&deployment);
    let table = "email,obtained_at\nann@client.example,2026-01-31\n";
    deployment.import(table, &FACTS).with(0);
    let url = format!("http://{}", server.host());
    let asked = [
        "check",
        "ann@client.example",
        "--server",
        &url,
        "--key",
        server.key(),
    ];
    let answer = deployment.json(0, &[&asked[..], &PURPOSE].concat());
    assert_eq!(answer["notice_due_by"], "2026-03-01T00:00:00.000Z");
}

#[test]
fn whoever_is_told_is_owed_nothing_more() {
    let (deployment, now) = imported();
    let table = format!("email,notice_given,evidence\nann@client.example,{now},letter 9\n");
    deployment.import(&table, &FACTS).with(0);
    let shown = deployment.json(0, &["notice", "due"]);
    assert_eq!((&shown["due"], &shown["overdue"]), (&json!(1), &json!(0)));
    assert_eq!(
        deployment.json(0, &["ledger", "verify"])["problems"],
        json!([])
    );
}

#[test]
fn the_earliest_date_that_any_file_states_counts_unless_a_later_one_replaces_it() {
    let deployment = Deployment::published();
    let import = |row: &str, more: &[&str]| {
        let table = format!(
            "email,obtained_at,first_communication,first_disclosure\nann@client.example,{row}\n"
        );
        deployment.import(&table, &[&FACTS[..], more].concat())
    };
    let by = || deployment.json(3, &["notice", "due"])["contacts"][0]["due_by"].clone();
    import("2026-05-10,,", &[]).with(0);
    assert_eq!(by(), "2026-06-11T00:00:00.000Z");
    import("2026-06-10,,", &[]).with(0);
    assert_eq!(
        by(),
        "2026-06-11T00:00:00.000Z",
        "a later date loosens nothing"
    );
    import(",2026-05-20T08:00:00Z,", &[]).with(0);
    assert_eq!(by(), "2026-05-20T08:00:00.000Z");
    import(",,2026-05-12", &[]).with(0);
    assert_eq!(by(), "2026-05-12T00:00:00.000Z");
    import(",,2026-05-19", &["--replace"]).with(0);
    assert_eq!(by(), "2026-05-19T00:00:00.000Z");
    let refused = import("2999-01-01,,", &[]).with(3).json();
    assert_eq!(
        refused["refusals"][0]["why"],
        "obtained_at lies in the future"
    );
    let refused = import("31/01/2026,,", &[]).with(3).json();
    assert!(
        refused["refusals"][0]["why"]
            .to_string()
            .contains("no date")
    );
}

#[test]
fn a_mailing_that_did_not_tell_makes_it_due_at_once_and_one_that_did_settles_it() {
    let (deployment, _) = imported();
    let sent = |more: &[&str]| {
        let files = scrubbed(&deployment, &list(&["bob", "cat"]), more);
        let recipients = deployment.file("sent.csv");
        fs::write(&recipients, list(&["bob", "cat"])).unwrap();
        deployment.json(0, &["reconcile", &files[1], recipients.to_str().unwrap()])
    };
    let answer = sent(&[]);
    assert_eq!(answer["untold"], 1, "bob alone came from somebody else");
    let shown = deployment.json(3, &["notice", "due"]);
    assert_eq!((&shown["due"], &shown["overdue"]), (&json!(2), &json!(2)));
    assert_eq!(sent(&[])["untold"], 0, "only the first message counts");
    sent(&["--first-contact"]);
    let shown = deployment.json(3, &["notice", "due"]);
    assert_eq!((&shown["due"], &shown["overdue"]), (&json!(1), &json!(1)));
}

#[test]
fn erasure_ends_what_is_owed() {
    let (deployment, _) = imported();
    let erase = ["erase", "ann@client.example", "--evidence", "letter 3"];
    deployment.run(&erase).with(0);
    let shown = deployment.json(0, &["notice", "due"]);
    assert_eq!((&shown["due"], &shown["overdue"]), (&json!(1), &json!(0)));
}
