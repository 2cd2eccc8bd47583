//! The notice: what people read, and the one source of what the controls and the gate do.
//!
//! A [`source::Source`] (structure and texts) and the operator's [`settings::Settings`] resolve
//! into a [`Notice`]; a published [`version::NoticeVersion`] is immutable and named by its digest.
//! [`lint`] says what stands in the way of publishing, [`difference`] what changed between two
//! versions, [`clash`] where two notices contradict each other.

pub mod clash;
pub mod defect;
pub mod difference;
pub mod lint;
pub mod party;
pub mod publication;
pub mod purpose;
pub mod retention;
pub mod section;
pub mod settings;
pub mod slot;
pub mod source;
pub mod text;
pub mod verbatim;
pub mod version;
pub mod vocabulary;

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use self::purpose::{DataCategoryKey, Purpose};
use self::retention::{Rule, RuleKey};
use self::slot::Slots;
use self::text::{Text, TextKey, Texts};
use self::vocabulary::Term;
use crate::purpose::{PurposeClass, PurposeKey};

/// A structured notice with every setting resolved: what is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Which notice.
    pub key: NoticeKey,
    /// Which version of it, counted from 0.
    pub version: u32,
    /// The first day on which it holds.
    pub effective: NaiveDate,
    /// N1 to N22.
    pub slots: Slots,
    /// What data is used for, in the order of the page.
    pub purposes: Vec<Purpose>,
    /// The categories of personal data (N8). Their words are the texts `data.KEY`.
    pub data_categories: Vec<DataCategoryKey>,
    /// How long data is kept (N11).
    pub retention: Vec<Rule>,
    /// The words, per language.
    pub texts: Texts,
    /// What `purpose.KEY` and `data.KEY` are called in the Data Privacy Vocabulary.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub terms: BTreeMap<TextKey, Vec<Term>>,
    /// Whether people must give their data, as programs read it; N16 says it in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub obligation: Option<Obligation>,
}

/// What obliges a person to give personal data (Art. 13(2)(e)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Obligation {
    /// A law does.
    pub by_law: bool,
    /// A contract does, or data is needed to enter into one.
    pub by_contract: bool,
}

impl Notice {
    /// The text of that key in that language, else in the original; see [`Texts::get`].
    #[must_use]
    pub fn text(&self, key: &str, language: &str) -> Option<Text<'_>> {
        self.texts.get(key, language)
    }

    /// The purpose of that key.
    #[must_use]
    pub fn purpose(&self, key: &PurposeKey) -> Option<&Purpose> {
        self.purposes.iter().find(|purpose| purpose.key == *key)
    }

    /// The retention rule of that key.
    #[must_use]
    pub fn rule(&self, key: &RuleKey) -> Option<&Rule> {
        self.retention.iter().find(|rule| rule.key == *key)
    }

    /// The purposes that an objection without a purpose covers (Art. 21(2)).
    pub fn direct_marketing(&self) -> impl Iterator<Item = &Purpose> {
        self.purposes
            .iter()
            .filter(|purpose| purpose.class == PurposeClass::DirectMarketing)
    }
}

/// Names a notice: `corporate-clients`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NoticeKey(String);

/// A text that names no notice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no notice: use 1 to 64 characters, a-z, 0-9 and -, starting with a letter")]
pub struct InvalidNoticeKey(pub String);

impl NoticeKey {
    /// Accepts 1 to 64 characters of `a-z`, `0-9` and `-`, starting with a letter.
    pub fn parse(text: &str) -> Result<Self, InvalidNoticeKey> {
        let starts = text.bytes().next().is_some_and(|c| c.is_ascii_lowercase());
        let follows = text
            .bytes()
            .all(|c| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if starts && follows && text.len() <= 64 {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidNoticeKey(text.chars().take(80).collect()))
        }
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for NoticeKey {
    type Error = InvalidNoticeKey;

    fn try_from(text: String) -> Result<Self, InvalidNoticeKey> {
        Self::parse(&text)
    }
}

impl From<NoticeKey> for String {
    fn from(key: NoticeKey) -> Self {
        key.0
    }
}

impl fmt::Display for NoticeKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
