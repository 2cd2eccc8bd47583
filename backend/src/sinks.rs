//! Sinks: other systems that are told of every act that changes what may be mailed (Art. 19), by
//! Standard Webhooks 1.0.0.
//!
//! What a sink is told names nobody to others: the address is a keyed hash under the sink's own
//! secret, computed while the address is in memory, and where the contact's record in the customer
//! database is known, it is named. Until the sink has taken it, it waits sealed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use shared::address::Address;
use shared::entry::{Act, Entry};
use shared::facts::CrmReference;
use shared::time::Timestamp;

use crate::clock::World;
use crate::config::{Config, Sink};
use crate::sealing::Sealed;
use crate::secrets::Secrets;
use crate::store::events::NewEvent;

pub use self::caller::{Caller, Outcome, PATIENCE};
pub use self::event::Event;
pub use self::guard::is_public;
pub use self::signature::{InvalidSigning, Signing};
pub use self::teller::{ALARM_MS, Level, PAGE_MS, Teller};
pub use self::trouble::Trouble;

mod caller;
mod event;
mod guard;
mod signature;
mod teller;
mod trouble;

/// How long an event is kept after its act even if the sink has taken it: as long as the act can be
/// undone, of which the same sinks must be told about the same address.
const KEPT_MS: i64 = 10 * 60 * 1000;

/// Whether sinks are told of such an act.
#[must_use]
pub const fn is_told(act: Act) -> bool {
    match act {
        Act::Objected
        | Act::ObjectionLifted
        | Act::Paused
        | Act::Retracted
        | Act::ConsentGiven
        | Act::ConsentRefused
        | Act::ConsentWithdrawn
        | Act::Erased
        | Act::Bounced
        | Act::SpamReported => true,
        Act::ConsentRequested
        | Act::NoticeProvided
        | Act::FactRecorded
        | Act::CaseOpened
        | Act::CaseAcknowledged
        | Act::CaseExtended
        | Act::CaseDecided => false,
    }
}

/// The sinks of a deployment. Cloning is cheap.
#[derive(Clone)]
pub struct Sinks {
    configured: Arc<[Sink]>,
    secrets: Arc<Secrets>,
    world: Arc<dyn World>,
}

/// What a contact is called towards sinks.
#[derive(Clone, Default)]
pub struct Names {
    /// By sink, the address's keyed hash under its current secret, and under the one before it while
    /// the secret is renewed.
    hashes: Arc<BTreeMap<String, Vec<String>>>,
    /// The records of the customer database that will not be known any more when the sink is told.
    crm_references: Arc<BTreeSet<CrmReference>>,
}

impl Names {
    fn new(hashes: impl Iterator<Item = (String, Vec<String>)>) -> Self {
        Self {
            hashes: Arc::new(hashes.collect()),
            crm_references: Arc::default(),
        }
    }

    /// The same, with the records of the customer database that those entries name: for an act
    /// after which nobody can look them up.
    #[must_use]
    pub fn with_records_of<'a>(self, entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        Self {
            crm_references: Arc::new(CrmReference::of(entries)),
            ..self
        }
    }
}

impl Sinks {
    /// The sinks of that configuration.
    #[must_use]
    pub fn new(config: &Config, secrets: Arc<Secrets>, world: Arc<dyn World>) -> Self {
        Self {
            configured: config.sink.clone().into(),
            secrets,
            world,
        }
    }

    /// Every sink.
    #[must_use]
    pub fn all(&self) -> &[Sink] {
        &self.configured
    }

    /// What the address is called towards each sink.
    #[must_use]
    pub fn names(&self, address: &Address) -> Names {
        let name = |sink: &Sink| {
            let secrets = sink.secret.all().iter();
            let hashes = secrets.map(|secret| secret.hash(address)).collect();
            (sink.name.clone(), hashes)
        };
        Names::new(self.configured.iter().map(name))
    }

    /// The same, from events of an earlier act of the same person.
    #[must_use]
    pub fn recall(&self, events: &[(String, Vec<u8>)]) -> Names {
        let name = |(sink, sealed): &(String, Vec<u8>)| {
            let event = self.open(sealed)?;
            Some((sink.clone(), event.address_hmac))
        };
        Names::new(events.iter().filter_map(name))
    }

    /// What is to be kept for each sink that is told of this entry. Without `names` the sinks are told
    /// that somebody's choice changed, and not whose.
    #[must_use]
    pub fn events(&self, entry: &Entry, names: Option<&Names>) -> Vec<NewEvent> {
        if !is_told(entry.act) {
            return Vec::new();
        }
        let wants = |sink: &&Sink| {
            let acts = sink.acts.as_ref();
            acts.is_none_or(|acts| acts.contains(&entry.act))
        };
        let event = |sink: &Sink| {
            let hashes = names.and_then(|names| names.hashes.get(&sink.name));
            let references = names.map(|names| (*names.crm_references).clone());
            let hashes = hashes.cloned().unwrap_or_default();
            let event = Event::new(entry, hashes, references.unwrap_or_default());
            let text = serde_json::to_vec(&event).unwrap_or_default();
            let sealer = &self.secrets.sealer;
            NewEvent {
                sink: sink.name.clone(),
                kept_until: entry.recorded_at.plus_millis(KEPT_MS),
                sealed: sealer.seal(Sealed::Event, &text, &*self.world),
            }
        };
        self.configured.iter().filter(wants).map(event).collect()
    }

    /// The event that was sealed; `None` when it cannot be read.
    #[must_use]
    pub fn open(&self, sealed: &[u8]) -> Option<Event> {
        let text = self.secrets.sealer.open(Sealed::Event, sealed)?;
        serde_json::from_slice(&text).ok()
    }

    fn now(&self) -> Timestamp {
        self.world.now()
    }
}
