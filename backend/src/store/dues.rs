//! What is owed to people by a certain time: cases to be answered, and notices to those whose contact
//! came from somebody else (Art. 14(3)).

use async_trait::async_trait;
use serde::Serialize;
use shared::standing::Standing;
use shared::time::Timestamp;
use uuid::Uuid;

use super::StoreError;

/// By when a contact has to be told and when they were before, as kept beside the standing so that who
/// is late is found; absent where nothing is owed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KeptDue {
    /// By when.
    pub by: Option<Timestamp>,
    /// When they were told.
    pub told: Option<Timestamp>,
}

impl KeptDue {
    /// What that standing says.
    #[must_use]
    pub fn of(standing: &Standing) -> Self {
        let due = standing.notice_due();
        Self {
            by: due.map(|due| due.by),
            told: due.and_then(|due| due.told),
        }
    }
}

/// A contact who has to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueNotice {
    /// Who.
    pub subject: Uuid,
    /// From then on it is late.
    pub by: Timestamp,
}

/// How many of one kind are owed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct DueCount {
    /// All of them.
    pub due: u64,
    /// Those of them that are late.
    pub overdue: u64,
}

/// What is owed, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct DueCounts {
    /// Open cases; late ones as [`super::cases::KeptCase::is_overdue`] says.
    pub cases: DueCount,
    /// Contacts who have to be told.
    pub notices: DueCount,
}

/// Reading what is owed. Whoever was told at `inform_since` or later, which is when the last notice that
/// obliges to inform was published, is owed no notice.
#[async_trait]
pub trait Dues: Send + Sync {
    /// Up to `limit` contacts who must have been told by `until`, the latest of all if absent; what was
    /// due first comes first.
    async fn due_notices(
        &self,
        inform_since: Timestamp,
        until: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<DueNotice>, StoreError>;
    /// How much is owed at that moment.
    async fn count_dues(
        &self,
        inform_since: Timestamp,
        at: Timestamp,
    ) -> Result<DueCounts, StoreError>;
}
