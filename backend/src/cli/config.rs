//! `sayso config check | secrets`.

use std::fmt;

use anyhow::Context as _;
use clap::Subcommand;
use serde::Serialize;

use super::{Ending, Place, world};
use crate::config::SECRETS_FILE;
use crate::secrets::SecretsText;
use crate::sinks::{Caller, PATIENCE};

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Read the configuration and the secrets as `serve` would, and say what is missing.
    Check,
    /// Make the secrets of a new deployment: a file that its owner alone can read.
    Secrets,
}

#[derive(Debug, Serialize)]
struct Checked {
    public_url: Option<String>,
    sites: Vec<String>,
    missing: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Made {
    secrets: String,
}

pub(super) fn run(place: &Place, verb: &Verb) -> anyhow::Result<Ending> {
    match verb {
        Verb::Check => {
            let config = place.load()?;
            let mut missing = Vec::new();
            if let Err(error) = config.secrets.check() {
                missing.push(format!("{error:#}"));
            }
            if config.public_url.is_none() && !config.demo {
                missing.push("public_url: where contacts reach this service".to_owned());
            }
            if config.site.is_empty() && !config.demo {
                missing.push("[[site]] origin: the websites that embed the widget".to_owned());
            }
            for sink in &config.sink {
                if let Err(error) = Caller::new(sink, PATIENCE) {
                    missing.push(format!("{error:#}"));
                }
            }
            let ending = if missing.is_empty() {
                Ending::Yes
            } else {
                Ending::No
            };
            let sites = config.site.into_iter().map(|site| site.origin).collect();
            place.answer(&Checked {
                public_url: config.public_url,
                sites,
                missing,
            })?;
            Ok(ending)
        }
        Verb::Secrets => {
            std::fs::create_dir_all(&place.data).with_context(|| {
                format!("the directory {} cannot be made", place.data.display())
            })?;
            let path = place.data.join(SECRETS_FILE);
            SecretsText::generate(&*world()).write_new(&path)?;
            place.answer(&Made {
                secrets: path.display().to_string(),
            })?;
            Ok(Ending::Yes)
        }
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.missing.is_empty() {
            return out.write_str("The configuration is complete.");
        }
        out.write_str("Missing:")?;
        self.missing
            .iter()
            .try_for_each(|line| write!(out, "\n  {line}"))
    }
}

impl fmt::Display for Made {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} holds new secrets. Keep a copy apart from the backups of the database.",
            self.secrets
        )
    }
}
