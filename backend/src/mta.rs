//! The gate at the mail server: Postfix asks about each recipient, by its protocol for delegated
//! access rules, and is told to refuse the recipient, to go on, or to let the mail wait.
//!
//! What cannot be decided waits: nothing that goes wrong here lets a mailing out.

use std::io;
use std::sync::Arc;

use anyhow::Context as _;
use shared::address::Address;
use shared::decision::{Decision, Question, Withheld};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use self::listener::Listener;
use self::request::Malformed;
use crate::clock::World;
use crate::config::Mta;
use crate::gate::{Check, Gate};
use crate::metrics::{self, Metrics, Told};

mod listener;
mod request;

/// Connections of one port at the same time. Each process of the mail server holds one; Postfix
/// starts a hundred unless told otherwise.
const CONNECTIONS: usize = 1_000;

/// A port at which a mail server asks.
pub struct Port {
    listener: Listener,
    asked: Arc<Asked>,
}

/// What is asked about each recipient, and who answers.
struct Asked {
    gate: Gate,
    world: Arc<dyn World>,
    question: Question,
    metrics: Arc<Metrics>,
}

/// What the mail server is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// The recipient may be mailed: go on to the next restriction.
    Pass,
    /// The recipient must not be mailed: refused for good.
    Refuse,
    /// That cannot be decided: the mail stays where it is and comes again.
    Wait,
}

/// Why nothing could be decided.
#[derive(Debug, thiserror::Error)]
enum Undecided {
    #[error("{0}")]
    Request(#[from] Malformed),
    #[error("the store cannot be read")]
    Store,
    #[error("no notice in force states the purpose, topic and channel of this port")]
    UnknownPurpose,
    #[error("the legitimate-interests assessment is missing or due for review")]
    LiaMissing,
}

impl Port {
    /// Listens where the configuration says, and counts there what is answered.
    ///
    /// # Errors
    /// When that address or path cannot be listened on.
    pub async fn open(
        mta: &Mta,
        gate: Gate,
        world: Arc<dyn World>,
        metrics: Arc<Metrics>,
    ) -> anyhow::Result<Self> {
        let listener = Listener::open(&mta.listen)
            .await
            .with_context(|| format!("[[mta]] cannot listen on {}", mta.listen))?;
        let question = mta.question();
        Ok(Self {
            listener,
            asked: Arc::new(Asked {
                gate,
                world,
                question,
                metrics,
            }),
        })
    }

    /// Answers until asked to stop; a question that was asked by then is answered.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        let mut connections = JoinSet::new();
        loop {
            let stream = tokio::select! {
                stream = self.listener.accept() => stream,
                _ = stop.wait_for(|stop| *stop) => break,
            };
            while connections.try_join_next().is_some() {}
            let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                tracing::warn!("a mail server opened more connections than are answered at once");
                continue;
            };
            let (asked, stop) = (Arc::clone(&self.asked), stop.clone());
            connections.spawn(async move {
                let _place = place;
                // Whoever has gone asks again.
                let _ = converse(stream, &asked, stop).await;
            });
        }
        while connections.join_next().await.is_some() {}
    }
}

impl Asked {
    async fn answer(&self, request: &[u8]) -> Result<Verdict, Undecided> {
        let recipient = request::recipient(request)?;
        let check = Check {
            address: std::str::from_utf8(recipient)
                .ok()
                .and_then(|text| Address::parse(text).ok()),
            question: self.question.clone(),
        };
        let answer = self.gate.decide(&[check], self.world.now()).await;
        let answer = answer.map_err(|_| Undecided::Store)?;
        self.metrics
            .decided(metrics::Asked::MailServer, &answer.decisions);
        match answer.decisions.first() {
            Some(Decision::Proceed { .. }) => Ok(Verdict::Pass),
            Some(Decision::Withhold { reasons, .. }) => match reasons.first() {
                // Nobody's choice but the operator's omission: refusing for good would lose the
                // mail, and tools would strike the recipients off their lists.
                Some(Withheld::UnknownPurpose) => Err(Undecided::UnknownPurpose),
                Some(Withheld::LiaMissing) => Err(Undecided::LiaMissing),
                _ => Ok(Verdict::Refuse),
            },
            None => Err(Undecided::Store),
        }
    }
}

impl Verdict {
    const fn told(self) -> Told {
        match self {
            Self::Pass => Told::Pass,
            Self::Refuse => Told::Refuse,
            Self::Wait => Told::Wait,
        }
    }

    /// The answer as Postfix reads it. It says nothing of the recipient, and nothing of why.
    const fn reply(self) -> &'static str {
        match self {
            Self::Pass => "action=DUNNO\n\n",
            Self::Refuse => {
                "action=550 5.7.1 This mailing is withheld: it may not be sent to this recipient\n\n"
            }
            Self::Wait => {
                "action=450 4.7.1 This mailing waits: it cannot be decided now whether it may be sent\n\n"
            }
        }
    }
}

/// Answers one question after another.
async fn converse(
    stream: impl AsyncRead + AsyncWrite,
    asked: &Asked,
    mut stop: watch::Receiver<bool>,
) -> io::Result<()> {
    let (reading, mut writing) = tokio::io::split(stream);
    let mut reading = BufReader::new(reading);
    let mut in_trouble = false;
    loop {
        let request = tokio::select! {
            biased;
            request = request::next(&mut reading) => request?,
            _ = stop.wait_for(|stop| *stop) => return Ok(()),
        };
        let (verdict, goes_on) = match request {
            Ok(None) => return Ok(()),
            Ok(Some(request)) => (asked.answer(&request).await, true),
            Err(broken) => (Err(broken.into()), false),
        };
        let verdict = verdict.unwrap_or_else(|why| {
            // Once per trouble, not once per recipient of a mailing.
            if !in_trouble {
                tracing::error!(%why, "a mail server was told to wait: nothing could be decided");
            }
            in_trouble = true;
            Verdict::Wait
        });
        in_trouble &= verdict == Verdict::Wait;
        asked.metrics.told(verdict.told());
        writing.write_all(verdict.reply().as_bytes()).await?;
        writing.flush().await?;
        if !goes_on {
            return Ok(());
        }
    }
}
