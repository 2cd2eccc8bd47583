//! A company's domain, as an objection for all of its people names it (LAW-45).

use std::fmt;

use super::{InvalidAddress, letters, normal_domain};

/// A domain in the normal form of addresses: lower-case ASCII, without a dot at the end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Domain(String);

impl Domain {
    /// Reads a domain as people write it: `Client.example`, `@bücher.example`, `client.example.`.
    pub fn parse(typed: &str) -> Result<Self, InvalidAddress> {
        let typed = typed.trim();
        let typed = typed.strip_prefix('@').unwrap_or(typed);
        let ascii = normal_domain(typed)?;
        match letters::are_strange(typed, &ascii) {
            true => Err(InvalidAddress::Domain),
            false => Ok(Self(ascii)),
        }
    }

    /// Reads a domain that was recorded before, by every rule that there ever was.
    pub fn of_kept(kept: &str) -> Result<Self, InvalidAddress> {
        let kept = kept.trim();
        normal_domain(kept.strip_prefix('@').unwrap_or(kept)).map(Self)
    }

    /// What stands behind `www.`, where it is the name of a website: people have no mailboxes there.
    #[must_use]
    pub fn behind_www(&self) -> Option<&str> {
        let rest = self.0.strip_prefix("www.")?;
        rest.contains('.').then_some(rest)
    }

    /// The domain as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Domain;
    use crate::address::Address;

    #[test]
    fn a_domain_is_normalised_as_that_of_an_address_is() {
        for typed in ["Client.example", "@client.example.", " bücher.example "] {
            let domain = Domain::parse(typed).expect(typed);
            let inside = typed.trim().trim_start_matches('@');
            let address = Address::parse(&format!("x@{inside}")).expect(typed);
            assert_eq!(domain.as_str(), address.domain());
        }
        for typed in ["", "example", "jane@client.example", "10.0.0.1", "a..b"] {
            assert!(Domain::parse(typed).is_err(), "{typed}");
        }
    }
}
