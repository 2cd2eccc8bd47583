//! What holds for one contact, as their own page says it: per purpose, topic and channel.

use shared::entry::{Act, Surface};
use shared::legal_basis::LegalBasis;
use shared::purpose::Channel;
use shared::scope::Scope;
use shared::time::Timestamp;

/// All that a signed-in contact sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// Their address in its normal form.
    pub address: String,
    /// When the session ends, whatever happens.
    pub closes: Timestamp,
    /// The last entry of the ledger that this includes.
    pub as_of: u64,
    /// The name of the controller.
    pub controller: String,
    /// The notice beside which they asked, for links and questions.
    pub notice: String,
    /// What they stopped and can let go on.
    pub stops: Vec<Stop>,
    /// The consents that hold, also those that no notice asks for any more.
    pub consents: Vec<Allowed>,
    /// The purposes that the gate answers for.
    pub purposes: Vec<OwnPurpose>,
}

impl Own {
    /// The consents that no purpose below shows as given: each has a place of its own, where it can be
    /// withdrawn (Art. 7(3)).
    pub fn consents_apart(&self) -> impl Iterator<Item = &Allowed> {
        self.consents.iter().filter(|consent| {
            let topics = self.purposes.iter().flat_map(|purpose| &purpose.topics);
            let mut rows = topics.flat_map(|topic| &topic.rows);
            !rows.any(|row| row.scope == consent.scope && row.consent == Consented::Given)
        })
    }
}

/// A direct-marketing purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPurpose {
    /// Its title.
    pub title: String,
    /// Proves which notice version and which words were shown.
    pub view_token: String,
    /// Whether its notice states consent as a basis.
    pub takes_consent: bool,
    /// Its topics; one without a key where it has none.
    pub topics: Vec<OwnTopic>,
}

/// A part of a purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnTopic {
    /// Its title.
    pub title: String,
    /// One for each channel.
    pub rows: Vec<Row>,
}

/// What holds for one purpose, topic and channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which.
    pub scope: Scope,
    /// Over which channel.
    pub channel: Channel,
    /// Whether a mailing may go out.
    pub proceeds: bool,
    /// Whether one may go out all the same where who sends states country and subscriber.
    pub if_stated: bool,
    /// Why, as the gate says it; `related` where the address without its `+tag` stopped it.
    pub reason: &'static str,
    /// The Art. 6(1) basis of what may go out, also of what may where it is stated.
    pub basis: Option<LegalBasis>,
    /// The act behind it.
    pub by: Option<Deed>,
    /// Where consent stands.
    pub consent: Consented,
    /// Whether an objection or a pause of their own is in the way.
    pub stopped: bool,
}

/// Where consent stands, as far as the next choice depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consented {
    /// Neither given nor refused, or too old.
    Open,
    /// Given and valid.
    Given,
    /// Refused or withdrawn.
    Against,
}

/// A consent that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// To what.
    pub scope: Scope,
    /// The same in words.
    pub what: String,
    /// The act, where it is known.
    pub by: Option<Deed>,
    /// Proves which notice version and which words were shown.
    pub view_token: String,
}

/// Something that stops mailings and ends when the contact lifts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// About what.
    pub scope: Scope,
    /// What it is.
    pub kind: StopKind,
    /// The same in words.
    pub what: String,
    /// The act.
    pub by: Deed,
}

/// What stops mailings until the contact lifts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopKind {
    /// An objection, without an end.
    Objection,
    /// A pause.
    Pause,
    /// The data was erased.
    Erased,
    /// A message was reported as spam.
    SpamReported,
}

impl StopKind {
    /// Its name in forms and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Objection => "objection",
            Self::Pause => "pause",
            Self::Erased => "erased",
            Self::SpamReported => "spam_reported",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::Objection,
            Self::Pause,
            Self::Erased,
            Self::SpamReported,
        ]
        .into_iter()
        .find(|kind| kind.name() == name)
    }
}

/// An act: what, when, where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// What was done.
    pub act: Act,
    /// When.
    pub at: Timestamp,
    /// Until when, if not for good.
    pub until: Option<Timestamp>,
    /// Where.
    pub surface: Surface,
    /// On which website.
    pub host: Option<String>,
}
