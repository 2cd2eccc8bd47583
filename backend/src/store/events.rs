//! Events: what sinks have to be told, written in the same unit as the entry it is about.

use std::collections::BTreeSet;

use async_trait::async_trait;
use shared::facts::CrmReference;
use shared::time::Timestamp;
use uuid::Uuid;

use super::{Seq, StoreError};
use crate::sinks::Trouble;

/// An event to keep for one sink until it was told. What it says is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// The sink.
    pub sink: String,
    /// Until when it is kept even if the sink was told before.
    pub kept_until: Timestamp,
    /// Whether the sink is not told it: it is kept so that of an undoing the sink is told about the same
    /// address.
    pub is_kept_back: bool,
    /// The sealed event.
    pub sealed: Vec<u8>,
}

/// An event that somebody has taken to tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueEvent {
    /// Its number, never used twice.
    pub no: u64,
    /// What it is about.
    pub about: Whereof,
    /// How often it was taken before.
    pub attempts: u32,
    /// The sealed event.
    pub sealed: Vec<u8>,
}

/// What is told with an entry that its event does not say itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Background {
    /// The records of the customer database that are about the contact.
    pub crm_references: BTreeSet<CrmReference>,
    /// The places of the entries that it takes back or ends.
    pub takes_back: Vec<Seq>,
}

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whereof {
    /// The entry at that place of the ledger.
    Entry(Seq),
    /// The step of that number, of a company about its domain.
    Step(u64),
}

/// A call that did not reach its sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    /// When.
    pub at: Timestamp,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// Why there was none.
    pub trouble: Option<Trouble>,
    /// When the event is due again.
    pub due: Timestamp,
    /// Until when the sink is told nothing at all.
    pub left_alone_until: Option<Timestamp>,
}

/// Telling the sinks.
#[async_trait]
pub trait Events: Send + Sync {
    /// When the next event of that sink is due; `None` when none waits, or none may be told.
    async fn next_event(&self, sink: &str) -> Result<Option<Timestamp>, StoreError>;
    /// Takes the event of that sink that has been due longest at `at`, one of what
    /// [`comes_later`](crate::sinks::comes_later) only where no other is due. It is the caller's alone: nobody
    /// else gets it before `until`, when it is due again. `None` when none is due, or when the sink is
    /// disabled or left alone.
    async fn take_event(
        &self,
        sink: &str,
        at: Timestamp,
        until: Timestamp,
    ) -> Result<Option<DueEvent>, StoreError>;
    /// Notes that the sink was told. Doing so again changes nothing.
    async fn event_told(&self, no: u64, at: Timestamp) -> Result<(), StoreError>;
    /// Deletes an event that the sink does not want: it was told nothing.
    async fn drop_event(&self, no: u64) -> Result<(), StoreError>;
    /// Notes that it was not told, and when to try again.
    async fn event_failed(&self, sink: &str, no: u64, failure: Failure) -> Result<(), StoreError>;
    /// Tells a sink nothing from now on; its events are kept.
    async fn disable_sink(&self, sink: &str, at: Timestamp) -> Result<(), StoreError>;
    /// Makes all that a sink was not told due at `at`, and tells it again if it was disabled; returns
    /// how many events wait.
    async fn retry_sink(&self, sink: &str, at: Timestamp) -> Result<u64, StoreError>;
    /// Notes that these are the sinks of the service, and deletes the events of all others; returns how
    /// many.
    async fn keep_sinks(&self, names: &[String]) -> Result<u64, StoreError>;
    /// The sinks that the service noted or told last.
    async fn kept_sinks(&self) -> Result<Vec<String>, StoreError>;
    /// Deletes the events that were told and need not be kept at `at`; returns how many.
    async fn forget_told(&self, at: Timestamp) -> Result<u64, StoreError>;
    /// What is known of the entry at that place beyond its event; nothing once it was erased.
    async fn background(&self, seq: Seq) -> Result<Background, StoreError>;
    /// The sealed events of those entries that are still kept, each with its sink.
    async fn events_of(&self, entries: &[Uuid]) -> Result<Vec<(String, Vec<u8>)>, StoreError>;
}
