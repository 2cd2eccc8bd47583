//! The bytes of a table, given out in blocks of whole rows.

use std::io::{self, Read};

use super::block::Block;
use super::problem::TableProblem;
use super::{Format, split};

/// Bytes of a block, where rows are not longer.
const BLOCK: usize = 256 * 1024;
/// Bytes of a row at most.
const ROW: usize = 8 * 1024 * 1024;

/// The beginning of a table, of which it is not known yet how it is written.
pub(super) struct Head {
    input: Input,
    bytes: Vec<u8>,
}

/// What is read and not yet given out.
pub(super) struct Source {
    input: Input,
    carry: Vec<u8>,
    format: Format,
    preamble: Vec<u8>,
    /// Line ends given out.
    lines: u64,
}

struct Input {
    bytes: Box<dyn Read + Send>,
    ended: bool,
}

impl Head {
    /// Reads the beginning, at most that many bytes.
    pub(super) fn read(input: Box<dyn Read + Send>, most: usize) -> Result<Self, TableProblem> {
        let mut input = Input {
            bytes: input,
            ended: false,
        };
        let mut bytes = Vec::new();
        input.read_up_to(&mut bytes, most)?;
        if bytes.is_empty() {
            return Err(TableProblem::Empty);
        }
        Ok(Self { input, bytes })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether it is the whole table.
    pub(super) const fn is_whole(&self) -> bool {
        self.input.ended
    }

    /// What stands behind the mark, in whole units of so many bytes.
    pub(super) fn sample(&self, mark: usize, width: usize) -> Result<Vec<u8>, TableProblem> {
        let sample = &self.bytes[mark..];
        let whole = sample.len() - sample.len() % width;
        if self.is_whole() && whole < sample.len() {
            return Err(TableProblem::HalfCharacter);
        }
        Ok(sample[..whole].to_vec())
    }
}

impl Source {
    /// Gives out the rows from `start` on; the first `preamble` bytes come before them and the header.
    pub(super) fn begin(head: Head, format: Format, preamble: usize, start: usize) -> Self {
        let Head { input, mut bytes } = head;
        let mut outline = Vec::new();
        format.encoding.outline(&bytes[..start], &mut outline);
        let preamble = bytes[..preamble].to_vec();
        bytes.drain(..start);
        Self {
            input,
            carry: bytes,
            format,
            preamble,
            lines: split::line_ends(&outline),
        }
    }

    pub(super) fn preamble(&self) -> &[u8] {
        &self.preamble
    }

    /// All of it, where it is at hand.
    pub(super) fn short(&self) -> Option<Block> {
        if !self.input.ended {
            return None;
        }
        let mut block = Block {
            bytes: self.carry.clone(),
            ..Block::default()
        };
        let encoding = self.format.encoding;
        if encoding.width() > 1 {
            encoding.outline(&block.bytes, &mut block.outline);
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
        let width = self.format.encoding.width();
        loop {
            self.input.read_up_to(bytes, wanted)?;
            if bytes.is_empty() {
                return Ok(false);
            }
            if self.input.ended && bytes.len() % width != 0 {
                return Err(TableProblem::HalfCharacter);
            }
            let seen: &[u8] = if width == 1 {
                bytes
            } else {
                self.format.encoding.outline(bytes, outline);
                outline
            };
            if self.input.ended {
                break;
            }
            let end = split::last_end(seen, delimiter)
                .map_err(|broken| TableProblem::broken(broken, self.lines))?;
            if let Some(end) = end {
                self.carry.extend_from_slice(&bytes[end * width..]);
                bytes.truncate(end * width);
                outline.truncate(end);
                break;
            }
            if bytes.len() > ROW {
                return Err(TableProblem::Endless(self.lines + 1));
            }
            wanted = bytes.len() * 2;
        }
        block.lines = self.lines;
        if self.input.ended {
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
}

impl Input {
    /// Reads until there are that many bytes, or no more.
    fn read_up_to(&mut self, bytes: &mut Vec<u8>, wanted: usize) -> io::Result<()> {
        let missing = wanted.saturating_sub(bytes.len());
        if self.ended || missing == 0 {
            return Ok(());
        }
        let limit = u64::try_from(missing).unwrap_or(u64::MAX);
        let read = self.bytes.by_ref().take(limit).read_to_end(bytes)?;
        self.ended = read < missing;
        Ok(())
    }
}
