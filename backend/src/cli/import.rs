//! `sayso import FILE --as objections|facts|consents`: what other systems know.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use clap::Args;

use super::{Ending, Place, world};
use crate::import::{About, Importer, Kind, Order, Tool};

/// Takes over a CSV file or an export of another tool. It only restricts or informs; importing a file
/// again changes nothing.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// The file, or - for standard input.
    file: PathBuf,
    /// What its rows state.
    #[arg(long = "as", value_name = "KIND")]
    kind: Kind,
    /// The tool that made it; without it, told by its columns.
    #[arg(long)]
    from: Option<Tool>,
    /// The purpose of rows that do not name one; without it, objections are to all direct marketing.
    #[arg(long)]
    purpose: Option<String>,
    /// The topic of rows that do not name one.
    #[arg(long)]
    topic: Option<String>,
    /// The channel of rows that do not name one: email, phone, post or sms.
    #[arg(long)]
    channel: Option<String>,
    /// The topic that a list, group or kind of mail of the tool stands for; may be repeated.
    #[arg(long = "list", value_name = "NAME=TOPIC", value_parser = list)]
    lists: Vec<(String, String)>,
    /// The column of addresses, by name or number, where that is not clear.
    #[arg(long, value_name = "NAME")]
    column: Option<String>,
    /// Where what is behind the file is kept. No names, no addresses.
    #[arg(long, value_name = "TEXT")]
    evidence: Option<String>,
    /// Let facts take the place of stricter ones that are recorded.
    #[arg(long)]
    replace: bool,
    /// Say what would be done, and write nothing.
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(place: &Place, import: Import) -> anyhow::Result<Ending> {
    let config = place.load()?;
    let secrets = Arc::new(config.secrets.check()?);
    let store = place.open()?;
    let rules = store
        .look_up(&[])
        .await?
        .rules
        .context("no notice is published yet: run `sayso notice publish DIR`, then import")?;
    ensure!(
        import.kind == Kind::Objections || import.from.is_none_or(|tool| tool == Tool::Generic),
        "an export of a tool tells suppressions alone: make a table with the columns that \
         `sayso import` names in docs/OPERATIONS.md, and leave --from out"
    );
    let input: Box<dyn Read + Send> = match import.file.as_os_str() == "-" {
        true => Box::new(io::stdin()),
        false => Box::new(
            File::open(&import.file)
                .with_context(|| format!("{} cannot be read", import.file.display()))?,
        ),
    };
    let world = world();
    let importer = Importer {
        at: world.now(),
        notices: store.notices().await?,
        rules: rules.rules.clone(),
        recorder: place.recorder(store, &config, &secrets),
        secrets,
    };
    let order = Order {
        tool: match import.kind {
            Kind::Objections => import.from,
            Kind::Facts | Kind::Consents => Some(Tool::Generic),
        },
        kind: import.kind,
        column: import.column,
        about: About {
            purpose: import.purpose,
            topic: import.topic,
            channel: import.channel,
            lists: import.lists.into_iter().collect(),
        },
        evidence: import
            .evidence
            .as_deref()
            .map(super::evidence)
            .transpose()?,
        replaces: import.replace,
        dry_run: import.dry_run,
    };
    let report = importer.run(input, order).await?;
    place.answer(&report)?;
    Ok(match report.is_whole() {
        true => Ending::Yes,
        false => Ending::No,
    })
}

fn list(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, topic)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), topic.trim().to_owned()))
        }
        _ => Err("write NAME=TOPIC, such as \"Product news=it_strategy\"".to_owned()),
    }
}
