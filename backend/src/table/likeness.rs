//! Whether a text may be meant as an address, also where no mail could reach it: what is taken for one is
//! refused or withheld by its row, and what is not may go unseen.

use shared::address::Address;

/// What people write between the two parts of an address.
const SIGNS: [&str; 5] = ["@", "\u{ff20}", "\u{fe6b}", "(at)", "[at]"];

/// How much a text is like an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Likeness {
    /// A name and a host, such as `ann@localhost`.
    Host,
    /// A name and a domain, such as `ann(at)client.example`.
    Domain,
}

/// Whether the text, alone or in angle brackets behind a name, is an address or meant as one:
/// `ann.@client.example` and `ann(at)client.example` are.
#[must_use]
pub fn may_be_address(text: &str) -> bool {
    Address::parse(text).is_ok() || likeness(text).is_some()
}

/// Whether the text has a sign that only addresses have.
pub(super) fn has_sign(text: &str) -> bool {
    let text = text.to_lowercase();
    SIGNS.iter().any(|sign| text.contains(sign))
}

/// Whether the text says an address somewhere, whatever stands around it: a sign with a name before it and
/// a domain behind it, which a handle such as `Twitter (@handle)` has not.
pub(super) fn tells_of_one(text: &str) -> bool {
    let text = text.to_lowercase();
    SIGNS.iter().any(|sign| {
        let mut found = text.match_indices(sign);
        found.any(|(at, sign)| {
            ends_with_name(&text[..at]) && begins_with_domain(&text[at + sign.len()..])
        })
    })
}

fn ends_with_name(text: &str) -> bool {
    let last = text.trim_end().chars().next_back();
    last.is_some_and(|sign| !"(<[{,;:|".contains(sign))
}

fn begins_with_domain(text: &str) -> bool {
    let dots = ['.', '\u{3002}', '\u{ff0e}', '\u{ff61}'];
    let text = text.trim_start_matches(|sign: char| !sign.is_alphanumeric());
    let in_domain =
        |sign: char| sign.is_alphanumeric() || "-_".contains(sign) || dots.contains(&sign);
    let end = text.find(|sign| !in_domain(sign)).unwrap_or(text.len());
    text[..end]
        .trim_end_matches(|sign: char| !sign.is_alphanumeric())
        .contains(dots)
}

/// How much the text is like an address, if it is.
pub(super) fn likeness(text: &str) -> Option<Likeness> {
    let text = text.to_lowercase();
    SIGNS.iter().find_map(|sign| parted(&text, sign))
}

fn parted(text: &str, sign: &str) -> Option<Likeness> {
    let (name, domain) = text.rsplit_once(sign)?;
    let name = name.rsplit_once('<').map_or(name, |(_, name)| name);
    let domain = domain.trim_end().trim_end_matches(['>', '.']);
    let is_apart = name.ends_with(char::is_whitespace) || domain.starts_with(char::is_whitespace);
    let (name, domain) = (name.trim(), domain.trim());
    let foreign = |sign: char| sign.is_whitespace() || ",;:<>()[]|\\".contains(sign);
    let in_domain = |sign: char| sign.is_alphanumeric() || "-_.".contains(sign);
    if name.is_empty() || name.contains(foreign) {
        return None;
    }
    if !domain.starts_with(char::is_alphanumeric) || !domain.chars().all(in_domain) {
        return None;
    }
    match domain.contains('.') {
        true => Some(Likeness::Domain),
        // "Name @ company" is the name of a column.
        false => (!is_apart).then_some(Likeness::Host),
    }
}

#[cfg(test)]
mod tests {
    use super::{Likeness, likeness, may_be_address, tells_of_one};

    #[test]
    fn what_may_be_meant_as_an_address_is_told_from_other_texts_with_its_sign() {
        for text in [
            "ann@client.example",
            " Ann@Client.Example ",
            "ann.@client.example",
            "ann(at)client.example",
            "ann [AT] client.example",
            "ann\u{ff20}client.example",
            "Ann Lee <ann@client.example>",
            "\"ann\"@client.example",
        ] {
            assert!(may_be_address(text), "{text}");
            assert_eq!(likeness(text), Some(Likeness::Domain), "{text}");
            assert!(tells_of_one(text), "{text}");
        }
        assert_eq!(likeness("ann@localhost"), Some(Likeness::Host));
        for text in [
            "",
            "@",
            "Twitter (@handle)",
            "@handle",
            "Contact @ Company",
            "Contact @ Company.",
            "E-mail (at work)",
        ] {
            assert!(!may_be_address(text), "{text}");
            assert!(!tells_of_one(text), "{text}");
        }
    }

    #[test]
    fn a_text_that_is_no_address_may_tell_of_one() {
        for text in [
            "write to ann@client.example",
            "write to ann (AT) client.example, please",
            "a@x.example;b@y.example",
            "a@x.example;1",
            "mailto:ann@client.example",
            "'ann@client.example'",
            "\"ann@x.example; bob@y.example\"",
            "ann@client.example (old)",
            "Twitter (@handle), ann@client.example",
            "ann@\u{200b}client.example",
            "mailto:ann@client\u{3002}example",
        ] {
            assert!(!may_be_address(text), "{text}");
            assert!(tells_of_one(text), "{text}");
        }
    }
}
