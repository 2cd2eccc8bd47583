//! Why a mailing may go out or not: closed lists, with the names that JSON and tables use.

use serde::{Deserialize, Serialize};

use crate::legal_basis::LegalBasis;

/// Why a mailing is withheld, in the order in which the gate decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Withheld {
    /// The text is no e-mail address.
    InvalidAddress,
    /// No notice in force states this purpose as direct marketing, or not this topic or channel.
    UnknownPurpose,
    /// The person objected (Art. 21(2)).
    Objected,
    /// The person asked for a break.
    Paused,
    /// The person's company wants no mail to any of its people.
    DomainObjected,
    /// The person's data was erased.
    Erased,
    /// Mail to the address came back for good.
    HardBounce,
    /// The person reported a message as spam.
    SpamReported,
    /// The person refused consent (LAW-08).
    ConsentRefused,
    /// The person withdrew consent (LAW-08).
    ConsentWithdrawn,
    /// The consent is too old.
    ConsentExpired,
    /// Consent is needed and none holds.
    NoConsent,
    /// The legitimate-interests assessment is missing or due for review (LAW-35).
    LiaMissing,
    /// The person has not been told of the right to object (Art. 21(4)).
    NotInformed,
}

impl Withheld {
    /// Every reason, in the order in which the gate decides.
    pub const ALL: [Self; 14] = [
        Self::InvalidAddress,
        Self::UnknownPurpose,
        Self::Objected,
        Self::Paused,
        Self::DomainObjected,
        Self::Erased,
        Self::HardBounce,
        Self::SpamReported,
        Self::ConsentRefused,
        Self::ConsentWithdrawn,
        Self::ConsentExpired,
        Self::NoConsent,
        Self::LiaMissing,
        Self::NotInformed,
    ];

    /// The reason's name in JSON and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidAddress => "invalid_address",
            Self::UnknownPurpose => "unknown_purpose",
            Self::Objected => "objected",
            Self::Paused => "paused",
            Self::DomainObjected => "domain_objected",
            Self::Erased => "erased",
            Self::HardBounce => "hard_bounce",
            Self::SpamReported => "spam_reported",
            Self::ConsentRefused => "consent_refused",
            Self::ConsentWithdrawn => "consent_withdrawn",
            Self::ConsentExpired => "consent_expired",
            Self::NoConsent => "no_consent",
            Self::LiaMissing => "lia_missing",
            Self::NotInformed => "not_informed",
        }
    }
}

/// On what ground a mailing may go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// Art. 6(1)(a).
    Consent,
    /// PECR reg. 22(3), on top of Art. 6(1)(f).
    SoftOptIn,
    /// Art. 6(1)(f).
    LegitimateInterest,
}

impl Ground {
    /// Every ground.
    pub const ALL: [Self; 3] = [Self::Consent, Self::SoftOptIn, Self::LegitimateInterest];

    /// The ground's name in JSON and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::SoftOptIn => "soft_opt_in",
            Self::LegitimateInterest => "legitimate_interest",
        }
    }

    /// The Art. 6(1) basis behind the ground.
    #[must_use]
    pub const fn legal_basis(self) -> LegalBasis {
        match self {
            Self::Consent => LegalBasis::Consent,
            Self::SoftOptIn | Self::LegitimateInterest => LegalBasis::LegitimateInterests,
        }
    }
}

/// A reason for or against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Reason {
    /// For.
    Ground(Ground),
    /// Against.
    Withheld(Withheld),
}

impl Reason {
    /// The reason's name in JSON and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ground(ground) => ground.as_str(),
            Self::Withheld(reason) => reason.as_str(),
        }
    }
}
