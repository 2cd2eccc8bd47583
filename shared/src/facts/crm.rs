//! What a contact is called in the controller's own customer database.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::entry::Entry;

/// The longest reference.
const LONGEST: usize = 64;

/// The id of a contact's record in the controller's customer database: it names the person to those
/// who have that database, and says nothing to anybody else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CrmReference(String);

/// A text that is no such id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a CRM reference is the id of a record: 1 to 64 letters of a-z, digits and - _ . : / #")]
pub struct InvalidCrmReference;

impl CrmReference {
    /// References that are kept of one contact at most; more of them mean that a file has one
    /// address for many people.
    pub const MOST: usize = 16;

    /// Reads an id; the spaces around it do not count.
    pub fn parse(text: &str) -> Result<Self, InvalidCrmReference> {
        let text = text.trim();
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/#".contains(&byte);
        match (1..=LONGEST).contains(&text.len()) && text.bytes().all(known) {
            true => Ok(Self(text.to_owned())),
            false => Err(InvalidCrmReference),
        }
    }

    /// All that those entries record.
    #[must_use]
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> BTreeSet<Self> {
        let facts = entries.into_iter().filter_map(|entry| entry.facts.as_ref());
        facts
            .flat_map(|facts| facts.crm_references.iter().cloned())
            .collect()
    }
}

impl fmt::Display for CrmReference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl TryFrom<String> for CrmReference {
    type Error = InvalidCrmReference;

    fn try_from(text: String) -> Result<Self, InvalidCrmReference> {
        Self::parse(&text)
    }
}

impl From<CrmReference> for String {
    fn from(reference: CrmReference) -> Self {
        reference.0
    }
}
