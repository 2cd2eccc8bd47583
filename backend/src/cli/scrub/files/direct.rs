//! Writing past the system's cache: a long list would push the database out of it, and be copied once
//! more than it needs.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

/// Bytes that are written at once, and what their place in memory and in the file is a multiple of.
const LENGTH: usize = 256 * 1024;
const ALIGNED: usize = 4096;

/// A file that is written from its beginning to its end.
pub(super) struct Direct {
    file: NamedTempFile,
    /// What is to be written, until there is enough of it.
    buffer: Vec<u8>,
    /// Where the buffer begins: memory before that is not aligned.
    start: usize,
    /// Whether the file is written past the cache; `None` until that was tried.
    past_cache: Option<bool>,
}

impl Direct {
    /// Begins that file, which is empty.
    pub(super) fn new(file: NamedTempFile) -> Self {
        let buffer: Vec<u8> = Vec::with_capacity(LENGTH + ALIGNED);
        let start = buffer.as_ptr().align_offset(ALIGNED).min(ALIGNED);
        let mut direct = Self {
            file,
            buffer,
            start,
            past_cache: None,
        };
        direct.clear();
        direct
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        self.file.path()
    }

    /// Adds to the file.
    pub(super) fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        loop {
            let room = self.start + LENGTH - self.buffer.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.buffer.extend_from_slice(now);
            if now.len() < room {
                return Ok(());
            }
            self.write_whole()?;
            bytes = later;
        }
    }

    /// Ends the file, and waits until the disk has all of it.
    pub(super) fn finish(mut self) -> io::Result<NamedTempFile> {
        // The end of a file need not be aligned, but past the cache it would have to be.
        self.write_rest(0)?;
        self.file.as_file().sync_all()?;
        Ok(self.file)
    }

    fn write_whole(&mut self) -> io::Result<()> {
        let past_cache = match self.past_cache {
            Some(past_cache) => past_cache,
            None => pass_cache(self.file.as_file(), true).is_ok(),
        };
        self.past_cache = Some(past_cache);
        let whole = &self.buffer[self.start..];
        match self.file.as_file_mut().write(whole) {
            Ok(length) if length == whole.len() => {}
            Ok(length) => self.write_rest(length)?,
            // Some file systems say only now that they cannot, some that the disk is full.
            Err(_) if past_cache => self.write_rest(0)?,
            Err(error) => return Err(error),
        }
        self.clear();
        Ok(())
    }

    /// Writes all but so many bytes through the cache, and all that comes later.
    fn write_rest(&mut self, written: usize) -> io::Result<()> {
        if self.past_cache.replace(false) == Some(true) {
            pass_cache(self.file.as_file(), false)?;
        }
        let rest = &self.buffer[self.start + written..];
        self.file.as_file_mut().write_all(rest)
    }

    fn clear(&mut self) {
        self.buffer.clear();
        self.buffer.resize(self.start, 0);
    }
}

/// Whether what is written to the file from now on passes the cache by.
#[cfg(target_os = "linux")]
fn pass_cache(file: &File, past_cache: bool) -> io::Result<()> {
    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
    let mut flags = fcntl_getfl(file)?;
    flags.set(OFlags::DIRECT, past_cache);
    Ok(fcntl_setfl(file, flags)?)
}

#[cfg(not(target_os = "linux"))]
fn pass_cache(_: &File, past_cache: bool) -> io::Result<()> {
    match past_cache {
        true => Err(io::ErrorKind::Unsupported.into()),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::{Direct, LENGTH};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn what_is_written_in_pieces_is_in_the_file(
            pieces in prop::collection::vec(
                prop_oneof![0_usize..9_000, Just(LENGTH - 1), Just(LENGTH), LENGTH..3 * LENGTH],
                0..6,
            ),
        ) {
            let file = tempfile::NamedTempFile::new().expect("a file");
            let (mut direct, mut all) = (Direct::new(file), Vec::new());
            for (place, length) in pieces.into_iter().enumerate() {
                let piece: Vec<u8> = (0..length).map(|at| (at * 31 + place) as u8).collect();
                direct.write(&piece).expect("written");
                all.extend(piece);
            }
            let file = direct.finish().expect("written");
            prop_assert!(fs::read(file.path()).expect("read") == all);
        }
    }
}
