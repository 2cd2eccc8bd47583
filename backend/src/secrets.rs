//! The secrets of a deployment: read once, kept apart from the database, never shown.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use shared::address::{Address, AddressKey, Pepper};

use crate::clock::World;
use crate::links::LinkKey;
use crate::sealing::Sealer;
use crate::store::Keys;
use crate::store::peppers::{Mark, Peppers};
use crate::view_token::ViewKey;

/// Look-ups try at most this many generations of the pepper (SEC-36).
pub const GENERATIONS: usize = 3;

/// The secrets as an operator writes them: base64 of 32 random bytes each.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SecretsText {
    /// Signs view tokens.
    #[serde(default)]
    pub view_key: String,
    /// The Ed25519 seed that signs receipts.
    #[serde(default)]
    pub signing_key: String,
    /// Peppers by generation number; the highest is the current one.
    #[serde(default)]
    pub pepper: BTreeMap<String, String>,
    /// Keys that seal what must stay readable for a while, by generation number; the highest is
    /// the current one. An older one is kept as long as links of its time shall work.
    #[serde(default)]
    pub seal: BTreeMap<String, String>,
}

impl fmt::Debug for SecretsText {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SecretsText(…)")
    }
}

/// The secrets, checked and ready.
#[derive(Clone)]
pub struct Secrets {
    /// The current generation first.
    peppers: Vec<(u32, Pepper)>,
    /// Signs view tokens.
    pub view: ViewKey,
    /// Signs receipts.
    pub signing: SigningKey,
    /// Seals what must stay readable for a while.
    pub sealer: Sealer,
    /// Hashes codes and signs sessions.
    pub links: LinkKey,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secrets(…)")
    }
}

impl SecretsText {
    /// New random secrets.
    #[must_use]
    pub fn generate(world: &dyn World) -> Self {
        let draw = || BASE64_STANDARD.encode(world.bytes::<32>());
        Self {
            pepper: [("1".to_owned(), draw())].into(),
            seal: [("1".to_owned(), draw())].into(),
            view_key: draw(),
            signing_key: draw(),
        }
    }

    /// Writes the secrets to a new file that its owner alone can read. An existing file is an
    /// error: overwriting a pepper would lose every objection.
    pub fn write_new(&self, path: &Path) -> anyhow::Result<()> {
        let text = format!(
            "# Sayso's secrets. Keep a copy apart from the backups of the database: without the\n\
             # pepper no stored objection can be found again.\n\n[secrets]\n{}",
            toml::to_string(self).context("secrets could not be written as TOML")?
        )
        .replace("[pepper]", "[secrets.pepper]")
        .replace("[seal]", "[secrets.seal]");
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .with_context(|| format!("{} could not be created", path.display()))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        Ok(())
    }

    /// Checks every secret (SEC-70). Errors name the setting, never its value.
    pub fn check(&self) -> anyhow::Result<Secrets> {
        ensure!(
            !self.pepper.is_empty(),
            "no pepper is set. Sayso does not start without one. Run `sayso config secrets` to make \
             secrets, or restore the secrets file of this deployment"
        );
        ensure!(
            self.pepper.len() <= GENERATIONS,
            "{} generations of the pepper are set, and {GENERATIONS} can be used. Take the newest out \
             again: nobody is keyed under it yet, and some may be under the oldest alone. `sayso config \
             check` says how many are",
            self.pepper.len()
        );
        ensure!(
            !self.seal.is_empty(),
            "secrets.seal is not set: add a line seal.1 with 32 random bytes in base64, from \
             `openssl rand -base64 32`"
        );
        let mut peppers = Vec::new();
        let mut seen = vec![decode("view_key", &self.view_key)?];
        seen.push(decode("signing_key", &self.signing_key)?);
        for (generation, text) in &self.pepper {
            let number: u32 = generation
                .parse()
                .with_context(|| format!("pepper generation {generation:?} is not a number"))?;
            let bytes = decode(&format!("pepper.{generation}"), text)?;
            peppers.push((number, Pepper::new(&bytes)?));
            seen.push(bytes);
        }
        let mut seals = BTreeMap::new();
        for (generation, text) in &self.seal {
            let number: u8 = generation
                .parse()
                .with_context(|| format!("seal generation {generation:?} is not 0 to 255"))?;
            let bytes = decode(&format!("seal.{generation}"), text)?;
            seals.insert(number, bytes);
            seen.push(bytes);
        }
        seen.sort_unstable();
        seen.dedup();
        ensure!(
            seen.len() == self.pepper.len() + self.seal.len() + 2,
            "two secrets are equal: draw each one by itself"
        );
        peppers.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
        let fixed = |name, text| decode(name, text);
        Ok(Secrets {
            peppers,
            view: ViewKey::new(fixed("view_key", &self.view_key)?),
            signing: SigningKey::from_bytes(&fixed("signing_key", &self.signing_key)?),
            links: LinkKey::derive(&fixed("view_key", &self.view_key)?),
            sealer: Sealer::new(seals).context("secrets.seal is not set")?,
        })
    }
}

fn decode(name: &str, text: &str) -> anyhow::Result<[u8; 32]> {
    if text.is_empty() {
        bail!("secrets.{name} is not set: 32 random bytes in base64 are needed");
    }
    let bytes = BASE64_STANDARD
        .decode(text)
        .map_err(|_| anyhow::anyhow!("secrets.{name} is not base64"))?;
    <[u8; 32]>::try_from(bytes).map_err(|bytes| {
        anyhow::anyhow!(
            "secrets.{name} has {} bytes; exactly 32 are needed",
            bytes.len()
        )
    })
}

impl Secrets {
    /// The check of an address key for that use, under the pepper of its generation.
    #[must_use]
    pub fn check(&self, generation: u32, what: &str, key: &AddressKey) -> Option<[u8; 3]> {
        let mut peppers = self.peppers.iter();
        let (_, pepper) = peppers.find(|(number, _)| *number == generation)?;
        Some(pepper.check(what, key))
    }

    /// Makes sure that everybody in that store is found with these peppers, and has it remember them.
    ///
    /// # Errors
    /// A [`Misfit`](crate::store::peppers::Misfit) that says what to do, and those of the store.
    pub async fn fit(&self, store: &dyn Peppers) -> anyhow::Result<()> {
        match store.misfit(&self.marks(), true).await? {
            None => Ok(()),
            Some(misfit) => Err(misfit.into()),
        }
    }

    /// What tells these peppers from others.
    #[must_use]
    pub fn marks(&self) -> Vec<Mark> {
        let marks = self.peppers.iter();
        marks
            .map(|(generation, pepper)| (*generation, pepper.mark()))
            .collect()
    }

    /// The generations of the pepper, the current one first.
    pub fn generations(&self) -> impl Iterator<Item = u32> {
        self.peppers.iter().map(|(generation, _)| *generation)
    }

    /// The peppers with their generations, the current one first.
    pub fn peppers(&self) -> impl Iterator<Item = (u32, &Pepper)> {
        self.peppers
            .iter()
            .map(|(generation, pepper)| (*generation, pepper))
    }

    /// The address under every generation of the pepper.
    #[must_use]
    pub fn keys(&self, address: &Address) -> Keys {
        Keys(
            self.peppers
                .iter()
                .map(|(generation, pepper)| (*generation, address.key(pepper)))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::SecretsText;
    use crate::clock::System;

    #[test]
    fn generated_secrets_pass_and_every_flaw_is_named_without_its_value() {
        let good = SecretsText::generate(&System);
        assert!(good.check().is_ok());
        let refused = |change: fn(&mut SecretsText)| {
            let mut secrets = good.clone();
            change(&mut secrets);
            secrets.check().expect_err("must be refused").to_string()
        };
        assert!(refused(|s| s.pepper.clear()).contains("no pepper"));
        assert!(refused(|s| s.seal.clear()).contains("secrets.seal"));
        assert!(refused(|s| s.view_key.clear()).contains("view_key"));
        assert!(refused(|s| s.signing_key = "c2hvcnQ=".to_owned()).contains("5 bytes"));
        assert!(refused(|s| s.signing_key = "?".to_owned()).contains("base64"));
        assert!(refused(|s| s.signing_key = s.view_key.clone()).contains("equal"));
        assert!(
            refused(|s| {
                let _ = s.pepper.insert("1".to_owned(), "c2hvcnQ=".to_owned());
            })
            .contains("pepper.1")
        );
    }
}
