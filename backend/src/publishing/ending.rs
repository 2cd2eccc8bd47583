//! What people stopped by name must not stop nothing because the name is gone.

use std::fmt::Write as _;
use std::sync::Arc;

use anyhow::{anyhow, bail};
use shared::rules::{Part, Rules};
use shared::time::Timestamp;
use uuid::Uuid;

use crate::counted::counted;
use crate::store::Write;

/// Standings that are read at once.
const PAGE: usize = 1000;

/// Makes sure that whatever the next rules have no longer really ended, as the operator says. What was
/// direct marketing has to be confirmed even where nobody stopped it yet: links in mail that was sent
/// name it still.
pub(super) async fn confirm(
    store: &Arc<dyn Write>,
    rules: &Rules,
    next: &Rules,
    ended: &[Part],
    at: Timestamp,
) -> anyhow::Result<()> {
    let mut gone = rules.ended_by(next);
    if let Some(part) = ended.iter().find(|part| !gone.contains(part)) {
        return Err(stays(part));
    }
    gone.retain(|part| !ended.contains(part));
    if gone.is_empty() {
        return Ok(());
    }
    let stopped = count(store, &gone, at).await?;
    let mut open = String::new();
    for (part, contacts) in gone.iter().zip(stopped) {
        if contacts > 0 || rules.mails(&part.purpose) {
            let contacts = counted(contacts, "contact", "contacts");
            let _ = write!(
                open,
                "\n  {part}: {contacts} stopped exactly this (--ends {part})"
            );
        }
    }
    if open.is_empty() {
        return Ok(());
    }
    bail!(
        "publishing takes these away, and what people stopped by that name would stop no mailing under \
         another:{open}\nKeep the key where it is the same purpose or topic: titles may change freely. \
         Say --ends KEY for each that really ended."
    )
}

/// Why a name is refused that nothing takes away.
pub(super) fn stays(part: &Part) -> anyhow::Error {
    anyhow!("--ends {part}: publishing takes away nothing of that name; correct it or leave it out")
}

/// How many contacts stopped each part by name, page by page.
async fn count(
    store: &Arc<dyn Write>,
    parts: &[Part],
    at: Timestamp,
) -> anyhow::Result<Vec<usize>> {
    let mut counts = vec![0; parts.len()];
    let mut after = Uuid::nil();
    loop {
        let page = store.standings(after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(counts);
        };
        after = last.subject;
        for kept in &page {
            for (part, count) in parts.iter().zip(&mut counts) {
                *count += usize::from(kept.standing.stops(part, at));
            }
        }
    }
}
