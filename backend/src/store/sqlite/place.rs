//! The file of the database and what is kept beside it: where that is, who has it open, and what a
//! restore that was cut off leaves.

use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::problem;
use crate::store::StoreError;

/// Added to the name of the database while a backup of it is checked.
pub(super) const STAGED: &str = ".restoring";
/// Added to the name of the database that a backup took the place of.
pub(super) const REPLACED: &str = ".replaced";
/// Links that are followed, as many as the system follows.
const LINKS: usize = 40;

/// The file that a path leads to, which need not exist yet. SQLite follows links too, and keeps its
/// journal beside what they lead to: whoever opens the database has to look there.
pub(super) fn follow(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let Ok(target) = fs::read_link(&path) else {
            break;
        };
        path = path.with_file_name(target);
    }
    let directory = match path.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => directory.canonicalize(),
        _ => Path::new(".").canonicalize(),
    };
    match (directory, path.file_name()) {
        (Ok(directory), Some(name)) => directory.join(name),
        _ => path,
    }
}

/// The path with that added to its name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Says for as long as the file is held that the database is open.
pub(super) fn hold(path: &Path) -> Result<File, StoreError> {
    let held = private(&beside(path, "-open"))?;
    held.try_lock_shared()
        .map_err(|_| problem::unavailable("a backup is being restored: wait until that is done"))?;
    Ok(held)
}

/// Says for as long as the file is held that nobody else may open the database; `None` where somebody
/// has it open.
pub(super) fn alone(path: &Path) -> Result<Option<File>, StoreError> {
    let held = private(&beside(path, "-open"))?;
    Ok(held.try_lock().is_ok().then_some(held))
}

/// Lets one process at a time go on, for as long as the file is held.
pub(super) fn one_at_a_time(path: &Path) -> Result<File, StoreError> {
    let lock = private(&beside(path, "-lock"))?;
    lock.lock()
        .map_err(|_| problem::unavailable("the lock file beside the database cannot be locked"))?;
    Ok(lock)
}

/// Refuses a link to a database that is not there: its disk may be missing, and an empty database in
/// its place would know no objection.
pub(super) fn lead_somewhere(given: &Path, followed: &Path) -> Result<(), StoreError> {
    if is_amiss(given) && !is_cut_off(followed) {
        return Err(problem::unavailable(
            "the database is a link that leads to nothing: see that the disk that it leads to is \
             there, or remove the link",
        ));
    }
    Ok(())
}

/// Creates an empty file that only its owner may read, where there is none; SQLite gives its journal
/// the same mode. An existing one is not even opened: closing it would end the locks of other
/// connections of this process.
pub(super) fn create(path: &Path) -> Result<(), StoreError> {
    if is_cut_off(path) {
        return Err(problem::unavailable(
            match beside(path, REPLACED).exists() {
                true => {
                    "a restore was cut off here, and its database is not in place: run `sayso restore \
                 FILE` again. To go back to the database that was there instead, take .replaced off \
                 its name, and off that of its -wal"
                }
                false => {
                    "a restore was cut off here, and its database is not in place: run `sayso restore \
                 FILE` again, or delete what it left, with the ending .restoring"
                }
            },
        ));
    }
    let mut options = OpenOptions::new();
    match options.create_new(true).write(true).mode(0o600).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(_) => Err(problem::unavailable(
            "the database cannot be created: check that its directory exists and can be written",
        )),
    }
}

/// Whether there is no database, and something that says why: a link, or what a restore has left.
pub(super) fn is_amiss(path: &Path) -> bool {
    let followed = follow(path);
    !followed.exists() && (path.is_symlink() || is_cut_off(&followed))
}

/// Whether a restore has left its files and no database.
fn is_cut_off(path: &Path) -> bool {
    !path.exists()
        && [REPLACED, STAGED]
            .iter()
            .any(|one| beside(path, one).exists())
}

/// Puts the database back that a restore had put aside when it was cut off.
pub(super) fn put_back(path: &Path) -> Result<(), StoreError> {
    let replaced = beside(path, REPLACED);
    if path.exists() || !replaced.exists() {
        return Ok(());
    }
    // The journal first: without it the database would lack what was committed last. One that was not
    // moved yet is the right one.
    if !beside(path, "-wal").exists() {
        rename(&beside(&replaced, "-wal"), &beside(path, "-wal"))?;
    }
    rename(&replaced, path)
}

/// Renames a file, if it is there.
pub(super) fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
    match fs::rename(from, to) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(unmoved()),
        _ => Ok(()),
    }
}

/// Files stay where they are.
pub(super) fn unmoved() -> StoreError {
    problem::unavailable("files beside the database cannot be renamed: check its directory")
}

fn private(path: &Path) -> Result<File, StoreError> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)
        .map_err(|_| problem::unavailable("the directory of the database cannot be written"))
}
