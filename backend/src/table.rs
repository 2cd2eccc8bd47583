//! Tables as people's tools write them: CSV in its dialects and encodings, and JSON lines.
//!
//! Rows keep the bytes that they came with, so that they can be written again unchanged. A table is
//! read in blocks of whole rows, which other threads may take apart.

use std::io::Read;

use self::dialect::Dialect;
use self::encoding::Encoding;
use self::source::{Head, Source};

mod block;
mod columns;
mod dialect;
mod encoding;
mod fields;
mod likeness;
mod marks;
mod problem;
mod source;
mod split;
pub mod words;

pub use block::{Block, Doubt, Row, Rows, Whole};
pub use columns::{Column, Columns};
pub use likeness::may_be_address;
pub use problem::TableProblem;

/// Bytes that are looked at to find out how a table is written.
const HEAD: usize = 1024 * 1024;

/// A table that is read from its beginning to its end.
pub struct Table {
    format: Format,
    columns: Columns,
    source: Source,
}

/// How a table is written: what taking rows apart needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// How its characters are written.
    encoding: Encoding,
    /// How its rows are written.
    dialect: Dialect,
}

impl Table {
    /// Looks at the beginning and finds out how the table is written.
    ///
    /// # Errors
    /// `TableProblem` where it is empty, no table of a known kind, or cannot be read.
    pub fn open(input: impl Read + Send + 'static) -> Result<Self, TableProblem> {
        let head = Head::read(Box::new(input), HEAD)?;
        problem::refuse_other_files(head.bytes())?;
        let (encoding, mark) = encoding::detect(head.bytes());
        let width = encoding.width();
        let sample = head.sample(mark, width)?;
        let found = dialect::detect(&sample, encoding, head.is_whole())?;
        let format = Format {
            encoding,
            dialect: found.dialect,
        };
        let preamble = mark + found.preamble * width;
        let columns = Columns::detect(&sample[found.preamble * width..], format)?;
        let start = preamble + columns.header_bytes();
        Ok(Self {
            source: Source::begin(head, format, preamble, start),
            format,
            columns,
        })
    }

    /// The columns, as the header names them.
    #[must_use]
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// How it is written.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// What stands before the rows: the byte order mark, the line `sep=;` and the header, without
    /// the end of its line.
    #[must_use]
    pub fn preamble(&self) -> (&[u8], &[u8]) {
        (self.source.preamble(), self.columns.header())
    }

    /// All rows, where the table is short and none was read yet.
    #[must_use]
    pub fn short(&self) -> Option<Block> {
        self.source.short()
    }

    /// Fills the block with the next whole rows; `false` at the end of the table.
    ///
    /// # Errors
    /// `TableProblem` where a quoted cell is not closed or torn, a row is endless, or reading fails.
    pub fn fill(&mut self, block: &mut Block) -> Result<bool, TableProblem> {
        self.source.fill(block)
    }

    /// Reads all rows, in order.
    ///
    /// # Errors
    /// Those of [`Table::fill`], and the first one of `each`.
    pub fn for_each<E: From<TableProblem>>(
        &mut self,
        mut each: impl FnMut(&Row<'_, '_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut block = Block::default();
        let mut number = 0;
        while self.fill(&mut block)? {
            let mut rows = block.rows(self.format, number);
            while let Some(row) = rows.next() {
                each(&row)?;
            }
            number = rows.number();
        }
        Ok(())
    }
}

impl Format {
    /// Whether rows are JSON objects.
    #[must_use]
    pub fn is_json(self) -> bool {
        self.dialect == Dialect::Json
    }

    /// Appends text in the table's encoding.
    pub fn write(self, text: &str, into: &mut Vec<u8>) {
        self.encoding.encode(text, into);
    }

    /// Appends a cell to a row that has others before it. Where it begins like a formula it is made
    /// plain text (SEC-28).
    pub fn write_cell(self, text: &str, into: &mut Vec<u8>) {
        if let Dialect::Cells { delimiter } = self.dialect {
            let mut delimiter_text = [0];
            delimiter_text[0] = delimiter;
            self.encoding.encode_ascii(&delimiter_text, into);
            self.encoding.encode(&fields::cell(text, delimiter), into);
        }
    }

    /// Appends the cells that a short row lacks, empty.
    pub fn pad(self, missing: usize, into: &mut Vec<u8>) {
        if let Dialect::Cells { delimiter } = self.dialect {
            for _ in 0..missing {
                self.encoding.encode_ascii(&[delimiter], into);
            }
        }
    }

    /// How a table is usually written where nothing tells: for tests and tools.
    #[must_use]
    pub const fn comma() -> Self {
        Self {
            encoding: Encoding::Bytes,
            dialect: Dialect::Cells { delimiter: b',' },
        }
    }
}
