//! `sayso scrub IN.csv --since CERT.json --withheld OFF.csv`: who must be taken off since.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use serde::Serialize;
use shared::certificate::{Certificate, Column};
use shared::decision::{Decision, Withheld};
use shared::time::Timestamp;
use uuid::Uuid;

use super::Command;
use super::files::{Output, is_same};
use super::interruption::Interruption;
use crate::cli::listing::{Abreast, Listing};
use crate::cli::{Ending, Place, certificate, checker, world};
use crate::counted::counted;
use crate::delta::Delta;
use crate::http::{self, ScrubbedRow};
use crate::remote::Remote;
use crate::replay::Replay;
use crate::signature::Checker;
use crate::store::Read;

/// What has to be taken off.
#[derive(Debug, Serialize)]
struct TakenOff {
    /// The certificate that the list was kept on.
    certificate: Uuid,
    rows: u64,
    taken_off: u64,
    /// By the reason that decided.
    reasons: BTreeMap<Withheld, u64>,
    at: Timestamp,
    /// Everything up to this entry is included.
    as_of: u64,
    /// What stays on the list may be mailed until then.
    valid_until: Timestamp,
}

pub(super) async fn run(place: &Place, command: &Command, since: &Path) -> anyhow::Result<Ending> {
    ensure!(
        !command.is_read_once(),
        "with --since name a file: it is read twice"
    );
    for (read, what) in [(&*command.list, "list"), (since, "certificate")] {
        ensure!(
            !is_same(&command.withheld, read),
            "{} is the {what} itself: name another file",
            command.withheld.display()
        );
    }
    let interruption = Interruption::listen()?;
    let mut off = Output::new(&command.withheld)?;
    let unfinished = off.unfinished().into_iter().collect();
    let work = take_off(place, command, since, &mut off);
    let taken = interruption.or(unfinished, work).await?;
    off.save_all()?.finish()?;
    place.answer(&taken)?;
    Ok(match taken.taken_off {
        0 => Ending::Yes,
        _ => Ending::No,
    })
}

/// Writes who must be taken off.
async fn take_off(
    place: &Place,
    command: &Command,
    since: &Path,
    off: &mut Output,
) -> anyhow::Result<TakenOff> {
    let signed = certificate::open(since)?;
    let remote = match (&command.server, &command.key) {
        (Some(server), Some(key)) => Some(Remote::new(server, key)?),
        _ => None,
    };
    let checker = match (&remote, &command.keys) {
        (Some(remote), None) => Checker::read(&remote.public_keys().await?)?,
        (_, keys) => checker(place, keys.as_deref())?,
    };
    if let Err(forged) = checker.certificate(&signed) {
        bail!("the certificate cannot be used: {forged}");
    }
    let certificate = signed.certificate;
    if let Some(flaw) = certificate.flaw(world().now()) {
        bail!("the certificate cannot be used: {flaw}");
    }
    if let Some(other) = certificate::other_list(&certificate.list, &command.list)? {
        bail!("the certificate cannot be used: {other}");
    }
    let listing = Listing::of(&command.list, &certificate.asked)?;
    match remote {
        Some(remote) => afar(&remote, &certificate, &command.list, listing, off).await,
        None => here(place, &certificate, listing, off).await,
    }
}

/// With the gate of the data directory.
async fn here(
    place: &Place,
    certificate: &Certificate,
    listing: Listing,
    off: &mut Output,
) -> anyhow::Result<TakenOff> {
    let secrets = Arc::new(place.load()?.secrets.check()?);
    let store: Arc<dyn Read> = place.open_with(&secrets).await?;
    let replay = Replay::of(certificate, store.clone(), secrets.clone()).await?;
    let now = world().now();
    let (delta, as_of) = Delta::of_list(certificate, store, secrets, replay, now).await?;
    let delta = Arc::new(delta);
    let mut taken = TakenOff::of(certificate, delta.at(), as_of);
    off.write(&listing.head())?;
    let mut rows = Abreast::new(listing, move |rows| {
        let delta = delta.clone();
        async move { Ok((delta.of(&rows.checks).await?, rows)) }
    });
    while let Some((decisions, read)) = rows.next().await? {
        taken.count(&decisions);
        off.write(&rows.listing().withheld(&read, decisions))?;
    }
    Ok(taken)
}

/// With the gate of a server.
async fn afar(
    remote: &Remote,
    certificate: &Certificate,
    list: &Path,
    mut listing: Listing,
    off: &mut Output,
) -> anyhow::Result<TakenOff> {
    let file = tokio::fs::File::open(list).await?;
    let mut lines = remote.scrub(&question(certificate), file).await?;
    let mut next = lines.next().await?;
    let mut taken = TakenOff::of(certificate, certificate.at, certificate.as_of);
    let mut row = 0;
    off.write(&listing.head())?;
    while let Some(rows) = listing.next()? {
        let mut decisions = Vec::with_capacity(rows.checks.len());
        for _ in &rows.checks {
            row += 1;
            let said: Option<ScrubbedRow> = next
                .as_deref()
                .and_then(|line| serde_json::from_str(line).ok());
            let said = said.filter(|said| said.row == row);
            if said.is_some() {
                next = lines.next().await?;
            }
            decisions.push(
                said.and_then(|said| said.outcome())
                    .map(|outcome| outcome.decision),
            );
        }
        taken.count(&decisions);
        off.write(&listing.withheld(&rows, decisions))?;
    }
    let last: http::TakenOff = next
        .as_deref()
        .and_then(|line| serde_json::from_str(line).ok())
        .context(
            "the server's answer ended early, or is that of an older Sayso, which does not say what it \
             was asked: nothing was written, do not send",
        )?;
    ensure!(
        last.taken_off == taken.taken_off
            && last.rows == row
            && last.sha256 == certificate.list.sha256,
        "the server's answer is about another list: did the file change meanwhile? Nothing was written"
    );
    ensure!(
        last.asked == certificate.asked,
        "the server's answer is to another question than the certificate's: nothing was written, do \
         not send"
    );
    ensure!(
        certificate.counts.kept <= last.kept.saturating_add(last.erased),
        "by the server's ledger fewer rows might be mailed then than the certificate counts: somebody \
         was forgotten since, or the ledger is another one. Nothing was written: scrub the list anew"
    );
    (taken.at, taken.as_of) = (last.at, last.as_of);
    Ok(taken)
}

/// The question of the certificate and its state, as a server is asked it.
fn question(certificate: &Certificate) -> Vec<(&'static str, String)> {
    let asked = &certificate.asked;
    let named = |column: &Option<Column>| column.as_ref().map(ToString::to_string);
    let subscriber = asked.subscriber.map(|class| class.as_str().to_owned());
    let fields = [
        ("purpose", Some(asked.purpose.to_string())),
        ("topic", asked.topic.as_ref().map(ToString::to_string)),
        ("channel", Some(asked.channel.to_string())),
        ("column", Some(asked.columns.address.to_string())),
        ("country", asked.country.map(|country| country.to_string())),
        ("country_column", named(&asked.columns.country)),
        ("subscriber", subscriber),
        ("subscriber_column", named(&asked.columns.subscriber)),
        ("first_contact", Some(asked.first_contact.to_string())),
        ("since", Some(certificate.as_of.to_string())),
        ("since_at", Some(certificate.at.to_string())),
        (
            "since_rules",
            certificate.rules.map(|rules| rules.to_string()),
        ),
    ];
    let fields = fields.into_iter();
    fields
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

impl TakenOff {
    fn of(certificate: &Certificate, at: Timestamp, as_of: u64) -> Self {
        Self {
            certificate: certificate.id,
            rows: 0,
            taken_off: 0,
            reasons: BTreeMap::new(),
            at,
            as_of,
            valid_until: certificate.valid_until,
        }
    }

    fn count(&mut self, decisions: &[Option<Decision>]) {
        self.rows += decisions.len() as u64;
        for decision in decisions.iter().flatten() {
            if let Decision::Withhold { reasons, .. } = decision {
                self.taken_off += 1;
                if let Some(first) = reasons.first() {
                    *self.reasons.entry(*first).or_default() += 1;
                }
            }
        }
    }
}

impl fmt::Display for TakenOff {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = counted(self.rows, "row", "rows");
        match self.taken_off {
            0 => write!(out, "nobody of {rows} must be taken off")?,
            some => write!(out, "{some} of {rows} must be taken off")?,
        }
        for (reason, rows) in &self.reasons {
            write!(out, "\n  {rows:>10}  {}", reason.as_str())?;
        }
        write!(
            out,
            "\nas of entry {} at {}; mail the rest before {}",
            self.as_of, self.at, self.valid_until
        )
    }
}
