//! Ports at which a mail server asks about each recipient.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use shared::decision::{Question, Stated};
use shared::facts::{Country, Subscriber};
use shared::purpose::{Channel, PurposeKey, TopicKey};

/// A port for a mail server, and what the mailings that leave through that server are about.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Mta {
    /// Where the mail server asks.
    pub listen: Listen,
    /// The purpose of the mailings.
    pub purpose: PurposeKey,
    /// Their topic; without one they may be about anything of the purpose.
    #[serde(default)]
    pub topic: Option<TopicKey>,
    /// The channel.
    #[serde(default = "email")]
    pub channel: Channel,
    /// The country of a recipient about whom nothing else is known.
    #[serde(default)]
    pub default_country: Option<Country>,
    /// The subscriber class of a recipient about whom nothing else is known.
    #[serde(default)]
    pub default_subscriber: Option<Subscriber>,
    /// The operator's word that every mailing tells of the right to object, set apart from all else.
    #[serde(default)]
    pub first_contact: bool,
}

const fn email() -> Channel {
    Channel::Email
}

impl Mta {
    /// What is asked about each recipient.
    #[must_use]
    pub fn question(&self) -> Question {
        Question {
            purpose: Some(self.purpose.clone()),
            topic: self.topic.clone(),
            channel: self.channel,
            stated: Stated {
                country: self.default_country,
                subscriber: self.default_subscriber,
            },
            first_contact: self.first_contact,
        }
    }
}

/// Where to listen: `127.0.0.1:10040`, or `unix:` and the path of a socket.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub enum Listen {
    /// An IP address and port.
    Tcp(SocketAddr),
    /// A socket in the file system.
    Unix(PathBuf),
}

/// A text that is no place to listen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write an IP address and port, such as 127.0.0.1:10040, or unix: and a path from the root")]
pub struct InvalidListen;

impl TryFrom<String> for Listen {
    type Error = InvalidListen;

    fn try_from(text: String) -> Result<Self, InvalidListen> {
        match text.strip_prefix("unix:").map(PathBuf::from) {
            Some(path) if path.is_absolute() => Ok(Self::Unix(path)),
            Some(_) => Err(InvalidListen),
            None => text.parse().map(Self::Tcp).map_err(|_| InvalidListen),
        }
    }
}

impl From<Listen> for String {
    fn from(listen: Listen) -> Self {
        listen.to_string()
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(out, "{address}"),
            Self::Unix(path) => write!(out, "unix:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Listen, Mta};

    #[test]
    fn three_lines_are_enough_and_no_key_is_misread() {
        let mta = |more: &str| {
            toml::from_str::<Mta>(&format!(
                "listen = '127.0.0.1:10040'\npurpose = 'info_about_us'\n{more}"
            ))
        };
        assert!(mta("channel = 'email'").is_ok());
        assert!(mta("topic = 'it_strategy'\ndefault_country = 'GB'").is_ok());
        assert!(mta("chanel = 'email'").is_err());
        assert!(mta("channel = 'fax'").is_err());
        assert!(mta("topic = 'IT strategy'").is_err());
    }

    #[test]
    fn a_place_to_listen_is_an_address_with_a_port_or_a_path_from_the_root() {
        for good in ["127.0.0.1:10040", "[::1]:10040", "unix:/run/sayso/gate"] {
            let listen = Listen::try_from(good.to_owned()).expect(good);
            assert_eq!(listen.to_string(), good);
        }
        for bad in [
            "10040",
            "localhost:10040",
            "unix:gate",
            "unix:",
            "/run/gate",
            "",
        ] {
            assert!(Listen::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
