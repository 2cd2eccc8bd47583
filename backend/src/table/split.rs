//! Where rows and cells begin and end, by the rules that spreadsheets follow: RFC 4180, with any of
//! the three line ends, and with quotes taken literally where a cell does not begin with one.

use memchr::{memchr, memchr2};

use super::marks::Marks;

/// Walks over the outline of whole rows: one byte per unit.
pub(super) struct Splitter<'a> {
    outline: &'a [u8],
    /// `None` where a row is one cell, as in JSON lines.
    delimiter: Option<u8>,
    marks: Option<Marks<'a>>,
    /// Whether there is any quote in it.
    quoted: bool,
    at: usize,
    /// Line ends that were passed.
    lines: u64,
}

/// A row, in units from the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// Where it begins.
    pub(super) start: usize,
    /// Where its last cell ends.
    pub(super) end: usize,
    /// Where its line end ends.
    pub(super) next: usize,
    /// Line ends before it.
    pub(super) line: u64,
    /// Whether a quoted cell of it holds a line end.
    pub(super) wraps: bool,
}

/// Why it cannot be said where a row ends. Each has the line ends before the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// A quoted cell is not closed.
    Open(u64),
    /// A quoted cell holds a line end, and text stands behind its closing quote: what closes it may well
    /// open another cell, rows later.
    Torn(u64),
}

impl<'a> Splitter<'a> {
    pub(super) fn new(outline: &'a [u8], delimiter: Option<u8>) -> Self {
        let quoted = delimiter.is_some() && memchr(b'"', outline).is_some();
        Self {
            outline,
            delimiter,
            marks: delimiter.map(|delimiter| Marks::new(outline, delimiter)),
            quoted,
            at: 0,
            lines: 0,
        }
    }

    /// The next row and its cells; `None` at the end. Empty lines are no rows.
    pub(super) fn next(&mut self, cells: &mut Vec<(usize, usize)>) -> Result<Option<Span>, Broken> {
        cells.clear();
        self.skip_empty_lines();
        let (start, line) = (self.at, self.lines);
        if start == self.outline.len() {
            return Ok(None);
        }
        if self.marks.is_none() {
            let end = memchr2(b'\n', b'\r', &self.outline[start..])
                .map_or(self.outline.len(), |length| start + length);
            cells.push((start, end));
            return Ok(Some(self.finish(start, end, line, false)));
        }
        let mut wraps = false;
        loop {
            let cell = self.at;
            if self.quoted && self.outline.get(cell) == Some(&b'"') {
                wraps |= self.pass_quotes(line)?;
            }
            let mark = self
                .marks
                .as_mut()
                .and_then(|marks| marks.first_from(self.at));
            let end = mark.unwrap_or(self.outline.len());
            cells.push((cell, end));
            if self.outline.get(end).copied() != self.delimiter {
                return Ok(Some(self.finish(start, end, line, wraps)));
            }
            self.at = end + 1;
        }
    }

    fn skip_empty_lines(&mut self) {
        while let Some(b'\n' | b'\r') = self.outline.get(self.at) {
            self.at = self.after_line_end(self.at);
            self.lines += 1;
        }
    }

    fn after_line_end(&self, at: usize) -> usize {
        match &self.outline[at..] {
            [b'\r', b'\n', ..] => at + 2,
            [] => at,
            _ => at + 1,
        }
    }

    fn finish(&mut self, start: usize, end: usize, line: u64, wraps: bool) -> Span {
        let next = self.after_line_end(end);
        self.at = next;
        self.lines += u64::from(next > end);
        Span {
            start,
            end,
            next,
            line,
            wraps,
        }
    }

    /// From the quote that opens a cell to behind the one that closes it. Whether a line end lies between.
    fn pass_quotes(&mut self, line: u64) -> Result<bool, Broken> {
        let opened = self.at;
        self.at += 1;
        loop {
            match memchr(b'"', &self.outline[self.at..]) {
                None => return Err(Broken::Open(line)),
                Some(length) => self.at += length + 1,
            }
            if self.outline.get(self.at) == Some(&b'"') {
                self.at += 1;
            } else {
                break;
            }
        }
        let ends = line_ends(&self.outline[opened..self.at]);
        self.lines += ends;
        let behind = self.outline.get(self.at).copied();
        let is_closed =
            behind.is_none_or(|sign| matches!(sign, b'\n' | b'\r')) || behind == self.delimiter;
        match (ends > 0, is_closed) {
            (true, false) => Err(Broken::Torn(line)),
            (wraps, _) => Ok(wraps),
        }
    }
}

/// How many line ends there are, each of the three kinds as one.
pub(super) fn line_ends(outline: &[u8]) -> u64 {
    let feeds = memchr::memchr_iter(b'\n', outline).count();
    let alone = memchr::memchr_iter(b'\r', outline)
        .filter(|at| outline.get(at + 1) != Some(&b'\n'))
        .count();
    (feeds + alone) as u64
}

/// Where the last whole row ends, if one does for sure. More may follow after the outline, which may
/// close what is open.
pub(super) fn last_end(outline: &[u8], delimiter: Option<u8>) -> Result<Option<usize>, Broken> {
    let mut rows = Splitter::new(outline, delimiter);
    if !rows.quoted {
        // A carriage return at the very end may be half of a line end.
        let known = outline.strip_suffix(b"\r").unwrap_or(outline);
        let end = memchr::memrchr2(b'\n', b'\r', known);
        return Ok(end.map(|end| rows.after_line_end(end)));
    }
    let mut cells = Vec::new();
    let mut end = None;
    loop {
        let row = match rows.next(&mut cells) {
            Ok(Some(row)) => row,
            Ok(None) | Err(Broken::Open(_)) => return Ok(end),
            Err(torn) => return Err(torn),
        };
        let is_ended = row.next > row.end;
        let may_be_half = row.next == outline.len() && outline.ends_with(b"\r");
        if is_ended && !may_be_half {
            end = Some(row.next);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Broken, Splitter, last_end, line_ends};

    fn rows(text: &str, delimiter: u8) -> Result<Vec<Vec<String>>, Broken> {
        let mut splitter = Splitter::new(text.as_bytes(), Some(delimiter));
        let mut cells = Vec::new();
        let mut rows = Vec::new();
        while splitter.next(&mut cells)?.is_some() {
            let cell = |&(from, to): &(usize, usize)| text[from..to].to_owned();
            rows.push(cells.iter().map(cell).collect());
        }
        Ok(rows)
    }

    #[test]
    fn rows_end_at_any_line_end_and_empty_lines_are_none() {
        let expected = vec![vec!["a", "b"], vec!["c", ""], vec!["", "d"]];
        for end in ["\n", "\r\n", "\r"] {
            let text = ["a;b", "", "c;", ";d"].join(end);
            assert_eq!(rows(&text, b';').unwrap(), expected, "{end:?}");
            assert_eq!(rows(&format!("{text}{end}"), b';').unwrap(), expected);
        }
    }

    #[test]
    fn quotes_hold_what_would_end_a_cell_and_are_literal_elsewhere() {
        let text = "\"a,\"\"b\r\n\",\"c\"d,5\" pipe\nnext,\"\",x";
        let found = rows(text, b',').unwrap();
        assert_eq!(
            found,
            [
                vec!["\"a,\"\"b\r\n\"", "\"c\"d", "5\" pipe"],
                vec!["next", "\"\"", "x"]
            ]
        );
        assert_eq!(rows("a,b\nc,\"d\n", b','), Err(Broken::Open(1)));
    }

    #[test]
    fn a_quote_that_swallows_lines_up_to_one_that_opens_a_cell_tears_the_row() {
        for torn in [
            "\"Acme,a@x\nBob,b@x\n\"Cyd\" Ltd,c@x\n",
            "\"5\\\"\",a@x\n\"6\\\"\",b@x\n",
            "\"a\r\nb\" ,c\n",
        ] {
            let text = format!("one,two\n{torn}");
            assert_eq!(rows(&text, b','), Err(Broken::Torn(1)), "{torn}");
            let cut = last_end(text.as_bytes(), Some(b','));
            assert_eq!(cut, Err(Broken::Torn(1)), "{torn}");
        }
        let whole = "\"a\nb\",c\n\"d\n\"\n\"e\nf\"";
        assert_eq!(rows(whole, b',').unwrap().len(), 3);
        let wraps = |text: &str| {
            let mut splitter = Splitter::new(text.as_bytes(), Some(b','));
            splitter.next(&mut Vec::new()).unwrap().unwrap().wraps
        };
        assert!(wraps(whole) && wraps("a,\"b\rc\"\n"));
        assert!(!wraps("\"a\"\"b\",c\n") && !wraps("a,b\n\"c\nd\"\n"));
    }

    #[test]
    fn lines_are_counted_through_quoted_ones() {
        let text = "\na\n\"b\r\nb\"\r\r\nc";
        let mut splitter = Splitter::new(text.as_bytes(), Some(b','));
        let mut cells = Vec::new();
        let mut lines = Vec::new();
        while let Ok(Some(row)) = splitter.next(&mut cells) {
            lines.push(row.line + 1);
        }
        assert_eq!(lines, [2, 3, 6]);
        assert_eq!(line_ends(text.as_bytes()), 5);
    }

    proptest! {
        #[test]
        fn cells_are_those_of_the_csv_crate(
            text in "[a,\"\r\n]{0,40}[ab]{0,90}[a,\"\r\n]{0,20}",
        ) {
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .from_reader(text.as_bytes());
            let theirs: Vec<Vec<String>> = reader
                .records()
                .map(|row| row.unwrap().iter().map(str::to_owned).collect())
                .collect();
            match rows(&text, b',') {
                Ok(ours) => {
                    let plain = |cell: &String| super::super::fields::bare(cell).into_owned();
                    let ours: Vec<Vec<String>> =
                        ours.iter().map(|row| row.iter().map(plain).collect()).collect();
                    prop_assert_eq!(ours, theirs);
                }
                // They read on, we refuse.
                Err(_) => prop_assert!(text.contains('"')),
            }
        }

        #[test]
        fn a_cut_falls_between_rows(text in "[a,\"\r\n]{0,40}", more in "[a,\"\r\n]{0,10}") {
            if let Ok(Some(cut)) = last_end(text.as_bytes(), Some(b',')) {
                let whole = format!("{text}{more}");
                let (first, second) = whole.split_at(cut);
                if let (Ok(mut first), Ok(second), Ok(all)) = (rows(first, b','), rows(second, b','), rows(&whole, b',')) {
                    first.extend(second);
                    prop_assert_eq!(first, all);
                }
            }
        }
    }
}
