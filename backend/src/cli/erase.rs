//! `sayso erase ADDRESS --evidence TEXT`: somebody asked for erasure by phone or by letter.

use std::fmt;

use clap::Args;
use serde::Serialize;
use shared::entry::Stay;

use super::object::attested;
use super::{Ending, Place, usage};

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
}

pub(super) async fn run(place: &Place, erase: Erase) -> anyhow::Result<Ending> {
    let config = place.load()?;
    let secrets = place.secrets(&config)?;
    let address = usage::address(&erase.address)?;
    let evidence = attested(usage::evidence(&erase.evidence)?);
    let recorder = place
        .recorder(place.open_with(&secrets).await?, &config, &secrets)
        .about(&address);
    let erased = recorder.erase(&secrets.keys(&address), &evidence).await?;
    place.answer(&Answer {
        erased: erased.is_some(),
        stays: erased.map_or_else(Vec::new, |entry| entry.stays),
    })?;
    Ok(Ending::Yes)
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
            0 => out.write_str("."),
            1 => out.write_str("; one restriction is kept on record."),
            more => write!(out, "; {more} restrictions are kept on record."),
        }
    }
}
