//! Domains of a list, numbered as they come. A table of hashes, since a list has millions of rows;
//! nobody asks in which order it lies.

use foldhash::{HashMap, HashMapExt as _};

/// Domains that are remembered; further ones are looked at each time.
const MOST: usize = 65_536;

/// The number of each domain: 0 for the first one, and so on.
pub(super) struct Numbers(HashMap<Box<[u8]>, u32>);

impl Default for Numbers {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl Numbers {
    /// The number of that domain, if it is remembered.
    #[inline]
    pub(super) fn get(&self, domain: &[u8]) -> Option<u32> {
        self.0.get(domain).copied()
    }

    /// The number of that domain, which is remembered from now on if there is room.
    pub(super) fn number(&mut self, domain: &[u8]) -> Option<u32> {
        let next = self.0.len();
        match self.get(domain) {
            None if next < MOST => {
                let number = u32::try_from(next).ok()?;
                self.0.insert(domain.into(), number);
                Some(number)
            }
            known => known,
        }
    }

    /// How many are remembered.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }
}
