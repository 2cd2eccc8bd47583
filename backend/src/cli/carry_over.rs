//! `sayso carry-over FILE`: after a restore, what people stopped since the backup.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::PathBuf;

use anyhow::ensure;
use clap::Args;
use serde::Serialize;
use shared::entry::Act;

use super::{Ending, Place, world};
use crate::carrying::{Wanted, carry};
use crate::counted::counted;
use crate::store::Seq;
use crate::store::sqlite::{Options, Sqlite};

/// Records again what stops mailings in the database that a restore replaced and the backup lacks:
/// objections, pauses, refusals, withdrawals, bounces, reports of spam, facts that restrict. The service
/// may run meanwhile.
#[derive(Debug, Args)]
pub(super) struct CarryOver {
    /// The database that the restore replaced: sayso.db.replaced.
    file: PathBuf,
    /// Also what was imported from other systems.
    #[arg(long)]
    imported: bool,
    /// Only count.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Serialize)]
struct Answer {
    dry_run: bool,
    since: Seq,
    entries_since: u64,
    carried_over: BTreeMap<Act, u64>,
    known: u64,
    imported_left: u64,
    damaged: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cases_left: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    domains_left: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notices_left: Vec<String>,
}

pub(super) async fn run(place: &Place, command: CarryOver) -> anyhow::Result<Ending> {
    ensure!(
        command.file.is_file(),
        "there is no file {}: name the database that the restore replaced",
        command.file.display()
    );
    let to = place.open_database()?;
    let is_own = fs::canonicalize(&command.file)? == fs::canonicalize(place.database())?;
    ensure!(
        !is_own,
        "{} is the database that is open as this deployment's own: name the one that the restore replaced, \
         sayso.db.replaced",
        command.file.display()
    );
    let from = Sqlite::open(&command.file, Options::command())?;
    let wanted = Wanted {
        imported: command.imported,
        dry: command.dry_run,
    };
    let carried = carry(&from, &to, wanted, &*world()).await?;
    let answer = Answer {
        dry_run: command.dry_run,
        since: carried.since,
        entries_since: carried.entries,
        carried_over: carried.acts,
        known: carried.known,
        imported_left: carried.imported,
        damaged: carried.damaged,
        cases_left: carried.cases,
        domains_left: carried.domains,
        notices_left: carried.notices,
    };
    place.answer(&answer)?;
    Ok(Ending::of(answer.is_all()))
}

impl Answer {
    /// Whether nothing is left that stops mailings or has to be answered.
    const fn is_all(&self) -> bool {
        self.imported_left == 0
            && self.damaged == 0
            && self.cases_left.is_empty()
            && self.domains_left.is_empty()
            && self.notices_left.is_empty()
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: u64 = self.carried_over.values().sum();
        let all = counted(all, "entry", "entries");
        match self.dry_run {
            true => write!(out, "{all} would be recorded again")?,
            false => write!(out, "{all} recorded again; they count from now")?,
        }
        for (act, count) in &self.carried_over {
            write!(out, "\n  {count:>10}  {}", act.as_str())?;
        }
        match self.entries_since {
            0 => write!(
                out,
                "\nThat ledger ends with entry {}, which is here too: if anything was recorded after it, that is \
                 in another file.",
                self.since
            )?,
            count => write!(
                out,
                "\nThat ledger has {} after entry {}, the last that both have.",
                counted(count, "entry", "entries"),
                self.since
            )?,
        }
        if self.known > 0 {
            write!(
                out,
                "\n{} here already.",
                counted(self.known, "entry was", "entries were")
            )?;
        }
        if self.imported_left > 0 {
            write!(
                out,
                "\n{} left, since other systems brought them: import their files again, or say --imported.",
                counted(self.imported_left, "entry was", "entries were")
            )?;
        }
        if self.damaged > 0 {
            write!(
                out,
                "\n{} damaged and left: whoever they are about has to be asked.",
                counted(self.damaged, "entry is", "entries are")
            )?;
        }
        if !self.cases_left.is_empty() {
            write!(
                out,
                "\nCases that are not taken over: {}. Look at them with `sayso case show`, in a copy of that \
                 database as sayso.db of a data directory of its own, and answer them by hand.",
                self.cases_left.join(", ")
            )?;
        }
        if !self.domains_left.is_empty() {
            write!(
                out,
                "\nCompanies that objected or lifted since: {}. Enter that again with `sayso domain`.",
                self.domains_left.join(", ")
            )?;
        }
        if !self.notices_left.is_empty() {
            write!(
                out,
                "\nNotices published since: {}. The gate goes by another version: publish what is named from its \
                 folder of then with `sayso notice publish`, before anything is mailed. As people were shown it, \
                 under its digest, it is in that file alone: keep that file.",
                self.notices_left.join(", ")
            )?;
        }
        Ok(())
    }
}
