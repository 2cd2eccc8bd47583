//! Which column is which: by the names that tools give, else by what the cells hold.

use shared::address::Address;

use super::block::Row;
use super::dialect::Dialect;
use super::likeness::{Likeness, likeness, may_be_address, tells_of_one};
use super::split::{Broken, Splitter};
use super::words::plain;
use super::{Block, Format, TableProblem};

/// Names of a column of addresses, letters and digits alone, as tools and people write them.
const NAMES: [&str; 41] = [
    "email",
    "emailaddress",
    "emailaddresses",
    "mail",
    "mailaddress",
    "email1",
    "email1value",
    "email1address",
    "emailaddr",
    "subscriberemail",
    "contactemail",
    "recipient",
    "recipientemail",
    "emailadresse",
    "mailadresse",
    "elektronischepost",
    "adresseemail",
    "adressemail",
    "adressedemessagerie",
    "adresseelectronique",
    "adresseélectronique",
    "courriel",
    "courrierelectronique",
    "courrierélectronique",
    "correo",
    "correoelectronico",
    "correoelectrónico",
    "direcciondecorreo",
    "direccióndecorreo",
    "direcciondecorreoelectronico",
    "direccióndecorreoelectrónico",
    "indirizzoemail",
    "indirizzodipostaelettronica",
    "postaelettronica",
    "emailadres",
    "epost",
    "epostadress",
    "endereçodeemail",
    "adresemail",
    "電子メールアドレス",
    "メールアドレス",
];
/// Names of one that counts only where none of the above is there.
const LESSER: [&str; 7] = [
    "workemail",
    "primaryemail",
    "emailprimary",
    "businessemail",
    "emailwork",
    "personalemail",
    "homeemail",
];
/// Rows that are looked at.
const LOOK: usize = 200;

/// A column by its place and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    index: usize,
    name: String,
}

impl Column {
    /// Its place, counted from 0.
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }

    /// Its name; its number, counted from 1, where the table has no header.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// The columns of a table.
pub struct Columns {
    names: Vec<String>,
    has_header: bool,
    has_fields: bool,
    header: Vec<u8>,
    header_end: Vec<u8>,
    /// Cells of the first rows.
    sample: Vec<Vec<String>>,
}

impl Columns {
    /// Reads header and first rows, from behind what stands before them.
    pub(super) fn detect(sample: &[u8], format: Format) -> Result<Self, TableProblem> {
        let mut block = Block {
            bytes: sample.to_vec(),
            ..Block::default()
        };
        if format.encoding.width() > 1 {
            format.encoding.outline(sample, &mut block.outline);
        }
        refuse_broken(&block, format)?;
        let mut rows = block.rows(format, 0);
        let mut columns = Self {
            names: Vec::new(),
            has_header: false,
            has_fields: format.dialect == Dialect::Json,
            header: Vec::new(),
            header_end: Vec::new(),
            sample: Vec::new(),
        };
        if format.dialect == Dialect::Json {
            columns.read_fields(&mut rows);
            return Ok(columns);
        }
        if let Some(first) = rows.next() {
            columns.read_header(&first, sample);
        }
        while columns.sample.len() < LOOK
            && let Some(row) = rows.next()
        {
            columns.sample.push(cells(&row));
        }
        Ok(columns)
    }

    /// The first row is the header unless something in it may be an address or tells of one; where it has
    /// a name for a column of addresses, unless something is one.
    fn read_header(&mut self, first: &Row<'_, '_>, sample: &[u8]) {
        let cells = cells(first);
        let is_named = cells.iter().any(|cell| is_known(cell));
        self.has_header = !cells.iter().any(|cell| match is_named {
            true => likeness(cell) == Some(Likeness::Domain),
            false => may_be_address(cell) || tells_of_one(cell),
        });
        if self.has_header {
            self.names = cells.iter().map(|cell| cell.trim().to_owned()).collect();
            let whole = first.whole;
            let (_, next) = whole.place();
            // With what empty lines stand before it.
            self.header = sample[..next - whole.end().len()].to_vec();
            self.header_end = whole.end().to_vec();
        } else {
            self.names = (1..=cells.len()).map(|number| number.to_string()).collect();
            self.sample.push(cells);
        }
    }

    fn read_fields(&mut self, rows: &mut super::Rows<'_>) {
        let mut objects = Vec::new();
        while objects.len() < LOOK
            && let Some(row) = rows.next()
        {
            for name in row.fields() {
                if !self.names.contains(&name) {
                    self.names.push(name);
                }
            }
            let texts: Vec<String> = (self.names.iter())
                .map(|name| {
                    let column = Column {
                        index: 0,
                        name: name.clone(),
                    };
                    row.text(&column).into_owned()
                })
                .collect();
            objects.push(texts);
        }
        self.sample = objects;
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.names.len()
    }

    /// Whether the first row names them.
    #[must_use]
    pub const fn has_header(&self) -> bool {
        self.has_header
    }

    /// Whether the first row was taken for the header although none of its names is one for addresses: it
    /// may be a title, or about somebody. Whoever `named` the column as it is called there has read it.
    #[must_use]
    pub fn is_assumed(&self, address: &Column, named: Option<&str>) -> bool {
        let called = address.name.to_lowercase();
        self.has_header
            && !self.names.iter().any(|name| is_known(name))
            && named.is_none_or(|named| named.trim().to_lowercase() != called)
    }

    /// Whether they have names: in a header, or as fields.
    #[must_use]
    pub const fn is_named(&self) -> bool {
        self.has_header || self.has_fields
    }

    /// Their names; numbers where there is no header.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The bytes of the header without its line end; none where there is no header.
    #[must_use]
    pub fn header(&self) -> &[u8] {
        &self.header
    }

    /// The bytes of the header's line end.
    #[must_use]
    pub fn header_end(&self) -> &[u8] {
        &self.header_end
    }

    pub(super) fn header_bytes(&self) -> usize {
        self.header.len() + self.header_end.len()
    }

    /// Every column, in order.
    #[must_use]
    pub fn all(&self) -> Vec<Column> {
        (0..self.count()).map(|index| self.at(index)).collect()
    }

    /// The column of that name, in any case; or of that number, counted from 1. As `#2` it is the number
    /// whatever the names are.
    ///
    /// # Errors
    /// `TableProblem` where none or several have that name.
    pub fn named(&self, name: &str) -> Result<Column, TableProblem> {
        let wanted = name.trim();
        let in_range = |number: &usize| (1..=self.count()).contains(number);
        let by_number = wanted.strip_prefix('#').and_then(|rest| rest.parse().ok());
        if let Some(number) = by_number.filter(in_range) {
            return Ok(self.at(number - 1));
        }
        let is = |found: &String| found == wanted;
        let alike = |found: &String| found.to_lowercase() == wanted.to_lowercase();
        let by = |same: &dyn Fn(&String) -> bool| -> Vec<usize> {
            let all = self.names.iter().enumerate();
            all.filter(|(_, name)| same(name))
                .map(|(index, _)| index)
                .collect()
        };
        let mut found = by(&is);
        if found.is_empty() {
            found = by(&alike);
        }
        let number = wanted.parse().ok().filter(in_range);
        match (found.as_slice(), number) {
            ([index], _) => Ok(self.at(*index)),
            ([], Some(number)) => Ok(self.at(number - 1)),
            ([], None) => Err(TableProblem::NoColumn {
                name: wanted.to_owned(),
                columns: self.names.clone(),
            }),
            _ => Err(TableProblem::ManyColumns(wanted.to_owned())),
        }
    }

    /// The column that holds the addresses.
    ///
    /// # Errors
    /// `TableProblem` where there is none, or where it is not clear which one is meant.
    pub fn address(&self) -> Result<Column, TableProblem> {
        for names in [&NAMES[..], &LESSER[..]] {
            let named = (0..self.count())
                .filter(|&index| names.contains(&plain(&self.names[index]).as_str()))
                .filter(|&index| self.may_hold_addresses(index))
                .collect::<Vec<_>>();
            match named.as_slice() {
                [] => {}
                [index] => return Ok(self.at(*index)),
                several => return Err(TableProblem::ManyAddresses(self.names_of(several))),
            }
        }
        match self.holding_addresses().as_slice() {
            [] => Err(TableProblem::NoAddress(self.names.clone())),
            [index] => Ok(self.at(*index)),
            several => Err(TableProblem::ManyAddresses(self.names_of(several))),
        }
    }

    /// Other columns that hold addresses too: nobody asked about those.
    #[must_use]
    pub fn others_with_addresses(&self, chosen: &Column) -> Vec<String> {
        let mut others = self.holding_addresses();
        others.retain(|&index| index != chosen.index);
        self.names_of(&others)
    }

    fn at(&self, index: usize) -> Column {
        Column {
            index,
            name: self.names[index].clone(),
        }
    }

    fn names_of(&self, several: &[usize]) -> Vec<String> {
        several
            .iter()
            .map(|&index| self.names[index].clone())
            .collect()
    }

    /// Columns in which most of what is there is an address; where there are none, in which it may be one.
    fn holding_addresses(&self) -> Vec<usize> {
        let holding = |is: fn(&str) -> bool| -> Vec<usize> {
            let is_held = |&index: &usize| {
                let (addresses, filled) = self.counted(index, is);
                addresses > 0 && addresses * 2 >= filled
            };
            (0..self.count()).filter(is_held).collect()
        };
        let certain = holding(is_address);
        match certain.is_empty() {
            true => holding(may_be_address),
            false => certain,
        }
    }

    fn may_hold_addresses(&self, index: usize) -> bool {
        let (addresses, filled) = self.counted(index, may_be_address);
        addresses > 0 || filled == 0 || self.holding_addresses().is_empty()
    }

    /// What the first rows say in that column, where they say anything.
    pub fn samples(&self, column: &Column) -> impl Iterator<Item = &str> {
        let cells = (self.sample.iter()).filter_map(move |row| row.get(column.index));
        cells
            .map(|cell| cell.trim())
            .filter(|cell| !cell.is_empty())
    }

    fn counted(&self, index: usize, is: fn(&str) -> bool) -> (usize, usize) {
        self.samples(&self.at(index))
            .fold((0, 0), |(addresses, filled), cell| {
                (addresses + usize::from(is(cell)), filled + 1)
            })
    }
}

fn is_address(cell: &str) -> bool {
    Address::parse(cell).is_ok()
}

fn cells(row: &Row<'_, '_>) -> Vec<String> {
    (0..row.whole.length())
        .map(|index| row.cell(index).into_owned())
        .collect()
}

/// Whether tools and people call a column of addresses so.
fn is_known(name: &str) -> bool {
    let name = plain(name);
    NAMES.contains(&&*name) || LESSER.contains(&&*name)
}

/// A quote that is open from the first row on, or torn in the first ones.
fn refuse_broken(block: &Block, format: Format) -> Result<(), TableProblem> {
    let mut rows = Splitter::new(block.outline(), format.dialect.delimiter());
    let mut cells = Vec::new();
    for place in 0..=LOOK {
        match rows.next(&mut cells) {
            Ok(Some(_)) => {}
            // More of the table may close it.
            Err(Broken::Open(_)) if place > 0 => return Ok(()),
            Ok(None) => return Ok(()),
            Err(broken) => return Err(TableProblem::broken(broken, 0)),
        }
    }
    Ok(())
}
