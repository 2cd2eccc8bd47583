//! What is owed to people by a certain time, and the report of what is late.

use shared::rules::Rules;
use shared::time::Timestamp;

use crate::store::dues::DueCounts;
use crate::store::{Read, StoreError};

/// Since when whoever is told has been told of everything that obliges to inform; the end of time
/// before the first notice was published.
#[must_use]
pub fn inform_since(rules: Option<&Rules>) -> Timestamp {
    rules
        .and_then(Rules::inform_since)
        .unwrap_or(Timestamp::from_millis(i64::MAX))
}

/// How much is owed at that moment.
pub async fn count(store: &dyn Read, at: Timestamp) -> Result<DueCounts, StoreError> {
    let rules = store.look_up(&[]).await?.rules;
    let since = inform_since(rules.as_ref().map(|stored| &stored.rules));
    store.count_dues(since, at).await
}

/// Logs what is late.
pub async fn report(store: &dyn Read, at: Timestamp) {
    match count(store, at).await {
        Ok(counts) => {
            if counts.cases.overdue > 0 {
                let overdue = counts.cases.overdue;
                tracing::warn!(overdue, "cases are overdue: `sayso case list --overdue`");
            }
            if counts.notices.overdue > 0 {
                let overdue = counts.notices.overdue;
                tracing::warn!(
                    overdue,
                    "contacts that came from somebody else were not told in time (Art. 14): \
                     `sayso notice due --overdue`"
                );
            }
        }
        Err(error) => tracing::error!(%error, "what is overdue cannot be counted"),
    }
}
