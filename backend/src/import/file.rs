//! The file: a table or a JSON document, read row by row.

use std::io::{BufRead as _, BufReader, Cursor, Read};
use std::sync::Arc;

use anyhow::bail;
use shared::address::Domain;

use super::document::{self, Whom};
use super::row::{Names, Row, plain};
use crate::table::{Column, Columns, Table};

/// Names of a column of domains, letters and digits alone.
const DOMAINS: [&str; 5] = [
    "domain",
    "emaildomain",
    "companydomain",
    "companydomainname",
    "maildomain",
];

/// The column that says whom a row is about; by name or number where that is not clear.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which<'a> {
    /// The one with addresses.
    Address(Option<&'a str>),
    /// The one with domains: called so, or the only one.
    Domain(Option<&'a str>),
}

/// What is to be said of a file that was read.
#[derive(Debug, Default)]
pub(super) struct Noticed {
    /// The names of other columns of a table, or members of a document, that hold addresses.
    pub(super) others: Vec<String>,
    /// Whether the first row of a table may be none of names, and was taken for one.
    pub(super) assumed_header: bool,
}

/// Reads every row of a table or a JSON document. What stands in the column becomes the row's address,
/// also where it is a domain.
///
/// # Errors
/// Where the file cannot be read, and the first error of `each`.
pub(super) fn read(
    input: impl Read + Send + 'static,
    which: Which<'_>,
    each: &mut dyn FnMut(Row) -> anyhow::Result<()>,
) -> anyhow::Result<Noticed> {
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
        let (column, names): (_, &[&str]) = match which {
            Which::Address(column) => (column, &[]),
            Which::Domain(column) => (column, &DOMAINS),
        };
        let others = document::read(input, Whom { column, names }, each)?;
        return Ok(match which {
            Which::Address(_) => Noticed {
                others,
                ..Noticed::default()
            },
            Which::Domain(_) => Noticed::default(),
        });
    }
    table(Cursor::new(seen).chain(input), which, each)
}

fn table(
    input: impl Read + Send + 'static,
    which: Which<'_>,
    each: &mut dyn FnMut(Row) -> anyhow::Result<()>,
) -> anyhow::Result<Noticed> {
    let mut table = Table::open(input)?;
    let columns = table.columns();
    let address = match which {
        Which::Address(Some(name)) | Which::Domain(Some(name)) => columns.named(name)?,
        Which::Address(None) => columns.address()?,
        Which::Domain(None) => domain(columns)?,
    };
    let noticed = match which {
        Which::Address(named) => Noticed {
            others: columns.others_with_addresses(&address),
            assumed_header: columns.is_assumed(&address, named),
        },
        Which::Domain(_) => Noticed::default(),
    };
    let names = Arc::new(Names::new(columns.names().to_vec()));
    // A list of domains may have no header; what was taken for one is its first row.
    let first = matches!(which, Which::Domain(_))
        .then(|| columns.names().to_vec())
        .filter(|cells| looks_like_a_domain(&cells[address.index()]));
    let columns = columns.all();
    if let Some(cells) = first {
        each(Row {
            line: 1,
            address: cells[address.index()].clone(),
            names: Arc::clone(&names),
            cells,
            doubt: None,
        })?;
    }
    table.for_each(|row| {
        each(Row {
            line: row.whole.line,
            address: row.text(&address).into_owned(),
            names: Arc::clone(&names),
            cells: columns
                .iter()
                .map(|one| row.text(one).into_owned())
                .collect(),
            doubt: row.doubt(&address, columns.len()),
        })
    })?;
    Ok(noticed)
}

fn domain(columns: &Columns) -> anyhow::Result<Column> {
    let all = columns.all();
    let named = all
        .iter()
        .find(|column| DOMAINS.contains(&plain(column.name()).as_str()));
    match (named, all.as_slice()) {
        (Some(named), _) => Ok(named.clone()),
        (None, [only]) => Ok(only.clone()),
        (None, _) => bail!(
            "which column has the domains is not clear: name it with --column, or call it `domain`"
        ),
    }
}

fn looks_like_a_domain(name: &str) -> bool {
    let name = name.trim().trim_start_matches("*.");
    name.contains('.') && Domain::of_kept(name).is_ok()
}
