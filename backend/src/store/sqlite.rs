//! The SQLite engine: one file, one writer thread that commits in groups, a few readers.
//!
//! Other processes may write beside this one (the command line beside the server), so nothing read
//! from the file is trusted longer than the transaction that read it.

use std::fs::File;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use async_trait::async_trait;
use shared::digest::Digest;
use shared::entry::Entry;
use shared::rules::Rules;
use shared::time::Timestamp;
use uuid::Uuid;

pub use self::backup::Restoring;
use self::checkpoint::Checkpointer;
use self::index_head::IndexHead;
use self::memory::Memory;
use self::reader::{Reader, Readers};
use self::schema::Role;
use self::seen::Seen;
pub use self::whole::Whole;
use self::writer::Writer;
use super::image::{Image, Sight};
use super::{
    ApiKey, Glance, KeptReceipt, KeptStanding, Keys, LedgerRow, NewAct, Past, PublishedNotice,
    Read, ReceiptName, SealedEntry, Seq, Snapshot, StoreError, Write,
};

mod acts;
mod backup;
mod beside;
mod cases;
mod checkpoint;
mod domains;
mod dues;
mod erasure;
mod events;
mod fold;
mod image;
mod index_head;
mod links;
mod memory;
mod outbox;
mod peppers;
mod place;
mod problem;
mod publication;
mod queue;
mod reader;
mod restored;
mod rows;
mod schema;
mod seen;
mod tidying;
mod waiting;
mod whole;
mod writer;

/// Addresses of one look-up that are read on the caller's own thread: a few microseconds each.
const INLINE: usize = 32;

/// Who opens the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A server: checkpoints run on a thread of their own, so that no write waits for them.
    Service,
    /// A command that ends soon: SQLite checkpoints by itself.
    Command,
}

/// How to open a store.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Who opens it.
    pub mode: Mode,
    /// Connections for point reads.
    pub readers: usize,
    /// Connections for longer reads.
    pub scanners: usize,
    /// Writes that may wait; further callers wait before they are queued.
    pub queue: usize,
    /// Bytes of memory that what holds for everybody may take; 0 for none.
    pub memory: usize,
}

/// What a server takes for it unless it is told otherwise: enough for ten million contacts.
pub const MEMORY: usize = 1 << 30;

impl Options {
    /// For a server.
    #[must_use]
    pub const fn service() -> Self {
        Self {
            mode: Mode::Service,
            readers: 4,
            scanners: 2,
            queue: 1024,
            memory: MEMORY,
        }
    }

    /// For a command that ends soon.
    #[must_use]
    pub fn command() -> Self {
        Self {
            mode: Mode::Command,
            readers: 1,
            scanners: thread::available_parallelism()
                .map_or(1, NonZero::get)
                .min(4),
            queue: 1024,
            memory: 0,
        }
    }
}

/// An open SQLite store. Dropping it writes what is queued, then closes the file.
#[derive(Debug)]
pub struct Sqlite {
    /// The file itself, whatever link led to it.
    path: PathBuf,
    /// The list of erasures.
    list: PathBuf,
    writer: Writer,
    /// Tells whether anybody has committed; `None` where that cannot be told.
    index: Option<IndexHead>,
    /// For what takes microseconds: used on the caller's thread.
    points: Readers,
    /// For what takes longer: used on a blocking thread.
    scans: Arc<Readers>,
    memory: Option<Memory>,
    seen: Seen,
    /// After the writer: its last checkpoint must find nobody writing.
    _checkpointer: Option<Checkpointer>,
    /// Last: others may take the database's place once everything is closed.
    _held: File,
}

impl Sqlite {
    /// Opens the database at `path`, and creates it (mode 0600) or brings its schema up to date
    /// where needed, which takes as long as it takes to fold every contact's entries where an older
    /// version wrote it. Safe when several processes do so at once.
    ///
    /// # Errors
    /// `FromTheFuture` when a later version wrote it, `Corrupt` when it is no database of Sayso,
    /// `Unavailable` when it cannot be opened or written, or has to be brought up to date while
    /// somebody has it open.
    pub fn open(path: &Path, options: Options) -> Result<Self, StoreError> {
        let file = place::follow(path);
        place::lead_somewhere(path, &file)?;
        Self::open_file(file, erasure::list_of(path), options)
    }

    /// The same of that file, whose erasures are on that list.
    fn open_file(path: PathBuf, list: PathBuf, options: Options) -> Result<Self, StoreError> {
        let (connection, held) = schema::open(&path, options.mode)?;
        erasure::list_waiting(&connection, &list)?;
        let points = Readers::open(&path, options.readers.max(1), Role::Reader)?;
        let scans = Arc::new(Readers::open(
            &path,
            options.scanners.max(1),
            Role::Scanner,
        )?);
        let index = IndexHead::proved(&path, options.mode, &connection);
        let checkpointer = match options.mode {
            Mode::Service => Some(Checkpointer::start(&path)?),
            Mode::Command => None,
        };
        let memory = Memory::start(&path, index, options.memory)?;
        let signal = checkpointer.as_ref().map(Checkpointer::signal);
        let writer = Writer::start(connection, options.queue, signal)?;
        Ok(Self {
            path,
            list,
            writer,
            index,
            points,
            scans,
            memory,
            seen: Seen::default(),
            _checkpointer: checkpointer,
            _held: held,
        })
    }

    /// Whether there is a database at `path`, or something that [`Self::open`] says more of than that
    /// there is none: a link to nothing, or what a restore that was cut off has left.
    #[must_use]
    pub fn is_at(path: &Path) -> bool {
        path.is_file() || place::is_amiss(path)
    }

    /// Waits until what holds for everybody is in memory, or cannot be. Answers are right before that
    /// too, but slower.
    pub fn settle(&self) {
        if let Some(memory) = &self.memory {
            memory.settle();
        }
    }

    async fn scan<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let scans = Arc::clone(&self.scans);
        tokio::task::spawn_blocking(move || scans.with(read))
            .await
            .map_err(|_| problem::closed())?
    }
}

#[async_trait]
impl Read for Sqlite {
    fn glance(&self) -> Glance {
        Glance(self.index.and_then(IndexHead::read))
    }

    async fn look_up_since(
        &self,
        Glance(head): Glance,
        addresses: &[Keys],
    ) -> Result<Snapshot, StoreError> {
        if let (Some(memory), Some(head)) = (&self.memory, head)
            && let Some(snapshot) = memory.look_up(&self.points, head, addresses)?
        {
            return Ok(snapshot);
        }
        if addresses.len() <= INLINE {
            return self.points.with(|reader| reader.look_up(addresses));
        }
        let addresses = addresses.to_vec();
        self.scan(move |reader| reader.look_up(&addresses)).await
    }

    async fn look_back(
        &self,
        addresses: &[Keys],
        as_of: Seq,
    ) -> Result<Vec<Option<Past>>, StoreError> {
        let addresses = addresses.to_vec();
        self.scan(move |reader| reader.look_back(&addresses, as_of))
            .await
    }

    async fn image(&self, sight: Sight) -> Result<Image, StoreError> {
        let (path, index) = (self.path.clone(), self.index);
        tokio::task::spawn_blocking(move || image::read(&path, index, &sight))
            .await
            .map_err(|_| problem::closed())?
    }

    async fn rules(&self, digest: Digest) -> Result<Option<Rules>, StoreError> {
        self.points.with(|reader| reader.rules(digest))
    }

    async fn notices(&self) -> Result<Vec<PublishedNotice>, StoreError> {
        self.scan(|reader| reader.notices()).await
    }

    async fn text(&self, digest: Digest) -> Result<Option<Vec<u8>>, StoreError> {
        self.points.with(|reader| reader.text(digest))
    }

    async fn receipt(&self, name: ReceiptName) -> Result<Option<KeptReceipt>, StoreError> {
        self.points.with(|reader| reader.receipt(name))
    }

    async fn api_key(
        &self,
        Glance(head): Glance,
        hash: Digest,
    ) -> Result<Option<Arc<ApiKey>>, StoreError> {
        self.seen.api_key(head, hash, || {
            self.points.with(|reader| reader.api_key(hash))
        })
    }

    async fn api_keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        self.points.with(|reader| reader.api_keys())
    }

    async fn ledger(&self, after: Seq, limit: usize) -> Result<Vec<LedgerRow>, StoreError> {
        self.scan(move |reader| reader.ledger(after, limit)).await
    }

    async fn nth(&self, seq: Seq) -> Result<Option<u64>, StoreError> {
        self.points
            .with(|reader| restored::nth(reader.connection(), seq))
    }

    async fn history(&self, subject: Uuid) -> Result<Vec<(Seq, Entry)>, StoreError> {
        self.scan(move |reader| reader.history(subject)).await
    }

    async fn histories(&self, subjects: &[Uuid]) -> Result<Vec<Vec<(Seq, Entry)>>, StoreError> {
        let subjects = subjects.to_vec();
        self.scan(move |reader| reader.histories(&subjects)).await
    }

    async fn standings(&self, after: Uuid, limit: usize) -> Result<Vec<KeptStanding>, StoreError> {
        self.scan(move |reader| reader.standings(after, limit))
            .await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.writer.ping()?;
        self.points.with(|reader| reader.ping())
    }
}

#[async_trait]
impl Write for Sqlite {
    async fn append(&self, act: NewAct) -> Result<Seq, StoreError> {
        self.writer
            .run(move |batch| acts::append(batch, &act))
            .await
    }

    async fn append_all(&self, acts: Vec<NewAct>) -> Result<Seq, StoreError> {
        self.writer
            .run(move |batch| acts::append_all(batch, &acts))
            .await
    }

    async fn restrict(&self, act: NewAct, judged_by: Option<Digest>) -> Result<Seq, StoreError> {
        self.writer
            .run(move |batch| acts::restrict(batch, &act, judged_by))
            .await
    }

    async fn undo(
        &self,
        name: ReceiptName,
        subject: Uuid,
        entries: Vec<SealedEntry>,
    ) -> Result<bool, StoreError> {
        self.writer
            .run(move |batch| acts::undo(batch, name, subject, &entries))
            .await
    }

    async fn publish(
        &self,
        versions: Vec<PublishedNotice>,
        decided_on: Option<Digest>,
        rules: Rules,
    ) -> Result<(), StoreError> {
        self.writer
            .run(move |batch| publication::publish(batch, &versions, decided_on, &rules))
            .await
    }

    async fn put_rules(
        &self,
        decided_on: Option<Digest>,
        rules: Rules,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.writer
            .run(move |batch| publication::put_rules(batch, decided_on, &rules, at))
            .await
    }

    async fn keep_text(&self, text: Vec<u8>) -> Result<Digest, StoreError> {
        let digest = Digest::of(&text);
        if self.points.with(|reader| reader.has_text(digest))? {
            return Ok(digest);
        }
        self.writer
            .run(move |batch| publication::keep_text(batch, digest, &text))
            .await?;
        Ok(digest)
    }

    async fn add_api_key(&self, key: ApiKey) -> Result<(), StoreError> {
        self.writer
            .run(move |batch| publication::add_api_key(batch, &key))
            .await
    }

    async fn revoke_api_key(&self, hash: Digest, at: Timestamp) -> Result<bool, StoreError> {
        self.writer
            .run(move |batch| publication::revoke_api_key(batch, hash, at))
            .await
    }
}
