//! When those who were mailed were mailed, as far as their table says.

use std::fs;

use backend::clock::{System, World as _};
use serde_json::{Value, json};
use shared::time::Timestamp;

use crate::deployment::Deployment;
use crate::reconciling::{expected, found, reconcile};
use crate::replaying::{list, object, scrubbed};

#[test]
fn who_objected_and_was_erased_before_the_mailing_was_mailed_against_it() {
    let deployment = Deployment::published();
    let files = scrubbed(&deployment, &list(&["ann", "bob"]), &[]);
    let signed: Value = serde_json::from_slice(&fs::read(&files[1]).unwrap()).unwrap();
    let time = |name: &str| signed["certificate"][name].as_str().unwrap().to_owned();
    object(&deployment, "ann");
    let erase = ["erase", "ann@client.example", "--evidence", "letter 7"];
    deployment.run(&erase).with(0);
    let after = System.now().to_string();
    let times = ["--time-column", "Sent at"];
    let sent = |time: &str| format!("Sent at,Recipient\n{time},ann@client.example\n");
    for more in [&times[..], &[&times[..], &["--list", &files[0]]].concat()] {
        let answer = reconcile(&deployment, 3, &files, &sent(&after), more);
        assert_eq!(found(&answer), expected(&[(2, "stopped_before_sending")]));
        assert_eq!(answer["findings"][0]["reason"], "objected");
        // What was said before the erasure is gone.
        let before = reconcile(&deployment, 0, &files, &sent(&time("at")), more);
        assert_eq!(found(&before), expected(&[(2, "erased_since")]));
        let early = reconcile(&deployment, 3, &files, &sent("2020-01-01"), more);
        assert_eq!(found(&early), expected(&[(2, "before_certificate")]));
    }
}

#[test]
fn where_a_time_of_sending_cannot_be_read_the_mailing_is_not_found_to_be_right() {
    let deployment = Deployment::published();
    let files = scrubbed(&deployment, &list(&["ann"]), &[]);
    let times = ["--time-column", "Sent at"];
    for unread in ["Nov 29, 2026 8:00 am", "1795435200", ""] {
        let sent = format!("Sent at,Recipient\n\"{unread}\",ann@client.example\n");
        let answer = reconcile(&deployment, 3, &files, &sent, &times);
        assert_eq!(answer["violations"], 0, "{unread}");
        assert_eq!(answer["unreadable_times"], json!([2]), "{unread}");
    }
}

#[test]
fn a_time_in_minutes_or_seconds_is_all_of_that_minute_or_second() {
    let deployment = Deployment::published();
    let files = scrubbed(&deployment, &list(&["ann", "bob"]), &["--first-contact"]);
    let signed: Value = serde_json::from_slice(&fs::read(&files[1]).unwrap()).unwrap();
    let at = signed["certificate"]["at"].as_str().unwrap();
    let moment = Timestamp::parse(at).unwrap();
    let [minute, second, zoned] = [
        at[..16].replace('T', " "),
        at[..19].to_owned(),
        format!("{}Z", &at[..19]),
    ];
    let before = moment.plus_millis(-60_000).to_string();
    let times = ["--time-column", "Sent at"];
    for (time, finding) in [
        (&minute, None),
        (&second, None),
        (&zoned, None),
        (&before[..16].to_owned(), Some("before_certificate")),
    ] {
        let sent = format!("Sent at,Recipient\n{time},ann@client.example\n");
        let code = finding.map_or(0, |_| 3);
        let answer = reconcile(&deployment, code, &files, &sent, &times);
        let expected: Vec<_> = finding
            .map(|finding| (2, finding.to_owned()))
            .into_iter()
            .collect();
        assert_eq!(found(&answer), expected, "{time}");
        let told = &answer["informed"];
        let count = |name: &str| told[name].as_u64().unwrap();
        let taken = u64::from(finding.is_none());
        assert_eq!(count("recorded") + count("known"), taken, "{time}: {told}");
    }
}
