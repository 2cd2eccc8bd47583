//! An element of a document, and the rows that it makes.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::import::row::{Names, Row, plain};
use crate::table::Doubt;
use crate::table::words::{OptOuts, opt_outs};

/// Members of an element that say several things of its address: a row for each.
const PARTS: [&str; 2] = ["lists", "donotcontact"];
/// Mailchimp's: by that member alone a contact counts as one of those who unsubscribed.
const UNSUB_TIME: &str = "unsubtime";

/// One element.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) members: Map<String, Value>,
    /// Whether a member stands there twice and says different things.
    pub(super) is_doubled: bool,
}

impl Element {
    pub(super) fn insert(&mut self, name: String, value: Value) {
        insert(&mut self.members, name, value, &mut self.is_doubled);
    }
}

/// Adds a member to an object, and notices one that says something else than it said before.
pub(super) fn insert(
    members: &mut Map<String, Value>,
    name: String,
    value: Value,
    is_doubled: &mut bool,
) {
    let is_other = members.get(&name).is_some_and(|before| *before != value);
    *is_doubled |= is_other;
    members.insert(name, value);
}

/// The rows that an element makes: one, or one for each thing that it says.
pub(super) fn rows(line: u64, element: &Element) -> impl Iterator<Item = Row> + use<> {
    let mut whole = BTreeMap::new();
    let mut parts = Vec::new();
    for (name, value) in &element.members {
        match value {
            Value::Array(list) if PARTS.contains(&plain(name).as_str()) => {
                for part in list {
                    let mut cells = BTreeMap::new();
                    flatten(name, part, &mut cells);
                    parts.push(cells);
                }
            }
            value => flatten(name, value, &mut whole),
        }
    }
    if parts.is_empty() {
        parts.push(BTreeMap::new());
    }
    let doubt = element.is_doubled.then_some(Doubt::Doubled);
    parts.into_iter().map(move |part| {
        let (names, cells): (Vec<_>, Vec<_>) = whole.clone().into_iter().chain(part).unzip();
        Row {
            line,
            address: String::new(),
            names: Arc::new(Names::new(names)),
            cells,
            doubt,
        }
    })
}

/// Every text and number below, by its path.
fn flatten(path: &str, value: &Value, into: &mut BTreeMap<String, String>) {
    let text = match value {
        Value::Object(object) => {
            for (name, value) in object {
                flatten(&format!("{path}.{name}"), value, into);
            }
            return;
        }
        // Nothing said of an opt-out is an empty cell in its column.
        Value::Null if is_opt_out(&plain(path)) => String::new(),
        Value::Array(_) | Value::Null => return,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    into.insert(path.to_owned(), text);
}

fn is_opt_out(name: &str) -> bool {
    name != UNSUB_TIME && opt_outs(name) == Some(OptOuts::Answer)
}
