//! Rows that are over: what is deleted by its age alone, outside the ledger.

use async_trait::async_trait;
use serde::Serialize;
use shared::time::Timestamp;

use super::StoreError;

/// How many rows are over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Over {
    /// Links that were mailed and whose end has come.
    pub links: u64,
    /// Sessions whose end has come.
    pub sessions: u64,
    /// Letters that nobody needs any more.
    pub letters: u64,
    /// Events that were told and whose act cannot be undone any more.
    pub events: u64,
    /// Counts of letters older than a day.
    pub letter_counts: u64,
    /// Receipts whose undo secret is of no use any more: it is overwritten, the receipt stays.
    pub undo_secrets: u64,
}

/// Deleting what is over.
#[async_trait]
pub trait Tidy: Send + Sync {
    /// When something was deleted for being over last; `None` before the first time.
    async fn tidied_last(&self) -> Result<Option<Timestamp>, StoreError>;
    /// Counts what is over at `at`; with `delete` it is gone on return, and the time is noted.
    async fn tidy(&self, at: Timestamp, delete: bool) -> Result<Over, StoreError>;
}
