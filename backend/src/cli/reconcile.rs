//! `sayso reconcile CERT.json SENT.csv`: whether those who were mailed were those who might be.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use clap::Args;
use serde::Serialize;
use shared::certificate::{Again, Certificate, Verdict};
use shared::decision::Withheld;

use self::listed::Roll;
use super::listing::{Abreast, Listing, Rows};
use super::{Ending, Place, certificate, checker, world};
use crate::counted::{self, counted};
use crate::reconciliation::{Finding, Listed, Sent, find};
use crate::replay::Replay;
use crate::secrets::Secrets;
use crate::store::Write;

mod informed;
mod listed;

/// Lines that people are shown of each finding at most.
const SHOWN: usize = 20;

/// Holds those who were mailed against a certificate.
#[derive(Debug, Args)]
pub(super) struct Command {
    /// The certificate that the mailing was made on.
    certificate: PathBuf,
    /// Who was really mailed, as your mailing tool exports it.
    sent: PathBuf,
    /// The list that the certificate is about: finds who was mailed without being in it.
    #[arg(long, value_name = "FILE")]
    list: Option<PathBuf>,
    /// The column with the addresses in SENT, by name or number; else it is found.
    #[arg(long, value_name = "NAME")]
    column: Option<String>,
    /// The column with the time of sending: a time (UTC unless it says otherwise) or a day.
    #[arg(long, value_name = "NAME")]
    time_column: Option<String>,
    /// The public keys of that time, as saved from /log/key; without it, those of this deployment.
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// Record nothing, only say what would be.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Default, Serialize)]
struct Reconciled {
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    recipients: u64,
    violations: u64,
    /// What was found, by line of SENT.
    findings: Vec<Found>,
    /// Lines whose time of sending cannot be read: counted as not known.
    unreadable_times: Vec<u64>,
    /// Contacts of whom it is recorded that this mailing told them of the right to object.
    #[serde(skip_serializing_if = "Option::is_none")]
    informed: Option<informed::Informed>,
    /// Contacts that came from somebody else whose first message this was, and it did not tell them.
    untold: u64,
    times_known: bool,
}

#[derive(Debug, Serialize)]
struct Found {
    line: u64,
    finding: &'static str,
    violation: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Withheld>,
    #[serde(skip)]
    words: &'static str,
}

pub(super) async fn run(place: &Place, command: &Command) -> anyhow::Result<Ending> {
    let signed = certificate::open(&command.certificate)?;
    let secrets = Arc::new(place.load()?.secrets.check()?);
    let checker = checker(place, command.keys.as_deref())?;
    let mut problem = checker
        .certificate(&signed)
        .err()
        .map(|forged| forged.to_string());
    let certificate = signed.certificate;
    if let (None, Some(list)) = (&problem, &command.list) {
        problem = certificate::other_list(&certificate.list, list)?;
    }
    let reconciled = match problem {
        Some(_) => Reconciled {
            problem,
            ..Reconciled::default()
        },
        None => reconcile(place, command, &certificate, secrets).await?,
    };
    place.answer(&reconciled)?;
    Ok(Ending::of(reconciled.is_fine()))
}

async fn reconcile(
    place: &Place,
    command: &Command,
    certificate: &Certificate,
    secrets: Arc<Secrets>,
) -> anyhow::Result<Reconciled> {
    let asked = &certificate.asked;
    let store: Arc<dyn Write> = place.open_with(&secrets).await?;
    // What comes while this runs is not looked for.
    let now = world().now();
    let replay = Replay::of(certificate, store.clone(), secrets.clone()).await?;
    let mut since = replay.since(certificate).await?;
    let replay = Arc::new(replay.for_list(certificate).await?);
    let roll = match &command.list {
        Some(list) => Some(Roll::read(Listing::of(list, asked)?, &replay, &secrets).await?),
        None => None,
    };
    let (column, time) = (command.column.as_deref(), command.time_column.as_deref());
    let sent = Listing::recipients(&command.sent, asked, column, time)
        .with_context(|| format!("{}", command.sent.display()))?;
    ensure!(
        roll.is_some() || sent.states(asked),
        "the list of this certificate stated countries or subscriber classes row by row, and {} does \
         not: name the list with --list",
        command.sent.display()
    );
    let mut informing =
        informed::Informing::new(certificate, command.dry_run, store, world()).await?;
    let mut reconciled = Reconciled {
        times_known: time.is_some(),
        ..Reconciled::default()
    };
    let looking = replay.clone();
    let mut all = Abreast::new(sent, move |rows| {
        let replay = looking.clone();
        async move { Ok((replay.look_back(&rows.checks).await?, rows)) }
    });
    while let Some((seen, rows)) = all.next().await? {
        let times = reconciled.times(&rows);
        let latest = times.iter().flatten().map(|sent| sent.earliest).max();
        if let Some(latest) = latest {
            replay.reach(&mut since, latest.min(now)).await?;
        }
        let Rows { checks, lines, .. } = rows;
        for (place, (check, seen)) in checks.into_iter().zip(&seen).enumerate() {
            let (line, time) = (lines[place], times[place]);
            reconciled.recipients += 1;
            let keys = check.address.as_ref().map(|address| secrets.keys(address));
            let listed = match (&roll, &keys) {
                (None, _) => Listed::Unasked,
                (Some(roll), Some(keys)) => roll.find(keys),
                (Some(_), None) => Listed::As(
                    Again::Given(Verdict::withhold(Withheld::InvalidAddress)),
                    check.question.stated,
                ),
            };
            let finding = find(
                certificate,
                (&replay, &since),
                (check, seen),
                listed,
                time,
                now,
            );
            if let Some(finding) = finding {
                reconciled.take(line, finding);
            }
            if let Some(keys) = keys.filter(|_| finding != Some(Finding::NotListed)) {
                match (time, reconciled.times_known) {
                    (None, true) => informing.leave(),
                    _ => informing.take(keys, time),
                }
            }
        }
        informing.record().await?;
    }
    (reconciled.informed, reconciled.untold) = informing.done();
    Ok(reconciled)
}

impl Reconciled {
    /// Whether everybody was found to be mailed rightly. Where a time is named and cannot be read, that
    /// is not found.
    const fn is_fine(&self) -> bool {
        self.problem.is_none() && self.violations == 0 && self.unreadable_times.is_empty()
    }

    /// When each of the rows was sent, as far as that can be read.
    fn times(&mut self, rows: &Rows) -> Vec<Option<Sent>> {
        let time = |place: usize| {
            let read = Sent::parse(rows.times.get(place)?);
            if read.is_none() {
                self.unreadable_times.push(rows.lines[place]);
            }
            read
        };
        (0..rows.checks.len()).map(time).collect()
    }

    fn take(&mut self, line: u64, finding: Finding) {
        self.violations += u64::from(finding.is_violation());
        self.findings.push(Found {
            line,
            finding: finding.as_str(),
            violation: finding.is_violation(),
            reason: finding.reason(),
            words: finding.words(),
        });
    }
}

impl fmt::Display for Reconciled {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(problem) = &self.problem {
            return write!(out, "not reconciled: {problem}");
        }
        write!(
            out,
            "{}, {}",
            counted(self.recipients, "recipient", "recipients"),
            counted(self.violations, "violation", "violations")
        )?;
        let mut by_words: BTreeMap<(bool, &str), Vec<String>> = BTreeMap::new();
        for found in &self.findings {
            let reason = found.reason.map(|reason| format!(" ({})", reason.as_str()));
            by_words
                .entry((!found.violation, found.words))
                .or_default()
                .push(format!("{}{}", found.line, reason.unwrap_or_default()));
        }
        for ((_, words), lines) in by_words {
            let shown = &lines[..lines.len().min(SHOWN)];
            let named = counted::lines(shown, lines.len());
            write!(out, "\n  {} {words}: {named}", lines.len())?;
        }
        if !self.unreadable_times.is_empty() {
            write!(
                out,
                "\n  {} of sending cannot be read, the first in line {}, and nothing was recorded of \
                 these recipients: the form is 2026-11-23T10:00:00Z",
                counted(self.unreadable_times.len(), "time", "times"),
                self.unreadable_times[0]
            )?;
        }
        if !self.times_known {
            write!(
                out,
                "\n  When each message was sent is not known: name its column with --time-column to \
                 find what was sent too late or after a person had stopped it."
            )?;
        }
        if let Some(informed) = &self.informed {
            write!(out, "\n  {informed}")?;
        }
        if self.untold > 0 {
            write!(
                out,
                "\n  {} came from somebody else, and this first message did not tell them so: do it \
                 now (Art. 14(3)), `sayso notice due` says who",
                counted(self.untold, "contact", "contacts")
            )?;
        }
        Ok(())
    }
}
