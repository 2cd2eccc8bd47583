//! Who stands in the list of a certificate, and what was decided about them.

use std::sync::Arc;

use shared::certificate::{Again, Verdict};

use crate::cli::listing::{Abreast, Listing};
use crate::reconciliation::Listed;
use crate::replay::Replay;
use crate::secrets::Secrets;
use crate::store::Keys;

/// The verdict of every address of a list, by the beginning of its key: 16 bytes a row.
pub(super) struct Roll(Vec<(u64, u8)>);

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
                    Some((name(&secrets.keys(check.address.as_ref()?)), code))
                });
                Ok(part.collect::<Vec<_>>())
            }
        });
        let mut roll = Vec::new();
        while let Some(part) = all.next().await? {
            roll.extend(part);
        }
        // Codes of yes are smaller than those of no: of two rows with one address, the one that might
        // be mailed comes first.
        roll.sort_unstable();
        Ok(Self(roll))
    }

    /// What the list said of the address.
    pub(super) fn find(&self, keys: &Keys) -> Listed {
        let name = name(keys);
        let place = self.0.partition_point(|(other, _)| *other < name);
        match self.0.get(place) {
            Some((found, code)) if *found == name => {
                Listed::As(Verdict::from_code(*code).map_or(Again::Erased, Again::Given))
            }
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
