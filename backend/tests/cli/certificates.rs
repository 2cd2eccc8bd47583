//! A certificate is checked offline: its signature, its time, its list.

use std::fs;

use backend::clock::{System, World as _};
use backend::secrets::SecretsText;
use backend::signature::{PublicKeys, sign_certificate};
use serde_json::Value;
use shared::certificate::{Certificate, SignedCertificate, Tally, Validity, Verdict};
use shared::decision::{Ground, Withheld};
use shared::digest::Digest;

use crate::deployment::Deployment;

/// The list of the certificate.
const LIST: &str = "Email Address\na@example.com\nb@example.com\nc@example.com\n";

/// A deployment with a list, its certificate and the public keys.
fn certified(change: impl FnOnce(&mut Certificate)) -> (Deployment, SignedCertificate) {
    let deployment = Deployment::empty();
    let secrets = SecretsText::generate(&System).check().unwrap();
    let vectors = include_str!("../../../shared/tests/vectors/certificate-1.json");
    let vectors: Value = serde_json::from_str(vectors).unwrap();
    let vector = vectors["certificates"][0]["certificate"].clone();
    let mut certificate: Certificate = serde_json::from_value(vector).unwrap();
    certificate.at = System.now();
    certificate.valid_until = Validity::DEFAULT.end(certificate.at);
    certificate.list.bytes = LIST.len() as u64;
    certificate.list.sha256 = Digest::of(LIST.as_bytes());
    let mut tally = Tally::default();
    let yes = Verdict::proceed(Ground::LegitimateInterest, true);
    tally.extend(&[yes, Verdict::withhold(Withheld::Objected), yes]);
    (certificate.counts, certificate.verdicts) = tally.finish(Some(0));
    change(&mut certificate);
    let signed = sign_certificate(certificate, &secrets.signing);
    let keys = PublicKeys::of(&secrets.signing);
    fs::write(deployment.file("list.csv"), LIST).unwrap();
    let write = |name: &str, text: String| fs::write(deployment.file(name), text).unwrap();
    write("cert.json", serde_json::to_string_pretty(&signed).unwrap());
    write("keys.json", serde_json::to_string(&keys).unwrap());
    (deployment, signed)
}

fn verify(deployment: &Deployment, code: i32, more: &[&str]) -> Value {
    let path = |name: &str| deployment.file(name).to_str().unwrap().to_owned();
    let (file, keys) = (path("cert.json"), path("keys.json"));
    let arguments = ["certificate", "verify", &file, "--keys", &keys];
    deployment.json(code, &[&arguments, more].concat())
}

#[test]
fn a_certificate_is_checked_without_the_deployment_and_says_what_it_states() {
    let (deployment, signed) = certified(|_| {});
    let list = deployment.file("list.csv");
    let answer = verify(&deployment, 0, &["--list", list.to_str().unwrap()]);
    assert_eq!(answer["valid"], true);
    assert_eq!(
        answer["certificate"],
        serde_json::to_value(&signed.certificate).unwrap()
    );
    let path = |name: &str| deployment.file(name).to_str().unwrap().to_owned();
    let (file, keys) = (path("cert.json"), path("keys.json"));
    let people = deployment
        .run(&["certificate", "verify", &file, "--keys", &keys])
        .with(0)
        .output;
    for words in [
        &format!("valid until {}", signed.certificate.valid_until),
        "3 rows",
        "may be mailed: 2 (legitimate_interest 2)",
        "to be told of the right to object in this very message: 2",
        "withheld: 1 (objected 1)",
        "info_about_us by email",
        "Example Advisory Ltd",
    ] {
        assert!(people.contains(words), "{words} is not in {people}");
    }
}

#[test]
fn any_changed_byte_is_refused() {
    let (deployment, _) = certified(|_| {});
    let file = deployment.file("cert.json");
    let whole = fs::read_to_string(&file).unwrap();
    let certificate: Value = serde_json::from_str(&whole).unwrap();
    let changes: [(&str, &str, Value); 5] = [
        ("certificate", "/counts/kept", 3.into()),
        ("certificate", "/as_of", 18.into()),
        (
            "certificate",
            "/valid_until",
            "2099-01-01T00:00:00.000Z".into(),
        ),
        ("certificate", "/list/sha256", "0".repeat(64).into()),
        ("signature", "/value", "A".repeat(86).into()),
    ];
    for (part, place, value) in changes {
        let mut changed = certificate.clone();
        *changed[part].pointer_mut(place).unwrap() = value;
        fs::write(&file, changed.to_string()).unwrap();
        let answer = verify(&deployment, 3, &[]);
        assert_eq!(answer["valid"], false);
        assert_eq!(
            answer["problem"], "it was changed after it was signed",
            "{place}"
        );
    }
    // A byte anywhere: refused as forged, or no certificate at all.
    for place in (0..whole.len()).step_by(41) {
        let mut bytes = whole.clone().into_bytes();
        bytes[place] ^= 1;
        if serde_json::from_slice::<Value>(&bytes).ok() == Some(certificate.clone()) {
            continue;
        }
        fs::write(&file, &bytes).unwrap();
        let path = |name: &str| deployment.file(name).to_str().unwrap().to_owned();
        let (file, keys) = (path("cert.json"), path("keys.json"));
        let ended = deployment.run(&["certificate", "verify", &file, "--keys", &keys]);
        assert!([1, 3].contains(&ended.code), "byte {place}: {ended:?}");
    }
}

#[test]
fn another_key_signs_nothing_for_this_deployment() {
    let (deployment, _) = certified(|_| {});
    deployment.run(&["config", "secrets"]).with(0);
    let file = deployment.file("cert.json");
    let answer = deployment.json(3, &["certificate", "verify", file.to_str().unwrap()]);
    assert_eq!(answer["problem"], "it was signed with another key");
}

#[test]
fn a_certificate_that_is_too_old_is_refused() {
    let (deployment, _) = certified(|one| {
        one.at = one.at.plus_millis(-24 * 60 * 60 * 1000);
        one.valid_until = Validity::DEFAULT.end(one.at);
    });
    let answer = verify(&deployment, 3, &[]);
    assert_eq!(answer["valid"], false);
    assert_eq!(
        answer["problem"],
        "it has expired: put the list through the gate again"
    );
}

#[test]
fn a_certificate_of_a_clock_that_was_years_ahead_is_refused() {
    let (deployment, _) = certified(|one| {
        one.at = one.at.plus_millis(3 * 365 * 24 * 60 * 60 * 1000);
        one.valid_until = Validity::DEFAULT.end(one.at);
    });
    let answer = verify(&deployment, 3, &[]);
    assert_eq!(answer["valid"], false);
    let problem = answer["problem"].as_str().unwrap();
    assert!(problem.contains("has not come yet"), "{problem}");
}

#[test]
fn even_a_signed_certificate_holds_for_two_days_at_most() {
    let (deployment, _) = certified(|one| {
        one.valid_until = Validity::MOST.end(one.at).plus_millis(1);
    });
    let answer = verify(&deployment, 3, &[]);
    let problem = answer["problem"].as_str().unwrap();
    assert!(problem.contains("48 hours"), "{problem}");
}

#[test]
fn a_certificate_of_another_list_is_refused() {
    let (deployment, _) = certified(|_| {});
    let list = deployment.file("list.csv");
    let list = list.to_str().unwrap();
    for other in [
        LIST.replace("a@", "x@"),
        LIST.replace('\n', "\r\n"),
        String::new(),
    ] {
        fs::write(list, other).unwrap();
        let answer = verify(&deployment, 3, &["--list", list]);
        let problem = answer["problem"].as_str().unwrap();
        assert!(problem.contains("another list"), "{problem}");
    }
}

#[test]
fn a_file_that_is_no_certificate_is_named_as_such() {
    let (deployment, _) = certified(|_| {});
    let file = deployment.file("cert.json");
    let later = fs::read_to_string(&file)
        .unwrap()
        .replace("sayso-certificate-1", "sayso-certificate-2");
    for (text, words) in [
        ("{}".to_owned(), "no certificate of Sayso"),
        (LIST.to_owned(), "no certificate of Sayso"),
        (later, "install a newer one"),
    ] {
        fs::write(&file, text).unwrap();
        let path = |name: &str| deployment.file(name).to_str().unwrap().to_owned();
        let (file, keys) = (path("cert.json"), path("keys.json"));
        let ended = deployment.run(&["certificate", "verify", &file, "--keys", &keys]);
        assert!(ended.with(1).error.contains(words), "{words}");
    }
}
