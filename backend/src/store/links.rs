//! Links that were mailed, and the sessions they open.

use async_trait::async_trait;
use shared::address::AddressKey;
use shared::digest::Digest;
use shared::time::Timestamp;

use super::outbox::NewLetter;
use super::{NewAct, Seq, StoreError};

/// Wrong codes that a link bears; after them it opens by its token alone.
pub const TRIES: u32 = 5;

/// What a link is for. One for one purpose is none for another (SEC-06).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkPurpose {
    /// Opens the contact's own pages.
    OwnPages,
    /// Confirms a consent.
    Consent,
}

/// A link to keep until it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLink {
    /// What it is for.
    pub purpose: LinkPurpose,
    /// The address, under the current generation.
    pub to: (u32, AddressKey),
    /// What it is about: a newer link to the same address for the same purpose and about the same
    /// makes older ones void (SEC-03).
    pub about: Digest,
    /// The SHA-256 of the token.
    pub token: Digest,
    /// The keyed hash of address key and code.
    pub code: Digest,
    /// Until when it works.
    pub until: Timestamp,
    /// The sealed address, and what else its use needs.
    pub sealed: Vec<u8>,
}

/// How somebody shows that a letter reached them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// The SHA-256 of the token of the link.
    Token(Digest),
    /// A code that was typed beside the address: per generation, the address key and the keyed hash
    /// of both.
    Code(Vec<((u32, AddressKey), Digest)>),
}

/// A session to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewSession {
    /// The SHA-256 of its reference token.
    pub name: Digest,
    /// When it ends, whatever happens.
    pub until: Timestamp,
}

/// A session as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptSession {
    /// When it ends, whatever happens.
    pub until: Timestamp,
    /// What the link held that opened it.
    pub sealed: Vec<u8>,
}

/// Links to a person's own pages, and sessions. Nothing here can append to the ledger.
#[async_trait]
pub trait Links: Send + Sync {
    /// Keeps a link and the letter that brings it, and deletes the older links that it replaces, in
    /// one unit. Where the letter is over its allowance nothing is kept, and the caller is told
    /// nothing, nor by the time it takes (SEC-07).
    async fn ask_link(&self, link: NewLink, letter: NewLetter) -> Result<(), StoreError>;
    /// What the link of that proof holds, without using it; `None` when there is none for that
    /// purpose at `at`. A wrong code is counted, which takes as long whether a link waits or not.
    async fn look_at_link(
        &self,
        proof: Proof,
        purpose: LinkPurpose,
        at: Timestamp,
    ) -> Result<Option<Vec<u8>>, StoreError>;
    /// Uses a link to the person's own pages and opens the session, in one unit: of any number who
    /// try at once one succeeds. Returns what the link holds; `None` and nothing opened when there
    /// is no such link at `at`. A wrong code is counted.
    async fn open_session(
        &self,
        proof: Proof,
        at: Timestamp,
        session: NewSession,
    ) -> Result<Option<Vec<u8>>, StoreError>;
    /// The session of that name, over or not; `None` once it was ended.
    async fn session(&self, name: Digest) -> Result<Option<KeptSession>, StoreError>;
    /// Ends a session. Ending it again changes nothing.
    async fn end_session(&self, name: Digest) -> Result<(), StoreError>;
    /// Deletes the links and sessions that are over at `at`; returns how many.
    async fn drop_ended(&self, at: Timestamp) -> Result<u64, StoreError>;
}

/// Acts that hang on a link, or on what the person saw. Only the recording service holds this.
#[async_trait]
pub trait Proven: Send + Sync {
    /// Appends the act that asks for a consent, with the link that confirms it and the letter that
    /// brings it, in one unit. Where the letter is over its allowance the act is appended alone.
    async fn ask_consent(
        &self,
        act: NewAct,
        link: NewLink,
        letter: NewLetter,
    ) -> Result<(), StoreError>;
    /// Uses a consent link and appends the act, in one unit; `None` and nothing written when there
    /// is no such link at `at`. `Conflict`, with the link unused, as for `append_decided`.
    async fn confirm(
        &self,
        proof: Proof,
        at: Timestamp,
        act: NewAct,
        decided_on: Seq,
    ) -> Result<Option<Seq>, StoreError>;
    /// Appends the act as `append` does, and only if nothing was appended for its subject after
    /// `decided_on`: what loosens is compared with what the person saw. Otherwise `Conflict`.
    async fn append_decided(&self, act: NewAct, decided_on: Seq) -> Result<Seq, StoreError>;
}
