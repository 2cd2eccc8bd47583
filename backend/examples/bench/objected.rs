//! The objection of a contact that stores are filled with.

use shared::entry::{Actor, Assurance, Evidence, Method, Surface};
use shared::purpose::PurposeKey;
use shared::scope::Scope;

/// To the mailings.
pub(crate) fn scope() -> anyhow::Result<Scope> {
    Ok(Scope {
        purpose: Some(PurposeKey::parse("info_about_us")?),
        ..Scope::ALL
    })
}

/// Sent by a program, with nothing optional.
pub(crate) fn evidence() -> Evidence {
    Evidence {
        actor: Actor::DataSubject,
        assurance: Assurance::Unverified,
        surface: Surface::Api,
        method: Method::Message,
        notice: None,
        control_text: None,
        build: "0.1.0".to_owned(),
        language: "en".to_owned(),
        host_origin: None,
        gpc: false,
        view_token: None,
        reference: None,
    }
}
