//! Reading: connections that cannot write, and what is asked of them.

use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};

use rusqlite::{Connection, OptionalExtension as _};
use shared::digest::Digest;
use shared::entry::{Entry, Salt};
use shared::rules::Rules;
use shared::time::Timestamp;
use uuid::Uuid;

use super::beside;
use super::links;
use super::outbox;
use super::rows;
use super::schema::{self, Role};
use crate::store::dues::KeptDue;
use crate::store::links::KeptSession;
use crate::store::{
    ApiKey, KeptReceipt, KeptStanding, LedgerRow, PublishedNotice, ReceiptName, Seq, StoreError,
    StoredRules,
};

mod look_back;
mod look_up;

pub(super) use look_up::state;

/// A few readers, each used by one thread at a time.
pub(super) struct Readers {
    all: Vec<Mutex<Reader>>,
    next: AtomicUsize,
}

impl Readers {
    pub(super) fn open(path: &Path, count: usize, role: Role) -> Result<Self, StoreError> {
        let open = |_| {
            let connection = schema::connect(path, role)?;
            // The first read makes the index, if nobody has it open yet.
            connection.query_row("SELECT count(*) FROM rules", (), |_| Ok(()))?;
            Ok(connection)
        };
        let connections: Vec<_> = (0..count).map(open).collect::<Result<_, StoreError>>()?;
        let reader = |connection| {
            Mutex::new(Reader {
                connection,
                in_force: None,
            })
        };
        Ok(Self {
            all: connections.into_iter().map(reader).collect(),
            next: AtomicUsize::new(0),
        })
    }

    /// Runs `read` on a reader that is free, or waits for one.
    pub(super) fn with<T>(
        &self,
        read: impl FnOnce(&mut Reader) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        for reader in &self.all {
            match reader.try_lock() {
                Ok(mut reader) => return read(&mut reader),
                Err(TryLockError::Poisoned(poisoned)) => return read(&mut poisoned.into_inner()),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.all.len();
        // A reader holds nothing that a panic could leave half done: transactions end on unwinding.
        read(
            &mut self.all[turn]
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}

impl fmt::Debug for Readers {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Readers({})", self.all.len())
    }
}

/// One connection for reading.
pub(super) struct Reader {
    connection: Connection,
    /// The rules last seen in force, by row. Rows of that table never change; which is the last
    /// one is asked after every commit.
    in_force: Option<(i64, Arc<StoredRules>)>,
}

impl Reader {
    pub(super) fn rules(&self, digest: Digest) -> Result<Option<Rules>, StoreError> {
        let found: Option<(i64, Vec<u8>)> = self
            .connection
            .prepare_cached("SELECT id, canonical FROM rules WHERE digest = ?1 LIMIT 1")?
            .query_row([digest.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        found
            .map(|(id, canonical)| rows::rules(id, &canonical))
            .transpose()
    }

    pub(super) fn notices(&self) -> Result<Vec<PublishedNotice>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT notice, version, digest, kind, canonical, published_at
             FROM notice ORDER BY notice, version",
        )?;
        let notices = statement.query_map((), rows::notice)?;
        Ok(notices.collect::<Result<_, _>>()?)
    }

    pub(super) fn text(&self, digest: Digest) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self
            .connection
            .prepare_cached("SELECT bytes FROM text WHERE digest = ?1")?
            .query_row([digest.as_bytes()], |row| row.get(0))
            .optional()?)
    }

    pub(super) fn has_text(&self, digest: Digest) -> Result<bool, StoreError> {
        Ok(self
            .connection
            .prepare_cached("SELECT 1 FROM text WHERE digest = ?1")?
            .exists([digest.as_bytes()])?)
    }

    pub(super) fn receipt(&self, name: ReceiptName) -> Result<Option<KeptReceipt>, StoreError> {
        let moment = Moment::of(&self.connection)?;
        let found = moment
            .0
            .prepare_cached(
                "SELECT subject.subject, undo, undo_until, undone, first_seq, first_seq + count
                 FROM receipt JOIN subject ON subject.no = receipt.subject_no WHERE name = ?1",
            )?
            .query_row([name.0], |row| {
                let kept = KeptReceipt {
                    subject: rows::uuid(row, 0)?,
                    entries: Vec::new(),
                    beside: Vec::new(),
                    undo: row.get(1)?,
                    undo_until: rows::moment(row, 2)?,
                    undone: row.get(3)?,
                };
                Ok((kept, row.get::<_, i64>(4)?, row.get::<_, i64>(5)?))
            })
            .optional()?;
        let Some((mut kept, first, end)) = found else {
            return Ok(None);
        };
        let mut statement = moment.0.prepare_cached(
            "SELECT seq, canonical FROM payload WHERE seq >= ?1 AND seq < ?2 ORDER BY seq",
        )?;
        kept.entries = entries(statement.query((first, end))?)?
            .into_iter()
            .map(|(_, entry)| entry)
            .collect();
        let others = beside::subjects(moment.0, first, end - first)?.into_iter();
        kept.beside = others.map(|(_, subject)| subject).collect();
        Ok(Some(kept))
    }

    pub(super) fn api_key(&self, hash: Digest) -> Result<Option<ApiKey>, StoreError> {
        Ok(self
            .connection
            .prepare_cached(
                "SELECT hash, label, last4, scopes, created_at, expires_at, revoked_at
                 FROM api_key WHERE hash = ?1",
            )?
            .query_row([hash.as_bytes()], rows::api_key)
            .optional()?)
    }

    pub(super) fn api_keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT hash, label, last4, scopes, created_at, expires_at, revoked_at
             FROM api_key ORDER BY created_at, id",
        )?;
        let keys = statement.query_map((), rows::api_key)?;
        Ok(keys.collect::<Result<_, _>>()?)
    }

    pub(super) fn ledger(&self, after: Seq, limit: usize) -> Result<Vec<LedgerRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT ledger.seq, commitment, salt, canonical
             FROM ledger LEFT JOIN payload ON payload.seq = ledger.seq
             WHERE ledger.seq > ?1 ORDER BY ledger.seq LIMIT ?2",
        )?;
        let found = statement.query_map(page(after, limit), |row| {
            let salt: Option<[u8; 32]> = row.get(2)?;
            let canonical: Option<Vec<u8>> = row.get(3)?;
            Ok(LedgerRow {
                seq: rows::seq(row, 0)?,
                commitment: rows::digest(row, 1)?,
                payload: salt.map(Salt).zip(canonical),
            })
        })?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    pub(super) fn history(&self, subject: Uuid) -> Result<Vec<(Seq, Entry)>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT seq, canonical FROM payload
             WHERE subject_no = (SELECT no FROM subject WHERE subject = ?1) ORDER BY seq",
        )?;
        entries(statement.query([subject.as_bytes()])?)
    }

    pub(super) fn histories(
        &self,
        subjects: &[Uuid],
    ) -> Result<Vec<Vec<(Seq, Entry)>>, StoreError> {
        let _moment = Moment::of(&self.connection)?;
        subjects.iter().map(|one| self.history(*one)).collect()
    }

    pub(super) fn standings(
        &self,
        after: Uuid,
        limit: usize,
    ) -> Result<Vec<KeptStanding>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT no, subject, standing, notice_due, notice_told FROM subject
             WHERE subject > ?1 ORDER BY subject LIMIT ?2",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut found = statement.query((after.as_bytes(), limit))?;
        let mut standings = Vec::new();
        while let Some(row) = found.next()? {
            let bytes = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
            standings.push(KeptStanding {
                subject: rows::uuid(row, 1)?,
                standing: rows::standing(row.get(0)?, bytes)?,
                due: KeptDue {
                    by: row.get::<_, Option<i64>>(3)?.map(Timestamp::from_millis),
                    told: row.get::<_, Option<i64>>(4)?.map(Timestamp::from_millis),
                },
            });
        }
        Ok(standings)
    }

    pub(super) fn session(&self, name: Digest) -> Result<Option<KeptSession>, StoreError> {
        links::session(&self.connection, name)
    }

    /// The connection, for what is read in another file.
    pub(super) const fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(super) fn next_letter(&self) -> Result<Option<Timestamp>, StoreError> {
        outbox::next(&self.connection)
    }

    pub(super) fn ping(&self) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("SELECT max(seq) FROM ledger")?
            .query_row((), |_| Ok(()))?;
        Ok(())
    }
}

/// A moment that all reads of one answer share: a transaction that ends when this is dropped.
pub(super) struct Moment<'c>(&'c Connection);

impl<'c> Moment<'c> {
    pub(super) fn of(connection: &'c Connection) -> Result<Self, rusqlite::Error> {
        connection.prepare_cached("BEGIN DEFERRED")?.execute(())?;
        Ok(Self(connection))
    }

    pub(super) const fn connection(&self) -> &'c Connection {
        self.0
    }
}

impl Drop for Moment<'_> {
    fn drop(&mut self) {
        // Nothing was written, so nothing can be lost; an unwinding read has ended its statements.
        let end = |how| {
            self.0
                .prepare_cached(how)
                .and_then(|mut end| end.execute(()))
        };
        let _ = end("COMMIT").or_else(|_| end("ROLLBACK"));
    }
}

/// Entries, from rows with place and canonical bytes.
pub(super) fn entries(mut found: rusqlite::Rows<'_>) -> Result<Vec<(Seq, Entry)>, StoreError> {
    let mut entries = Vec::new();
    while let Some(row) = found.next()? {
        let seq = rows::seq(row, 0)?;
        let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        entries.push((seq, rows::entry(seq, bytes)?));
    }
    Ok(entries)
}

fn page(after: Seq, limit: usize) -> (i64, i64) {
    (
        i64::try_from(after).unwrap_or(i64::MAX),
        i64::try_from(limit).unwrap_or(i64::MAX),
    )
}
