//! Writing rows again: with the bytes that they came with, in one of two files, and with what was
//! added to them in columns of its own.

use serde_json::Value;

use super::outcome::Outcome;
use crate::table::{Block, Format, Table, Whole};

/// The column of withheld rows that says why; the first reason decided.
const REASON: &str = "sayso_reason";
/// The column of withheld rows that says where they stood.
const LINE: &str = "sayso_line";
/// The column of kept rows that says what the message must do.
const OBLIGATION: &str = "sayso_obligation";
/// The columns of kept rows with what unsubscribes: a link for the body, and two headers.
const LINKS: [&str; 3] = [
    "sayso_unsubscribe",
    "sayso_list_unsubscribe",
    "sayso_list_unsubscribe_post",
];

/// Columns that are added to kept rows where somebody asked for them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Added {
    /// What the message must do.
    pub obligations: bool,
    /// What unsubscribes.
    pub links: bool,
}

/// The list has a column already that is called like one that would be added: tools take the first of
/// two, which is of an earlier scrub.
#[derive(Debug, thiserror::Error)]
#[error(
    "the list has a column {0:?}, as an earlier scrub adds it: take that column out, or scrub the list \
     that it was added to"
)]
pub struct AddedBefore(String);

/// How rows are written again.
#[derive(Debug, Clone, Copy)]
pub struct Render {
    format: Format,
    /// Cells of the header.
    cells: usize,
    added: Added,
}

impl Render {
    /// For the rows of that table.
    ///
    /// # Errors
    /// `AddedBefore` where the table has a column, or the first objects of one a member, that is called
    /// like one that is added to kept rows: whoever sends would take the older one.
    pub fn new(table: &Table, added: Added) -> Result<Self, AddedBefore> {
        let render = Self::again(table, added);
        let columns = table.columns();
        let is_added = |name: &&String| {
            let name = name.trim().to_lowercase();
            render.kept_names().iter().any(|one| *one == name)
        };
        let named = columns.is_named().then(|| columns.names());
        match named.into_iter().flatten().find(is_added) {
            Some(name) => Err(AddedBefore(name.clone())),
            None => Ok(render),
        }
    }

    /// The same for a table that was scrubbed before.
    #[must_use]
    pub fn again(table: &Table, added: Added) -> Self {
        Self {
            format: table.format(),
            cells: table.columns().count(),
            added,
        }
    }

    /// Whether kept rows carry what unsubscribes.
    #[must_use]
    pub const fn has_links(&self) -> bool {
        self.added.links
    }

    /// How the file of kept rows and that of withheld rows begin: as the list does.
    #[must_use]
    pub fn heads(&self, table: &Table) -> (Vec<u8>, Vec<u8>) {
        let (mark, header) = table.preamble();
        let head = |names: &[&str]| {
            let mut head = mark.to_vec();
            if table.columns().has_header() {
                head.extend_from_slice(header);
                for name in names {
                    self.format.write_cell(name, &mut head);
                }
                head.extend_from_slice(table.columns().header_end());
            }
            head
        };
        (head(&self.kept_names()), head(&[REASON, LINE]))
    }

    fn kept_names(&self) -> Vec<&'static str> {
        let obligation = self.added.obligations.then_some(OBLIGATION);
        let links = self.added.links.then_some(LINKS).into_iter().flatten();
        obligation.into_iter().chain(links).collect()
    }

    /// Writes the rows of a block.
    pub fn writer<'a>(
        &'a self,
        block: &'a Block,
        kept: &'a mut Vec<u8>,
        withheld: &'a mut Vec<u8>,
    ) -> Writer<'a> {
        Writer {
            render: self,
            bytes: block.bytes(),
            kept,
            withheld,
            run: (0, 0),
        }
    }

    fn add(&self, row: &Whole<'_>, cells: &[(&str, Value)], into: &mut Vec<u8>) {
        if self.format.is_json() {
            row.write_object(cells, into);
        } else {
            // What is added stands under its own heading, before what the header does not name.
            let (named, beyond) = match row.length() > self.cells {
                true => row.parted(self.cells),
                false => (row.bytes(), &[][..]),
            };
            into.extend_from_slice(named);
            self.format
                .pad(self.cells.saturating_sub(row.length()), into);
            for (_, value) in cells {
                match value {
                    Value::String(text) => self.format.write_cell(text, into),
                    other => self.format.write_cell(&other.to_string(), into),
                }
            }
            into.extend_from_slice(beyond);
        }
        into.extend_from_slice(row.end());
    }
}

/// Writes the rows of one block, in order.
pub struct Writer<'a> {
    render: &'a Render,
    bytes: &'a [u8],
    kept: &'a mut Vec<u8>,
    withheld: &'a mut Vec<u8>,
    /// Kept rows that lie together and are not written yet.
    run: (usize, usize),
}

impl Writer<'_> {
    /// Writes a row where it belongs. `links` are the cells of [`LINKS`], for a kept row.
    pub fn write(&mut self, row: &Whole<'_>, outcome: &Outcome, links: Option<[String; 3]>) {
        if !outcome.verdict.proceeds() {
            let cells = [
                (REASON, Value::from(outcome.reasons().join(" "))),
                (LINE, Value::from(row.line)),
            ];
            self.render.add(row, &cells, self.withheld);
            return;
        }
        if self.render.added == Added::default() {
            let (start, next) = row.place();
            if self.run.1 != start {
                self.flush();
                self.run.0 = start;
            }
            self.run.1 = next;
            return;
        }
        let mut cells = Vec::new();
        if self.render.added.obligations {
            cells.push((OBLIGATION, Value::from(outcome.obligations().join(" "))));
        }
        if self.render.added.links {
            let links = links.unwrap_or_default();
            cells.extend(LINKS.into_iter().zip(links.map(Value::from)));
        }
        self.render.add(row, &cells, self.kept);
    }

    /// Writes what is left.
    pub fn finish(mut self) {
        self.flush();
    }

    fn flush(&mut self) {
        self.kept
            .extend_from_slice(&self.bytes[self.run.0..self.run.1]);
        self.run = (self.run.1, self.run.1);
    }
}
