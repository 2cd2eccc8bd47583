//! Mail that Sayso sends: what a letter says, and how it is kept until it is sent.

mod carrier;
mod dkim;
mod letter;
mod mailer;
mod message;
mod wording;

pub use carrier::{Carrier, Refusal};
pub use dkim::Signer;
pub use letter::{Kind, Letter, Post};
pub use mailer::Mailer;
pub use message::{Finished, Sender};
