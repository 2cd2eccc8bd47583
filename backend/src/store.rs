//! What is kept, as use cases: each method is one atomic unit. No connection, transaction, SQL or
//! column name crosses this line; `tests/store_conformance` holds the engine, SQLite, to this contract.
//!
//! Callers stamp time, ids, salts and commitments; an engine mints nothing. Not found is `None`.
//! [`StoreError::Conflict`] means: what the caller decided on has changed, look again.

use std::sync::Arc;

use async_trait::async_trait;
use shared::address::AddressKey;
use shared::digest::Digest;
use shared::entry::{Entry, Salt};
use shared::rules::Rules;
use shared::standing::Standing;
use shared::time::Timestamp;
use uuid::Uuid;

use self::cases::{Cases, Handle};
use self::domains::{Domains, StepDomain};
use self::dues::{Dues, KeptDue};
use self::erasure::Erase;
use self::events::{Events, NewEvent};
use self::image::{Image, Sight};
pub use self::known::{Known, Past};
use self::links::{Links, Proven};
use self::outbox::{NewLetter, Outbox};
use self::peppers::Peppers;
use self::rules::RuleSets;
pub use self::rules::StoredRules;
use self::tidying::Tidy;
use self::waiting::Waiting;

pub mod cases;
pub mod domains;
pub mod dues;
pub mod erasure;
pub mod events;
pub mod image;
mod known;
pub mod links;
pub mod outbox;
pub mod peppers;
pub mod rules;
pub mod sqlite;
pub mod tidying;
pub mod waiting;

/// The place of an entry in the ledger: 1, 2, 3, … without a gap, but for one after each restore.
pub type Seq = u64;

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// What the caller decided on has changed meanwhile; nothing was written.
    #[error("the state changed meanwhile")]
    Conflict,
    /// The store cannot be read or written now: closed, full, busy or out of reach.
    #[error("the store cannot be reached")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What is stored cannot be understood. Names the table and row, never their content.
    #[error("the store holds something unreadable in {place}")]
    Corrupt {
        /// Table and row.
        place: String,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The database was written by a later version of Sayso.
    #[error(
        "the database has schema {found}, this version knows {known}: install a version of Sayso \
         that is at least as new as the one that wrote it"
    )]
    FromTheFuture {
        /// The schema of the database.
        found: i64,
        /// The newest schema that this version knows.
        known: i64,
    },
}

/// One address under every active generation of the pepper, the current one first.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Keys(pub Vec<(u32, AddressKey)>);

/// How far the store had come when somebody looked: what is read with it is at least as new. To look
/// costs as much as to read, so that a request that reads twice looks once.
#[derive(Debug, Clone, Copy)]
pub struct Glance(pub(in crate::store) Option<[u8; 48]>);

/// Answers to look-ups, all read at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The last entry that the answers include; 0 for an empty ledger.
    pub as_of: Seq,
    /// The rule set in force at that moment; `None` before the first notice was published.
    pub rules: Option<Arc<StoredRules>>,
    /// In the order asked; `None` for an address without entries.
    pub known: Vec<Option<Known>>,
}

/// What is kept of a subject, folded from its entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptStanding {
    /// Whose.
    pub subject: Uuid,
    /// What holds.
    pub standing: Standing,
    /// What is kept beside it.
    pub due: KeptDue,
}

/// An entry with all that the ledger keeps of it, computed by the caller.
#[derive(Debug, Clone)]
pub struct SealedEntry {
    /// The entry.
    pub entry: Entry,
    /// Its canonical bytes.
    pub canonical: Vec<u8>,
    /// The salt of its commitment.
    pub salt: Salt,
    /// `SHA-256(salt || canonical)`.
    pub commitment: Digest,
    /// What sinks have to be told of it.
    pub events: Vec<NewEvent>,
}

impl SealedEntry {
    /// Computes canonical bytes and commitment.
    #[must_use]
    pub fn new(entry: Entry, salt: Salt) -> Self {
        let canonical = entry.canonical();
        let commitment = shared::entry::commitment(&salt, &canonical);
        Self {
            entry,
            canonical,
            salt,
            commitment,
            events: Vec::new(),
        }
    }

    /// The same entry, sealed again as another subject's.
    #[must_use]
    pub fn of(self, subject: Uuid) -> Self {
        let entry = Entry {
            subject,
            ..self.entry
        };
        Self::new(entry, self.salt).telling(self.events)
    }

    /// The same, with what sinks have to be told of it.
    #[must_use]
    pub fn telling(mut self, events: Vec<NewEvent>) -> Self {
        self.events = events;
        self
    }
}

/// Entries of one subject that belong together: all of them or none.
#[derive(Debug, Clone)]
pub struct NewAct {
    /// The address; every entry below names `subject`.
    pub keys: Keys,
    /// The subject that the caller found or, for an address not yet known, proposes.
    pub subject: Uuid,
    /// At least one.
    pub entries: Vec<SealedEntry>,
    /// The receipt to keep with them.
    pub receipt: Option<NewReceipt>,
    /// The letter that tells of them.
    pub letter: Option<NewLetter>,
}

impl NewAct {
    /// The same act, sealed again as another subject's.
    #[must_use]
    pub fn of(self, subject: Uuid) -> Self {
        let entries = self.entries.into_iter().map(|sealed| sealed.of(subject));
        Self {
            entries: entries.collect(),
            subject,
            ..self
        }
    }
}

/// The name of a receipt in the store: 6 bytes of time, so that new rows lie side by side, then
/// 16 bytes of the SHA-256 of the capability's random part. The capability itself is not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReceiptName(pub [u8; 22]);

/// A receipt to keep.
#[derive(Debug, Clone)]
pub struct NewReceipt {
    /// Its name.
    pub name: ReceiptName,
    /// The first 16 bytes of the SHA-256 of the undo secret.
    pub undo: [u8; 16],
    /// Until when the act can be undone.
    pub undo_until: Timestamp,
}

/// A receipt as kept.
#[derive(Debug, Clone)]
pub struct KeptReceipt {
    /// Whose act it was.
    pub subject: Uuid,
    /// The entries of the act, in ledger order; empty once they were erased.
    pub entries: Vec<Entry>,
    /// Further subjects of the address, of whom they were recorded too.
    pub beside: Vec<Uuid>,
    /// The first 16 bytes of the SHA-256 of the undo secret.
    pub undo: [u8; 16],
    /// Until when the act could be undone.
    pub undo_until: Timestamp,
    /// Whether it was undone.
    pub undone: bool,
}

/// How the bytes of a notice version are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// A text as it was found.
    Verbatim,
    /// Canonical JSON of a structured notice.
    Structured,
}

/// A published notice version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedNotice {
    /// The notice: `corporate-clients`.
    pub notice: String,
    /// The version, counted per notice.
    pub version: u32,
    /// The SHA-256 of `canonical`.
    pub digest: Digest,
    /// How to read `canonical`.
    pub kind: NoticeKind,
    /// The bytes that the digest names.
    pub canonical: Vec<u8>,
    /// When it was published.
    pub published_at: Timestamp,
}

/// An API key as kept: the key itself is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// SHA-256 of the key.
    pub hash: Digest,
    /// What staff call it.
    pub label: String,
    /// The last four characters, to tell keys apart.
    pub last4: String,
    /// What it may do, as names of scopes.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// A row of the ledger.
#[derive(Debug, Clone)]
pub struct LedgerRow {
    /// Its place.
    pub seq: Seq,
    /// What is kept for ever.
    pub commitment: Digest,
    /// Salt and canonical bytes; `None` once erased.
    pub payload: Option<(Salt, Vec<u8>)>,
}

impl LedgerRow {
    /// Whether it is no entry, but the number at which the ledger goes on after a restore: it commits
    /// to nothing.
    #[must_use]
    pub fn is_restore(&self) -> bool {
        self.payload.is_none() && self.commitment.as_bytes() == &[0; 32]
    }
}

/// Reading. The gate gets this and nothing more.
#[async_trait]
pub trait Read: Cases + Domains + Dues + RuleSets + Waiting + Send + Sync {
    /// Looks how far the store has come.
    fn glance(&self) -> Glance;
    /// What holds for each address, all at one moment, with the rules in force then. Where keys lead
    /// to several subjects, it is the first one's with what restricts the others
    /// ([`Standing::joined`]).
    async fn look_up(&self, addresses: &[Keys]) -> Result<Snapshot, StoreError> {
        self.look_up_since(self.glance(), addresses).await
    }
    /// The same at a moment that is not before that glance.
    async fn look_up_since(
        &self,
        glance: Glance,
        addresses: &[Keys],
    ) -> Result<Snapshot, StoreError>;
    /// What held for each address when `as_of` was the last entry; `None` for an address without
    /// entries. An address that was forgotten since is one.
    async fn look_back(
        &self,
        addresses: &[Keys],
        as_of: Seq,
    ) -> Result<Vec<Option<Past>>, StoreError>;
    /// What holds for every address, all at one moment, as far as it bears on one question: for long
    /// lists.
    async fn image(&self, sight: Sight) -> Result<Image, StoreError>;
    /// The rule set of that digest.
    async fn rules(&self, digest: Digest) -> Result<Option<Rules>, StoreError>;
    /// Every version of every notice, without their bytes' order mattering: by notice, then version.
    async fn notices(&self) -> Result<Vec<PublishedNotice>, StoreError>;
    /// A text kept by digest: a control's words.
    async fn text(&self, digest: Digest) -> Result<Option<Vec<u8>>, StoreError>;
    /// The receipt of that name.
    async fn receipt(&self, name: ReceiptName) -> Result<Option<KeptReceipt>, StoreError>;
    /// The API key of that hash, revoked and expired ones too, as it was at that glance or later.
    async fn api_key(
        &self,
        glance: Glance,
        hash: Digest,
    ) -> Result<Option<Arc<ApiKey>>, StoreError>;
    /// All API keys, oldest first.
    async fn api_keys(&self) -> Result<Vec<ApiKey>, StoreError>;
    /// Up to `limit` rows after `after`, in order.
    async fn ledger(&self, after: Seq, limit: usize) -> Result<Vec<LedgerRow>, StoreError>;
    /// How many entries the ledger has up to that one, and 0 up to none; `None` where it has no such
    /// entry: a backup was restored that was made before.
    async fn nth(&self, seq: Seq) -> Result<Option<u64>, StoreError>;
    /// The entries of one subject that were not erased, in ledger order, each with its place.
    async fn history(&self, subject: Uuid) -> Result<Vec<(Seq, Entry)>, StoreError>;
    /// The same for many subjects, in the order asked and all at one moment.
    async fn histories(&self, subjects: &[Uuid]) -> Result<Vec<Vec<(Seq, Entry)>>, StoreError>;
    /// Every subject with the standing that is kept for it: up to `limit` whose id is greater than
    /// `after`.
    async fn standings(&self, after: Uuid, limit: usize) -> Result<Vec<KeptStanding>, StoreError>;
    /// Proves that the store answers.
    async fn ping(&self) -> Result<(), StoreError>;
}

/// Writing. Only the recording service holds this.
#[async_trait]
pub trait Write:
    Read + Outbox + Events + Links + Proven + Erase + Handle + StepDomain + Tidy + Peppers
{
    /// Appends the act, durable on return, and returns the place of its first entry. Updates the
    /// standing in the same unit, and makes every key of the act lead to its subject that led to
    /// nobody. Where keys lead to further subjects, the entries are sealed again as theirs as well.
    /// `Conflict` when the first key that leads to anybody leads to another subject than
    /// `act.subject`, or when the proposed subject is known under another address.
    async fn append(&self, act: NewAct) -> Result<Seq, StoreError>;
    /// Appends acts of different addresses as `append` does, in the order given: all of them or none.
    async fn append_all(&self, acts: Vec<NewAct>) -> Result<Seq, StoreError>;
    /// Appends an act that restricts, for which nothing has to be looked up: where the address is
    /// known, its entries are sealed again under the subject that it belongs to. `Conflict` when
    /// `judged_by` is given and another rule set is in force, or when the proposed subject is known.
    async fn restrict(&self, act: NewAct, judged_by: Option<Digest>) -> Result<Seq, StoreError>;
    /// Appends entries that undo the act of that receipt and marks it undone, in one unit. Where the act
    /// was recorded of further subjects, the entries are sealed again as theirs as well. `false` and
    /// nothing written when it was undone before. `Conflict` when the receipt is another subject's or
    /// unknown.
    async fn undo(
        &self,
        name: ReceiptName,
        subject: Uuid,
        entries: Vec<SealedEntry>,
    ) -> Result<bool, StoreError>;
    /// Publishes notice versions, in that order, with the rule set that holds from now on: all of it or
    /// nothing. `Conflict` when a version exists, or is not one more than the newest of its notice (the
    /// first may be any), or when the rule set in force is not `decided_on`.
    async fn publish(
        &self,
        versions: Vec<PublishedNotice>,
        decided_on: Option<Digest>,
        rules: Rules,
    ) -> Result<(), StoreError>;
    /// Puts a rule set in force. `Conflict` when the one in force is not `decided_on`.
    async fn put_rules(
        &self,
        decided_on: Option<Digest>,
        rules: Rules,
        at: Timestamp,
    ) -> Result<(), StoreError>;
    /// Keeps a text by its digest; keeping it again changes nothing.
    async fn keep_text(&self, text: Vec<u8>) -> Result<Digest, StoreError>;
    /// Keeps a new API key. `Conflict` when its hash exists.
    async fn add_api_key(&self, key: ApiKey) -> Result<(), StoreError>;
    /// Revokes the key of that hash; `false` when there is none. Revoking again changes nothing.
    async fn revoke_api_key(&self, hash: Digest, at: Timestamp) -> Result<bool, StoreError>;
}
