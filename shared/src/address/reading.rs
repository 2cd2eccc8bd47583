//! Many addresses one after the other, in memory that is used again: for long lists.

use super::key::{Normal, Placed, SHORT};
use super::numbers::Numbers;
use super::plain::plain_into;
use super::role::is_task;
use super::window::{self, WINDOW, Window};
use super::{Address, AddressKey, InvalidAddress, Pepper};

/// Addresses in their normal form, each under the place in which it was read.
#[derive(Default)]
pub struct Readings {
    each: Vec<Each>,
    /// The short ones in their places; others have nothing there.
    short: Vec<Placed>,
    /// The long ones, one behind the other.
    long: Vec<u8>,
    /// All domains so far: those of addresses that were forgotten too.
    domains: Numbers,
    scratch: Vec<u8>,
}

struct Each {
    /// Where its `@` is.
    at: usize,
    extent: Extent,
    domain: Option<u32>,
    has_tag: bool,
}

/// Where its octets are.
#[derive(Clone, Copy)]
enum Extent {
    Short { length: usize },
    Long { start: usize, end: usize },
}

/// One of them. It says the same as [`Address`].
#[derive(Clone, Copy)]
pub struct Reading<'r> {
    normal: &'r [u8],
    at: usize,
    domain: Option<u32>,
    has_tag: bool,
}

impl Readings {
    /// Forgets all of them, but not their domains.
    pub fn clear(&mut self) {
        self.each.clear();
        self.short.clear();
        self.long.clear();
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.each.len()
    }

    /// Reads one more address as a person types it: the same as [`Address::parse`].
    ///
    /// # Errors
    /// Those of [`Address::parse`]; nothing is added then.
    pub fn read(&mut self, typed: &str) -> Result<(), InvalidAddress> {
        if !self.read_plain(typed.as_bytes(), typed.len()) {
            let address = Address::parse_closely(typed)?;
            self.add(address.normal.as_bytes(), address.at);
        }
        Ok(())
    }

    /// Reads one more address that needs no more than lower case, what most addresses are: the first
    /// `length` bytes of `text`. It is quicker where some more stand behind. `false`, and nothing is
    /// added, where it takes a closer look to say what this is.
    pub fn read_plain(&mut self, text: &[u8], length: usize) -> bool {
        if length <= SHORT
            && let Some(window) = text.first_chunk()
            && self.read_short(window, length)
        {
            return true;
        }
        let mut normal = std::mem::take(&mut self.scratch);
        normal.clear();
        let at = plain_into(&text[..length], &mut normal);
        if let Some(at) = at {
            self.add(&normal, at);
        }
        self.scratch = normal;
        at.is_some()
    }

    /// Reads a short one of a known domain; `false` where it may be another.
    fn read_short(&mut self, window: &Window, length: usize) -> bool {
        let normal = window::lower(window, length);
        let Some(at) = window::end_of_name(&normal) else {
            return false;
        };
        let Some(domain) = self.domains.get(&normal[at + 1..length]) else {
            return false;
        };
        self.short.push(Placed::new(&normal));
        self.each.push(Each {
            at,
            extent: Extent::Short { length },
            domain: Some(domain),
            has_tag: false,
        });
        true
    }

    /// The one in that place, counted from 0.
    #[must_use]
    pub fn get(&self, place: usize) -> Reading<'_> {
        let each = &self.each[place];
        Reading {
            normal: match each.extent {
                Extent::Short { length } => self.short[place].text(length),
                Extent::Long { start, end } => &self.long[start..end],
            },
            at: each.at,
            domain: each.domain,
            has_tag: each.has_tag,
        }
    }

    /// The keyed hashes of all of them, in their order: quicker than one by one.
    pub fn keys(&self, pepper: &Pepper, into: &mut Vec<AddressKey>) {
        let each = self.each.iter().zip(&self.short);
        let normals = each.map(|(each, placed)| match each.extent {
            Extent::Short { length } => Normal::Short(placed, length),
            Extent::Long { start, end } => Normal::Long(&self.long[start..end]),
        });
        pepper.keys(normals, into);
    }

    fn add(&mut self, normal: &[u8], at: usize) {
        let (mut text, length) = ([0; WINDOW], normal.len());
        let extent = if length <= SHORT {
            text[..length].copy_from_slice(normal);
            Extent::Short { length }
        } else {
            let start = self.long.len();
            self.long.extend_from_slice(normal);
            let end = self.long.len();
            Extent::Long { start, end }
        };
        self.short.push(Placed::new(&text));
        let domain = self.domains.number(&normal[at + 1..]);
        self.each.push(Each {
            at,
            extent,
            domain,
            has_tag: normal[..at].contains(&b'+'),
        });
    }
}

impl<'r> Reading<'r> {
    /// Whether the mailbox is that of a task: the same as [`Address::is_role`].
    #[must_use]
    pub fn is_role(&self) -> bool {
        is_task(&self.normal[..self.at])
    }

    /// The domain in lower-case ASCII.
    #[must_use]
    pub fn domain(&self) -> &'r [u8] {
        &self.normal[self.at + 1..]
    }

    /// The number of the domain: 0 for the first one that was read, and so on. `None` where there were
    /// too many to number all.
    #[must_use]
    pub fn domain_number(&self) -> Option<usize> {
        self.domain.map(|number| number as usize)
    }

    /// The keyed hash of the normal form without the `+tag`, if there is one: see [`Address::base`].
    pub fn base_key(&self, pepper: &Pepper, scratch: &mut Vec<u8>) -> Option<AddressKey> {
        if !self.has_tag {
            return None;
        }
        let local = &self.normal[..self.at];
        let tag = local.iter().position(|&sign| sign == b'+');
        let tag = tag.filter(|&tag| tag > 0)?;
        scratch.clear();
        scratch.extend_from_slice(&local[..tag]);
        scratch.extend_from_slice(&self.normal[self.at..]);
        Some(pepper.key(scratch))
    }

    /// The address, to be kept.
    #[must_use]
    pub fn to_address(&self) -> Option<Address> {
        let normal = String::from_utf8(self.normal.to_vec()).ok()?;
        Some(Address {
            normal,
            at: self.at,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Address, Pepper};
    use super::Readings;

    fn agrees(readings: &mut Readings, typed: &str) {
        let pepper = Pepper::new(&[7; 32]).expect("32 bytes");
        let parsed = Address::parse_closely(typed);
        assert_eq!(Address::parse(typed), parsed, "{typed:?}");
        // Twice, since a domain is known then, and with other things behind.
        for behind in ["", "x.y@z,".repeat(9).as_str()] {
            let text = [typed, behind].concat();
            let before = readings.count();
            if readings.read_plain(text.as_bytes(), typed.len()) {
                let read = readings.get(before).to_address();
                assert_eq!(read, parsed.clone().ok(), "{typed:?}");
            }
        }
        let (mut keys, mut scratch) = (Vec::new(), Vec::new());
        let place = readings.count();
        match (readings.read(typed), parsed) {
            (Ok(()), Ok(address)) => {
                let reading = readings.get(place);
                assert_eq!(reading.to_address().as_ref(), Some(&address));
                assert_eq!(reading.domain(), address.domain().as_bytes());
                let number = reading.domain_number().expect("they are few");
                assert!(number < readings.domains.count());
                readings.keys(&pepper, &mut keys);
                assert_eq!(keys.len(), readings.count());
                assert_eq!(keys[place], address.key(&pepper));
                assert_eq!(
                    reading.base_key(&pepper, &mut scratch),
                    address.base().map(|base| base.key(&pepper)),
                    "{typed:?}"
                );
            }
            (read, parsed) => {
                assert_eq!(read, parsed.map(|_| ()), "{typed:?}");
                assert_eq!(readings.count(), place);
            }
        }
    }

    #[test]
    fn ordinary_addresses_are_plain() {
        let mut readings = Readings::default();
        for typed in [
            "jane.doe@example.com",
            " Jane.Doe+news@Mail.Example.CO.UK\r",
            "o!hara_{1}@x-1.2b.de",
        ] {
            assert!(
                readings.read_plain(typed.as_bytes(), typed.len()),
                "{typed}"
            );
            agrees(&mut readings, typed);
        }
    }

    #[test]
    fn edges_of_names_and_domains_are_read_alike() {
        let mut readings = Readings::default();
        let long = |n: usize| "a".repeat(n);
        for typed in [
            "a@b".to_owned(),
            "a@b.1".to_owned(),
            "a@b.1x".to_owned(),
            "a@xn--bcher-kva.example".to_owned(),
            "a@xn--.example".to_owned(),
            "a@-b.de".to_owned(),
            "a@b-.de".to_owned(),
            "a@b_c.de".to_owned(),
            "a@b.de.".to_owned(),
            "a@.de".to_owned(),
            "a@ab--c.de".to_owned(),
            "\u{b}a@b.de".to_owned(),
            format!("{}@b.de", long(64)),
            format!("{}@b.de", long(65)),
            format!("a@{}.de", long(63)),
            format!("a@{}.de", long(64)),
            format!("a@{0}.{0}.{0}.{1}.de", long(61), long(57)),
            format!("a@{0}.{0}.{0}.{1}.de", long(61), long(64)),
            format!("{0}@{0}.{0}.{0}.de", long(61)),
        ] {
            agrees(&mut readings, &typed);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_parse_reads_it(typed in "\\PC*") {
            agrees(&mut Readings::default(), &typed);
        }

        #[test]
        fn texts_like_addresses_are_read_as_parse_reads_them(
            typed in "[ \t]{0,1}[a-zA-Z0-9.+_'\"-]{0,8}@{0,2}[a-zA-Z0-9-]{0,5}(\\.{1,2}[a-z0-9A-Z-]{0,4}){0,3}[ \r\n\u{b}]{0,1}",
        ) {
            agrees(&mut Readings::default(), &typed);
        }

        #[test]
        fn bytes_in_any_order_are_read_as_parse_reads_them(typed in "[a.@+xn\\-1Zß]{0,12}") {
            agrees(&mut Readings::default(), &typed);
        }
    }
}
