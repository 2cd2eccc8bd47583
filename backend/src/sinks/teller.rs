//! The teller: takes events out of the store and tells the sinks.
//!
//! An event is taken for a while, sent, and only then marked as told: a process that dies in between
//! leaves it to be sent again, under the same `webhook-id`.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::caller::{Caller, Outcome};
use super::trouble::Trouble;
use super::{DomainEvent, Event, Sinks, event};
use crate::config::Sink;
use crate::store::events::{DueEvent, Failure, Whereof};
use crate::store::{StoreError, Write};

/// How often events are looked for. Commands write them beside a running service.
const LOOK: Duration = Duration::from_millis(500);
/// How often it is asked whether any waits too long.
const WATCH: Duration = Duration::from_secs(15 * 60);
/// Events of one sink that are sent at the same time.
const HANDS: usize = 4;
/// How long an event is taken for: longer than a call may take.
const TAKEN_MS: i64 = 60 * 1000;
/// The pause after the first failure, doubled with each, and the longest one.
const FIRST_MS: i64 = 5_000;
const LONGEST_MS: i64 = 60 * 60 * 1000;
const HOUR_MS: i64 = 60 * 60 * 1000;
/// Since when an event must have waited to raise an alarm (LAW-31).
pub const ALARM_MS: i64 = 24 * HOUR_MS;
/// Since when it must have waited for somebody to be called: four hours are left (LAW-31, UNS-12).
pub const PAGE_MS: i64 = 44 * HOUR_MS;
/// Something was recorded so far ahead that the clock was wrong, then or now.
const AHEAD_MS: i64 = -HOUR_MS;

/// How bad it is that a sink was not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing has waited for a day.
    Fine,
    /// Something has waited for a day, or was recorded by a clock that was ahead.
    Alarm,
    /// Something has waited for 44 hours: after 48 the law is broken.
    Page,
}

impl Level {
    /// The level for what has waited that many milliseconds. Of what was recorded at a time to come
    /// nobody knows how long it has.
    #[must_use]
    pub const fn of(waited: i64) -> Self {
        match waited {
            PAGE_MS.. => Self::Page,
            ALARM_MS.. | ..AHEAD_MS => Self::Alarm,
            _ => Self::Fine,
        }
    }
}

/// Why an event is put back: the status that was answered, or why there was no answer, and how many
/// milliseconds the sink wants to be left alone.
#[derive(Default)]
struct Fault {
    status: Option<u16>,
    trouble: Option<Trouble>,
    busy: Option<i64>,
}

/// What an event says to its sink.
enum Said {
    /// This.
    Body(String),
    /// Nothing: whoever recorded the act did not know which acts the sink wants.
    Unwanted,
    /// Nobody knows: its key is gone.
    Unreadable,
}

/// Tells every sink.
pub struct Teller {
    store: Arc<dyn Write>,
    sinks: Sinks,
    callers: Vec<Caller>,
}

impl Teller {
    /// A teller of those sinks, of which each may take that long for its answer.
    pub fn new(store: Arc<dyn Write>, sinks: Sinks, patience: Duration) -> anyhow::Result<Self> {
        let callers = sinks.all().iter();
        let callers = callers.map(|sink| Caller::new(sink, patience));
        Ok(Self {
            callers: callers.collect::<anyhow::Result<_>>()?,
            store,
            sinks,
        })
    }

    /// Tells until asked to stop; a call that runs then is finished.
    pub async fn run(self: Arc<Self>, stop: watch::Receiver<bool>) {
        let mut hands = JoinSet::new();
        for place in 0..self.callers.len() * HANDS {
            let (teller, mut stop) = (Arc::clone(&self), stop.clone());
            hands.spawn(async move {
                let caller = &teller.callers[place / HANDS];
                while !*stop.borrow() {
                    match teller.tell_one(caller).await {
                        Ok(true) => continue,
                        Ok(false) => {}
                        Err(error) => tracing::warn!(%error, "events for sinks cannot be read"),
                    }
                    tokio::select! {
                        () = tokio::time::sleep(LOOK) => {}
                        asked = stop.wait_for(|stop| *stop) => if asked.is_err() { break },
                    }
                }
            });
        }
        let mut stop = stop;
        let mut watch = tokio::time::interval(WATCH);
        while !self.callers.is_empty() {
            let stopping = tokio::select! {
                _ = watch.tick() => false,
                _ = stop.wait_for(|stop| *stop) => true,
            };
            if stopping {
                break;
            }
            if let Err(error) = self.watch().await {
                tracing::warn!(%error, "whether sinks were told in time cannot be read");
            }
        }
        while hands.join_next().await.is_some() {}
    }

    /// Tells every sink what is due, one event after another; returns how many were sent.
    pub async fn work_off(&self) -> Result<usize, StoreError> {
        let mut sent = 0;
        for caller in &self.callers {
            while self.tell_one(caller).await? {
                sent += 1;
            }
        }
        Ok(sent)
    }

    /// Says in the log which sinks have not been told for too long, and deletes what need not be
    /// kept any more. Returns the worst level.
    pub async fn watch(&self) -> Result<Level, StoreError> {
        let now = self.sinks.now();
        self.store.forget_told(now).await?;
        let mut worst = Level::Fine;
        for sink in self.store.sinks().await? {
            let waited = sink
                .oldest
                .map_or(0, |oldest| now.as_millis() - oldest.as_millis());
            let level = Level::of(waited);
            let hours = waited / HOUR_MS;
            match level {
                Level::Fine => {}
                Level::Alarm if waited < 0 => tracing::error!(
                    sink = sink.name,
                    waiting = sink.waiting,
                    "ALARM: what a sink was not told yet was recorded at a time to come: see that the \
                     clock is right, and with `sayso sink list` what keeps it from being told"
                ),
                Level::Alarm => tracing::error!(
                    sink = sink.name,
                    waiting = sink.waiting,
                    hours,
                    "ALARM: a sink has not been told for a day: see `sayso sink list`"
                ),
                Level::Page => tracing::error!(
                    sink = sink.name,
                    waiting = sink.waiting,
                    hours,
                    "PAGE: a sink has not been told for {hours} hours; 48 are the limit: tell it by hand"
                ),
            }
            worst = worst.max(level);
        }
        Ok(worst)
    }

    /// Sends the next event of that sink that is due; `false` when none is.
    async fn tell_one(&self, caller: &Caller) -> Result<bool, StoreError> {
        let (sink, now) = (&caller.sink().name, self.sinks.now());
        if self
            .store
            .next_event(sink)
            .await?
            .is_none_or(|due| due > now)
        {
            return Ok(false);
        }
        let until = now.plus_millis(TAKEN_MS);
        let Some(due) = self.store.take_event(sink, now, until).await? else {
            return Ok(false);
        };
        let id = event::id(&due.sealed);
        let body = match self.body(caller.sink(), &id, &due).await? {
            Said::Body(body) => body,
            Said::Unwanted => {
                self.store.drop_event(due.no).await?;
                return Ok(true);
            }
            Said::Unreadable => {
                tracing::error!(
                    sink,
                    event = due.no,
                    "an event cannot be opened: keep every secrets.seal of its time"
                );
                self.put_back(sink, &due, Fault::default()).await?;
                return Ok(true);
            }
        };
        let called = caller.call(&id, now, body).await;
        match called {
            Outcome::Told => self.store.event_told(due.no, self.sinks.now()).await?,
            Outcome::Failed { status, busy } => {
                tracing::warn!(
                    sink,
                    event = due.no,
                    status,
                    "a sink was not told; it is tried again"
                );
                let fault = Fault {
                    status: Some(status),
                    busy,
                    ..Fault::default()
                };
                self.put_back(sink, &due, fault).await?;
            }
            Outcome::Unheard(trouble) => {
                tracing::warn!(
                    sink,
                    event = due.no,
                    why = %trouble,
                    "a sink was not told; it is tried again"
                );
                let fault = Fault {
                    trouble: Some(trouble),
                    ..Fault::default()
                };
                self.put_back(sink, &due, fault).await?;
            }
            Outcome::Gone => {
                tracing::error!(
                    sink,
                    "a sink answered 410 and is told nothing any more: `sayso sink retry` resumes"
                );
                let fault = Fault {
                    status: Some(410),
                    ..Fault::default()
                };
                self.put_back(sink, &due, fault).await?;
                self.store.disable_sink(sink, self.sinks.now()).await?;
            }
        }
        Ok(true)
    }

    /// What that sink is told.
    async fn body(&self, sink: &Sink, id: &str, due: &DueEvent) -> Result<Said, StoreError> {
        let (act, body) = match due.about {
            Whereof::Entry(seq) => {
                let Some(event) = self.sinks.open::<Event>(&due.sealed) else {
                    return Ok(Said::Unreadable);
                };
                let known = self.store.background(seq).await?;
                (event.act, event.towards(sink).body(id, seq, &known))
            }
            Whereof::Step(step) => {
                let Some(event) = self.sinks.open::<DomainEvent>(&due.sealed) else {
                    return Ok(Said::Unreadable);
                };
                (event.likened_to(), event.body(id, step))
            }
        };
        Ok(match sink.wants(act) {
            true => Said::Body(body),
            false => Said::Unwanted,
        })
    }

    /// Due again after a pause that doubles each time, give or take a quarter.
    async fn put_back(&self, sink: &str, due: &DueEvent, fault: Fault) -> Result<(), StoreError> {
        let now = self.sinks.now();
        let doubled = FIRST_MS.saturating_mul(1_i64 << due.attempts.min(20));
        let [chance] = self.sinks.world.bytes::<1>();
        let pause = doubled.min(LONGEST_MS) * (192 + i64::from(chance) / 2) / 256;
        let failure = Failure {
            at: now,
            status: fault.status,
            trouble: fault.trouble,
            due: now.plus_millis(pause.max(fault.busy.unwrap_or(0))),
            left_alone_until: fault.busy.map(|busy| now.plus_millis(busy)),
        };
        self.store.event_failed(sink, due.no, failure).await
    }
}
