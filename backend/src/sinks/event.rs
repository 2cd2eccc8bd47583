//! What a sink is told of one act.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::digest::Digest;
use shared::entry::{Act, Entry};
use shared::facts::CrmReference;
use shared::scope::Scope;
use shared::time::Timestamp;

use crate::store::Seq;
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
    /// Which records of the customer database are about the contact, where nothing else will know
    /// it once the sink is told: an erasure.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub crm_references: BTreeSet<CrmReference>,
}

impl Event {
    pub(super) fn new(
        entry: &Entry,
        address_hmac: Vec<String>,
        crm_references: BTreeSet<CrmReference>,
    ) -> Self {
        Self {
            act: entry.act,
            scope: entry.scope.clone(),
            until: entry.until,
            at: entry.recorded_at,
            address_hmac,
            crm_references,
        }
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

/// The name of an event, the same whenever it is sent: nothing sealed is ever equal.
#[must_use]
pub(super) fn id(sealed: &[u8]) -> String {
    let digest = Digest::of(sealed).to_string();
    format!("msg_{}", &digest[..32])
}
