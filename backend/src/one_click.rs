//! One-click links (RFC 8058): whoever holds one stops what it names, and can do nothing else.
//!
//! The token is the sealed address and scope: nothing is kept for it, it never ends, and every
//! generation of the seal opens it. Its power is to restrict: it shows nothing, opens no session
//! and lifts nothing.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use shared::address::Address;
use shared::purpose::{Channel, PurposeClass, PurposeKey, TopicKey};
use shared::rules::Rules;
use shared::scope::Scope;

use crate::clock::World;
use crate::mail::tag;
use crate::sealing::Sealed;
use crate::secrets::Secrets;

/// The one body that stops without a page (RFC 8058, 3.1).
pub const POST_BODY: (&str, &str) = ("List-Unsubscribe", "One-Click");
/// Characters of a mailing's name at most.
const MAILING: usize = 64;

/// What a link stops, and for whom.
#[derive(Debug, Clone)]
pub struct OneClick {
    /// Whose mailbox the message went to.
    pub address: Address,
    /// What the message was about: a purpose, perhaps one topic that was chosen alone (UNS-13).
    pub scope: Scope,
    /// Which mailing it was, as the sender names it.
    pub mailing: Option<String>,
}

/// What a message must carry so that it can be unsubscribed from (UNS-01, UNS-02).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unsubscribe {
    /// The link, for the header and for the body of the message.
    pub url: String,
    /// The same by mail, where a mailbox is configured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mailto: Option<String>,
    /// The headers, byte for byte; each once, and both signed (DKIM).
    pub headers: Headers,
}

/// The two headers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Headers {
    /// The ways to unsubscribe.
    #[serde(rename = "List-Unsubscribe")]
    pub list_unsubscribe: String,
    /// That one POST is enough.
    #[serde(rename = "List-Unsubscribe-Post")]
    pub list_unsubscribe_post: String,
}

/// The sealed text of a token, with short names: it travels in a header.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Packed {
    a: String,
    p: PurposeKey,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    t: Option<TopicKey>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    m: Option<String>,
}

/// Why no link can be made, and which word of what was asked is wrong.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub struct WrongLink {
    field: &'static str,
    why: String,
}

impl WrongLink {
    fn new(field: &'static str, why: impl Into<String>) -> Self {
        Self {
            field,
            why: why.into(),
        }
    }

    /// `purpose`, `topic` or `mailing`.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        self.field
    }
}

/// The name of a mailing, as links keep it.
///
/// # Errors
/// `WrongLink` where it is empty, too long or has other signs than links can hold.
pub fn mailing_name(text: &str) -> Result<&str, WrongLink> {
    let plain = |c: u8| c.is_ascii_alphanumeric() || b"._-".contains(&c);
    match !text.is_empty() && text.len() <= MAILING && text.bytes().all(plain) {
        true => Ok(text),
        false => Err(WrongLink::new(
            "mailing",
            format!(
                "the name of a mailing is 1 to {MAILING} letters from A to Z, digits, dots, _ and -, such as \
                 2026-11"
            ),
        )),
    }
}

impl OneClick {
    /// A link about that purpose or topic of it; only direct marketing is stopped by a click.
    ///
    /// # Errors
    /// `WrongLink` where a name is none, or no notice in force states it.
    pub fn new(
        address: Address,
        rules: &Rules,
        purpose: &str,
        topic: Option<&str>,
        mailing: Option<&str>,
    ) -> Result<Self, WrongLink> {
        let known =
            PurposeKey::parse(purpose).map_err(|why| WrongLink::new("purpose", why.to_string()))?;
        let rule = rules
            .purposes
            .get(&known)
            .filter(|rule| rule.class == PurposeClass::DirectMarketing)
            .ok_or_else(|| {
                let why = format!("no published notice has a mailing purpose {known}");
                WrongLink::new("purpose", why)
            })?;
        if !rule.channels.contains(&Channel::Email) {
            let why = format!("{known} does not go by e-mail, which is all that a link stops");
            return Err(WrongLink::new("purpose", why));
        }
        let topic = topic.map(|topic| {
            let topic =
                TopicKey::parse(topic).map_err(|why| WrongLink::new("topic", why.to_string()))?;
            match rule.topics.contains(&topic) {
                true => Ok(topic),
                false => Err(WrongLink::new(
                    "topic",
                    format!("{known} has no topic {topic}"),
                )),
            }
        });
        Ok(Self {
            address,
            scope: Scope {
                topic: topic.transpose()?,
                purpose: Some(known),
                channel: Some(Channel::Email),
            },
            mailing: mailing.map(mailing_name).transpose()?.map(str::to_owned),
        })
    }

    /// What a message to this contact must carry. `base` is the service's public URL, `mailbox` the
    /// one that `sayso mail-in` is given.
    #[must_use]
    pub fn unsubscribe(
        &self,
        base: &str,
        mailbox: Option<&str>,
        secrets: &Secrets,
        world: &dyn World,
    ) -> Unsubscribe {
        let url = format!("{base}/u/{}", self.token(secrets, world));
        let mailto = mailbox
            .and_then(|mailbox| tag::tagged(mailbox, tag::Use::Unsubscribe, &self.address, secrets))
            .map(|tagged| format!("mailto:{tagged}?subject=unsubscribe"));
        let mut ways = format!("<{url}>");
        if let Some(mailto) = &mailto {
            ways.push_str(&format!(", <{mailto}>"));
        }
        Unsubscribe {
            url,
            mailto,
            headers: Headers {
                list_unsubscribe: ways,
                list_unsubscribe_post: format!("{}={}", POST_BODY.0, POST_BODY.1),
            },
        }
    }

    fn token(&self, secrets: &Secrets, world: &dyn World) -> String {
        let Some(purpose) = self.scope.purpose.clone() else {
            return String::new();
        };
        let packed = Packed {
            a: self.address.reveal().to_owned(),
            p: purpose,
            t: self.scope.topic.clone(),
            m: self.mailing.clone(),
        };
        let text = serde_json::to_vec(&packed).unwrap_or_default();
        BASE64_URL_SAFE_NO_PAD.encode(secrets.sealer.seal(Sealed::OneClick, &text, world))
    }

    /// What the token stops; `None` when it is forged, cut or sealed with a key that is gone.
    #[must_use]
    pub fn open(token: &str, secrets: &Secrets) -> Option<Self> {
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
        let text = secrets.sealer.open(Sealed::OneClick, &sealed)?;
        let packed: Packed = serde_json::from_slice(&text).ok()?;
        Some(Self {
            address: Address::of_kept(&packed.a).ok()?,
            scope: Scope {
                purpose: Some(packed.p),
                topic: packed.t,
                channel: Some(Channel::Email),
            },
            mailing: packed.m,
        })
    }

    /// What the entry refers to: the mailing, by name.
    #[must_use]
    pub fn reference(&self) -> Option<String> {
        self.mailing
            .as_ref()
            .map(|mailing| format!("mailing {mailing}"))
    }
}
