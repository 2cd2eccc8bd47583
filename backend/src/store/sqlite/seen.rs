//! The API keys that one reader has read, good for as long as nobody commits: the head of the journal's
//! index says so, without asking SQLite.

use std::collections::HashMap;
use std::sync::Arc;

use shared::digest::Digest;

use super::index_head::Head;
use crate::store::ApiKey;

/// Keys of one connection, all read since the same commit.
#[derive(Default)]
pub(super) struct Seen {
    /// The head of the index before they were read; `None` while it cannot be read.
    head: Option<Head>,
    api_keys: HashMap<Digest, Arc<ApiKey>>,
}

impl Seen {
    /// Forgets everything if anybody may have committed between its reading and that head.
    pub(super) fn refresh(&mut self, head: Option<Head>) {
        if head.is_none() || head != self.head {
            self.api_keys.clear();
            self.head = head;
        }
    }

    /// The API key, if it was read before.
    pub(super) fn api_key(&self, hash: &Digest) -> Option<&Arc<ApiKey>> {
        self.api_keys.get(hash)
    }

    /// Remembers an API key; that there is none is not remembered, since anybody may ask.
    pub(super) fn keep_api_key(&mut self, key: &Arc<ApiKey>) {
        self.api_keys.insert(key.hash, Arc::clone(key));
    }
}
