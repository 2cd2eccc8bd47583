//! That a contact came from somebody else than the person, such as a client: then the person must be
//! told within a time limit (Art. 14(3)).

use serde::{Deserialize, Serialize};

use crate::time::{Timestamp, start_of};

/// Months after which the person must have been told at the latest (Art. 14(3)(a)).
const MONTHS: u32 = 1;

/// When a contact was obtained and used, in the order of the names: entries hold it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Obtained {
    /// The first communication with the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub communicated_at: Option<Timestamp>,
    /// The first disclosure to another recipient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disclosed_at: Option<Timestamp>,
    /// When the contact was obtained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub obtained_at: Option<Timestamp>,
}

/// By when a person has to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoticeDue {
    /// From then on it is late.
    pub by: Timestamp,
    /// When the person was last told before the contact was obtained.
    pub told: Option<Timestamp>,
}

impl Obtained {
    /// Whether nothing says that the contact came from somebody else.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// By when the person must have been told: the end of the day one month after the contact was
    /// obtained, the first communication or the first disclosure, whichever comes first (LAW-22).
    #[must_use]
    pub fn notice_due_by(&self) -> Option<Timestamp> {
        [
            self.obtained_at.map(end_of_day_in_a_month),
            self.communicated_at,
            self.disclosed_at,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// What is still due where the person was last told at `informed_at`. Whoever was told after the
    /// contact was obtained was told for good.
    #[must_use]
    pub fn notice_due(&self, informed_at: Option<Timestamp>) -> Option<NoticeDue> {
        let since = self.all().into_iter().flatten().min()?;
        let by = self.notice_due_by()?;
        let is_told = informed_at.is_some_and(|told| told >= since);
        (!is_told).then_some(NoticeDue {
            by,
            told: informed_at,
        })
    }

    /// Both together, the earlier moments winning.
    #[must_use]
    pub fn stricter(&self, other: &Self) -> Self {
        self.with(other, |one, two| match (one, two) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        })
    }

    /// Both together, `newer` winning where they disagree.
    #[must_use]
    pub fn replaced(&self, newer: &Self) -> Self {
        self.with(newer, |old, new| new.or(old))
    }

    /// What this says beyond `known`.
    #[must_use]
    pub fn less(&self, known: &Self) -> Self {
        self.with(known, |new, known| new.filter(|_| new != known))
    }

    const fn all(&self) -> [Option<Timestamp>; 3] {
        [self.communicated_at, self.disclosed_at, self.obtained_at]
    }

    fn with(
        &self,
        other: &Self,
        each: impl Fn(Option<Timestamp>, Option<Timestamp>) -> Option<Timestamp>,
    ) -> Self {
        Self {
            communicated_at: each(self.communicated_at, other.communicated_at),
            disclosed_at: each(self.disclosed_at, other.disclosed_at),
            obtained_at: each(self.obtained_at, other.obtained_at),
        }
    }
}

impl NoticeDue {
    /// Whether it is still due where the last notice that obliges to inform was published at
    /// `inform_since`: a person who has that information need not be given it again (Art. 14(5)(a)).
    #[must_use]
    pub fn is_due(&self, inform_since: Timestamp) -> bool {
        self.told.is_none_or(|told| told < inform_since)
    }

    /// Whether it is late at that moment.
    #[must_use]
    pub fn is_overdue(&self, at: Timestamp) -> bool {
        at >= self.by
    }
}

fn end_of_day_in_a_month(from: Timestamp) -> Timestamp {
    let last = from.date_in_months(MONTHS);
    start_of(last.succ_opt().unwrap_or(last))
}
