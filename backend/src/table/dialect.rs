//! How rows are written: in cells between delimiters, or as JSON objects.

use super::encoding::Encoding;
use super::fields;
use super::likeness::may_be_address;
use super::problem::TableProblem;
use super::split::Splitter;

/// The dialect of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Cells between delimiters, quoted where they need it.
    Cells {
        /// Comma, semicolon, tab, bar, or what Excel's first line says.
        delimiter: u8,
    },
    /// A JSON object on each line.
    Json,
}

/// The dialect, and the units that stand before the first row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) dialect: Dialect,
    pub(super) preamble: usize,
}

/// In this order where nothing tells them apart.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Rows that are looked at.
const LOOK: usize = 100;

impl Dialect {
    pub(super) const fn delimiter(self) -> Option<u8> {
        match self {
            Self::Cells { delimiter } => Some(delimiter),
            Self::Json => None,
        }
    }
}

/// Finds out from the beginning of the table, behind its mark.
pub(super) fn detect(
    sample: &[u8],
    encoding: Encoding,
    is_whole: bool,
) -> Result<Found, TableProblem> {
    let mut outline = Vec::new();
    encoding.outline(sample, &mut outline);
    if let Some(found) = said_by_excel(&outline) {
        return Ok(found);
    }
    let cells = |delimiter| Found {
        dialect: Dialect::Cells { delimiter },
        preamble: 0,
    };
    match outline.iter().find(|sign| !sign.is_ascii_whitespace()) {
        None => return Err(TableProblem::Empty),
        Some(b'{') => {
            return Ok(Found {
                dialect: Dialect::Json,
                preamble: 0,
            });
        }
        Some(b'[') if is_array(&encoding.decode(sample)) => return Err(TableProblem::Array),
        Some(_) => {}
    }
    let rated = |delimiter: u8| {
        (
            rate(&outline, sample, encoding, delimiter, is_whole),
            delimiter,
        )
    };
    let mut best = rated(DELIMITERS[0]);
    for next in DELIMITERS[1..].iter().copied().map(rated) {
        if next.0 > best.0 {
            best = next;
        }
    }
    Ok(cells(best.1))
}

/// Excel writes, and obeys, a first line `sep=;`.
fn said_by_excel(outline: &[u8]) -> Option<Found> {
    let (word, rest) = outline.split_at_checked(4)?;
    let &[delimiter, ref end @ ..] = rest else {
        return None;
    };
    let end = match end {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => return None,
    };
    let usable = delimiter.is_ascii() && !matches!(delimiter, b'"' | b'\r' | b'\n');
    (word.eq_ignore_ascii_case(b"sep=") && usable).then_some(Found {
        dialect: Dialect::Cells { delimiter },
        preamble: 5 + end,
    })
}

fn is_array(text: &str) -> bool {
    let inner = text.trim_start().trim_start_matches('[').trim_start();
    inner.starts_with('{')
}

/// How well a delimiter explains the rows: first by rows with a cell that is an address, then by rows
/// of the usual length, then by that length.
fn rate(
    outline: &[u8],
    sample: &[u8],
    encoding: Encoding,
    delimiter: u8,
    is_whole: bool,
) -> (usize, usize, usize) {
    let mut rows = Splitter::new(outline, Some(delimiter));
    let mut cells = Vec::new();
    let (mut lengths, mut addresses, mut seen) = (Vec::new(), 0, 0);
    while let Ok(Some(row)) = rows.next(&mut cells) {
        if seen == LOOK || (row.next == outline.len() && !is_whole) {
            break;
        }
        seen += 1;
        lengths.push(cells.len());
        let width = encoding.width();
        let is_address = |&(from, to): &(usize, usize)| {
            let text = encoding.decode(&sample[from * width..to * width]);
            may_be_address(&fields::bare(&text))
        };
        addresses += usize::from(cells.iter().any(is_address));
    }
    lengths.sort_unstable();
    let usual = lengths.get(lengths.len() / 2).copied().unwrap_or(0);
    let alike = lengths.iter().filter(|&&length| length == usual).count();
    match usual {
        // One cell a row explains nothing by being alike.
        0 | 1 => (addresses, 0, 0),
        _ => (addresses, alike, usual),
    }
}

#[cfg(test)]
mod tests {
    use super::super::encoding::Encoding;
    use super::super::problem::TableProblem;
    use super::{Dialect, Found, detect};

    fn delimiter(text: &str) -> char {
        match detect(text.as_bytes(), Encoding::Bytes, true)
            .unwrap()
            .dialect
        {
            Dialect::Cells { delimiter } => char::from(delimiter),
            Dialect::Json => '{',
        }
    }

    #[test]
    fn the_delimiter_is_the_one_that_explains_the_rows() {
        for (text, expected) in [
            ("email,name\na@x.com,A\n", ','),
            ("email;first, last\na@x.com;A, B\nb@x.com;C, D\n", ';'),
            ("email\tnote\na@x.com\tone, two; three\n", '\t'),
            ("email|note\na@x.com|one, two\n", '|'),
            ("email\na@x.com\nb@x.com\n", ','),
            (
                "name;email\n\"A; B, C, D\";a@x.com\n\"E, F\";b@x.com\n",
                ';',
            ),
            ("{\"email\": \"a@x.com\"}\n", '{'),
            ("a@x.com;1,5\nb@x.com;2,5\n", ';'),
        ] {
            assert_eq!(delimiter(text), expected, "{text}");
        }
    }

    #[test]
    fn excels_first_line_is_obeyed() {
        let found = detect(b"sep=;\r\nemail,x;y\r\n", Encoding::Bytes, true).unwrap();
        assert_eq!(
            found,
            Found {
                dialect: Dialect::Cells { delimiter: b';' },
                preamble: 7
            }
        );
    }

    #[test]
    fn what_is_no_table_of_rows_is_said() {
        let refused = |text: &[u8]| detect(text, Encoding::Bytes, true).unwrap_err();
        assert!(matches!(refused(b" \r\n"), TableProblem::Empty));
        assert!(matches!(
            refused(b"[\n{\"email\": \"a@x.com\"}]"),
            TableProblem::Array
        ));
    }
}
