//! `sayso sink list | retry`: the systems that are told of every change.

use std::fmt;
use std::sync::Arc;

use anyhow::ensure;
use clap::Subcommand;
use serde::Serialize;

use super::{Ending, Place, world};
use crate::config::Config;
use crate::counted::counted;
use crate::recording::Recorder;
use crate::secrets::Secrets;
use crate::sinks::{Level, Sinks};
use crate::store::Write;
use crate::store::waiting::SinkState;

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// What each sink was told, what waits, and how long that took. Exit 3 while something has waited
    /// for a day or more.
    List,
    /// Tell a sink now what waits for it, also one that answered 410.
    Retry {
        /// The sink, as [[sink]] name has it.
        name: String,
    },
}

#[derive(Debug, Serialize)]
struct Listed {
    sinks: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    #[serde(flatten)]
    state: SinkState,
    waited_ms: i64,
    late: bool,
}

#[derive(Debug, Serialize)]
struct Retried {
    due: u64,
}

impl Place {
    /// What records acts into that store and has the sinks told of them.
    pub(super) async fn recorder(
        &self,
        store: Arc<dyn Write>,
        config: &Config,
        secrets: &Secrets,
    ) -> anyhow::Result<Recorder> {
        let sinks = self.sinks(&*store, config, secrets).await?;
        Ok(Recorder::new(store, world()).telling(sinks))
    }

    /// The sinks of that configuration, and those that the service noted in the database: it may have
    /// another one, named with `--config` or in its environment.
    pub(super) async fn sinks(
        &self,
        store: &dyn Write,
        config: &Config,
        secrets: &Secrets,
    ) -> anyhow::Result<Sinks> {
        let sinks = Sinks::new(config, Arc::new(secrets.clone()), world());
        Ok(sinks.with_known(store.kept_sinks().await?))
    }

    /// The same for what is about no address: where no sink is to be told, no secret is asked for.
    pub(super) async fn sinks_if_any(&self, store: &dyn Write) -> anyhow::Result<Sinks> {
        let config = self.load()?;
        if config.sink.is_empty() && store.kept_sinks().await?.is_empty() {
            return Ok(Sinks::none(world()));
        }
        let secrets = self.secrets(&config)?;
        self.sinks(store, &config, &secrets).await
    }
}

pub(super) async fn run(place: &Place, verb: Verb) -> anyhow::Result<Ending> {
    let config = place.load()?;
    let store = place.open()?;
    let now = world().now();
    match verb {
        Verb::List => {
            let mut states = store.sinks().await?;
            for sink in &config.sink {
                if !states.iter().any(|state| state.name == sink.name) {
                    states.push(SinkState::untold(&sink.name));
                }
            }
            let row = |state: SinkState| {
                let waited = state
                    .oldest
                    .map_or(0, |oldest| now.as_millis() - oldest.as_millis());
                Row {
                    late: Level::of(waited) > Level::Fine,
                    waited_ms: waited,
                    state,
                }
            };
            let sinks: Vec<_> = states.into_iter().map(row).collect();
            let late = sinks.iter().any(|row| row.late);
            place.answer(&Listed { sinks })?;
            Ok(Ending::of(!late))
        }
        Verb::Retry { name } => {
            ensure!(
                config.sink.iter().any(|sink| sink.name == name)
                    || store.kept_sinks().await?.contains(&name),
                "there is no [[sink]] of that name: `sayso sink list` shows them"
            );
            let due = store.retry_sink(&name, now).await?;
            place.answer(&Retried { due })?;
            Ok(Ending::Yes)
        }
    }
}

impl fmt::Display for Listed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.sinks.is_empty() {
            return out.write_str("No sink is configured: [[sink]] in sayso.toml makes one.");
        }
        for (place, row) in self.sinks.iter().enumerate() {
            if place > 0 {
                out.write_str("\n")?;
            }
            let state = &row.state;
            write!(
                out,
                "{}: told {}, waiting {}",
                state.name, state.told, state.waiting
            )?;
            if let (Some(average), Some(slowest)) = (state.average_ms, state.slowest_ms) {
                write!(out, "; took {average} ms on average, {slowest} ms at most")?;
            }
            if let Some(oldest) = state.oldest {
                write!(out, "; the oldest waits since {oldest}")?;
            }
            if let Some(failed) = state.failed_at {
                write!(out, "; failed last at {failed}: ")?;
                match (state.status, state.trouble) {
                    (Some(status), _) => write!(out, "it answered {status}")?,
                    (None, Some(trouble)) => write!(out, "{trouble}")?,
                    (None, None) => out.write_str("no answer")?,
                }
            }
            if let Some(since) = state.disabled_at {
                write!(out, "; told nothing since {since}, when it answered 410")?;
            }
            if row.late {
                out.write_str("; LATE: 48 hours are the limit, tell it by hand")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Retried {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} due now; the running service tells the sink.",
            counted(self.due, "event is", "events are")
        )
    }
}
