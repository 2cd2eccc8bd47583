//! Members beside the one that an element is about that hold addresses too: of those nothing is taken
//! over, and the report names them.

use std::collections::BTreeMap;

use serde_json::Value;
use shared::address::Address;

use super::element::Element;

/// Members that are looked at, at most.
const MOST: usize = 1_000;

/// How often each member holds another address, and how often it says anything.
#[derive(Default)]
pub(super) struct Others(BTreeMap<String, (u64, u64)>);

impl Others {
    /// Looks at the members of an element that is about that address.
    pub(super) fn take(&mut self, element: &Element, address: &str) {
        for (name, value) in &element.members {
            self.look(name, value, address);
        }
    }

    /// The paths of those that hold other addresses, mostly.
    pub(super) fn names(self) -> Vec<String> {
        let counted = self.0.into_iter();
        counted
            .filter(|(_, (others, filled))| *others > 0 && others * 2 >= *filled)
            .map(|(path, _)| path)
            .collect()
    }

    fn look(&mut self, path: &str, value: &Value, address: &str) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    self.look(&format!("{path}.{name}"), value, address);
                }
            }
            Value::Array(list) => {
                for value in list {
                    self.look(path, value, address);
                }
            }
            Value::String(text) if !text.trim().is_empty() => {
                let is_other = text.contains('@')
                    && !text.trim().eq_ignore_ascii_case(address.trim())
                    && Address::parse(text).is_ok();
                if self.0.len() < MOST || self.0.contains_key(path) {
                    let (others, filled) = self.0.entry(path.to_owned()).or_default();
                    *others += u64::from(is_other);
                    *filled += 1;
                }
            }
            _ => {}
        }
    }
}
