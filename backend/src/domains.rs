//! What staff record on a company's word: nobody there wants mail, or mail again (LAW-45).
//!
//! It is no act of a person: staff may lift it, and lifting it leaves every objection of a person where
//! it stands (LAW-18).

use anyhow::{Context as _, bail};
use shared::address::Domain;
use shared::rules::Rules;
use shared::time::Timestamp;

use crate::sinks::Sinks;
use crate::store::domains::{DomainAct, DomainStep, NewStep};
use crate::store::{StoreError, Write};

/// Another process may publish at the same time; more tries mean that something else is wrong.
const TRIES: usize = 4;

/// What a company wants of its domain.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The domain.
    pub domain: Domain,
    /// What it wants.
    pub act: DomainAct,
    /// Where the letter, note or call is kept.
    pub evidence: String,
}

/// What became of a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Granted {
    /// It is recorded, and holds from the next question on.
    New,
    /// It held before.
    Known,
    /// The domain gives mailboxes to everybody: no company speaks for its people.
    Everybodys,
}

/// Records all of them in one unit, on the rules in force, and has those sinks told; says of each what
/// became of it. With `dry` nothing is recorded.
///
/// # Errors
/// Where nothing is published yet, or the store does not answer: then nothing of them is recorded.
pub async fn record(
    store: &dyn Write,
    sinks: &Sinks,
    wishes: &[Wish],
    at: Timestamp,
    dry: bool,
) -> anyhow::Result<Vec<Granted>> {
    for _ in 0..TRIES {
        let in_force = store.look_up(&[]).await?.rules.context(
            "no notice is published yet: run `sayso notice publish DIR`, then name domains",
        )?;
        let mut rules = in_force.rules.clone();
        let granted: Vec<_> = wishes.iter().map(|wish| wish.grant(&mut rules)).collect();
        let new = wishes.iter().zip(&granted);
        let steps: Vec<_> = new
            .filter(|(_, granted)| **granted == Granted::New)
            .map(|(wish, _)| wish.step(at, sinks, &rules))
            .collect();
        if dry || steps.is_empty() {
            return Ok(granted);
        }
        match store.step_domains(in_force.digest, rules, steps).await {
            Ok(()) => return Ok(granted),
            Err(StoreError::Conflict) => {}
            Err(other) => return Err(other.into()),
        }
    }
    bail!("the rules change all the time: try again")
}

impl Wish {
    fn grant(&self, rules: &mut Rules) -> Granted {
        let domain = &self.domain;
        let is_new = match self.act {
            DomainAct::Lifted => rules.lift_domain(domain),
            _ if rules.consumer_domains.contains(domain.as_str()) => return Granted::Everybodys,
            DomainAct::Objected => rules.object_domain(domain, false),
            DomainAct::ObjectedWithSubdomains => rules.object_domain(domain, true),
        };
        match is_new {
            true => Granted::New,
            false => Granted::Known,
        }
    }

    /// The step, of which sinks are told unless it lifts what those rules still stop.
    fn step(&self, at: Timestamp, sinks: &Sinks, rules: &Rules) -> NewStep {
        let domain = self.domain.as_str();
        let step = DomainStep {
            domain: domain.to_owned(),
            act: self.act,
            evidence: self.evidence.clone(),
            at,
        };
        let is_stopped = self.act == DomainAct::Lifted && rules.domain_objects(domain);
        let events = match is_stopped {
            true => Vec::new(),
            false => sinks.step_events(&step),
        };
        NewStep { step, events }
    }
}
