//! Turns: what is decided by what holds for one address is done one after another.

use tokio::sync::Mutex;

use crate::store::Keys;

/// Addresses share a turn now and then; that costs a moment and nothing else.
const TURNS: usize = 64;

/// Locks, by address.
pub(super) struct Turns([Mutex<()>; TURNS]);

impl Default for Turns {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::new(())))
    }
}

impl Turns {
    /// The lock of that address.
    pub(super) fn of(&self, keys: &Keys) -> &Mutex<()> {
        let byte = keys.0.first().map_or(0, |(_, key)| key.as_bytes()[0]);
        &self.0[usize::from(byte) % TURNS]
    }
}
