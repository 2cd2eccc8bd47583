//! The head of the journal's index: whether anybody has committed, asked without a lock.
//!
//! SQLite keeps beside a database in WAL mode a file, mapped by every process, whose first 96 bytes
//! are two copies of a head that every commit changes before it returns
//! (<https://www.sqlite.org/walformat.html>, 2.1). The format is fixed, since processes with
//! different versions of SQLite share the file; it also names its version.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// The version of the format.
const VERSION: u32 = 3_007_000;

/// One copy of the head.
pub(super) type Head = [u8; 48];

/// The file, open for reading.
#[derive(Clone, Copy)]
pub(super) struct IndexHead(&'static File);

impl IndexHead {
    /// The index of the database at `path`; `None` where there is none to be read.
    ///
    /// The file is never closed: to POSIX that would end all locks that this process holds on it,
    /// those of SQLite included.
    pub(super) fn open(path: &Path) -> Option<Self> {
        let mut name = path.as_os_str().to_owned();
        name.push("-shm");
        let file = File::open(name).ok()?;
        Some(Self(Box::leak(Box::new(file))))
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
