//! Letters: what is to be said to whom, before it is put into words.
//!
//! No letter carries text that somebody typed (EML-06).

use std::sync::Arc;

use frontend::catalogue::Language;
use serde::{Deserialize, Serialize};
use shared::address::{Address, AddressKey};
use shared::digest::Digest;
use shared::scope::Scope;
use shared::time::Timestamp;

use crate::clock::World;
use crate::sealing::Sealed;
use crate::secrets::Secrets;
use crate::store::outbox::{Allowance, NewLetter, Rank};

/// Letters to one address within an hour and within a day (SEC-12).
const PER_HOUR: u32 = 3;
const PER_DAY: u32 = 10;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How long a notice of an objection is tried: it is to warn while it is news.
const NOTICE_MS: i64 = 3 * DAY_MS;
/// How long an answer to a case is tried. Nobody could write it again: the address is deleted with the
/// decision.
const ANSWER_MS: i64 = 365 * DAY_MS;

/// A letter to one address.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Letter {
    /// The address in its normal form.
    pub to: String,
    /// The language of the page it was asked on, a BCP 47 tag.
    pub language: String,
    /// The notice whose controller it speaks for.
    pub notice: String,
    /// What it is about.
    pub kind: Kind,
}

/// What a letter is about.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Kind {
    /// Opens the contact's own pages.
    Link {
        /// The token, for the link's fragment.
        token: String,
        /// The code to type.
        code: String,
        /// Until when both work.
        until: Timestamp,
    },
    /// Asks to confirm a consent (EML-08).
    Confirm {
        /// The token, for the link's fragment.
        token: String,
        /// The code to type.
        code: String,
        /// Until when both work.
        until: Timestamp,
        /// What the consent would be for.
        scope: Scope,
    },
    /// Tells that somebody objected with this address (EML-13).
    Objected {
        /// To what.
        scope: Scope,
        /// To what else, in the same act.
        #[serde(default)]
        further: Vec<Scope>,
        /// Until when, for a pause.
        until: Option<Timestamp>,
        /// What the page showed.
        reference: String,
        /// When it was recorded.
        at: Timestamp,
    },
    /// Tells that a case was received (LAW-24, LAW-34).
    CaseReceived {
        /// What the person can quote.
        reference: String,
        /// Whether it is a complaint; otherwise an objection under Art. 21(1).
        complaint: bool,
        /// Until when it is answered, or for a complaint acknowledged.
        due: Timestamp,
    },
    /// Tells that work on a complaint has begun (LAW-34).
    CaseAcknowledged {
        /// What the person can quote.
        reference: String,
    },
    /// Tells that the answer to an objection takes longer, since it is complex or there are many
    /// (Art. 12(3)).
    CaseExtended {
        /// What the person can quote.
        reference: String,
        /// Until when it is answered now.
        due: Timestamp,
    },
    /// Tells how a case was decided, with where to complain and go to court.
    CaseDecided {
        /// What the person can quote.
        reference: String,
        /// Whether it was upheld.
        accepted: bool,
    },
}

impl Letter {
    /// Reads the JSON that [`Post::letter`] sealed.
    pub fn read(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }
}

/// Seals letters for the outbox.
#[derive(Clone)]
pub struct Post {
    secrets: Arc<Secrets>,
    world: Arc<dyn World>,
}

impl Post {
    /// Seals with these secrets.
    #[must_use]
    pub const fn new(secrets: Arc<Secrets>, world: Arc<dyn World>) -> Self {
        Self { secrets, world }
    }

    /// A letter to keep in the outbox, to be sent at once. A link is not sent after its end (EML-14).
    #[must_use]
    pub fn letter(&self, to: &Address, language: Language, notice: &str, kind: Kind) -> NewLetter {
        let now = self.world.now();
        let not_after = match &kind {
            Kind::Link { until, .. } | Kind::Confirm { until, .. } => *until,
            Kind::Objected { .. } => now.plus_millis(NOTICE_MS),
            Kind::CaseReceived { .. }
            | Kind::CaseAcknowledged { .. }
            | Kind::CaseExtended { .. }
            | Kind::CaseDecided { .. } => now.plus_millis(ANSWER_MS),
        };
        let rank = match &kind {
            Kind::Objected { .. } => Rank::Notice,
            _ => Rank::Owed,
        };
        let allowance = self.allowance(to, &kind, now);
        let letter = Letter {
            to: to.reveal().to_owned(),
            language: language.tag().to_owned(),
            notice: notice.to_owned(),
            kind,
        };
        let text = serde_json::to_vec(&letter).unwrap_or_default();
        NewLetter {
            due: now,
            not_after,
            rank,
            allowance,
            sealed: self
                .secrets
                .sealer
                .seal(Sealed::Letter, &text, &*self.world),
        }
    }

    /// Notices of objections are counted by themselves, one a day: strangers who object with an
    /// address must not use up its links.
    fn allowance(&self, to: &Address, kind: &Kind, at: Timestamp) -> Option<Allowance> {
        let (generation, key) = *self.secrets.keys(to).0.first()?;
        let (key, per_hour, per_day) = match kind {
            Kind::Objected { .. } => (apart(&key), 1, 1),
            _ => (key, PER_HOUR, PER_DAY),
        };
        Some(Allowance {
            to: (generation, key),
            at,
            per_hour,
            per_day,
        })
    }

    /// The letter that was sealed; `None` when it cannot be read.
    #[must_use]
    pub fn open(&self, sealed: &[u8]) -> Option<Letter> {
        let text = self.secrets.sealer.open(Sealed::Letter, sealed)?;
        Letter::read(&text).ok()
    }
}

/// Another key of the same address, to count by.
fn apart(key: &AddressKey) -> AddressKey {
    let text = [b"objected\x1f", key.as_bytes().as_slice()].concat();
    AddressKey::from_bytes(*Digest::of(&text).as_bytes())
}
