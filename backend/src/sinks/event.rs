//! What a sink is told of one act, or of one step of a company.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::address::Address;
use shared::digest::Digest;
use shared::entry::{Act, Entry};
use shared::facts::CrmReference;
use shared::scope::Scope;
use shared::time::Timestamp;

use crate::config::Sink;
use crate::store::Seq;
use crate::store::domains::{DomainAct, DomainStep};
use crate::store::events::Background;

/// One act as a sink is told of it. No address, no entry, no history (SEC-62).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// What was done.
    pub act: Act,
    /// About what; what is left out is all of it.
    pub scope: Scope,
    /// Until when it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// When the service received it.
    pub at: Timestamp,
    /// The address under each of the sink's secrets in hexadecimal digits; empty where the address
    /// was not known when the act came in.
    pub address_hmac: Vec<String>,
    /// The address, where whoever recorded the act did not know the sink's secret. It never leaves:
    /// see [`Self::towards`].
    #[serde(default, skip_serializing_if = "Option::is_none", with = "whole")]
    pub address: Option<Address>,
    /// Which records of the customer database are about the contact, where nothing else will know
    /// it once the sink is told: an erasure.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub crm_references: BTreeSet<CrmReference>,
}

/// An address as it is sealed.
mod whole {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};
    use shared::address::Address;

    pub(super) fn serialize<S: Serializer>(
        address: &Option<Address>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        address.as_ref().map(Address::reveal).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Address>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        let address = text.map(|text| Address::of_kept(&text));
        address.transpose().map_err(D::Error::custom)
    }
}

impl Event {
    /// What is told of that entry, not yet about whom.
    pub(super) fn of(entry: &Entry) -> Self {
        Self {
            act: entry.act,
            scope: entry.scope.clone(),
            until: entry.until,
            at: entry.recorded_at,
            address_hmac: Vec::new(),
            address: None,
            crm_references: BTreeSet::new(),
        }
    }

    /// The same towards that sink: what holds the address names it as the sink knows it.
    #[must_use]
    pub fn towards(mut self, sink: &Sink) -> Self {
        if let Some(address) = self.address.take() {
            self.address_hmac = sink.secret.hashes(&address);
        }
        self
    }

    /// The body of the event of that id about the entry at that place. `known` is what is known of it
    /// now.
    #[must_use]
    pub fn body(&self, id: &str, seq: Seq, known: &Background) -> String {
        let references = &self.crm_references | &known.crm_references;
        let references = Some(references).filter(|all| !all.is_empty());
        let takes_back = Some(&known.takes_back).filter(|all| !all.is_empty());
        let mut data = json!({
            "event_id": id,
            "seq": seq,
            "act": self.act,
            "address_hmac": self.address_hmac.first(),
        });
        let more = [
            ("previous_address_hmac", json!(self.address_hmac.get(1))),
            ("crm_references", json!(references)),
            ("takes_back", json!(takes_back)),
            ("purpose", json!(self.scope.purpose)),
            ("topic", json!(self.scope.topic)),
            ("channel", json!(self.scope.channel)),
            ("until", json!(self.until)),
        ];
        if let Value::Object(data) = &mut data {
            let known = more.into_iter().filter(|(_, value)| !value.is_null());
            data.extend(known.map(|(name, value)| (name.to_owned(), value)));
        }
        json!({
            "type": format!("contact.{}", self.act.as_str()),
            "timestamp": self.at,
            "data": data,
        })
        .to_string()
    }
}

/// What a company wants of its domain, as a sink is told of it (LAW-45). It is about no person.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DomainEvent {
    /// What it wants.
    pub act: DomainAct,
    /// The domain, in lower-case ASCII.
    pub domain: String,
    /// When it was recorded.
    pub at: Timestamp,
}

impl DomainEvent {
    /// What is told of that step.
    pub(super) fn of(step: &DomainStep) -> Self {
        Self {
            act: step.act,
            domain: step.domain.clone(),
            at: step.at,
        }
    }

    /// The act of a person that is most like it: a sink that wants that one wants this one.
    #[must_use]
    pub const fn likened_to(&self) -> Act {
        match self.act {
            DomainAct::Objected | DomainAct::ObjectedWithSubdomains => Act::Objected,
            DomainAct::Lifted => Act::ObjectionLifted,
        }
    }

    /// The body of the event of that id about the step of that number.
    #[must_use]
    pub fn body(&self, id: &str, step: u64) -> String {
        let (act, subdomains) = match self.act {
            DomainAct::Objected => ("objected", Some(false)),
            DomainAct::ObjectedWithSubdomains => ("objected", Some(true)),
            DomainAct::Lifted => ("lifted", None),
        };
        let mut data = json!({
            "event_id": id,
            "step": step,
            "act": format!("domain_{act}"),
            "address_hmac": null,
            "domain": self.domain,
        });
        if let Some(subdomains) = subdomains {
            data["subdomains"] = json!(subdomains);
        }
        json!({
            "type": format!("domain.{act}"),
            "timestamp": self.at,
            "data": data,
        })
        .to_string()
    }
}

/// The name of an event, the same whenever it is sent: nothing sealed is ever equal.
#[must_use]
pub(super) fn id(sealed: &[u8]) -> String {
    let digest = Digest::of(sealed).to_string();
    format!("msg_{}", &digest[..32])
}
