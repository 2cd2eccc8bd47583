//! The outbox: letters written in the same unit as what they are about, and sent after it.

use async_trait::async_trait;
use shared::address::AddressKey;
use shared::time::Timestamp;

use super::StoreError;

/// Which letters come first where not all can leave at once; [`First`] says which of one rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Somebody asked for it, or has a right to it.
    Owed,
    /// It tells of what holds anyway.
    Notice,
}

/// Which letter comes first. Whoever takes letters lets each of these have turns, so that no sort of them
/// keeps the others from leaving, however many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum First {
    /// Of those that were never taken, by rank the one that ends first.
    Ending,
    /// Of those that were never taken, by rank the one that was written first.
    Waiting,
    /// Of those that were put back, by rank the one that has been due again for longest.
    Again,
    /// As [`First::Waiting`], but notices before all else.
    Notice,
}

/// A letter to keep until it is sent. Who gets it and what it says is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLetter {
    /// Since when it waits; it is due at once.
    pub due: Timestamp,
    /// From when on nobody needs it any more: it is dropped, not sent late.
    pub not_after: Timestamp,
    /// How it stands to others.
    pub rank: Rank,
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
    /// Since when it is refused without a word on what is wrong, if it is.
    pub refused_since: Option<Timestamp>,
    /// How it stands to others.
    pub rank: Rank,
    /// The sealed letter.
    pub sealed: Vec<u8>,
}

/// Sending what waits. Only the mailer holds this.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Takes the letter that comes first of those due at `at`, and of no lower rank than `lowest`, for
    /// the caller alone: nobody else gets it before `until`, when it is due again unless it was
    /// dropped. As `first` says; where none is due of those that it names, one of the others. Letters past
    /// their `not_after` are dropped on the way. `None` when none is due.
    async fn take_letter(
        &self,
        at: Timestamp,
        until: Timestamp,
        lowest: Rank,
        first: First,
    ) -> Result<Option<DueLetter>, StoreError>;
    /// Sets when a letter is due again, and since when it is `refused` without a word on what is wrong,
    /// unless that is known.
    async fn put_letter_back(
        &self,
        no: u64,
        due: Timestamp,
        refused: Option<Timestamp>,
    ) -> Result<(), StoreError>;
    /// Deletes a letter: it was sent, or never can be. Doing so again changes nothing.
    async fn drop_letter(&self, no: u64) -> Result<(), StoreError>;
    /// When the next letter is due, of whatever rank; `None` when none waits.
    async fn next_letter(&self) -> Result<Option<Timestamp>, StoreError>;
}
