//! `sayso mail-in`: one message from standard input, as Postfix pipes it.

use std::fmt;
use std::io::Read as _;

use anyhow::{Context as _, ensure};
use clap::Args;
use serde::Serialize;
use shared::entry::{Actor, Assurance, Evidence, Method, Surface};
use shared::purpose::Channel;
use shared::scope::Scope;

use super::{Ending, Place};
use crate::assets;
use crate::mail::incoming::{Delivery, Incoming, Reader, Whom, Whose};
use crate::recording::{Objection, Recorder, Reported};

/// Bytes of a message at most. What comes in here is short; a longer one waits for somebody to look.
const MOST: u64 = 32 * 1024 * 1024;

/// Takes a message: an unsubscription, a delivery report or a spam complaint.
#[derive(Debug, Args)]
pub(super) struct MailIn {
    /// The envelope's sender; empty for reports.
    #[arg(long, allow_hyphen_values = true)]
    sender: Option<String>,
    /// Whom the message was delivered to; without it, its headers are asked.
    recipients: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Answer {
    taken: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
}

/// Whatever fails, fails for now: the mail system keeps the message and comes again.
pub(super) async fn run(place: &Place, mail: MailIn) -> anyhow::Result<Ending> {
    match take(place, mail).await {
        Ok(answer) => {
            place.answer(&answer)?;
            Ok(Ending::Yes)
        }
        Err(error) => {
            eprintln!("sayso: {error:#}");
            Ok(Ending::Later)
        }
    }
}

async fn take(place: &Place, mail: MailIn) -> anyhow::Result<Answer> {
    let mut message = Vec::new();
    std::io::stdin()
        .lock()
        .take(MOST + 1)
        .read_to_end(&mut message)
        .context("the message cannot be read")?;
    ensure!(
        u64::try_from(message.len()).is_ok_and(|length| length <= MOST),
        "the message is too long"
    );
    let config = place.load()?;
    let secrets = place.secrets(&config)?;
    let store = place.open_with(&secrets).await?;
    let recorder = place.recorder(store, &config, &secrets).await?;
    let reader = Reader {
        mail: &config.mail,
        base: &place.base_url(&config)?,
        secrets: &secrets,
    };
    let delivery = Delivery {
        sender: mail.sender,
        recipients: mail.recipients,
    };
    let taken = match reader.read(&message, &delivery) {
        Incoming::Nothing(why) => {
            return Ok(Answer {
                taken: "nothing",
                why: Some(why),
            });
        }
        Incoming::Unsubscribe(whose) => {
            unsubscribe(&recorder, whose).await?;
            "unsubscribed"
        }
        Incoming::Bounced(whose) => {
            report(&recorder, whose, Reported::Bounced).await?;
            "bounced"
        }
        Incoming::Spam(whose) => {
            report(&recorder, whose, Reported::Spam).await?;
            "spam_reported"
        }
    };
    Ok(Answer { taken, why: None })
}

/// All direct marketing by e-mail: a message says no more than that.
async fn unsubscribe(recorder: &Recorder, whose: Whose) -> anyhow::Result<()> {
    let (whom, assurance) = match whose {
        Whose::Known(whom) => (whom, Assurance::OneClickToken),
        Whose::Named(whom) => (whom, Assurance::Unverified),
    };
    let objection = Objection {
        keys: whom.keys.clone(),
        judged_by: None,
        scope: Scope {
            channel: Some(Channel::Email),
            ..Scope::ALL
        },
        until: None,
        evidence: Evidence {
            actor: Actor::DataSubject,
            assurance,
            surface: Surface::Mailto,
            method: Method::Message,
            ..evidence()
        },
    };
    about(recorder, &whom).object(&objection).await?;
    Ok(())
}

async fn report(recorder: &Recorder, whose: Whose, reported: Reported) -> anyhow::Result<()> {
    let (Whose::Known(whom) | Whose::Named(whom)) = whose;
    let recorder = about(recorder, &whom);
    recorder.report(&whom.keys, reported, &evidence()).await?;
    Ok(())
}

/// A mark names nobody: where the address is not known, sinks are told that somebody's choice changed.
fn about(recorder: &Recorder, whom: &Whom) -> Recorder {
    match &whom.address {
        Some(address) => recorder.about(address),
        None => recorder.clone(),
    }
}

fn evidence() -> Evidence {
    Evidence::off_page(
        Actor::MailReceiver,
        Assurance::Unverified,
        Surface::MailSystem,
        Method::Report,
        assets::ui_build(),
    )
}

impl fmt::Display for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.why {
            None => write!(out, "Taken: {}.", self.taken),
            Some(why) => write!(out, "Nothing was recorded: {why}."),
        }
    }
}
