//! Rows that may not be what they seem: nobody can say for certain whom they are about.

use super::Row;
use crate::table::Column;
use crate::table::dialect::Dialect;
use crate::table::encoding::Encoding;
use crate::table::likeness::{has_sign, may_be_address};

/// Why a row may be about somebody else, or about more than one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// Lines of a quoted cell look like rows of their own.
    #[error(
        "lines of a quoted cell look like rows: a quote is missing or one too many; correct it, so that \
         each contact has a row of its own"
    )]
    RowsInCell,
    /// A cell beyond the header holds an address.
    #[error(
        "it has an address in a cell beyond the header: give each address a row of its own, and put \
         quotes around a cell that holds the delimiter"
    )]
    AddressBeyond,
    /// A cell beyond the header says something.
    #[error(
        "it has a filled cell beyond the header: put quotes around a cell that holds the delimiter"
    )]
    CellBeyond,
    /// The address has letters that are not written in UTF-8, so that nobody can say which they are.
    #[error(
        "its address is not written in UTF-8: save the list as UTF-8 (in Excel: CSV UTF-8) and try again"
    )]
    Letters,
    /// A member of a JSON object stands there twice and says different things.
    #[error("a member of it stands there twice and says different things: keep one of them")]
    Doubled,
    /// Several members of a JSON object that may each be the address.
    #[error(
        "several of its members are called as an address is and hold different ones: give each address a \
         row of its own, or say with --column which member counts"
    )]
    Addresses,
}

impl Row<'_, '_> {
    /// What is doubtful of the row in a table of so many columns, the address in that one. Letters first:
    /// where they are doubtful, what the address cell says is not even the address of somebody.
    #[must_use]
    pub fn doubt(&self, address: &Column, columns: usize) -> Option<Doubt> {
        self.letters(address).or_else(|| self.shape(columns))
    }

    /// What is doubtful of how the row is taken apart, in a table of so many columns.
    #[must_use]
    #[inline]
    pub fn shape(&self, columns: usize) -> Option<Doubt> {
        if !self.whole.wraps && self.cells.len() <= columns {
            return None;
        }
        self.shape_closely(columns)
    }

    #[cold]
    fn shape_closely(&self, columns: usize) -> Option<Doubt> {
        let Dialect::Cells { delimiter } = self.whole.format.dialect else {
            return None;
        };
        let mut indexes = 0..self.cells.len();
        if self.whole.wraps
            && indexes.any(|index| self.holds_rows(index, char::from(delimiter), columns))
        {
            return Some(Doubt::RowsInCell);
        }
        let beyond = (columns..self.cells.len()).map(|index| self.cell(index));
        beyond.fold(None, |doubt, text| match has_sign(&text) {
            true => Some(Doubt::AddressBeyond),
            false => doubt.or_else(|| (!text.trim().is_empty()).then_some(Doubt::CellBeyond)),
        })
    }

    /// Whether a line of the cell, with what stands beside it there, would make a row with an address.
    fn holds_rows(&self, index: usize, delimiter: char, columns: usize) -> bool {
        let text = self.cell(index);
        let lines: Vec<&str> = text.split(['\n', '\r']).collect();
        let (first, last) = (0, lines.len() - 1);
        let mut lines = lines.into_iter().enumerate();
        last > 0
            && lines.any(|(place, line)| {
                let before = if place == first { index } else { 0 };
                let behind = if place == last {
                    self.cells.len() - index - 1
                } else {
                    0
                };
                let mut parts = line.split(delimiter);
                let count = parts.clone().count();
                count > 1
                    && before + count + behind >= columns
                    && parts.any(|part| may_be_address(part.trim().trim_matches('"')))
            })
    }

    /// What is doubtful of the letters in that column.
    fn letters(&self, address: &Column) -> Option<Doubt> {
        let format = self.whole.format;
        if format.encoding != Encoding::Bytes {
            return None;
        }
        let is_doubtful = match format.dialect {
            Dialect::Json => {
                std::str::from_utf8(self.whole.bytes()).is_err() && !self.text(address).is_ascii()
            }
            Dialect::Cells { .. } => {
                (self.cells.get(address.index())).is_some_and(|&(from, to)| {
                    std::str::from_utf8(&self.whole.bytes[from..to]).is_err()
                })
            }
        };
        is_doubtful.then_some(Doubt::Letters)
    }
}
