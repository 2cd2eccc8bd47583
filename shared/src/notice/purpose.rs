//! A purpose as the notice states it: its bases, interest, assessment, data, topics and control.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::retention::{Period, RuleKey};
use super::text::TextKey;
use crate::legal_basis::LegalBasis;
use crate::purpose::{Channel, InvalidKey, PurposeClass, PurposeKey, TopicKey, key};
use std::fmt;

key! {
    /// Names a category of personal data: `contact_details`.
    DataCategoryKey
}

/// One purpose of a notice. Its words are the texts `purpose.KEY.title`, `.sentence` and `.details`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// Its key, one set for the whole deployment.
    pub key: PurposeKey,
    /// What a person can do about it, and whether the gate answers for it.
    pub class: PurposeClass,
    /// The control that it gets on the page.
    pub control: Control,
    /// The legal bases (N6), at least one.
    pub bases: Vec<BasisUse>,
    /// The assessment of the legitimate interest, where one of the bases is Art. 6(1)(f) (LAW-35).
    pub assessment: Option<Assessment>,
    /// The personal data used.
    pub data_categories: Vec<DataCategoryKey>,
    /// The retention rules that apply.
    pub retention: Vec<RuleKey>,
    /// The parts that can be chosen alone; none when the purpose has no parts.
    pub topics: Vec<Topic>,
    /// The channels that it uses to reach people.
    pub channels: Vec<Channel>,
}

impl Purpose {
    /// The text key of one of the purpose's words: `title`, `sentence`, `details`.
    #[must_use]
    pub fn text_key(&self, word: &str) -> String {
        format!("purpose.{}.{word}", self.key)
    }

    /// The anchor of the purpose's card on a page.
    #[must_use]
    pub fn anchor(&self) -> String {
        format!("purpose-{}", self.key)
    }

    /// Whether one of the bases is this one.
    #[must_use]
    pub fn rests_on(&self, basis: LegalBasis) -> bool {
        self.bases.iter().any(|used| used.basis == basis)
    }
}

/// A legal basis and what the law wants said about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BasisUse {
    /// The Art. 6(1) basis.
    pub basis: LegalBasis,
    /// The text that says for which part of the purpose, where there are several bases.
    pub part: Option<TextKey>,
    /// The law that obliges, for Art. 6(1)(c).
    pub law: Option<String>,
    /// The text that names the interest, for Art. 6(1)(f).
    pub interest: Option<TextKey>,
    /// The text that says how to withdraw, for Art. 6(1)(a).
    pub withdrawal: Option<TextKey>,
}

/// The assessment behind a legitimate interest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assessment {
    /// Names the document.
    pub reference: String,
    /// Its version.
    pub version: String,
    /// When it was last reviewed; never, while this is `None`.
    pub reviewed_at: Option<NaiveDate>,
    /// How long a review holds.
    pub review_period: Period,
}

impl Assessment {
    /// The first date on which the last review no longer holds; `None` while there was no review.
    #[must_use]
    pub fn lapses_on(&self) -> Option<NaiveDate> {
        self.reviewed_at
            .map(|reviewed| self.review_period.after(reviewed))
    }
}

/// A part of a purpose that can be chosen alone. Its words are the texts `topic.KEY.title` and
/// `topic.KEY.sentence`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Its key.
    pub key: TopicKey,
}

/// What a page offers beside a purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// One field, one button, effective at once (Art. 21(2)).
    Objection,
    /// A case with a deadline (Art. 21(1)).
    Case,
    /// Nothing to press; the other rights remain.
    None,
}
