//! Addresses that stand in a list more than once.

use std::mem;

/// Rows that are compared unless all are to be.
const ROWS: usize = 1_500_000;
/// Slots to begin with.
const SLOTS: usize = 1 << 12;

/// The beginnings of the keys of the addresses so far: 64 bits each, which two of ten million
/// addresses share by chance in one of 400,000 lists.
pub(super) struct Repeats {
    slots: Vec<u64>,
    filled: usize,
    found: u64,
    /// Without an end: memory grows with the list.
    all: bool,
    is_over: bool,
}

impl Repeats {
    pub(super) fn new(all: bool) -> Self {
        Self {
            slots: vec![0; SLOTS],
            filled: 0,
            found: 0,
            all,
            is_over: false,
        }
    }

    /// Brings the slots of these keys near: memory is far away, but many places can be asked for at once.
    pub(super) fn approach(&self, keys: impl Iterator<Item = u64>) {
        let mask = self.slots.len().wrapping_sub(1);
        let near = keys.fold(0, |sum, key| {
            sum | self.slots.get(slot(key, mask)).copied().unwrap_or_default()
        });
        std::hint::black_box(near);
    }

    /// Whether the address was there before.
    pub(super) fn is_repeated(&mut self, key: u64) -> bool {
        if self.is_over {
            return false;
        }
        if !self.all && self.filled == ROWS {
            self.is_over = true;
            self.slots = Vec::new();
            return false;
        }
        if self.filled * 4 >= self.slots.len() * 3 {
            self.grow();
        }
        let is_new = put(&mut self.slots, key);
        self.filled += usize::from(is_new);
        self.found += u64::from(!is_new);
        !is_new
    }

    /// Whether no more addresses are compared.
    pub(super) const fn is_over(&self) -> bool {
        self.is_over
    }

    /// How many there were; `None` where not all rows were compared.
    pub(super) fn count(&self) -> Option<u64> {
        (!self.is_over).then_some(self.found)
    }

    /// In place: beside a second table this would be the most memory that a scrub takes.
    fn grow(&mut self) {
        let before = self.slots.len();
        let free = self.slots.iter().position(|key| *key == 0).unwrap_or(0);
        self.slots.resize(2 * before, 0);
        // Beginning behind a free slot, nothing that has still to move stands between a key's first slot and
        // where it was found: it is put there, or before.
        for step in 1..before {
            let key = mem::take(&mut self.slots[(free + step) % before]);
            if key != 0 {
                put(&mut self.slots, key);
            }
        }
    }
}

/// Puts a key into its slot; `false` where it is there. A slot of 0 is free.
fn put(slots: &mut [u64], key: u64) -> bool {
    let key = key.max(1);
    let mask = slots.len() - 1;
    let mut at = slot(key, mask);
    loop {
        match slots[at] {
            0 => {
                slots[at] = key;
                return true;
            }
            found if found == key => return false,
            _ => at = (at + 1) & mask,
        }
    }
}

/// Where a key is to be looked for first.
fn slot(key: u64, mask: usize) -> usize {
    usize::try_from(key >> 16).unwrap_or(0) & mask
}

#[cfg(test)]
mod tests {
    use super::{ROWS, Repeats, SLOTS};

    fn key(number: usize) -> u64 {
        (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    #[test]
    fn every_repeat_is_found_while_rows_are_compared() {
        let mut repeats = Repeats::new(false);
        for number in 0..20_000 {
            assert!(!repeats.is_repeated(key(number)));
        }
        for number in 0..20_000 {
            assert!(repeats.is_repeated(key(number)));
        }
        assert_eq!(repeats.count(), Some(20_000));
    }

    #[test]
    fn no_key_is_lost_when_all_stand_around_the_end_and_their_room_doubles() {
        let crowded = |number: usize| {
            let slot = SLOTS - 8 + number % 16;
            ((number as u64) << 40) | ((slot as u64) << 16)
        };
        let mut repeats = Repeats::new(false);
        for number in 1..5_000 {
            assert!(!repeats.is_repeated(crowded(number)), "{number}");
        }
        for number in 1..5_000 {
            assert!(repeats.is_repeated(crowded(number)), "{number}");
        }
    }

    #[test]
    fn a_list_that_is_too_long_is_not_said_to_have_none() {
        let (mut some, mut all) = (Repeats::new(false), Repeats::new(true));
        for number in 0..=ROWS {
            some.is_repeated(key(number));
            all.is_repeated(key(number));
        }
        assert_eq!(some.count(), None);
        assert!(all.is_repeated(key(0)));
        assert_eq!(all.count(), Some(1));
    }
}
