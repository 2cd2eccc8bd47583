//! The API keys that one thread has read, good for as long as nobody commits: the head of the journal's
//! index says so, without asking SQLite.

use std::collections::HashMap;
use std::sync::Arc;

use shared::digest::Digest;

use super::index_head::Head;
use crate::store::ApiKey;

/// Keys that were read, all since the same commit.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The head of the index before they were read; `None` while it cannot be read.
    head: Option<Head>,
    api_keys: HashMap<Digest, Arc<ApiKey>>,
}

impl Seen {
    /// The API key as of that head, if it was read before. Everything is forgotten where anybody may have
    /// committed between its reading and that head.
    pub(super) fn api_key(&mut self, head: Option<Head>, hash: &Digest) -> Option<&Arc<ApiKey>> {
        if head.is_none() || head != self.head {
            self.api_keys.clear();
            self.head = head;
        }
        self.api_keys.get(hash)
    }

    /// Remembers an API key; that there is none is not remembered, since anybody may ask.
    pub(super) fn keep_api_key(&mut self, key: &Arc<ApiKey>) {
        self.api_keys.insert(key.hash, Arc::clone(key));
    }
}
