//! The mailer: takes letters out of the outbox and hands them to the carrier.
//!
//! A letter is taken for a while, handed over, and only then dropped: a process that dies in
//! between leaves it in the outbox. One that was handed over and could not be dropped any more is
//! sent again under the same `Message-ID`.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use shared::address::Address;
use shared::time::Timestamp;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::cap::{Cap, Place};
use super::carrier::{Carrier, Refusal};
use super::letter::{Letter, Post};
use super::message::{Finished, Sender};
use super::tag;
use crate::clock::World;
use crate::config::Config;
use crate::metrics::Metrics;
use crate::recording::{Recorder, Reported};
use crate::secrets::Secrets;
use crate::shelf::{ShelfError, ShelfKeeper};
use crate::sinks::Sinks;
use crate::store::outbox::{DueLetter, Outbox};
use crate::store::{StoreError, Write};

/// How often the outbox is looked into. Commands write into it beside a running service.
const LOOK: Duration = Duration::from_millis(500);
/// Letters that are handed over at the same time: a slow server holds up no link.
const HANDS: usize = 4;
/// How long a letter is taken for. After a process has died, what it had in hand waits no longer.
const TAKEN_MS: i64 = 60_000;
/// How often that is renewed while the carrier has the letter.
pub const RENEWED: Duration = Duration::from_secs(20);
/// The pause after the first failure, doubled with each, and the longest one.
const FIRST_MS: i64 = 5_000;
const LONGEST_MS: i64 = 30 * 60 * 1000;
/// How long a letter is tried that is refused without a word on what is wrong: until then a server that was
/// set up wrong is mended.
const UNSAID_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// How often at least: a service that was stopped for a week has tried nothing.
const UNSAID: u32 = 100;
/// Why a letter cannot be read here, and what to do about it.
const SEALED: &str =
    "its seal is not known: restart the service with every secrets.seal of its time";
const UNWORDED: &str = "it cannot be put into a message: see that smtp and the contact of its notice are \
     right, and that this is the newest Sayso here";

/// Sends what waits.
pub struct Mailer {
    outbox: Arc<dyn Outbox>,
    post: Post,
    shelf: ShelfKeeper,
    sender: Sender,
    carrier: Carrier,
    world: Arc<dyn World>,
    secrets: Arc<Secrets>,
    base: String,
    bounces: Option<String>,
    recorder: Recorder,
    cap: Cap,
    renewed: Duration,
}

/// Why a letter that was taken cannot be handed over now.
enum Held {
    /// The notices cannot be read.
    NoNotice(ShelfError),
    /// This process cannot read it: another may, which has all keys and is no older.
    Unreadable(&'static str),
}

impl Mailer {
    /// A mailer for that store, as the configuration says; `base` is where links lead. A letter in
    /// hand is taken anew every `renewed`, which is [`RENEWED`] but in tests.
    pub fn new(
        store: Arc<dyn Write>,
        config: &Config,
        secrets: Arc<Secrets>,
        world: Arc<dyn World>,
        carrier: Carrier,
        base: &str,
        renewed: Duration,
    ) -> anyhow::Result<Self> {
        let sinks = Sinks::new(config, secrets.clone(), world.clone());
        Ok(Self {
            post: Post::new(secrets.clone(), world.clone()),
            recorder: Recorder::new(store.clone(), world.clone()).telling(sinks),
            secrets,
            bounces: config.mail.bounces.clone(),
            shelf: ShelfKeeper::new(store.clone()),
            outbox: store,
            sender: Sender::new(config)?,
            carrier,
            world,
            base: base.to_owned(),
            renewed,
            cap: Cap::new(config.mail.per_hour),
        })
    }

    /// The same, which also counts there what it records.
    #[must_use]
    pub fn counting(self, metrics: Arc<Metrics>) -> Self {
        Self {
            recorder: self.recorder.counting(metrics),
            ..self
        }
    }

    /// Sends until asked to stop; a letter that is being handed over then is finished.
    pub async fn run(self: Arc<Self>, stop: watch::Receiver<bool>) {
        let mut hands = JoinSet::new();
        for _ in 0..HANDS {
            let (mailer, mut stop) = (Arc::clone(&self), stop.clone());
            hands.spawn(async move {
                while !*stop.borrow() {
                    match mailer.send_one().await {
                        Ok(true) => continue,
                        Ok(false) => {}
                        Err(error) => tracing::warn!(%error, "the outbox cannot be read"),
                    }
                    tokio::select! {
                        () = tokio::time::sleep(LOOK) => {}
                        asked = stop.wait_for(|stop| *stop) => if asked.is_err() { break },
                    }
                }
            });
        }
        while hands.join_next().await.is_some() {}
    }

    /// Sends the letter that comes first of those that are due; `false` when none is due or none may
    /// leave.
    pub async fn send_one(&self) -> Result<bool, StoreError> {
        let now = self.world.now();
        if self.outbox.next_letter().await?.is_none_or(|due| due > now) {
            return Ok(false);
        }
        let Some(mut place) = self.cap.place(now) else {
            return Ok(false);
        };
        let until = now.plus_millis(TAKEN_MS);
        let (lowest, first) = (place.lowest(), place.first());
        let taken = self.outbox.take_letter(now, until, lowest, first).await?;
        let Some(due) = taken else {
            return Ok(false);
        };
        place.is_for(due.rank);
        match self.finish(&due, now).await {
            Ok(letter) => self.hand_over(&due, &letter, place).await?,
            Err(Held::NoNotice(error)) => {
                tracing::warn!(letter = due.no, %error, "a letter waits: its notice cannot be read");
                self.put_back(&due, now, None).await?;
            }
            Err(Held::Unreadable(why)) => {
                tracing::error!(
                    letter = due.no,
                    why,
                    "a letter waits: it cannot be read here"
                );
                self.put_back(&due, now, None).await?;
            }
        }
        Ok(true)
    }

    async fn finish(&self, due: &DueLetter, now: Timestamp) -> Result<Finished, Held> {
        let letter = self.post.open(&due.sealed);
        let letter: Letter = letter.ok_or(Held::Unreadable(SEALED))?;
        let shelf = self.shelf.shelf().await.map_err(Held::NoNotice)?;
        let notice = shelf
            .in_force(&letter.notice)
            .and_then(|shelved| shelved.structured())
            .or_else(|| {
                shelf
                    .all_in_force()
                    .find_map(|shelved| shelved.structured())
            })
            .ok_or(Held::NoNotice(ShelfError::Empty))?;
        self.sender
            .message(&letter, &due.sealed, notice, &self.base, now)
            .map_err(|_| Held::Unreadable(UNWORDED))
    }

    async fn hand_over(
        &self,
        due: &DueLetter,
        letter: &Finished,
        place: Place<'_>,
    ) -> Result<(), StoreError> {
        let sender = self.returns_to(letter);
        let mut carried = pin!(self.carrier.carry(letter, &sender));
        let told = loop {
            tokio::select! {
                told = &mut carried => break told,
                () = tokio::time::sleep(self.renewed) => self.keep(due).await,
            }
        };
        match told {
            Ok(()) => {
                tracing::info!(letter = due.no, "a letter was handed over");
                place.keep();
                self.outbox.drop_letter(due.no).await
            }
            Err(Refusal::Later(code)) => {
                if !matches!(self.carrier, Carrier::Nothing) {
                    tracing::warn!(
                        letter = due.no,
                        code,
                        "a letter was not taken and is tried again"
                    );
                }
                self.put_back(due, self.world.now(), None).await
            }
            Err(Refusal::Unsaid(code)) => self.refused(due, code).await,
            Err(Refusal::Never(code)) => {
                tracing::warn!(
                    letter = due.no,
                    code,
                    "a letter was refused for good and dropped"
                );
                self.outbox.drop_letter(due.no).await
            }
            Err(Refusal::NoMailbox(code)) => {
                self.report(letter).await?;
                tracing::warn!(
                    letter = due.no,
                    code,
                    "a letter was refused for good and dropped: its receiver's mailbox takes none, so \
                     the gate withholds"
                );
                self.outbox.drop_letter(due.no).await
            }
        }
    }

    /// Tries again what was refused without a word on what is wrong, until it has been refused for long.
    async fn refused(&self, due: &DueLetter, code: u16) -> Result<(), StoreError> {
        let now = self.world.now();
        let since = due.refused_since.unwrap_or(now);
        if since.plus_millis(UNSAID_MS) > now || due.attempts < UNSAID {
            tracing::warn!(
                letter = due.no,
                code,
                "a letter was refused without a status and is tried again"
            );
            return self.put_back(due, now, Some(now)).await;
        }
        tracing::error!(
            letter = due.no,
            code,
            "a letter was refused for a week without a status and dropped: whoever was to get it was not told. \
             See that the mail server takes letters to every domain"
        );
        self.outbox.drop_letter(due.no).await
    }

    /// Records that mail to this receiver came back for good, which also ends what they were to confirm
    /// (EML-12).
    async fn report(&self, letter: &Finished) -> Result<(), StoreError> {
        let to: &str = letter.to.as_ref();
        let Ok(to) = Address::of_kept(to) else {
            return Ok(());
        };
        let recorder = self.recorder.about(&to);
        let keys = self.secrets.keys(&to);
        recorder
            .report(&keys, Reported::Bounced, &super::reported())
            .await
    }

    /// Nobody else takes the letter while it is being handed over.
    async fn keep(&self, due: &DueLetter) {
        let until = self.world.now().plus_millis(TAKEN_MS);
        if let Err(error) = self.outbox.put_letter_back(due.no, until, None).await {
            tracing::warn!(letter = due.no, %error, "a letter in hand may be sent twice");
        }
    }

    /// The envelope's sender: whose letter it was is known when it comes back (EML-04).
    fn returns_to(&self, letter: &Finished) -> String {
        let to: &str = letter.to.as_ref();
        self.bounces
            .as_deref()
            .zip(Address::of_kept(to).ok())
            .and_then(|(mailbox, to)| tag::tagged(mailbox, tag::Use::Bounce, &to, &self.secrets))
            .unwrap_or_else(|| letter.from.to_string())
    }

    /// Due again after a pause that doubles each time, give or take a quarter, or at its end.
    async fn put_back(
        &self,
        due: &DueLetter,
        now: Timestamp,
        refused: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let doubled = FIRST_MS.saturating_mul(1_i64 << due.attempts.min(20));
        let pause = doubled.min(LONGEST_MS);
        let [chance] = self.world.bytes::<1>();
        let pause = pause * (192 + i64::from(chance) / 2) / 256;
        let again = now.plus_millis(pause).min(due.not_after);
        self.outbox.put_letter_back(due.no, again, refused).await
    }
}
