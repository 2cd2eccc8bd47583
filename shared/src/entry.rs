//! Ledger entries: one act and its evidence, in the frozen format 1.
//!
//! An entry carries no address, no address key and no sequence number. Its canonical form is
//! RFC 8785 JSON; its commitment is `SHA-256(salt || canonical)` and becomes a leaf of the log, so
//! the format can never change for entries that exist: a new format gets a new number.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::digest::Digest;
use crate::facts::Facts;
use crate::scope::Scope;
use crate::time::Timestamp;

/// The number of the entry format.
pub const FORMAT: u8 = 1;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Art. 21(2): stops the scope for good.
    Objected,
    /// The verified person ends their restrictions within the scope (LAW-18).
    ObjectionLifted,
    /// An objection with an end.
    Paused,
    /// Takes back exactly the entry it refers to.
    Retracted,
    /// Consent was asked for; neither allows nor blocks.
    ConsentRequested,
    /// Consent was given.
    ConsentGiven,
    /// Consent was refused.
    ConsentRefused,
    /// Consent was withdrawn (Art. 7(3)).
    ConsentWithdrawn,
    /// The notice of the entry was put before the person.
    NoticeProvided,
    /// A fact about the contact was recorded.
    FactRecorded,
    /// A case under Art. 21(1) or a complaint was opened.
    CaseOpened,
    /// Receipt of the case was acknowledged.
    CaseAcknowledged,
    /// The time limit of the case was extended.
    CaseExtended,
    /// The case was decided.
    CaseDecided,
    /// The person's data was erased; states the restrictions that stay.
    Erased,
    /// Mail to the address came back for good.
    Bounced,
    /// The receiver reported a message as spam.
    SpamReported,
}

impl Act {
    /// Every act, in the order above.
    pub const ALL: [Self; 17] = [
        Self::Objected,
        Self::ObjectionLifted,
        Self::Paused,
        Self::Retracted,
        Self::ConsentRequested,
        Self::ConsentGiven,
        Self::ConsentRefused,
        Self::ConsentWithdrawn,
        Self::NoticeProvided,
        Self::FactRecorded,
        Self::CaseOpened,
        Self::CaseAcknowledged,
        Self::CaseExtended,
        Self::CaseDecided,
        Self::Erased,
        Self::Bounced,
        Self::SpamReported,
    ];

    /// The act's name in JSON and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Objected => "objected",
            Self::ObjectionLifted => "objection_lifted",
            Self::Paused => "paused",
            Self::Retracted => "retracted",
            Self::ConsentRequested => "consent_requested",
            Self::ConsentGiven => "consent_given",
            Self::ConsentRefused => "consent_refused",
            Self::ConsentWithdrawn => "consent_withdrawn",
            Self::NoticeProvided => "notice_provided",
            Self::FactRecorded => "fact_recorded",
            Self::CaseOpened => "case_opened",
            Self::CaseAcknowledged => "case_acknowledged",
            Self::CaseExtended => "case_extended",
            Self::CaseDecided => "case_decided",
            Self::Erased => "erased",
            Self::Bounced => "bounced",
            Self::SpamReported => "spam_reported",
        }
    }
}

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The person whose data it is, or someone who typed their address.
    DataSubject,
    /// Somebody working for the controller.
    Staff,
    /// A mailbox provider, on the person's behalf.
    MailReceiver,
    /// Sayso itself.
    System,
}

/// How sure it is that the actor is the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assurance {
    /// Anyone who knows the address.
    Unverified,
    /// The holder of a one-click unsubscribe token.
    OneClickToken,
    /// The holder of the mailbox: a link or code sent there was used.
    LinkVerified,
    /// Staff say so, with a reference to evidence.
    StaffAttested,
    /// Taken over from another system.
    Imported,
}

/// Where it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Surface {
    /// The widget on a company's page.
    Widget,
    /// The widget in an iframe.
    Frame,
    /// The service's own notice page.
    NoticePage,
    /// The contact's own pages.
    SelfService,
    /// RFC 8058.
    OneClick,
    /// A message to the unsubscribe mailbox.
    Mailto,
    /// The JSON interface, from no page of ours.
    Api,
    /// The command line.
    CommandLine,
    /// A file of another system.
    Import,
    /// A report by a mail system.
    MailSystem,
}

/// By which positive act (LAW-02). There is no word for silence, scrolling or a box already ticked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A button was pressed; the browser sent the form itself.
    Form,
    /// A button was pressed; a script sent it.
    Script,
    /// One-click POST.
    OneClickPost,
    /// A message was sent.
    Message,
    /// Said or written to staff.
    ToldStaff,
    /// A row of a file.
    Row,
    /// An automatic report.
    Report,
}

/// The evidence of an act: who, how, where, and what they were shown. Its fields stand in the order
/// of their names, which is the order of RFC 8785: see [`Entry::canonical`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Who did it.
    pub actor: Actor,
    /// How sure it is that the actor is the person.
    pub assurance: Assurance,
    /// The build of Sayso that rendered the page.
    pub build: String,
    /// The exact words of the control that was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control_text: Option<Digest>,
    /// Whether the browser sent Global Privacy Control with the act (GPC-05).
    pub gpc: bool,
    /// The origin of the page that embedded the widget.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_origin: Option<String>,
    /// The language shown (BCP 47).
    pub language: String,
    /// By which positive act.
    pub method: Method,
    /// The notice version in force or shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<Digest>,
    /// Where the controller keeps the letter, note or file behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Where.
    pub surface: Surface,
    /// The digest of the view token: proof of what was rendered and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view_token: Option<Digest>,
}

impl Evidence {
    /// The evidence of an act at no page: nothing was shown, and it is noted in English.
    #[must_use]
    pub fn off_page(
        actor: Actor,
        assurance: Assurance,
        surface: Surface,
        method: Method,
        build: String,
    ) -> Self {
        Self {
            actor,
            assurance,
            build,
            control_text: None,
            gpc: false,
            host_origin: None,
            language: "en".to_owned(),
            method,
            notice: None,
            reference: None,
            surface,
            view_token: None,
        }
    }
}

/// One act and its evidence, its fields in the order of their names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What was done.
    pub act: Act,
    /// Who, how, where.
    pub evidence: Evidence,
    /// The facts that were recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<Facts>,
    /// The entry format, [`FORMAT`].
    pub format: u8,
    /// UUIDv7.
    pub id: Uuid,
    /// When the server received it.
    pub recorded_at: Timestamp,
    /// Earlier entries that this one is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refers_to: Vec<Uuid>,
    /// About what.
    #[serde(default, skip_serializing_if = "is_all")]
    pub scope: Scope,
    /// The restrictions that stay after erasure.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stays: Vec<Stay>,
    /// Whose entry it is: a random UUID that says nothing about the address.
    pub subject: Uuid,
    /// When a pause or a consent ends, also a pause that is lifted, or until when a case has to be
    /// answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// A restriction that outlives the person's data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stay {
    /// What stays restricted.
    #[serde(default, skip_serializing_if = "is_all")]
    pub scope: Scope,
    /// Until when; absent for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

fn is_all(scope: &Scope) -> bool {
    *scope == Scope::ALL
}

/// Bytes that are no entry of a known format.
#[derive(Debug, thiserror::Error)]
pub enum InvalidEntry {
    /// Not the JSON of an entry.
    #[error("not an entry: {0}")]
    Json(#[from] serde_json::Error),
    /// A format of a later version.
    #[error("entry format {0} is not known to this version")]
    Format(u8),
}

impl Entry {
    /// The canonical bytes: RFC 8785 JSON. The fields of an entry and of all in it are declared in
    /// the order of that standard, which leaves nothing to sort; strings and whole numbers are
    /// written alike by both.
    ///
    /// # Panics
    /// Never: an entry holds no map.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(1024);
        serde_json::to_writer(&mut bytes, self).expect("an entry is plain JSON");
        bytes
    }

    /// Reads canonical bytes back.
    pub fn from_canonical(bytes: &[u8]) -> Result<Self, InvalidEntry> {
        match serde_json::from_slice::<Self>(bytes) {
            Ok(entry) if entry.format == FORMAT => Ok(entry),
            Ok(entry) => Err(InvalidEntry::Format(entry.format)),
            Err(error) => Err(later_format(bytes).map_or(error.into(), InvalidEntry::Format)),
        }
    }
}

/// The format of an entry that this version cannot read, where that is the reason.
fn later_format(bytes: &[u8]) -> Option<u8> {
    #[derive(Deserialize)]
    struct Head {
        format: u8,
    }
    let Head { format } = serde_json::from_slice(bytes).ok()?;
    (format != FORMAT).then_some(format)
}

/// The random bytes that make a commitment say nothing once they are gone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt(pub [u8; 32]);

impl fmt::Debug for Salt {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Salt(…)")
    }
}

/// What the ledger keeps for ever of an entry: `SHA-256(salt || canonical)`.
#[must_use]
pub fn commitment(salt: &Salt, canonical: &[u8]) -> Digest {
    let mut hash = Sha256::new();
    hash.update(salt.0);
    hash.update(canonical);
    Digest::from_bytes(hash.finalize().into())
}
