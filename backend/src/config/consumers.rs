//! Providers of mailboxes for everyone: their addresses are individual subscribers (LAW-41).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use shared::address::Domain;

/// Providers that give mailboxes to everybody. Those that sell them to companies too, under domains of
/// their own, are here by the domain that private people get.
const BUILT_IN: [&str; 125] = [
    "abv.bg",
    "alice.it",
    "aol.co.uk",
    "aol.com",
    "aol.de",
    "arcor.de",
    "att.net",
    "bbox.fr",
    "bellsouth.net",
    "bigpond.com",
    "bluewin.ch",
    "blueyonder.co.uk",
    "btinternet.com",
    "btopenworld.com",
    "centrum.cz",
    "charter.net",
    "comcast.net",
    "cox.net",
    "earthlink.net",
    "eircom.net",
    "fastmail.com",
    "free.fr",
    "freenet.de",
    "freeserve.co.uk",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.fr",
    "gmx.net",
    "googlemail.com",
    "hetnet.nl",
    "home.nl",
    "hotmail.be",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.de",
    "hotmail.es",
    "hotmail.fr",
    "hotmail.it",
    "hotmail.nl",
    "icloud.com",
    "inbox.lv",
    "interia.pl",
    "kpnmail.nl",
    "laposte.net",
    "libero.it",
    "live.be",
    "live.co.uk",
    "live.com",
    "live.de",
    "live.fr",
    "live.ie",
    "live.it",
    "live.nl",
    "mac.com",
    "mail.com",
    "mail.de",
    "mail.ru",
    "mailbox.org",
    "me.com",
    "msn.com",
    "neuf.fr",
    "ntlworld.com",
    "numericable.fr",
    "o2.pl",
    "onet.pl",
    "online.de",
    "optusnet.com.au",
    "orange.fr",
    "outlook.com",
    "outlook.de",
    "outlook.es",
    "outlook.fr",
    "outlook.ie",
    "outlook.it",
    "planet.nl",
    "pm.me",
    "posteo.de",
    "proton.me",
    "protonmail.ch",
    "protonmail.com",
    "rocketmail.com",
    "rogers.com",
    "sbcglobal.net",
    "seznam.cz",
    "sfr.fr",
    "shaw.ca",
    "sky.com",
    "skynet.be",
    "t-online.de",
    "talk21.com",
    "talktalk.net",
    "telenet.be",
    "tin.it",
    "tiscali.co.uk",
    "tiscali.it",
    "tuta.com",
    "tuta.io",
    "tutamail.com",
    "tutanota.com",
    "tutanota.de",
    "verizon.net",
    "virgilio.it",
    "virgin.net",
    "virginmedia.com",
    "vodafonemail.de",
    "wanadoo.fr",
    "web.de",
    "wp.pl",
    "xs4all.nl",
    "yahoo.ca",
    "yahoo.co.uk",
    "yahoo.com",
    "yahoo.com.au",
    "yahoo.de",
    "yahoo.es",
    "yahoo.fr",
    "yahoo.ie",
    "yahoo.it",
    "yandex.com",
    "yandex.ru",
    "ymail.com",
    "ziggo.nl",
];

/// The operator's own consumer mailbox providers, in addition to the built-in list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct ConsumerDomains(BTreeSet<Domain>);

/// A text that is no domain alone. Names its place: it may be an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "consumer_domains: entry {0} is no domain: write the domain alone, such as \"mail.example\""
)]
pub struct NoConsumerDomain(usize);

impl ConsumerDomains {
    /// The built-in providers and the operator's own.
    #[must_use]
    pub fn all(&self) -> BTreeSet<String> {
        let own = self.0.iter().map(ToString::to_string);
        own.chain(BUILT_IN.map(str::to_owned)).collect()
    }
}

impl TryFrom<Vec<String>> for ConsumerDomains {
    type Error = NoConsumerDomain;

    fn try_from(written: Vec<String>) -> Result<Self, NoConsumerDomain> {
        let read = written.iter().zip(1..);
        let domain = |(text, place): (&String, usize)| {
            Domain::parse(text).map_err(|_| NoConsumerDomain(place))
        };
        read.map(domain).collect::<Result<_, _>>().map(Self)
    }
}

impl From<ConsumerDomains> for Vec<String> {
    fn from(domains: ConsumerDomains) -> Self {
        domains.0.iter().map(ToString::to_string).collect()
    }
}

#[cfg(test)]
mod tests {
    use shared::address::Domain;

    use super::{BUILT_IN, ConsumerDomains};

    #[test]
    fn every_provider_is_written_as_the_domain_of_an_address_is() {
        for name in BUILT_IN {
            let domain = Domain::parse(name).expect(name);
            assert_eq!(domain.as_str(), name);
        }
        assert!(BUILT_IN.is_sorted());
        assert_eq!(ConsumerDomains::default().all().len(), BUILT_IN.len());
    }

    #[test]
    fn an_entry_is_read_as_people_write_a_domain_and_refused_where_it_is_none() {
        let read = |entry: &str| ConsumerDomains::try_from(vec![entry.to_owned()]);
        for (entry, domain) in [
            ("bücher.example", "xn--bcher-kva.example"),
            ("@Mail.example", "mail.example"),
            ("mail.example.", "mail.example"),
        ] {
            assert!(read(entry).expect(entry).all().contains(domain), "{entry}");
        }
        for entry in ["", "example", "jane@mail.example", "*.mail.example"] {
            let told = read(entry).expect_err(entry).to_string();
            assert!(told.contains("entry 1") && !told.contains("jane"), "{told}");
        }
    }
}
