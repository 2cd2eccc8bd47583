//! Settings from files and the environment: texts stay texts, and no error says what one holds.

use std::fs;

use backend::clock::{System, World as _};
use serde_json::json;

use crate::deployment::{Deployment, notice};

const CHECK: [&str; 2] = ["config", "check"];

/// A deployment with more in its configuration.
fn with(more: &str) -> Deployment {
    let deployment = Deployment::configured();
    let path = deployment.file("sayso.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{more}\n{text}")).unwrap();
    deployment
}

const SMTP: &str = "smtp.host = 'mail.example.com'\nsmtp.from = 'privacy@example.com'\n\
                    smtp.user = 'sayso'";

#[test]
fn a_text_from_the_environment_stays_one_whatever_it_looks_like() {
    let deployment = with(SMTP);
    for password in ["12345678", "true", "[1]", "{a=1}", "1.5", "", "\"12 34\""] {
        let environment = [("SAYSO_SMTP__PASSWORD", password)];
        deployment.run_with(&environment, &CHECK).with(0);
    }
    let deployment = Deployment::configured();
    let number = [("SAYSO_NOTICE__CONTACT__PHONE", "01234567")];
    let folder = notice();
    let publish = ["notice", "publish", folder.to_str().unwrap()];
    deployment.run_with(&number, &publish).with(0);
    let shown = deployment.json(0, &["notice", "show", "corporate-clients"]);
    assert!(shown.to_string().contains("\"01234567\""), "{shown}");
}

#[test]
fn what_is_no_text_is_read_from_the_environment_too() {
    let deployment = with(SMTP);
    let environment = [
        ("SAYSO_SMTP__PASSWORD", "hidden"),
        ("SAYSO_SMTP__PORT", "25"),
        ("SAYSO_MEMORY_MB", "0"),
        ("SAYSO_TRUSTED_PROXIES", "[127.0.0.1, \"::1\"]"),
        ("SAYSO_SITE", "[{origin=\"https://shop.example.com\"}]"),
        ("SAYSO_PUBLIC_URL", "https://other.example.com"),
    ];
    let arguments = ["config", "check", "--json"];
    let found = deployment.run_with(&environment, &arguments).with(0).json();
    assert_eq!(found["sites"], json!(["https://shop.example.com"]));
    assert_eq!(found["public_url"], "https://other.example.com");
}

#[test]
fn no_error_says_what_a_setting_holds() {
    let deployment = with(SMTP);
    for (name, key) in [
        ("SAYSO_MEMORY_MB", "memory_mb"),
        ("SAYSO_SMTP__PORT", "smtp.port"),
        ("SAYSO_SMTP__TLS", "smtp.tls"),
        ("SAYSO_SITE", "site"),
        ("SAYSO_DEFAULT_COUNTRY", "default_country"),
        ("SAYSO_GPC_SINCE", "gpc_since"),
        ("SAYSO_PUBLIC_URL", "public_url"),
        ("SAYSO_MTA", "mta"),
        ("SAYSO_SMTP_PASSWORD", "smtp_password"),
        ("SAYSO_SECRETS__PEPPER", "secrets.pepper"),
    ] {
        let said = deployment.run_with(&[(name, "hunter2")], &CHECK).with(1);
        assert!(said.error.contains(key), "{said:?}");
        assert!(!said.error.contains("hunter2"), "{said:?}");
    }
    for (text, place) in [
        ("smtp.password = hunter2", "line 4"),
        ("smtp.password = { hunter2 = 'hunter2' }", "smtp.password"),
        ("smtp.password = ['hunter2']", "smtp.password"),
        (
            "smtp.password = 'x'\nmta = [{ listen = 'unix:/g', purpose = 'hunter2!' }]",
            "mta.0.purpose",
        ),
        (
            "smtp.password = 'x'\nmta = [{ listen = 'hunter2', purpose = 'p' }]",
            "mta.0.listen",
        ),
    ] {
        let said = with(&format!("{SMTP}\n{text}")).run(&CHECK).with(1);
        let (file, named) = ("sayso.toml", said.error.contains(place));
        assert!(named && said.error.contains(file), "{said:?}");
        assert!(!said.error.contains("hunter2"), "{said:?}");
    }
    let said = with(&format!("{SMTP}\nsmtp.password = 12345678"))
        .run(&CHECK)
        .with(1);
    assert!(said.error.contains("smtp.password"), "{said:?}");
    assert!(!said.error.contains("1234"), "{said:?}");
}

#[test]
fn a_review_named_in_the_environment_counts_under_its_own_name() {
    let deployment = Deployment::configured();
    let path = deployment.file("sayso.toml");
    let text = fs::read_to_string(&path).unwrap();
    let without = text.replace("assessments_reviewed_at", "# assessments_reviewed_at");
    assert_ne!(without, text);
    fs::write(&path, without).unwrap();
    let folder = notice();
    let publish = ["notice", "publish", folder.to_str().unwrap()];
    let today = System.now().date().to_string();
    let review = [("SAYSO_NOTICE__ASSESSMENTS__LIA-info-about-us", &*today)];
    deployment.run_with(&review, &publish).with(0);
    let shown = deployment.json(0, &["notice", "show", "corporate-clients"]);
    let reviewed = format!("\"reviewed_at\":\"{today}\"");
    assert!(shown.to_string().contains(&reviewed), "{shown}");
}
