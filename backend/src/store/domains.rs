//! Domains of companies that want no mail to any of their people (LAW-45): the rule set says which,
//! and these steps say why, for good.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use shared::digest::Digest;
use shared::rules::Rules;
use shared::time::Timestamp;

use super::StoreError;
use super::events::NewEvent;

/// Something that staff recorded about a domain, on the company's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DomainStep {
    /// The domain, in lower-case ASCII.
    pub domain: String,
    /// What the company wants.
    pub act: DomainAct,
    /// Where the letter, note or call is kept.
    pub evidence: String,
    /// When it was recorded.
    pub at: Timestamp,
}

/// A step to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStep {
    /// The step.
    pub step: DomainStep,
    /// What sinks have to be told of it.
    pub events: Vec<NewEvent>,
}

/// What a company wants of its domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DomainAct {
    /// No mail to addresses of exactly this domain.
    Objected,
    /// Nor to addresses of any domain below it.
    ObjectedWithSubdomains,
    /// Mail again, where nothing of the person stands against it.
    Lifted,
}

impl DomainAct {
    /// The act's name in JSON and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Objected => "objected",
            Self::ObjectedWithSubdomains => "objected_with_subdomains",
            Self::Lifted => "lifted",
        }
    }

    /// The act of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Objected, Self::ObjectedWithSubdomains, Self::Lifted]
            .into_iter()
            .find(|act| act.as_str() == text)
    }
}

/// Reading the steps.
#[async_trait]
pub trait Domains: Send + Sync {
    /// Every step of every domain, oldest first.
    async fn domain_steps(&self) -> Result<Vec<DomainStep>, StoreError>;
}

/// Taking steps.
#[async_trait]
pub trait StepDomain: Send + Sync {
    /// Puts in force the rule set that follows from these steps, of which there is at least one, and
    /// keeps them with what sinks are told of them, in one unit. `Conflict` when the rule set in force is not `decided_on`.
    async fn step_domains(
        &self,
        decided_on: Digest,
        rules: Rules,
        steps: Vec<NewStep>,
    ) -> Result<(), StoreError>;
}
