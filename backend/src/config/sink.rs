//! Sinks: other systems that are told of every act that changes what may be mailed.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use shared::address::Address;
use shared::entry::Act;

use crate::sinks::{Signing, is_public, is_told};

/// Secrets of one sink at most: the current one, and the one before it while it is renewed.
const SECRETS: usize = 2;

/// Another system, and where it takes what it is told (Standard Webhooks 1.0.0).
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Sink {
    /// What it is called here.
    pub name: String,
    /// Where it is told.
    pub url: String,
    /// `whsec_…`, or two of them while the secret is renewed, the newer first.
    pub secret: OneOrTwo,
    /// The acts it is told of; without it all that change what may be mailed.
    #[serde(default)]
    pub acts: Option<BTreeSet<Act>>,
    /// Whether it may be in a private network or on this machine.
    #[serde(default)]
    pub allow_private: bool,
    /// Certificates in PEM of the authorities that it is trusted by, in place of those that the machine
    /// trusts.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
}

/// One secret, or several.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(
    untagged,
    expecting = "whsec_ and the base64 of 24 to 64 random bytes (echo whsec_$(openssl rand -base64 32)), \
                 or a list of two while one is renewed"
)]
pub enum OneOrTwo {
    /// One.
    One(Signing),
    /// The newer one first.
    Two(Vec<Signing>),
}

impl OneOrTwo {
    /// All of them, the current one first.
    #[must_use]
    pub fn all(&self) -> &[Signing] {
        match self {
            Self::One(secret) => std::slice::from_ref(secret),
            Self::Two(secrets) => secrets,
        }
    }

    /// The address under each of them, that under the current one first.
    #[must_use]
    pub fn hashes(&self, address: &Address) -> Vec<String> {
        let secrets = self.all().iter();
        secrets.map(|secret| secret.hash(address)).collect()
    }
}

impl Sink {
    /// Whether it is told of such an act.
    #[must_use]
    pub fn wants(&self, act: Act) -> bool {
        (self.acts.as_ref()).is_none_or(|acts| acts.contains(&act))
    }

    pub(super) fn check(&self) -> anyhow::Result<()> {
        let named = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        ensure!(
            (1..=64).contains(&self.name.len()) && self.name.bytes().all(named),
            "name: use 1 to 64 characters of a-z, 0-9 and _"
        );
        ensure!(
            (1..=SECRETS).contains(&self.secret.all().len()),
            "secret: one, or while it is renewed two, the newer first"
        );
        for act in self.acts.iter().flatten() {
            ensure!(
                is_told(*act),
                "acts: {} changes nothing about what may be mailed",
                act.as_str()
            );
        }
        let url = self.target()?;
        ensure!(
            url.username().is_empty() && url.password().is_none() && url.fragment().is_none(),
            "url: leave out names, passwords and fragments; the signature shows who sends"
        );
        let host = url.host_str().unwrap_or_default();
        let ip: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
        let here = host == "localhost" || ip.is_some_and(|ip| ip.is_loopback());
        ensure!(
            url.scheme() == "https" || url.scheme() == "http" && here && self.allow_private,
            "url: must start with https://"
        );
        ensure!(
            self.allow_private || ip.is_none_or(is_public),
            "url: this address is in a private network; if that is meant, say allow_private = true"
        );
        Ok(())
    }

    /// The URL, read.
    pub(crate) fn target(&self) -> anyhow::Result<Url> {
        Url::parse(&self.url).context("url: write it in full, such as https://crm.example.com/hook")
    }
}

#[cfg(test)]
mod tests {
    use super::Sink;

    fn sink(more: &str) -> anyhow::Result<()> {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let more = more.replace("SECRET", secret);
        toml::from_str::<Sink>(&format!("name = 'crm'\n{more}"))?.check()
    }

    #[test]
    fn a_sink_is_reached_over_https_at_a_public_address_unless_the_operator_says_otherwise() {
        let at = |url: &str, private: bool| {
            sink(&format!(
                "url = '{url}'\nsecret = 'SECRET'\nallow_private = {private}"
            ))
        };
        assert!(at("https://crm.example.com/hook", false).is_ok());
        for private in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://10.1.2.3/",
            "https://[::1]/",
            "https://169.254.169.254/latest",
            "https://[::ffff:192.168.0.1]/",
        ] {
            assert!(at(private, false).is_err(), "{private}");
            assert!(at(private, true).is_ok(), "{private}");
        }
        assert!(at("http://127.0.0.1:9000/hook", true).is_ok());
        for never in [
            "http://crm.example.com/hook",
            "http://10.1.2.3/hook",
            "https://user:pass@crm.example.com/",
            "ftp://crm.example.com/",
            "/hook",
        ] {
            assert!(at(never, true).is_err(), "{never}");
        }
        assert!(at("http://127.0.0.1:9000/hook", false).is_err());
    }

    #[test]
    fn a_secret_is_as_long_as_the_standard_wants_and_there_are_at_most_two() {
        let secret = |secret: &str| sink(&format!("url = 'https://a.example/'\nsecret = {secret}"));
        assert!(secret("'SECRET'").is_ok());
        assert!(secret("['SECRET', 'SECRET']").is_ok());
        for bad in [
            "[]",
            "['SECRET', 'SECRET', 'SECRET']",
            "'whsec_c2hvcnQ='",
            "'secret'",
        ] {
            assert!(secret(bad).is_err(), "{bad}");
        }
        let acts = |acts: &str| {
            sink(&format!(
                "url = 'https://a.example/'\nsecret = 'SECRET'\nacts = {acts}"
            ))
        };
        assert!(acts("['objected', 'paused']").is_ok());
        assert!(acts("['notice_provided']").is_err());
        assert!(acts("['unsubscribed']").is_err());
    }
}
