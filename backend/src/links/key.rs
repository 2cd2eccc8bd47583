//! The secret behind links: it hashes codes and signs sessions.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use shared::address::AddressKey;
use shared::digest::Digest;
use shared::time::Timestamp;

/// How long a session lasts without being used (SEC-09).
const IDLE_MS: i64 = 15 * 60 * 1000;
/// Characters of a code.
pub(super) const CODE: usize = 10;
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const MAC: usize = 16;

/// The secret behind codes and sessions.
#[derive(Clone)]
pub struct LinkKey([u8; 32]);

impl LinkKey {
    /// A key of its own, derived from another secret.
    #[must_use]
    pub fn derive(secret: &[u8; 32]) -> Self {
        Self(mac(secret, &[b"sayso links 1"]))
    }

    /// What is kept of a code: worth nothing without the key and the address.
    pub(super) fn code(&self, address: &AddressKey, code: &str) -> Digest {
        let parts = [b"code\x1f", &address.as_bytes()[..], code.as_bytes()];
        Digest::from_bytes(mac(&self.0, &parts))
    }

    /// What the holder of a session sends.
    pub(super) fn value(&self, id: &[u8; 32], seen: Timestamp) -> String {
        let mut bytes = Vec::with_capacity(32 + 8 + MAC);
        bytes.extend_from_slice(id);
        bytes.extend_from_slice(&seen.as_millis().to_be_bytes());
        let signature = mac(&self.0, &[b"session\x1f", &bytes]);
        bytes.extend_from_slice(&signature[..MAC]);
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The session that a value names; `None` when it is forged or was not used for too long.
    pub(super) fn open(&self, value: &str, now: Timestamp) -> Option<[u8; 32]> {
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

/// A code of 50 random bits.
pub(super) fn code(random: &[u8; CODE]) -> String {
    random
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte & 31)]))
        .collect()
}

/// A code as people type it: any case, with spaces or hyphens, look-alikes taken for what they are.
pub(super) fn typed_code(typed: &str) -> Option<String> {
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
