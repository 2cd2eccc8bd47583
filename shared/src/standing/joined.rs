//! What holds for one address that is known as several subjects: when unsure, withhold.

use super::{Consent, Restriction, Standing};

impl Standing {
    /// What holds for an address where both standings are its own: whatever restricts by either of
    /// them restricts, and of answers about consent, facts and information the stricter counts.
    #[must_use]
    pub fn joined(&self, other: &Self) -> Self {
        let mut joined = self.clone();
        let known = |one: &&Restriction| self.restrictions.contains(one);
        let further = other.restrictions.iter().filter(|one| !known(one));
        joined.restrictions.extend(further.cloned());
        joined.beside.push(other.consents.clone());
        joined.beside.extend(other.beside.iter().cloned());
        joined.informed_at = self.informed_at.min(other.informed_at);
        joined.facts = self.facts.stricter(&other.facts);
        joined.erased = self.erased.or(other.erased);
        joined.hard_bounce = self.hard_bounce.or(other.hard_bounce);
        joined.spam_reported = self.spam_reported.or(other.spam_reported);
        joined
    }
}

impl Consent {
    /// Of two answers about one address the stricter, the first of two alike.
    pub(super) fn stricter(self, other: Self) -> Self {
        let rank = |one: &Self| match one {
            Self::Unknown => 0,
            Self::Given(_) => 1,
            Self::Expired(_) => 2,
            Self::Refused(_) | Self::Withdrawn(_) => 3,
        };
        if rank(&other) > rank(&self) {
            other
        } else {
            self
        }
    }
}
