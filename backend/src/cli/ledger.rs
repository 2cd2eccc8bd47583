//! `sayso ledger show | verify`.

use std::collections::BTreeMap;
use std::fmt;

use clap::Subcommand;
use serde::Serialize;
use shared::digest::Digest;
use shared::entry::{Entry, commitment};
use shared::standing::Standing;
use uuid::Uuid;

use super::{Ending, Place};
use crate::counted::counted;
use crate::store::dues::KeptDue;
use crate::store::{Read, Seq};

/// Rows that are read at once.
const PAGE: usize = 1000;

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Show entries, oldest first. No entry holds an address.
    Show {
        /// Start after this entry.
        #[arg(long, default_value_t = 0)]
        after: Seq,
        /// Show at most so many.
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Check every entry against its commitment, and against its entries every standing with what is
    /// kept beside it.
    Verify,
}

#[derive(Debug, Serialize)]
struct Shown {
    entries: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    seq: Seq,
    commitment: Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<Entry>,
    /// Whether the ledger goes on here after a restore.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    restored: bool,
}

/// What was checked, and what is wrong.
#[derive(Debug, Default, Serialize)]
pub(super) struct Verified {
    entries: u64,
    erased: u64,
    subjects: u64,
    pub(super) problems: Vec<String>,
}

pub(super) async fn run(place: &Place, verb: Verb) -> anyhow::Result<Ending> {
    let store = place.open()?;
    match verb {
        Verb::Show { after, limit } => {
            let mut entries = Vec::new();
            for row in store.ledger(after, limit).await? {
                let entry = match &row.payload {
                    Some((_, canonical)) => Some(Entry::from_canonical(canonical)?),
                    None => None,
                };
                entries.push(Row {
                    seq: row.seq,
                    commitment: row.commitment,
                    entry,
                    restored: row.is_restore(),
                });
            }
            place.answer(&Shown { entries })?;
            Ok(Ending::Yes)
        }
        Verb::Verify => {
            let verified = verify(&*store).await?;
            let ending = Ending::of(verified.problems.is_empty());
            place.answer(&verified)?;
            Ok(ending)
        }
    }
}

/// Checks the whole ledger.
pub(super) async fn verify(store: &dyn Read) -> anyhow::Result<Verified> {
    let mut verified = Verified::default();
    let mut folds: BTreeMap<Uuid, Standing> = BTreeMap::new();
    // What is appended meanwhile is left out; a standing that is ahead of the head is no problem.
    let mut places = 0;
    let head = store.look_up(&[]).await?.as_of;
    let mut expected: Seq = 1;
    let mut after = 0;
    'pages: loop {
        let rows = store.ledger(after, PAGE).await?;
        let Some(last) = rows.last().map(|row| row.seq) else {
            break;
        };
        for row in rows {
            if row.seq > head {
                break 'pages;
            }
            if row.is_restore() && store.nth(row.seq).await? == Some(places) {
                expected = row.seq + 1;
                continue;
            }
            if row.seq != expected {
                verified
                    .problems
                    .push(format!("entry {expected} is missing"));
            }
            places += (row.seq + 1).saturating_sub(expected);
            expected = row.seq + 1;
            verified.entries += 1;
            let Some((salt, canonical)) = &row.payload else {
                verified.erased += 1;
                continue;
            };
            if commitment(salt, canonical) != row.commitment {
                verified
                    .problems
                    .push(format!("entry {} is not what was committed", row.seq));
            }
            match Entry::from_canonical(canonical) {
                Ok(entry) => folds.entry(entry.subject).or_default().apply(&entry),
                Err(error) => verified
                    .problems
                    .push(format!("entry {}: {error}", row.seq)),
            }
        }
        after = last;
    }
    check_standings(store, head, folds, &mut verified).await?;
    Ok(verified)
}

async fn check_standings(
    store: &dyn Read,
    head: Seq,
    mut folds: BTreeMap<Uuid, Standing>,
    verified: &mut Verified,
) -> anyhow::Result<()> {
    let mut after = Uuid::nil();
    loop {
        let page = store.standings(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.subject;
        for kept in page {
            verified.subjects += 1;
            let subject = kept.subject;
            let fold = folds.remove(&subject).unwrap_or_default();
            let due = KeptDue::of(&fold);
            if (fold == kept.standing && due == kept.due)
                || changed_since(store, subject, head).await?
            {
                continue;
            }
            if fold != kept.standing {
                verified.problems.push(format!(
                    "the standing of subject {subject} is not the fold of its entries"
                ));
            }
            if due != kept.due {
                verified.problems.push(format!(
                    "by when subject {subject} must be told, or was, is not what its entries say"
                ));
            }
        }
    }
    for subject in folds.keys() {
        verified
            .problems
            .push(format!("subject {subject} has entries and no standing"));
    }
    Ok(())
}

/// Whether entries were appended while the check ran: then the standing is ahead of what was read.
async fn changed_since(store: &dyn Read, subject: Uuid, head: Seq) -> anyhow::Result<bool> {
    Ok(store
        .history(subject)
        .await?
        .last()
        .is_some_and(|(seq, _)| *seq > head))
}

impl fmt::Display for Shown {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.entries.is_empty() {
            return out.write_str("No entries.");
        }
        for (place, row) in self.entries.iter().enumerate() {
            let line = match &row.entry {
                None if row.restored => format!("{}  a backup was restored", row.seq),
                None => format!("{}  erased", row.seq),
                Some(entry) => {
                    let scope = &entry.scope;
                    let about = [
                        scope.purpose.as_ref().map(ToString::to_string),
                        scope.topic.as_ref().map(ToString::to_string),
                        scope.channel.as_ref().map(ToString::to_string),
                        entry.until.map(|until| format!("until {until}")),
                    ];
                    let about: Vec<_> = about.into_iter().flatten().collect();
                    let about = if about.is_empty() {
                        "everything".to_owned()
                    } else {
                        about.join(" ")
                    };
                    format!(
                        "{}  {}  {}  {about}  subject {}",
                        row.seq,
                        entry.recorded_at,
                        entry.act.as_str(),
                        entry.subject
                    )
                }
            };
            write!(out, "{}{line}", if place == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl fmt::Display for Verified {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} ({} erased), {}: ",
            counted(self.entries, "entry", "entries"),
            self.erased,
            counted(self.subjects, "subject", "subjects")
        )?;
        if self.problems.is_empty() {
            return out.write_str("the ledger is whole.");
        }
        write!(
            out,
            "{}. Keep this database, and restore a backup beside it.",
            counted(self.problems.len(), "problem", "problems")
        )?;
        self.problems
            .iter()
            .try_for_each(|problem| write!(out, "\n  {problem}"))
    }
}
