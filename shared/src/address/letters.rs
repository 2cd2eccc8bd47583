//! The letters of names and domains beyond ASCII: what quotes, lists or adorns an address is none of it.
//!
//! Standards for mail allow nearly every character in a name (RFC 6531), and UTS 46 allows signs in domains
//! that IDNA does not (RFC 5892). Taken so, an address in typographic quotes would be somebody else's.

use idna::domain_to_unicode;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// What stands for quotes, spaces and separators where an address was encoded for a URL.
const ENCODED: [&str; 12] = [
    "%09", "%0a", "%0d", "%20", "%22", "%27", "%2b", "%2c", "%3b", "%3c", "%3e", "%40",
];

/// Whether a name in its normal form carries what is none of its letters: what spreadsheets and web pages
/// put around a text, and signs that are not seen. RFC 5321 would allow some of it in a name, but whoever
/// writes it means the name within.
pub(super) fn are_wrapped(local: &str) -> bool {
    let is_quote = |c| matches!(c, '\'' | '`');
    local.starts_with(is_quote)
        || local.ends_with(is_quote)
        || local.starts_with(is_combining_mark)
        || ENCODED.iter().any(|encoded| local.contains(encoded))
        || !local.chars().all(|c| c.is_ascii() || is_letter(c))
}

/// Whether a domain is none of letters, as it was typed or as its labels are decoded from ASCII.
pub(super) fn are_strange(typed: &str, ascii: &str) -> bool {
    if typed.is_ascii() && !ascii.contains("xn--") {
        return false;
    }
    let decoded = domain_to_unicode(ascii).0;
    !typed.chars().all(may_be_typed) || !are_letters(&decoded)
}

fn are_letters(domain: &str) -> bool {
    let signs: Vec<char> = domain.chars().collect();
    let is_between = |at: usize, letter: char| {
        at > 0 && signs[at - 1] == letter && signs.get(at + 1) == Some(&letter)
    };
    signs.iter().enumerate().all(|(at, &c)| {
        let is_catalan = c == '\u{b7}' && is_between(at, 'l');
        c.is_ascii() || is_letter(c) || is_catalan || is_allowed(c)
    })
}

/// Whether it is a letter, a digit, a mark, or what keyboards for East Asian scripts write for the signs
/// of ASCII and the dots between labels; none of the signs that become letters when a domain is read.
fn may_be_typed(c: char) -> bool {
    c.is_ascii()
        || c.is_alphabetic()
        || is_letter(c)
        || is_allowed(c)
        || matches!(
            c,
            '\u{b7}' | '\u{ff01}'..='\u{ff5e}' | '\u{3002}' | '\u{ff61}'
        )
}

/// Whether it can stand in a name: a letter or a digit of any script, or a mark that belongs to one.
fn is_letter(c: char) -> bool {
    if is_unseen(c) {
        return false;
    }
    if is_combining_mark(c) {
        // Not what puts a letter into a circle or a square.
        return !matches!(c, '\u{20dd}'..='\u{20e4}');
    }
    let plain = || std::iter::once(c).nfkc();
    if c.is_alphabetic() {
        // A letter in a circle, or as wide as an ideograph, stands for one of ASCII.
        return std::iter::once(c).nfc().all(|c| c.is_ascii()) || !plain().all(|c| c.is_ascii());
    }
    c.is_numeric() && plain().eq([c])
}

/// Signs of domains that are no letters. Where those of context may stand was looked at when the domain was
/// read (RFC 5892, 2.6 and appendix A).
const fn is_allowed(c: char) -> bool {
    matches!(
        c,
        '\u{200c}'
            | '\u{200d}'
            | '\u{375}'
            | '\u{5f3}'
            | '\u{5f4}'
            | '\u{30fb}'
            | '\u{6fd}'
            | '\u{6fe}'
            | '\u{f0b}'
            | '\u{3007}'
    )
}

/// Letters and marks that are not seen.
const fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{16fe4}'
    )
}

#[cfg(test)]
mod tests {
    use crate::address::Address;

    #[test]
    fn what_stands_around_an_address_makes_nobody_else_of_it() {
        let around = [
            "\u{201c}",
            "\u{201d}",
            "\u{201e}",
            "\u{2018}",
            "\u{2019}",
            "\u{ab}",
            "\u{bb}",
            "\u{2022}",
            "\u{2013}",
            "\u{2014}",
            "\u{2192}",
            "\u{2709}",
            "\u{3001}",
            "\u{b7}",
            "\u{2122}",
            "\u{2460}",
            "\u{fe0f}",
            "\u{34f}",
            "\u{24d9}",
            "\u{ff4a}",
            "\u{b9}",
            "\u{bd}",
            "\u{1f4e7}",
            "'",
            "`",
            "%20",
            "\u{20ac}",
            "\u{3164}",
            "\u{115f}",
            "\u{ffa0}",
            "\u{17b4}",
            "\u{301}",
            "\u{20e3}",
        ];
        for sign in around {
            let front = format!("{sign}jane@example.com");
            assert!(Address::parse(&front).is_err(), "{front}");
            let behind = format!("jane@example.com{sign}");
            // Some signs are written as a letter or two in a domain, and a mark belongs to the letter before
            // it: then it is another domain's name.
            if sign == "\u{301}" {
                continue;
            }
            if let Ok(address) = Address::parse(&behind) {
                assert!(
                    address.domain().is_ascii() && !address.domain().contains("xn--"),
                    "{behind}"
                );
            }
        }
    }

    #[test]
    fn letters_of_every_script_and_signs_within_a_name_stay() {
        for typed in [
            "o'brien@example.com",
            "a%b@example.com",
            "jörg@bücher.example",
            "用户@例子.example",
            "उपयोगकर्ता@उदाहरण.example",
            "ผู้ทำ@ตัวอย่าง.example",
            "משתמש@דוגמה.example",
            "مستخدم٣@مثال.example",
            "x@paral·lel.example",
            "x@PARAL·LEL.example",
            "x@བོད་ཡིག.example",
            "office@ﬁrst-oﬃce.example",
            "jane%de@example.com",
            "a%be.example@example.com",
            "テスト@ドメイン・例.example",
            "x@نامه\u{200c}ای.example",
        ] {
            let is_hidden = typed.contains('\u{200c}');
            assert_eq!(Address::parse(typed).is_ok(), !is_hidden, "{typed}");
        }
        // What was taken before goes on working where it was kept.
        for kept in [
            "joe@i\u{2764}.example",
            "o'@client.example",
            "%20bob@client.example",
        ] {
            assert!(Address::parse(kept).is_err(), "{kept}");
            assert_eq!(
                Address::of_kept(kept).map(|one| one.at > 0),
                Ok(true),
                "{kept}"
            );
        }
        // The same domain as mail programs write it.
        assert!(Address::parse("x@xn--mgba3gch31f060k.example").is_ok());
    }
}
