//! Links: how somebody shows that a letter reached their address, and the session that follows.
//!
//! A link is a random token for the address bar's fragment, and a short code to type where no
//! script runs. Neither is kept. A session is a reference token with the time at which its holder
//! was last seen, signed: reading a page moves that time on without writing anything.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use frontend::catalogue::Language;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
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

/// How long a link to the contact's own pages works (SEC-03).
const LINK_MS: i64 = 10 * 60 * 1000;
/// How long a session lasts at most, and how long without being used (SEC-09).
const SESSION_MS: i64 = 60 * 60 * 1000;
const IDLE_MS: i64 = 15 * 60 * 1000;
/// Characters of a code: 50 bits.
const CODE: usize = 10;
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const MAC: usize = 16;

/// The secret behind codes and sessions.
#[derive(Clone)]
pub struct LinkKey([u8; 32]);

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
    /// The language in which it was asked for.
    pub language: String,
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
        let address = Address::parse(&held.address).ok()?;
        let now = self.minter.world.now();
        Some(Session {
            keys: self.minter.secrets.keys(&address),
            address,
            notice: held.notice,
            language: held.language,
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

impl LinkKey {
    /// A key of its own, derived from another secret.
    #[must_use]
    pub fn derive(secret: &[u8; 32]) -> Self {
        Self(mac(secret, &[b"sayso links 1"]))
    }

    /// What is kept of a code: worth nothing without the key and the address.
    fn code(&self, address: &AddressKey, code: &str) -> Digest {
        let parts = [b"code\x1f", &address.as_bytes()[..], code.as_bytes()];
        Digest::from_bytes(mac(&self.0, &parts))
    }

    /// What the holder of a session sends.
    fn value(&self, id: &[u8; 32], seen: Timestamp) -> String {
        let mut bytes = Vec::with_capacity(32 + 8 + MAC);
        bytes.extend_from_slice(id);
        bytes.extend_from_slice(&seen.as_millis().to_be_bytes());
        let signature = mac(&self.0, &[b"session\x1f", &bytes]);
        bytes.extend_from_slice(&signature[..MAC]);
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The session that a value names; `None` when it is forged or was not used for too long.
    fn open(&self, value: &str, now: Timestamp) -> Option<[u8; 32]> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(value.trim()).ok()?;
        let (body, signature) = bytes.split_at_checked(32 + 8)?;
        let expected = mac(&self.0, &[b"session\x1f", body]);
        let genuine: bool = subtle::ConstantTimeEq::ct_eq(&expected[..MAC], signature).into();
        let (id, seen) = body.split_at(32);
        let seen = i64::from_be_bytes(seen.try_into().ok()?);
        let idle = now.as_millis().saturating_sub(seen);
        (genuine && (0..IDLE_MS).contains(&idle)).then_some(())?;
        id.try_into().ok()
    }
}

fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn current(keys: &Keys) -> (u32, AddressKey) {
    keys.0
        .first()
        .copied()
        .unwrap_or((0, AddressKey::from_bytes([0; 32])))
}

fn code(random: &[u8; CODE]) -> String {
    random
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte & 31)]))
        .collect()
}

/// A code as people type it: any case, with spaces or hyphens, look-alikes taken for what they are.
fn typed_code(typed: &str) -> Option<String> {
    let code: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2014}'))
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect();
    let known = code.bytes().all(|byte| LETTERS.contains(&byte));
    (known && code.len() == CODE).then_some(code)
}

#[cfg(test)]
mod tests {
    use shared::time::Timestamp;

    use super::{IDLE_MS, LinkKey, code, typed_code};

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    #[test]
    fn a_code_is_read_as_people_type_it() {
        assert_eq!(code(&[31; 10]), "ZZZZZZZZZZ");
        assert_eq!(typed_code(" 7k3mq-9xd0o ").as_deref(), Some("7K3MQ9XD00"));
        assert_eq!(typed_code("il1 00 abc de").as_deref(), Some("11100ABCDE"));
        for wrong in ["", "7K3MQ9XD0", "7K3MQ9XD000", "7K3MQ9XDU0", "7K3MQ9XDé0"] {
            assert_eq!(typed_code(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_session_value_holds_for_fifteen_minutes_after_it_was_given() {
        let key = LinkKey::derive(&[1; 32]);
        let value = key.value(&[7; 32], NOW);
        assert_eq!(key.open(&value, NOW), Some([7; 32]));
        assert!(key.open(&value, NOW.plus_millis(IDLE_MS - 1)).is_some());
        assert!(key.open(&value, NOW.plus_millis(IDLE_MS)).is_none());
        assert!(key.open(&value, NOW.plus_millis(-1)).is_none());
    }

    #[test]
    fn forged_and_damaged_session_values_name_nothing() {
        let key = LinkKey::derive(&[1; 32]);
        let value = key.value(&[7; 32], NOW);
        assert!(LinkKey::derive(&[2; 32]).open(&value, NOW).is_none());
        for cut in 0..value.len() {
            assert!(key.open(&value[..cut], NOW).is_none(), "{cut}");
        }
        for place in 0..value.len() {
            let mut forged = value.clone().into_bytes();
            forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).expect("letters");
            // The last letter holds bits that are not used.
            assert!(key.open(&forged, NOW).is_none() || place + 1 == value.len());
        }
    }
}
