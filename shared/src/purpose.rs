//! Purposes, their topics and the channels they use.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a key was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no key: use 1 to 64 characters, a-z, 0-9 and _, starting with a letter")]
pub struct InvalidKey(pub String);

macro_rules! key {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Accepts 1 to 64 characters of `a-z`, `0-9` and `_`, starting with a letter.
            pub fn parse(text: &str) -> Result<Self, InvalidKey> {
                let mut chars = text.chars();
                let starts = chars.next().is_some_and(|c| c.is_ascii_lowercase());
                let follows = chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
                if starts && follows && text.len() <= 64 {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(InvalidKey(text.chars().take(80).collect()))
                }
            }

            /// The key as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidKey;

            fn try_from(text: String) -> Result<Self, InvalidKey> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(key: $name) -> Self {
                key.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }
    };
}
pub(crate) use key;

key! {
    /// Names a purpose, one set for the whole deployment: `info_about_us`.
    PurposeKey
}
key! {
    /// Names a part of a purpose that can be chosen alone: `it_strategy`.
    TopicKey
}

/// How a person can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// E-mail: what a question without a channel means.
    Email,
    /// A telephone call.
    Phone,
    /// A letter.
    Post,
    /// A text message.
    Sms,
}

impl Channel {
    /// Every channel, in a fixed order.
    pub const ALL: [Self; 4] = [Self::Email, Self::Phone, Self::Post, Self::Sms];

    /// The channel's name in URLs, tables and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Post => "post",
            Self::Sms => "sms",
        }
    }

    /// The channel of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|channel| channel.as_str() == text)
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// What a person can do about a purpose, and whether the gate answers for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PurposeClass {
    /// Art. 21(2): an objection is absolute and counts at once. The gate answers for these alone.
    DirectMarketing,
    /// Art. 21(1): an objection is a case with a deadline.
    LegitimateInterest,
    /// Nothing to object to, such as a legal obligation.
    Other,
}
