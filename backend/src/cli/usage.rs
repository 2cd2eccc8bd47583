//! Words of the command line, read at the door. What cannot be meant is wrong usage: exit 2, as for an
//! argument that is missing.

use std::fmt::Display;

use clap::ArgMatches;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use shared::address::{Address, Domain};
use shared::facts::Subscriber;
use shared::purpose::Channel;

use crate::one_click::mailing_name;
use crate::secrets::Secrets;
use crate::store::Write;

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

/// The name of a mailing, where one is given.
pub(super) fn mailing(name: Option<&str>) -> anyhow::Result<()> {
    match name.map(mailing_name) {
        Some(Err(why)) => Err(wrong(format!("--mailing: {why}"))),
        _ => Ok(()),
    }
}

/// The address that a command is about.
pub(super) fn address(text: &str) -> anyhow::Result<Address> {
    Address::parse(text).map_err(wrong)
}

/// The address of somebody who may be known: as it is read now; as it was taken before only where that
/// store knows it so.
pub(super) async fn known_address(
    text: &str,
    store: &dyn Write,
    secrets: &Secrets,
) -> anyhow::Result<Address> {
    let error = match Address::parse(text) {
        Ok(address) => return Ok(address),
        Err(error) => error,
    };
    if let Ok(taken) = Address::of_kept(text) {
        let known = store.look_up(&[secrets.keys(&taken)]).await?.known;
        if known.iter().any(Option::is_some) {
            return Ok(taken);
        }
    }
    Err(wrong(error))
}

/// The domain that a command is about.
pub(super) fn domain(text: &str) -> anyhow::Result<Domain> {
    Domain::parse(text).map_err(|_| wrong("name the domain alone, such as client.example"))
}

/// The domain of a company that may have objected: as it is read now, or as it was taken before.
pub(super) fn known_domain(text: &str) -> anyhow::Result<Domain> {
    domain(text).or_else(|error| Domain::of_kept(text).map_err(|_| error))
}

/// The domain of people's addresses: a website's own name has no mailboxes, and to name it would stop
/// nobody's mail.
pub(super) fn mail_domain(text: &str) -> anyhow::Result<Domain> {
    let domain = domain(text)?;
    match domain.behind_www() {
        Some(rest) => Err(wrong(format_args!(
            "{domain} is the name of a website: name what stands behind the @ of its people, such as {rest}"
        ))),
        None => Ok(domain),
    }
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

/// Refuses a command whose `--data` names one deployment while the environment names another by
/// `SAYSO_SERVER`: the answer would be that of a deployment that nobody asked.
pub(super) fn one_deployment(
    given: &ArgMatches,
    mut command: clap::Command,
) -> Result<(), clap::Error> {
    let asked = given.subcommand().map_or(given, |(_, asked)| asked);
    let is_surrounded = matches!(asked.try_contains_id("server"), Ok(true))
        && asked.value_source("server") == Some(ValueSource::EnvVariable);
    if !is_surrounded || asked.value_source("data") != Some(ValueSource::CommandLine) {
        return Ok(());
    }
    let message = "--data names a directory, and SAYSO_SERVER in the environment a service: leave out \
                   --data, or unset SAYSO_SERVER";
    Err(command.error(ErrorKind::ArgumentConflict, message))
}
