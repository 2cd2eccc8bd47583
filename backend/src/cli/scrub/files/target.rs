//! Where the name of a file leads.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};

/// What is written there is kept by nobody.
const NOWHERE: &str = "/dev/null";
/// Links that are followed one after the other, as the system does it.
const LINKS: usize = 40;

/// The file that a named file is written to: of a link the one that it leads to, so that whatever reads
/// that one finds the new rows. `None` for the null device, which keeps nothing.
///
/// # Errors
/// Where a file cannot take the place of what is there, with what to do.
pub(super) fn of(named: &Path) -> anyhow::Result<Option<PathBuf>> {
    let target =
        leads_to(named).with_context(|| format!("{} cannot be written", named.display()))?;
    if target == Path::new(NOWHERE) {
        return Ok(None);
    }
    if let Ok(there) = fs::metadata(&target) {
        ensure!(
            !there.is_dir(),
            "{} is a directory: name a file",
            named.display()
        );
        ensure!(
            there.is_file(),
            "{} is a device or a pipe, and the files of a scrub appear when all is done: name a file, \
             or {NOWHERE} to keep none",
            named.display()
        );
    }
    Ok(Some(target))
}

/// Whether both paths are the same file, also one that is not there yet. The null device is as many files
/// as it has names.
pub(in crate::cli::scrub) fn is_same(one: &Path, other: &Path) -> bool {
    match (leads_to(one), leads_to(other)) {
        (Ok(one), Ok(other)) => one == other && one != Path::new(NOWHERE),
        _ => false,
    }
}

/// The path of the file itself, behind all links, also of one that is not there yet.
fn leads_to(path: &Path) -> io::Result<PathBuf> {
    let missing = match fs::canonicalize(path) {
        Ok(there) => return Ok(there),
        Err(missing) => missing,
    };
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        match (fs::read_link(&path), path.file_name()) {
            (Ok(next), _) => path = folder.join(next),
            (Err(_), Some(name)) => return Ok(fs::canonicalize(folder)?.join(name)),
            (Err(_), None) => break,
        }
    }
    Err(missing)
}
