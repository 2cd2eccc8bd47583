//! `sayso certificate verify`: what a certificate states, and whether it may be relied on, without
//! asking anybody.

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use shared::certificate::{Asked, Certificate, FORMAT, List, SignedCertificate};
use shared::digest::Digest;

use super::{Ending, Place, checker, read, world};
use crate::counted::counted;

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Check signature and time of a certificate, and whether it is about a list.
    Verify {
        /// The certificate, as the scrub wrote it.
        file: PathBuf,
        /// The public keys, as saved from /log/key; without it, those of this deployment.
        #[arg(long, value_name = "FILE")]
        keys: Option<PathBuf>,
        /// The list that it must be about.
        #[arg(long, value_name = "FILE")]
        list: Option<PathBuf>,
    },
}

#[derive(Debug, Serialize)]
struct Verified {
    valid: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    certificate: Certificate,
}

pub(super) fn run(place: &Place, verb: &Verb) -> anyhow::Result<Ending> {
    let Verb::Verify { file, keys, list } = verb;
    let signed = open(file)?;
    let forged = checker(place, keys.as_deref())?.certificate(&signed).err();
    let certificate = signed.certificate;
    let flaw = || certificate.flaw(world().now());
    let problem = match forged.map(|forged| forged.to_string()) {
        Some(forged) => Some(forged),
        None => flaw().map(|flaw| flaw.to_string()),
    };
    let problem = match (problem, list) {
        (None, Some(list)) => other_list(&certificate.list, list)?,
        (problem, _) => problem,
    };
    let verified = Verified {
        valid: problem.is_none(),
        problem,
        certificate,
    };
    place.answer(&verified)?;
    Ok(Ending::of(verified.valid))
}

/// A certificate of a format that this version knows; nothing is checked yet.
pub(super) fn open(file: &Path) -> anyhow::Result<SignedCertificate> {
    let bytes = read(file)?;
    let known = |head: &Head| head.certificate.format == FORMAT;
    if serde_json::from_slice::<Head>(&bytes).is_ok_and(|head| !known(&head)) {
        anyhow::bail!(
            "the certificate has a format that this version does not know: install a newer one"
        );
    }
    serde_json::from_slice(&bytes).context("the file is no certificate of Sayso")
}

#[derive(Deserialize)]
struct Head {
    certificate: Format,
}

#[derive(Deserialize)]
struct Format {
    format: String,
}

/// Why that file is not the list, if so.
pub(super) fn other_list(list: &List, file: &Path) -> anyhow::Result<Option<String>> {
    let mut input =
        File::open(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let mut hash = Sha256::new();
    let mut bytes = 0;
    let mut piece = vec![0; 1 << 16];
    loop {
        let read = input
            .read(&mut piece)
            .with_context(|| format!("{} cannot be read", file.display()))?;
        if read == 0 {
            break;
        }
        bytes += read as u64;
        hash.update(&piece[..read]);
    }
    let same = bytes == list.bytes && Digest::from_bytes(hash.finalize().into()) == list.sha256;
    Ok((!same).then(|| {
        format!(
            "it is about another list, or the list was changed since: the certificate's has {} \
             bytes, this one {bytes}",
            list.bytes
        )
    }))
}

impl fmt::Display for Verified {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.problem {
            None => writeln!(out, "valid until {}", self.certificate.valid_until)?,
            Some(problem) => writeln!(out, "not valid: {problem}. Do not send.")?,
        }
        write!(out, "{}", Statement(&self.certificate))
    }
}

/// What a certificate states, for people.
struct Statement<'a>(&'a Certificate);

impl fmt::Display for Statement<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Certificate {
            asked,
            counts,
            list,
            issuer,
            ..
        } = self.0;
        let [yes, no] = [true, false].map(|proceeds| {
            let reasons = counts.reasons.iter().filter(|(reason, _)| {
                proceeds == matches!(reason, shared::decision::Reason::Ground(_))
            });
            let reasons: Vec<String> = reasons
                .map(|(reason, rows)| format!("{} {rows}", reason.as_str()))
                .collect();
            match reasons.is_empty() {
                true => String::new(),
                false => format!(" ({})", reasons.join(", ")),
            }
        });
        let rows = counted(list.rows, "row", "rows");
        writeln!(out, "  list: {rows}, {} bytes", list.bytes)?;
        writeln!(out, "  list SHA-256: {}", list.sha256)?;
        writeln!(out, "  asked: {}", question(asked))?;
        writeln!(out, "  may be mailed: {}{yes}", counts.kept)?;
        if counts.to_inform > 0 {
            writeln!(
                out,
                "  of these to be told of the right to object in this very message: {}",
                counts.to_inform
            )?;
        }
        writeln!(out, "  withheld: {}{no}", counts.withheld)?;
        if let Some(duplicates) = counts.duplicates {
            writeln!(out, "  rows whose address came before: {duplicates}")?;
        }
        writeln!(
            out,
            "  decided for {} on the state of entry {}",
            self.0.at, self.0.as_of
        )?;
        match self.0.rules {
            Some(rules) => writeln!(out, "  by the rule set {rules}")?,
            None => writeln!(out, "  before any notice was published")?,
        }
        write!(out, "  by {}", issuer.controller)?;
        if let Some(origin) = &issuer.origin {
            write!(out, ", {origin}")?;
        }
        write!(out, "\n  certificate {}", self.0.id)
    }
}

fn question(asked: &Asked) -> String {
    let mut text = format!("{} by {}", asked.purpose, asked.channel);
    let mut add = |more: String| {
        text.push_str(", ");
        text.push_str(&more);
    };
    if let Some(topic) = &asked.topic {
        add(format!("topic {topic}"));
    }
    if let Some(country) = asked.country {
        add(format!("country {country} for all"));
    }
    if let Some(subscriber) = asked.subscriber {
        add(format!("{} for all", subscriber.as_str()));
    }
    if asked.first_contact {
        add("the message tells of the right to object".to_owned());
    }
    add(format!("addresses in column {}", asked.columns.address));
    if let Some(column) = &asked.columns.country {
        add(format!("countries in column {column}"));
    }
    if let Some(column) = &asked.columns.subscriber {
        add(format!("subscriber classes in column {column}"));
    }
    text
}
