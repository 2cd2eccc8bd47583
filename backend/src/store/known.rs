//! What is known of one address. Where it is known as several subjects, what restricts any of them
//! holds for the address: recorded under one generation of the pepper alone, it is a stranger to
//! whoever knows another one only, and becomes a second subject there.

use std::sync::Arc;

use shared::entry::{Act, Entry};
use shared::standing::Standing;
use uuid::Uuid;

/// What the store knows of one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Whose entries these are: the subject that the newest of its keys leads to.
    pub subject: Uuid,
    /// The further subjects that its keys lead to.
    pub beside: Vec<Uuid>,
    /// What holds.
    pub standing: Arc<Standing>,
}

impl Known {
    /// What is known of one address, from what is known of each subject that its keys lead to.
    pub(super) fn of_all(found: impl IntoIterator<Item = Self>) -> Option<Self> {
        found.into_iter().reduce(|mut first, other| {
            first.standing = Arc::new(first.standing.joined(&other.standing));
            first.beside.push(other.subject);
            first
        })
    }

    /// Every subject that its keys lead to.
    #[must_use]
    pub fn subjects(&self) -> Vec<Uuid> {
        [&[self.subject], self.beside.as_slice()].concat()
    }
}

/// What held for one address at an earlier entry, as far as that is still known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// The fold of the entries up to that one.
    pub standing: Standing,
    /// The entries after that one, in ledger order.
    pub since: Vec<Entry>,
}

impl Past {
    /// What held for one address, from what held for each subject that its keys lead to.
    pub(super) fn of_all(found: impl IntoIterator<Item = Self>) -> Option<Self> {
        found.into_iter().reduce(|mut first, other| {
            first.since.extend(other.since);
            first.since.sort_by_key(|entry| entry.recorded_at);
            first.standing = first.standing.joined(&other.standing);
            first
        })
    }

    /// Whether the person's data was erased since: what they had said before is gone.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.erasures().next().is_some()
    }

    /// The erasures since.
    pub fn erasures(&self) -> impl Iterator<Item = &Entry> {
        let erased = |entry: &&Entry| entry.act == Act::Erased;
        self.since.iter().filter(erased)
    }
}
