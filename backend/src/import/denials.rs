//! Facts of the soft opt-in to which a file says no: a later row of it that states them is wrong, or the
//! earlier one is.

use std::collections::{BTreeSet, HashMap};

use shared::address::AddressKey;
use shared::facts::{Facts, SoftOptIn};
use shared::statement::Statement;

use super::Wording;
use crate::store::Keys;

/// Addresses of which that is remembered: memory does not grow with the file beyond that.
const MOST: usize = 500_000;

/// What the rows so far denied, by address.
#[derive(Debug, Default)]
pub(super) struct Denials(HashMap<AddressKey, BTreeSet<SoftOptIn>>);

impl Denials {
    /// Remembers what a row denies, and takes out of it what an earlier one denied; returns whether there
    /// was any of that.
    pub(super) fn take(&mut self, keys: &Keys, wordings: &mut Vec<Wording>) -> bool {
        let Some(&(_, key)) = keys.0.first() else {
            return false;
        };
        let mut found = false;
        for wording in &mut *wordings {
            match &mut wording.statement {
                Statement::Facts { facts, .. } => {
                    let stated = facts.soft_opt_in.len();
                    let before = self.0.get(&key);
                    facts
                        .soft_opt_in
                        .retain(|fact| !before.is_some_and(|denied| denied.contains(fact)));
                    found |= facts.soft_opt_in.len() < stated;
                }
                Statement::Denied { facts } if self.0.len() < MOST => {
                    self.0.entry(key).or_default().extend(&*facts);
                }
                _ => {}
            }
        }
        if found {
            let nothing = Facts::default();
            wordings.retain(
                |one| !matches!(&one.statement, Statement::Facts { facts, .. } if *facts == nothing),
            );
        }
        found
    }
}
