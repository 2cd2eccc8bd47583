//! What an import did, in numbers and, for what was refused, by line.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::file::Noticed;
use crate::counted::counted;
use crate::recording::{Outcome, Taken};

/// Refused rows that are named one by one.
const NAMED: usize = 1_000;

/// What an import did.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Where the file comes from.
    pub tool: &'static str,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// Rows that were read.
    pub rows: u64,
    /// Acts that were appended.
    pub recorded: u64,
    /// The same by act.
    pub acts: BTreeMap<&'static str, u64>,
    /// What was known, or stricter than the row.
    pub known: u64,
    /// Of `known`: the row says less strictly what stays recorded more strictly.
    pub kept_stricter: u64,
    /// Rows of facts and consents whose person stands against mailings, which this does not change
    /// (LAW-19).
    pub suppressed: u64,
    /// Rows that say that mail may go on, or nothing.
    pub silent: u64,
    /// Of `silent`: the row says no in a column that is called as one of opt-outs is.
    pub said_no: u64,
    /// Rows of mailboxes that are no individual's, such as `info@`.
    pub role_mailboxes: u64,
    /// Other columns or members with addresses: of those nothing was taken over.
    pub unread_columns: Vec<String>,
    /// The first row was taken for the header although no name in it tells of addresses: nothing of it was
    /// taken over.
    pub assumed_header: bool,
    /// Rows that were taken over and were not clear in everything: they may be about others too, or mean less.
    pub doubtful: u64,
    /// The first thousand of them.
    pub doubts: Vec<Refusal>,
    /// Rows that were not understood.
    pub refused: u64,
    /// The first thousand of them.
    pub refusals: Vec<Refusal>,
    /// Why the file could not be read to its end; what is told of its rows holds.
    #[serde(skip)]
    pub broken_off: Option<anyhow::Error>,
}

/// A row that was not taken over, or not wholly.
#[derive(Debug, Serialize)]
pub struct Refusal {
    /// Its line; in a JSON document its place in the list.
    pub line: u64,
    /// Why.
    pub why: String,
}

impl Report {
    /// Whether every row was understood.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.refused == 0 && self.doubtful == 0
    }

    pub(super) fn refuse(&mut self, line: u64, why: impl fmt::Display) {
        self.refused += 1;
        name(&mut self.refusals, line, &why);
    }

    /// Names a row that was taken over, where there is anything that was not clear in it.
    pub(super) fn doubt(&mut self, line: u64, unclear: &[String]) {
        if !unclear.is_empty() {
            self.doubtful += 1;
            name(&mut self.doubts, line, &unclear.join("; "));
        }
    }

    /// The report of a file that was read so far. What was recorded before reading broke off is not kept
    /// from anybody: the error comes with the report where any rows were taken.
    pub(super) fn finish(mut self, read: anyhow::Result<Noticed>) -> anyhow::Result<Self> {
        self.refusals.sort_by_key(|refusal| refusal.line);
        self.doubts.sort_by_key(|doubt| doubt.line);
        match read {
            Ok(noticed) => {
                self.unread_columns = noticed.others;
                self.assumed_header = noticed.assumed_header;
            }
            Err(error) if self.rows == 0 => return Err(error),
            Err(error) => self.broken_off = Some(error),
        }
        Ok(self)
    }

    pub(super) fn count(&mut self, taken: Taken, restricts: bool) {
        match taken.outcome {
            Outcome::Recorded(act) => {
                self.recorded += 1;
                *self.acts.entry(act.as_str()).or_default() += 1;
            }
            Outcome::Known => self.known += 1,
            Outcome::Stricter => {
                self.known += 1;
                self.kept_stricter += 1;
            }
            Outcome::Suppressed | Outcome::Denied | Outcome::Full => {}
        }
        if !restricts && (taken.is_suppressed || taken.outcome == Outcome::Suppressed) {
            self.suppressed += 1;
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.dry_run {
            "Would record"
        } else {
            "Recorded"
        };
        write!(
            out,
            "{verb} {} of {} ({})",
            self.recorded,
            counted(self.rows, "row", "rows"),
            self.tool
        )?;
        for (act, count) in &self.acts {
            write!(out, "\n  {act}: {count}")?;
        }
        for column in &self.unread_columns {
            write!(
                out,
                "\ncolumn {column:?} holds addresses too, which were not taken over: name it with --column"
            )?;
        }
        if self.assumed_header {
            out.write_str(
                "\nthe first row was taken for the names of the columns: if it is a title, delete it; if it \
                 is about somebody, put a row above it that calls the column `email`",
            )?;
        }
        let mut line = |count: u64, what: &str| match count {
            0 => Ok(()),
            count => write!(out, "\n{count} {what}"),
        };
        line(self.known, "known already")?;
        line(
            self.kept_stricter,
            "of these recorded more strictly than the file says, which stays",
        )?;
        line(
            self.suppressed,
            "suppressed: an act of theirs stands, and no import changes that",
        )?;
        line(self.silent, "without a word against mailings")?;
        line(
            self.said_no,
            "of these say no in a column that tells who unsubscribed, and are no objections",
        )?;
        line(
            self.role_mailboxes,
            "read by several people, as info@ is: each of them can object for it",
        )?;
        line(
            self.doubtful,
            "taken over although not all of the row was clear:",
        )?;
        write_named(out, &self.doubts, self.doubtful)?;
        let mut line = |count: u64, what: &str| match count {
            0 => Ok(()),
            count => write!(out, "\n{count} {what}"),
        };
        line(self.refused, "refused, and nothing of them recorded:")?;
        write_named(out, &self.refusals, self.refused)?;
        match self.broken_off {
            None => Ok(()),
            Some(_) => {
                out.write_str("\nthe file was not read to its end: correct it, and import it again")
            }
        }
    }
}

fn name(rows: &mut Vec<Refusal>, line: u64, why: &dyn fmt::Display) {
    if rows.len() < NAMED {
        rows.push(Refusal {
            line,
            why: why.to_string(),
        });
    }
}

fn write_named(out: &mut fmt::Formatter<'_>, named: &[Refusal], all: u64) -> fmt::Result {
    for row in named {
        write!(out, "\n  line {}: {}", row.line, row.why)?;
    }
    match all - u64::try_from(named.len()).unwrap_or(all) {
        0 => Ok(()),
        more => write!(out, "\n  and {more} more"),
    }
}
