//! `sayso link ADDRESS --purpose P`: what a message must carry so that one click unsubscribes.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write as _};
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use clap::Args;
use serde::Serialize;
use shared::address::Address;
use shared::rules::Rules;

use super::usage::{self, wrong};
use super::{Ending, Place, world};
use crate::clock::World;
use crate::config::Config;
use crate::one_click::{OneClick, Unsubscribe};
use crate::secrets::Secrets;

/// Makes one-click unsubscribe links and the two headers that go with them.
#[derive(Debug, Args)]
pub(super) struct Link {
    /// The address that the message goes to.
    #[arg(required_unless_present = "from", conflicts_with = "from")]
    address: Option<String>,
    /// The purpose of the mailing.
    #[arg(long)]
    purpose: String,
    /// The topic, if the message belongs to one that was chosen alone; without it the link stops
    /// every e-mail of the purpose.
    #[arg(long)]
    topic: Option<String>,
    /// The mailing's name, kept with the objection: 1 to 64 letters from A to Z, digits, dots, _ and -.
    #[arg(long)]
    mailing: Option<String>,
    /// A file with an address per line, or - for standard input: answers a JSON line for each.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Answer(Unsubscribe);

/// One line of a list.
#[derive(Debug, Serialize)]
struct Row {
    row: usize,
    #[serde(flatten)]
    unsubscribe: Option<Unsubscribe>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

/// What links are made with.
struct Maker {
    config: Config,
    secrets: Secrets,
    rules: Rules,
    base: String,
    link: Link,
}

pub(super) async fn run(place: &Place, link: Link) -> anyhow::Result<Ending> {
    usage::mailing(link.mailing.as_deref())?;
    let config = place.load()?;
    let secrets = place.secrets(&config)?;
    let store = place.open_with(&secrets).await?;
    let rules =
        store.look_up(&[]).await?.rules.context(
            "no notice is published yet: run `sayso notice publish DIR`, then make links",
        )?;
    let maker = Maker {
        secrets,
        base: place.base_url(&config)?,
        rules: rules.rules.clone(),
        config,
        link,
    };
    let world = world();
    match (&maker.link.address, &maker.link.from) {
        (Some(address), _) => {
            let made = maker.make(address, &*world).map_err(wrong)?;
            place.answer(&Answer(made))?;
            Ok(Ending::Yes)
        }
        (None, Some(file)) if file.as_os_str() == "-" => {
            maker.list(&mut io::stdin().lock(), &*world)
        }
        (None, Some(file)) => {
            let opened =
                File::open(file).with_context(|| format!("{} cannot be read", file.display()))?;
            maker.list(&mut BufReader::new(opened), &*world)
        }
        (None, None) => anyhow::bail!("name an address, or a list with --from"),
    }
}

impl Maker {
    fn make(&self, address: &str, world: &dyn World) -> anyhow::Result<Unsubscribe> {
        let one = OneClick::new(
            Address::parse(address)?,
            &self.rules,
            &self.link.purpose,
            self.link.topic.as_deref(),
            self.link.mailing.as_deref(),
        )?;
        let mailbox = self.config.mail.unsubscribe.as_deref();
        Ok(one.unsubscribe(&self.base, mailbox, &self.secrets, world))
    }

    /// An answer for every line that is not empty, in order. A bad address is answered in its place.
    fn list(&self, lines: &mut dyn BufRead, world: &dyn World) -> anyhow::Result<Ending> {
        // What is wrong with the purpose is wrong with every line: said once, before the first.
        self.make("nobody@example.com", world).map_err(wrong)?;
        let mut out = io::stdout().lock();
        let mut ending = Ending::Yes;
        for (place, line) in lines.lines().enumerate() {
            let line = line.context("the list cannot be read: save it as UTF-8")?;
            let line = line.trim_start_matches('\u{feff}').trim();
            ensure!(line.len() < 10_000, "line {} is too long", place + 1);
            if line.is_empty() {
                continue;
            }
            let made = self.make(line.trim_matches('"'), world);
            if made.is_err() {
                ending = Ending::No;
            }
            let row = Row {
                row: place + 1,
                problem: made.as_ref().err().map(|problem| format!("{problem:#}")),
                unsubscribe: made.ok(),
            };
            serde_json::to_writer(&mut out, &row)?;
            out.write_all(b"\n")?;
        }
        Ok(ending)
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers = &self.0.headers;
        write!(
            out,
            "{}\n\nSet these headers, each once, and sign both (DKIM):\nList-Unsubscribe: {}\n\
             List-Unsubscribe-Post: {}",
            self.0.url, headers.list_unsubscribe, headers.list_unsubscribe_post
        )
    }
}
