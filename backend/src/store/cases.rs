//! Cases: objections under Art. 21(1) and complaints, with their deadlines.

use async_trait::async_trait;
use serde::Serialize;
use shared::purpose::PurposeKey;
use shared::time::Timestamp;
use uuid::Uuid;

use super::outbox::NewLetter;
use super::{NewAct, SealedEntry, StoreError};

/// What a case is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseKind {
    /// An objection under Art. 21(1): weighed, and answered within a month (LAW-24).
    Objection,
    /// A complaint, acknowledged within 30 days (LAW-34).
    Complaint,
}

impl CaseKind {
    /// The kind's name in JSON and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Objection => "objection",
            Self::Complaint => "complaint",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Objection, Self::Complaint]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// A case to open.
#[derive(Debug, Clone)]
pub struct NewCase {
    /// Eight characters, for the person to quote; nobody else's.
    pub reference: String,
    /// What it is about.
    pub kind: CaseKind,
    /// The notice beside which it was opened.
    pub notice: String,
    /// The purpose that is objected to.
    pub purpose: Option<PurposeKey>,
    /// Until when receipt has to be acknowledged.
    pub acknowledge_by: Option<Timestamp>,
    /// Until when it has to be answered.
    pub due: Option<Timestamp>,
    /// Who asked and what they wrote.
    pub sealed: Vec<u8>,
}

/// A case as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptCase {
    /// What the person quotes.
    pub reference: String,
    /// What it is about.
    pub kind: CaseKind,
    /// Whose case.
    pub subject: Uuid,
    /// The entry that opened it.
    pub opened: Uuid,
    /// The notice beside which it was opened.
    pub notice: String,
    /// The purpose that is objected to.
    pub purpose: Option<PurposeKey>,
    /// When it was received.
    pub received_at: Timestamp,
    /// Until when receipt has to be acknowledged.
    pub acknowledge_by: Option<Timestamp>,
    /// When it was.
    pub acknowledged_at: Option<Timestamp>,
    /// Until when it has to be answered.
    pub due: Option<Timestamp>,
    /// When the time was extended.
    pub extended_at: Option<Timestamp>,
    /// When it was decided, and whether it was accepted.
    pub decided: Option<(Timestamp, bool)>,
    /// Who asked and what they wrote; `None` once it is decided.
    pub sealed: Option<Vec<u8>>,
    /// Why it was rejected.
    pub grounds: Option<Vec<u8>>,
}

impl KeptCase {
    /// Whether something that is owed for it is late at `at`.
    #[must_use]
    pub fn is_overdue(&self, at: Timestamp) -> bool {
        let late = |owed: Option<Timestamp>| owed.is_some_and(|end| at >= end);
        self.decided.is_none()
            && (late(self.due) || self.acknowledged_at.is_none() && late(self.acknowledge_by))
    }
}

/// The next step of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseStep {
    /// Receipt is acknowledged.
    Acknowledge,
    /// The answer may take until then.
    Extend(Timestamp),
    /// It is decided. Who asked and what they wrote is deleted.
    Decide {
        /// Whether it is accepted.
        accepted: bool,
        /// Why not, sealed.
        grounds: Option<Vec<u8>>,
    },
}

/// Reading cases.
#[async_trait]
pub trait Cases: Send + Sync {
    /// The case of that reference.
    async fn case(&self, reference: &str) -> Result<Option<KeptCase>, StoreError>;
    /// Every case, the open ones first, each part by the time of receipt.
    async fn cases(&self) -> Result<Vec<KeptCase>, StoreError>;
    /// The cases of one subject, by the time of receipt.
    async fn cases_of(&self, subject: Uuid) -> Result<Vec<KeptCase>, StoreError>;
}

/// Opening and working cases. Only the recording service holds this.
#[async_trait]
pub trait Handle: Send + Sync {
    /// Appends the act, whose first entry opens the case, and keeps the case, in one unit.
    /// `Conflict` as for `append`, and when the reference is taken.
    async fn open_case(&self, case: NewCase, act: NewAct) -> Result<(), StoreError>;
    /// Appends the entries of a step, the first of which is the step's own, does the step and keeps
    /// the letter, in one unit. `Conflict`, and nothing done, when there is no such open case of
    /// that subject, or when it was acknowledged or extended before.
    async fn step_case(
        &self,
        reference: &str,
        step: CaseStep,
        entries: Vec<SealedEntry>,
        letter: Option<NewLetter>,
    ) -> Result<(), StoreError>;
    /// How many cases were decided before `before`; with `delete` they are deleted.
    async fn old_cases(&self, before: Timestamp, delete: bool) -> Result<u64, StoreError>;
}
