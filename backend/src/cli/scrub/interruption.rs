//! Ctrl-C, and what goes away with it.

use std::fs;
use std::io;
use std::path::PathBuf;

use anyhow::bail;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Somebody who presses Ctrl-C or ends the process.
pub(super) struct Interruption {
    interrupt: Signal,
    terminate: Signal,
}

impl Interruption {
    /// Waits for it from now on: before there is a file that would be left behind.
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Does that work, unless it is interrupted before its end: then these files go away. A thread that
    /// waits for a list which does not come holds them as long as the process lives, and is not waited for.
    pub(super) async fn or<T>(
        mut self,
        unfinished: Vec<PathBuf>,
        work: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        tokio::select! {
            done = work => return done,
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        for file in unfinished {
            match fs::remove_file(&file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => bail!(
                    "interrupted: no file was written or changed, but {} is left with some of the \
                     rows ({error}): remove it",
                    file.display()
                ),
                _ => {}
            }
        }
        bail!("interrupted: no file was written or changed")
    }
}
