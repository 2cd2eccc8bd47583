//! E-mail addresses: parsed at the door, normalised for matching, kept only as keyed hashes.

use std::borrow::Cow;
use std::fmt;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use unicode_normalization::UnicodeNormalization as _;

mod domain;
mod key;
mod letters;
mod mac;
mod numbers;
mod plain;
mod reading;
mod role;
mod window;

pub use domain::Domain;
pub use key::{AddressKey, Pepper, ShortPepper};
pub use reading::{Reading, Readings};

/// Octets before the `@` at most (RFC 5321, 4.5.3.1.1).
const LOCAL_MAX: usize = 64;
/// Octets of the whole address at most (RFC 5321, 4.5.3.1.3, less the angle brackets).
const ADDRESS_MAX: usize = 254;

/// An e-mail address in its normal form (SEC-32). Its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    normal: String,
    at: usize,
}

/// Why a text is no e-mail address, so that a page can say what to mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAddress {
    /// Nothing was given.
    #[error("enter an e-mail address")]
    Empty,
    /// More octets than RFC 5321 allows.
    #[error("the address is too long: at most 64 characters before the @ and 254 in all")]
    TooLong,
    /// A control character, line break, comma, semicolon, angle bracket, comment or space.
    #[error("enter one address alone, without spaces, commas, brackets or a name")]
    NotAlone,
    /// No `@`.
    #[error("the address needs an @, as in name@example.com")]
    NoAt,
    /// More than one `@`.
    #[error("the address has more than one @")]
    ManyAt,
    /// What is before the `@` is missing or no name that mail can use.
    #[error("the part before the @ is not a name that mail can use")]
    Local,
    /// What is after the `@` is no domain.
    #[error("the part after the @ is not a domain, as in name@example.com")]
    Domain,
}

impl Address {
    /// Reads one address as a person types it. The result is for matching: lower case, NFC, the
    /// domain in ASCII. A false match only ever means less mail.
    pub fn parse(typed: &str) -> Result<Self, InvalidAddress> {
        plain::plain(typed).map_or_else(|| Self::parse_closely(typed), Ok)
    }

    /// Reads an address that was taken before and kept sealed or in a link, by every rule that there ever
    /// was: what was taken once has to work for ever.
    pub fn of_kept(kept: &str) -> Result<Self, InvalidAddress> {
        Self::read(kept, |_| false, |_, _| false)
    }

    /// The same for every text, also for those that need no closer look.
    fn parse_closely(typed: &str) -> Result<Self, InvalidAddress> {
        Self::read(typed, letters::are_wrapped, letters::are_strange)
    }

    fn read(
        typed: &str,
        is_refused: impl Fn(&str) -> bool,
        is_strange: impl Fn(&str, &str) -> bool,
    ) -> Result<Self, InvalidAddress> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(InvalidAddress::Empty);
        }
        // Normal forms are at most a few times shorter than what was typed: refuse early.
        if typed.len() > 4 * ADDRESS_MAX {
            return Err(InvalidAddress::TooLong);
        }
        if typed.chars().any(is_foreign) {
            return Err(InvalidAddress::NotAlone);
        }
        let (local, domain) = typed.rsplit_once('@').ok_or(InvalidAddress::NoAt)?;
        let ascii = normal_domain(domain)?;
        if is_strange(domain, &ascii) {
            return Err(InvalidAddress::Domain);
        }
        let domain = ascii;
        let local = normal_local(local)?;
        if is_refused(&local) {
            return Err(InvalidAddress::Local);
        }
        if local.len() > LOCAL_MAX || local.len() + 1 + domain.len() > ADDRESS_MAX {
            return Err(InvalidAddress::TooLong);
        }
        let at = local.len();
        Ok(Self {
            normal: format!("{local}@{domain}"),
            at,
        })
    }

    /// The domain in lower-case ASCII.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.normal[self.at + 1..]
    }

    /// The address without its `+tag`, if it has one (SEC-33): an objection by `a@x` also stops
    /// `a+tag@x`.
    #[must_use]
    pub fn base(&self) -> Option<Self> {
        let at = self.normal[..self.at].find('+').filter(|&at| at > 0)?;
        Some(Self {
            normal: format!("{}@{}", &self.normal[..at], self.domain()),
            at,
        })
    }

    /// The keyed hash of the normal form (SEC-30): the only trace of an address that is stored.
    #[must_use]
    pub fn key(&self, pepper: &Pepper) -> AddressKey {
        pepper.key(self.normal.as_bytes())
    }

    /// The normal form. For sending and sealing only; it must not reach a log or the store.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.normal
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Address(…)")
    }
}

/// Characters that no bare address holds: they separate, quote, hide or start a new line.
fn is_foreign(c: char) -> bool {
    c.is_control()
        || c.is_whitespace()
        || matches!(c, ',' | ';' | '<' | '>' | '(' | ')' | ':' | '\\')
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{fff0}'..='\u{ffff}' | '\u{e0000}'..)
}

fn normal_domain(typed: &str) -> Result<String, InvalidAddress> {
    let typed = typed.strip_suffix('.').unwrap_or(typed);
    let ascii = Uts46::new()
        .to_ascii(
            typed.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::CheckFirstLast,
            DnsLength::Verify,
        )
        .map_err(|_| InvalidAddress::Domain)?;
    let (_, top) = ascii.rsplit_once('.').ok_or(InvalidAddress::Domain)?;
    if top.bytes().all(|b| b.is_ascii_digit()) {
        return Err(InvalidAddress::Domain);
    }
    Ok(ascii.into_owned())
}

fn normal_local(typed: &str) -> Result<String, InvalidAddress> {
    let bare = match typed.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"').ok_or(InvalidAddress::Local)?,
        None => typed,
    };
    if bare.contains('@') {
        return Err(InvalidAddress::ManyAt);
    }
    let folded = fold(bare);
    if !is_dot_atom(bare) || !is_dot_atom(&folded) {
        return Err(InvalidAddress::Local);
    }
    Ok(folded.into_owned())
}

/// Also asked of the normal form: composition turns some letters into separators (the Greek
/// question mark into a semicolon).
fn is_dot_atom(text: &str) -> bool {
    text.split('.')
        .all(|atom| !atom.is_empty() && atom.chars().all(is_atext))
}

fn is_atext(c: char) -> bool {
    !c.is_ascii() || c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c)
}

/// Lower case by Unicode's own mapping, never the server's locale, with both small sigmas alike
/// (which one a capital becomes depends on its place in the word).
fn fold(text: &str) -> Cow<'_, str> {
    if text
        .bytes()
        .all(|b| b.is_ascii() && !b.is_ascii_uppercase())
    {
        return Cow::Borrowed(text);
    }
    if text.is_ascii() {
        return Cow::Owned(text.to_ascii_lowercase());
    }
    let composed: String = text.nfc().collect();
    Cow::Owned(composed.to_lowercase().replace('ς', "σ").nfc().collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Address, InvalidAddress, Pepper};

    fn normal(typed: &str) -> String {
        Address::parse(typed).expect(typed).reveal().to_owned()
    }

    #[test]
    fn the_vectors_of_sec_35_hold() {
        assert_eq!(normal(" Jane.Doe@EXAMPLE.com. "), "jane.doe@example.com");
        assert_eq!(normal("x@bücher.example"), "x@xn--bcher-kva.example");
        assert_eq!(normal("x@straße.example"), "x@xn--strae-oqa.example");
        assert_eq!(normal("\"jane\"@ex.com"), "jane@ex.com");
        assert_eq!(normal("ren\u{e9}@ex.com"), normal("rene\u{301}@ex.com"));
        assert_eq!(normal("İ@ex.com"), "i\u{307}@ex.com");
        assert_eq!(normal("ΟΔΟΣ@ex.com"), normal("οδοσ@ex.com"));
        assert_eq!(Address::parse("a@b@c.d"), Err(InvalidAddress::ManyAt));
        assert_eq!(
            Address::parse("a\r\nBcc:x@y.z"),
            Err(InvalidAddress::NotAlone)
        );
        for typed in [
            "a@[127.0.0.1]",
            "a@-x.com",
            "a@127.0.0.1",
            "a@b",
            "a@b..c",
            "a@",
        ] {
            assert_eq!(
                Address::parse(typed),
                Err(InvalidAddress::Domain),
                "{typed}"
            );
        }
        for typed in [
            "@x.com",
            "a..b@x.com",
            ".a@x.com",
            "\"a b\"@x.com",
            "\"a@x.com",
        ] {
            assert!(Address::parse(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn no_letter_becomes_a_separator_in_the_normal_form() {
        assert_eq!(
            Address::parse("a\u{37e}b@x.com"),
            Err(InvalidAddress::Local)
        );
        let changed = |letter: &char| super::fold(&letter.to_string()) != letter.to_string();
        for letter in ('\u{80}'..=char::MAX).filter(changed) {
            if let Ok(once) = Address::parse(&format!("a{letter}b@x.com")) {
                assert_eq!(Address::parse(once.reveal()), Ok(once), "{letter:?}");
            }
        }
    }

    #[test]
    fn lists_names_comments_and_hidden_characters_are_refused() {
        for typed in [
            "a@x.com,b@x.com",
            "a@x.com;b@x.com",
            "Jane <jane@x.com>",
            "jane(comment)@x.com",
            "ja\u{200b}ne@x.com",
            "jane\u{202e}@x.com",
            "jane\0@x.com",
            "ja ne@x.com",
        ] {
            assert_eq!(
                Address::parse(typed),
                Err(InvalidAddress::NotAlone),
                "{typed}"
            );
        }
    }

    #[test]
    fn lengths_are_those_of_rfc_5321() {
        let local = |n: usize| format!("{}@example.com", "a".repeat(n));
        assert!(Address::parse(&local(64)).is_ok());
        assert_eq!(Address::parse(&local(65)), Err(InvalidAddress::TooLong));
        assert_eq!(
            Address::parse(&"a".repeat(5000)),
            Err(InvalidAddress::TooLong)
        );
    }

    #[test]
    fn a_tag_has_a_base_and_a_plain_address_has_none() {
        let base = |typed| {
            Address::parse(typed)
                .expect(typed)
                .base()
                .map(|a| a.reveal().to_owned())
        };
        assert_eq!(base("a+tag@x.com").as_deref(), Some("a@x.com"));
        assert_eq!(base("a+b+c@x.com").as_deref(), Some("a@x.com"));
        assert_eq!(base("a@x.com"), None);
        assert_eq!(base("+a@x.com"), None);
    }

    #[test]
    fn the_key_is_the_published_hmac() {
        let pepper = Pepper::new(&[7; 32]).expect("32 bytes");
        let key = Address::parse("Jane@Example.com")
            .expect("an address")
            .key(&pepper);
        let hex: String = key.as_bytes().iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(
            hex,
            "7b0db6302de829237858c208308106cc2e57cb65bcc4e11cd51fe2873df3af72"
        );
        assert!(Pepper::new(&[7; 31]).is_err());
    }

    #[test]
    fn debug_output_holds_no_address() {
        let address = Address::parse("jane@example.com").expect("an address");
        assert!(!format!("{address:?}").contains("jane"));
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(typed in "\\PC{1,20}@[a-zA-Zäöüß0-9]{1,10}\\.(com|example)") {
            if let Ok(once) = Address::parse(&typed) {
                prop_assert_eq!(Address::parse(once.reveal()).expect("normal forms parse"), once);
            }
        }

        #[test]
        fn composed_and_decomposed_forms_are_one_address(local in "[a-zà-öø-ÿ]{1,12}") {
            use unicode_normalization::UnicodeNormalization as _;
            let decomposed: String = local.nfd().collect();
            prop_assert_eq!(normal(&format!("{local}@x.com")), normal(&format!("{decomposed}@x.com")));
        }

        #[test]
        fn no_text_makes_parsing_panic(typed in "\\PC*") {
            let _ = Address::parse(&typed);
        }
    }
}
