//! What a cell says, apart from how it is quoted.

use std::borrow::Cow;

/// The text of a cell as it is written: without its quotes, with doubled ones as one.
pub(super) fn bare(written: &str) -> Cow<'_, str> {
    let Some(rest) = written.strip_prefix('"') else {
        return Cow::Borrowed(written);
    };
    if let Some(inner) = rest.strip_suffix('"')
        && !inner.contains('"')
    {
        return Cow::Borrowed(inner);
    }
    let mut text = String::with_capacity(rest.len());
    let mut signs = rest.chars();
    while let Some(sign) = signs.next() {
        if sign != '"' {
            text.push(sign);
            continue;
        }
        if signs.as_str().starts_with('"') {
            signs.next();
            text.push('"');
        } else {
            // Closed: what follows up to the delimiter is literal.
            text.push_str(signs.as_str());
            break;
        }
    }
    Cow::Owned(text)
}

/// A text as a cell is written. One that a spreadsheet would take for a formula gets an apostrophe
/// in front (SEC-28).
pub(super) fn cell(text: &str, delimiter: u8) -> Cow<'_, str> {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let special = |sign: char| matches!(sign, '"' | '\n' | '\r') || sign == char::from(delimiter);
    if !formula && !text.contains(special) {
        return Cow::Borrowed(text);
    }
    let mark = if formula { "'" } else { "" };
    if text.contains(special) {
        Cow::Owned(format!("\"{mark}{}\"", text.replace('"', "\"\"")))
    } else {
        Cow::Owned(format!("{mark}{text}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{bare, cell};

    #[test]
    fn quotes_are_taken_off_and_doubled_ones_halved() {
        for (written, said) in [
            ("plain", "plain"),
            ("\"a@x.com\"", "a@x.com"),
            ("\"\"", ""),
            ("\"a\"\"b\"", "a\"b"),
            ("\"\"\"\"", "\""),
            ("\"a\"b\"c", "ab\"c"),
            ("5\" pipe", "5\" pipe"),
        ] {
            assert_eq!(bare(written), said, "{written}");
        }
    }

    #[test]
    fn what_a_spreadsheet_would_compute_is_made_plain() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"] {
            let written = cell(text, b',');
            assert!(bare(&written).starts_with('\''), "{written}");
        }
        assert_eq!(cell("objected", b','), "objected");
        assert_eq!(cell("a,b", b','), "\"a,b\"");
        assert_eq!(cell("a,b", b';'), "a,b");
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_again(text in "[a,;\"\r\n]{0,12}") {
            prop_assume!(!text.starts_with('\r'));
            for delimiter in [b',', b';', b'\t', b'|'] {
                let written = cell(&text, delimiter);
                let plain = bare(&written);
                let marked = text.starts_with('=').then(|| format!("'{text}"));
                prop_assert_eq!(&*plain, marked.as_ref().unwrap_or(&text));
            }
        }
    }
}
