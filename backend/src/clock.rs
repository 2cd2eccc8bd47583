//! Time and chance: the only file that asks the machine for either. Everywhere else they are
//! arguments, so that tests set the clock.

use std::fmt::Debug;

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

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that draws entropy"
    )]
    #[expect(clippy::expect_used, reason = "without entropy nothing may go on")]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
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
