//! The digest of a list while it is read.

use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest as _, Sha256};
use shared::digest::Digest;

/// A list that is hashed as it is read.
pub struct Digesting<R> {
    input: R,
    progress: Progress,
}

/// How far reading has come.
#[derive(Clone, Default)]
pub struct Progress(Arc<State>);

#[derive(Default)]
struct State {
    bytes: AtomicU64,
    hash: Mutex<Sha256>,
}

impl<R: Read> Digesting<R> {
    /// Hashes what is read from `input`.
    pub fn new(input: R, progress: &Progress) -> Self {
        Self {
            input,
            progress: progress.clone(),
        }
    }
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.input.read(into)?;
        let seen = &self.progress.0;
        let mut hash = seen.hash.lock().unwrap_or_else(PoisonError::into_inner);
        hash.update(&into[..length]);
        seen.bytes.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

impl Progress {
    /// Bytes so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.bytes.load(Ordering::Relaxed)
    }

    /// The digest of all bytes so far.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let hash = self.0.hash.lock().unwrap_or_else(PoisonError::into_inner);
        Digest::from_bytes(hash.clone().finalize().into())
    }
}
