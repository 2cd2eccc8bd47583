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

use super::{Ending, Place, usage, world};
use crate::gate::{self, Gate};
use crate::http::{CheckRequest, DecisionAnswer, DecisionsAnswer, DecisionsRequest};
use crate::remote::Remote;

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
    #[arg(long, default_value = "email", value_parser = usage::channel)]
    channel: Channel,
    /// The country, as two letters, if you know it.
    #[arg(long, value_parser = Country::parse)]
    country: Option<Country>,
    /// corporate or individual, if you know it.
    #[arg(long, value_parser = usage::subscriber)]
    subscriber: Option<Subscriber>,
    /// This mailing tells the person of the right to object, set apart from all else.
    #[arg(long)]
    first_contact: bool,
    /// Ask this Sayso over the network instead of a data directory.
    #[arg(long, value_name = "URL", requires = "key", env = "SAYSO_SERVER")]
    server: Option<String>,
    /// The API key for --server, with the scope gate:check.
    #[arg(long, env = "SAYSO_KEY", hide_env_values = true)]
    key: Option<String>,
}

#[derive(Debug, Serialize)]
struct Answer {
    #[serde(flatten)]
    decision: DecisionAnswer,
    /// Whether the mailbox is no individual's, such as `info@`. It is no reason.
    role_mailbox: bool,
    at: Timestamp,
    as_of: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<Digest>,
}

pub(super) async fn run(place: &Place, check: Check) -> anyhow::Result<Ending> {
    let answer = match (&check.server, &check.key) {
        (Some(server), Some(key)) => afar(&Remote::new(server, key)?, &check).await?,
        _ => here(place, &check).await?,
    };
    let answer = Answer {
        role_mailbox: Address::parse(&check.address).is_ok_and(|address| address.is_role()),
        ..answer
    };
    place.answer(&answer)?;
    Ok(Ending::of(answer.decision.proceed))
}

/// The gate of the data directory.
async fn here(place: &Place, check: &Check) -> anyhow::Result<Answer> {
    let config = place.load()?;
    let secrets = place.secrets(&config)?;
    let gate = Gate::new(place.open_with(&secrets).await?, Arc::new(secrets));
    let topic = check.topic.as_deref().map(TopicKey::parse);
    let question = Question {
        purpose: match topic {
            Some(Err(_)) => None,
            _ => PurposeKey::parse(&check.purpose).ok(),
        },
        topic: topic.and_then(Result::ok),
        channel: check.channel,
        stated: Stated {
            country: check.country,
            subscriber: check.subscriber,
        },
        first_contact: check.first_contact,
    };
    let asked = gate::Check {
        address: Address::parse(&check.address).ok(),
        question,
    };
    let answer = gate.decide(&[asked], world().now()).await?;
    Answer::of(DecisionsAnswer::of(answer))
}

/// The gate of a server.
async fn afar(remote: &Remote, check: &Check) -> anyhow::Result<Answer> {
    let question = DecisionsRequest {
        purpose: check.purpose.clone(),
        topic: check.topic.clone(),
        channel: Some(check.channel.to_string()),
        checks: vec![CheckRequest {
            address: check.address.clone(),
            country: check.country.map(|country| country.to_string()),
            subscriber: check.subscriber.map(|class| class.as_str().to_owned()),
            first_contact: check.first_contact,
        }],
    };
    Answer::of(remote.decide(&question).await?)
}

impl Answer {
    fn of(answer: DecisionsAnswer) -> anyhow::Result<Self> {
        let decision = answer.decisions.into_iter().next();
        Ok(Self {
            decision: decision.context("the gate gave no answer")?,
            role_mailbox: false,
            at: answer.at,
            as_of: answer.as_of,
            rules: answer.rules,
        })
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.decision.proceed {
            "proceed"
        } else {
            "withhold"
        };
        let reasons: Vec<_> = self
            .decision
            .reasons
            .iter()
            .map(|reason| reason.as_str())
            .collect();
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
        if let Some(by) = self.decision.notice_due_by {
            let last = by.last_day();
            match self.at < by {
                true => write!(
                    out,
                    "\n  tell the person by {last} that you have their address"
                )?,
                false => write!(
                    out,
                    "\n  overdue since {last}: tell the person that you have their address"
                )?,
            }
            out.write_str(", from whom, and what for (Art. 14)")?;
        }
        if self.role_mailbox {
            write!(
                out,
                "\n  several people may read this mailbox: each of them can object for it"
            )?;
        }
        for entry in &self.decision.evidence {
            write!(out, "\n  evidence: entry {entry}")?;
        }
        write!(out, "\n  as of entry {} at {}", self.as_of, self.at)
    }
}
