//! What holds for everybody, kept in memory: a server answers from it, however many there are.
//!
//! It is as new as the database at every answer. The head of the journal's index says whether anybody
//! has committed, this process or another; if so, the subjects of the entries since are read again
//! first. Every change of a standing, and every key that leads somewhere new or nowhere any more, comes
//! with an entry of its subject, so that nothing else has to be compared. A key that is added to a subject
//! without one leads where an older key of the same address does, by which whoever asks finds it too.
//! Where memory cannot answer, SQLite is asked.

use std::fmt;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock, PoisonError};
use std::thread::{Builder, JoinHandle};

use crossbeam_utils::sync::ShardedLock;
use rusqlite::Connection;
use shared::address::AddressKey;

use super::index_head::{Head, IndexHead};
use super::reader::{Moment, Readers, state};
use super::schema::{self, Role};
use super::{problem, rows};
use crate::store::{Keys, Seq, Snapshot, StoreError, StoredRules};

use self::people::People;

mod forms;
mod people;

/// Entries that are caught up with while a caller waits: a few milliseconds.
const NEAR: Seq = 512;
/// Subjects, or entries, that are read at once.
const STEP: i64 = 4_096;

/// Answers from memory, and the thread that fills it.
pub(super) struct Memory {
    shared: Arc<Shared>,
    /// Asks the thread to catch up; `None` once closing.
    behind: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    index: IndexHead,
    /// Bytes that may be taken.
    most: usize,
    /// `None` until it is filled, and when there are too many. Looked into by every decision, on all
    /// processors at once, and changed by commits alone.
    everybody: ShardedLock<Option<Everybody>>,
    /// Set once it was filled, or given up.
    settled: OnceLock<()>,
    closing: AtomicBool,
}

/// Everybody, at one moment.
#[derive(Default)]
struct Everybody {
    /// The head of the index before that moment.
    head: Option<Head>,
    as_of: Seq,
    rules: Option<(i64, Arc<StoredRules>)>,
    people: People,
}

impl Memory {
    /// Starts to fill it, within so many bytes; `None` where it cannot be told whether anybody has
    /// committed.
    pub(super) fn start(
        path: &Path,
        index: Option<IndexHead>,
        most: usize,
    ) -> Result<Option<Self>, StoreError> {
        let Some(index) = index.filter(|_| most > 0) else {
            return Ok(None);
        };
        let connection = schema::connect(path, Role::Reader)?;
        let shared = Arc::new(Shared {
            index,
            most,
            everybody: ShardedLock::new(None),
            settled: OnceLock::new(),
            closing: AtomicBool::new(false),
        });
        let (behind, looks) = sync_channel(1);
        let thread = Builder::new()
            .name("store-memory".to_owned())
            .spawn({
                let shared = Arc::clone(&shared);
                move || {
                    shared.fill(&connection);
                    let _ = shared.settled.set(());
                    shared.keep_up(&connection, &looks);
                }
            })
            .map_err(|_| problem::unavailable("the system starts no further thread"))?;
        Ok(Some(Self {
            shared,
            behind: Some(behind),
            thread: Some(thread),
        }))
    }

    /// Waits until it is filled, or it turned out that it cannot be.
    pub(super) fn settle(&self) {
        self.shared.settled.wait();
    }

    /// What holds for each address, all at one moment that is not before that head, as
    /// [`super::Reader::look_up`] says it; `None` where SQLite has to be asked.
    pub(super) fn look_up(
        &self,
        readers: &Readers,
        head: Head,
        addresses: &[Keys],
    ) -> Result<Option<Snapshot>, StoreError> {
        if let Some(answer) = self.shared.answer(addresses, Some(head))? {
            return Ok(Some(answer));
        }
        if !readers.with(|reader| self.shared.catch_up(reader.connection()))? {
            if let Some(behind) = &self.behind {
                // Full means that it will look anyway.
                let _ = behind.try_send(());
            }
            return Ok(None);
        }
        self.shared.answer(addresses, None)
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Memory")
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::Relaxed);
        drop(self.behind.take());
        if let Some(thread) = self.thread.take() {
            // A panic of that thread was reported when it happened.
            let _ = thread.join();
        }
    }
}

impl Shared {
    /// The answer, if memory holds one: as of exactly that head, where one is given.
    fn answer(
        &self,
        addresses: &[Keys],
        head: Option<Head>,
    ) -> Result<Option<Snapshot>, StoreError> {
        // Whoever panicked while changing it may have left it half changed: then it is not used.
        let Ok(everybody) = self.everybody.read() else {
            return Ok(None);
        };
        match &*everybody {
            Some(all) if all.head.is_some() && (head.is_none() || head == all.head) => {
                all.answer(addresses).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Reads what was committed since, if that is little; `false` where there is nothing to answer
    /// from, or it became too much to keep.
    fn catch_up(&self, connection: &Connection) -> Result<bool, StoreError> {
        let Ok(mut everybody) = self.everybody.write() else {
            return Ok(false);
        };
        let Some(all) = &mut *everybody else {
            return Ok(false);
        };
        let head = self.index.read();
        if head.is_some() && head == all.head {
            return Ok(true);
        }
        let moment = Moment::of(connection)?;
        let (_, last) = all.ends(moment.connection())?;
        if head.is_none() || last.saturating_sub(all.as_of) > NEAR {
            return Ok(false);
        }
        all.read_since(moment.connection(), last)?;
        if !self.fits(all) {
            *everybody = None;
            return Ok(false);
        }
        all.arrive(moment.connection(), head)?;
        Ok(true)
    }

    /// Reads everybody, a few at a time, so that nobody has to wait; what changes meanwhile is read
    /// again.
    fn fill(&self, connection: &Connection) {
        let filled = || -> Result<Option<Everybody>, StoreError> {
            let mut all = Everybody::default();
            let (people, as_of) = all.ends(connection)?;
            all.as_of = as_of;
            let mut next = 0;
            while next <= people {
                all.read(connection, next..=next + STEP - 1)?;
                next += STEP;
                if self.closing.load(Ordering::Relaxed) || !self.fits(&all) {
                    return Ok(None);
                }
            }
            Ok(self.follow(connection, &mut all)?.then_some(all))
        };
        let all = filled().unwrap_or_else(|error| given_up(&error));
        *self
            .everybody
            .write()
            .unwrap_or_else(PoisonError::into_inner) = all;
    }

    /// Catches up whenever a caller found that there is too much to read, until nobody can ask.
    fn keep_up(&self, connection: &Connection, looks: &Receiver<()>) {
        while looks.recv().is_ok() && !self.closing.load(Ordering::Relaxed) {
            let Ok(mut everybody) = self.everybody.write() else {
                return;
            };
            let Some(mut all) = everybody.take() else {
                return;
            };
            // Callers ask SQLite meanwhile.
            drop(everybody);
            let kept = self.follow(connection, &mut all).unwrap_or_else(|error| {
                given_up::<()>(&error);
                false
            });
            if let Ok(mut everybody) = self.everybody.write() {
                *everybody = kept.then_some(all);
            }
        }
    }

    /// Reads what was committed since, however much that is; `false` where it became too much to keep.
    fn follow(&self, connection: &Connection, all: &mut Everybody) -> Result<bool, StoreError> {
        loop {
            if self.closing.load(Ordering::Relaxed) || !self.fits(all) {
                return Ok(false);
            }
            let head = self.index.read();
            let moment = Moment::of(connection)?;
            let (_, last) = all.ends(moment.connection())?;
            let step = last.min(all.as_of + STEP.cast_unsigned());
            all.read_since(moment.connection(), step)?;
            if step == last {
                all.arrive(moment.connection(), head)?;
                return Ok(true);
            }
        }
    }

    fn fits(&self, all: &Everybody) -> bool {
        let fits = all.people.size() <= self.most;
        if !fits {
            tracing::info!(
                "what holds for everybody is more than memory_mb allows: every question is answered \
                 from the database"
            );
        }
        fits
    }
}

fn given_up<T>(error: &StoreError) -> Option<T> {
    tracing::warn!(
        error = %error,
        "what holds for everybody cannot be read into memory: every question is answered from the \
         database"
    );
    None
}

impl Everybody {
    fn answer(&self, addresses: &[Keys]) -> Result<Snapshot, StoreError> {
        Ok(Snapshot {
            as_of: self.as_of,
            rules: self.rules.as_ref().map(|(_, rules)| Arc::clone(rules)),
            known: self.people.find_all(addresses)?,
        })
    }

    /// The number of the last subject, and the last entry.
    fn ends(&self, connection: &Connection) -> Result<(i64, Seq), StoreError> {
        let ends = connection
            .prepare_cached(
                "SELECT coalesce((SELECT max(no) FROM subject), 0),
                        coalesce((SELECT max(seq) FROM ledger), 0)",
            )?
            .query_row((), |row| Ok((row.get(0)?, rows::seq(row, 1)?)))?;
        Ok(ends)
    }

    /// Reads the subjects again whose entries came since, up to the entry `last`.
    fn read_since(&mut self, connection: &Connection, last: Seq) -> Result<(), StoreError> {
        let mut changed = connection.prepare_cached(
            "SELECT DISTINCT subject_no FROM payload WHERE seq > ?1 AND seq <= ?2",
        )?;
        let range = (self.as_of.cast_signed(), last.cast_signed());
        let changed = changed.query_map(range, |row| row.get(0))?;
        for no in changed.collect::<Result<Vec<i64>, _>>()? {
            self.read(connection, no..=no)?;
        }
        self.as_of = last;
        Ok(())
    }

    /// Reads the subjects of those numbers.
    fn read(
        &mut self,
        connection: &Connection,
        numbers: RangeInclusive<i64>,
    ) -> Result<(), StoreError> {
        let mut statement = connection.prepare_cached(
            "SELECT no, subject, standing, generation, address_key
             FROM subject LEFT JOIN subject_key ON subject_no = no
             WHERE no >= ?1 AND no <= ?2 ORDER BY no",
        )?;
        let mut found = statement.query((numbers.start(), numbers.end()))?;
        let mut before = None;
        while let Some(row) = found.next()? {
            let no = usize::try_from(row.get::<_, i64>(0)?).unwrap_or(usize::MAX);
            let Some(generation) = row.get(3)? else {
                self.people.forget(no);
                continue;
            };
            if before != Some(no) {
                let written = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
                self.people.put(no, rows::uuid(row, 1)?, written);
                before = Some(no);
            }
            let key = AddressKey::from_bytes(row.get(4)?);
            self.people.name((generation, key), no);
        }
        Ok(())
    }

    /// From now on it answers as of that moment.
    fn arrive(&mut self, moment: &Connection, head: Option<Head>) -> Result<(), StoreError> {
        if state(moment, &mut self.rules)?.rules.is_none() {
            self.rules = None;
        }
        self.head = head;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::super::{Options, Sqlite};
    use crate::store::Read as _;

    /// A hundred further subjects, each with a key and an entry.
    const GROWS: &str = "
        CREATE TEMP TABLE next AS
          WITH RECURSIVE next(no) AS (
            SELECT coalesce((SELECT max(seq) FROM ledger), 0) + 1
            UNION ALL SELECT no + 1 FROM next LIMIT 100
          ) SELECT no FROM next;
        BEGIN;
        INSERT INTO ledger SELECT no, zeroblob(32) FROM next;
        INSERT INTO subject (no, subject, standing) SELECT no, randomblob(16), x'7b7d' FROM next;
        INSERT INTO subject_key SELECT 1, randomblob(32), no FROM next;
        INSERT INTO payload SELECT no, no, zeroblob(32), x'00' FROM next;
        COMMIT;
        DROP TABLE next;";

    #[tokio::test]
    async fn what_grows_out_of_its_memory_in_small_steps_is_let_go() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sayso.db");
        let options = Options {
            memory: 64 << 10,
            ..Options::service()
        };
        let store = Sqlite::open(&path, options).unwrap();
        store.settle();
        let shared = &store.memory.as_ref().unwrap().shared;
        let beside = Connection::open(&path).unwrap();
        let mut was_kept = false;
        for step in 1..=20 {
            beside.execute_batch(GROWS).unwrap();
            assert_eq!(store.look_up(&[]).await.unwrap().as_of, 100 * step);
            let everybody = shared.everybody.read().unwrap();
            let size = everybody.as_ref().map(|all| all.people.size());
            assert!(size <= Some(shared.most), "{size:?} after {step}");
            was_kept |= size > Some(0);
        }
        assert!(was_kept && shared.everybody.read().unwrap().is_none());
    }
}
