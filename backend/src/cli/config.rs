//! `sayso config check | secrets`.

use std::fmt;
use std::net::SocketAddr;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::{Ending, Place, world};
use crate::config::{Config, SECRETS_FILE};
use crate::counted::counted;
use crate::mail::published::{Dns, Findings, findings};
use crate::mail::{Carrier, Sender, Signer};
use crate::outdated;
use crate::secrets::{GENERATIONS, Secrets, SecretsText};
use crate::sinks::{Caller, PATIENCE};
use crate::store::peppers::Peppers as _;
use crate::store::sqlite::Sqlite;

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Read the configuration and the secrets as `serve` would, and say what is missing.
    Check(Check),
    /// Make the secrets of a new deployment: a file that its owner alone can read.
    Secrets,
}

#[derive(Debug, Args)]
pub(super) struct Check {
    /// Also ask DNS what receivers of letters read there: SPF, DKIM and DMARC.
    #[arg(long)]
    dns: bool,
    /// Ask this DNS server, not those of this machine.
    #[arg(long, value_name = "IP:PORT", requires = "dns")]
    resolver: Option<SocketAddr>,
}

#[derive(Debug, Serialize)]
struct Checked {
    public_url: Option<String>,
    sites: Vec<String>,
    missing: Vec<String>,
    /// What is wrong in the notices in force.
    notices: Vec<String>,
    /// What is wrong in DNS.
    dns: Vec<String>,
    /// What cannot be seen from here.
    unseen: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Made {
    secrets: String,
}

pub(super) async fn run(place: &Place, verb: &Verb) -> anyhow::Result<Ending> {
    match verb {
        Verb::Check(check) => {
            let config = place.load()?;
            let mut missing = Vec::new();
            let secrets = config.secrets.check();
            if let Err(error) = &secrets {
                missing.push(format!("{error:#}"));
            }
            missing.extend(peppers(place, &config, secrets.ok()).await?);
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
            missing.extend(letters(place, &config));
            let mut notices = Vec::new();
            if Sqlite::is_at(&place.database()) {
                let store = place.open()?;
                missing.extend(outdated::rules(&store, &config).await?);
                let today = world().now().date();
                notices = outdated::found(store, &config, today).await?;
            }
            let found = check.findings(&config).await?;
            let fine = missing.is_empty() && notices.is_empty() && found.wrong.is_empty();
            let ending = Ending::of(fine);
            let sites = config.site.into_iter().map(|site| site.origin).collect();
            place.answer(&Checked {
                public_url: config.public_url,
                sites,
                missing,
                notices,
                dns: found.wrong,
                unseen: found.unseen,
            })?;
            Ok(ending)
        }
        Verb::Secrets => {
            place.make()?;
            let path = place.data.join(SECRETS_FILE);
            if !path.exists() && place.database().is_file() {
                let contacts = place.open_database()?.keyed_without(&[]).await?;
                anyhow::ensure!(
                    contacts == 0,
                    "the database has {}, whom new secrets would not find, nor their objections: put \
                     the copy of this deployment's secrets.toml into {}",
                    counted(contacts, "contact", "contacts"),
                    place.data.display()
                );
            }
            SecretsText::generate(&*world()).write_new(&path)?;
            place.answer(&Made {
                secrets: path.display().to_string(),
            })?;
            Ok(Ending::Yes)
        }
    }
}

/// What keeps letters from being signed and sent as they are meant to be.
fn letters(place: &Place, config: &Config) -> Vec<String> {
    let keys = config.smtp.iter().flat_map(|smtp| &smtp.dkim);
    let mut wrong: Vec<_> = keys.filter_map(|key| Signer::read(key).err()).collect();
    if wrong.is_empty() {
        wrong.extend(Sender::new(config).err());
    }
    wrong.extend(Carrier::new(config, &place.data).err());
    wrong.iter().map(|error| format!("{error:#}")).collect()
}

/// Whom the database would not find with the peppers that are set.
async fn peppers(
    place: &Place,
    config: &Config,
    secrets: Option<Secrets>,
) -> anyhow::Result<Option<String>> {
    if !Sqlite::is_at(&place.database()) {
        return Ok(None);
    }
    if let Some(secrets) = secrets {
        let store = place.open_database()?;
        let misfit = store.misfit(&secrets.marks(), false).await?;
        return Ok(misfit.map(|misfit| misfit.to_string()));
    }
    let set = config.secrets.pepper.keys();
    let mut set: Vec<u32> = set.filter_map(|number| number.parse().ok()).collect();
    set.sort_unstable_by(|one, other| other.cmp(one));
    let Some((usable, oldest)) = set.split_at_checked(GENERATIONS) else {
        return Ok(None);
    };
    let ([newest, ..], [_, ..]) = (usable, oldest) else {
        return Ok(None);
    };
    let contacts = place.open_database()?.keyed_without(usable).await?;
    Ok(Some(match contacts {
        0 => format!("nobody needs a pepper older than the newest {GENERATIONS}: take it out"),
        contacts => format!(
            "{} would not be found without a pepper older than the newest {GENERATIONS}: keep it, and \
             take pepper.{newest} out until an import of your contacts has keyed them anew",
            counted(contacts, "contact", "contacts")
        ),
    }))
}

impl Check {
    /// What receivers of letters would find amiss; nothing where no letter leaves.
    async fn findings(&self, config: &Config) -> anyhow::Result<Findings> {
        let Some(smtp) = config.smtp.as_ref().filter(|_| self.dns) else {
            return Ok(Findings::default());
        };
        let dns = match self.resolver {
            Some(server) => Dns::at(server),
            None => Dns::of_this_machine(),
        };
        findings(&dns?, smtp, &config.mail).await
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = match self.missing.is_empty() {
            true => "The configuration is complete.",
            false => "Missing:",
        };
        out.write_str(first)?;
        let mut missing = self.missing.iter();
        missing.try_for_each(|line| write!(out, "\n  {line}"))?;
        for (title, lines) in [
            ("In the notices in force:", &self.notices),
            ("In DNS:", &self.dns),
            ("Not to be seen from here:", &self.unseen),
        ] {
            if !lines.is_empty() {
                write!(out, "\n{title}")?;
                lines
                    .iter()
                    .try_for_each(|line| write!(out, "\n  {line}"))?;
            }
        }
        Ok(())
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
