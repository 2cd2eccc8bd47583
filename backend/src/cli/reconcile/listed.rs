//! Who stands in the list of a certificate, what was decided about them, and on which facts.

use std::collections::HashMap;
use std::sync::Arc;

use shared::certificate::{Again, Verdict};
use shared::decision::Stated;

use crate::cli::listing::{Abreast, Listing};
use crate::reconciliation::Listed;
use crate::replay::Replay;
use crate::secrets::Secrets;
use crate::store::Keys;

/// The verdict of every address of a list, by the beginning of its key: 16 bytes a row.
pub(super) struct Roll {
    /// Each with the place of its facts among those that are stated.
    rows: Vec<(u64, u8, u16)>,
    /// What the list states of contacts, each different statement once.
    stated: Vec<Stated>,
}

/// Stands for a contact who was erased since; no verdict has this code.
const ERASED: u8 = 0;

impl Roll {
    /// Decides the list again.
    pub(super) async fn read(
        listing: Listing,
        replay: &Arc<Replay>,
        secrets: &Arc<Secrets>,
    ) -> anyhow::Result<Self> {
        let (replay, secrets) = (replay.clone(), secrets.clone());
        let mut all = Abreast::new(listing, move |rows| {
            let (replay, secrets) = (replay.clone(), secrets.clone());
            async move {
                let seen = replay.look_back(&rows.checks).await?;
                let part = rows.checks.iter().zip(&seen).filter_map(|(check, seen)| {
                    let code = match replay.again(check, seen) {
                        Again::Given(verdict) => verdict.code(),
                        Again::Erased => ERASED,
                    };
                    let name = name(&secrets.keys(check.address.as_ref()?));
                    Some((name, code, check.question.stated))
                });
                Ok(part.collect::<Vec<_>>())
            }
        });
        let mut rows = Vec::new();
        let mut stated = Vec::new();
        let mut places = HashMap::new();
        while let Some(part) = all.next().await? {
            rows.extend(part.into_iter().map(|(name, code, facts)| {
                let place = *places.entry(facts).or_insert_with(|| {
                    stated.push(facts);
                    u16::try_from(stated.len() - 1).expect("countries and classes are few")
                });
                (name, code, place)
            }));
        }
        // Codes of yes are smaller than those of no: of two rows with one address, the one that might
        // be mailed comes first.
        rows.sort_unstable();
        Ok(Self { rows, stated })
    }

    /// What was decided about the address, and on which facts.
    pub(super) fn find(&self, keys: &Keys) -> Listed {
        let name = name(keys);
        let place = self.rows.partition_point(|(other, ..)| *other < name);
        match self.rows.get(place) {
            Some((found, code, stated)) if *found == name => Listed::As(
                Verdict::from_code(*code).map_or(Again::Erased, Again::Given),
                self.stated[usize::from(*stated)],
            ),
            _ => Listed::Missing,
        }
    }
}

fn name(keys: &Keys) -> u64 {
    let first = keys
        .0
        .first()
        .and_then(|(_, key)| key.as_bytes().first_chunk());
    first.copied().map_or(0, u64::from_be_bytes)
}
