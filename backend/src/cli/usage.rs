//! Words of the command line, read at the door. What cannot be meant is wrong usage: exit 2, as for an
//! argument that is missing.

use std::fmt::Display;

use shared::address::{Address, Domain};
use shared::facts::Subscriber;
use shared::purpose::Channel;

/// The command was called wrongly, as only the notices in force can tell, or in words that must not be
/// repeated: an address is not said in an error.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct WrongUsage(String);

/// Why that is wrong usage, and what to write.
pub(super) fn wrong(why: impl Display) -> anyhow::Error {
    WrongUsage(format!("{why:#}")).into()
}

/// A channel, as a value of an argument.
pub(super) fn channel(text: &str) -> Result<Channel, &'static str> {
    Channel::parse(text).ok_or("it is one of email, phone, post and sms")
}

/// A subscriber class, as a value of an argument.
pub(super) fn subscriber(text: &str) -> Result<Subscriber, &'static str> {
    Subscriber::parse(text).ok_or("it is corporate or individual")
}

/// The address that a command is about.
pub(super) fn address(text: &str) -> anyhow::Result<Address> {
    Address::parse(text).map_err(wrong)
}

/// The domain that a command is about.
pub(super) fn domain(text: &str) -> anyhow::Result<Domain> {
    Domain::parse(text).map_err(|_| wrong("name the domain alone, such as client.example"))
}

/// Where somebody keeps what is behind an act: no names, no addresses.
pub(super) fn evidence(text: &str) -> anyhow::Result<String> {
    let text = text.trim();
    match text.is_empty() || text.contains('@') || text.len() > 500 {
        true => Err(wrong(
            "say where the letter, note or call is kept, in up to 500 characters without an address",
        )),
        false => Ok(text.to_owned()),
    }
}
