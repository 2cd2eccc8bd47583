//! The operator's configuration: one TOML file, every key also as `SAYSO_…`.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use chrono::NaiveDate;
use figment::providers::Serialized;
use figment::{Figment, Profile, Provider as _};
use serde::{Deserialize, Serialize};
use shared::facts::{Country, Subscriber};
use shared::notice::settings::Settings;
use shared::rules::{GateSettings, Uninformed};

use crate::secrets::SecretsText;
use crate::store::sqlite::MEMORY;

mod consumers;
mod environment;
mod mail;
mod mta;
mod reading;
mod sink;

pub use consumers::ConsumerDomains;
pub use mail::{Dkim, Mail, Password, Smtp, Tls};
pub use mta::{InvalidListen, Listen, Mta};
pub use sink::{OneOrTwo, Sink};

use reading::Layer;

/// The config file that is read when no other is named, inside the data directory.
pub const CONFIG_FILE: &str = "sayso.toml";
/// The secrets file inside the data directory.
pub const SECRETS_FILE: &str = "secrets.toml";

/// The configuration of a deployment.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where contacts reach this service: `https://privacy.example.com`. The demo derives it from
    /// the address it listens on.
    #[serde(default)]
    pub public_url: Option<String>,
    /// Whether this is a demonstration, with example values and local origins.
    #[serde(default)]
    pub demo: bool,
    /// The websites that embed the widget.
    #[serde(default)]
    pub site: Vec<Site>,
    /// Reverse proxies whose `X-Forwarded-For` is believed (SEC-13).
    #[serde(default)]
    pub trusted_proxies: Vec<IpAddr>,
    /// Whether public writes are limited per client.
    #[serde(default)]
    pub rate_limit: Switch,
    /// Megabytes of memory that what holds for everybody may take, so that the gate answers as fast
    /// however many there are; 0 for none.
    #[serde(default = "memory_mb")]
    pub memory_mb: usize,
    /// Since when `/.well-known/gpc.json` says that this service honours Global Privacy Control;
    /// without it nothing is said there (GPC-07).
    #[serde(default)]
    pub gpc_since: Option<NaiveDate>,
    /// The country of a contact about whom nothing else is known.
    #[serde(default)]
    pub default_country: Option<Country>,
    /// The subscriber class of a contact about whom nothing else is known.
    #[serde(default)]
    pub default_subscriber: Option<Subscriber>,
    /// What the gate does about a contact who was not informed yet.
    #[serde(default = "oblige")]
    pub uninformed: Uninformed,
    /// Consumer mailbox providers, in addition to the built-in list.
    #[serde(default)]
    pub consumer_domains: ConsumerDomains,
    /// What the notices need to know of the controller.
    #[serde(default)]
    pub notice: Settings,
    /// The mail server; without it no letter leaves.
    #[serde(default)]
    pub smtp: Option<Smtp>,
    /// What letters are sent, and where mail comes in.
    #[serde(default)]
    pub mail: Mail,
    /// Ports at which a mail server asks about each recipient.
    #[serde(default)]
    pub mta: Vec<Mta>,
    /// Other systems that are told of every act that changes what may be mailed.
    #[serde(default)]
    pub sink: Vec<Sink>,
    /// The secrets, if they are not in the data directory's secrets file.
    #[serde(default)]
    pub secrets: SecretsText,
}

const fn memory_mb() -> usize {
    MEMORY >> 20
}

const fn oblige() -> Uninformed {
    Uninformed::Oblige
}

/// On or off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Switch {
    /// On.
    #[default]
    On,
    /// Off: for tests and load only.
    Off,
}

/// A website that embeds the widget.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Its origin, exactly: scheme, host and, unless it is the usual one, port.
    pub origin: String,
}

impl Config {
    /// Reads the configuration of a data directory: its secrets file, then the config file (the
    /// named one, else the directory's own), then the environment; what comes later wins.
    pub fn load(data: &Path, file: Option<&Path>) -> anyhow::Result<Self> {
        let own = data.join(CONFIG_FILE);
        let file: Option<PathBuf> = match file {
            Some(file) => {
                ensure!(
                    file.is_file(),
                    "the config file {} does not exist",
                    file.display()
                );
                Some(file.to_owned())
            }
            None => own.is_file().then_some(own),
        };
        let defaults = Serialized::defaults(Self::default());
        let known = defaults
            .data()?
            .remove(&Profile::Default)
            .unwrap_or_default();
        let secrets = Some(data.join(SECRETS_FILE)).filter(|file| file.is_file());
        let mut settings = Figment::from(defaults);
        for file in secrets.iter().chain(&file) {
            settings = settings.merge(Layer::of_file(file)?);
        }
        let environment = environment::settings(std::env::vars_os(), &known)?;
        settings = settings.merge(Layer::of_environment(environment));
        let mut config: Self = settings
            .extract()
            .map_err(|error| reading::refusal(error, &settings))?;
        config.normalise()?;
        config.check()?;
        Ok(config)
    }

    fn normalise(&mut self) -> anyhow::Result<()> {
        if let Some(smtp) = &mut self.smtp {
            smtp.normalise()?;
        }
        self.mail.normalise()
    }

    fn check(&self) -> anyhow::Result<()> {
        for (site, number) in self.site.iter().zip(1..) {
            check_origin(&site.origin)
                .with_context(|| format!("origin of the [[site]] number {number}"))?;
        }
        if let Some(url) = &self.public_url {
            check_origin(url).context("public_url")?;
        }
        if let Some(smtp) = &self.smtp {
            smtp.check()?;
        }
        let mut names = BTreeSet::new();
        for sink in &self.sink {
            sink.check()
                .with_context(|| format!("[[sink]] {:?}", sink.name))?;
            ensure!(
                names.insert(&sink.name),
                "[[sink]] {:?} is there twice: each needs a name of its own",
                sink.name
            );
        }
        self.mail.check()
    }

    /// The public base URL, without a slash at the end.
    pub fn base_url(&self, listening: SocketAddr) -> anyhow::Result<String> {
        match &self.public_url {
            Some(url) => Ok(url.clone()),
            None if self.demo => Ok(format!("http://127.0.0.1:{}", listening.port())),
            None => bail!(
                "public_url is not set: write the address at which contacts reach this service \
                 into {CONFIG_FILE}, such as public_url = \"https://privacy.example.com\""
            ),
        }
    }

    /// The origins that may embed the widget; the demo allows its own under both local names.
    #[must_use]
    pub fn origins(&self, listening: SocketAddr) -> BTreeSet<String> {
        let mut origins: BTreeSet<String> =
            self.site.iter().map(|site| site.origin.clone()).collect();
        if self.demo {
            for host in ["localhost", "127.0.0.1"] {
                origins.insert(format!("http://{host}:{}", listening.port()));
            }
        }
        origins
    }

    /// Whether letters tell of objections: where that is on, and letters leave at all.
    #[must_use]
    pub fn tells_of_objections(&self) -> bool {
        let leave = self.smtp.is_some() || self.demo;
        leave && self.mail.objection_notice == Switch::On
    }

    /// What the operator decided about the gate.
    #[must_use]
    pub const fn gate_settings(&self) -> GateSettings {
        GateSettings {
            default_country: self.default_country,
            default_subscriber: self.default_subscriber,
            uninformed: self.uninformed,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            public_url: None,
            demo: false,
            site: Vec::new(),
            trusted_proxies: Vec::new(),
            rate_limit: Switch::On,
            memory_mb: memory_mb(),
            gpc_since: None,
            default_country: None,
            default_subscriber: None,
            uninformed: Uninformed::Oblige,
            consumer_domains: ConsumerDomains::default(),
            notice: Settings::default(),
            smtp: None,
            mail: Mail::default(),
            mta: Vec::new(),
            sink: Vec::new(),
            secrets: SecretsText::default(),
        }
    }
}

/// An origin is compared byte by byte with what browsers send, so it must be written as they do.
fn check_origin(origin: &str) -> anyhow::Result<()> {
    let host = origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"))
        .context("must start with https:// (or http:// for local use)")?;
    ensure!(
        !host.is_empty()
            && host
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.:[]".contains(&b)),
        "must be scheme and host alone, in lower case, without a path or a slash at the end"
    );
    ensure!(
        !(origin.starts_with("https://") && host.ends_with(":443")
            || origin.starts_with("http://") && host.ends_with(":80")),
        "leave the usual port out: browsers do"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check_origin;

    #[test]
    fn an_origin_is_written_as_browsers_send_it() {
        for good in [
            "https://example.com",
            "http://localhost:8080",
            "https://a.example.com:8443",
        ] {
            assert!(check_origin(good).is_ok(), "{good}");
        }
        for bad in [
            "example.com",
            "https://example.com/",
            "https://Example.com",
            "https://example.com:443",
            "http://example.com:80",
            "https://",
            "https://*.example.com",
            "null",
        ] {
            assert!(check_origin(bad).is_err(), "{bad}");
        }
    }
}
