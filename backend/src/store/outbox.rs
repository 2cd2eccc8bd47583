//! The outbox: letters written in the same unit as what they are about, and sent after it.

use async_trait::async_trait;
use shared::address::AddressKey;
use shared::time::Timestamp;

use super::StoreError;

/// A letter to keep until it is sent. Who gets it and what it says is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLetter {
    /// Since when it waits; it is due at once.
    pub due: Timestamp,
    /// From when on nobody needs it any more: it is dropped, not sent late.
    pub not_after: Timestamp,
    /// Whose letters are counted, and how many they may be. A letter beyond that is left out; what
    /// it was about is done all the same (SEC-12).
    pub allowance: Option<Allowance>,
    /// The sealed letter.
    pub sealed: Vec<u8>,
}

/// How many letters one address gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// The address, under the current generation.
    pub to: (u32, AddressKey),
    /// Now.
    pub at: Timestamp,
    /// At most that many within an hour.
    pub per_hour: u32,
    /// At most that many within 24 hours.
    pub per_day: u32,
}

/// A letter that somebody has taken to send it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueLetter {
    /// Its number, never used twice.
    pub no: u64,
    /// How often it was taken before.
    pub attempts: u32,
    /// From when on nobody needs it any more.
    pub not_after: Timestamp,
    /// The sealed letter.
    pub sealed: Vec<u8>,
}

/// Sending what waits. Only the mailer holds this.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Takes the letter that has been due longest at `at`, for the caller alone: nobody else gets
    /// it before `until`, when it is due again unless it was dropped. Letters past their
    /// `not_after` are dropped on the way. `None` when none is due.
    async fn take_letter(
        &self,
        at: Timestamp,
        until: Timestamp,
    ) -> Result<Option<DueLetter>, StoreError>;
    /// Sets when a letter is due again.
    async fn put_letter_back(&self, no: u64, due: Timestamp) -> Result<(), StoreError>;
    /// Deletes a letter: it was sent, or never can be. Doing so again changes nothing.
    async fn drop_letter(&self, no: u64) -> Result<(), StoreError>;
    /// When the next letter is due; `None` when none waits.
    async fn next_letter(&self) -> Result<Option<Timestamp>, StoreError>;
}
