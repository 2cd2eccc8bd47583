//! The head of the journal's index: whether anybody has committed, asked without a lock.
//!
//! SQLite keeps beside a database in WAL mode a file, mapped by every process, whose first 96 bytes
//! are two copies of a head that every commit changes before it returns
//! (<https://www.sqlite.org/walformat.html>, 2.1). The format is fixed, since processes with
//! different versions of SQLite share the file; it also names its version.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use rusqlite::Connection;

use super::{Mode, place, schema};

/// The version of the format.
const VERSION: u32 = 3_007_000;

/// How often it is read until nobody is writing it.
const TRIES: usize = 1_000;

/// One copy of the head.
pub(super) type Head = [u8; 48];

/// The file, open for reading.
#[derive(Debug, Clone, Copy)]
pub(super) struct IndexHead(&'static File);

impl IndexHead {
    /// The index of the database at `path`; `None` where there is none to be read.
    ///
    /// The file is never closed: to POSIX that would end all locks that this process holds on it,
    /// those of SQLite included.
    fn open(path: &Path) -> Option<Self> {
        let file = File::open(place::beside(path, "-shm")).ok()?;
        Some(Self(Box::leak(Box::new(file))))
    }

    /// The same for a server once it has proved to tell of commits; commands end too soon to ask twice.
    pub(super) fn proved(path: &Path, mode: Mode, writer: &Connection) -> Option<Self> {
        let index = Self::open(path);
        if mode == Mode::Service && !index.is_some_and(|index| index.follows(writer)) {
            tracing::warn!(
                "the index of the journal does not tell whether anybody has committed: every question is \
                 answered from the database, as rightly and more slowly, until the service starts again"
            );
            return None;
        }
        index
    }

    /// Whether a commit by that connection changes it. A file that a commit leaves as it is belongs to
    /// another database, or to none: whoever relied on it would see no further objection.
    fn follows(self, writer: &Connection) -> bool {
        let before = self.settled();
        let committed = schema::commit(writer).is_ok();
        let after = self.settled();
        committed && before.is_some() && after.is_some() && after != before
    }

    /// The head, as soon as nobody is writing it.
    fn settled(self) -> Option<Head> {
        (0..TRIES).find_map(|_| {
            let head = self.read();
            if head.is_none() {
                std::thread::yield_now();
            }
            head
        })
    }

    /// The head as it is now; `None` while it is being written, or when it cannot be understood.
    pub(super) fn read(self) -> Option<Head> {
        let mut both = [0; 96];
        self.0.read_exact_at(&mut both, 0).ok()?;
        let (one, other) = both.split_at(48);
        let head: Head = one.try_into().ok()?;
        let known = head[..4] == VERSION.to_ne_bytes();
        (known && one == other).then_some(head)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Mode, place, schema};
    use super::IndexHead;

    #[test]
    fn an_index_that_no_commit_changes_is_not_that_of_the_database() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sayso.db");
        let (writer, _held) = schema::open(&path, Mode::Service).unwrap();
        schema::commit(&writer).unwrap();
        let own = IndexHead::open(&path).unwrap();
        assert!(own.follows(&writer));
        let left = directory.path().join("left.db");
        std::fs::copy(place::beside(&path, "-shm"), place::beside(&left, "-shm")).unwrap();
        let left = IndexHead::open(&left).unwrap();
        assert!(left.read().is_some() && !left.follows(&writer));
    }
}
