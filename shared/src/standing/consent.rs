//! The consent machine: what was given, refused and withdrawn, and what a lift leaves of it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Standing, is_second_hand, is_verified_person};
use crate::entry::Entry;
use crate::scope::Scope;
use crate::time::Timestamp;

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

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mark {
    pub(super) scope: Scope,
    pub(super) state: Marked,
    pub(super) entry: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<Timestamp>,
}

impl Mark {
    pub(super) fn stands_against(&self) -> bool {
        matches!(self.state, Marked::Refused | Marked::Withdrawn)
    }

    fn outlasts(&self, other: &Self) -> bool {
        match (self.until, other.until) {
            (None, end) => end.is_some(),
            (Some(_), None) => false,
            (Some(one), Some(two)) => one > two,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Marked {
    Given,
    Refused,
    Withdrawn,
    /// An objection was lifted here: older consents answer nothing that touches the scope.
    Lifted,
}

impl Standing {
    /// Where the consent machine stands for `asked`. The latest act decides: a refusal or
    /// withdrawal that touches the question, or a consent that contains it, of several the one that
    /// lasts longest. A consent older than a lift that touches the question answers nothing (LAW-18).
    #[must_use]
    pub fn consent(&self, asked: &Scope, at: Timestamp) -> Consent {
        let own = answer(&self.consents, asked, at);
        let beside = self.beside.iter().map(|marks| answer(marks, asked, at));
        beside.fold(own, Consent::stricter)
    }

    /// What was decided about consent, also as the further subjects that the address is known as.
    pub(super) fn marks(&self) -> impl Iterator<Item = &Mark> {
        self.consents.iter().chain(self.beside.iter().flatten())
    }

    /// Whether a consent to all of `scope` counts that ends no earlier than `until`.
    #[must_use]
    pub fn consents_until(&self, scope: &Scope, until: Timestamp) -> bool {
        deciding(&self.consents, scope).is_some_and(|mark| {
            mark.state == Marked::Given && mark.until.is_none_or(|end| end >= until)
        })
    }

    /// Consent is for one purpose over one channel (LAW-01). What others report of it needs evidence
    /// and never undoes a refusal or withdrawal (LAW-08).
    pub(super) fn give(&mut self, entry: &Entry) {
        let specific = entry.scope.purpose.is_some() && entry.scope.channel.is_some();
        let admitted = is_verified_person(entry)
            || is_second_hand(entry)
                && entry.evidence.reference.is_some()
                && !self.is_refused(&entry.scope);
        if specific && admitted {
            self.mark(entry, Marked::Given);
        }
    }

    fn is_refused(&self, scope: &Scope) -> bool {
        self.consents
            .iter()
            .any(|mark| mark.stands_against() && mark.scope.touches(scope))
    }

    /// A later mark replaces the earlier ones within its scope, but a consent none that lasts
    /// longer, and a lift none that stands against.
    pub(super) fn mark(&mut self, entry: &Entry, state: Marked) {
        let next = Mark {
            scope: entry.scope.clone(),
            state,
            entry: entry.id,
            until: entry.until.filter(|_| state != Marked::Lifted),
        };
        self.consents.retain(|mark| {
            let stays = match state {
                Marked::Lifted => mark.stands_against(),
                Marked::Given => mark.state == Marked::Given && mark.outlasts(&next),
                Marked::Refused | Marked::Withdrawn => false,
            };
            stays || !next.scope.contains(&mark.scope)
        });
        self.consents.push(next);
    }
}

fn answer(marks: &[Mark], asked: &Scope, at: Timestamp) -> Consent {
    let Some(mark) = deciding(marks, asked) else {
        return Consent::Unknown;
    };
    match mark.state {
        Marked::Refused => Consent::Refused(mark.entry),
        Marked::Withdrawn => Consent::Withdrawn(mark.entry),
        _ if mark.until.is_none_or(|end| at < end) => Consent::Given(mark.entry),
        _ => Consent::Expired(mark.entry),
    }
}

/// The mark that answers for `asked`.
fn deciding<'a>(marks: &'a [Mark], asked: &Scope) -> Option<&'a Mark> {
    let mut lifted = false;
    let mut given: Option<&Mark> = None;
    for mark in marks.iter().rev() {
        match mark.state {
            Marked::Given if !lifted && mark.scope.contains(asked) => {
                given = given.filter(|best| !mark.outlasts(best)).or(Some(mark));
            }
            Marked::Given => {}
            Marked::Lifted => lifted |= mark.scope.touches(asked),
            Marked::Refused | Marked::Withdrawn if !mark.scope.touches(asked) => {}
            Marked::Refused | Marked::Withdrawn => return given.or(Some(mark)),
        }
    }
    given
}
