//! `sayso import FILE --as objections|facts|consents|domains`: what other systems know.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read, Seek as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use super::usage::{self, wrong};
use super::{Ending, Place, world};
use crate::import::{
    About, DomainImporter, DomainOrder, Importer, Kind, Order, Problem, Report, Tool,
};

/// Takes over a CSV file or an export of another tool. It only restricts or informs; importing a file
/// again changes nothing.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// The file, or - for standard input.
    file: PathBuf,
    /// What its rows state.
    #[arg(long = "as", value_name = "KIND")]
    kind: What,
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
    /// The column of addresses or domains, by name or number, where that is not clear.
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

/// What the rows of a file state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Unsubscriptions, objections, bounces, complaints.
    Objections,
    /// Country, subscriber class, the soft opt-in, that the notice was given, the record in the CRM.
    Facts,
    /// Consents, each with its evidence.
    Consents,
    /// Domains of companies that want no mail to any of their people.
    Domains,
}

pub(super) async fn run(place: &Place, import: Import) -> anyhow::Result<Ending> {
    let kind = match import.kind {
        What::Domains => return domains(place, import).await,
        What::Objections => Kind::Objections,
        What::Facts => Kind::Facts,
        What::Consents => Kind::Consents,
    };
    let config = place.load()?;
    let secrets = Arc::new(place.secrets(&config)?);
    let store = place.open_with(&secrets).await?;
    let rules = store
        .look_up(&[])
        .await?
        .rules
        .context("no notice is published yet: run `sayso notice publish DIR`, then import")?;
    if kind != Kind::Objections && import.from.is_some_and(|tool| tool != Tool::Generic) {
        return Err(wrong(
            "an export of a tool tells suppressions alone: make a table with the columns that \
             `sayso import` names in docs/OPERATIONS.md, and leave --from out",
        ));
    }
    let (input, bar) = open(&import.file)?;
    let world = world();
    let importer = Importer {
        at: world.now(),
        notices: store.notices().await?,
        rules: rules.rules.clone(),
        recorder: place.recorder(store, &config, &secrets).await?,
        secrets,
    };
    let order = Order {
        tool: match kind {
            Kind::Objections => import.from,
            Kind::Facts | Kind::Consents => Some(Tool::Generic),
        },
        kind,
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
            .map(usage::evidence)
            .transpose()?,
        replaces: import.replace,
        dry_run: import.dry_run,
    };
    let report = importer.run(input, order, |rows| bar.set_position(rows));
    // What is wrong with a row is in the report: here it is what the command line names.
    let report = report.await.map_err(|error| match error.is::<Problem>() {
        true => wrong(error),
        false => error,
    });
    answer(place, &bar, report)
}

async fn domains(place: &Place, import: Import) -> anyhow::Result<Ending> {
    let about = [&import.purpose, &import.topic, &import.channel];
    let says_more = about.iter().any(|named| named.is_some())
        || import.from.is_some()
        || !import.lists.is_empty()
        || import.replace;
    if says_more {
        return Err(wrong(
            "a company's objection is to all direct marketing to its people: leave --from, --purpose, \
             --topic, --channel, --list and --replace out",
        ));
    }
    let store = place.open()?;
    let importer = DomainImporter {
        sinks: place.sinks_if_any(&*store).await?,
        store: &*store,
        at: world().now(),
    };
    let order = DomainOrder {
        column: import.column,
        evidence: import
            .evidence
            .as_deref()
            .map(usage::evidence)
            .transpose()?,
        dry_run: import.dry_run,
    };
    let (input, bar) = open(&import.file)?;
    let report = importer.run(input, order, |rows| bar.set_position(rows));
    answer(place, &bar, report.await)
}

fn answer(
    place: &Place,
    bar: &ProgressBar,
    report: anyhow::Result<Report>,
) -> anyhow::Result<Ending> {
    bar.finish_and_clear();
    let report = report?;
    place.answer(&report)?;
    if let Some(error) = report.broken_off {
        return Err(error);
    }
    Ok(match report.is_whole() {
        true => Ending::Yes,
        false => Ending::No,
    })
}

/// The file, and on a terminal a bar that says how many of its rows are done.
fn open(file: &Path) -> anyhow::Result<(Box<dyn Read + Send>, ProgressBar)> {
    if file.as_os_str() == "-" {
        return Ok((Box::new(io::stdin()), bar(None)));
    }
    let cannot = || format!("{} cannot be read", file.display());
    let mut input = File::open(file).with_context(cannot)?;
    let whole = input.metadata().with_context(cannot)?;
    ensure!(
        !whole.is_dir(),
        "{} is a directory: name a file",
        file.display()
    );
    let mut rows = None;
    if whole.is_file() && io::stderr().is_terminal() {
        rows = Some(lines(&mut input).with_context(cannot)?);
        input.rewind().with_context(cannot)?;
    }
    Ok((Box::new(input), bar(rows)))
}

/// How many lines there are: about as many as rows.
fn lines(input: &mut File) -> io::Result<u64> {
    let mut piece = vec![0; 64 * 1024];
    let mut lines = 0;
    loop {
        match input.read(&mut piece)? {
            0 => return Ok(lines),
            read => {
                let found = memchr::memchr_iter(b'\n', &piece[..read]).count();
                lines += u64::try_from(found).unwrap_or(0);
            }
        }
    }
}

fn bar(rows: Option<u64>) -> ProgressBar {
    let (bar, style) = match rows {
        // A document of one line.
        None | Some(0 | 1) => (ProgressBar::no_length(), "{human_pos} rows, {per_sec}"),
        Some(rows) => (
            ProgressBar::new(rows),
            "{bar:30} {human_pos} of about {human_len} rows, {per_sec}, {eta} left",
        ),
    };
    match ProgressStyle::with_template(style) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn list(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, topic)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), topic.trim().to_owned()))
        }
        _ => Err("write NAME=TOPIC, such as \"Product news=it_strategy\"".to_owned()),
    }
}
