//! The letters of names and domains beyond ASCII: what quotes, lists or adorns an address is none of it.
//!
//! Standards for mail allow nearly every character in a name (RFC 6531), and UTS 46 allows signs in domains
//! that IDNA does not (RFC 5892). Taken so, an address in typographic quotes would be somebody else's.

use idna::domain_to_unicode;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Whether it can stand in a name: a letter or a digit of any script, or a mark that belongs to one.
pub(super) fn is_letter(c: char) -> bool {
    if is_combining_mark(c) {
        return !is_unseen(c);
    }
    let plain = || std::iter::once(c).nfkc();
    if c.is_alphabetic() {
        // A letter in a circle, or as wide as an ideograph, stands for one of ASCII.
        return std::iter::once(c).nfc().all(|c| c.is_ascii()) || !plain().all(|c| c.is_ascii());
    }
    c.is_numeric() && plain().eq([c])
}

/// Whether a domain is one of letters, as it was typed and as its labels are decoded from ASCII.
pub(super) fn make_domain(typed: &str, ascii: &str) -> bool {
    let decoded = || domain_to_unicode(ascii).0;
    are_letters(typed) && (!ascii.contains("xn--") || are_letters(&decoded()))
}

fn are_letters(domain: &str) -> bool {
    if domain.is_ascii() {
        return true;
    }
    let signs: Vec<char> = domain.chars().collect();
    let is_between = |at: usize, letter: char| {
        at > 0 && signs[at - 1] == letter && signs.get(at + 1) == Some(&letter)
    };
    signs.iter().enumerate().all(|(at, &c)| {
        let is_catalan = c == '\u{b7}' && is_between(at, 'l');
        c.is_ascii() || is_letter(c) || is_catalan || is_east_asian(c) || is_in_context(c)
    })
}

/// What keyboards for East Asian scripts write for the signs of ASCII, and the dots between labels.
const fn is_east_asian(c: char) -> bool {
    matches!(c, '\u{ff01}'..='\u{ff5e}' | '\u{3002}' | '\u{ff61}')
}

/// Where these may stand was looked at when the domain was read (RFC 5892, appendix A).
const fn is_in_context(c: char) -> bool {
    matches!(
        c,
        '\u{200c}' | '\u{200d}' | '\u{375}' | '\u{5f3}' | '\u{5f4}' | '\u{30fb}'
    )
}

/// Marks that are not seen.
const fn is_unseen(c: char) -> bool {
    matches!(c, '\u{34f}' | '\u{180b}'..='\u{180f}' | '\u{fe00}'..='\u{fe0f}')
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
        ];
        for sign in around {
            let front = format!("{sign}jane@example.com");
            assert!(Address::parse(&front).is_err(), "{front}");
            let behind = format!("jane@example.com{sign}");
            // Some signs are written as a letter or two in a domain: then it is another domain's name.
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
            "テスト@ドメイン・例.example",
            "x@نامه\u{200c}ای.example",
        ] {
            let is_hidden = typed.contains('\u{200c}');
            assert_eq!(Address::parse(typed).is_ok(), !is_hidden, "{typed}");
        }
        // The same domain as mail programs write it.
        assert!(Address::parse("x@xn--mgba3gch31f060k.example").is_ok());
    }
}
