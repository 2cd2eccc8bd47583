//! A decision as one byte, so that the verdicts of ten million rows are ten megabytes.

use crate::decision::{Decision, Ground, Obligation, Reason, Withheld};

/// What was decided for one row: the reason that decided, and whether a message that may go out must
/// tell of the right to object. The codes are part of the certificate's format: a new reason gets a
/// new code, and none is ever used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Verdict(u8);

/// Added to the code of a ground where the message must tell of the right to object.
const INFORM: u8 = 8;

impl Verdict {
    /// The verdict of a decision.
    #[must_use]
    pub fn of(decision: &Decision) -> Self {
        match decision {
            Decision::Proceed {
                ground,
                obligations,
                ..
            } => Self::proceed(
                *ground,
                obligations.contains(&Obligation::InformOfRightToObject),
            ),
            // An empty list of reasons cannot be; were it one, nothing would be known for sure.
            Decision::Withhold { reasons, .. } => {
                Self::withhold(reasons.first().copied().unwrap_or(Withheld::InvalidAddress))
            }
        }
    }

    /// The mailing may go out; with `inform` it must tell of the right to object.
    #[must_use]
    pub const fn proceed(ground: Ground, inform: bool) -> Self {
        let code = match ground {
            Ground::Consent => 1,
            Ground::SoftOptIn => 2,
            Ground::LegitimateInterest => 3,
        };
        Self(if inform { code + INFORM } else { code })
    }

    /// The mailing must not go out.
    #[must_use]
    pub const fn withhold(reason: Withheld) -> Self {
        Self(match reason {
            Withheld::InvalidAddress => 32,
            Withheld::UnknownPurpose => 33,
            Withheld::Objected => 34,
            Withheld::Paused => 35,
            Withheld::DomainObjected => 36,
            Withheld::Erased => 37,
            Withheld::HardBounce => 38,
            Withheld::SpamReported => 39,
            Withheld::ConsentRefused => 40,
            Withheld::ConsentWithdrawn => 41,
            Withheld::ConsentExpired => 42,
            Withheld::NoConsent => 43,
            Withheld::LiaMissing => 44,
            Withheld::NotInformed => 45,
        })
    }

    /// Every verdict, by code.
    pub fn all() -> impl Iterator<Item = Self> {
        let grounds = [false, true]
            .into_iter()
            .flat_map(|inform| Ground::ALL.map(|ground| Self::proceed(ground, inform)));
        grounds.chain(Withheld::ALL.map(Self::withhold))
    }

    /// The byte that stands for it.
    #[must_use]
    pub const fn code(self) -> u8 {
        self.0
    }

    /// The verdict of that code.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::all().find(|verdict| verdict.0 == code)
    }

    /// Whether the mailing may go out.
    #[must_use]
    pub const fn proceeds(self) -> bool {
        self.0 < 32
    }

    /// Whether the message must tell of the right to object (Art. 21(4)).
    #[must_use]
    pub const fn informs(self) -> bool {
        self.proceeds() && self.0 & INFORM != 0
    }

    /// The reason that decided.
    #[must_use]
    pub fn reason(self) -> Reason {
        let ground = |&ground: &Ground| {
            self == Self::proceed(ground, false) || self == Self::proceed(ground, true)
        };
        match Ground::ALL.iter().find(|one| ground(one)) {
            Some(ground) => Reason::Ground(*ground),
            None => Reason::Withheld(
                Withheld::ALL
                    .into_iter()
                    .find(|reason| self == Self::withhold(*reason))
                    .unwrap_or(Withheld::InvalidAddress),
            ),
        }
    }

    /// The verdict in words: the reason, and what a message must do.
    #[must_use]
    pub fn words(self) -> String {
        let inform = if self.informs() {
            ", telling of the right to object"
        } else {
            ""
        };
        match self.reason() {
            Reason::Ground(ground) => format!("may be mailed ({}{inform})", ground.as_str()),
            Reason::Withheld(reason) => format!("withheld ({})", reason.as_str()),
        }
    }
}
