//! What is kept of an address: a keyed hash, which says nothing without the pepper.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// What goes into the hash before the address: format and channel.
const KEY_PREFIX: &[u8] = b"ak1\x1femail\x1f";
/// What goes into the hash of a check: no address key is a hash of that.
const CHECK_PREFIX: &[u8] = b"check1\x1f";

/// The secret that makes address keys useless without it. It lives outside the database.
#[derive(Clone)]
pub struct Pepper {
    /// Prepared with the key prefix: one clone per address.
    mac: Hmac<Sha256>,
    /// Prepared with the prefix of checks.
    checks: Hmac<Sha256>,
}

/// A pepper of the wrong length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the pepper must be 32 random bytes")]
pub struct ShortPepper;

impl Pepper {
    /// Takes exactly 32 random bytes.
    pub fn new(bytes: &[u8]) -> Result<Self, ShortPepper> {
        if bytes.len() != 32 {
            return Err(ShortPepper);
        }
        let keyed = Hmac::<Sha256>::new_from_slice(bytes).map_err(|_| ShortPepper)?;
        let (mut mac, mut checks) = (keyed.clone(), keyed);
        mac.update(KEY_PREFIX);
        checks.update(CHECK_PREFIX);
        Ok(Self { mac, checks })
    }

    /// The key of an address in its normal form.
    pub(super) fn key(&self, normal: &[u8]) -> AddressKey {
        let mut mac = self.mac.clone();
        mac.update(normal);
        AddressKey(mac.finalize().into_bytes().into())
    }

    /// Three bytes that go with an address key where it leaves the service for that use, so that a
    /// damaged or foreign one is noticed.
    #[must_use]
    pub fn check(&self, what: &str, key: &AddressKey) -> [u8; 3] {
        let mut mac = self.checks.clone();
        mac.update(what.as_bytes());
        mac.update(b"\x1f");
        mac.update(key.as_bytes());
        let mut check = [0; 3];
        check.copy_from_slice(&mac.finalize().into_bytes()[..3]);
        check
    }
}

impl fmt::Debug for Pepper {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Pepper(…)")
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
