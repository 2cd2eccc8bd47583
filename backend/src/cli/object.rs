//! `sayso object ADDRESS --purpose P --evidence TEXT`: somebody told us, by phone or by letter.

use std::fmt;

use anyhow::Context as _;
use clap::Args;
use serde::Serialize;
use shared::entry::{Actor, Assurance, Evidence, Method, Surface};
use shared::purpose::{Channel, PurposeClass, PurposeKey, TopicKey};
use shared::rules::Rules;
use shared::scope::Scope;
use shared::time::Timestamp;

use super::usage::{self, wrong};
use super::{Ending, Place, world};
use crate::assets;
use crate::recording::Objection;

/// Records an objection or, with --until, a pause.
#[derive(Debug, Args)]
pub(super) struct Object {
    /// The e-mail address.
    address: String,
    /// The purpose; `all` for all direct marketing.
    #[arg(long)]
    purpose: String,
    /// One topic; without it all of them.
    #[arg(long)]
    topic: Option<String>,
    /// One channel; without it all of them.
    #[arg(long, value_parser = usage::channel)]
    channel: Option<Channel>,
    /// The end of a pause: a date or an RFC 3339 moment.
    #[arg(long, value_parser = Timestamp::parse_end)]
    until: Option<Timestamp>,
    /// Where the letter, note or call is kept. No names, no addresses.
    #[arg(long, value_name = "TEXT")]
    evidence: String,
}

#[derive(Debug, Serialize)]
struct Answer {
    reference: String,
    recorded_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
}

pub(super) async fn run(place: &Place, object: Object) -> anyhow::Result<Ending> {
    let config = place.load()?;
    let secrets = place.secrets(&config)?;
    let store = place.open_with(&secrets).await?;
    let world = world();
    let now = world.now();
    let address = usage::address(&object.address)?;
    let rules = store.look_up(&[]).await?.rules.context(
        "no notice is published yet: run `sayso notice publish DIR`, then record the objection",
    )?;
    let scope = scope(&rules.rules, &object)?;
    let until = object.until;
    if until.is_some_and(|end| end <= now) {
        return Err(wrong(
            "--until must be in the future; leave it out to object for good",
        ));
    }
    let evidence = attested(usage::evidence(&object.evidence)?);
    let recorder = place.recorder(store, &config, &secrets).await?;
    let recorder = recorder.about(&address);
    let recorded = recorder
        .object(&Objection {
            keys: secrets.keys(&address),
            judged_by: None,
            scope,
            until,
            evidence,
        })
        .await?;
    place.answer(&Answer {
        reference: recorded.reference,
        recorded_at: recorded.recorded_at,
        until,
    })?;
    Ok(Ending::Yes)
}

/// The evidence of what staff were told.
pub(super) fn attested(reference: String) -> Evidence {
    Evidence {
        reference: Some(reference),
        ..Evidence::off_page(
            Actor::Staff,
            Assurance::StaffAttested,
            Surface::CommandLine,
            Method::ToldStaff,
            assets::ui_build(),
        )
    }
}

fn scope(rules: &Rules, object: &Object) -> anyhow::Result<Scope> {
    let channel = object.channel;
    if object.purpose == "all" {
        if object.topic.is_some() {
            return Err(wrong("--topic needs the purpose that it is a part of"));
        }
        return Ok(Scope {
            channel,
            ..Scope::ALL
        });
    }
    let names = || {
        rules
            .purposes
            .iter()
            .filter(|(_, rule)| rule.class == PurposeClass::DirectMarketing)
            .map(|(purpose, _)| purpose.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let purpose = PurposeKey::parse(&object.purpose).map_err(wrong)?;
    let Some(rule) = rules.purposes.get(&purpose) else {
        let names = names();
        return Err(wrong(format_args!(
            "no notice states this purpose; there are: {names}, all"
        )));
    };
    if rule.class != PurposeClass::DirectMarketing {
        return Err(wrong(format_args!(
            "an objection to {purpose} is weighed by a person (Art. 21(1)); only direct marketing \
             stops at once: {}",
            names()
        )));
    }
    let topic = object.topic.as_deref().map(TopicKey::parse);
    let topic = topic.transpose().map_err(wrong)?;
    if let Some(topic) = topic.as_ref().filter(|topic| !rule.topics.contains(topic)) {
        let topics: Vec<_> = rule.topics.iter().map(TopicKey::as_str).collect();
        return Err(wrong(format_args!(
            "{purpose} has no topic {topic}; it has: {}",
            topics.join(", ")
        )));
    }
    Ok(Scope {
        purpose: Some(purpose),
        topic,
        channel,
    })
}

impl fmt::Display for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Recorded at {}; it counts from now", self.recorded_at)?;
        if let Some(until) = self.until {
            write!(out, " until {until}")?;
        }
        write!(out, ".\n  reference: {}", self.reference)
    }
}
