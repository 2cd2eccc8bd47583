//! A block of whole rows, and its rows one after the other.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::columns::Column;
use super::dialect::Dialect;
use super::encoding::Encoding;
use super::split::Splitter;
use super::{Format, fields};

mod doubt;

pub use doubt::Doubt;

/// Whole rows of a table. One block is filled again and again.
#[derive(Default)]
pub struct Block {
    pub(super) bytes: Vec<u8>,
    /// A byte per unit where units have two; empty where they have one.
    pub(super) outline: Vec<u8>,
    /// Line ends before the block.
    pub(super) lines: u64,
}

impl Block {
    /// Its rows. `number` is how many rows stood before it.
    #[must_use]
    pub fn rows(&self, format: Format, number: u64) -> Rows<'_> {
        Rows {
            format,
            bytes: &self.bytes,
            splitter: Splitter::new(self.outline(), format.dialect.delimiter()),
            cells: Vec::new(),
            lines: self.lines,
            number,
        }
    }

    /// All its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn outline(&self) -> &[u8] {
        if self.outline.is_empty() {
            &self.bytes
        } else {
            &self.outline
        }
    }
}

/// The rows of a block.
pub struct Rows<'a> {
    format: Format,
    bytes: &'a [u8],
    splitter: Splitter<'a>,
    cells: Vec<(usize, usize)>,
    lines: u64,
    number: u64,
}

/// One row, taken apart.
pub struct Row<'r, 'b> {
    /// The row in one piece.
    pub whole: Whole<'b>,
    cells: &'r [(usize, usize)],
    /// Its place among the rows; the first one below the header is 1.
    pub number: u64,
}

/// One row in one piece, with the bytes that it came with: what it takes to write it again.
#[derive(Clone, Copy)]
pub struct Whole<'b> {
    format: Format,
    bytes: &'b [u8],
    /// Where it begins, where its last cell ends, and where its line end ends.
    span: (usize, usize, usize),
    length: usize,
    /// Whether a quoted cell of it holds a line end.
    wraps: bool,
    /// The line that it begins in; the first line of the file is 1.
    pub line: u64,
}

impl<'b> Rows<'b> {
    /// The next row. Not an iterator: a row borrows what the next one uses again.
    #[expect(clippy::should_implement_trait, reason = "rows lend")]
    pub fn next(&mut self) -> Option<Row<'_, 'b>> {
        // What is open or torn was refused when the block was filled.
        let span = self.splitter.next(&mut self.cells).ok()??;
        self.number += 1;
        let width = self.format.encoding.width();
        Some(Row {
            whole: Whole {
                format: self.format,
                bytes: self.bytes,
                span: (span.start * width, span.end * width, span.next * width),
                length: self.cells.len(),
                wraps: span.wraps,
                line: self.lines + span.line + 1,
            },
            cells: &self.cells,
            number: self.number,
        })
    }

    /// How many rows were passed, with those before the block.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }
}

impl<'b> Row<'_, 'b> {
    /// The bytes from a cell on, and how many of them are the cell's, where it is written in bytes and
    /// without quotes: as good as its text where they are ASCII.
    #[must_use]
    pub fn plain(&self, column: &Column) -> Option<(&'b [u8], usize)> {
        if self.whole.format.encoding != Encoding::Bytes
            || self.whole.format.dialect == Dialect::Json
        {
            return None;
        }
        let &(from, to) = self.cells.get(column.index())?;
        let text = &self.whole.bytes[from..];
        (text.first() != Some(&b'"')).then_some((text, to - from))
    }

    /// What a cell says; empty where the row has none there.
    #[must_use]
    pub fn text(&self, column: &Column) -> Cow<'b, str> {
        match self.whole.format.dialect {
            Dialect::Json => Cow::Owned(self.field(column.name()).unwrap_or_default()),
            Dialect::Cells { .. } => self.cell(column.index()),
        }
    }

    /// The cell in that place, counted from 0.
    pub(super) fn cell(&self, index: usize) -> Cow<'b, str> {
        let Some(&(from, to)) = self.cells.get(index) else {
            return Cow::Borrowed("");
        };
        let encoding = self.whole.format.encoding;
        let width = encoding.width();
        match encoding.decode(&self.whole.bytes[from * width..to * width]) {
            Cow::Borrowed(text) => fields::bare(text),
            Cow::Owned(text) => Cow::Owned(fields::bare(&text).into_owned()),
        }
    }

    /// The field of a JSON object as text; `None` where the row is none, or has it twice.
    fn field(&self, name: &str) -> Option<String> {
        let text = self.whole.format.encoding.decode(self.whole.bytes());
        let found = Field::of(&text, name)?;
        Some(match found {
            Value::String(text) => text,
            Value::Null => String::new(),
            other => other.to_string(),
        })
    }

    /// The names of its fields, where it is a JSON object.
    pub(super) fn fields(&self) -> Vec<String> {
        let text = self.whole.format.encoding.decode(self.whole.bytes());
        let object: Option<serde_json::Map<String, Value>> = serde_json::from_str(&text).ok();
        object.map_or_else(Vec::new, |object| {
            object.into_iter().map(|(name, _)| name).collect()
        })
    }
}

impl<'b> Whole<'b> {
    /// Its bytes without the line end.
    #[must_use]
    pub fn bytes(&self) -> &'b [u8] {
        &self.bytes[self.span.0..self.span.1]
    }

    /// The bytes of its line end; none where the file ends without one.
    #[must_use]
    pub fn end(&self) -> &'b [u8] {
        &self.bytes[self.span.1..self.span.2]
    }

    /// Where it begins and where its line end ends, within the block.
    #[must_use]
    pub const fn place(&self) -> (usize, usize) {
        (self.span.0, self.span.2)
    }

    /// How many cells it has; 1 for a JSON object.
    #[must_use]
    pub const fn length(&self) -> usize {
        self.length
    }

    /// The bytes of its first cells, so many, and of all that stands behind them; of that nothing where it
    /// says nothing.
    #[must_use]
    pub fn parted(&self, cells: usize) -> (&'b [u8], &'b [u8]) {
        let bytes = self.bytes();
        let (mut outline, mut found) = (Vec::new(), Vec::new());
        self.format.encoding.outline(bytes, &mut outline);
        // A whole row was taken apart before.
        let _ = Splitter::new(&outline, self.format.dialect.delimiter()).next(&mut found);
        let Some(beyond) = found.get(cells..).filter(|beyond| !beyond.is_empty()) else {
            return (bytes, &[]);
        };
        let width = self.format.encoding.width();
        let says = |&(from, to): &(usize, usize)| {
            let text = self
                .format
                .encoding
                .decode(&bytes[from * width..to * width]);
            !fields::bare(&text).trim().is_empty()
        };
        let end = cells.checked_sub(1).map_or(0, |last| found[last].1 * width);
        let (fit, rest) = bytes.split_at(end);
        match beyond.iter().any(says) {
            true => (fit, rest),
            false => (fit, &[]),
        }
    }

    /// The row with members added to its JSON object; as it is where it is no object.
    pub fn write_object(&self, members: &[(&str, Value)], into: &mut Vec<u8>) {
        let encoding = self.format.encoding;
        let text = encoding.decode(self.bytes());
        let body = text.trim_end().strip_suffix('}');
        let Some(body) = body.filter(|_| serde_json::from_str::<Object>(&text).is_ok()) else {
            into.extend_from_slice(self.bytes());
            return;
        };
        into.extend_from_slice(&self.bytes()[..self.length_of(body)]);
        let is_bare = body.trim_end().ends_with('{') && body.trim() == "{";
        for (place, (name, value)) in members.iter().enumerate() {
            let comma = if is_bare && place == 0 { "" } else { "," };
            encoding.encode(&format!("{comma}\"{name}\":{value}"), into);
        }
        into.extend_from_slice(&self.bytes()[self.length_of(body)..]);
    }

    /// How many bytes of the row that beginning of its text takes.
    fn length_of(&self, beginning: &str) -> usize {
        match self.format.encoding {
            Encoding::Utf16Le | Encoding::Utf16Be => beginning.encode_utf16().count() * 2,
            // Where it was no UTF-8, a letter was one byte.
            Encoding::Bytes if std::str::from_utf8(self.bytes()).is_err() => {
                beginning.chars().count()
            }
            Encoding::Bytes => beginning.len(),
        }
    }
}

/// A JSON object whose members do not matter.
struct Object;

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Field { name: "" }.visit(from).map(|_| Self)
    }
}

/// One member of a JSON object.
struct Field<'n> {
    name: &'n str,
}

impl Field<'_> {
    fn of(text: &str, name: &str) -> Option<Value> {
        let mut json = serde_json::Deserializer::from_str(text);
        let found = Field { name }.visit(&mut json).ok()?;
        json.end().ok()?;
        found
    }

    fn visit<'de, D: serde::Deserializer<'de>>(self, from: D) -> Result<Option<Value>, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Field<'_> {
    type Value = Option<Value>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            if name == self.name && !self.name.is_empty() {
                if found.is_some() {
                    return Err(serde::de::Error::custom("a member stands there twice"));
                }
                found = Some(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}
