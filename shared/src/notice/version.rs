//! A published version: immutable, and named by the SHA-256 of its canonical bytes (NOT-02).

use super::Notice;
use crate::digest::Digest;

/// A published version of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoticeVersion {
    /// A text as it was published before it had a structure (NOT-10); its bytes are the text's.
    Verbatim(String),
    /// A structured notice; its bytes are its RFC 8785 JSON.
    Structured(Box<Notice>),
}

/// Which of the two a stored version is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VersionKind {
    /// A text without structure.
    Verbatim,
    /// A structured notice.
    Structured,
}

/// Why stored bytes are no version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidVersion {
    /// A verbatim text that is not UTF-8.
    #[error(
        "the stored notice text is not UTF-8; restore it from a backup or from the notice's seed"
    )]
    NotText,
    /// Structured bytes that are no notice of this format.
    #[error("the stored notice cannot be read ({0}); restore it from a backup")]
    NotNotice(String),
    /// A notice whose bytes are not its canonical form.
    #[error("the stored notice is not in canonical form; restore it from a backup")]
    NotCanonical,
}

impl NoticeVersion {
    /// The bytes that name this version.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        match self {
            Self::Verbatim(text) => text.as_bytes().to_vec(),
            Self::Structured(notice) => {
                // Cannot fail: a notice has string keys and no floats.
                serde_json_canonicalizer::to_vec(notice).unwrap_or_default()
            }
        }
    }

    /// The version's name: the SHA-256 of its canonical bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&self.canonical())
    }

    /// Which of the two this is.
    #[must_use]
    pub const fn kind(&self) -> VersionKind {
        match self {
            Self::Verbatim(_) => VersionKind::Verbatim,
            Self::Structured(_) => VersionKind::Structured,
        }
    }

    /// The structured notice, if it is one.
    #[must_use]
    pub fn notice(&self) -> Option<&Notice> {
        match self {
            Self::Verbatim(_) => None,
            Self::Structured(notice) => Some(notice),
        }
    }

    /// Reads what [`Self::canonical`] wrote; anything else is refused, so that the digest of what
    /// is read is the digest of what was stored.
    pub fn from_canonical(kind: VersionKind, bytes: &[u8]) -> Result<Self, InvalidVersion> {
        let version = match kind {
            VersionKind::Verbatim => {
                let text = String::from_utf8(bytes.to_vec());
                Self::Verbatim(text.map_err(|_| InvalidVersion::NotText)?)
            }
            VersionKind::Structured => {
                let notice = serde_json::from_slice(bytes);
                let broken =
                    |cause: serde_json::Error| InvalidVersion::NotNotice(cause.to_string());
                Self::Structured(Box::new(notice.map_err(broken)?))
            }
        };
        if version.canonical() == bytes {
            Ok(version)
        } else {
            Err(InvalidVersion::NotCanonical)
        }
    }
}

impl VersionKind {
    /// The kind's name in tables and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Verbatim => "verbatim",
            Self::Structured => "structured",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Verbatim, Self::Structured]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}
