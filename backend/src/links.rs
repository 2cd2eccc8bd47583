//! Links: how somebody shows that a letter reached their address, and the session that follows.
//!
//! A link is a random token for the address bar's fragment, and a short code to type where no
//! script runs. Neither is kept. A session is a reference token with the time at which its holder
//! was last seen, signed: reading a page moves that time on without writing anything.

mod key;

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use frontend::catalogue::Language;
use serde::{Deserialize, Serialize};
use shared::address::{Address, AddressKey};
use shared::digest::Digest;
use shared::scope::Scope;
use shared::time::Timestamp;

use crate::clock::World;
use crate::mail::{Kind, Post};
use crate::sealing::Sealed;
use crate::secrets::Secrets;
use crate::store::links::{self as kept, LinkPurpose, NewLink, NewSession, Proof};
use crate::store::{Keys, StoreError};
use key::{CODE, code, typed_code};

pub use key::LinkKey;

/// How long a link to the contact's own pages works (SEC-03).
const LINK_MS: i64 = 10 * 60 * 1000;
/// How long a session lasts at most (SEC-09).
const SESSION_MS: i64 = 60 * 60 * 1000;

/// What a link holds, sealed.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// The address in its normal form.
    pub address: String,
    /// The language it was asked in, a BCP 47 tag.
    pub language: String,
    /// The notice it was asked beside.
    pub notice: String,
    /// What the consent would be for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// The notice version that was in force or shown then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Digest>,
}

/// What somebody shows.
#[derive(Clone, Copy)]
pub enum Shown<'a> {
    /// The token of a link.
    Token(&'a str),
    /// The code of a letter, beside the address it went to.
    Code(&'a Address, &'a str),
}

/// A new link, and what its letter says.
pub struct Minted {
    /// To keep.
    pub link: NewLink,
    /// For the fragment.
    pub token: String,
    /// To type.
    pub code: String,
    /// Until when both work.
    pub until: Timestamp,
}

/// Somebody who has shown to hold an address.
#[derive(Clone)]
pub struct Session {
    /// The address.
    pub address: Address,
    /// Its keys.
    pub keys: Keys,
    /// The notice beside which the link was asked for.
    pub notice: String,
    /// When it ends, whatever happens.
    pub until: Timestamp,
    /// What to send from now on: the same session, just seen.
    pub value: String,
    name: Digest,
}

/// Makes links, opens and keeps sessions. It cannot append to the ledger.
pub struct Links {
    store: Arc<dyn kept::Links>,
    minter: Minter,
    post: Post,
}

/// Draws and seals links.
#[derive(Clone)]
pub struct Minter {
    secrets: Arc<Secrets>,
    world: Arc<dyn World>,
}

impl Links {
    /// Links over that store, mailed by that post.
    #[must_use]
    pub fn new(store: Arc<dyn kept::Links>, minter: Minter, post: Post) -> Self {
        Self {
            store,
            minter,
            post,
        }
    }

    /// Mails a link to the contact's own pages, to anybody, within the letters that an address may
    /// get; whether it did, nobody is told (SEC-07, SEC-08).
    pub async fn ask(
        &self,
        address: &Address,
        language: Language,
        notice: &str,
    ) -> Result<(), StoreError> {
        let held = Held {
            address: address.reveal().to_owned(),
            language: language.tag().to_owned(),
            notice: notice.to_owned(),
            scope: None,
            version: None,
        };
        let about = Digest::of(b"own pages");
        let minted = self
            .minter
            .mint(LinkPurpose::OwnPages, address, about, LINK_MS, &held);
        let kind = Kind::Link {
            token: minted.token,
            code: minted.code,
            until: minted.until,
        };
        let letter = self.post.letter(address, language, notice, kind);
        self.store.ask_link(minted.link, letter).await
    }

    /// Uses the link up and opens a session; `None` when there is no such link.
    pub async fn sign_in(&self, shown: Shown<'_>) -> Result<Option<Session>, StoreError> {
        let Some(proof) = self.minter.proof(shown) else {
            return Ok(None);
        };
        let now = self.minter.world.now();
        let id: [u8; 32] = self.minter.world.bytes();
        let session = NewSession {
            name: Digest::of(&id),
            until: now.plus_millis(SESSION_MS),
        };
        let sealed = self.store.open_session(proof, now, session).await?;
        Ok(sealed.and_then(|sealed| self.read(&id, session.until, &sealed)))
    }

    /// The session of that value, seen now; `None` when it is over, ended or forged.
    pub async fn session(&self, value: &str) -> Result<Option<Session>, StoreError> {
        let now = self.minter.world.now();
        let Some(id) = self.minter.secrets.links.open(value, now) else {
            return Ok(None);
        };
        let kept = self.store.session(Digest::of(&id)).await?;
        Ok(kept
            .filter(|kept| now < kept.until)
            .and_then(|kept| self.read(&id, kept.until, &kept.sealed)))
    }

    /// Ends a session, on every device that has its value.
    pub async fn sign_out(&self, session: &Session) -> Result<(), StoreError> {
        self.store.end_session(session.name).await
    }

    /// Deletes the links and sessions that are over, with the addresses that they hold sealed.
    pub async fn forget_ended(&self) -> Result<u64, StoreError> {
        self.store.drop_ended(self.minter.world.now()).await
    }

    /// What the consent link holds, without using it.
    pub async fn look(&self, shown: Shown<'_>) -> Result<Option<Held>, StoreError> {
        let Some(proof) = self.minter.proof(shown) else {
            return Ok(None);
        };
        let now = self.minter.world.now();
        let sealed = self
            .store
            .look_at_link(proof, LinkPurpose::Consent, now)
            .await?;
        Ok(sealed.and_then(|sealed| self.minter.held(&sealed)))
    }

    fn read(&self, id: &[u8; 32], until: Timestamp, sealed: &[u8]) -> Option<Session> {
        let held = self.minter.held(sealed)?;
        let address = Address::of_kept(&held.address).ok()?;
        let now = self.minter.world.now();
        Some(Session {
            keys: self.minter.secrets.keys(&address),
            address,
            notice: held.notice,
            until,
            value: self.minter.secrets.links.value(id, now),
            name: Digest::of(id),
        })
    }
}

impl Minter {
    /// A minter with these secrets.
    #[must_use]
    pub const fn new(secrets: Arc<Secrets>, world: Arc<dyn World>) -> Self {
        Self { secrets, world }
    }

    /// A new link to that address.
    #[must_use]
    pub fn mint(
        &self,
        purpose: LinkPurpose,
        address: &Address,
        about: Digest,
        life_ms: i64,
        held: &Held,
    ) -> Minted {
        let token = BASE64_URL_SAFE_NO_PAD.encode(self.world.bytes::<32>());
        let code = code(&self.world.bytes());
        let to = current(&self.secrets.keys(address));
        let until = self.world.now().plus_millis(life_ms);
        let text = serde_json::to_vec(held).unwrap_or_default();
        let link = NewLink {
            purpose,
            to,
            about,
            token: Digest::of(token.as_bytes()),
            code: self.secrets.links.code(&to.1, &code),
            until,
            sealed: self.secrets.sealer.seal(Sealed::Link, &text, &*self.world),
        };
        let (one, two) = code.split_at(CODE / 2);
        Minted {
            link,
            token,
            code: format!("{one}-{two}"),
            until,
        }
    }

    /// What the store compares; `None` when it cannot be a token or a code.
    #[must_use]
    pub fn proof(&self, shown: Shown<'_>) -> Option<Proof> {
        match shown {
            Shown::Token(token) => {
                let token = token.trim();
                (token.len() == 43).then(|| Proof::Token(Digest::of(token.as_bytes())))
            }
            Shown::Code(address, typed) => {
                let code = typed_code(typed)?;
                let keys = self.secrets.keys(address).0;
                let hashed = |to: (u32, AddressKey)| (to, self.secrets.links.code(&to.1, &code));
                Some(Proof::Code(keys.into_iter().map(hashed).collect()))
            }
        }
    }

    fn held(&self, sealed: &[u8]) -> Option<Held> {
        let text = self.secrets.sealer.open(Sealed::Link, sealed)?;
        serde_json::from_slice(&text).ok()
    }
}

fn current(keys: &Keys) -> (u32, AddressKey) {
    keys.0
        .first()
        .copied()
        .unwrap_or((0, AddressKey::from_bytes([0; 32])))
}
