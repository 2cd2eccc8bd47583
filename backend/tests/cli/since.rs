//! Who must be taken off since a certificate.

use std::fs;

use backend::secrets::SecretsText;
use backend::signature::{PublicKeys, sign_certificate};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use shared::certificate::{Certificate, SignedCertificate};
use shared::decision::{Ground, Reason};

use crate::deployment::Deployment;
use crate::replaying::{list, object, scrubbed};

fn since(deployment: &Deployment, code: i32, files: &[String; 2]) -> (Value, String) {
    let off = deployment.file("off.csv");
    let path = off.to_str().unwrap();
    let arguments = ["scrub", &files[0], "--since", &files[1], "--withheld", path];
    let answer = deployment.json(code, &arguments);
    (answer, fs::read_to_string(&off).unwrap())
}

#[test]
fn only_who_was_kept_then_and_is_withheld_now_is_taken_off() {
    let deployment = Deployment::published();
    object(&deployment, "ann");
    let files = scrubbed(
        &deployment,
        &list(&["ann", "bob", "cyd", "dan", "none of"]),
        &[],
    );
    let (nobody, off) = since(&deployment, 0, &files);
    assert_eq!(
        (&nobody["rows"], &nobody["taken_off"]),
        (&json!(5), &json!(0))
    );
    assert_eq!(off, "Email,sayso_reason,sayso_line\n");
    object(&deployment, "bob");
    object(&deployment, "ann");
    object(&deployment, "dan");
    let erase = ["erase", "dan@client.example", "--evidence", "letter 7"];
    deployment.run(&erase).with(0);
    let (answer, off) = since(&deployment, 3, &files);
    assert_eq!(answer["taken_off"], 2);
    assert_eq!(answer["reasons"], json!({"objected": 2}));
    assert_eq!(
        off,
        "Email,sayso_reason,sayso_line\nbob@client.example,objected,3\n\
         dan@client.example,objected erased,5\n"
    );
}

#[test]
fn a_forged_certificate_or_one_of_another_list_takes_nobody_off() {
    let deployment = Deployment::published();
    let files = scrubbed(&deployment, &list(&["ann", "bob"]), &[]);
    let off = deployment.file("off.csv");
    let run = || {
        let path = off.to_str().unwrap();
        let arguments = ["scrub", &files[0], "--since", &files[1], "--withheld", path];
        deployment.run(&arguments).with(1).error
    };
    fs::write(&files[0], list(&["ann"])).unwrap();
    assert!(run().contains("another list"));
    let certificate = fs::read_to_string(&files[1]).unwrap();
    fs::write(&files[1], certificate.replace("\"kept\": 2", "\"kept\": 1")).unwrap();
    assert!(run().contains("changed after it was signed"));
    assert!(!off.exists(), "no half file");
}

#[test]
fn a_certificate_made_after_the_backup_that_was_restored_is_refused() {
    let deployment = Deployment::published();
    object(&deployment, "ann");
    let backup = deployment.file("b.db");
    let backup = backup.to_str().unwrap();
    deployment.run(&["backup", backup]).with(0);
    let before = scrubbed(&deployment, &list(&["ann", "bob", "cyd"]), &[]);
    let older = deployment.file("older.json");
    fs::copy(&before[1], &older).unwrap();
    let older = [before[0].clone(), older.to_str().unwrap().to_owned()];
    object(&deployment, "dan");
    let files = scrubbed(&deployment, &list(&["ann", "bob", "cyd"]), &[]);
    let restored = deployment.run(&["restore", backup]).with(0).output;
    assert!(restored.contains("scrub these lists anew"), "{restored}");
    object(&deployment, "bob");
    object(&deployment, "cyd");
    let off = deployment.file("off.csv");
    let path = off.to_str().unwrap();
    for command in [
        &["scrub", &files[0], "--since", &files[1], "--withheld", path][..],
        &["replay", &files[1], &files[0]],
        &["reconcile", &files[1], &files[0]],
    ] {
        let refused = deployment.run(command).with(1);
        assert!(refused.error.contains("Scrub the list anew"), "{refused:?}");
    }
    assert!(!off.exists());
    let (answer, _) = since(&deployment, 3, &older);
    assert_eq!(answer["taken_off"], 2);
    let verified = deployment.json(0, &["ledger", "verify"]);
    assert_eq!(
        (&verified["entries"], &verified["erased"]),
        (&json!(3), &json!(0))
    );
    let shown = deployment.run(&["ledger", "show"]).with(0).output;
    assert!(shown.contains("a backup was restored"), "{shown}");
}

#[test]
fn the_question_is_the_certificates_alone() {
    let deployment = Deployment::published();
    let files = scrubbed(&deployment, &list(&["ann"]), &[]);
    let arguments = [
        "scrub",
        &files[0],
        "--since",
        &files[1],
        "--withheld",
        "off.csv",
    ];
    for more in [
        ["--country", "GB"],
        ["--channel", "email"],
        ["--valid-hours", "24"],
    ] {
        deployment.run(&[&arguments[..], &more].concat()).with(2);
    }
    deployment
        .run(&["scrub", &files[0], "--withheld", "off.csv"])
        .with(2);
}

#[test]
fn nobody_is_taken_off_into_the_list_or_the_certificate() {
    let deployment = Deployment::published();
    let files = scrubbed(&deployment, &list(&["ann"]), &[]);
    let before = files.clone().map(|file| fs::read(file).unwrap());
    for file in &files {
        let arguments = ["scrub", &files[0], "--since", &files[1], "--withheld", file];
        let refused = deployment.run(&arguments).with(1);
        assert!(refused.error.contains("name another file"), "{refused:?}");
    }
    assert_eq!(files.map(|file| fs::read(file).unwrap()), before);
}

#[test]
fn a_list_with_two_equal_headings_can_be_used_again() {
    let deployment = Deployment::published();
    let text = "Email,2,email,Email,Country,country\n\
        ann@client.example,x,,,GB,\nbob@client.example,x,,,GB,\n";
    let stated = ["--column", "1", "--country-column", "Country"];
    let files = scrubbed(&deployment, text, &stated);
    let signed: Value = serde_json::from_slice(&fs::read(&files[1]).unwrap()).unwrap();
    let columns = &signed["certificate"]["asked"]["columns"];
    assert_eq!(
        (&columns["address"], &columns["country"]),
        (&json!("#1"), &json!("Country"))
    );
    object(&deployment, "bob");
    assert_eq!(since(&deployment, 3, &files).0["taken_off"], 1);
    deployment.json(0, &["replay", &files[1], &files[0]]);
    let sent = deployment.file("sent.csv");
    fs::write(&sent, list(&["ann"])).unwrap();
    let sent = sent.to_str().unwrap();
    deployment.json(0, &["reconcile", &files[1], sent, "--list", &files[0]]);
    // The heading of another column is the number of this one.
    let text = "2,n,n\nx,ann@client.example,\n";
    let files = scrubbed(&deployment, text, &["--column", "#2"]);
    assert_eq!(since(&deployment, 0, &files).0["rows"], 1);
    object(&deployment, "ann");
    assert_eq!(since(&deployment, 3, &files).0["taken_off"], 1);
}

/// The certificate with that changed, signed again by the deployment.
fn signed_again(deployment: &Deployment, file: &str, change: impl FnOnce(&mut Certificate)) {
    let secrets = fs::read_to_string(deployment.file("secrets.toml")).unwrap();
    let secrets: toml::Table = toml::from_str(&secrets).unwrap();
    let secrets: SecretsText = secrets["secrets"].clone().try_into().unwrap();
    let signed: SignedCertificate = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let mut certificate = signed.certificate;
    change(&mut certificate);
    let signed = sign_certificate(certificate, &secrets.check().unwrap().signing);
    fs::write(file, serde_json::to_string(&signed).unwrap()).unwrap();
}

#[test]
fn a_server_that_answers_another_question_or_of_fewer_who_were_kept_takes_nobody_off() {
    let deployment = Deployment::empty();
    let server = crate::serving::Server::start(&deployment);
    object(&deployment, "ann");
    let files = scrubbed(&deployment, &list(&["ann", "bob"]), &[]);
    let url = format!("http://{}", server.host());
    let off = deployment.file("afar.csv");
    let key = deployment.json(0, &["key", "create", "--scope", "scrub:run"]);
    let run = |code: i32| {
        let path = off.to_str().unwrap();
        let arguments = ["scrub", &files[0], "--since", &files[1], "--withheld", path];
        let server = ["--server", &url, "--key", key["key"].as_str().unwrap()];
        let ended = deployment.run(&[&arguments[..], &server].concat());
        ended.with(code).error
    };
    let whole = fs::read(&files[1]).unwrap();
    signed_again(&deployment, &files[1], |one| {
        one.asked.columns.address = "#1".to_owned().try_into().unwrap();
    });
    assert!(run(1).contains("another question"));
    fs::write(&files[1], &whole).unwrap();
    signed_again(&deployment, &files[1], |one| {
        one.counts.kept = 2;
        one.counts.withheld = 0;
        let reasons = [(Reason::Ground(Ground::LegitimateInterest), 2)];
        one.counts.reasons = reasons.into();
    });
    assert!(run(1).contains("scrub the list anew"));
    signed_again(&deployment, &files[1], |one| one.rules = None);
    assert!(run(1).contains("since_rules"));
    assert!(!off.exists());
    fs::write(&files[1], &whole).unwrap();
    assert_eq!(run(0), "");
}

#[test]
fn a_certificate_of_a_signing_key_that_was_replaced_is_checked_with_the_keys_of_its_time() {
    let deployment = Deployment::published();
    let files = scrubbed(&deployment, &list(&["ann", "bob"]), &[]);
    object(&deployment, "bob");
    let path = deployment.file("secrets.toml");
    let text = fs::read_to_string(&path).unwrap();
    let mut all: toml::Table = toml::from_str(&text).unwrap();
    let secrets: SecretsText = all["secrets"].clone().try_into().unwrap();
    let keys = PublicKeys::of(&secrets.check().unwrap().signing);
    let saved = deployment.file("keys.json");
    fs::write(&saved, serde_json::to_string(&keys).unwrap()).unwrap();
    all["secrets"]["signing_key"] = BASE64_STANDARD.encode([7; 32]).into();
    fs::write(&path, all.to_string()).unwrap();
    let off = deployment.file("off.csv");
    let off = off.to_str().unwrap();
    let arguments = ["scrub", &files[0], "--since", &files[1], "--withheld", off];
    let refused = deployment.run(&arguments).with(1);
    assert!(refused.error.contains("another key"), "{refused:?}");
    let named = ["--keys", saved.to_str().unwrap()];
    let taken = deployment.json(3, &[&arguments[..], &named].concat());
    assert_eq!(taken["taken_off"], 1);
    deployment
        .run(
            &[
                &arguments[..2],
                &["--purpose", "info_about_us", "--withheld", off],
                &named,
            ]
            .concat(),
        )
        .with(2);
}

#[test]
fn a_server_takes_off_the_same() {
    let deployment = Deployment::empty();
    let server = crate::serving::Server::start(&deployment);
    object(&deployment, "ann");
    let files = scrubbed(&deployment, &list(&["ann", "bob", "cyd", "none of"]), &[]);
    object(&deployment, "bob");
    let here = since(&deployment, 3, &files);
    let key = deployment.json(0, &["key", "create", "--scope", "scrub:run"]);
    let key = key["key"].as_str().unwrap();
    let url = format!("http://{}", server.host());
    let off = deployment.file("afar.csv");
    let arguments = [
        "scrub",
        &files[0],
        "--since",
        &files[1],
        "--withheld",
        off.to_str().unwrap(),
        "--server",
        &url,
        "--key",
        key,
        "--json",
    ];
    // Without the deployment's own data and keys.
    let elsewhere = Deployment::empty();
    let afar = elsewhere.run(&arguments).with(3).json();
    assert_eq!(fs::read_to_string(&off).unwrap(), here.1);
    for field in ["certificate", "rows", "taken_off", "reasons", "as_of"] {
        assert_eq!(afar[field], here.0[field], "{field}");
    }
}
