//! Time and chance as the tests set them, and all that is logged.

use std::io;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, Once, PoisonError};

use backend::clock::World;
use shared::digest::Digest;
use shared::time::Timestamp;

/// A clock that stands until it is moved, and bytes that are counted, not drawn.
#[derive(Debug)]
pub(crate) struct Manual {
    now: AtomicI64,
    drawn: AtomicU64,
}

impl Manual {
    /// Noon of 23 November 2026, UTC.
    pub(crate) const START: Timestamp = Timestamp::from_millis(1_795_435_200_000);

    pub(crate) const fn new() -> Self {
        Self {
            now: AtomicI64::new(Self::START.as_millis()),
            drawn: AtomicU64::new(0),
        }
    }

    /// Moves the clock on.
    pub(crate) fn pass(&self, millis: i64) {
        self.now.fetch_add(millis, Ordering::SeqCst);
    }
}

impl World for Manual {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now.load(Ordering::SeqCst))
    }

    fn fill(&self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(32) {
            let number = self.drawn.fetch_add(1, Ordering::SeqCst);
            let block = Digest::of(format!("seed {number}").as_bytes());
            part.copy_from_slice(&block.as_bytes()[..part.len()]);
        }
    }
}

static LOGGED: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static LISTENING: Once = Once::new();

struct Log;

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut logged = LOGGED.lock().unwrap_or_else(PoisonError::into_inner);
        logged.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Keeps everything that is logged at any level from now on.
pub(crate) fn listen() {
    LISTENING.call_once(|| {
        tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_ansi(false)
            .with_writer(|| Log)
            .init();
    });
}

/// What was logged so far by every test of this program.
pub(crate) fn logged() -> String {
    let logged = LOGGED.lock().unwrap_or_else(PoisonError::into_inner);
    String::from_utf8_lossy(&logged).into_owned()
}
