//! The words of a notice, per language, and the honest answer when a translation is missing.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Names a text within a notice: `purpose.info_about_us.title`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TextKey(String);

/// A BCP 47 language tag such as `en` or `de-AT`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(String);

/// A name that is no text key, or a tag that is no language tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Not dotted parts of `a-z`, `0-9`, `_` and `-`.
    #[error("{0:?} is no text key: use parts of a-z, 0-9, _ and -, joined by dots")]
    Key(String),
    /// Not letters, digits and hyphens as in `en-GB`.
    #[error("{0:?} is no language tag: write one such as en or de-AT")]
    Language(String),
}

/// One text and the language that it is in, so that a page can set `lang`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text<'a> {
    /// The words.
    pub words: &'a str,
    /// The language of these words, which may not be the one asked for.
    pub language: &'a Language,
}

/// Every text of a notice in every language that it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// The language that the notice was written in; it has every text.
    pub original: Language,
    /// The texts per language.
    pub languages: BTreeMap<Language, BTreeMap<TextKey, String>>,
}

impl Texts {
    /// The text in the language asked for, else in its primary language (`de` for `de-AT`), else
    /// as another region has it (`de-AT` for `de`), else in the original; `None` when the notice has
    /// no such text.
    #[must_use]
    pub fn get(&self, key: &str, language: &str) -> Option<Text<'_>> {
        let original = self.languages.get_key_value(&self.original);
        self.closest(language)
            .chain(original)
            .find_map(|(language, texts)| {
                Some(Text {
                    words: texts.get(key)?,
                    language,
                })
            })
    }

    /// The language that most of the texts are in when that one is asked for.
    #[must_use]
    pub fn spoken(&self, language: &str) -> &Language {
        let closest = self.closest(language).map(|(tag, _)| tag).next();
        closest.unwrap_or(&self.original)
    }

    /// The texts in that language: as asked for, without a region, then of any region.
    fn closest(
        &self,
        language: &str,
    ) -> impl Iterator<Item = (&Language, &BTreeMap<TextKey, String>)> {
        let primary = primary(language).to_owned();
        let named = [language, primary.as_str()].map(|tag| self.languages.get_key_value(tag));
        let regions = self
            .languages
            .iter()
            .filter(move |(tag, _)| self::primary(tag.as_str()) == primary);
        named.into_iter().flatten().chain(regions)
    }
}

/// The language without region and script.
fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or(tag)
}

impl<'a> Text<'a> {
    /// The paragraphs, which a blank line separates.
    pub fn paragraphs(self) -> impl Iterator<Item = &'a str> {
        self.words
            .split("\n\n")
            .map(str::trim)
            .filter(|paragraph| !paragraph.is_empty())
    }
}

impl TextKey {
    /// Accepts dotted parts of `a-z`, `0-9`, `_` and `-`.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let part = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|c| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'))
        };
        if text.split('.').all(part) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidText::Key(text.chars().take(80).collect()))
        }
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Language {
    /// Accepts letters and digits in parts of 1 to 8, joined by hyphens, the first of 2 or 3 letters.
    pub fn parse(tag: &str) -> Result<Self, InvalidText> {
        let mut parts = tag.split('-');
        let primary = parts.next().unwrap_or_default();
        let starts =
            matches!(primary.len(), 2 | 3) && primary.bytes().all(|c| c.is_ascii_lowercase());
        let follows = parts.all(|part| {
            matches!(part.len(), 1..=8) && part.bytes().all(|c| c.is_ascii_alphanumeric())
        });
        if starts && follows {
            Ok(Self(tag.to_owned()))
        } else {
            Err(InvalidText::Language(tag.chars().take(80).collect()))
        }
    }

    /// The tag as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! string_like {
    ($($name:ident)*) => {$(
        impl TryFrom<String> for $name {
            type Error = InvalidText;

            fn try_from(text: String) -> Result<Self, InvalidText> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }
    )*};
}
string_like!(TextKey Language);
