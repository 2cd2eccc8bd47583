//! One address after the other, in memory that is used again: for long lists.

use super::{ADDRESS_MAX, Address, AddressKey, InvalidAddress, LOCAL_MAX, Pepper};

/// Octets of a label of a domain at most (RFC 1035, 2.3.4).
const LABEL_MAX: usize = 63;
/// Octets of a domain at most.
const DOMAIN_MAX: usize = 253;

/// The address that was read last, in its normal form. It says the same as [`Address`].
#[derive(Default)]
pub struct Reading {
    normal: Vec<u8>,
    at: usize,
}

impl Reading {
    /// Reads one address as a person types it: the same as [`Address::parse`].
    ///
    /// # Errors
    /// Those of [`Address::parse`]; what was read before is gone then.
    pub fn read(&mut self, typed: &str) -> Result<(), InvalidAddress> {
        if self.read_plain(typed.as_bytes()) {
            return Ok(());
        }
        let address = Address::parse(typed)?;
        self.normal.extend_from_slice(address.normal.as_bytes());
        self.at = address.at;
        Ok(())
    }

    /// Reads an address that needs no more than lower case: what most addresses are. `false` where it
    /// takes a closer look to say what this is.
    pub fn read_plain(&mut self, typed: &[u8]) -> bool {
        let typed = typed.trim_ascii();
        self.normal.clear();
        self.at = 0;
        if typed.len() > ADDRESS_MAX {
            return false;
        }
        self.normal.extend_from_slice(typed);
        self.normal.make_ascii_lowercase();
        match plain_local(&self.normal) {
            Some(at) if is_plain_domain(&self.normal[at + 1..]) => {
                self.at = at;
                true
            }
            _ => {
                self.normal.clear();
                false
            }
        }
    }

    /// The domain in lower-case ASCII.
    #[must_use]
    pub fn domain(&self) -> &[u8] {
        self.normal.get(self.at + 1..).unwrap_or_default()
    }

    /// The keyed hash of the normal form.
    #[must_use]
    pub fn key(&self, pepper: &Pepper) -> AddressKey {
        pepper.key(&self.normal)
    }

    /// The same without the `+tag`, if there is one: see [`Address::base`].
    pub fn base_key(&self, pepper: &Pepper, scratch: &mut Vec<u8>) -> Option<AddressKey> {
        let local = self.normal.get(..self.at)?;
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
        let normal = String::from_utf8(self.normal.clone()).ok()?;
        (!normal.is_empty()).then_some(Address {
            normal,
            at: self.at,
        })
    }
}

/// What may stand in a name before the `@`, apart from the dot.
static ATEXT: [bool; 256] = table();

const fn table() -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = is_atext_ascii(byte as u8);
        byte += 1;
    }
    table
}

const fn is_atext_ascii(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'/'
                | b'='
                | b'?'
                | b'^'
                | b'_'
                | b'`'
                | b'{'
                | b'|'
                | b'}'
                | b'~'
        )
}

/// Where the `@` is, if what stands before it is a plain name.
fn plain_local(normal: &[u8]) -> Option<usize> {
    let mut after_dot = true;
    for (at, &byte) in normal.iter().enumerate() {
        if ATEXT[usize::from(byte)] {
            after_dot = false;
        } else if byte == b'.' && !after_dot {
            after_dot = true;
        } else {
            return (byte == b'@' && !after_dot && at <= LOCAL_MAX).then_some(at);
        }
    }
    None
}

/// Whether it is a domain of letters, digits and inner hyphens, without encoded names.
fn is_plain_domain(domain: &[u8]) -> bool {
    let (mut start, mut labels, mut digits) = (0, 1, true);
    for (at, &byte) in domain.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {}
            b'a'..=b'z' => digits = false,
            b'-' if at > start => digits = false,
            b'.' => {
                if !is_plain_label(&domain[start..at]) {
                    return false;
                }
                start = at + 1;
                labels += 1;
                digits = true;
            }
            _ => return false,
        }
    }
    is_plain_label(&domain[start..]) && labels > 1 && !digits && domain.len() <= DOMAIN_MAX
}

fn is_plain_label(label: &[u8]) -> bool {
    !label.is_empty()
        && label.len() <= LABEL_MAX
        && label.last() != Some(&b'-')
        && !label.starts_with(b"xn--")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Address, Pepper, is_atext};
    use super::{ATEXT, Reading};

    fn agrees(reading: &mut Reading, typed: &str) {
        let pepper = Pepper::new(&[7; 32]).expect("32 bytes");
        let parsed = Address::parse(typed);
        if reading.read_plain(typed.as_bytes()) {
            assert_eq!(reading.to_address(), parsed.clone().ok(), "{typed:?}");
        }
        let mut scratch = Vec::new();
        match (reading.read(typed), parsed) {
            (Ok(()), Ok(address)) => {
                assert_eq!(reading.to_address().as_ref(), Some(&address));
                assert_eq!(reading.domain(), address.domain().as_bytes());
                assert_eq!(reading.key(&pepper), address.key(&pepper));
                assert_eq!(
                    reading.base_key(&pepper, &mut scratch),
                    address.base().map(|base| base.key(&pepper)),
                    "{typed:?}"
                );
            }
            (read, parsed) => assert_eq!(read, parsed.map(|_| ()), "{typed:?}"),
        }
    }

    #[test]
    fn ordinary_addresses_are_plain() {
        let mut reading = Reading::default();
        for typed in [
            "jane.doe@example.com",
            " Jane.Doe+news@Mail.Example.CO.UK\r",
            "o'hara_{1}@x-1.2b.de",
        ] {
            assert!(reading.read_plain(typed.as_bytes()), "{typed}");
            agrees(&mut reading, typed);
        }
        for byte in 0..128_u8 {
            assert_eq!(ATEXT[usize::from(byte)], is_atext(char::from(byte)));
        }
    }

    #[test]
    fn edges_of_names_and_domains_are_read_alike() {
        let mut reading = Reading::default();
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
            agrees(&mut reading, &typed);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_parse_reads_it(typed in "\\PC*") {
            agrees(&mut Reading::default(), &typed);
        }

        #[test]
        fn texts_like_addresses_are_read_as_parse_reads_them(
            typed in "[ \t]{0,1}[a-zA-Z0-9.+_'\"-]{0,8}@{0,2}[a-zA-Z0-9-]{0,5}(\\.{1,2}[a-z0-9A-Z-]{0,4}){0,3}[ \r\n\u{b}]{0,1}",
        ) {
            agrees(&mut Reading::default(), &typed);
        }

        #[test]
        fn bytes_in_any_order_are_read_as_parse_reads_them(typed in "[a.@+xn\\-1Zß]{0,12}") {
            agrees(&mut Reading::default(), &typed);
        }
    }
}
