//! A published version as others read it: linked data and TILT for programs, the record of
//! processing activities for the authority.

pub mod linked_data;
pub mod record;
pub mod tilt;

use serde_json::Value;

use super::Notice;
use super::slot::{SlotName, SlotState};
use crate::digest::Digest;
use crate::time::Timestamp;

/// A published version, and what is known of it beside what it says.
#[derive(Debug, Clone, Copy)]
pub struct Publication<'a> {
    /// What it says.
    pub notice: &'a Notice,
    /// The digest that names it.
    pub digest: Digest,
    /// The address of the service, without a slash at its end.
    pub base: &'a str,
    /// When the first version of this notice was published.
    pub first_published_at: Timestamp,
    /// When this version was published.
    pub published_at: Timestamp,
    /// Whether it is the version in force.
    pub in_force: bool,
    /// The language asked for.
    pub language: &'a str,
}

impl Publication<'_> {
    /// The address of this version's page.
    #[must_use]
    pub fn url(&self) -> String {
        let Self { notice, base, .. } = self;
        format!("{base}/notices/{}/versions/{}", notice.key, notice.version)
    }

    /// The language of the words: the one asked for, else the original.
    #[must_use]
    pub fn spoken(&self) -> &str {
        self.notice.texts.spoken(self.language).as_str()
    }

    fn place(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn words(&self, key: &str) -> Option<&str> {
        Some(self.notice.text(key, self.language)?.words)
    }

    /// What the notice says in that slot, or why it says nothing there.
    fn said(&self, slot: SlotName) -> Option<&str> {
        match self.notice.slots.state(slot) {
            SlotState::NotApplicable { reason } => Some(reason),
            SlotState::Filled => self.words(&slot.text_key()),
            SlotState::Empty => None,
        }
    }

    fn section(&self, slot: SlotName) -> String {
        format!("{}#section-{}", self.url(), slot.as_str())
    }
}

/// The value without members and items that are null: what is not said is absent.
fn said_alone(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, said_alone(value)))
            .collect(),
        Value::Array(items) => items
            .into_iter()
            .filter(|item| !item.is_null())
            .map(said_alone)
            .collect(),
        value => value,
    }
}
