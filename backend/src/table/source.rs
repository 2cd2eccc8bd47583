//! The bytes of a table, given out in blocks of whole rows.

use std::io::{self, Read};

use super::block::Block;
use super::dialect::Dialect;
use super::problem::TableProblem;
use super::split;
use super::{Format, encoding::Encoding};

/// Bytes of a block, where rows are not longer.
const BLOCK: usize = 256 * 1024;
/// Bytes of a row at most.
const ROW: usize = 8 * 1024 * 1024;

/// What is read and not yet given out.
pub(super) struct Source {
    input: Box<dyn Read + Send>,
    carry: Vec<u8>,
    ended: bool,
    width: usize,
    format: Format,
    preamble: Vec<u8>,
    /// Line ends given out.
    lines: u64,
}

impl Source {
    /// Reads the beginning.
    pub(super) fn new(input: Box<dyn Read + Send>, head: usize) -> Result<Self, TableProblem> {
        let mut source = Self {
            input,
            carry: Vec::new(),
            ended: false,
            width: 1,
            format: Format {
                encoding: Encoding::Bytes,
                dialect: Dialect::Json,
            },
            preamble: Vec::new(),
            lines: 0,
        };
        let mut carry = Vec::new();
        source.read_up_to(&mut carry, head)?;
        source.carry = carry;
        if source.carry.is_empty() {
            return Err(TableProblem::Empty);
        }
        Ok(source)
    }

    pub(super) fn head(&self) -> &[u8] {
        &self.carry
    }

    pub(super) const fn is_whole(&self) -> bool {
        self.ended
    }

    pub(super) const fn set_width(&mut self, width: usize) {
        self.width = width;
    }

    /// The beginning behind its mark, in whole units.
    pub(super) fn sample(&self, mark: usize) -> Result<Vec<u8>, TableProblem> {
        let sample = &self.carry[mark..];
        let whole = sample.len() - sample.len() % self.width;
        if self.ended && whole < sample.len() {
            return Err(TableProblem::HalfCharacter);
        }
        Ok(sample[..whole].to_vec())
    }

    /// From now on rows are given out, from `start` on.
    pub(super) fn begin(&mut self, format: Format, preamble: usize, start: usize) {
        self.format = format;
        self.preamble = self.carry[..preamble].to_vec();
        let mut outline = Vec::new();
        format.encoding.outline(&self.carry[..start], &mut outline);
        self.lines = split::line_ends(&outline);
        self.carry.drain(..start);
    }

    pub(super) fn preamble(&self) -> &[u8] {
        &self.preamble
    }

    /// All of it, where it is at hand.
    pub(super) fn short(&self) -> Option<Block> {
        if !self.ended {
            return None;
        }
        let mut block = Block {
            bytes: self.carry.clone(),
            ..Block::default()
        };
        if self.width > 1 {
            self.format
                .encoding
                .outline(&block.bytes, &mut block.outline);
        }
        Some(block)
    }

    /// Fills the block with whole rows; `false` when there are no more.
    pub(super) fn fill(&mut self, block: &mut Block) -> Result<bool, TableProblem> {
        let Block { bytes, outline, .. } = block;
        bytes.clear();
        bytes.append(&mut self.carry);
        let mut wanted = BLOCK;
        let delimiter = self.format.dialect.delimiter();
        loop {
            self.read_up_to(bytes, wanted)?;
            if bytes.is_empty() {
                return Ok(false);
            }
            if self.ended && bytes.len() % self.width != 0 {
                return Err(TableProblem::HalfCharacter);
            }
            let seen: &[u8] = if self.width == 1 {
                bytes
            } else {
                self.format.encoding.outline(bytes, outline);
                outline
            };
            if self.ended {
                break;
            }
            let end = split::last_end(seen, delimiter)
                .map_err(|broken| TableProblem::broken(broken, self.lines))?;
            if let Some(end) = end {
                self.carry.extend_from_slice(&bytes[end * self.width..]);
                bytes.truncate(end * self.width);
                outline.truncate(end);
                break;
            }
            if bytes.len() > ROW {
                return Err(TableProblem::Endless(self.lines + 1));
            }
            wanted = bytes.len() * 2;
        }
        block.lines = self.lines;
        if self.ended {
            self.check_end(block)?;
        }
        self.lines += split::line_ends(block.outline());
        Ok(true)
    }

    /// Nothing may be open where the table ends, and nothing torn.
    fn check_end(&self, block: &Block) -> Result<(), TableProblem> {
        let mut rows = split::Splitter::new(block.outline(), self.format.dialect.delimiter());
        let mut cells = Vec::new();
        loop {
            match rows.next(&mut cells) {
                Ok(Some(_)) => {}
                Ok(None) => return Ok(()),
                Err(broken) => return Err(TableProblem::broken(broken, self.lines)),
            }
        }
    }

    /// Reads until there are that many bytes, or no more.
    fn read_up_to(&mut self, bytes: &mut Vec<u8>, wanted: usize) -> io::Result<()> {
        let missing = wanted.saturating_sub(bytes.len());
        if self.ended || missing == 0 {
            return Ok(());
        }
        let limit = u64::try_from(missing).unwrap_or(u64::MAX);
        let read = self.input.by_ref().take(limit).read_to_end(bytes)?;
        self.ended = read < missing;
        Ok(())
    }
}
