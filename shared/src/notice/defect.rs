//! What is wrong with a notice, where, and what to do about it.

use std::fmt;

use serde::Serialize;

use super::slot::SlotName;

/// A defect of a notice or of its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Defect {
    /// What kind of defect.
    pub code: DefectCode,
    /// Where: a path in the source such as `purpose.info_about_us.bases`.
    pub place: String,
    /// The slot concerned, where it is one.
    pub slot: Option<SlotName>,
    /// Whether it stands in the way of publishing.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub advice: String,
}

/// Whether a defect stands in the way of publishing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Publishing refuses.
    Error,
    /// Publishing goes ahead.
    Warning,
}

/// The kinds of defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DefectCode {
    /// A mandatory slot says nothing (NOT-01).
    EmptySlot,
    /// A slot is marked not applicable without a reason (NOT-01).
    NoReason,
    /// A slot that applies to every notice is marked not applicable.
    AlwaysApplies,
    /// A slot's source is of the wrong kind.
    WrongSource,
    /// A setting is not set, or is blank.
    MissingSetting,
    /// A text is missing in the original language.
    MissingText,
    /// A translation of a text that the original language does not have.
    StrayText,
    /// Something refers to what the notice does not have.
    UnknownReference,
    /// A key stands twice.
    Twice,
    /// A basis is none of Art. 6(1) (NOT-09).
    UnknownBasis,
    /// A purpose has no legal basis.
    NoBasis,
    /// Art. 6(1)(c) without a law (NOT-09).
    NoLaw,
    /// Art. 6(1)(f) without the interest pursued (NOT-09).
    NoInterest,
    /// Art. 6(1)(f) without an assessment (NOT-09, LAW-35).
    NoAssessment,
    /// An assessment that was never reviewed (LAW-35).
    NeverReviewed,
    /// An assessment with a review on a day to come (LAW-35).
    ReviewToCome,
    /// An assessment whose review no longer holds (LAW-35).
    ReviewLapsed,
    /// Art. 6(1)(a) without a way to withdraw (NOT-09).
    NoWithdrawal,
    /// A purpose whose control does not fit its class.
    WrongControl,
    /// A retention rule without the event that starts it (NOT-06).
    NoStartEvent,
    /// A purpose in words that could mean anything (UX-12).
    VaguePurpose,
    /// A first layer of more than 150 words (UX-12).
    LongFirstLayer,
    /// Another notice says otherwise of a purpose.
    Clash,
    /// The text of another company, taken along as version 0 (NOT-10).
    BorrowedSeed,
    /// A defect that is known of a verbatim text (NOT-10).
    Known,
    /// A known defect whose quotation does not stand in the text.
    StaleQuotation,
}

impl Defect {
    /// A defect that stands in the way of publishing.
    pub(super) fn error(code: DefectCode, place: &str, message: String, advice: &str) -> Self {
        let (place, advice) = (place.to_owned(), advice.to_owned());
        Self {
            code,
            place,
            slot: None,
            severity: Severity::Error,
            message,
            advice,
        }
    }

    /// A defect that does not.
    pub(super) fn warning(code: DefectCode, place: &str, message: String, advice: &str) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, place, message, advice)
        }
    }

    /// The same defect, about that slot.
    pub(super) fn of(self, slot: SlotName) -> Self {
        Self {
            slot: Some(slot),
            ..self
        }
    }
}

/// Whether one of the defects stands in the way of publishing.
#[must_use]
pub fn refuses(defects: &[Defect]) -> bool {
    defects
        .iter()
        .any(|defect| defect.severity == Severity::Error)
}

impl fmt::Display for Severity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            place,
            severity,
            message,
            advice,
            ..
        } = self;
        let code = self
            .slot
            .map(|slot| format!("{} ", slot.code()))
            .unwrap_or_default();
        write!(out, "{severity}: {code}{place}: {message}; {advice}")
    }
}
