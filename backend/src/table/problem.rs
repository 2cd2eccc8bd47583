//! Why a table cannot be read, and what to do.

use std::io;

use super::split::Broken;

/// Why a table cannot be read. Names columns and lines, never what is in a row.
#[derive(Debug, thiserror::Error)]
pub enum TableProblem {
    /// Nothing is in it.
    #[error("the list is empty")]
    Empty,
    /// It is a file of another kind.
    #[error("this is {0}: save the list as CSV (in Excel: CSV UTF-8) and try again")]
    OtherFile(&'static str),
    /// A JSON array instead of a JSON object per line.
    #[error(
        "this is one JSON array: write one object per line (NDJSON), for example with \
         `jq -c '.[]' FILE`"
    )]
    Array,
    /// Text in UTF-16 with an odd number of bytes.
    #[error("the list ends within a character: it was cut off, so export it again")]
    HalfCharacter,
    /// No column holds addresses.
    #[error("no column holds e-mail addresses{}: name it with --column", among(.0))]
    NoAddress(Vec<String>),
    /// Several columns may be meant.
    #[error(
        "several columns hold e-mail addresses ({}): say with --column which one the mailing goes to",
        .0.join(", ")
    )]
    ManyAddresses(Vec<String>),
    /// No column has that name.
    #[error("there is no column {name:?}{}", among(.columns))]
    NoColumn {
        /// The name.
        name: String,
        /// The columns that there are.
        columns: Vec<String>,
    },
    /// Several columns have that name.
    #[error("several columns are named {0:?}: give the column's number in place of its name")]
    ManyColumns(String),
    /// A quoted cell is not closed.
    #[error(
        "a quoted cell that begins in line {0} is never closed: close it or export the list again"
    )]
    OpenQuote(u64),
    /// A quoted cell of several lines has text behind its closing quote.
    #[error(
        "in the row that begins in line {0} a quoted cell goes on in another line and has text behind its \
         closing quote: a quote is missing or one too many, so that rows would be read as one. Correct it, \
         or export the list with the quotes in cells doubled"
    )]
    TornQuote(u64),
    /// A row has no end.
    #[error("the row that begins in line {0} is longer than 8 MB: is a quote missing?")]
    Endless(u64),
    /// Reading failed.
    #[error("the list cannot be read")]
    Unreadable(#[from] io::Error),
}

impl TableProblem {
    /// What is broken below that many lines.
    pub(super) const fn broken(broken: Broken, above: u64) -> Self {
        match broken {
            Broken::Open(line) => Self::OpenQuote(above + line + 1),
            Broken::Torn(line) => Self::TornQuote(above + line + 1),
        }
    }
}

fn among(columns: &[String]) -> String {
    if columns.is_empty() {
        return String::new();
    }
    format!(" (the columns are {})", columns.join(", "))
}

/// Files that people take for a table.
pub(super) fn refuse_other_files(head: &[u8]) -> Result<(), TableProblem> {
    let starts: [(&[u8], &str); 7] = [
        (b"PK\x03\x04", "a workbook or an archive"),
        (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
        (b"\x1f\x8b", "a compressed file"),
        (b"%PDF", "a PDF file"),
        (b"PAR1", "a Parquet file"),
        (b"\xff\xfe\0\0", "text in UTF-32"),
        (b"\0\0\xfe\xff", "text in UTF-32"),
    ];
    match starts.iter().find(|(start, _)| head.starts_with(start)) {
        Some((_, kind)) => Err(TableProblem::OtherFile(kind)),
        None => Ok(()),
    }
}
