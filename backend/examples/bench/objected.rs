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
    Evidence::off_page(
        Actor::DataSubject,
        Assurance::Unverified,
        Surface::Api,
        Method::Message,
        "0.1.0".to_owned(),
    )
}
