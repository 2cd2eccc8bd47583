//! What a standing holds at a moment, listed: for the person, for what erasure leaves, and for how
//! long entries are kept.

use uuid::Uuid;

use super::{Live, Marked, Restriction, Standing};
use crate::entry::{Act, Entry, Stay};
use crate::rules::Part;
use crate::scope::Scope;
use crate::time::Timestamp;

/// Something that holds about a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// What it is.
    pub what: What,
    /// About what.
    pub scope: Scope,
    /// The entry behind it.
    pub entry: Uuid,
    /// When it ends or ended by itself.
    pub until: Option<Timestamp>,
}

/// What can hold about a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// An objection, without an end.
    Objection,
    /// A pause.
    Pause,
    /// A consent.
    Consent,
    /// A consent whose time is over.
    ConsentOver,
    /// A refusal of consent.
    Refusal,
    /// A withdrawal of consent.
    Withdrawal,
}

/// How a restriction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// The page that made it may still take it back.
    Retractable,
    /// Only a lift by the verified person ends it.
    ForGood,
}

impl Standing {
    /// Whether an objection or pause of exactly that scope stands that lasts as long; `until` is the
    /// end of a pause.
    #[must_use]
    pub fn restriction(&self, scope: &Scope, until: Option<Timestamp>) -> Option<Stands> {
        let lasts = |live: &Live| match (live.until, until) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(one), Some(end)) => one >= end,
        };
        let same = || self.restrictions.iter().filter(|one| one.scope == *scope);
        if same().any(|one| one.pinned.as_ref().is_some_and(lasts)) {
            return Some(Stands::ForGood);
        }
        same()
            .any(|one| one.live.iter().any(lasts))
            .then_some(Stands::Retractable)
    }

    /// Whether an act of the person stands against mailings of some kind, without an end.
    #[must_use]
    pub fn is_suppressed(&self, at: Timestamp) -> bool {
        self.erased.is_some()
            || self.spam_reported.is_some()
            || self.held(at).iter().any(|held| {
                matches!(
                    held.what,
                    What::Objection | What::Refusal | What::Withdrawal
                )
            })
    }

    /// Whether the person stopped that part by name: by an objection or pause in force, a refusal or a
    /// withdrawal.
    #[must_use]
    pub fn stops(&self, part: &Part, at: Timestamp) -> bool {
        self.held(at).iter().any(|held| {
            let against = !matches!(held.what, What::Consent | What::ConsentOver);
            against && part.is_named_by(&held.scope)
        })
    }

    /// Whether anything recorded of the person still stops a mailing that touches `scope`: an
    /// objection or pause in force, a refusal or withdrawal, an erasure, a spam report, mail that came
    /// back for good. Of what takes back or ends others are told where this is not so.
    #[must_use]
    pub fn stops_any_of(&self, scope: &Scope, at: Timestamp) -> bool {
        let against = |held: &Held| !matches!(held.what, What::Consent | What::ConsentOver);
        let whole = [self.erased, self.spam_reported, self.hard_bounce];
        whole.iter().any(Option::is_some)
            || (self.held(at).iter()).any(|held| against(held) && held.scope.touches(scope))
    }

    /// Whether that entry restricts and could still be retracted.
    #[must_use]
    pub fn is_live(&self, entry: Uuid) -> bool {
        self.restrictions
            .iter()
            .any(|one| one.live.iter().any(|live| live.entry == entry))
    }

    /// What of that entry is behind what stops mailings here: nothing took it back, lifted or followed it.
    /// Of facts it is those that tighten; of all else the whole entry, or `None`.
    #[must_use]
    pub fn rest_of(&self, entry: &Entry) -> Option<Entry> {
        if entry.act == Act::FactRecorded {
            let facts = entry.facts.as_ref()?.tightening(&self.facts)?;
            return Some(Entry {
                facts: Some(facts),
                ..entry.clone()
            });
        }
        self.rests_on(entry).then(|| entry.clone())
    }

    fn rests_on(&self, entry: &Entry) -> bool {
        match entry.act {
            Act::Objected | Act::Paused => {
                let behind = |one: &Restriction| {
                    let mut lives = one.live.iter().chain(&one.pinned);
                    lives.any(|live| live.entry == entry.id)
                };
                self.restrictions.iter().any(behind)
            }
            Act::ConsentRefused | Act::ConsentWithdrawn => {
                let mut marks = self.consents.iter();
                marks.any(|mark| mark.entry == entry.id && mark.stands_against())
            }
            Act::Bounced => self.hard_bounce == Some(entry.id),
            Act::SpamReported => self.spam_reported == Some(entry.id),
            _ => false,
        }
    }

    /// The entries behind all objections to exactly that scope, or behind all pauses of it: what a
    /// lift of it names.
    #[must_use]
    pub fn behind(&self, scope: &Scope, is_pause: bool) -> Vec<Uuid> {
        let same = |one: &&Restriction| one.scope == *scope && one.ends() == is_pause;
        let mut entries: Vec<Uuid> = Vec::new();
        for one in self.restrictions.iter().filter(same) {
            for live in one.live.iter().chain(&one.pinned) {
                if !entries.contains(&live.entry) {
                    entries.push(live.entry);
                }
            }
        }
        entries
    }

    /// Every restriction in force at that moment: what an erasure then must state (LAW-30).
    #[must_use]
    pub fn stays(&self, at: Timestamp) -> Vec<Stay> {
        self.stays_without(at, |_| false)
    }

    /// The restrictions in force at that moment that would be so too if those entries were taken back.
    #[must_use]
    pub fn stays_without(&self, at: Timestamp, taken_back: impl Fn(Uuid) -> bool) -> Vec<Stay> {
        let left = |one: &Restriction| {
            let live = one.live.iter().filter(|live| !taken_back(live.entry));
            longest_of(live.chain(&one.pinned), at)
        };
        self.restrictions
            .iter()
            .filter_map(|one| {
                Some(Stay {
                    scope: one.scope.clone(),
                    until: left(one)?.until,
                })
            })
            .collect()
    }

    /// All that holds at that moment, restrictions first, and the consents that are over.
    #[must_use]
    pub fn held(&self, at: Timestamp) -> Vec<Held> {
        let restrictions = self.restrictions.iter().filter_map(|one| {
            let live = longest(one, at)?;
            Some(Held {
                what: live.until.map_or(What::Objection, |_| What::Pause),
                scope: one.scope.clone(),
                entry: live.entry,
                until: live.until,
            })
        });
        let consents = self.marks().filter_map(|mark| {
            let what = match mark.state {
                Marked::Given if mark.until.is_none_or(|end| at < end) => What::Consent,
                Marked::Given => What::ConsentOver,
                Marked::Refused => What::Refusal,
                Marked::Withdrawn => What::Withdrawal,
                Marked::Lifted => return None,
            };
            Some(Held {
                what,
                scope: mark.scope.clone(),
                entry: mark.entry,
                until: mark.until,
            })
        });
        restrictions.chain(consents).collect()
    }

    /// Since when nothing of it is needed any more, as far as the standing tells: the last end of a
    /// pause or consent, 1970 where there was none. `None` while anything restricts or allows, and
    /// for a tombstone: a refusal, a withdrawal and a spam report restrict too, and so do mail that
    /// came back for good and facts that ask for consent, since a stranger might be mailed.
    #[must_use]
    pub fn over_since(&self, at: Timestamp) -> Option<Timestamp> {
        if self.erased.is_some() || self.spam_reported.is_some() {
            return None;
        }
        let held = self.held(at);
        if held.iter().any(|held| held.what != What::ConsentOver) {
            return None;
        }
        if held.is_empty() && (self.hard_bounce.is_some() || self.facts.tighten()) {
            return None;
        }
        let pauses = self
            .restrictions
            .iter()
            .flat_map(|one| one.live.iter().chain(&one.pinned))
            .filter_map(|live| live.until);
        let consents = self.marks().filter_map(|mark| mark.until);
        let start = Timestamp::from_millis(0);
        Some(pauses.chain(consents).fold(start, Timestamp::max))
    }

    /// Whether a consent is over. No other basis stands in for it, as one would for a stranger: when
    /// its evidence is erased, a tombstone has to stay (LAW-08, LAW-10).
    #[must_use]
    pub fn is_lapsed(&self, at: Timestamp) -> bool {
        let held = self.held(at);
        held.iter().any(|held| held.what == What::ConsentOver)
    }
}

/// The objection or pause of that scope that lasts longest.
pub(super) fn longest(restriction: &Restriction, at: Timestamp) -> Option<Live> {
    longest_of(restriction.live.iter().chain(&restriction.pinned), at)
}

fn longest_of<'a>(all: impl Iterator<Item = &'a Live>, at: Timestamp) -> Option<Live> {
    all.copied()
        .filter(|live| live.holds(at))
        .reduce(|best, next| if next.outlasts(best) { next } else { best })
}
