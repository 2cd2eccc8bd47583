//! Marks in mailbox names: whose message it was, without the address and without a list.
//!
//! `unsub+MARK@domain`: 36 bytes (generation of the pepper, address key, a check of 24 bits) as 58
//! characters that survive a change of case. The key is the secret part: nobody makes one without
//! the pepper. What a mark allows is to restrict.

use shared::address::{Address, AddressKey};
use subtle::ConstantTimeEq as _;

use crate::secrets::Secrets;
use crate::store::Keys;

const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const BYTES: usize = 36;
const CHARACTERS: usize = 58;

/// What a mark is for. A mark for one is no mark for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// To unsubscribe by mail.
    Unsubscribe,
    /// To know whose mail came back.
    Bounce,
}

impl Use {
    const fn name(self) -> &'static str {
        match self {
            Self::Unsubscribe => "unsubscribe",
            Self::Bounce => "bounce",
        }
    }
}

/// The mailbox with the mark of that address. `None` for a pepper of a generation above 255.
#[must_use]
pub fn tagged(mailbox: &str, what: Use, address: &Address, secrets: &Secrets) -> Option<String> {
    let (name, domain) = mailbox.rsplit_once('@')?;
    let (generation, key) = *secrets.keys(address).0.first()?;
    let check = secrets.check(generation, what.name(), &key)?;
    let mut bytes = [0; BYTES];
    bytes[0] = u8::try_from(generation).ok()?;
    bytes[1..33].copy_from_slice(key.as_bytes());
    bytes[33..].copy_from_slice(&check);
    Some(format!("{name}+{}@{domain}", encode(&bytes)))
}

/// Whose mark it is, if the recipient is that mailbox with a good mark.
#[must_use]
pub fn read(recipient: &str, mailbox: &str, what: Use, secrets: &Secrets) -> Option<Keys> {
    let recipient = recipient.to_ascii_lowercase();
    let (name, domain) = recipient.rsplit_once('@')?;
    let (name, mark) = name.split_once('+')?;
    if !format!("{name}@{domain}").eq_ignore_ascii_case(mailbox) {
        return None;
    }
    let bytes = decode(mark)?;
    let generation = u32::from(bytes[0]);
    let key: [u8; 32] = bytes[1..33].try_into().ok()?;
    let key = AddressKey::from_bytes(key);
    let check = secrets.check(generation, what.name(), &key)?;
    bool::from(check.ct_eq(&bytes[33..])).then(|| Keys(vec![(generation, key)]))
}

fn encode(bytes: &[u8; BYTES]) -> String {
    let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| byte >> (7 - at % 8) & 1);
    let letter = |place: usize| {
        let value = (0..5).fold(0, |value, at| value << 1 | bit(place * 5 + at));
        char::from(LETTERS[usize::from(value)])
    };
    (0..CHARACTERS).map(letter).collect()
}

/// Only the one spelling of a mark is read: the two bits at the end are zero.
fn decode(text: &str) -> Option<[u8; BYTES]> {
    if text.len() != CHARACTERS {
        return None;
    }
    let mut bytes = [0; BYTES];
    for (place, letter) in text.bytes().enumerate() {
        let value = LETTERS.iter().position(|one| *one == letter)?;
        for at in 0..5 {
            let bit = place * 5 + at;
            let set = u8::from(value >> (4 - at) & 1 == 1);
            match bytes.get_mut(bit / 8) {
                Some(byte) => *byte |= set << (7 - bit % 8),
                None if set == 1 => return None,
                None => {}
            }
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use shared::address::Address;

    use super::{BYTES, Use, decode, encode, read, tagged};
    use crate::clock::System;
    use crate::secrets::SecretsText;

    const MAILBOX: &str = "unsub@privacy.example.com";

    #[test]
    fn a_mark_names_its_address_and_no_other_use_and_no_bent_one_is_read() {
        let secrets = SecretsText::generate(&System).check().expect("secrets");
        let address = Address::parse("jane@client.example").expect("an address");
        let marked = tagged(MAILBOX, Use::Unsubscribe, &address, &secrets).expect("a mark");
        assert_eq!(marked.split('@').next().expect("a name").len(), 64);
        assert!(!marked.contains("jane") && !marked.contains("client"));
        let keys = secrets.keys(&address);
        let upper = marked.to_ascii_uppercase();
        for text in [&marked, &upper] {
            let found = read(text, MAILBOX, Use::Unsubscribe, &secrets);
            assert_eq!(found.as_ref(), Some(&keys));
        }
        assert_eq!(read(&marked, MAILBOX, Use::Bounce, &secrets), None);
        let other = "unsub@other.example";
        assert_eq!(read(&marked, other, Use::Unsubscribe, &secrets), None);
        for place in 6..64 {
            let mut bent = marked.clone().into_bytes();
            bent[place] = if bent[place] == b'a' { b'b' } else { b'a' };
            let bent = String::from_utf8(bent).expect("letters");
            assert_eq!(read(&bent, MAILBOX, Use::Unsubscribe, &secrets), None);
        }
    }

    proptest! {
        #[test]
        fn what_was_encoded_is_decoded(bytes in proptest::array::uniform::<_, BYTES>(any::<u8>())) {
            prop_assert_eq!(decode(&encode(&bytes)), Some(bytes));
        }

        #[test]
        fn no_text_makes_reading_panic(text in "\\PC{0,80}") {
            let _ = decode(&text);
        }
    }
}
