//! `sayso replay CERT.json IN.csv`: the decisions of a certificate given again.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde::Serialize;
use shared::certificate::{Again, Certificate, Comparison, Finding};

use super::listing::{Abreast, Listing};
use super::{Ending, Place, certificate, checker};
use crate::counted::{self, counted};
use crate::replay::Replay;
use crate::store::Read;

/// Lines that people are shown at most.
const SHOWN: usize = 20;

/// Decides a list again as its certificate says it was decided.
#[derive(Debug, Args)]
pub(super) struct Command {
    /// The certificate, as the scrub wrote it.
    certificate: PathBuf,
    /// The list that it is about, unchanged.
    list: PathBuf,
    /// The public keys of that time, as saved from /log/key; without it, those of this deployment.
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Replayed {
    /// Whether every row that can be decided again has the same verdict.
    same: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    rows: u64,
    /// The lines of contacts whose data was erased since.
    erased: Vec<u64>,
    differences: Vec<Difference>,
}

/// Rows with another verdict, by their lines.
#[derive(Debug, Serialize)]
struct Difference {
    first_line: u64,
    last_line: u64,
    what: String,
}

pub(super) async fn run(place: &Place, command: &Command) -> anyhow::Result<Ending> {
    let signed = certificate::open(&command.certificate)?;
    let secrets = place.load()?.secrets.check()?;
    let checker = checker(place, command.keys.as_deref())?;
    let forged = checker.certificate(&signed).err();
    let certificate = signed.certificate;
    let problem = match forged {
        Some(forged) => Some(forged.to_string()),
        None => certificate::other_list(&certificate.list, &command.list)?,
    };
    let replayed = match problem {
        Some(problem) => Replayed {
            same: false,
            problem: Some(problem),
            rows: 0,
            erased: Vec::new(),
            differences: Vec::new(),
        },
        None => {
            let store: Arc<dyn Read> = place.open_with(&secrets).await?;
            let replay = Replay::of(&certificate, store, Arc::new(secrets)).await?;
            let replay = replay.for_list(&certificate).await?;
            let listing = Listing::of(&command.list, &certificate.asked)?;
            compare(&certificate, Arc::new(replay), listing).await?
        }
    };
    place.answer(&replayed)?;
    Ok(Ending::of(replayed.same))
}

async fn compare(
    certificate: &Certificate,
    replay: Arc<Replay>,
    listing: Listing,
) -> anyhow::Result<Replayed> {
    let mut comparison = Comparison::new(certificate);
    let mut erased = Vec::new();
    let mut differences = Vec::new();
    let mut block = Lines::new(certificate.verdicts.rows_per_block);
    let mut all = Abreast::new(listing, move |rows| {
        let replay = replay.clone();
        async move {
            let seen = replay.look_back(&rows.checks).await?;
            let again = rows.checks.iter().zip(&seen).zip(rows.lines);
            let again = again
                .map(|((check, seen), line)| (line, replay.again(check, seen), seen.is_unknown()));
            Ok(again.collect::<Vec<_>>())
        }
    });
    while let Some(rows) = all.next().await? {
        for (line, again, is_unknown) in rows {
            if again == Again::Erased {
                erased.push(line);
            }
            block.push(line, is_unknown);
            let finding = comparison.next(again);
            differences.extend(finding.map(|finding| block.difference(finding)));
        }
    }
    let (last, rows) = comparison.finish();
    differences.extend(last.map(|finding| block.difference(finding)));
    let problem = (rows != certificate.list.rows).then(|| {
        format!(
            "the list was read as {}, and the certificate says {}: replay it with the \
             version of Sayso that made it",
            counted(rows, "row", "rows"),
            certificate.list.rows
        )
    });
    Ok(Replayed {
        same: differences.is_empty() && problem.is_none(),
        problem,
        rows,
        erased,
        differences,
    })
}

/// The lines of the rows of one block.
struct Lines {
    /// Each with whether nothing is kept of its contact.
    lines: Vec<(u64, bool)>,
    rows: u64,
    size: u64,
}

impl Lines {
    const fn new(size: u64) -> Self {
        Self {
            lines: Vec::new(),
            rows: 0,
            size,
        }
    }

    fn push(&mut self, line: u64, is_unknown: bool) {
        if self.rows.is_multiple_of(self.size) {
            self.lines.clear();
        }
        self.lines.push((line, is_unknown));
        self.rows += 1;
    }

    /// The line of a row of the block that is being read.
    fn of(&self, row: u64) -> (u64, bool) {
        let before = self.rows - self.lines.len() as u64;
        usize::try_from(row - before - 1)
            .ok()
            .and_then(|place| self.lines.get(place))
            .copied()
            .unwrap_or_default()
    }

    fn difference(&self, finding: Finding) -> Difference {
        let (first, last, what) = match finding {
            Finding::Row { row, then, now } => (
                row,
                row,
                format!(
                    "was {}, is now {}{}",
                    then.words(),
                    now.words(),
                    forgotten(self.of(row))
                ),
            ),
            Finding::Rows { first, last } => {
                (first, last, "more than one of these rows differ".to_owned())
            }
            Finding::Unknown { first, last } => (
                first,
                last,
                "too many of these contacts were erased since: whether the others are the same \
                 cannot be told"
                    .to_owned(),
            ),
        };
        Difference {
            first_line: self.of(first).0,
            last_line: self.of(last).0,
            what,
        }
    }
}

/// What else may be behind a difference.
const fn forgotten((_, is_unknown): (u64, bool)) -> &'static str {
    if is_unknown {
        "; nothing is kept of this contact, who may have been forgotten since"
    } else {
        ""
    }
}

impl fmt::Display for Replayed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(problem) = &self.problem {
            return write!(out, "not replayed: {problem}");
        }
        let decided = self.rows - self.erased.len() as u64;
        if self.same {
            match counted(decided, "row", "rows") {
                one if decided == 1 => write!(out, "the same verdict for the {one}")?,
                rows => write!(out, "the same verdict for all {rows}")?,
            }
            out.write_str(" that can be decided again")?;
        } else {
            write!(out, "not the same for every row")?;
        }
        for difference in self.differences.iter().take(SHOWN) {
            let Difference {
                first_line,
                last_line,
                what,
            } = difference;
            if first_line == last_line {
                write!(out, "\n  line {first_line}: {what}")?;
            } else {
                write!(out, "\n  lines {first_line} to {last_line}: {what}")?;
            }
        }
        if let Some(more) = self
            .differences
            .len()
            .checked_sub(SHOWN)
            .filter(|more| *more > 0)
        {
            write!(out, "\n  and {more} more")?;
        }
        if !self.erased.is_empty() {
            let lines: Vec<_> = self.erased.iter().take(SHOWN).map(u64::to_string).collect();
            write!(
                out,
                "\n  erased since, so that what they had said is gone: {} ({})",
                counted(self.erased.len(), "row", "rows"),
                counted::lines(&lines, self.erased.len())
            )?;
        }
        Ok(())
    }
}
