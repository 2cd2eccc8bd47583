//! What receivers read in DNS about the domain that letters come from: SPF (RFC 7208), DKIM
//! (RFC 6376) and DMARC (RFC 7489), without which large providers refuse mail (EML-01).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;
use hickory_resolver::{Resolver, TokioResolver};
use shared::address::Address;

use super::dkim::Signer;
use crate::config::{Dkim, Mail, Smtp};

/// How long a server that was named may take to answer; one that is silent is soon known to be.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks DNS.
pub struct Dns(TokioResolver);

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// What is to be mended, each with what to do.
    pub wrong: Vec<String>,
    /// What cannot be seen from here, each with where to look.
    pub unseen: Vec<String>,
}

impl Dns {
    /// Asks the servers that this machine uses.
    pub fn of_this_machine() -> anyhow::Result<Self> {
        let builder = Resolver::builder_tokio().context("this machine names no DNS server")?;
        Ok(Self(builder.build()?))
    }

    /// Asks that server alone.
    pub fn at(server: SocketAddr) -> anyhow::Result<Self> {
        let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
        let connections = connections.map(|mut connection| {
            connection.port = server.port();
            connection
        });
        let server = NameServerConfig::new(server.ip(), true, connections.into());
        let config = ResolverConfig::from_name_servers(vec![server]);
        let mut builder = Resolver::builder_with_config(config, TokioRuntimeProvider::default());
        builder.options_mut().timeout = PATIENCE;
        builder.options_mut().attempts = 1;
        Ok(Self(builder.build()?))
    }

    /// The texts at that name; none where there is no such name.
    async fn texts(&self, name: &str) -> anyhow::Result<Vec<String>> {
        let found = match self.0.txt_lookup(format!("{name}.")).await {
            Err(error) if error.is_no_records_found() => return Ok(Vec::new()),
            found => {
                found.with_context(|| format!("DNS did not answer about {name}: try again"))?
            }
        };
        let text = |data: &RData| match data {
            RData::TXT(text) => {
                let bytes = text.txt_data.concat();
                Some(String::from_utf8_lossy(&bytes).into_owned())
            }
            _ => None,
        };
        let records = found.answers().iter();
        Ok(records.filter_map(|record| text(&record.data)).collect())
    }
}

/// Holds what DNS says against the configuration. A key that cannot be read is passed over: without
/// it nothing is sent at all.
///
/// # Errors
/// When DNS does not answer.
pub async fn findings(dns: &Dns, smtp: &Smtp, mail: &Mail) -> anyhow::Result<Findings> {
    let from = Address::parse(&smtp.from).context("smtp.from")?;
    let bounces = mail.bounces.as_deref().unwrap_or(&smtp.from);
    let envelope = Address::parse(bounces).context("mail.bounces")?;
    let mut found = Findings::default();
    found.wrong.extend(spf(dns, envelope.domain()).await?);
    for dkim in &smtp.dkim {
        found.wrong.extend(key(dns, dkim).await?);
    }
    if smtp.dkim.is_empty() {
        found.unseen.push(
            "DKIM: without [[smtp.dkim]] your mail server has to sign. Look for dkim=pass in the \
             Authentication-Results of a letter."
                .to_owned(),
        );
    }
    found
        .wrong
        .extend(dmarc(dns, from.domain(), &smtp.dkim).await?);
    match mail.marketing_domains.iter().any(|it| it == from.domain()) {
        true => found.wrong.push(format!(
            "Letters and marketing mail both come from {}: give letters a domain or subdomain of their \
             own, so that complaints about mailings do not stop them.",
            from.domain()
        )),
        false if mail.marketing_domains.is_empty() => found.unseen.push(
            "Whether marketing mail comes from another domain than letters: name its domains as \
             mail.marketing_domains."
                .to_owned(),
        ),
        false => {}
    }
    found.unseen.push(format!(
        "PTR and TLS on the way out: of the servers behind {}. The Received lines of a letter show both.",
        smtp.host
    ));
    Ok(found)
}

async fn spf(dns: &Dns, domain: &str) -> anyhow::Result<Option<String>> {
    let texts = dns.texts(domain).await?;
    let is_spf = |text: &&String| text.split(' ').next() == Some("v=spf1");
    let records: Vec<_> = texts.iter().filter(is_spf).collect();
    Ok(match records.as_slice() {
        [] => Some(format!(
            "SPF: nothing at {domain}. Publish a TXT record there that names the servers which send your \
             letters: v=spf1 mx -all, with them in place of mx."
        )),
        [record] => {
            let everybody = ["all", "+all", "?all"];
            let open = record.split(' ').any(|term| everybody.contains(&term));
            open.then(|| {
                format!("SPF: the record at {domain} lets every server send. End it with -all.")
            })
        }
        many => Some(format!(
            "SPF: {} records at {domain}, which receivers take for an error. Merge them into one.",
            many.len()
        )),
    })
}

async fn key(dns: &Dns, dkim: &Dkim) -> anyhow::Result<Option<String>> {
    let Ok(ours) = Signer::read(dkim).map(|signer| signer.record()) else {
        return Ok(None);
    };
    let name = format!("{}._domainkey.{}", dkim.selector, dkim.domain);
    let texts = dns.texts(&name).await?;
    let same = |text: &String| tags(text).get("p") == tags(&ours).get("p");
    Ok(match texts.as_slice() {
        [] => Some(format!(
            "DKIM: nothing at {name}. Publish this TXT record there: {ours}"
        )),
        [text] if same(text) => None,
        [_] => Some(format!(
            "DKIM: the key at {name} is not that of {}. Publish this TXT record instead: {ours}",
            dkim.key_file.display()
        )),
        _ => Some(format!(
            "DKIM: several records at {name}. Leave this one alone there: {ours}"
        )),
    })
}

/// The record of the domain or of one above it, as receivers look for it.
async fn dmarc(dns: &Dns, from: &str, keys: &[Dkim]) -> anyhow::Result<Option<String>> {
    let mut domain = from;
    loop {
        let texts = dns.texts(&format!("_dmarc.{domain}")).await?;
        let mut records = texts.iter().map(|text| tags(text));
        let record = records.find(|tags| tags.get("v").is_some_and(|v| v == "DMARC1"));
        if let Some(record) = record {
            let strict = record.get("adkim").is_some_and(|mode| mode == "s");
            let aligned = keys.is_empty() || keys.iter().any(|key| key.domain == from);
            return Ok((strict && !aligned).then(|| {
                format!(
                    "DMARC: {domain} asks for strict alignment (adkim=s), and no [[smtp.dkim]] signs for \
                     {from} itself. Add a key whose domain is {from}."
                )
            }));
        }
        match domain.split_once('.') {
            Some((_, above)) if above.contains('.') => domain = above,
            _ => {
                return Ok(Some(format!(
                    "DMARC: nothing at _dmarc.{from}. Publish a TXT record there: v=DMARC1; p=none, with \
                     rua=mailto: and a mailbox for reports."
                )));
            }
        }
    }
}

/// `v=…; p=…` as its tags, without the space that may stand inside a value.
fn tags(record: &str) -> BTreeMap<&str, String> {
    record
        .split(';')
        .filter_map(|tag| tag.split_once('='))
        .map(|(name, value)| (name.trim(), value.split_whitespace().collect()))
        .collect()
}
