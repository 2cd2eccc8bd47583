//! What one reader has read, good for as long as nobody commits.
//!
//! SQLite counts, per connection, the commits of all other connections and processes. While that
//! count stands still the answers read before are the answers still, so they are given again. The
//! head of the journal's index says the same without asking SQLite, so the count is needed only where
//! the head cannot be read, and for reads that share a moment.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::Connection;
use shared::digest::Digest;

use super::index_head::{Head, IndexHead};
use crate::store::{ApiKey, Keys, Known, Seq, Snapshot, StoreError, StoredRules};

/// Addresses that are remembered at most: one or two megabytes.
const MOST: usize = 4_096;

/// Answers of one connection, all read since the same commit.
pub(super) struct Seen {
    index: Option<IndexHead>,
    /// The head of the index before the commits were counted.
    head: Option<Head>,
    commits: Option<i64>,
    state: Option<State>,
    known: HashMap<Keys, Option<Known>>,
    api_keys: HashMap<Digest, Arc<ApiKey>>,
}

/// What every answer rests on.
#[derive(Clone)]
pub(super) struct State {
    pub(super) as_of: Seq,
    pub(super) rules: Option<Arc<StoredRules>>,
}

impl Seen {
    /// Nothing yet.
    pub(super) fn new(index: Option<IndexHead>) -> Self {
        Self {
            index,
            head: None,
            commits: None,
            state: None,
            known: HashMap::new(),
            api_keys: HashMap::new(),
        }
    }

    /// Forgets everything if anybody has committed since it was read.
    pub(super) fn refresh(&mut self, connection: &Connection) -> Result<(), StoreError> {
        match self.index.and_then(IndexHead::read) {
            Some(head) if self.head == Some(head) => {}
            Some(head) => {
                self.forget();
                self.head = Some(head);
            }
            None => {
                self.recount(connection)?;
                self.head = None;
            }
        }
        Ok(())
    }

    fn forget(&mut self) {
        self.state = None;
        self.known.clear();
        self.api_keys.clear();
    }

    /// The same, always asking SQLite. Within a transaction this asks about its moment.
    pub(super) fn recount(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let commits: i64 = connection
            .prepare_cached("PRAGMA data_version")?
            .query_row((), |row| row.get(0))?;
        if self.commits != Some(commits) {
            self.commits = Some(commits);
            self.forget();
        }
        Ok(())
    }

    /// The state, if it was read.
    pub(super) fn state(&self) -> Option<&State> {
        self.state.as_ref()
    }

    /// Remembers the state.
    pub(super) fn keep_state(&mut self, state: State) {
        self.state = Some(state);
    }

    /// What is known of the address, if it was asked for before.
    pub(super) fn known(&self, keys: &Keys) -> Option<&Option<Known>> {
        self.known.get(keys)
    }

    /// Remembers what is known of the address.
    pub(super) fn keep_known(&mut self, keys: &Keys, known: &Option<Known>) {
        if self.known.len() >= MOST {
            self.known.clear();
        }
        self.known.insert(keys.clone(), known.clone());
    }

    /// The whole answer, if every part of it was read before.
    pub(super) fn snapshot(&self, addresses: &[Keys]) -> Option<Snapshot> {
        let state = self.state()?;
        let known = addresses.iter().map(|keys| self.known(keys).cloned());
        Some(Snapshot {
            as_of: state.as_of,
            rules: state.rules.clone(),
            known: known.collect::<Option<_>>()?,
        })
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
