//! `sayso erase ADDRESS --evidence TEXT`: somebody asked for erasure by phone or by letter.

use std::fmt;

use clap::Args;
use serde::Serialize;
use shared::entry::Stay;

use super::object::attested;
use super::{Ending, Place, usage};
use crate::cases;
use crate::store::{Keys, Write};

/// Erases what is kept of an address. What restricts mailings stays.
#[derive(Debug, Args)]
pub(super) struct Erase {
    /// The e-mail address.
    address: String,
    /// Where the letter, note or call is kept. No names, no addresses.
    #[arg(long, value_name = "TEXT")]
    evidence: String,
}

#[derive(Debug, Serialize)]
struct Answer {
    erased: bool,
    stays: Vec<Stay>,
    /// Cases that are open: they stay as they are until they are decided.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    open_cases: Vec<String>,
}

pub(super) async fn run(place: &Place, erase: Erase) -> anyhow::Result<Ending> {
    let config = place.load()?;
    let secrets = place.secrets(&config)?;
    let evidence = attested(usage::evidence(&erase.evidence)?);
    let store = place.open_with(&secrets).await?;
    let address = usage::known_address(&erase.address, &*store, &secrets).await?;
    let keys = secrets.keys(&address);
    let open_cases = open_cases(&*store, &keys).await?;
    let recorder = place.recorder(store, &config, &secrets).await?;
    let recorder = recorder.about(&address);
    let erased = recorder.erase(&keys, &evidence).await?;
    place.answer(&Answer {
        erased: erased.is_some(),
        stays: erased.map_or_else(Vec::new, |entry| entry.stays),
        open_cases,
    })?;
    Ok(Ending::Yes)
}

/// The references of the cases of that contact that nobody decided yet.
async fn open_cases(store: &dyn Write, keys: &Keys) -> anyhow::Result<Vec<String>> {
    let known = store.look_up(std::slice::from_ref(keys)).await?.known;
    let Some(known) = known.into_iter().next().flatten() else {
        return Ok(Vec::new());
    };
    let mut open = Vec::new();
    for subject in known.subjects() {
        let cases = store.cases_of(subject).await?;
        let undecided = cases.iter().filter(|case| case.decided.is_none());
        open.extend(undecided.map(cases::shown));
    }
    Ok(open)
}

impl fmt::Display for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.erased {
            return out.write_str("Nothing is kept of this address.");
        }
        out.write_str(
            "Erased, also from the journal and from any backup that is restored.\n\
             A keyed hash of the address stays, and mailings to it stay withheld",
        )?;
        match self.stays.len() {
            0 => out.write_str(".")?,
            1 => out.write_str("; one restriction is kept on record.")?,
            more => write!(out, "; {more} restrictions are kept on record.")?,
        }
        match self.open_cases.is_empty() {
            true => Ok(()),
            false => write!(
                out,
                "\nAn open case stays, with the address and what was written, until it is decided: {}.",
                self.open_cases.join(", ")
            ),
        }
    }
}
