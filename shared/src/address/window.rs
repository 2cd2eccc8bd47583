//! Short addresses as most are written, read without looking at byte after byte: the processor takes
//! many at a time, and has nothing to guess.

/// Bytes that are read together.
pub(super) const WINDOW: usize = 48;

/// The beginning of a text.
pub(super) type Window = [u8; WINDOW];

/// Ones up to each length.
static UP_TO: [Window; WINDOW + 1] = up_to();

const fn up_to() -> [Window; WINDOW + 1] {
    let mut all = [[0; WINDOW]; WINDOW + 1];
    let mut length = 0;
    while length <= WINDOW {
        let mut at = 0;
        while at < length {
            all[length][at] = u8::MAX;
            at += 1;
        }
        length += 1;
    }
    all
}

/// As many bytes of it as the text is long, in lower case, with zeros behind.
#[inline]
pub(super) fn lower(window: &Window, length: usize) -> Window {
    let mut lower = [0; WINDOW];
    let kept = &UP_TO[length];
    for ((lower, byte), kept) in lower.iter_mut().zip(window).zip(kept) {
        *lower = (byte & kept).to_ascii_lowercase();
    }
    lower
}

/// Where the `@` is, if what stands before it is a plain name of the commonest signs.
#[inline]
pub(super) fn end_of_name(lower: &Window) -> Option<usize> {
    let ats = marks(lower, |byte| byte == b'@');
    let dots = marks(lower, |byte| byte == b'.');
    let others = marks(lower, |byte| {
        !(byte.is_ascii_lowercase()
            | byte.is_ascii_digit()
            | (byte == b'.')
            | (byte == b'-')
            | (byte == b'_'))
    });
    let at = ats & ats.wrapping_neg();
    let name = at.wrapping_sub(1);
    // A dot stands at neither end, and behind none.
    let misplaced = dots & ((dots << 1) | 1 | (at >> 1)) & name;
    let is_name = at > 1 && misplaced == 0 && others & name == 0;
    is_name.then(|| at.trailing_zeros() as usize)
}

/// A one for every byte that is such, the first byte as the lowest bit.
#[inline]
fn marks(window: &Window, is: impl Fn(u8) -> bool) -> u64 {
    let mut bits = [0; WINDOW];
    for (place, (bit, byte)) in bits.iter_mut().zip(window).enumerate() {
        *bit = if is(*byte) { 1 << (place % 8) } else { 0_u8 };
    }
    let eights = bits.as_chunks().0.iter().enumerate();
    eights.fold(0, |marks, (place, eight)| {
        // The uppermost byte of the product is the sum of all eight, which have no bit in common.
        let eight = u64::from_le_bytes(*eight).wrapping_mul(0x0101_0101_0101_0101) >> 56;
        marks | (eight << (8 * place))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{WINDOW, end_of_name, lower, marks};

    #[test]
    fn a_name_ends_at_the_first_at() {
        let end = |text: &str| {
            let mut window = [b'x'; WINDOW];
            window[..text.len()].copy_from_slice(text.as_bytes());
            end_of_name(&lower(&window, text.len()))
        };
        assert_eq!(end("jane.doe@example.com"), Some(8));
        assert_eq!(end("J@x@y"), Some(1));
        let long = format!("{}@", "a".repeat(WINDOW - 1));
        assert_eq!(end(&long), Some(WINDOW - 1));
        for text in ["", "@", "a", ".a@", "a.@", "a..b@", ".@", "a+b@", "a b@"] {
            assert_eq!(end(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn marks_are_where_bytes_are_such(window in prop::collection::vec(any::<u8>(), WINDOW)) {
            let window = window.try_into().expect("as many");
            let found = marks(&window, |byte| byte > 100);
            for (place, byte) in window.iter().enumerate() {
                prop_assert_eq!(found >> place & 1 == 1, *byte > 100);
            }
        }
    }
}
