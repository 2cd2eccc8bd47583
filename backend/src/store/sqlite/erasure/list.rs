//! The list of erasures beside the database: a line for each.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use serde::{Deserialize, Serialize};
use shared::address::AddressKey;
use shared::entry::{Act, Entry, Salt};
use uuid::Uuid;

use crate::store::sqlite::problem;
use crate::store::{Keys, SealedEntry, StoreError};

/// Its name.
pub(super) const LIST: &str = "erasures.ndjson";
/// Bytes that are looked through at once for the end of the last line: more than a line has.
const BLOCK: usize = 4_096;

/// An erasure as it stands on the list.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    format: u8,
    /// Whose.
    pub(super) subject: Uuid,
    /// Generation and address key, none where the address was forgotten.
    keys: Vec<(u32, String)>,
    salt: String,
    /// The canonical bytes of the entry.
    entry: String,
}

/// Where the list is: in the directory that the database is opened in, whatever links lead from there.
pub(in super::super) fn list_of(database: &Path) -> PathBuf {
    database.with_file_name(LIST)
}

/// Adds lines to the list; they are on the disk when this returns.
pub(super) fn append(list: &Path, lines: &str) -> Result<(), StoreError> {
    let write = || -> std::io::Result<()> {
        let mut file = OpenOptions::new()
            .create(true)
            .read(true)
            .append(true)
            .mode(0o600)
            .open(list)?;
        file.lock()?;
        // A line without its end was never acknowledged, and comes again.
        file.set_len(whole(&file)?)?;
        let is_new = file.metadata()?.len() == 0;
        file.write_all(lines.as_bytes())?;
        file.sync_all()?;
        match list.parent().filter(|_| is_new) {
            Some(directory) => File::open(directory)?.sync_all(),
            None => Ok(()),
        }
    };
    write().map_err(|_| {
        problem::unavailable(
            "the list of erasures beside the database cannot be written: check its permissions \
             and the space on the disk",
        )
    })
}

/// Where the last whole line ends. Nothing before it is read: the list only grows.
fn whole(file: &File) -> std::io::Result<u64> {
    let mut end = file.metadata()?.len();
    let mut block = [0; BLOCK];
    while end > 0 {
        let start = end.saturating_sub(BLOCK as u64);
        let part = &mut block[..usize::try_from(end - start).unwrap_or(BLOCK)];
        file.read_exact_at(part, start)?;
        if let Some(place) = part.iter().rposition(|&byte| byte == b'\n') {
            return Ok(start + place as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

/// The list, oldest first; empty where there is none.
pub(super) fn read(list: &Path) -> Result<Vec<(Line, SealedEntry)>, StoreError> {
    let mut text = String::new();
    match File::open(list) {
        Ok(mut file) => file.read_to_string(&mut text).map(|_| ()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
    .map_err(|_| problem::unavailable("the list of erasures cannot be read"))?;
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let read = |(number, line): (usize, &str)| {
        Line::read(line).ok_or_else(|| {
            problem::corrupt(
                format!("line {} of {LIST}", number + 1),
                "it is no erasure that this version of Sayso can read: take the list from the \
                 newest copy",
            )
        })
    };
    whole
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.is_empty())
        .map(read)
        .collect()
}

impl Line {
    /// The line of that erasure, with the keys that lead to the person still.
    pub(super) fn new(erased: &SealedEntry, keys: &Keys) -> Self {
        let text = |(generation, key): &(u32, AddressKey)| {
            (*generation, BASE64_STANDARD_NO_PAD.encode(key.as_bytes()))
        };
        Self {
            format: 1,
            subject: erased.entry.subject,
            keys: keys.0.iter().map(text).collect(),
            salt: BASE64_STANDARD_NO_PAD.encode(erased.salt.0),
            entry: String::from_utf8_lossy(&erased.canonical).into_owned(),
        }
    }

    /// As it is written, without its end.
    pub(super) fn written(&self) -> String {
        serde_json::to_string(self).expect("a line is plain JSON")
    }

    fn read(text: &str) -> Option<(Self, SealedEntry)> {
        let line: Self = serde_json::from_str(text).ok()?;
        let salt = BASE64_STANDARD_NO_PAD.decode(&line.salt).ok()?;
        let entry = Entry::from_canonical(line.entry.as_bytes()).ok()?;
        let sealed = SealedEntry::new(entry, Salt(salt.try_into().ok()?));
        let good = line.format == 1
            && sealed.entry.act == Act::Erased
            && sealed.entry.subject == line.subject
            && sealed.canonical == line.entry.as_bytes();
        good.then_some((line, sealed))
    }

    /// The keys that lead to the person.
    pub(super) fn keys(&self) -> Result<Keys, StoreError> {
        let read = |(generation, text): &(u32, String)| {
            let bytes = BASE64_STANDARD_NO_PAD.decode(text).ok()?;
            Some((*generation, AddressKey::from_bytes(bytes.try_into().ok()?)))
        };
        let keys: Option<Vec<_>> = self.keys.iter().map(read).collect();
        keys.map(Keys)
            .ok_or_else(|| problem::corrupt(LIST, "an address key is not whole"))
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, append};

    #[test]
    fn a_line_that_was_cut_off_goes_and_the_whole_ones_before_it_stay() {
        let directory = tempfile::tempdir().unwrap();
        let list = directory.path().join("list");
        let long = "x".repeat(2 * BLOCK + 7);
        for (before, stays) in [
            (String::new(), String::new()),
            ("one\n".to_owned(), "one\n".to_owned()),
            (long.clone(), String::new()),
            (format!("one\n{long}"), "one\n".to_owned()),
            (format!("{long}\ntwo\nthr"), format!("{long}\ntwo\n")),
        ] {
            std::fs::write(&list, before).unwrap();
            append(&list, "new\n").unwrap();
            let text = std::fs::read_to_string(&list).unwrap();
            assert!(text == format!("{stays}new\n"), "{}", text.len());
        }
    }
}
