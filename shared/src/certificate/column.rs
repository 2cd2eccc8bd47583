//! The name of a column: its heading, or its number where it has none that names it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Characters of a heading at most; longer ones are named by their number.
const LONGEST: usize = 100;

/// A column of a list: its heading, or `#2` for the second one. Never an address: a list without
/// headings may have one where a heading would stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Column(String);

/// A text that names no column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a column is named by its heading, without an @, or by its number, as in #2")]
pub struct InvalidColumn;

impl Column {
    /// The column with that heading, at that place counted from 1.
    #[must_use]
    pub fn new(heading: Option<&str>, number: usize) -> Self {
        match heading {
            Some(heading) if is_name(heading) => Self(heading.to_owned()),
            _ => Self(format!("#{number}")),
        }
    }

    /// The heading or number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number, where the column has no heading that names it.
    #[must_use]
    pub fn number(&self) -> Option<usize> {
        number(&self.0)
    }
}

fn is_name(heading: &str) -> bool {
    !heading.is_empty()
        && !heading.starts_with('#')
        && !heading.contains('@')
        && !heading.chars().any(char::is_control)
        && heading.chars().count() <= LONGEST
}

fn number(text: &str) -> Option<usize> {
    text.strip_prefix('#')?
        .parse()
        .ok()
        .filter(|&number| number > 0)
}

impl TryFrom<String> for Column {
    type Error = InvalidColumn;

    fn try_from(text: String) -> Result<Self, InvalidColumn> {
        if is_name(&text) || number(&text).is_some() {
            Ok(Self(text))
        } else {
            Err(InvalidColumn)
        }
    }
}

impl From<Column> for String {
    fn from(column: Column) -> Self {
        column.0
    }
}

impl fmt::Display for Column {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
