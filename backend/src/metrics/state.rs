//! How things stand, read when somebody looks: how long the ledger is, what is owed and what waits.

use std::sync::atomic::AtomicU64;

use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::registry::{Metric, Registry};
use shared::time::Timestamp;

use super::seconds;
use crate::dues;
use crate::store::dues::DueCounts;
use crate::store::waiting::{LettersWaiting, SinkState};
use crate::store::{Read, StoreError};

/// How things stand at one moment, whichever process brought them about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    at: Timestamp,
    entries: u64,
    dues: DueCounts,
    letters: LettersWaiting,
    sinks: Vec<SinkState>,
}

type Gauges = Family<[(&'static str, String); 1], Gauge<f64, AtomicU64>>;
type Counters<N> = Family<[(&'static str, String); 1], Counter<N, AtomicU64>>;

impl State {
    /// How things stand at that moment. Of the sinks of that name something is said even if they were
    /// never told anything.
    pub async fn read(
        store: &dyn Read,
        sinks: &[String],
        at: Timestamp,
    ) -> Result<Self, StoreError> {
        let mut states = store.sinks().await?;
        for sink in sinks {
            if !states.iter().any(|state| state.name == *sink) {
                states.push(SinkState::untold(sink));
            }
        }
        let last = store.look_up(&[]).await?.as_of;
        Ok(Self {
            at,
            dues: dues::count(store, at).await?,
            letters: store.letters_waiting().await?,
            entries: store.nth(last).await?.unwrap_or(last),
            sinks: states,
        })
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "ledger_entries",
            "Entries of the ledger, appended by this process or another",
            ConstCounter::new(self.entries),
        );
        let dues = &self.dues;
        for (name, help, number) in [
            ("cases_open", "Cases that are not decided", dues.cases.due),
            (
                "cases_overdue",
                "Open cases that are late",
                dues.cases.overdue,
            ),
            (
                "notices_due",
                "Contacts that came from somebody else and have to be told (Art. 14)",
                dues.notices.due,
            ),
            (
                "notices_overdue",
                "Those of them that are late",
                dues.notices.overdue,
            ),
            (
                "letters_waiting",
                "Letters that wait to be sent",
                self.letters.waiting,
            ),
        ] {
            registry.register(name, help, ConstGauge::new(number));
        }
        registry.register(
            "letters_oldest_waiting_seconds",
            "How long the oldest of them has waited; 0 where none waits",
            ConstGauge::new(self.waited(self.letters.oldest)),
        );
        self.register_sinks(registry);
    }

    fn register_sinks(&self, registry: &mut Registry) {
        let waiting: Gauges = named(
            registry,
            "sink_events_waiting",
            "Events that a sink was not told yet",
        );
        let oldest: Gauges = named(
            registry,
            "sink_oldest_waiting_seconds",
            "How long the oldest of them has waited since its act; 0 where none waits",
        );
        let disabled: Gauges = named(
            registry,
            "sink_disabled",
            "1 where a sink answered 410 and is told nothing any more",
        );
        let slowest: Gauges = named(
            registry,
            "sink_slowest_seconds",
            "The longest time that it ever took from an act to the telling",
        );
        let told: Counters<u64> = named(registry, "sink_told", "Events that a sink was told, ever");
        let took: Counters<f64> = named(
            registry,
            "sink_effect_seconds",
            "The times from act to telling, added up: over sayso_sink_told_total, the time to effect",
        );
        for sink in &self.sinks {
            let whose = [("sink", sink.name.clone())];
            let set = |gauges: &Gauges, value| gauges.get_or_create(&whose).set(value);
            set(&waiting, sink.waiting as f64);
            set(&oldest, self.waited(sink.oldest));
            set(&disabled, f64::from(u8::from(sink.disabled_at.is_some())));
            set(&slowest, seconds_of(sink.slowest_ms.unwrap_or(0)));
            told.get_or_create(&whose).inc_by(sink.told);
            took.get_or_create(&whose).inc_by(seconds_of(sink.total_ms));
        }
    }

    fn waited(&self, oldest: Option<Timestamp>) -> f64 {
        let waited = oldest.map_or(0, |oldest| self.at.as_millis() - oldest.as_millis());
        seconds(waited.max(0))
    }
}

fn seconds_of(millis: u64) -> f64 {
    seconds(i64::try_from(millis).unwrap_or(i64::MAX))
}

/// Metrics of that name, one for each sink.
fn named<M: Clone + Default + Metric>(registry: &mut Registry, name: &str, help: &str) -> M {
    let metrics = M::default();
    registry.register(name, help, metrics.clone());
    metrics
}
