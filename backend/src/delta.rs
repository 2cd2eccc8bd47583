//! What changed about a list since its certificate: who might be mailed then and may not be now.

use shared::certificate::Again;
use shared::decision::Decision;
use shared::time::Timestamp;

use crate::gate::{Check, Gate};
use crate::replay::Replay;
use crate::store::StoreError;

/// Finds the rows that must be taken off.
pub struct Delta {
    gate: Gate,
    replay: Replay,
    at: Timestamp,
}

impl Delta {
    /// What changed between that certificate's state and `at`, which is now.
    #[must_use]
    pub const fn new(gate: Gate, replay: Replay, at: Timestamp) -> Self {
        Self { gate, replay, at }
    }

    /// For each of these rows the decision that takes it off; `None` where nothing is to be done:
    /// it may be mailed, or was withheld already. Whoever was erased since and is withheld now is
    /// taken off.
    pub async fn of(&self, checks: &[Check]) -> Result<Vec<Option<Decision>>, StoreError> {
        let answer = self.gate.decide(checks, self.at).await?;
        let withheld = |place: &usize| !answer.decisions[*place].proceeds();
        let places: Vec<usize> = (0..checks.len()).filter(withheld).collect();
        let asked: Vec<Check> = places.iter().map(|place| checks[*place].clone()).collect();
        let seen = self.replay.look_back(&asked).await?;
        let mut off: Vec<Option<Decision>> = checks.iter().map(|_| None).collect();
        for ((place, check), seen) in places.into_iter().zip(&asked).zip(&seen) {
            let stood = match self.replay.again(check, seen) {
                Again::Given(verdict) => verdict.proceeds(),
                Again::Erased => true,
            };
            if stood {
                off[place] = Some(answer.decisions[place].clone());
            }
        }
        Ok(off)
    }

    /// The moment that it is decided for.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }
}
