//! The six legal bases of Art. 6(1) GDPR, and what each lets a person do.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An Art. 6(1) basis. There is no seventh: "financial obligation" is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegalBasis {
    /// Art. 6(1)(a): can be withdrawn at any time.
    Consent,
    /// Art. 6(1)(b).
    Contract,
    /// Art. 6(1)(c): needs a named law.
    LegalObligation,
    /// Art. 6(1)(d).
    VitalInterests,
    /// Art. 6(1)(e): can be objected to.
    PublicTask,
    /// Art. 6(1)(f): can be objected to; needs the interest and its assessment.
    LegitimateInterests,
}

impl LegalBasis {
    /// Every basis, in the order of the article.
    pub const ALL: [Self; 6] = [
        Self::Consent,
        Self::Contract,
        Self::LegalObligation,
        Self::VitalInterests,
        Self::PublicTask,
        Self::LegitimateInterests,
    ];

    /// The basis's name in tables and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Contract => "contract",
            Self::LegalObligation => "legal_obligation",
            Self::VitalInterests => "vital_interests",
            Self::PublicTask => "public_task",
            Self::LegitimateInterests => "legitimate_interests",
        }
    }

    /// The article as lawyers write it: `Art. 6(1)(f)`.
    #[must_use]
    pub const fn article(self) -> &'static str {
        match self {
            Self::Consent => "Art. 6(1)(a)",
            Self::Contract => "Art. 6(1)(b)",
            Self::LegalObligation => "Art. 6(1)(c)",
            Self::VitalInterests => "Art. 6(1)(d)",
            Self::PublicTask => "Art. 6(1)(e)",
            Self::LegitimateInterests => "Art. 6(1)(f)",
        }
    }

    /// The right that this basis gives a person over the processing itself.
    #[must_use]
    pub const fn right(self) -> Right {
        match self {
            Self::Consent => Right::Withdraw,
            Self::PublicTask | Self::LegitimateInterests => Right::Object,
            Self::Contract | Self::LegalObligation | Self::VitalInterests => Right::Neither,
        }
    }
}

impl fmt::Display for LegalBasis {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// What a person can do about processing on a basis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Art. 7(3).
    Withdraw,
    /// Art. 21.
    Object,
    /// Neither of the two; the other rights remain.
    Neither,
}
