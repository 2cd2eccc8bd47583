//! Settings in the environment: `SAYSO_` and the key, two underscores before each one further down.

use std::ffi::OsString;

use anyhow::Context as _;
use figment::value::{Dict, Value};

/// What the name of every such variable starts with.
const PREFIX: &str = "SAYSO_";

/// Keys that have others below them. A variable that runs on behind one of them with a single
/// underscore is a slip, and not one of another program.
const TABLES: [&str; 4] = ["notice", "smtp", "mail", "secrets"];

/// The names below this key are the operator's own, and their case counts.
const NAMED: [&str; 2] = ["notice", "assessments"];

/// What is no text: numbers, yes or no, lists, and tables that are written whole. What stands at
/// any other key is a text, whatever it looks like.
const NO_TEXTS: [&str; 33] = [
    "demo",
    "site",
    "trusted_proxies",
    "memory_mb",
    "consumer_domains",
    "notice",
    "notice.controller",
    "notice.contact",
    "notice.representative",
    "notice.data_protection_officer",
    "notice.recipients",
    "notice.transfers",
    "notice.supervisory_authority",
    "notice.complaint",
    "notice.sources",
    "notice.obligation",
    "notice.obligation.by_law",
    "notice.obligation.by_contract",
    "notice.record",
    "notice.laws",
    "notice.statements",
    "notice.assessments",
    "smtp",
    "smtp.port",
    "smtp.dkim",
    "mail",
    "mail.per_hour",
    "mail.marketing_domains",
    "mta",
    "sink",
    "secrets",
    "secrets.pepper",
    "secrets.seal",
];

/// The settings that these variables make, out of all that the process was given.
///
/// # Errors
/// Names the variable whose value is not UTF-8.
pub(super) fn settings(
    variables: impl Iterator<Item = (OsString, OsString)>,
    known: &Dict,
) -> anyhow::Result<Dict> {
    let mut found = Vec::new();
    for (name, value) in variables {
        let Some(path) = name.to_str().and_then(|name| path(name, known)) else {
            continue;
        };
        let value = value
            .into_string()
            .ok()
            .with_context(|| format!("the variable {} is not UTF-8", name.display()))?;
        let value = match NO_TEXTS.contains(&path.join(".").as_str()) {
            true => parsed(&value),
            false => text(&value),
        };
        found.push((path, value));
    }
    // A table that is written whole comes before what is said of its keys.
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut settings = Dict::new();
    for (path, value) in found {
        put(&mut settings, &path, value);
    }
    Ok(settings)
}

/// The key that a variable of that name sets.
fn path(name: &str, known: &Dict) -> Option<Vec<String>> {
    let (prefix, rest) = name.split_at_checked(PREFIX.len())?;
    if !prefix.eq_ignore_ascii_case(PREFIX) {
        return None;
    }
    let mut path: Vec<String> = rest.split("__").map(str::to_owned).collect();
    if path.iter().any(String::is_empty) {
        return None;
    }
    for place in 0..path.len() {
        if path[..place] != NAMED {
            path[place].make_ascii_lowercase();
        }
    }
    let first = path[0].as_str();
    let slip = first
        .split_once('_')
        .is_some_and(|(table, _)| TABLES.contains(&table));
    (known.contains_key(first) || slip).then_some(path)
}

/// The value as a number, yes or no, a list or a table.
fn parsed(value: &str) -> Value {
    value
        .parse()
        .unwrap_or_else(|never: std::convert::Infallible| match never {})
}

/// The value as a text: what stands between double quotes, or else all of it, without the space
/// around it.
fn text(value: &str) -> Value {
    match value.trim() {
        quoted if quoted.starts_with('"') => match parsed(quoted) {
            text @ Value::String(..) => text,
            _ => Value::from(quoted),
        },
        plain => Value::from(plain),
    }
}

fn put(dict: &mut Dict, path: &[String], value: Value) {
    let [first, rest @ ..] = path else { return };
    if rest.is_empty() {
        dict.insert(first.clone(), value);
        return;
    }
    let table = dict
        .entry(first.clone())
        .or_insert_with(|| Dict::new().into());
    if !matches!(table, Value::Dict(..)) {
        *table = Dict::new().into();
    }
    if let Value::Dict(_, inner) = table {
        put(inner, rest, value);
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt as _;

    use figment::value::Dict;
    use serde_json::Value as Json;

    use super::{NO_TEXTS, settings};
    use crate::config::Config;

    /// Every key, so that each one is known as a text or as none.
    const EVERY_KEY: &str = r#"
public_url = "https://privacy.example.com"
trusted_proxies = ["127.0.0.1"]
gpc_since = "2026-11-23"
default_country = "GB"
default_subscriber = "corporate"
consumer_domains = ["mail.example"]
[[site]]
origin = "https://www.example.com"
[[mta]]
listen = "127.0.0.1:10040"
purpose = "info_about_us"
[[sink]]
name = "crm"
url = "https://crm.example.com/"
secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
[smtp]
host = "mail.example.com"
port = 587
user = "sayso"
password = "hidden"
from = "privacy@example.com"
reply_to = "privacy@example.com"
dkim = [{ domain = "example.com", selector = "s", key_file = "k" }]
[mail]
unsubscribe = "unsub@example.com"
bounces = "back@example.com"
marketing_domains = ["news.example.com"]
[secrets]
pepper = { 1 = "a" }
seal = { 1 = "b" }
[notice]
assessments_reviewed_at = "2026-11-23"
obligation = { by_law = false, by_contract = false }
controller = { name = "n", address = "a", country = "GB", number = "1" }
contact = { email = "a@example.com", phone = "1", post = "p" }
representative = { not_applicable = "none" }
data_protection_officer = { not_applicable = "none" }
recipients = []
transfers = []
supervisory_authority = { name = "n", url = "u" }
complaint = { email = "a@example.com" }
sources = []
record = { data_subjects = "d", security = "s" }
laws = { tax = "l" }
statements = { ours = "s" }
assessments = { LIA-1 = "2026-11-23" }
"#;

    fn walk(path: &str, value: &Json, texts: &mut Vec<String>, others: &mut Vec<String>) {
        assert!(!value.is_null(), "{path} is not among every key");
        match value {
            Json::String(_) => texts.push(path.to_owned()),
            _ => others.push(path.to_owned()),
        }
        for (key, inner) in value.as_object().into_iter().flatten() {
            walk(&format!("{path}.{key}"), inner, texts, others);
        }
    }

    #[test]
    fn every_key_is_a_text_or_known_as_none() {
        let config: Config = toml::from_str(EVERY_KEY).expect("a configuration");
        let all = serde_json::to_value(config).expect("JSON");
        let (mut texts, mut others) = (Vec::new(), Vec::new());
        for (key, value) in all.as_object().expect("a table") {
            walk(key, value, &mut texts, &mut others);
        }
        others.sort_unstable();
        let mut known = NO_TEXTS.map(str::to_owned).to_vec();
        known.sort_unstable();
        assert_eq!(others, known);
        assert!(texts.contains(&"notice.controller.number".to_owned()));
    }

    fn of(variables: &[(&str, &str)]) -> Dict {
        let variables = variables
            .iter()
            .map(|(name, value)| (OsString::from(name), OsString::from(value)));
        let known = ["smtp", "notice", "site", "memory_mb"];
        let known = known.map(|key| (key.to_owned(), Dict::new().into()));
        settings(variables, &known.into()).expect("settings")
    }

    #[test]
    fn a_table_written_whole_and_its_keys_go_together_and_other_programs_are_left_alone() {
        let found = of(&[
            ("SAYSO_SMTP__PASSWORD", "[1]"),
            ("SAYSO_SMTP", "{host = \"mail.example.com\", port = 25}"),
            ("sayso_memory_mb", "16"),
            ("SAYSO_LOG", "debug"),
            ("SAYSO_SITE_ID", "4"),
            ("SAYSO_SMTP_PASSWORD", "x"),
            ("HOME", "/root"),
        ]);
        let smtp = found["smtp"].as_dict().expect("a table");
        assert_eq!(smtp["password"].as_str(), Some("[1]"));
        assert_eq!(smtp["host"].as_str(), Some("mail.example.com"));
        assert_eq!(smtp["port"].to_u128(), Some(25));
        assert_eq!(found["memory_mb"].to_u128(), Some(16));
        let keys: Vec<_> = found.keys().map(String::as_str).collect();
        assert_eq!(keys, ["memory_mb", "smtp", "smtp_password"]);
    }

    #[test]
    fn a_value_that_is_no_text_is_named_by_its_variable() {
        let value = OsString::from_vec(vec![b'x', 0xff]);
        let variables = [("SAYSO_SMTP__PASSWORD".into(), value)].into_iter();
        let known = [("smtp".to_owned(), Dict::new().into())].into();
        let refused = settings(variables, &known).expect_err("not UTF-8");
        assert!(refused.to_string().contains("SAYSO_SMTP__PASSWORD"));
    }
}
