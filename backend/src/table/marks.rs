//! Where the bytes stand that end cells and rows: looked for in 64 bytes at a time, since cells are
//! short.

/// Bytes that are looked at together.
const CHUNK: usize = 64;

/// The delimiters and line ends of an outline.
pub(super) struct Marks<'a> {
    outline: &'a [u8],
    delimiter: u8,
    /// Where the chunk begins that was looked at last.
    chunk: usize,
    /// A one for each mark in it, the first byte as the lowest bit.
    marks: u64,
}

impl<'a> Marks<'a> {
    pub(super) fn new(outline: &'a [u8], delimiter: u8) -> Self {
        let mut marks = Self {
            outline,
            delimiter,
            chunk: 0,
            marks: 0,
        };
        marks.look(0);
        marks
    }

    /// The first one at that place or behind it. Places are asked for in order.
    #[inline]
    pub(super) fn first_from(&mut self, place: usize) -> Option<usize> {
        debug_assert!(place >= self.chunk, "marks are not looked for again");
        if place >= self.chunk + CHUNK {
            self.look(place - place % CHUNK);
        }
        let mut marks = self.marks & (u64::MAX << (place % CHUNK));
        while marks == 0 {
            if self.chunk + CHUNK >= self.outline.len() {
                return None;
            }
            self.look(self.chunk + CHUNK);
            marks = self.marks;
        }
        Some(self.chunk + marks.trailing_zeros() as usize)
    }

    fn look(&mut self, chunk: usize) {
        let rest = self.outline.get(chunk..).unwrap_or_default();
        self.chunk = chunk;
        self.marks = match rest.first_chunk() {
            Some(chunk) => marks(chunk, self.delimiter),
            None => {
                let mut last = [0; CHUNK];
                last[..rest.len()].copy_from_slice(rest);
                marks(&last, self.delimiter) & !(u64::MAX << rest.len())
            }
        };
    }
}

#[inline]
fn marks(chunk: &[u8; CHUNK], delimiter: u8) -> u64 {
    let mut bits = [0; CHUNK];
    for (place, (bit, &byte)) in bits.iter_mut().zip(chunk).enumerate() {
        let is = (byte == delimiter) | (byte == b'\n') | (byte == b'\r');
        *bit = if is { 1 << (place % 8) } else { 0_u8 };
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

    use super::Marks;

    proptest! {
        #[test]
        fn marks_are_those_that_are_found_one_by_one(
            outline in "[a,\r\n]{0,20}[ab]{0,150}[a,\n]{0,20}[ab]{0,70}",
            first in 0..100_usize,
        ) {
            let outline = outline.as_bytes();
            let mut marks = Marks::new(outline, b',');
            let mut place = first;
            loop {
                let rest = outline.get(place..).unwrap_or_default();
                let theirs = rest.iter().position(|byte| b",\r\n".contains(byte));
                let ours = marks.first_from(place);
                prop_assert_eq!(ours, theirs.map(|length| place + length));
                match ours {
                    Some(at) => place = at + 1,
                    None => break,
                }
            }
        }
    }
}
