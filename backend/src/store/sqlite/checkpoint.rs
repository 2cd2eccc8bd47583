//! Checkpoints: moving what the journal holds into the database, off the writer's path.
//!
//! A thread of its own moves the bulk while the writer goes on. Since the journal can only start
//! over once nothing in it is left to move, the writer moves the small rest itself when asked.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;

use super::problem;
use super::schema::{self, Role};
use crate::store::StoreError;

/// Pages of the journal that wait to be moved before it is worth doing: 16 MiB.
const BULK: i64 = 4_096;
/// So few pages that the writer can move them itself.
const REST: i64 = 1_024;
/// Without a write for so long, the journal is emptied.
const IDLE: Duration = Duration::from_secs(2);

/// Runs the thread that checkpoints.
#[derive(Debug)]
pub(super) struct Checkpointer {
    /// `None` once closing.
    signal: Option<Signal>,
    thread: Option<JoinHandle<()>>,
}

/// How the writer tells the checkpointer that there is something to move.
#[derive(Debug, Clone)]
pub(super) struct Signal {
    written: SyncSender<()>,
    finish: Arc<AtomicBool>,
}

impl Signal {
    /// Called by the writer between two transactions.
    pub(super) fn written(&self, writer: &Connection) {
        if self.finish.swap(false, Ordering::Relaxed) {
            // A failure here is the next commit's to report.
            let _ = checkpoint(writer, "PASSIVE");
        }
        // Full means that it will look anyway.
        let _ = self.written.try_send(());
    }
}

impl Checkpointer {
    pub(super) fn start(path: &Path) -> Result<Self, StoreError> {
        let connection = schema::connect(path, Role::Checkpointer)?;
        let (written, looks) = sync_channel(1);
        let finish = Arc::new(AtomicBool::new(false));
        let signal = Signal {
            written,
            finish: Arc::clone(&finish),
        };
        let thread = Builder::new()
            .name("store-checkpoint".to_owned())
            .spawn(move || checkpoint_until_closed(&connection, &looks, &finish))
            .map_err(|_| problem::unavailable("the system starts no further thread"))?;
        Ok(Self {
            signal: Some(signal),
            thread: Some(thread),
        })
    }

    pub(super) fn signal(&self) -> Signal {
        self.signal.clone().expect("taken on drop alone")
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        drop(self.signal.take());
        if let Some(thread) = self.thread.take() {
            // A panic of that thread was reported when it happened.
            let _ = thread.join();
        }
    }
}

/// Pages in the journal, and how many of them were moved.
struct Journal {
    pages: i64,
    moved: i64,
}

/// A checkpoint that fails, or finds somebody in its way, is done again after a later write.
fn checkpoint_until_closed(connection: &Connection, looks: &Receiver<()>, finish: &AtomicBool) {
    let mut is_clean = false;
    loop {
        let look = if is_clean {
            looks.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            looks.recv_timeout(IDLE)
        };
        match look {
            Ok(()) => {
                is_clean = false;
                move_bulk(connection, finish);
            }
            Err(RecvTimeoutError::Timeout) => {
                is_clean = checkpoint(connection, "TRUNCATE").is_ok_and(|left| left.pages == 0);
            }
            Err(RecvTimeoutError::Disconnected) => {
                let _ = checkpoint(connection, "TRUNCATE");
                return;
            }
        }
    }
}

fn move_bulk(connection: &Connection, finish: &AtomicBool) {
    let Ok(before) = checkpoint(connection, "NOOP") else {
        return;
    };
    if before.pages - before.moved < BULK {
        return;
    }
    if let Ok(after) = checkpoint(connection, "PASSIVE")
        && after.pages - after.moved < REST
    {
        finish.store(true, Ordering::Relaxed);
    }
}

fn checkpoint(connection: &Connection, how: &str) -> Result<Journal, rusqlite::Error> {
    connection
        .prepare_cached(&format!("PRAGMA wal_checkpoint({how})"))?
        .query_row((), |row| {
            Ok(Journal {
                pages: row.get(1)?,
                moved: row.get(2)?,
            })
        })
}
