//! What holds now for one address: the fold of its entries.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::entry::{Act, Actor, Assurance, Entry};
use crate::facts::Facts;
use crate::scope::Scope;
use crate::time::Timestamp;

/// Repeats of one restriction that are remembered one by one. Older ones can no longer be
/// retracted, so forgetting which they were loses nothing: the restriction stays.
const REPEATS: usize = 8;

/// What holds for one address. Order is the ledger's; the later entry is applied later.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    restrictions: Vec<Restriction>,
    /// In ledger order. A later mark has replaced every earlier one within its scope.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    consents: Vec<Mark>,
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

/// Everything that restricts one scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Restriction {
    scope: Scope,
    live: Vec<Live>,
    /// The longest of those that are no longer remembered one by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pinned: Option<Live>,
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

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mark {
    scope: Scope,
    state: Marked,
    entry: Uuid,
    /// Whether the person did it, not staff or a file.
    own: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Marked {
    Given,
    Refused,
    Withdrawn,
}

/// A restriction that holds against a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// The entry behind it, the one that lasts longest.
    pub entry: Uuid,
    /// When it ends; `None` for an objection, which does not end.
    pub until: Option<Timestamp>,
}

/// The consent machine's answer for one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// Never given, refused or withdrawn, as far as is known.
    Unknown,
    /// Given and valid.
    Given(Uuid),
    /// Given, but its time is over (LAW-10).
    Expired(Uuid),
    /// Refused.
    Refused(Uuid),
    /// Withdrawn.
    Withdrawn(Uuid),
}

impl Standing {
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
        if entry.evidence.assurance == Assurance::LinkVerified {
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
            Act::Retracted => self.retract(&entry.refers_to),
            Act::ObjectionLifted => self.lift(entry),
            Act::ConsentGiven => self.give(entry),
            Act::ConsentRefused => self.mark(entry, Marked::Refused),
            Act::ConsentWithdrawn => self.mark(entry, Marked::Withdrawn),
            Act::NoticeProvided => {
                self.informed_at = self.informed_at.max(Some(entry.recorded_at));
            }
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
                one.live
                    .iter()
                    .chain(&one.pinned)
                    .copied()
                    .filter(|live| live.holds(at))
                    .reduce(|best, next| if next.outlasts(best) { next } else { best })
                    .map(|live| Hit {
                        entry: live.entry,
                        until: live.until,
                    })
            })
    }

    /// Where the consent machine stands for `asked`. The latest act decides: a refusal or
    /// withdrawal that touches the question, or a consent that contains it.
    #[must_use]
    pub fn consent(&self, asked: &Scope, at: Timestamp) -> Consent {
        for mark in self.consents.iter().rev() {
            match mark.state {
                Marked::Refused if mark.scope.touches(asked) => {
                    return Consent::Refused(mark.entry);
                }
                Marked::Withdrawn if mark.scope.touches(asked) => {
                    return Consent::Withdrawn(mark.entry);
                }
                Marked::Given if mark.scope.contains(asked) => {
                    return if mark.until.is_none_or(|end| at < end) {
                        Consent::Given(mark.entry)
                    } else {
                        Consent::Expired(mark.entry)
                    };
                }
                Marked::Given | Marked::Refused | Marked::Withdrawn => {}
            }
        }
        Consent::Unknown
    }

    /// Whether that entry restricts and could still be retracted.
    #[must_use]
    pub fn is_live(&self, entry: Uuid) -> bool {
        self.restrictions
            .iter()
            .any(|one| one.live.iter().any(|live| live.entry == entry))
    }

    fn restrict(&mut self, scope: &Scope, live: Live) {
        let place = self.restrictions.iter().position(|one| one.scope == *scope);
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
            restriction.pinned = match restriction.pinned {
                Some(pinned) if pinned.outlasts(oldest) => Some(pinned),
                _ => Some(oldest),
            };
        }
    }

    fn retract(&mut self, entries: &[Uuid]) {
        for restriction in &mut self.restrictions {
            restriction
                .live
                .retain(|live| !entries.contains(&live.entry));
        }
        self.drop_empty();
    }

    /// Ends restrictions, and forgets the consents within, which are not revived (LAW-18). An act
    /// of anyone but the verified person ends nothing.
    fn lift(&mut self, entry: &Entry) {
        let verified = entry.evidence.assurance == Assurance::LinkVerified
            && entry.evidence.actor == Actor::DataSubject;
        if !verified {
            return;
        }
        self.restrictions
            .retain(|one| !entry.scope.contains(&one.scope));
        self.consents
            .retain(|mark| mark.state != Marked::Given || !entry.scope.contains(&mark.scope));
        if entry.scope == Scope::ALL {
            self.erased = None;
            self.spam_reported = None;
        }
    }

    fn give(&mut self, entry: &Entry) {
        let admitted = match entry.evidence.assurance {
            Assurance::LinkVerified => true,
            Assurance::StaffAttested | Assurance::Imported => {
                entry.evidence.reference.is_some() && !self.person_stands_against(&entry.scope)
            }
            Assurance::Unverified | Assurance::OneClickToken => false,
        };
        if admitted && entry.scope.purpose.is_some() {
            self.mark(entry, Marked::Given);
        }
    }

    fn person_stands_against(&self, scope: &Scope) -> bool {
        self.consents
            .iter()
            .any(|mark| mark.own && mark.state != Marked::Given && mark.scope.touches(scope))
    }

    fn mark(&mut self, entry: &Entry, state: Marked) {
        self.consents
            .retain(|mark| !entry.scope.contains(&mark.scope));
        self.consents.push(Mark {
            scope: entry.scope.clone(),
            state,
            entry: entry.id,
            own: entry.evidence.actor == Actor::DataSubject,
            until: entry.until,
        });
    }

    fn record_facts(&mut self, entry: &Entry) {
        let Some(new) = &entry.facts else { return };
        self.facts.country = new.country.or(self.facts.country);
        self.facts.subscriber = new.subscriber.or(self.facts.subscriber);
        self.facts.soft_opt_in.extend(&new.soft_opt_in);
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
    }

    fn drop_empty(&mut self) {
        self.restrictions
            .retain(|one| !one.live.is_empty() || one.pinned.is_some());
    }
}
