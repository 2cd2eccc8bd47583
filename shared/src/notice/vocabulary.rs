//! Terms of the W3C Data Privacy Vocabulary, in which programs of others read what a notice is about.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A term of the Data Privacy Vocabulary (`dpv:DirectMarketing`) or of its extension for personal
/// data (`pd:EmailAddress`). Which terms there are is the vocabulary's matter: this is their form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Term(String);

/// A text that is no term.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no term: write dpv: or pd: and a name, such as dpv:DirectMarketing")]
pub struct InvalidTerm(pub String);

impl Term {
    /// Accepts `dpv:` or `pd:` and a name of 1 to 64 letters and digits that starts with a capital.
    pub fn parse(text: &str) -> Result<Self, InvalidTerm> {
        let name = ["dpv:", "pd:"]
            .into_iter()
            .find_map(|prefix| text.strip_prefix(prefix))
            .unwrap_or_default();
        let starts = name.bytes().next().is_some_and(|c| c.is_ascii_uppercase());
        if starts && name.len() <= 64 && name.bytes().all(|c| c.is_ascii_alphanumeric()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidTerm(text.chars().take(80).collect()))
        }
    }

    /// The term as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Term {
    type Error = InvalidTerm;

    fn try_from(text: String) -> Result<Self, InvalidTerm> {
        Self::parse(&text)
    }
}

impl From<Term> for String {
    fn from(term: Term) -> Self {
        term.0
    }
}

impl fmt::Display for Term {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
