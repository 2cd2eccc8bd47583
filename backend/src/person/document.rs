//! The document that says what is kept about one person.

use serde::Serialize;
use shared::digest::Digest;
use shared::entry::Entry;
use shared::notice::retention::Rule;
use shared::scope::Scope;
use shared::time::Timestamp;
use uuid::Uuid;

use crate::store::cases::CaseKind;

/// What is kept about one person.
#[derive(Debug, Clone, Serialize)]
pub struct Person {
    /// [`FORMAT`](super::FORMAT).
    pub format: &'static str,
    /// When this was put together.
    pub made_at: Timestamp,
    /// The random name of the person in the ledger; none where nothing is kept.
    pub pii_principal_id: Option<Uuid>,
    /// Whether a suppression entry exists: something restricts mailings.
    pub suppressed: bool,
    /// Whether what was kept before was erased.
    pub erased: bool,
    /// Until when this is kept as things stand; none as long as something has to be respected.
    pub kept_until: Option<Timestamp>,
    /// What holds now.
    pub holds: Vec<Holding>,
    /// Every entry, oldest first.
    pub records: Vec<Record>,
    /// Every case.
    pub cases: Vec<Case>,
    /// The notice versions that the records name, with their text.
    pub notices: Vec<NoticeText>,
    /// The words of the controls that were used.
    pub controls: Vec<ControlText>,
    /// To whom data goes, as the notices in force say.
    pub recipients: Vec<String>,
    /// How long data is kept, as the notices in force say.
    pub retention: Vec<Rule>,
}

/// Something that holds.
#[derive(Debug, Clone, Serialize)]
pub struct Holding {
    /// What.
    pub what: &'static str,
    /// About what.
    pub scope: Scope,
    /// The same in words.
    pub in_words: String,
    /// Since when.
    pub since: Option<Timestamp>,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The record behind it.
    pub record: Uuid,
}

/// An entry of the ledger, with what it is in the words of ISO/IEC TS 27560 and DPV.
#[derive(Debug, Clone, Serialize)]
pub struct Record {
    /// `ConsentRecord`, `RightExerciseRecord` or `Record`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The DPV status, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<&'static str>,
    /// What happened, in words.
    pub in_words: String,
    /// The notice that was shown or in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<NoticeName>,
    /// The entry itself.
    pub entry: Entry,
}

/// A notice version by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoticeName {
    /// The notice.
    pub notice: String,
    /// The version.
    pub version: u32,
    /// The SHA-256 of its bytes.
    pub sha256: Digest,
}

/// A notice version and its text.
#[derive(Debug, Clone, Serialize)]
pub struct NoticeText {
    /// Which.
    #[serde(flatten)]
    pub name: NoticeName,
    /// When it was published.
    pub published_at: Timestamp,
    /// `text/plain` or `application/json`.
    pub media_type: &'static str,
    /// The bytes that the digest names.
    pub text: String,
}

/// The words of a control.
#[derive(Debug, Clone, Serialize)]
pub struct ControlText {
    /// The SHA-256 of the words.
    pub sha256: Digest,
    /// The words.
    pub text: String,
}

/// A case.
#[derive(Debug, Clone, Serialize)]
pub struct Case {
    /// Always `RightExerciseRecord`.
    #[serde(rename = "type")]
    pub record: &'static str,
    /// The DPV status.
    pub status: &'static str,
    /// The reference.
    pub reference: String,
    /// An objection or a complaint.
    pub kind: CaseKind,
    /// What is objected to, in words.
    pub what: String,
    /// Whether that use of data is restricted now (Art. 18(1)(d)).
    pub restricted: bool,
    /// When it was received.
    pub received_at: Timestamp,
    /// Until when it is answered or acknowledged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Timestamp>,
    /// When it was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Timestamp>,
    /// Whether it was accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<bool>,
    /// What the person wrote, while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Why it was rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grounds: Option<String>,
}
