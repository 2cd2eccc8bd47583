//! The notices as published, parsed and at hand; replaced when the rule set in force changes.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::Context as _;
use chrono::NaiveDate;
use frontend::fragment::Earlier;
use shared::digest::Digest;
use shared::notice::Notice;
use shared::notice::version::{NoticeVersion, VersionKind};
use shared::purpose::PurposeKey;
use shared::rules::Rules;
use shared::time::Timestamp;

use crate::store::{NoticeKind, PublishedNotice, Read, Snapshot, StoreError};

/// All published notices, and the rules that were made of those in force.
#[derive(Debug)]
pub struct Shelf {
    /// The digest of the rule set in force.
    pub digest: Digest,
    /// The rule set in force.
    pub rules: Rules,
    /// By notice, then version.
    notices: BTreeMap<String, BTreeMap<u32, Arc<Shelved>>>,
}

/// One version on the shelf.
#[derive(Debug)]
pub struct Shelved {
    /// The notice.
    pub notice: String,
    /// The version number.
    pub number: u32,
    /// The digest that names it.
    pub digest: Digest,
    /// When it was published.
    pub published_at: Timestamp,
    /// What it says.
    pub version: NoticeVersion,
}

impl Shelved {
    /// Reads a stored version; it must be what its digest names.
    pub fn read(stored: &PublishedNotice) -> anyhow::Result<Self> {
        let kind = match stored.kind {
            NoticeKind::Verbatim => VersionKind::Verbatim,
            NoticeKind::Structured => VersionKind::Structured,
        };
        let version = NoticeVersion::from_canonical(kind, &stored.canonical)
            .with_context(|| format!("notice {} version {}", stored.notice, stored.version))?;
        anyhow::ensure!(
            version.digest() == stored.digest,
            "notice {} version {} is not what its digest names: restore the database from a backup",
            stored.notice,
            stored.version
        );
        Ok(Self {
            notice: stored.notice.clone(),
            number: stored.version,
            digest: stored.digest,
            published_at: stored.published_at,
            version,
        })
    }

    /// The structured notice, if this version is one.
    #[must_use]
    pub fn structured(&self) -> Option<&Notice> {
        self.version.notice()
    }
}

impl Shelf {
    /// The version in force of that notice: the newest.
    #[must_use]
    pub fn in_force(&self, notice: &str) -> Option<&Arc<Shelved>> {
        self.notices.get(notice)?.values().next_back()
    }

    /// One version of that notice.
    #[must_use]
    pub fn version(&self, notice: &str, number: u32) -> Option<&Arc<Shelved>> {
        self.notices.get(notice)?.get(&number)
    }

    /// The versions of that notice, oldest first.
    pub fn versions(&self, notice: &str) -> impl DoubleEndedIterator<Item = &Arc<Shelved>> {
        self.notices
            .get(notice)
            .into_iter()
            .flat_map(BTreeMap::values)
    }

    /// What the version in force is compared with on that day.
    #[must_use]
    pub fn earlier(&self, notice: &str, today: NaiveDate) -> Option<Earlier> {
        let versions = self.versions(notice);
        Earlier::of(
            versions.map(|one| (one.number, one.published_at.date())),
            today,
        )
    }

    /// Every notice's version in force.
    pub fn all_in_force(&self) -> impl Iterator<Item = &Arc<Shelved>> {
        self.notices
            .values()
            .filter_map(|versions| versions.values().next_back())
    }

    /// Every notice's version in force that has a structure, with what it says.
    pub fn structured_in_force(&self) -> impl Iterator<Item = (&Arc<Shelved>, &Notice)> {
        self.all_in_force()
            .filter_map(|shelved| Some((shelved, shelved.structured()?)))
    }

    /// The version in force that states the purpose; the first where several do.
    #[must_use]
    pub fn stating(&self, purpose: &PurposeKey) -> Option<(&Arc<Shelved>, &Notice)> {
        self.structured_in_force()
            .find(|(_, notice)| notice.purpose(purpose).is_some())
    }

    /// What every version that was ever published says, as far as it has a structure; of each notice
    /// the newest first.
    pub fn ever_stated(&self) -> impl Iterator<Item = &Notice> {
        self.notices
            .values()
            .flat_map(|versions| versions.values().rev())
            .filter_map(|shelved| shelved.structured())
    }

    /// The version that the first half of a digest names.
    #[must_use]
    pub fn by_half(&self, half: &[u8; 16]) -> Option<&Arc<Shelved>> {
        self.notices
            .values()
            .flat_map(BTreeMap::values)
            .find(|shelved| shelved.digest.as_bytes()[..16] == half[..])
    }
}

/// Why there is no shelf.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No notice was published yet.
    #[error("no notice is published yet: run `sayso notice publish DIR`")]
    Empty,
    /// A stored version cannot be read.
    #[error("a published notice cannot be read: {0:#}")]
    Unreadable(anyhow::Error),
}

/// Keeps the shelf in step with the store: other processes publish beside a running service.
pub struct ShelfKeeper {
    store: Arc<dyn Read>,
    shelf: RwLock<Option<Arc<Shelf>>>,
}

impl ShelfKeeper {
    /// A keeper over that store.
    #[must_use]
    pub fn new(store: Arc<dyn Read>) -> Self {
        Self {
            store,
            shelf: RwLock::new(None),
        }
    }

    /// The notices as they were when somebody last asked for them: perhaps no longer in force.
    #[must_use]
    pub fn at_hand(&self) -> Option<Arc<Shelf>> {
        self.shelf
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The notices as they are now.
    pub async fn shelf(&self) -> Result<Arc<Shelf>, ShelfError> {
        self.shelf_of(&self.store.look_up(&[]).await?).await
    }

    /// The notices in force in that snapshot.
    pub async fn shelf_of(&self, snapshot: &Snapshot) -> Result<Arc<Shelf>, ShelfError> {
        let rules = snapshot.rules.as_ref().ok_or(ShelfError::Empty)?;
        if let Some(shelf) = self.at_hand().filter(|shelf| shelf.digest == rules.digest) {
            return Ok(shelf);
        }
        let mut notices: BTreeMap<String, BTreeMap<u32, Arc<Shelved>>> = BTreeMap::new();
        for stored in self.store.notices().await? {
            let shelved = Shelved::read(&stored).map_err(ShelfError::Unreadable)?;
            let versions = notices.entry(stored.notice).or_default();
            versions.insert(stored.version, Arc::new(shelved));
        }
        let shelf = Arc::new(Shelf {
            digest: rules.digest,
            rules: rules.rules.clone(),
            notices,
        });
        *self.shelf.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&shelf));
        Ok(shelf)
    }
}
