//! How much time has passed, by the service's clock.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::clock::Clock;
use shared::time::Timestamp;

use crate::clock::World;

/// The most that passes between two looks: longer than any limit remembers, however far the clock
/// is set forward.
const MOST: u64 = 24 * 60 * 60 * 1000;

/// Time that only goes on. Where the clock is set back, it goes on from there, so that nobody has
/// to wait until the clock is where it was.
#[derive(Clone)]
pub(super) struct Onward {
    world: Arc<dyn World>,
    seen: Arc<Mutex<Seen>>,
}

struct Seen {
    at: Timestamp,
    passed: Duration,
}

impl Onward {
    /// Begins now.
    pub(super) fn new(world: Arc<dyn World>) -> Self {
        let seen = Seen {
            at: world.now(),
            passed: Duration::ZERO,
        };
        Self {
            world,
            seen: Arc::new(Mutex::new(seen)),
        }
    }
}

impl Clock for Onward {
    type Instant = Duration;

    fn now(&self) -> Duration {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.world.now();
        let since = now.as_millis().saturating_sub(seen.at.as_millis());
        let since = u64::try_from(since).unwrap_or(0).min(MOST);
        seen.at = now;
        seen.passed += Duration::from_millis(since);
        seen.passed
    }
}
