//! What holds now for one address: the fold of its entries.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::entry::{Act, Actor, Assurance, Entry};
use crate::facts::{Facts, NoticeDue, Subscriber};
use crate::scope::Scope;
use crate::time::Timestamp;

mod bearing;
mod consent;
mod held;
mod joined;

pub use consent::Consent;
use consent::{Mark, Marked};
pub use held::{Held, Stands, What};

/// Repeats of one restriction that are remembered one by one. Older ones can no longer be
/// retracted, so forgetting which they were loses nothing: the restriction stays.
const REPEATS: usize = 8;

/// What holds for one address. Order is the ledger's; the later entry is applied later.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    restrictions: Vec<Restriction>,
    /// In ledger order. A later mark has replaced the earlier ones within its scope.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    consents: Vec<Mark>,
    /// The consents of further subjects that the address is known as; nobody keeps them here.
    #[serde(skip)]
    beside: Vec<Vec<Mark>>,
    /// When a notice was last put before the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub informed_at: Option<Timestamp>,
    /// The recorded facts.
    #[serde(default, skip_serializing_if = "is_default")]
    pub facts: Facts,
    /// The tombstone: the data was erased, the restriction stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased: Option<Uuid>,
    /// Mail came back for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hard_bounce: Option<Uuid>,
    /// A message was reported as spam.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spam_reported: Option<Uuid>,
}

fn is_default(facts: &Facts) -> bool {
    *facts == Facts::default()
}

/// All objections to one scope, or all pauses of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Restriction {
    scope: Scope,
    live: Vec<Live>,
    /// The longest of those that can no longer be retracted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pinned: Option<Live>,
}

impl Restriction {
    fn ends(&self) -> bool {
        self.live
            .iter()
            .chain(&self.pinned)
            .any(|live| live.until.is_some())
    }

    /// Whether that lift names it. All objections to one scope are one, and so are all pauses of it:
    /// to name one of them is to name all. What stayed of an erasure shares one entry with all else
    /// that stayed, so there scope and kind have to be the same too: a lift of a pause says its end.
    fn is_lifted_by(&self, lift: &Entry) -> bool {
        let is_named = |live: &Live| lift.refers_to.contains(&live.entry);
        let is_the_same = self.scope == lift.scope && self.ends() == lift.until.is_some();
        lift.scope.contains(&self.scope) && self.live.iter().any(is_named)
            || is_the_same && self.pinned.as_ref().is_some_and(is_named)
    }

    fn pin(&mut self, live: Live) {
        self.pinned = match self.pinned {
            Some(pinned) if pinned.outlasts(live) => Some(pinned),
            _ => Some(live),
        };
    }
}

/// One objection (no end) or pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Live {
    entry: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
}

impl Live {
    fn holds(self, at: Timestamp) -> bool {
        self.until.is_none_or(|end| at < end)
    }

    fn outlasts(self, other: Self) -> bool {
        match (self.until, other.until) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(one), Some(two)) => one >= two,
        }
    }
}

/// A restriction that holds against a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// The entry behind it, the one that lasts longest.
    pub entry: Uuid,
    /// When it ends; `None` for an objection, which does not end.
    pub until: Option<Timestamp>,
}

impl Standing {
    /// The number of this fold. It is raised with every change of what [`Self::apply`] makes of the same
    /// entries: standings that are kept under another number are folded again before they are used.
    pub const FOLD: u32 = 1;

    /// The fold of one address's entries, in ledger order.
    #[must_use]
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut standing = Self::default();
        for entry in entries {
            standing.apply(entry);
        }
        standing
    }

    /// Adds the next entry.
    pub fn apply(&mut self, entry: &Entry) {
        if is_verified_person(entry) {
            self.hard_bounce = None;
        }
        match entry.act {
            Act::Objected => self.restrict(
                &entry.scope,
                Live {
                    entry: entry.id,
                    until: None,
                },
            ),
            Act::Paused => {
                self.restrict(
                    &entry.scope,
                    Live {
                        entry: entry.id,
                        until: entry.until,
                    },
                );
            }
            Act::Retracted => self.retract(entry),
            Act::ObjectionLifted => self.lift(entry),
            Act::ConsentGiven => self.give(entry),
            Act::ConsentRefused => self.mark(entry, Marked::Refused),
            Act::ConsentWithdrawn => self.mark(entry, Marked::Withdrawn),
            Act::NoticeProvided => self.inform(entry),
            Act::FactRecorded => self.record_facts(entry),
            Act::Erased => self.erase(entry),
            Act::Bounced => self.hard_bounce = Some(entry.id),
            Act::SpamReported => self.spam_reported = Some(entry.id),
            Act::ConsentRequested
            | Act::CaseOpened
            | Act::CaseAcknowledged
            | Act::CaseExtended
            | Act::CaseDecided => {}
        }
    }

    /// The objections and pauses that hold against a mailing about `asked` at that moment.
    pub fn hits(&self, asked: &Scope, at: Timestamp) -> impl Iterator<Item = Hit> {
        self.restrictions
            .iter()
            .filter(move |one| one.scope.touches(asked))
            .filter_map(move |one| {
                held::longest(one, at).map(|live| Hit {
                    entry: live.entry,
                    until: live.until,
                })
            })
    }

    /// By when the person must be told, since the contact came from somebody else; `None` where it did
    /// not, or the person was told (LAW-22).
    #[must_use]
    pub fn notice_due(&self) -> Option<NoticeDue> {
        self.facts.obtained.notice_due(self.informed_at)
    }

    fn restrict(&mut self, scope: &Scope, live: Live) {
        let place = self
            .restrictions
            .iter()
            .position(|one| one.scope == *scope && one.ends() == live.until.is_some());
        let restriction = match place {
            Some(place) => &mut self.restrictions[place],
            None => {
                self.restrictions.push(Restriction {
                    scope: scope.clone(),
                    live: Vec::new(),
                    pinned: None,
                });
                self.restrictions.last_mut().expect("just pushed")
            }
        };
        restriction.live.push(live);
        if restriction.live.len() > REPEATS {
            let oldest = restriction.live.remove(0);
            restriction.pin(oldest);
        }
    }

    /// Takes back the entries that are named. Only a page takes back, for the person before it.
    fn retract(&mut self, entry: &Entry) {
        if entry.evidence.actor != Actor::DataSubject || is_second_hand(entry) {
            return;
        }
        for restriction in &mut self.restrictions {
            restriction
                .live
                .retain(|live| !entry.refers_to.contains(&live.entry));
        }
        self.restrictions
            .retain(|one| !one.live.is_empty() || one.pinned.is_some());
    }

    /// Ends what is named and nothing else, and forgets the older consents, which are not revived
    /// (LAW-18). An act of anyone but the verified person ends nothing.
    fn lift(&mut self, entry: &Entry) {
        if !is_verified_person(entry) {
            return;
        }
        self.restrictions.retain(|one| !one.is_lifted_by(entry));
        self.consents
            .retain(|mark| mark.stands_against() || !entry.scope.contains(&mark.scope));
        let wider = |mark: &Mark| mark.state == Marked::Given && mark.scope.touches(&entry.scope);
        if self.consents.iter().any(wider) {
            self.mark(entry, Marked::Lifted);
        }
        if entry.scope == Scope::ALL && entry.until.is_none() {
            let left = |id: &Uuid| !entry.refers_to.contains(id);
            self.erased = self.erased.filter(left);
            self.spam_reported = self.spam_reported.filter(left);
        }
    }

    /// Facts that loosen need evidence (LAW-40, LAW-42); strangers record none.
    fn record_facts(&mut self, entry: &Entry) {
        let Some(new) = &entry.facts else { return };
        if !is_verified_person(entry) && !is_second_hand(entry) {
            return;
        }
        self.facts.country = new.country.or(self.facts.country);
        self.facts.obtained = self.facts.obtained.replaced(&new.obtained);
        let evidenced = is_verified_person(entry) || entry.evidence.reference.is_some();
        if evidenced || new.subscriber == Some(Subscriber::Individual) {
            self.facts.subscriber = new.subscriber.or(self.facts.subscriber);
        }
        if evidenced {
            self.facts.soft_opt_in.extend(&new.soft_opt_in);
        }
    }

    /// Whoever typed the address read the notice, but need not be the person.
    fn inform(&mut self, entry: &Entry) {
        let stranger = matches!(
            entry.evidence.actor,
            Actor::DataSubject | Actor::MailReceiver
        ) && entry.evidence.assurance == Assurance::Unverified;
        if !stranger {
            self.informed_at = self.informed_at.max(Some(entry.recorded_at));
        }
    }

    fn erase(&mut self, entry: &Entry) {
        *self = Self {
            erased: Some(entry.id),
            ..Self::default()
        };
        for stay in &entry.stays {
            self.restrict(
                &stay.scope,
                Live {
                    entry: entry.id,
                    until: stay.until,
                },
            );
        }
        for restriction in &mut self.restrictions {
            for live in std::mem::take(&mut restriction.live) {
                restriction.pin(live);
            }
        }
    }
}

/// Whether the holder of the mailbox did it: the one who can lift (LAW-18).
fn is_verified_person(entry: &Entry) -> bool {
    entry.evidence.actor == Actor::DataSubject
        && entry.evidence.assurance == Assurance::LinkVerified
}

/// Whether others report it of the person.
fn is_second_hand(entry: &Entry) -> bool {
    matches!(
        entry.evidence.assurance,
        Assurance::StaffAttested | Assurance::Imported
    )
}
