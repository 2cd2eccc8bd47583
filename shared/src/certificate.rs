//! The certificate of a scrub: what was decided about a list, on which state, and until when that
//! may be relied on. It can be checked without asking anybody and holds no address.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::decision::{Question, Reason, Stated};
use crate::digest::Digest;
use crate::facts::{Country, Subscriber};
use crate::purpose::{Channel, PurposeKey, TopicKey};
use crate::receipt::Signature;
use crate::time::Timestamp;

mod column;
mod comparison;
mod tally;
mod verdict;

pub use column::{Column, InvalidColumn};
pub use comparison::{Again, Comparison, Finding};
pub use tally::{Block, LEAF, Tally, Verdicts};
pub use verdict::Verdict;

/// The format that [`Certificate::format`] names.
pub const FORMAT: &str = "sayso-certificate-1";

/// What a scrub states. Whoever has the list and the deployment can decide all of it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// The last ledger entry that the decisions include.
    pub as_of: u64,
    /// What was asked.
    pub asked: Asked,
    /// The moment that the decisions are for.
    pub at: Timestamp,
    /// How many rows ended where, and why.
    pub counts: Counts,
    /// [`FORMAT`].
    pub format: String,
    /// UUIDv7.
    pub id: Uuid,
    /// When the scrub was complete.
    pub issued_at: Timestamp,
    /// By whom.
    pub issuer: Issuer,
    /// About which list.
    pub list: List,
    /// The digest of the rule set that decided; absent before the first notice was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Digest>,
    /// From then on the list must be put through the gate again (LAW-49).
    pub valid_until: Timestamp,
    /// What was decided, row by row, as digests.
    pub verdicts: Verdicts,
}

/// What was asked about every row of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The channel.
    pub channel: Channel,
    /// The columns that were read.
    pub columns: Columns,
    /// The country that the caller stated for the whole list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    /// The caller's word that the mailing carries the Art. 21(4) block.
    pub first_contact: bool,
    /// The purpose.
    pub purpose: PurposeKey,
    /// The subscriber class that the caller stated for the whole list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscriber: Option<Subscriber>,
    /// The topic; absent for anything of the purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<TopicKey>,
}

impl Asked {
    /// The question about a row for which the list itself states these facts.
    #[must_use]
    pub fn about(&self, row: Stated) -> Question {
        Question {
            purpose: Some(self.purpose.clone()),
            topic: self.topic.clone(),
            channel: self.channel,
            stated: Stated {
                country: row.country.or(self.country),
                subscriber: row.subscriber.or(self.subscriber),
            },
            first_contact: self.first_contact,
        }
    }
}

/// Where in the list the facts about a contact stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// The address.
    pub address: Column,
    /// The country, row by row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Column>,
    /// The subscriber class, row by row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscriber: Option<Column>,
}

/// The list, named by its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// How many bytes it has.
    pub bytes: u64,
    /// How it was read.
    pub format: ListFormat,
    /// How many rows it has, without the header.
    pub rows: u64,
    /// The SHA-256 of its bytes as they were given.
    pub sha256: Digest,
}

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ListFormat {
    /// A table with separators.
    Csv,
    /// A JSON object per line.
    Ndjson,
}

/// How many rows ended where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Rows whose address stood in an earlier row too; absent where nobody counted them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicates: Option<u64>,
    /// Rows that may be mailed.
    pub kept: u64,
    /// Rows by the reason that decided. Each row counts once.
    pub reasons: BTreeMap<Reason, u64>,
    /// Kept rows whose message must tell of the right to object (Art. 21(4)).
    pub to_inform: u64,
    /// Rows that must not be mailed.
    pub withheld: u64,
}

/// Who decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// Who is responsible for the mailing, as the notice in force names them.
    pub controller: String,
    /// The address of the deployment, where its public keys are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
}

/// How long a certificate may be relied on: whole hours, at most 48 (LAW-49).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Validity(u8);

/// A time that no certificate may be relied on for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a certificate is valid for 1 to 48 hours")]
pub struct InvalidValidity;

const HOUR_MS: i64 = 60 * 60 * 1000;
/// The clocks of two machines may differ by that much.
const APART_MS: i64 = 5 * 60 * 1000;

impl Validity {
    /// A day.
    pub const DEFAULT: Self = Self(24);
    /// The longest: two days.
    pub const MOST: Self = Self(48);

    /// That many hours.
    pub const fn hours(hours: u8) -> Result<Self, InvalidValidity> {
        if hours >= 1 && hours <= Self::MOST.0 {
            Ok(Self(hours))
        } else {
            Err(InvalidValidity)
        }
    }

    /// When decisions for `at` are too old.
    #[must_use]
    pub fn end(self, at: Timestamp) -> Timestamp {
        at.plus_millis(i64::from(self.0) * HOUR_MS)
    }
}

/// Why a certificate that was truly signed must not be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// Its time is over.
    #[error("it has expired: put the list through the gate again")]
    Expired,
    /// Its moment has not come yet.
    #[error(
        "it is from a time that has not come yet: see which clock is wrong, then put the list \
         through the gate again"
    )]
    Ahead,
    /// It claims to hold for longer than any may.
    #[error("it claims to hold for more than 48 hours, which none may")]
    TooLong,
    /// Its numbers do not add up.
    #[error("its numbers contradict each other")]
    Contradictory,
}

impl Certificate {
    /// The bytes that are signed: RFC 8785 JSON.
    ///
    /// # Panics
    /// Never: a certificate is plain JSON.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        serde_json_canonicalizer::to_vec(self).expect("a certificate is canonical JSON")
    }

    /// Why it must not be relied on at `now`, if so.
    #[must_use]
    pub fn flaw(&self, now: Timestamp) -> Option<Flaw> {
        if !self.adds_up() {
            Some(Flaw::Contradictory)
        } else if self.valid_until > Validity::MOST.end(self.at) {
            Some(Flaw::TooLong)
        } else if self.at > now.plus_millis(APART_MS) {
            Some(Flaw::Ahead)
        } else if now >= self.valid_until {
            Some(Flaw::Expired)
        } else {
            None
        }
    }

    fn adds_up(&self) -> bool {
        let rows = Some(self.list.rows);
        let mut by_reason = self.counts.reasons.values();
        self.counts.kept.checked_add(self.counts.withheld) == rows
            && by_reason.try_fold(0_u64, |sum, rows| sum.checked_add(*rows)) == rows
            && self.counts.to_inform <= self.counts.kept
            && self.verdicts.fits(self.list.rows)
    }
}

/// A certificate and the signature over its canonical bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedCertificate {
    /// What was signed, as RFC 8785 JSON.
    pub certificate: Certificate,
    /// By whom and how.
    pub signature: Signature,
}
