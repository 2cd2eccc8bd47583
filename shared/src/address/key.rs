//! What is kept of an address: a keyed hash, which says nothing without the pepper.

use std::fmt;

use super::mac::{self, BLOCK, Block, Mac};
use super::window::{WINDOW, Window};

/// What goes into the hash before the address: format and channel.
const KEY_PREFIX: &[u8] = b"ak1\x1femail\x1f";
/// Octets of a normal form that is hashed as one block.
pub(super) const SHORT: usize = mac::longest(KEY_PREFIX.len());
/// What stands around a short normal form in its block.
static FRAMES: [Block; SHORT + 1] = mac::frames(KEY_PREFIX);
/// What goes into the hash of a check: no address key is a hash of that.
const CHECK_PREFIX: &[u8] = b"check1\x1f";
/// What goes into the hash that marks a pepper: no address key and no check is a hash of that.
const MARK: &[u8] = b"mark1\x1f";

/// The secret that makes address keys useless without it. It lives outside the database.
#[derive(Clone)]
pub struct Pepper(Mac);

/// A pepper of the wrong length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the pepper must be 32 random bytes")]
pub struct ShortPepper;

impl Pepper {
    /// Takes exactly 32 random bytes.
    pub fn new(bytes: &[u8]) -> Result<Self, ShortPepper> {
        let bytes = bytes.try_into().map_err(|_| ShortPepper)?;
        Ok(Self(Mac::new(bytes)))
    }

    /// The key of an address in its normal form.
    pub(super) fn key(&self, normal: &[u8]) -> AddressKey {
        AddressKey(self.0.of(KEY_PREFIX, normal))
    }

    /// The keys of many addresses in their normal form, in their order.
    pub(super) fn keys<'n>(
        &self,
        normals: impl Iterator<Item = Normal<'n>>,
        into: &mut Vec<AddressKey>,
    ) {
        into.clear();
        // Neighbours do not wait for each other, so that the processor works on several at once: the
        // two halves of one address would.
        into.extend(normals.map(|normal| {
            AddressKey(match normal {
                Normal::Short(placed, length) => self.0.inner_block(&placed.framed(length)),
                Normal::Long(normal) => self.0.inner(KEY_PREFIX, normal),
            })
        }));
        for key in into {
            *key = AddressKey(self.0.outer(&key.0));
        }
    }

    /// What tells this pepper from others, and says nothing of it.
    #[must_use]
    pub fn mark(&self) -> [u8; 32] {
        self.0.of(MARK, &[])
    }

    /// Three bytes that go with an address key where it leaves the service for that use, so that a
    /// damaged or foreign one is noticed.
    #[must_use]
    pub fn check(&self, what: &str, key: &AddressKey) -> [u8; 3] {
        let message = [what.as_bytes(), b"\x1f", key.as_bytes()].concat();
        let [a, b, c, ..] = self.0.of(CHECK_PREFIX, &message);
        [a, b, c]
    }
}

impl fmt::Debug for Pepper {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Pepper(…)")
    }
}

/// A normal form that is to be hashed.
pub(super) enum Normal<'n> {
    /// Of that length, at most [`SHORT`].
    Short(&'n Placed, usize),
    Long(&'n [u8]),
}

/// A short normal form in its place within its block, with zeros around: so it is hashed quickly.
pub(super) struct Placed(Block);

impl Placed {
    /// The normal form at the beginning of that text, which has zeros behind.
    #[inline]
    pub(super) fn new(text: &Window) -> Self {
        let mut block = [0; BLOCK];
        block[KEY_PREFIX.len()..][..WINDOW].copy_from_slice(text);
        Self(block)
    }

    /// The normal form of that length.
    pub(super) fn text(&self, length: usize) -> &[u8] {
        &self.0[KEY_PREFIX.len()..][..length]
    }

    fn framed(&self, length: usize) -> Block {
        let mut framed = FRAMES[length];
        for (framed, byte) in framed.iter_mut().zip(&self.0) {
            *framed |= byte;
        }
        framed
    }
}

/// `HMAC-SHA-256(pepper, "ak1" US "email" US normal form)`. Still personal data (SEC-31).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressKey([u8; 32]);

impl AddressKey {
    /// The key of those 32 bytes, as read from the store.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for AddressKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("AddressKey(…)")
    }
}
