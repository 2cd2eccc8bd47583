//! Standings as they are written, with the ids of entries crossed out: which entry it was bears on no
//! question, and without them most standings are written alike.

/// Characters of an id between its quotes.
const ID: usize = 36;

/// A standing with its ids crossed out.
#[derive(Default)]
pub(super) struct Mask {
    bytes: Vec<u8>,
    /// Where the ids begin.
    ids: Vec<usize>,
}

impl Mask {
    pub(super) fn of(written: &[u8]) -> Self {
        let mut bytes = written.to_vec();
        let mut ids = Vec::new();
        let mut at = 0;
        while let Some(quote) = memchr::memchr(b'"', &bytes[at..]) {
            at += quote + 1;
            let id = bytes.get_mut(at..at + ID).filter(|id| is_id(id));
            if let Some(id) = id
                && written.get(at + ID) == Some(&b'"')
            {
                id.fill(b'0');
                ids.push(at);
                at += ID + 1;
            }
        }
        Self { bytes, ids }
    }

    /// The same for all standings that differ in ids alone.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether that standing would give this mask.
    pub(super) fn fits(&self, written: &[u8]) -> bool {
        if self.bytes.is_empty() || self.bytes.len() != written.len() {
            return false;
        }
        let mut from = 0;
        for &id in &self.ids {
            if self.bytes[from..id] != written[from..id] || !is_id(&written[id..id + ID]) {
                return false;
            }
            from = id + ID;
        }
        self.bytes[from..] == written[from..]
    }
}

fn is_id(text: &[u8]) -> bool {
    let dashes = [8, 13, 18, 23].iter().all(|&dash| text[dash] == b'-');
    // Every byte is looked at, without a way out: the processor takes many at a time.
    dashes
        && text.iter().fold(true, |all, &sign| {
            all & (sign.is_ascii_hexdigit() | (sign == b'-'))
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Mask;

    const ID: &str = "01a206a5-58fd-733e-9df4-66305fd4b600";

    #[test]
    fn ids_are_crossed_out_and_nothing_else() {
        let masked = |text: &str| {
            let mask = Mask::of(text.as_bytes());
            String::from_utf8(mask.bytes().to_vec()).unwrap()
        };
        let zeros = "0".repeat(36);
        assert_eq!(
            masked(&format!("{{\"entry\":\"{ID}\",\"erased\":\"{ID}\"}}")),
            format!("{{\"entry\":\"{zeros}\",\"erased\":\"{zeros}\"}}")
        );
        for other in [
            "",
            "\"",
            "{\"until\":\"2026-11-23T03:30:00.000Z\"}",
            "\"01a206a5\"",
        ] {
            assert_eq!(masked(other), other);
        }
    }

    /// Texts of quotes, ids, halves of ids and other things.
    fn text() -> impl Strategy<Value = String> {
        let other = "01a206a5-58fd-733e-9df4-66305fd4b6ff".to_owned();
        let piece = prop::sample::select(vec![
            ID.to_owned(),
            other,
            ID[..20].to_owned(),
            ID[20..].to_owned(),
            "\"".to_owned(),
            "\"".to_owned(),
            "x".to_owned(),
        ]);
        prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn a_mask_fits_what_would_give_it(one in text(), other in text()) {
            let (mask, same) = (Mask::of(one.as_bytes()), Mask::of(other.as_bytes()));
            prop_assert_eq!(mask.fits(one.as_bytes()), !one.is_empty());
            let is_same = mask.bytes() == same.bytes() && !one.is_empty();
            prop_assert_eq!(mask.fits(other.as_bytes()), is_same);
        }
    }
}
