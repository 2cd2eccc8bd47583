//! Time and chance: the only file that asks the machine for either. Everywhere else they are
//! arguments, so that tests set the clock.

use std::cell::RefCell;
use std::fmt::Debug;
use std::time::Instant;

use shared::entry::Salt;
use shared::time::Timestamp;
use uuid::Uuid;

/// What a running service needs from the machine.
pub trait World: Send + Sync + Debug {
    /// The present moment.
    fn now(&self) -> Timestamp;
    /// Fills the bytes from the operating system's generator.
    fn fill(&self, bytes: &mut [u8]);
}

/// How long something takes, whatever the clock is set to meanwhile.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Seconds since it was started.
    #[must_use]
    pub fn seconds(self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}

/// The machine itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl World for System {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the clock"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(chrono::Utc::now().timestamp_millis())
    }

    fn fill(&self, bytes: &mut [u8]) {
        DRAWN.with_borrow_mut(|drawn| drawn.give(bytes));
    }
}

thread_local! {
    static DRAWN: RefCell<Drawn> = const { RefCell::new(Drawn { bytes: [0; DRAW], left: 0 }) };
}

/// Random bytes that are drawn together: those of two acts, of which each needs some in five places.
const DRAW: usize = 256;

/// Random bytes of one thread that nobody has used yet.
struct Drawn {
    bytes: [u8; DRAW],
    left: usize,
}

impl Drawn {
    /// Gives bytes away, and keeps no copy of them.
    fn give(&mut self, wanted: &mut [u8]) {
        if wanted.len() > DRAW {
            draw(wanted);
            return;
        }
        if wanted.len() > self.left {
            draw(&mut self.bytes);
            self.left = DRAW;
        }
        let given = &mut self.bytes[self.left - wanted.len()..self.left];
        wanted.copy_from_slice(given);
        given.fill(0);
        self.left -= wanted.len();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that draws entropy"
)]
#[expect(clippy::expect_used, reason = "without entropy nothing may go on")]
fn draw(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system gives random bytes");
}

/// Draws that every caller needs.
impl dyn World + '_ {
    /// That many random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// A salt for one commitment.
    pub fn salt(&self) -> Salt {
        Salt(self.bytes())
    }

    /// A random UUID (version 4): a subject.
    pub fn subject(&self) -> Uuid {
        uuid::Builder::from_random_bytes(self.bytes()).into_uuid()
    }

    /// A time-ordered UUID (version 7): an entry.
    pub fn entry_id(&self, at: Timestamp) -> Uuid {
        let millis = u64::try_from(at.as_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{System, World};

    #[test]
    fn no_random_bytes_are_given_twice() {
        let world: &dyn World = &System;
        let mut seen = BTreeSet::new();
        for length in 0..600 {
            let mut bytes = vec![0; 16 + length % 300];
            world.fill(&mut bytes);
            for sixteen in bytes.chunks_exact(16) {
                assert!(seen.insert(sixteen.to_vec()), "given before");
                assert!(sixteen.iter().any(|&byte| byte != 0), "not drawn");
            }
        }
    }
}
