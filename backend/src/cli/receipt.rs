//! `sayso receipt verify`: whether a receipt is what was signed, without asking anybody.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use clap::Subcommand;
use ed25519_dalek::{Signature, VerifyingKey};
use serde::Serialize;
use shared::receipt::{FORMAT, Receipt, SignedReceipt};

use super::{Ending, Place};
use crate::http::{PublicKeys, key_id};

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
    problem: Option<&'static str>,
    receipt: Receipt,
}

pub(super) fn run(place: &Place, verb: &Verb) -> anyhow::Result<Ending> {
    let Verb::Verify { file, keys } = verb;
    let signed: SignedReceipt =
        serde_json::from_slice(&read(file)?).context("the file is no receipt of Sayso")?;
    if signed.receipt.format != FORMAT {
        bail!("the receipt has a format that this version does not know: install a newer one");
    }
    let keys = match keys {
        Some(file) => public(&read(file)?)?,
        None => vec![place.load()?.secrets.check()?.signing.verifying_key()],
    };
    let problem = problem(&signed, &keys);
    place.answer(&Verified {
        genuine: problem.is_none(),
        problem,
        receipt: signed.receipt,
    })?;
    Ok(match problem {
        None => Ending::Yes,
        Some(_) => Ending::No,
    })
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("{} cannot be read", file.display()))
}

fn public(text: &[u8]) -> anyhow::Result<Vec<VerifyingKey>> {
    let keys: PublicKeys =
        serde_json::from_slice(text).context("--keys is the JSON that /log/key answers")?;
    let read = |text: &str| {
        let bytes = BASE64_STANDARD.decode(text).ok()?;
        VerifyingKey::from_bytes(&bytes.try_into().ok()?).ok()
    };
    keys.keys
        .iter()
        .map(|key| read(&key.public).context("--keys holds a key that is no Ed25519 key"))
        .collect()
}

fn problem(signed: &SignedReceipt, keys: &[VerifyingKey]) -> Option<&'static str> {
    let Some(key) = keys.iter().find(|key| key_id(key) == signed.signature.key) else {
        return Some("it was signed with another key");
    };
    let signature = BASE64_STANDARD
        .decode(&signed.signature.value)
        .ok()
        .and_then(|bytes| Signature::from_slice(&bytes).ok());
    let genuine = signature.is_some_and(|signature| {
        key.verify_strict(&signed.receipt.canonical(), &signature)
            .is_ok()
    });
    (!genuine).then_some("it was changed after it was signed")
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
        match self.problem {
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
