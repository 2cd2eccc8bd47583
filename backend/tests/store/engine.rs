//! The engines under test, each on a store of its own that ends with the test.

use backend::store::Write;
use backend::store::sqlite::{Options, Sqlite};
use std::path::PathBuf;
use tempfile::TempDir;

/// A place where a store lives.
pub(crate) trait Engine: Send + Sync {
    /// A new place, empty.
    fn fresh() -> Self;
    /// Opens the store there; again beside an open one, as another process would.
    fn open(&self) -> impl Write + 'static;
}

/// An SQLite file in a directory of its own.
pub(crate) struct SqliteFile {
    directory: TempDir,
}

impl SqliteFile {
    /// Where the database is.
    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join("sayso.db")
    }
}

impl Engine for SqliteFile {
    fn fresh() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
        }
    }

    fn open(&self) -> impl Write + 'static {
        Sqlite::open(&self.path(), Options::service()).unwrap()
    }
}
