//! Addresses that need no more than lower case, which most are: read in one pass.

use super::{ADDRESS_MAX, Address, LOCAL_MAX};

/// Octets of a label of a domain at most (RFC 1035, 2.3.4).
const LABEL_MAX: usize = 63;
/// Octets of a domain at most.
const DOMAIN_MAX: usize = 253;

/// An address that needs no more than lower case; `None` where it takes a closer look.
pub(super) fn plain(typed: &str) -> Option<Address> {
    let mut normal = Vec::with_capacity(typed.len());
    let at = plain_into(typed.as_bytes(), &mut normal)?;
    let normal = String::from_utf8(normal).ok()?;
    Some(Address { normal, at })
}

/// Adds the normal form of such an address and says where its `@` is; else adds nothing.
pub(super) fn plain_into(typed: &[u8], into: &mut Vec<u8>) -> Option<usize> {
    let typed = typed.trim_ascii();
    if typed.len() > ADDRESS_MAX {
        return None;
    }
    let start = into.len();
    into.extend_from_slice(typed);
    let normal = &mut into[start..];
    normal.make_ascii_lowercase();
    let at = plain_local(normal).filter(|at| is_plain_domain(&normal[at + 1..]));
    if at.is_none() {
        into.truncate(start);
    }
    at
}

/// What may stand in a name before the `@`, apart from the dot and from what takes a closer look.
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
                | b'&'
                | b'*'
                | b'+'
                | b'-'
                | b'/'
                | b'='
                | b'?'
                | b'^'
                | b'_'
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
    use super::super::is_atext;
    use super::ATEXT;

    #[test]
    fn the_table_of_signs_is_that_of_the_closer_look_less_what_may_be_wrapping() {
        for byte in 0..128_u8 {
            let is_plain = is_atext(char::from(byte)) && !b"'`%".contains(&byte);
            assert_eq!(ATEXT[usize::from(byte)], is_plain);
        }
    }
}
