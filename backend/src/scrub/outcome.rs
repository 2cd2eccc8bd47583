//! What was decided, each different answer once.

use std::sync::{PoisonError, RwLock};

use shared::certificate::Verdict;
use shared::decision::{Decision, Obligation, Withheld};

/// One answer of the gate, without the entries that it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The answer as one byte.
    pub verdict: Verdict,
    /// The answer.
    pub decision: Decision,
}

impl Outcome {
    /// The outcome of that decision.
    #[must_use]
    pub fn new(mut decision: Decision) -> Self {
        match &mut decision {
            Decision::Proceed { evidence, .. } | Decision::Withhold { evidence, .. } => {
                evidence.clear();
            }
        }
        Self {
            verdict: Verdict::of(&decision),
            decision,
        }
    }

    /// The reasons by their names; the first one decided.
    #[must_use]
    pub fn reasons(&self) -> Vec<&'static str> {
        match &self.decision {
            Decision::Proceed { ground, .. } => vec![ground.as_str()],
            Decision::Withhold { reasons, .. } => reasons.iter().map(|one| one.as_str()).collect(),
        }
    }

    /// What the message must do, by name.
    #[must_use]
    pub fn obligations(&self) -> Vec<&'static str> {
        match &self.decision {
            Decision::Proceed { obligations, .. } => obligations
                .iter()
                .map(|one| match one {
                    Obligation::InformOfRightToObject => "inform_of_right_to_object",
                })
                .collect(),
            Decision::Withhold { .. } => Vec::new(),
        }
    }
}

/// The answers of one scrub, by number. There are few.
#[derive(Debug)]
pub struct Outcomes(RwLock<Vec<Outcome>>);

/// The number of an answer.
pub(super) type Number = u16;
/// The number of `invalid_address`.
pub(super) const INVALID: Number = 0;

impl Default for Outcomes {
    fn default() -> Self {
        let invalid = Outcome::new(Decision::withheld(Withheld::InvalidAddress));
        Self(RwLock::new(vec![invalid]))
    }
}

impl Outcomes {
    /// All answers so far, by their numbers.
    #[must_use]
    pub fn all(&self) -> Vec<Outcome> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The number of that answer. Reasons are fourteen at most and stand in a fixed order, so that
    /// there are fewer different answers than numbers.
    pub(super) fn number(&self, decision: Decision) -> Number {
        let outcome = Outcome::new(decision);
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let place = all.iter().position(|one| *one == outcome);
        let place = place.unwrap_or_else(|| {
            all.push(outcome);
            all.len() - 1
        });
        Number::try_from(place).expect("answers are fewer than 2^16")
    }
}
