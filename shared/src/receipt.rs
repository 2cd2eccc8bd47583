//! The receipt: the person's signed copy of what they did.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::entry::{Act, Assurance};
use crate::scope::Scope;
use crate::time::Timestamp;

/// What a person did, as they can keep and show it. A receipt for an unverified act says nothing
/// of the ledger's order, of earlier states or of the address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// `sayso-receipt-1`.
    pub format: String,
    /// The reference shown on the page.
    pub reference: String,
    /// When the server received the act; it counts from this moment.
    pub recorded_at: Timestamp,
    /// What was done.
    pub act: Act,
    /// The right that was used: `eu-gdpr:A21`.
    pub right: String,
    /// About what.
    pub scope: Scope,
    /// When a pause ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// How sure it is that the person did it.
    pub assurance: Assurance,
    /// The language shown (BCP 47).
    pub language: String,
    /// Towards whom.
    pub controller: String,
    /// The notice that was in force or shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<NoticeName>,
    /// The digest of the words of the control that was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control_text: Option<Digest>,
}

/// The format that [`Receipt::format`] names.
pub const FORMAT: &str = "sayso-receipt-1";

/// A notice version, named so that it can be checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeName {
    /// Where it can be read.
    pub url: String,
    /// The version number.
    pub version: u32,
    /// SHA-256 of its canonical bytes.
    pub sha256: Digest,
}

impl Receipt {
    /// The bytes that are signed: RFC 8785 JSON.
    ///
    /// # Panics
    /// Never: a receipt is plain JSON.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        serde_json_canonicalizer::to_vec(self).expect("a receipt is canonical JSON")
    }
}

/// A receipt and the signature over its canonical bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedReceipt {
    /// What was signed, as RFC 8785 JSON.
    pub receipt: Receipt,
    /// By whom and how.
    pub signature: Signature,
}

/// An Ed25519 signature by one of the keys at `/log/key`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// `Ed25519`.
    pub algorithm: String,
    /// The key's id: the first 16 hex digits of the SHA-256 of the public key.
    pub key: String,
    /// Base64.
    pub value: String,
}
