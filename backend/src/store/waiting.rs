//! What waits to be told or sent, for those who only watch.

use async_trait::async_trait;
use serde::Serialize;
use shared::time::Timestamp;

use super::StoreError;
use crate::sinks::Trouble;

/// How a sink stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SinkState {
    /// The sink.
    pub name: String,
    /// Events that it was not told yet.
    pub waiting: u64,
    /// When the oldest of them was recorded.
    pub oldest: Option<Timestamp>,
    /// Since when it wants to be told nothing.
    pub disabled_at: Option<Timestamp>,
    /// Events that it was told, ever.
    pub told: u64,
    /// The times from an entry to the telling, added up, in milliseconds.
    #[serde(skip)]
    pub total_ms: u64,
    /// The time from an entry to the telling on average, in milliseconds.
    pub average_ms: Option<u64>,
    /// The longest time from an entry to the telling, in milliseconds.
    pub slowest_ms: Option<u64>,
    /// When it was told last.
    pub told_at: Option<Timestamp>,
    /// When telling it failed last.
    pub failed_at: Option<Timestamp>,
    /// What it answered then.
    pub status: Option<u16>,
    /// Why it did not answer then.
    pub trouble: Option<Trouble>,
}

impl SinkState {
    /// A sink that was never told anything.
    #[must_use]
    pub fn untold(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            waiting: 0,
            oldest: None,
            disabled_at: None,
            told: 0,
            total_ms: 0,
            average_ms: None,
            slowest_ms: None,
            told_at: None,
            failed_at: None,
            status: None,
            trouble: None,
        }
    }
}

/// Letters that are not sent yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LettersWaiting {
    /// How many.
    pub waiting: u64,
    /// When the oldest of them was first due.
    pub oldest: Option<Timestamp>,
}

/// Reading what waits.
#[async_trait]
pub trait Waiting: Send + Sync {
    /// The sinks that have been told something or have something waiting, by name.
    async fn sinks(&self) -> Result<Vec<SinkState>, StoreError>;
    /// The letters that are not sent yet.
    async fn letters_waiting(&self) -> Result<LettersWaiting, StoreError>;
}
