//! `sayso check ADDRESS --purpose P`.

use std::fmt;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use serde::Serialize;
use shared::address::Address;
use shared::decision::{Question, Stated};
use shared::digest::Digest;
use shared::facts::{Country, Subscriber};
use shared::purpose::{Channel, PurposeKey, TopicKey};
use shared::time::Timestamp;

use super::{Ending, Place, world};
use crate::gate::{self, Gate};
use crate::http::{DecisionAnswer, Reason};

/// Asks the gate about one address.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// The e-mail address.
    address: String,
    /// The purpose, such as `info_about_us`.
    #[arg(long)]
    purpose: String,
    /// One topic; without it the question is about anything of the purpose.
    #[arg(long)]
    topic: Option<String>,
    /// email, phone, post or sms.
    #[arg(long, default_value = "email")]
    channel: String,
    /// The country, as two letters, if you know it.
    #[arg(long)]
    country: Option<String>,
    /// corporate or individual, if you know it.
    #[arg(long)]
    subscriber: Option<String>,
    /// This mailing tells the person of the right to object, set apart from all else.
    #[arg(long)]
    first_contact: bool,
}

#[derive(Debug, Serialize)]
struct Answer {
    #[serde(flatten)]
    decision: DecisionAnswer,
    at: Timestamp,
    as_of: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<Digest>,
}

pub(super) async fn run(place: &Place, check: Check) -> anyhow::Result<Ending> {
    let config = place.load()?;
    let secrets = config.secrets.check()?;
    let gate = Gate::new(place.open()?, Arc::new(secrets));
    let topic = check.topic.as_deref().map(TopicKey::parse);
    let question = Question {
        purpose: match topic {
            Some(Err(_)) => None,
            _ => PurposeKey::parse(&check.purpose).ok(),
        },
        topic: topic.and_then(Result::ok),
        channel: Channel::parse(&check.channel)
            .context("--channel is one of email, phone, post and sms")?,
        stated: stated(check.country.as_deref(), check.subscriber.as_deref())?,
        first_contact: check.first_contact,
    };
    let asked = gate::Check {
        address: Address::parse(&check.address).ok(),
        question,
    };
    let answer = gate.decide(&[asked], world().now()).await?;
    let decision = answer
        .decisions
        .into_iter()
        .next()
        .context("the gate gave no answer")?;
    let ending = if decision.proceeds() {
        Ending::Yes
    } else {
        Ending::No
    };
    place.answer(&Answer {
        decision: decision.into(),
        at: answer.at,
        as_of: answer.as_of,
        rules: answer.rules,
    })?;
    Ok(ending)
}

/// What the caller states about a contact.
fn stated(country: Option<&str>, subscriber: Option<&str>) -> anyhow::Result<Stated> {
    Ok(Stated {
        country: country.map(Country::parse).transpose()?,
        subscriber: subscriber
            .map(|text| Subscriber::parse(text).context("--subscriber is corporate or individual"))
            .transpose()?,
    })
}

impl fmt::Display for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.decision.proceed {
            "proceed"
        } else {
            "withhold"
        };
        let reasons: Vec<_> = self.decision.reasons.iter().map(reason).collect();
        write!(out, "{verdict}: {}", reasons.join(", "))?;
        if let Some(basis) = self.decision.legal_basis {
            write!(out, "\n  legal basis: {} ({basis})", basis.article())?;
        }
        if !self.decision.obligations.is_empty() {
            write!(
                out,
                "\n  tell the person of the right to object in this message (Art. 21(4))"
            )?;
        }
        for entry in &self.decision.evidence {
            write!(out, "\n  evidence: entry {entry}")?;
        }
        write!(out, "\n  as of entry {} at {}", self.as_of, self.at)
    }
}

fn reason(reason: &Reason) -> String {
    serde_json::to_value(reason)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}
