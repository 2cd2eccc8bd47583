//! With which peppers the keys of a database were made: whoever looks addresses up with others finds
//! nobody, and nobody's objection.

use async_trait::async_trait;

use crate::counted::counted;

use super::{Keys, StoreError};

/// A generation of the pepper, and what tells whether two peppers are the same.
pub type Mark = (u32, [u8; 32]);

/// Why contacts would not be found with the peppers at hand, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// Keys of that generation were made with another pepper.
    #[error(
        "pepper.{0} is not the one that this database was keyed with: nobody who objected would be \
         found. Put the pepper.{0} of this deployment back, from the copy of its secrets.toml"
    )]
    Another(u32),
    /// Keys were made under later generations than any at hand.
    #[error(
        "this database was keyed with pepper.{0}, which is later than every pepper at hand: these \
         secrets are older than the database. Put pepper.{0} back, from the newest copy of this \
         deployment's secrets.toml"
    )]
    Outdated(u32),
    /// Contacts are keyed under generations alone that are not at hand.
    #[error(
        "{}, which is not at hand: their objections would not be found. Put it \
         back, from the copy of this deployment's secrets.toml, and keep it. \
         Contacts are keyed anew when something is recorded of them, or an import names them",
        needed(.generations, .contacts)
    )]
    Missing {
        /// The generations that are not at hand, oldest first.
        generations: Vec<u32>,
        /// How many contacts need one of them.
        contacts: u64,
    },
}

fn needed(generations: &[u32], contacts: &u64) -> String {
    let names = generations.iter().map(|number| format!("pepper.{number}"));
    let contacts = counted(*contacts, "contact is", "contacts are");
    let names = names.collect::<Vec<_>>().join(" or ");
    format!("{contacts} keyed under {names} alone")
}

/// Comparing peppers. Whoever opens a store to look addresses up does so first.
#[async_trait]
pub trait Peppers: Send + Sync {
    /// Whether every contact is found with the peppers of these marks; `None` if so. With `keep`, and
    /// where they fit, the marks that are new are kept, and generations that no contact needs any more
    /// are retired, in one unit: a later opening need not look again.
    async fn misfit(&self, marks: &[Mark], keep: bool) -> Result<Option<Misfit>, StoreError>;
    /// Makes every key of these addresses that leads to nobody lead to whom the others lead to, all in
    /// one unit. An address that nobody knows stays unknown.
    async fn key_anew(&self, addresses: Vec<Keys>) -> Result<(), StoreError>;
    /// How many contacts are keyed under none of these generations.
    async fn keyed_without(&self, generations: &[u32]) -> Result<u64, StoreError>;
}
