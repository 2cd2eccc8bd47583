//! The API keys that each thread has read, good for as long as nobody commits: the head of the journal's
//! index says so, without asking SQLite. No thread waits for another.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use shared::digest::Digest;
use thread_local::ThreadLocal;

use super::index_head::Head;
use crate::store::{ApiKey, StoreError};

/// Keys that were read, by thread.
#[derive(Debug, Default)]
pub(super) struct Seen(ThreadLocal<RefCell<Keys>>);

/// Keys that one thread has read, all since the same commit.
#[derive(Debug, Default)]
struct Keys {
    /// The head of the index before they were read; `None` while it cannot be read.
    head: Option<Head>,
    keys: HashMap<Digest, Arc<ApiKey>>,
}

impl Seen {
    /// The API key as of that head or later; `read` reads it where this thread has not. That there is none
    /// is not remembered, since anybody may ask.
    pub(super) fn api_key(
        &self,
        head: Option<Head>,
        hash: Digest,
        read: impl FnOnce() -> Result<Option<ApiKey>, StoreError>,
    ) -> Result<Option<Arc<ApiKey>>, StoreError> {
        let mut seen = self.0.get_or_default().borrow_mut();
        // Anybody may have committed between its reading and that head.
        if head.is_none() || head != seen.head {
            seen.keys.clear();
            seen.head = head;
        }
        if let Some(key) = seen.keys.get(&hash) {
            return Ok(Some(Arc::clone(key)));
        }
        let found = read()?.map(Arc::new);
        // Read after the head: it is as new as that, or newer and soon forgotten.
        if let Some(key) = &found {
            seen.keys.insert(hash, Arc::clone(key));
        }
        Ok(found)
    }
}
