//! How characters are written: in bytes (UTF-8, or Windows-1252 where that is no UTF-8), or UTF-16.

use std::borrow::Cow;

/// The encoding of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// One byte for what structures a table. Each cell is UTF-8, or else Windows-1252.
    Bytes,
    /// UTF-16, the lesser byte first.
    Utf16Le,
    /// UTF-16, the greater byte first.
    Utf16Be,
}

/// Units of the head that are looked at for zeros.
const LOOK: usize = 4096;

/// The encoding, and how many bytes its mark has.
pub(super) fn detect(head: &[u8]) -> (Encoding, usize) {
    match head {
        [0xef, 0xbb, 0xbf, ..] => (Encoding::Bytes, 3),
        [0xff, 0xfe, ..] => (Encoding::Utf16Le, 2),
        [0xfe, 0xff, ..] => (Encoding::Utf16Be, 2),
        _ => (without_mark(head), 0),
    }
}

/// Text in UTF-16 has a zero in every second byte, and other text has none.
fn without_mark(head: &[u8]) -> Encoding {
    let (mut even, mut odd, mut pairs) = (0, 0, 0);
    for pair in head.chunks_exact(2).take(LOOK) {
        even += usize::from(pair[0] == 0);
        odd += usize::from(pair[1] == 0);
        pairs += 1;
    }
    if odd * 2 > pairs && even * 8 < pairs {
        Encoding::Utf16Le
    } else if even * 2 > pairs && odd * 8 < pairs {
        Encoding::Utf16Be
    } else {
        Encoding::Bytes
    }
}

impl Encoding {
    /// Bytes per unit: what structures a table is one unit.
    pub(super) const fn width(self) -> usize {
        match self {
            Self::Bytes => 1,
            Self::Utf16Le | Self::Utf16Be => 2,
        }
    }

    /// A byte for every unit: itself where it is ASCII, else one that structures nothing.
    pub(super) fn outline(self, bytes: &[u8], into: &mut Vec<u8>) {
        into.clear();
        let one = |unit: u16| match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => byte,
            _ => 0x80,
        };
        match self {
            Self::Bytes => into.extend_from_slice(bytes),
            Self::Utf16Le => {
                into.extend(
                    bytes
                        .as_chunks()
                        .0
                        .iter()
                        .map(|two| one(u16::from_le_bytes(*two))),
                );
            }
            Self::Utf16Be => {
                into.extend(
                    bytes
                        .as_chunks()
                        .0
                        .iter()
                        .map(|two| one(u16::from_be_bytes(*two))),
                );
            }
        }
    }

    /// The text of a cell.
    pub(super) fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        let wide = |unit: fn([u8; 2]) -> u16| {
            let units = bytes.as_chunks().0.iter().map(|two| unit(*two));
            char::decode_utf16(units)
                .map(|one| one.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect()
        };
        match self {
            Self::Bytes => match std::str::from_utf8(bytes) {
                Ok(text) => Cow::Borrowed(text),
                Err(_) => {
                    encoding_rs::WINDOWS_1252
                        .decode_without_bom_handling(bytes)
                        .0
                }
            },
            Self::Utf16Le => Cow::Owned(wide(u16::from_le_bytes)),
            Self::Utf16Be => Cow::Owned(wide(u16::from_be_bytes)),
        }
    }

    /// Appends text.
    pub(super) fn encode(self, text: &str, into: &mut Vec<u8>) {
        match self {
            Self::Bytes => into.extend_from_slice(text.as_bytes()),
            Self::Utf16Le => into.extend(text.encode_utf16().flat_map(u16::to_le_bytes)),
            Self::Utf16Be => into.extend(text.encode_utf16().flat_map(u16::to_be_bytes)),
        }
    }

    /// Appends ASCII.
    pub(super) fn encode_ascii(self, text: &[u8], into: &mut Vec<u8>) {
        for &byte in text {
            match self {
                Self::Bytes => into.push(byte),
                Self::Utf16Le => into.extend([byte, 0]),
                Self::Utf16Be => into.extend([0, byte]),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Encoding, detect};

    fn utf16(text: &str, encoding: Encoding) -> Vec<u8> {
        let mut bytes = Vec::new();
        encoding.encode(text, &mut bytes);
        bytes
    }

    #[test]
    fn encodings_are_told_by_their_mark_or_their_zeros() {
        assert_eq!(detect(b"\xef\xbb\xbfemail\n"), (Encoding::Bytes, 3));
        assert_eq!(detect(b"email\nj\xfcrgen@x.com\n"), (Encoding::Bytes, 0));
        assert_eq!(detect(b""), (Encoding::Bytes, 0));
        for encoding in [Encoding::Utf16Le, Encoding::Utf16Be] {
            let text = utf16("email;name\r\na@x.com;Zoë 漢字\r\n", encoding);
            assert_eq!(detect(&text), (encoding, 0));
            let marked = utf16("\u{feff}email", encoding);
            assert_eq!(detect(&marked), (encoding, 2));
            assert_eq!(encoding.decode(&text), "email;name\r\na@x.com;Zoë 漢字\r\n");
        }
    }

    #[test]
    fn what_is_no_utf_8_is_windows_1252() {
        assert_eq!(Encoding::Bytes.decode(b"Zo\xeb \x80"), "Zoë €");
        assert_eq!(Encoding::Bytes.decode("Zoë".as_bytes()), "Zoë");
    }

    #[test]
    fn letters_whose_half_looks_like_a_delimiter_structure_nothing() {
        let mut outline = Vec::new();
        // U+2C2C and U+0A0A are a comma and a line feed, were they read byte by byte.
        let text = utf16("\u{2c2c}\u{0a0a},", Encoding::Utf16Le);
        Encoding::Utf16Le.outline(&text, &mut outline);
        assert_eq!(outline, b"\x80\x80,");
    }
}
