//! Mail: letters, kept until they are sent, and what comes in.

mod carrier;
mod dkim;
pub mod incoming;
mod letter;
mod mailer;
mod message;
pub mod published;
pub mod tag;
mod wording;

pub use carrier::{Carrier, Refusal};
pub use dkim::Signer;
pub use letter::{Kind, Letter, Post};
pub use mailer::{Mailer, RENEWED};
pub use message::{Finished, Sender};
