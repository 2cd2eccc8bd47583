//! Copies of the whole database, made while it is in use, and put back while it is not.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use sha2::{Digest as _, Sha256};

use super::place::{self, REPLACED, STAGED, beside};
use super::schema::{self, Role};
use super::{Mode, Options, Sqlite, erasure, problem, restored};
use crate::store::{Seq, StoreError};

/// Added to the name of a backup for the file with its checksum, as `sha256sum -c` reads it.
const CHECKSUM: &str = ".sha256";
/// What SQLite and Sayso keep beside a database.
const BESIDE: [&str; 4] = ["-wal", "-shm", "-lock", "-open"];

impl Sqlite {
    /// Copies the database as it is at one moment into a new file that only its owner may read, with
    /// its checksum in a file beside it. Nobody has to wait for it.
    ///
    /// # Errors
    /// `Unavailable` when the file exists already or cannot be written; nothing is left of it then.
    pub async fn back_up(&self, to: &Path) -> Result<(), StoreError> {
        let (from, to) = (self.path.clone(), to.to_owned());
        tokio::task::spawn_blocking(move || {
            new_file(&to)?;
            let copied = copy(&from, &to).and_then(|()| {
                let sum = checksum(&to)?;
                let name = to.file_name().unwrap_or_default().to_string_lossy();
                let mut into = new_file(&beside(&to, CHECKSUM))?;
                into.write_all(format!("{sum}  {name}\n").as_bytes())
                    .and_then(|()| into.sync_all())
                    .map_err(|_| unwritten())
            });
            if copied.is_err() {
                // What is half written must not be taken for a backup.
                let _ = fs::remove_file(&to);
            }
            copied
        })
        .await
        .map_err(|_| problem::closed())?
    }
}

/// A backup on its way back: copied beside the database, and not yet in its place.
#[derive(Debug)]
pub struct Restoring {
    database: PathBuf,
    staged: PathBuf,
    /// The list of erasures of the database.
    list: PathBuf,
    _alone: File,
}

impl Restoring {
    /// Checks the backup and copies it beside the database. Where a restore was cut off, and the backup
    /// is a whole one, the database that was there before is put back.
    ///
    /// # Errors
    /// `Unavailable` when anybody has the database open, or another database was replaced before
    /// and is still kept; `Corrupt` when the backup is not what was written.
    pub fn begin(database: &Path, backup: &Path) -> Result<Self, StoreError> {
        let list = erasure::list_of(database);
        let database = place::follow(database);
        let alone = place::alone(&database)?.ok_or_else(|| {
            problem::unavailable("the service or a command has the database open: stop it first")
        })?;
        if !beside(&database, REPLACED).exists() {
            // Left without its database: beside the next one it would be taken for that one's.
            let _ = fs::remove_file(beside(&beside(&database, REPLACED), "-wal"));
        } else if database.exists() {
            return Err(problem::unavailable(
                "the database that an earlier restore replaced is still there, with the ending \
                 .replaced: delete it once you do not need it, then restore",
            ));
        }
        let staged = beside(&database, STAGED);
        remove(&staged);
        let sum = fs::read_to_string(beside(backup, CHECKSUM)).map_err(|_| {
            problem::unavailable("the checksum of the backup, FILE.sha256 beside it, cannot be read: check the path of the backup")
        })?;
        let mut from = File::open(backup)
            .map_err(|_| problem::unavailable("the backup cannot be read: check its path"))?;
        let mut into = new_file(&staged)?;
        std::io::copy(&mut from, &mut into)
            .and_then(|_| into.sync_all())
            .map_err(|_| unwritten())?;
        let restoring = Self {
            database,
            staged,
            list,
            _alone: alone,
        };
        if sum.split_whitespace().next() != Some(checksum(&restoring.staged)?.as_str()) {
            return Err(problem::corrupt(
                "the backup",
                "it is not what its checksum says: take another one",
            ));
        }
        place::put_back(&restoring.database)?;
        Ok(restoring)
    }

    /// The database whose place the copy takes; `None` where there is none.
    #[must_use]
    pub fn replaces(&self) -> Option<&Path> {
        self.database.exists().then_some(self.database.as_path())
    }

    /// The last number that the database handed out whose place the copy takes; 0 where there is none,
    /// or it cannot be read.
    #[must_use]
    pub fn handed_out(&self) -> Seq {
        let Some(database) = self.replaces() else {
            return 0;
        };
        schema::connect(database, Role::Reader)
            .and_then(|connection| restored::last(&connection))
            .unwrap_or(0)
    }

    /// Opens the copy and brings it up to date, to be checked.
    ///
    /// # Errors
    /// Those of [`Sqlite::open`].
    pub fn open(&self, options: Options) -> Result<Sqlite, StoreError> {
        Sqlite::open_file(self.staged.clone(), self.list.clone(), options)
    }

    /// Puts the copy in the place of the database. Nobody may have it open any more. Returns where
    /// the database is kept that was there before.
    ///
    /// # Errors
    /// `Unavailable` when files cannot be renamed.
    pub fn finish(self) -> Result<Option<PathBuf>, StoreError> {
        let replaced = beside(&self.database, REPLACED);
        let was_there = self.database.exists();
        if was_there {
            // One file less that has to be moved with it. A damaged one is moved as it is.
            let _ = erasure::empty_journal(&self.database);
        }
        for suffix in ["", "-wal"] {
            place::rename(&beside(&self.database, suffix), &beside(&replaced, suffix))?;
        }
        let _ = fs::remove_file(beside(&self.database, "-shm"));
        fs::rename(&self.staged, &self.database).map_err(|_| place::unmoved())?;
        if let Some(directory) = self.database.parent() {
            File::open(directory)
                .and_then(|directory| directory.sync_all())
                .map_err(|_| place::unmoved())?;
        }
        Ok(was_there.then_some(replaced))
    }
}

impl Drop for Restoring {
    fn drop(&mut self) {
        remove(&self.staged);
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    let source = schema::connect(from, Role::Writer(Mode::Command))?;
    let mut target = Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // In one step: of one moment, however much is written meanwhile.
    let done = Backup::new(&source, &mut target)?.step(-1)?;
    if done != StepResult::Done {
        return Err(problem::unavailable(
            "the database is being changed all the time: try again",
        ));
    }
    drop(target);
    let file = OpenOptions::new().write(true).open(to);
    file.and_then(|file| file.sync_all())
        .map_err(|_| unwritten())
}

fn new_file(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path)
        .map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => {
                problem::unavailable("the file is there already: name a new one")
            }
            _ => unwritten(),
        })
}

fn unwritten() -> StoreError {
    problem::unavailable(
        "the file cannot be written: check its directory and the space on the disk",
    )
}

fn checksum(path: &Path) -> Result<String, StoreError> {
    let unread = |_| problem::unavailable("the file cannot be read again");
    let mut file = File::open(path).map_err(unread)?;
    let mut hash = Sha256::new();
    let mut part = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut part).map_err(unread)?;
        if read == 0 {
            break;
        }
        hash.update(&part[..read]);
    }
    let hex = hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok(hex)
}

fn remove(staged: &Path) {
    for suffix in [""].iter().chain(&BESIDE) {
        let _ = fs::remove_file(beside(staged, suffix));
    }
}
