//! The file: a table or a JSON document, read row by row.

use std::io::{BufRead as _, BufReader, Cursor, Read};
use std::sync::Arc;

use super::document;
use super::row::{Names, Row};
use crate::table::Table;

/// Reads every row of a table or a JSON document; `column` names the one with the addresses where that
/// is not clear.
///
/// # Errors
/// Where the file cannot be read, and the first error of `each`.
pub(super) fn read(
    input: impl Read + Send + 'static,
    column: Option<&str>,
    each: &mut dyn FnMut(Row) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut input = BufReader::new(input);
    let mut seen = Vec::new();
    while let Some(&next) = input.fill_buf()?.first() {
        let skipped = next.is_ascii_whitespace() || b"\xef\xbb\xbf".contains(&next);
        if !skipped || seen.len() > 1024 {
            break;
        }
        seen.push(next);
        input.consume(1);
    }
    let is_document = matches!(input.fill_buf()?.first(), Some(b'{' | b'['));
    if is_document {
        return document::read(input, each);
    }
    table(Cursor::new(seen).chain(input), column, each)
}

fn table(
    input: impl Read + Send + 'static,
    column: Option<&str>,
    each: &mut dyn FnMut(Row) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut table = Table::open(input)?;
    let columns = table.columns();
    let address = match column {
        Some(name) => columns.named(name)?,
        None => columns.address()?,
    };
    let names = Arc::new(Names::new(columns.names().to_vec()));
    let columns = columns.all();
    table.for_each(|row| {
        each(Row {
            line: row.line,
            address: row.text(&address).into_owned(),
            names: Arc::clone(&names),
            cells: columns
                .iter()
                .map(|one| row.text(one).into_owned())
                .collect(),
        })
    })
}
