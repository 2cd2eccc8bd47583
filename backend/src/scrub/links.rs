//! What every message of a mailing must carry so that one click unsubscribes.

use std::sync::Arc;

use anyhow::Context as _;
use shared::address::Address;

use crate::clock::World;
use crate::one_click::{OneClick, Unsubscribe};
use crate::secrets::Secrets;
use crate::store::StoredRules;

/// Makes unsubscribe links for the contacts of one mailing.
pub struct Links {
    /// The rules in force.
    pub rules: Arc<StoredRules>,
    /// The purpose of the mailing.
    pub purpose: String,
    /// Its topic, if the contacts chose that alone.
    pub topic: Option<String>,
    /// Its name, kept with the objection.
    pub mailing: Option<String>,
    /// The public URL of the service.
    pub base: String,
    /// The mailbox to unsubscribe by mail.
    pub mailbox: Option<String>,
    /// What seals the links.
    pub secrets: Arc<Secrets>,
    /// Where their entropy comes from.
    pub world: Arc<dyn World>,
}

impl Links {
    /// The link for the body, and both headers.
    ///
    /// # Errors
    /// Where the purpose or topic is not one that can be unsubscribed from.
    pub fn make(&self, address: Address) -> anyhow::Result<[String; 3]> {
        let (topic, mailing) = (self.topic.as_deref(), self.mailing.as_deref());
        let one = OneClick::new(address, &self.rules.rules, &self.purpose, topic, mailing)
            .context("no unsubscribe link can be made")?;
        let mailbox = self.mailbox.as_deref();
        Ok(cells(one.unsubscribe(
            &self.base,
            mailbox,
            &self.secrets,
            &*self.world,
        )))
    }
}

/// The cells of one contact.
#[must_use]
pub fn cells(made: Unsubscribe) -> [String; 3] {
    let headers = made.headers;
    [
        made.url,
        headers.list_unsubscribe,
        headers.list_unsubscribe_post,
    ]
}
