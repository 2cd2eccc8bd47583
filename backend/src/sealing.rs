//! Sealing: what must be kept readable for a while (a mail not yet sent, the address of a link, the
//! text of a case) is kept encrypted, under a key that lives outside the database.
//!
//! XChaCha20-Poly1305 with a random nonce. Every generation of the key opens, the newest seals.

use std::collections::BTreeMap;
use std::fmt;

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};

use crate::clock::World;

const NONCE: usize = 24;

/// What a sealed text is for. A text sealed for one is no text of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sealed {
    /// A letter that waits to be sent.
    Letter,
    /// The address and the choices behind a link that was mailed, and the session that it opened.
    Link,
    /// The contact and the words of a case.
    Case,
    /// The address and scope of a one-click link.
    OneClick,
    /// What a sink has to be told.
    Event,
}

impl Sealed {
    const fn context(self) -> &'static [u8] {
        match self {
            Self::Letter => b"sayso letter 1",
            Self::Link => b"sayso link 1",
            Self::Case => b"sayso case 1",
            Self::OneClick => b"sayso one-click 1",
            Self::Event => b"sayso event 1",
        }
    }
}

/// Seals and opens.
#[derive(Clone)]
pub struct Sealer {
    keys: BTreeMap<u8, [u8; 32]>,
}

impl fmt::Debug for Sealer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Sealer(…)")
    }
}

impl Sealer {
    /// A sealer with these keys by generation; `None` when there is none.
    #[must_use]
    pub fn new(keys: BTreeMap<u8, [u8; 32]>) -> Option<Self> {
        (!keys.is_empty()).then_some(Self { keys })
    }

    /// The generation of the key (1 byte), a nonce (24), then ciphertext and tag (text + 16).
    #[must_use]
    pub fn seal(&self, what: Sealed, text: &[u8], world: &dyn World) -> Vec<u8> {
        let Some((&generation, key)) = self.keys.last_key_value() else {
            return Vec::new();
        };
        let nonce: [u8; NONCE] = world.bytes();
        let mut sealed = vec![generation];
        sealed.extend_from_slice(&nonce);
        // Fails only beyond 256 GiB, and then nothing is kept.
        sealed.extend(
            cipher(key)
                .encrypt(&XNonce::from(nonce), payload(what, generation, text).get())
                .unwrap_or_default(),
        );
        sealed
    }

    /// The text; `None` when it was sealed for something else, under a key that is gone, or damaged.
    #[must_use]
    pub fn open(&self, what: Sealed, sealed: &[u8]) -> Option<Vec<u8>> {
        let (&generation, rest) = sealed.split_first()?;
        let (nonce, text) = rest.split_at_checked(NONCE)?;
        let nonce = XNonce::from(<[u8; NONCE]>::try_from(nonce).ok()?);
        let key = self.keys.get(&generation)?;
        cipher(key)
            .decrypt(&nonce, payload(what, generation, text).get())
            .ok()
    }
}

struct Bound<'a> {
    text: &'a [u8],
    context: Vec<u8>,
}

impl Bound<'_> {
    fn get(&self) -> Payload<'_, '_> {
        Payload {
            msg: self.text,
            aad: &self.context,
        }
    }
}

fn payload(what: Sealed, generation: u8, text: &[u8]) -> Bound<'_> {
    Bound {
        text,
        context: [what.context(), &[generation]].concat(),
    }
}

fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(*key))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Sealed, Sealer};
    use crate::clock::System;

    fn sealer(keys: &[(u8, u8)]) -> Sealer {
        let keys: BTreeMap<_, _> = keys.iter().map(|&(no, byte)| (no, [byte; 32])).collect();
        Sealer::new(keys).expect("keys")
    }

    #[test]
    fn what_was_sealed_is_opened_for_the_same_purpose_alone() {
        let sealer = sealer(&[(1, 7)]);
        let sealed = sealer.seal(Sealed::Letter, b"jane@example.com", &System);
        assert_eq!(
            sealer.open(Sealed::Letter, &sealed).as_deref(),
            Some(&b"jane@example.com"[..])
        );
        assert_eq!(sealer.open(Sealed::Case, &sealed), None);
        assert_ne!(
            sealed,
            sealer.seal(Sealed::Letter, b"jane@example.com", &System)
        );
    }

    #[test]
    fn an_older_generation_still_opens_and_a_newer_one_seals() {
        let old = sealer(&[(1, 7)]).seal(Sealed::Link, b"text", &System);
        let both = sealer(&[(1, 7), (2, 8)]);
        assert_eq!(both.open(Sealed::Link, &old).as_deref(), Some(&b"text"[..]));
        let new = both.seal(Sealed::Link, b"text", &System);
        assert_eq!(sealer(&[(1, 7)]).open(Sealed::Link, &new), None);
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let sealer = sealer(&[(1, 7)]);
        let sealed = sealer.seal(Sealed::OneClick, b"text", &System);
        for place in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[place] ^= 1;
            assert_eq!(sealer.open(Sealed::OneClick, &bent), None, "{place}");
            assert_eq!(
                sealer.open(Sealed::OneClick, &sealed[..place]),
                None,
                "{place}"
            );
        }
    }
}
