//! Rule sets, and when each came into force.

use async_trait::async_trait;
use shared::digest::Digest;
use shared::rules::Rules;
use shared::time::Timestamp;

use super::StoreError;

/// A rule set and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRules {
    /// The digest of the canonical form.
    pub digest: Digest,
    /// The rules.
    pub rules: Rules,
}

/// Reading those that are or were in force.
#[async_trait]
pub trait RuleSets: Send + Sync {
    /// The rule sets that were put in force after `after` and up to `until`, each with when, oldest first.
    async fn rules_between(
        &self,
        after: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<(Timestamp, Rules)>, StoreError>;
}
