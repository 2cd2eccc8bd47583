//! Mail: letters, kept until they are sent, and what comes in.

use shared::entry::{Actor, Assurance, Evidence, Method, Surface};

use crate::assets;

mod cap;
mod carrier;
mod dkim;
pub mod incoming;
mod letter;
mod mailer;
mod message;
pub mod published;
mod status;
pub mod tag;
mod wording;

pub use carrier::{Carrier, Refusal};
pub use dkim::Signer;
pub use letter::{Kind, Letter, Post};
pub use mailer::{Mailer, RENEWED};
pub use message::{Finished, Sender};

/// The evidence of what a mail system reports, by a message or by refusing one.
#[must_use]
pub fn reported() -> Evidence {
    Evidence::off_page(
        Actor::MailReceiver,
        Assurance::Unverified,
        Surface::MailSystem,
        Method::Report,
        assets::ui_build(),
    )
}
