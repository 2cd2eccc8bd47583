//! What changed about a list since its certificate: who might be mailed then and may not be now.

use std::sync::Arc;

use shared::address::Address;
use shared::certificate::{Again, Certificate};
use shared::decision::{Decision, Stated};
use shared::time::Timestamp;

use crate::gate::{Check, Gate, answer_to};
use crate::replay::Replay;
use crate::secrets::Secrets;
use crate::store::image::{Image, Sight};
use crate::store::{Read, Seq, StoreError};

/// Finds the rows that must be taken off.
pub struct Delta {
    now: Now,
    replay: Replay,
    at: Timestamp,
}

/// What holds now.
enum Now {
    /// It is looked up, address by address.
    Asked(Gate),
    /// It was read at once, for everybody.
    Read(Image, Arc<Secrets>),
}

/// How many rows might be mailed then. Of a list, its certificate counts no more than both together, or
/// something else was asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stood {
    /// Rows that might.
    pub kept: u64,
    /// Rows of whom that is not known any more: they were erased since.
    pub erased: u64,
}

impl Delta {
    /// What changed between that certificate's state and `at`, which is now.
    #[must_use]
    pub const fn new(gate: Gate, replay: Replay, at: Timestamp) -> Self {
        let now = Now::Asked(gate);
        Self { now, replay, at }
    }

    /// The same for all of the certificate's list, and the last entry that it includes.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn of_list(
        certificate: &Certificate,
        store: Arc<dyn Read>,
        secrets: Arc<Secrets>,
        replay: Replay,
        at: Timestamp,
    ) -> Result<(Self, Seq), StoreError> {
        // What came until now is in all answers, what comes later may be missing in some.
        let as_of = store.look_up(&[]).await?.as_of;
        let entries = store.nth(as_of).await?.unwrap_or(as_of);
        if !Replay::is_long(certificate, entries) {
            return Ok((Self::new(Gate::new(store, secrets), replay, at), as_of));
        }
        let sight = Sight {
            generations: secrets.generations().collect(),
            question: certificate.asked.about(Stated::default()),
            at,
            everybody: false,
        };
        let image = store.image(sight).await?;
        let as_of = image.as_of();
        let now = Now::Read(image, secrets);
        Ok((Self { now, replay, at }, as_of))
    }

    /// For each of these rows the decision that takes it off; `None` where nothing is to be done:
    /// it may be mailed, or was withheld already. Whoever was erased since and is withheld now is
    /// taken off.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn of(&self, checks: &[Check]) -> Result<Vec<Option<Decision>>, StoreError> {
        let decisions = self.decide(checks).await?;
        let withheld = |place: &usize| !decisions[*place].proceeds();
        let places: Vec<usize> = (0..checks.len()).filter(withheld).collect();
        let asked: Vec<Check> = places.iter().map(|place| checks[*place].clone()).collect();
        let seen = self.replay.look_back(&asked).await?;
        let mut off: Vec<Option<Decision>> = checks.iter().map(|_| None).collect();
        for ((place, check), seen) in places.into_iter().zip(&asked).zip(&seen) {
            if stood(self.replay.again(check, seen)) {
                off[place] = Some(decisions[place].clone());
            }
        }
        Ok(off)
    }

    /// The same, and what stood then of all these rows is added to `then`: it takes longer.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn of_all(
        &self,
        checks: &[Check],
        then: &mut Stood,
    ) -> Result<Vec<Option<Decision>>, StoreError> {
        let decisions = self.decide(checks).await?;
        let seen = self.replay.look_back(checks).await?;
        let rows = checks.iter().zip(&seen).zip(decisions);
        let off = rows.map(|((check, seen), decision)| {
            let again = self.replay.again(check, seen);
            then.take(again);
            (stood(again) && !decision.proceeds()).then_some(decision)
        });
        Ok(off.collect())
    }

    async fn decide(&self, checks: &[Check]) -> Result<Vec<Decision>, StoreError> {
        match &self.now {
            Now::Asked(gate) => Ok(gate.decide(checks, self.at).await?.decisions),
            Now::Read(image, secrets) => {
                let decided = checks
                    .iter()
                    .map(|check| decide(check, image, secrets, self.at));
                Ok(decided.collect())
            }
        }
    }

    /// The moment that it is decided for.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }
}

/// Whether the row may have been kept then.
const fn stood(again: Again) -> bool {
    match again {
        Again::Given(verdict) => verdict.proceeds(),
        Again::Erased => true,
    }
}

impl Stood {
    fn take(&mut self, again: Again) {
        match again {
            Again::Given(verdict) => self.kept += u64::from(verdict.proceeds()),
            Again::Erased => self.erased += 1,
        }
    }
}

/// The gate's answer, from what was read of everybody. It names no entry that it rests on.
fn decide(check: &Check, image: &Image, secrets: &Secrets, at: Timestamp) -> Decision {
    let known = |address: &Address| image.look_up(&secrets.keys(address));
    let own = check.address.as_ref().and_then(known);
    let base = check.address.as_ref().and_then(Address::base);
    let base = base.as_ref().and_then(known);
    let rules = image.rules().map(|stored| &stored.rules);
    answer_to(check, rules, (own.as_deref(), base.as_deref()), at)
}
