//! `sayso ledger show | verify`.

use std::fmt;

use clap::Subcommand;
use serde::Serialize;
use shared::digest::Digest;
use shared::entry::{Entry, commitment};
use shared::standing::Standing;
use shared::time::Timestamp;

use super::{Ending, Place, world};
use crate::counted::counted;
use crate::store::dues::KeptDue;
use crate::store::sqlite::{Sqlite, Whole};
use crate::store::{Read as _, Seq};

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
    /// Check the file, every entry against its commitment, and against its entries every standing with
    /// what is kept beside it.
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
    let store = place.open_database()?;
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
            let verified = verify(&store, world().now()).await?;
            let ending = Ending::of(verified.problems.is_empty());
            place.answer(&verified)?;
            Ok(ending)
        }
    }
}

/// Checks everything, a page at a time: first the file, then the entries in ledger order, then
/// everybody, of whom restrictions that hold at `at` have to be found.
pub(super) async fn verify(store: &Sqlite, at: Timestamp) -> anyhow::Result<Verified> {
    let mut verified = Verified {
        problems: store.damage().await?,
        ..Verified::default()
    };
    // Without an end it would not be reached where entries keep coming.
    let head = store.look_up(&[]).await?.as_of;
    check_entries(store, head, &mut verified).await?;
    let mut after = 0;
    loop {
        let page = store.everybody(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.no;
        for whole in &page {
            verified.subjects += 1;
            check_subject(whole, at, &mut verified.problems);
        }
    }
    Ok(verified)
}

async fn check_entries(store: &Sqlite, head: Seq, verified: &mut Verified) -> anyhow::Result<()> {
    let (mut places, mut expected, mut after): (u64, Seq, Seq) = (0, 1, 0);
    loop {
        let rows = store.ledger(after, PAGE).await?;
        let Some(last) = rows.last().map(|row| row.seq) else {
            return Ok(());
        };
        for row in rows {
            if row.seq > head {
                return Ok(());
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
            if let Err(error) = Entry::from_canonical(canonical) {
                verified
                    .problems
                    .push(format!("entry {}: {error}", row.seq));
            }
        }
        after = last;
    }
}

fn check_subject(whole: &Whole, at: Timestamp, problems: &mut Vec<String>) {
    let subject = whole.subject;
    // Which entry cannot be read was said above.
    let Some(entries) = &whole.entries else {
        return;
    };
    if entries.iter().any(|entry| entry.subject != subject) {
        problems.push(format!(
            "among the entries of subject {subject} is one of somebody else"
        ));
    }
    let fold = Standing::of(entries);
    if whole.standing.as_ref() != Some(&fold) {
        problems.push(format!(
            "the standing of subject {subject} is not the fold of its entries"
        ));
    }
    if whole.due != KeptDue::of(&fold) {
        problems.push(format!(
            "by when subject {subject} must be told, or was, is not what its entries say"
        ));
    }
    if !whole.is_found && !fold.stays(at).is_empty() {
        problems.push(format!(
            "no address leads to subject {subject}, for whom a restriction holds"
        ));
    }
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
