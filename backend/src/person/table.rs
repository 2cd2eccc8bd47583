//! The records as CSV (RFC 4180): one line each, safe to open in a spreadsheet (SEC-28).

use serde::Serialize;
use serde_json::Value;
use shared::facts::Facts;

use super::{Person, Record};

const COLUMNS: [&str; 23] = [
    "recorded_at",
    "in_words",
    "type",
    "status",
    "act",
    "purpose",
    "topic",
    "channel",
    "until",
    "actor",
    "assurance",
    "surface",
    "method",
    "language",
    "host_origin",
    "gpc",
    "reference",
    "notice",
    "notice_version",
    "notice_sha256",
    "control_text_sha256",
    "facts",
    "id",
];

/// The table, with its head.
#[must_use]
pub fn csv(person: &Person) -> String {
    let head = COLUMNS.map(str::to_owned).to_vec();
    let lines = person.records.iter().map(cells);
    std::iter::once(head)
        .chain(lines)
        .map(|cells| {
            let cells: Vec<_> = cells.iter().map(|text| cell(text)).collect();
            cells.join(",") + "\r\n"
        })
        .collect()
}

fn cells(record: &Record) -> Vec<String> {
    let (entry, scope, evidence) = (&record.entry, &record.entry.scope, &record.entry.evidence);
    let maybe = |text: Option<String>| text.unwrap_or_default();
    let notice = record.notice.as_ref();
    vec![
        entry.recorded_at.to_string(),
        record.in_words.clone(),
        record.kind.to_owned(),
        record.status.unwrap_or_default().to_owned(),
        entry.act.as_str().to_owned(),
        maybe(scope.purpose.as_ref().map(ToString::to_string)),
        maybe(scope.topic.as_ref().map(ToString::to_string)),
        maybe(scope.channel.as_ref().map(ToString::to_string)),
        maybe(entry.until.map(|until| until.to_string())),
        word(&evidence.actor),
        word(&evidence.assurance),
        word(&evidence.surface),
        word(&evidence.method),
        evidence.language.clone(),
        maybe(evidence.host_origin.clone()),
        evidence.gpc.to_string(),
        maybe(evidence.reference.clone()),
        maybe(notice.map(|name| name.notice.clone())),
        maybe(notice.map(|name| name.version.to_string())),
        maybe(notice.map(|name| name.sha256.to_string())),
        maybe(evidence.control_text.map(|digest| digest.to_string())),
        maybe(entry.facts.as_ref().map(json)),
        entry.id.to_string(),
    ]
}

fn json(facts: &Facts) -> String {
    serde_json::to_string(facts).expect("facts are plain JSON")
}

/// The word that stands for it in JSON.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

/// A cell: what a spreadsheet would take for a formula starts with an apostrophe.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let safe = if formula {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if safe.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", safe.replace('"', "\"\""))
    } else {
        safe
    }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn no_cell_is_a_formula_and_none_breaks_out() {
        for (text, written) in [
            ("plain", "plain"),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM", "'@SUM"),
            ("\tx", "'\tx"),
            ("\rx", "\"'\rx\""),
            ("a,b", "\"a,b\""),
            ("say \"so\"", "\"say \"\"so\"\"\""),
            ("=a,\"b\"", "\"'=a,\"\"b\"\"\""),
        ] {
            assert_eq!(cell(text), written);
        }
    }
}
