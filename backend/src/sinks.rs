//! Sinks: other systems that are told of every act that changes what may be mailed (Art. 19), and of
//! companies' objections, by Standard Webhooks 1.0.0.
//!
//! What a sink is told names nobody to others: the address is a keyed hash under the sink's own
//! secret, computed while the address is in memory, and where the contact's record in the customer
//! database is known, it is named. Until the sink has taken it, it waits sealed. Where whoever records
//! does not know the secret, the address waits, and is hashed when the sink is told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::address::Address;
use shared::entry::{Act, Entry};
use shared::facts::{CrmReference, Facts};
use shared::time::Timestamp;

use crate::clock::World;
use crate::config::{Config, Sink};
use crate::sealing::Sealed;
use crate::secrets::Secrets;
use crate::store::domains::DomainStep;
use crate::store::events::NewEvent;

pub use self::caller::{Caller, Outcome, PATIENCE};
pub use self::event::{DomainEvent, Event};
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

/// Whether sinks are told of such an act; of facts only where they ask for more.
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
        | Act::SpamReported
        | Act::FactRecorded => true,
        Act::ConsentRequested
        | Act::NoticeProvided
        | Act::CaseOpened
        | Act::CaseAcknowledged
        | Act::CaseExtended
        | Act::CaseDecided => false,
    }
}

/// Whether such an act stops mailings, and has to be told as soon as it can.
#[must_use]
pub const fn stops(act: Act) -> bool {
    let ends = matches!(act, Act::Retracted | Act::ObjectionLifted);
    is_told(act) && !ends && !comes_later(act)
}

/// Whether such an act is told after all others: it stops nothing by itself, and an import brings as many
/// of them as there are contacts.
#[must_use]
pub const fn comes_later(act: Act) -> bool {
    matches!(act, Act::ConsentGiven | Act::FactRecorded)
}

/// Whether that entry changes what may be mailed.
fn changes(entry: &Entry) -> bool {
    let tightens = || entry.facts.as_ref().is_some_and(Facts::tighten);
    is_told(entry.act) && (entry.act != Act::FactRecorded || tightens())
}

/// The sinks of a deployment. Cloning is cheap.
#[derive(Clone)]
pub struct Sinks {
    configured: Arc<[Sink]>,
    /// Those that another configuration of the deployment describes.
    elsewhere: Arc<[String]>,
    /// What seals their events; `None` where there are none of them.
    secrets: Option<Arc<Secrets>>,
    world: Arc<dyn World>,
}

/// What a contact is called towards sinks.
#[derive(Clone, Default)]
pub struct Names {
    /// By sink, the address's keyed hash under its current secret, and under the one before it while
    /// the secret is renewed.
    hashes: Arc<BTreeMap<String, Vec<String>>>,
    /// For the sinks whose secrets are not known here.
    address: Option<Address>,
    /// The records of the customer database that will not be known any more when the sink is told.
    crm_references: Arc<BTreeSet<CrmReference>>,
}

impl Names {
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
            elsewhere: Arc::default(),
            secrets: Some(secrets),
            world,
        }
    }

    /// No sink at all, for which no secret is needed.
    #[must_use]
    pub fn none(world: Arc<dyn World>) -> Self {
        Self {
            configured: Arc::default(),
            elsewhere: Arc::default(),
            secrets: None,
            world,
        }
    }

    /// The same with those among `known` that this configuration does not describe: a command may be
    /// run without the service's own. What they have to be told waits for the service, which knows
    /// their secrets and what they want.
    #[must_use]
    pub fn with_known(self, known: Vec<String>) -> Self {
        let here = |name: &String| self.configured.iter().any(|sink| sink.name == *name);
        let elsewhere = known.into_iter().filter(|name| !here(name)).collect();
        Self { elsewhere, ..self }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.configured.is_empty() && self.elsewhere.is_empty()
    }

    /// Every sink of the configuration.
    #[must_use]
    pub fn all(&self) -> &[Sink] {
        &self.configured
    }

    /// What the address is called towards each sink.
    #[must_use]
    pub fn names(&self, address: &Address) -> Names {
        let name = |sink: &Sink| (sink.name.clone(), sink.secret.hashes(address));
        let hashes = self.configured.iter().map(name);
        Names {
            hashes: Arc::new(hashes.collect()),
            address: (!self.elsewhere.is_empty()).then(|| address.clone()),
            crm_references: Arc::default(),
        }
    }

    /// The same, from events of an earlier act of the same person.
    #[must_use]
    pub fn recall(&self, events: &[(String, Vec<u8>)]) -> Names {
        let name = |(name, sealed): &(String, Vec<u8>)| {
            let event: Event = self.open(sealed)?;
            let sink = self.configured.iter().find(|sink| sink.name == *name);
            let event = match sink {
                Some(sink) => event.towards(sink),
                None => event,
            };
            Some((name.clone(), event.address_hmac))
        };
        Names {
            hashes: Arc::new(events.iter().filter_map(name).collect()),
            ..Names::default()
        }
    }

    /// What is to be kept for each sink that is told of this entry. Without `names` the sinks are told
    /// that somebody's choice changed, and not whose.
    #[must_use]
    pub fn events(&self, entry: &Entry, names: Option<&Names>) -> Vec<NewEvent> {
        if !changes(entry) {
            return Vec::new();
        }
        let event = |name: &String, address: Option<&Address>| {
            let hashes = names.and_then(|names| names.hashes.get(name));
            let references = names.map(|names| (*names.crm_references).clone());
            let event = Event {
                address_hmac: hashes.cloned().unwrap_or_default(),
                address: address.cloned(),
                crm_references: references.unwrap_or_default(),
                ..Event::of(entry)
            };
            self.sealed(name, &event, entry.recorded_at)
        };
        let here = self.configured.iter();
        let here = here.filter(|sink| sink.wants(entry.act));
        let here = here.map(|sink| event(&sink.name, None));
        let address = names.and_then(|names| names.address.as_ref());
        let elsewhere = self.elsewhere.iter().map(|name| event(name, address));
        here.chain(elsewhere).collect()
    }

    /// What is to be kept for each sink that is told of this step of a company.
    #[must_use]
    pub fn step_events(&self, step: &DomainStep) -> Vec<NewEvent> {
        let told = DomainEvent::of(step);
        let here = self.configured.iter();
        let here = here.filter(|sink| sink.wants(told.likened_to()));
        let names = here.map(|sink| &sink.name).chain(&*self.elsewhere);
        let event = |name: &String| self.sealed(name, &told, step.at);
        names.map(event).collect()
    }

    fn sealed(&self, sink: &str, event: &impl Serialize, at: Timestamp) -> NewEvent {
        let text = serde_json::to_vec(event).unwrap_or_default();
        let secrets = self.secrets.as_ref();
        let sealer = &secrets.expect("sinks come with the secrets").sealer;
        NewEvent {
            sink: sink.to_owned(),
            kept_until: at.plus_millis(KEPT_MS),
            is_kept_back: false,
            sealed: sealer.seal(Sealed::Event, &text, &*self.world),
        }
    }

    /// The event that was sealed, of an act or of a company's step; `None` when it cannot be read.
    #[must_use]
    pub fn open<T: DeserializeOwned>(&self, sealed: &[u8]) -> Option<T> {
        let secrets = self.secrets.as_ref()?;
        let text = secrets.sealer.open(Sealed::Event, sealed)?;
        serde_json::from_slice(&text).ok()
    }

    fn now(&self) -> Timestamp {
        self.world.now()
    }
}
