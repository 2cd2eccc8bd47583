//! `sayso domain object | list | lift`: a company wants no mail to any of its people (LAW-45).

use std::fmt;

use clap::Subcommand;
use serde::Serialize;
use shared::address::Domain;
use shared::time::Timestamp;

use super::{Ending, Place, usage, world};
use crate::domains::{Granted, Wish, record};
use crate::sinks::Sinks;
use crate::store::Write;
use crate::store::domains::{DomainAct, DomainStep};

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Mail nobody at a domain any more, from now on.
    Object {
        /// The domain, such as client.example.
        domain: String,
        /// And nobody at the domains below it.
        #[arg(long)]
        subdomains: bool,
        /// Where the letter, note or call is kept. No names, no addresses.
        #[arg(long, value_name = "TEXT")]
        evidence: String,
    },
    /// The domains that objected.
    List {
        /// Every step that was ever taken, oldest first.
        #[arg(long)]
        all: bool,
    },
    /// The company no longer objects. What its people chose by themselves stays.
    Lift {
        /// The domain.
        domain: String,
        /// Where the letter, note or call is kept. No names, no addresses.
        #[arg(long, value_name = "TEXT")]
        evidence: String,
    },
}

#[derive(Debug, Serialize)]
struct Stepped {
    domain: String,
    changed: bool,
    at: Timestamp,
    #[serde(skip)]
    says: String,
}

#[derive(Debug, Serialize)]
struct List {
    domains: Vec<DomainStep>,
}

pub(super) async fn run(place: &Place, verb: Verb) -> anyhow::Result<Ending> {
    let store = place.open()?;
    let sinks = async || place.sinks_if_any(&*store).await;
    match verb {
        Verb::Object {
            domain,
            subdomains,
            evidence,
        } => {
            let domain = usage::mail_domain(&domain)?;
            let act = match subdomains {
                true => DomainAct::ObjectedWithSubdomains,
                false => DomainAct::Objected,
            };
            let stepped = step(&*store, &sinks().await?, domain, act, &evidence).await?;
            place.answer(&stepped)?;
            Ok(Ending::Yes)
        }
        Verb::Lift { domain, evidence } => {
            let domain = usage::known_domain(&domain)?;
            let stepped = step(
                &*store,
                &sinks().await?,
                domain,
                DomainAct::Lifted,
                &evidence,
            )
            .await?;
            place.answer(&stepped)?;
            Ok(Ending::of(stepped.changed))
        }
        Verb::List { all } => {
            let mut domains = store.domain_steps().await?;
            if !all {
                let rules = store.look_up(&[]).await?.rules;
                let holds = |step: &DomainStep| {
                    let found = rules.as_ref().and_then(|stored| {
                        stored.rules.domain_objections.get(&step.domain).copied()
                    });
                    match step.act {
                        DomainAct::Objected => found == Some(false),
                        DomainAct::ObjectedWithSubdomains => found == Some(true),
                        DomainAct::Lifted => false,
                    }
                };
                domains = last_of_each(domains, holds);
            }
            place.answer(&List { domains })?;
            Ok(Ending::Yes)
        }
    }
}

async fn step(
    store: &dyn Write,
    sinks: &Sinks,
    domain: Domain,
    act: DomainAct,
    evidence: &str,
) -> anyhow::Result<Stepped> {
    let at = world().now();
    let wish = Wish {
        domain: domain.clone(),
        act,
        evidence: usage::evidence(evidence)?,
    };
    let granted = record(store, sinks, &[wish], at, false).await?;
    if granted.contains(&Granted::Everybodys) {
        return Err(usage::wrong(format_args!(
            "{domain} gives mailboxes to everybody, and no company speaks for its users: record the \
             objections of the people, one by one, with `sayso object`"
        )));
    }
    Ok(Stepped::new(
        &domain,
        act,
        granted.contains(&Granted::New),
        at,
    ))
}

/// The last step of each domain that holds.
fn last_of_each(steps: Vec<DomainStep>, holds: impl Fn(&DomainStep) -> bool) -> Vec<DomainStep> {
    let mut last: Vec<DomainStep> = Vec::new();
    for step in steps.into_iter().filter(holds) {
        last.retain(|other| other.domain != step.domain);
        last.push(step);
    }
    last
}

impl Stepped {
    fn new(domain: &Domain, act: DomainAct, changed: bool, at: Timestamp) -> Self {
        let says = match (act, changed) {
            (DomainAct::Lifted, true) => format!(
                "Lifted at {at}: {domain} no longer objects as a company. What its people chose by \
                 themselves still holds."
            ),
            (DomainAct::Lifted, false) => {
                format!("Nothing to lift: {domain} has not objected (`sayso domain list`).")
            }
            (_, false) => format!("Nothing changed: {domain} has objected already."),
            (DomainAct::Objected, true) => format!(
                "Recorded at {at}; from now on nobody at {domain} is mailed. Domains below it are not \
                 included: say --subdomains for them too."
            ),
            (DomainAct::ObjectedWithSubdomains, true) => format!(
                "Recorded at {at}; from now on nobody at {domain} and the domains below it is mailed."
            ),
        };
        Self {
            domain: domain.to_string(),
            changed,
            at,
            says,
        }
    }
}

impl fmt::Display for Stepped {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.says)
    }
}

impl fmt::Display for List {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.domains.is_empty() {
            return out.write_str("No domain has objected.");
        }
        for (place, step) in self.domains.iter().enumerate() {
            let end = if place == 0 { "" } else { "\n" };
            let act = step.act.as_str().replace('_', " ");
            write!(
                out,
                "{end}{}  {act}  {}  {}",
                step.domain, step.at, step.evidence
            )?;
        }
        Ok(())
    }
}
