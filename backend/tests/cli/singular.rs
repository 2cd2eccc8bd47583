//! What commands say of one thing: in the singular.

use std::fs;

use crate::deployment::Deployment;
use crate::replaying::{list, object, scrubbed};

#[test]
fn one_entry_one_row_and_one_violation_are_said_as_one() {
    let deployment = Deployment::published();
    object(&deployment, "ann");
    let said = |code, arguments: &[&str]| deployment.run(arguments).with(code).output;
    assert_eq!(
        said(0, &["ledger", "verify"]),
        "1 entry (0 erased), 1 subject: the ledger is whole.\n"
    );
    let files = scrubbed(&deployment, &list(&["ann"]), &[]);
    let replayed = said(0, &["replay", &files[1], &files[0]]);
    assert_eq!(
        replayed,
        "the same verdict for the 1 row that can be decided again\n"
    );
    let verified = said(0, &["certificate", "verify", &files[1]]);
    assert!(verified.contains("list: 1 row, "), "{verified}");
    let sent = deployment.file("sent.csv");
    fs::write(&sent, "Email,sent\nann@client.example,yesterday\n").unwrap();
    let sent = sent.to_str().unwrap();
    let reconciled = said(3, &["reconcile", &files[1], sent, "--time-column", "sent"]);
    for words in [
        "1 recipient, 1 violation\n",
        "1 mailed although the certificate withheld it: line 2 (objected)\n",
        "1 time of sending cannot be read, the first in line 2",
    ] {
        assert!(reconciled.contains(words), "{words}: {reconciled}");
    }
    let imported = deployment.file("facts.csv");
    fs::write(
        &imported,
        "email,obtained_at,evidence\nbob@client.example,2026-01-31,list of March\n",
    )
    .unwrap();
    let imported = said(0, &["import", imported.to_str().unwrap(), "--as", "facts"]);
    assert!(imported.starts_with("Recorded 1 of 1 row ("), "{imported}");
    let due = said(3, &["notice", "due"]);
    assert!(due.starts_with("1 contact in all must be told"), "{due}");
    let emptied =
        "UPDATE subject SET standing = (SELECT standing FROM subject WHERE no = 2) WHERE no = 1";
    let database = rusqlite::Connection::open(deployment.file("sayso.db")).unwrap();
    database.execute(emptied, ()).unwrap();
    let broken = said(3, &["ledger", "verify"]);
    assert!(
        broken.starts_with("2 entries (0 erased), 2 subjects: 1 problem. Keep"),
        "{broken}"
    );
}
