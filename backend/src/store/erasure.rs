//! Erasure: what a person's entries say is deleted, the restrictions stay (LAW-30).

use async_trait::async_trait;
use uuid::Uuid;

use super::{SealedEntry, Seq, StoreError};

/// An erasure to do.
#[derive(Debug, Clone)]
pub struct NewErasure {
    /// Whose entries.
    pub subject: Uuid,
    /// The `erased` entry. Its `stays` are every restriction that holds when it is recorded.
    pub entry: SealedEntry,
    /// Whether the address is forgotten too. Only where no restriction stays that it has to find.
    pub forgets: bool,
    /// The last entry that it was decided on, where a later one has to keep it from being done.
    pub decided_on: Option<Seq>,
}

/// Erasing. Only the eraser holds this.
#[async_trait]
pub trait Erase: Send + Sync {
    /// Appends the entry and deletes the subject's older payloads, receipts, links and counts of
    /// letters in one unit, then makes the deletion reach the disk, and keeps a note of it outside
    /// the database, from which a restored backup is erased again; all before it returns.
    /// `Conflict`, and nothing done, when the subject is unknown, has an entry after `decided_on`, or
    /// the entry does not state exactly the restrictions that hold.
    async fn erase(&self, erasure: NewErasure) -> Result<Seq, StoreError>;
    /// Erases many as `erase` does, each of them whole or, with the reason in its place, not at all. The
    /// disk and the note outside the database are waited for once.
    async fn erase_all(
        &self,
        erasures: Vec<NewErasure>,
    ) -> Result<Vec<Result<Seq, StoreError>>, StoreError>;
}
