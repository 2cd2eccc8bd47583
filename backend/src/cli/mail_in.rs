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
use crate::mail::incoming::{Delivery, Incoming, Reader, Whom, Whose};
use crate::mail::reported;
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
    /// Whether a person wrote it, who is told by the mail system in these words.
    #[serde(skip)]
    is_unread: bool,
}

/// Whatever fails, fails for now: the mail system keeps the message and comes again.
pub(super) async fn run(place: &Place, mail: MailIn) -> anyhow::Result<Ending> {
    match take(place, mail).await {
        Ok(answer) => {
            place.answer(&answer)?;
            Ok(match answer.is_unread {
                true => Ending::Unread,
                false => Ending::Yes,
            })
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
    let (all, taken) = match reader.read(&message, &delivery) {
        Incoming::Nothing(why) => return Ok(Answer::nothing(why, false)),
        Incoming::Unread(why) => return Ok(Answer::nothing(why, true)),
        Incoming::Unsubscribe(all) => (all, Taken::Unsubscribed),
        Incoming::Bounced(all) => (all, Taken::Reported(Reported::Bounced)),
        Incoming::Spam(all) => (all, Taken::Reported(Reported::Spam)),
    };
    for whose in all {
        match taken {
            Taken::Unsubscribed => unsubscribe(&recorder, whose).await?,
            Taken::Reported(reported) => report(&recorder, whose, reported).await?,
        }
    }
    Ok(Answer {
        taken: taken.as_str(),
        why: None,
        is_unread: false,
    })
}

/// What a message brought.
#[derive(Debug, Clone, Copy)]
enum Taken {
    Unsubscribed,
    Reported(Reported),
}

impl Taken {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Unsubscribed => "unsubscribed",
            Self::Reported(Reported::Bounced) => "bounced",
            Self::Reported(Reported::Spam) => "spam_reported",
        }
    }
}

impl Answer {
    const fn nothing(why: &'static str, is_unread: bool) -> Self {
        Self {
            taken: "nothing",
            why: Some(why),
            is_unread,
        }
    }
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
            ..reported()
        },
    };
    about(recorder, &whom).object(&objection).await?;
    Ok(())
}

async fn report(recorder: &Recorder, whose: Whose, what: Reported) -> anyhow::Result<()> {
    let (Whose::Known(whom) | Whose::Named(whom)) = whose;
    let recorder = about(recorder, &whom);
    recorder.report(&whom.keys, what, &reported()).await?;
    Ok(())
}

/// A mark names nobody: where the address is not known, sinks are told that somebody's choice changed.
fn about(recorder: &Recorder, whom: &Whom) -> Recorder {
    match &whom.address {
        Some(address) => recorder.about(address),
        None => recorder.clone(),
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.why {
            None => write!(out, "Taken: {}.", self.taken),
            Some(why) if self.is_unread => write!(
                out,
                "Nobody reads mail to this address, and nothing was recorded: {why}. To stop mailings, \
                 use the link in one of them, or write to the contact that the privacy notice names."
            ),
            Some(why) => write!(out, "Nothing was recorded: {why}."),
        }
    }
}
