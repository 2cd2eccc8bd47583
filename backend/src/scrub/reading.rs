//! What the rows of a list say: whom they are about, and what is stated of them.

use std::borrow::Cow;

use shared::address::{Address, Readings};
use shared::decision::{Question, Stated};
use shared::facts::{Country, Subscriber};

use super::ListColumns;
use super::notes::Remark;
use crate::gate::Check;
use crate::table::Row;

impl ListColumns {
    /// That question about the contact in a row; what it states holds where the row states nothing.
    #[must_use]
    pub fn check(&self, row: &Row<'_, '_>, question: &Question) -> Check {
        let (stated, _) = self.stated(row, question.stated);
        Check {
            address: self.address_of(row).ok(),
            question: Question {
                stated,
                ..question.clone()
            },
        }
    }

    /// The address that a row is about.
    ///
    /// # Errors
    /// What is to be said of the row where it has no single address, or may be about others too.
    pub fn address_of(&self, row: &Row<'_, '_>) -> Result<Address, Remark> {
        Address::parse(&self.whom(row)?).map_err(|_| Remark::InvalidAddress)
    }

    /// Reads the row's address: the same as [`ListColumns::address_of`], and quicker for most.
    pub(super) fn read(&self, row: &Row<'_, '_>, into: &mut Readings) -> Result<(), Remark> {
        // What is plain is ASCII: its letters are no doubt.
        let is_read = row.shape(self.count).and_then(Remark::of).is_none()
            && (row.plain(&self.address))
                .is_some_and(|(text, length)| into.read_plain(text, length));
        match is_read {
            true => Ok(()),
            false => {
                let read = into.read(&self.whom(row)?);
                read.map_err(|_| Remark::InvalidAddress)
            }
        }
    }

    /// What stands where the address should be, where that is certain.
    fn whom<'b>(&self, row: &Row<'_, 'b>) -> Result<Cow<'b, str>, Remark> {
        match row.doubt(&self.address, self.count).and_then(Remark::of) {
            Some(remark) => Err(remark),
            None => Ok(row.text(&self.address)),
        }
    }

    /// What is stated of the contact in that row, where `whole` is stated of all. What is stated and
    /// cannot be read counts as the strictest: a country outside the United Kingdom, a private person.
    pub fn stated(&self, row: &Row<'_, '_>, whole: Stated) -> (Stated, Option<Remark>) {
        let mut stated = whole;
        let mut remark = None;
        if let Some(column) = &self.country {
            let cell = row.text(column);
            if !cell.trim().is_empty() {
                stated.country = Some(Country::parse(cell.trim()).unwrap_or_else(|_| {
                    remark = Some(Remark::UnreadableCountry);
                    Country::UNKNOWN
                }));
            }
        }
        if let Some(column) = &self.subscriber {
            let cell = row.text(column).trim().to_lowercase();
            if !cell.is_empty() {
                stated.subscriber = Some(Subscriber::parse(&cell).unwrap_or_else(|| {
                    remark = Some(Remark::UnreadableSubscriber);
                    Subscriber::Individual
                }));
            }
        }
        (stated, remark)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use shared::address::Readings;

    use super::{ListColumns, Remark};
    use crate::table::{Block, Table};

    const ADDRESSES: [&[u8]; 12] = [
        b"ann@client.example",
        b"Ann@Client.Example",
        b" ann@client.example ",
        b"\"ann@client.example\"",
        b"ann@b\xc3\xbccher.example",
        b"ann@b\xfccher.example",
        b"\"ann@b\xfccher.example\"",
        b"ann@client.example; bob@client.example",
        b"ann(at)client.example",
        b"\"ann@client.example\nbob@client.example\"",
        b"ann",
        b"",
    ];
    const MORE: [&[u8]; 9] = [
        b"",
        b",Ann",
        b",J\xf6rg",
        b",Ann,",
        b",Ann,extra",
        b",Ann,\xfc",
        b",Ann,bob@client.example",
        b",\"x\nbob@client.example,Bob\"",
        b",\"two\nlines\",extra",
    ];

    /// What each reader makes of every row below the header.
    fn read_twice(list: Vec<u8>) -> Vec<[Result<String, Remark>; 2]> {
        let mut table = Table::open(Cursor::new(list)).unwrap();
        let columns = ListColumns {
            address: table.columns().named("email").unwrap(),
            country: None,
            subscriber: None,
            count: table.columns().count(),
        };
        let (mut readings, mut block, mut both) = (Readings::default(), Block::default(), vec![]);
        while table.fill(&mut block).unwrap() {
            let mut rows = block.rows(table.format(), 0);
            while let Some(row) = rows.next() {
                readings.clear();
                let one = columns.address_of(&row);
                let other = columns.read(&row, &mut readings);
                let other = other.map(|()| readings.get(0).to_address().unwrap());
                both.push([one, other].map(|read| read.map(|one| one.reveal().to_owned())));
            }
        }
        both
    }

    #[test]
    fn every_reader_of_a_row_reads_the_same_address() {
        let mut list = b"email,name\n".to_vec();
        for address in ADDRESSES {
            for more in MORE {
                list.extend([address, more, b"\n"].concat());
            }
        }
        let both = read_twice(list);
        assert!(both.len() > 100);
        for (place, [one, other]) in both.iter().enumerate() {
            assert_eq!(one, other, "row {}", place + 1);
        }
    }

    #[test]
    fn letters_are_not_guessed_whatever_else_the_row_holds() {
        let list = b"email,name\nann@b\xfccher.example,Ann,extra\n".to_vec();
        let not_utf8 = Err(Remark::NotUtf8);
        assert_eq!(read_twice(list), [[not_utf8.clone(), not_utf8]]);
    }
}
