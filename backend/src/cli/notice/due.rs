//! `sayso notice due [LIST.csv]`: who must be told that their contact came from somebody else.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use serde::Serialize;
use shared::entry::Entry;
use shared::facts::CrmReference;
use shared::time::Timestamp;
use uuid::Uuid;

use crate::cli::listing::Listing;
use crate::cli::{Ending, Place, world};
use crate::counted::counted;
use crate::dues::{count, inform_since};
use crate::gate;
use crate::secrets::Secrets;
use crate::store::dues::DueCount;
use crate::store::{Keys, Read};

/// Shows who must be told by when; exit 3 while it is late for somebody. Nobody's address is stored, so
/// contacts are shown by their CRM
/// references and evidence, or by their lines in a list that you name.
#[derive(Debug, Args)]
pub(in crate::cli) struct Due {
    /// A list of contacts: says which of its lines must be told.
    list: Option<PathBuf>,
    /// The column with the addresses, by name or number; else it is found.
    #[arg(long, value_name = "NAME", requires = "list")]
    column: Option<String>,
    /// Show only those for whom it is late.
    #[arg(long)]
    overdue: bool,
    /// How many to show.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    limit: usize,
}

#[derive(Debug, Serialize)]
struct Shown {
    /// Of all contacts.
    #[serde(flatten)]
    all: DueCount,
    at: Timestamp,
    /// The contacts, or with a list its lines, earliest first.
    contacts: Vec<Row>,
    /// Those that are not shown.
    more: u64,
    /// Of the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    list: Option<Counted>,
}

#[derive(Debug, Default, Serialize)]
struct Counted {
    rows: u64,
    #[serde(flatten)]
    count: DueCount,
}

#[derive(Debug, Serialize)]
struct Row {
    due_by: Timestamp,
    overdue: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Uuid>,
    /// What the contact is called in the controller's customer database.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    crm_references: BTreeSet<CrmReference>,
    /// Where the controller keeps what is behind the date.
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<String>,
}

pub(super) async fn run(place: &Place, due: &Due) -> anyhow::Result<Ending> {
    let (store, secrets) = match &due.list {
        Some(_) => {
            let secrets = place.load()?.secrets.check()?;
            (place.open_with(&secrets).await?, Some(secrets))
        }
        None => (place.open()?, None),
    };
    let now = world().now();
    let all = count(&*store, now).await?.notices;
    let shown = match (&due.list, &secrets) {
        (Some(list), Some(secrets)) => listed(&*store, secrets, due, list, all, now).await?,
        _ => everybody(&*store, due, all, now).await?,
    };
    place.answer(&shown)?;
    let late = shown.list.as_ref().map_or(all, |list| list.count).overdue;
    Ok(Ending::of(late == 0))
}

async fn everybody(
    store: &dyn Read,
    due: &Due,
    all: DueCount,
    now: Timestamp,
) -> anyhow::Result<Shown> {
    let rules = store.look_up(&[]).await?.rules;
    let since = inform_since(rules.as_ref().map(|stored| &stored.rules));
    let until = due.overdue.then_some(now);
    let found = store.due_notices(since, until, due.limit).await?;
    let subjects: Vec<_> = found.iter().map(|one| one.subject).collect();
    let histories = store.histories(&subjects).await?;
    let contacts: Vec<_> = found
        .into_iter()
        .zip(histories)
        .map(|(one, history)| {
            let entries = || history.iter().map(|(_, entry)| entry);
            Row {
                subject: Some(one.subject),
                crm_references: CrmReference::of(entries()),
                evidence: evidence(entries()),
                ..Row::of(one.by, now)
            }
        })
        .collect();
    let asked = if due.overdue { all.overdue } else { all.due };
    Ok(Shown {
        all,
        at: now,
        more: asked.saturating_sub(contacts.len() as u64),
        contacts,
        list: None,
    })
}

/// What the newest statement of where the contact came from has as evidence.
fn evidence<'a>(history: impl DoubleEndedIterator<Item = &'a Entry>) -> Option<String> {
    let says = |entry: &Entry| {
        let facts = entry.facts.as_ref();
        facts.is_some_and(|facts| !facts.obtained.is_nothing())
    };
    history
        .rev()
        .find(|entry| says(entry))?
        .evidence
        .reference
        .clone()
}

async fn listed(
    store: &dyn Read,
    secrets: &Secrets,
    due: &Due,
    list: &Path,
    all: DueCount,
    now: Timestamp,
) -> anyhow::Result<Shown> {
    let mut listing = Listing::contacts(list, due.column.as_deref())
        .with_context(|| list.display().to_string())?;
    let mut counted = Counted::default();
    let mut contacts = Vec::new();
    while let Some(rows) = listing.next()? {
        counted.rows += rows.checks.len() as u64;
        let addresses = rows.checks.iter().map(|check| check.address.as_ref());
        let read: Vec<(u64, Keys)> = rows
            .lines
            .iter()
            .zip(addresses)
            .filter_map(|(&line, address)| Some((line, secrets.keys(address?))))
            .collect();
        let keys: Vec<_> = read.iter().map(|(_, keys)| keys.clone()).collect();
        let snapshot = store.look_up(&keys).await?;
        let rules = snapshot.rules.as_ref().map(|stored| &stored.rules);
        for ((line, _), known) in read.iter().zip(snapshot.known) {
            let Some(by) = known.and_then(|known| gate::due_by(rules, &known.standing)) else {
                continue;
            };
            let row = Row {
                line: Some(*line),
                ..Row::of(by, now)
            };
            counted.count.due += 1;
            counted.count.overdue += u64::from(row.overdue);
            if row.overdue || !due.overdue {
                contacts.push(row);
            }
        }
    }
    contacts.sort_by_key(|row| (row.due_by, row.line));
    let more = contacts.len().saturating_sub(due.limit) as u64;
    contacts.truncate(due.limit);
    Ok(Shown {
        all,
        at: now,
        contacts,
        more,
        list: Some(counted),
    })
}

impl Row {
    fn of(by: Timestamp, now: Timestamp) -> Self {
        Self {
            due_by: by,
            overdue: now >= by,
            line: None,
            subject: None,
            crm_references: BTreeSet::new(),
            evidence: None,
        }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(list) = &self.list {
            writeln!(
                out,
                "{}: {} must be told, {} of them overdue",
                counted(list.rows, "row", "rows"),
                list.count.due,
                list.count.overdue
            )?;
        }
        write!(
            out,
            "{} in all must be told that their address came from somebody else (Art. 14), {} of \
             them overdue",
            counted(self.all.due, "contact", "contacts"),
            self.all.overdue
        )?;
        for row in &self.contacts {
            write!(out, "\n  {row}")?;
        }
        match self.more {
            0 => Ok(()),
            more => write!(out, "\n  and {more} more: show them with --limit"),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "by {}", self.due_by.last_day())?;
        if let Some(line) = self.line {
            write!(out, "  line {line}")?;
        }
        if let Some(subject) = self.subject {
            write!(out, "  {subject}")?;
        }
        for reference in &self.crm_references {
            write!(out, "  {reference}")?;
        }
        if let Some(evidence) = &self.evidence {
            write!(out, "  ({evidence})")?;
        }
        if self.overdue {
            out.write_str("  OVERDUE")?;
        }
        Ok(())
    }
}
