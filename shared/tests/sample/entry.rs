//! Entries as tests make them: each starts as an act of the verified person and is changed field
//! by field.

use shared::entry::{Act, Actor, Assurance, Entry, Evidence, FORMAT, Method, Surface};
use shared::purpose::{Channel, PurposeKey, TopicKey};
use shared::scope::Scope;
use shared::time::Timestamp;
use uuid::Uuid;

/// The purpose of most tests.
pub(crate) const PURPOSE: &str = "info_about_us";

/// The id of the entry with that number.
pub(crate) fn id(number: u64) -> Uuid {
    Uuid::from_u64_pair(0x0199_0000_0000_7000, 0x8000_0000_0000_0000 | number)
}

/// A moment from its text.
pub(crate) fn moment(text: &str) -> Timestamp {
    Timestamp::parse(text).expect(text)
}

/// A scope; an empty text leaves that part out.
pub(crate) fn scope(purpose: &str, topic: &str, channel: &str) -> Scope {
    Scope {
        purpose: (!purpose.is_empty()).then(|| PurposeKey::parse(purpose).expect(purpose)),
        topic: (!topic.is_empty()).then(|| TopicKey::parse(topic).expect(topic)),
        channel: (!channel.is_empty()).then(|| Channel::parse(channel).expect(channel)),
    }
}

/// An act of the verified person about [`PURPOSE`] by e-mail, with evidence behind it.
pub(crate) fn entry(number: u64, act: Act) -> Entry {
    Entry {
        format: FORMAT,
        id: id(number),
        subject: Uuid::from_u128(0x5b1e_c700_0000_4000_8000_0000_0000_0001),
        recorded_at: moment("2026-11-01T09:00:00Z"),
        act,
        scope: scope(PURPOSE, "", "email"),
        until: None,
        evidence: Evidence {
            actor: Actor::DataSubject,
            assurance: Assurance::LinkVerified,
            surface: Surface::SelfService,
            method: Method::Form,
            notice: None,
            control_text: None,
            build: "test".to_owned(),
            language: "en".to_owned(),
            host_origin: None,
            gpc: false,
            view_token: None,
            reference: Some("file 7".to_owned()),
        },
        refers_to: Vec::new(),
        facts: None,
        stays: Vec::new(),
    }
}
