//! Verdicts that were given again, compared with those of a certificate, block by block.
//!
//! A certificate keeps no verdict by itself, only hashes of blocks. One row that differs is found by
//! trying every other verdict in every place; what an erased contact was answered is not asked for,
//! only whether any answer makes the block whole.

use super::Certificate;
use super::tally::{Block, Verdicts};
use super::verdict::Verdict;
use crate::decision::Withheld;

/// Hashes that are tried for one block at most.
const TRIES: usize = 1 << 16;
/// Blocks in which a single row is looked for; more differ only where nothing fits at all.
const SEARCHES: usize = 100;

/// What giving a verdict again came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// This verdict.
    Given(Verdict),
    /// The contact's entries were erased since: what they said then is gone.
    Erased,
}

/// Where the verdicts are not those of the certificate. Rows are counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// This row alone differs.
    Row {
        /// Which.
        row: u64,
        /// The certificate's verdict.
        then: Verdict,
        /// The one that was given again.
        now: Verdict,
    },
    /// More than one of these rows differ.
    Rows {
        /// The first row of the block.
        first: u64,
        /// The last row of the block.
        last: u64,
    },
    /// Too many contacts of these rows were erased to tell whether the others are the same.
    Unknown {
        /// The first row of the block.
        first: u64,
        /// The last row of the block.
        last: u64,
    },
}

/// Takes in verdicts in the order of the list. It keeps one block of them.
#[derive(Debug)]
pub struct Comparison<'c> {
    verdicts: &'c Verdicts,
    /// Verdicts that the certificate counts.
    possible: Vec<Verdict>,
    block: Vec<Again>,
    before: u64,
    searches: usize,
}

impl<'c> Comparison<'c> {
    /// A comparison with that certificate.
    #[must_use]
    pub fn new(certificate: &'c Certificate) -> Self {
        let counts = &certificate.counts;
        let possible = Verdict::all().filter(|verdict| {
            let counted = counts.reasons.contains_key(&verdict.reason());
            counted && (!verdict.informs() || counts.to_inform > 0)
        });
        Self {
            verdicts: &certificate.verdicts,
            possible: possible.collect(),
            block: Vec::new(),
            before: 0,
            searches: 0,
        }
    }

    /// Takes in the next row; a finding is about the block that is complete with it.
    pub fn next(&mut self, again: Again) -> Option<Finding> {
        self.block.push(again);
        let full = self.block.len() as u64 == self.verdicts.rows_per_block;
        if full { self.close() } else { None }
    }

    /// The finding about the last rows, and how many rows there were.
    #[must_use]
    pub fn finish(mut self) -> (Option<Finding>, u64) {
        let finding = if self.block.is_empty() {
            None
        } else {
            self.close()
        };
        (finding, self.before)
    }

    fn close(&mut self) -> Option<Finding> {
        let block = std::mem::take(&mut self.block);
        let number = self.before / self.verdicts.rows_per_block;
        let (first, last) = (self.before + 1, self.before + block.len() as u64);
        self.before = last;
        let whole = Finding::Rows { first, last };
        let Some(expected) = usize::try_from(number)
            .ok()
            .and_then(|number| self.verdicts.blocks().get(number))
        else {
            return Some(whole);
        };
        let mut search = Search::new(&block, *expected, &self.possible);
        match search.erased() {
            Outcome::Found => return None,
            Outcome::TooMany => return Some(Finding::Unknown { first, last }),
            Outcome::Nothing => {}
        }
        if self.searches == SEARCHES {
            return Some(whole);
        }
        self.searches += 1;
        let found = search.single();
        Some(found.map_or(whole, |(place, then, now)| Finding::Row {
            row: first + place as u64,
            then,
            now,
        }))
    }
}

enum Outcome {
    Found,
    Nothing,
    TooMany,
}

/// The search for the verdicts of one block.
struct Search<'a> {
    expected: Block,
    possible: &'a [Verdict],
    verdicts: Vec<Verdict>,
    erased: Vec<usize>,
    left: usize,
}

impl<'a> Search<'a> {
    fn new(block: &[Again], expected: Block, possible: &'a [Verdict]) -> Self {
        let stand_in = possible.first().copied();
        let stand_in = stand_in.unwrap_or(Verdict::withhold(Withheld::InvalidAddress));
        let verdict = |again: &Again| match again {
            Again::Given(verdict) => *verdict,
            Again::Erased => stand_in,
        };
        let erased = |(place, again): (usize, &Again)| (*again == Again::Erased).then_some(place);
        Self {
            expected,
            possible,
            verdicts: block.iter().map(verdict).collect(),
            erased: block.iter().enumerate().filter_map(erased).collect(),
            left: TRIES,
        }
    }

    /// Whether some verdicts of the erased contacts make the block that of the certificate.
    fn erased(&mut self) -> Outcome {
        let digits = u32::try_from(self.erased.len()).unwrap_or(u32::MAX);
        match self.possible.len().checked_pow(digits) {
            Some(ways) if ways <= TRIES => {}
            _ => return Outcome::TooMany,
        }
        if self.fits(0) {
            Outcome::Found
        } else {
            Outcome::Nothing
        }
    }

    /// The one row that, with another verdict, makes the block that of the certificate.
    fn single(&mut self) -> Option<(usize, Verdict, Verdict)> {
        self.left = TRIES;
        for place in 0..self.verdicts.len() {
            if self.erased.contains(&place) {
                continue;
            }
            let now = self.verdicts[place];
            for &then in self.possible.iter().filter(|&&then| then != now) {
                if self.left == 0 {
                    return None;
                }
                self.verdicts[place] = then;
                if self.fits(0) {
                    return Some((place, then, now));
                }
            }
            self.verdicts[place] = now;
        }
        None
    }

    /// Tries every verdict in the places of erased contacts, from that one on.
    fn fits(&mut self, from: usize) -> bool {
        let Some(&place) = self.erased.get(from) else {
            self.left = self.left.saturating_sub(1);
            return Block::of(&self.verdicts) == self.expected;
        };
        for &verdict in self.possible {
            if self.left == 0 {
                return false;
            }
            self.verdicts[place] = verdict;
            if self.fits(from + 1) {
                return true;
            }
        }
        false
    }
}
