//! `sayso receipt verify`: whether a receipt is what was signed, without asking anybody.

use std::fmt;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Subcommand;
use serde::Serialize;
use shared::receipt::{FORMAT, Receipt, SignedReceipt};

use super::{Ending, Place, checker};

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Check the signature of a receipt (REC-09).
    Verify {
        /// The receipt, as the person downloaded it.
        file: PathBuf,
        /// The public keys, as saved from /log/key; without it, those of this deployment.
        #[arg(long, value_name = "FILE")]
        keys: Option<PathBuf>,
    },
}

#[derive(Debug, Serialize)]
struct Verified {
    genuine: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    receipt: Receipt,
}

pub(super) fn run(place: &Place, verb: &Verb) -> anyhow::Result<Ending> {
    let Verb::Verify { file, keys } = verb;
    let signed: SignedReceipt =
        serde_json::from_slice(&super::read(file)?).context("the file is no receipt of Sayso")?;
    if signed.receipt.format != FORMAT {
        bail!("the receipt has a format that this version does not know: install a newer one");
    }
    let forged = checker(place, keys.as_deref())?.receipt(&signed).err();
    place.answer(&Verified {
        genuine: forged.is_none(),
        problem: forged.map(|forged| forged.to_string()),
        receipt: signed.receipt,
    })?;
    Ok(Ending::of(forged.is_none()))
}

impl fmt::Display for Verified {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Receipt {
            reference,
            recorded_at,
            act,
            controller,
            ..
        } = &self.receipt;
        match &self.problem {
            None => write!(out, "genuine")?,
            Some(problem) => write!(out, "not genuine: {problem}")?,
        }
        write!(
            out,
            "\n  {reference}: {} on {recorded_at}, towards {controller}",
            act.as_str()
        )
    }
}
