//! How long this system keeps its own data (NOT-07, DP-02): the rules in one place, and the run
//! that follows them.

use serde::Serialize;
use shared::entry::{Act, Entry};
use shared::notice::retention::Period;
use shared::standing::{Standing, What};
use shared::time::{Timestamp, start_of};

use crate::store::StoreError;

/// A rule: what is kept, how long after what, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// The rule's name in counts.
    pub name: Class,
    /// What is kept.
    pub what: &'static str,
    /// How long, as an ISO 8601 duration; none where it goes at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<&'static str>,
    /// After what.
    pub after: &'static str,
    /// What happens then, and why not sooner.
    pub why: &'static str,
}

/// Names a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Links that were mailed.
    Links,
    /// Sessions.
    Sessions,
    /// Letters in the outbox.
    Letters,
    /// Events that sinks were told.
    Events,
    /// Counts of letters.
    LetterCounts,
    /// Undo secrets of receipts.
    UndoSecrets,
    /// Contacts of whom only an unanswered question for consent is kept.
    PendingConsents,
    /// Contacts of whom nothing holds any more.
    Contacts,
    /// Decided cases.
    Cases,
}

/// How long a question for consent waits (EML-08).
const PENDING: &str = "P7D";
/// How long entries are evidence after nothing of them holds any more (OWN-3).
const EVIDENCE: &str = "P5Y";
/// How long a decided case is kept, as other business documents are.
const CASES: &str = "P5Y";

/// Every rule. What has no rule here is kept: objections and pauses in force, refusals, withdrawals,
/// mail that came back for good and facts that ask for consent as long as there is direct marketing,
/// consents while they hold, notices for good.
pub const RULES: [Rule; 9] = [
    Rule {
        name: Class::Links,
        what: "links that were mailed, with the sealed address",
        period: None,
        after: "their end",
        why: "deleted: they open nothing any more",
    },
    Rule {
        name: Class::Sessions,
        what: "sessions, with the sealed address",
        period: None,
        after: "their end",
        why: "deleted: they open nothing any more",
    },
    Rule {
        name: Class::Letters,
        what: "sealed letters that could not be sent",
        period: None,
        after: "the end of a link, three days for a notice of an objection, a year for an answer to a case",
        why: "deleted, and told in the log: late is as good as never",
    },
    Rule {
        name: Class::Events,
        what: "sealed events that sinks were told, with a keyed hash of the address, or with the address where a command did not know the sink",
        period: None,
        after: "the ten minutes for undoing",
        why: "deleted: whoever was told of an act has to be told of its undoing",
    },
    Rule {
        name: Class::LetterCounts,
        what: "counts of letters per address",
        period: Some("P1D"),
        after: "the letter",
        why: "deleted: the limits look back one day",
    },
    Rule {
        name: Class::UndoSecrets,
        what: "undo secrets of receipts",
        period: None,
        after: "the ten minutes for undoing",
        why: "overwritten: nothing can be undone with them",
    },
    Rule {
        name: Class::PendingConsents,
        what: "entries of contacts who were asked to confirm a consent and did not",
        period: Some(PENDING),
        after: "the last of them",
        why: "erased and forgotten: no answer is no consent",
    },
    Rule {
        name: Class::Contacts,
        what: "entries of contacts of whom no restriction and no consent holds",
        period: Some(EVIDENCE),
        after: "the last entry, or the end of the last consent or pause",
        why: "erased and forgotten: evidence until claims are over; the keyed hash stays where a \
              consent is over, since no other basis stands in for it",
    },
    Rule {
        name: Class::Cases,
        what: "decided cases, with the grounds of a rejection",
        period: Some(CASES),
        after: "the decision",
        why: "deleted: kept with other business documents until claims are over",
    },
];

/// What a run does about what is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run {
    /// Counts it.
    Count,
    /// Deletes it, unless the clock seems to be wrong.
    Delete,
    /// Deletes it: somebody has looked at the clock.
    DeleteByThisClock,
}

/// Why nothing was deleted.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The clock is so far beyond the last run that it may be wrong.
    #[error(
        "nothing was deleted: by this clock it is {now}, and the last run was at {last}. See that \
         the clock is right, then run `sayso retention --clock-is-right`"
    )]
    Leap {
        /// When the rules were kept to last.
        last: Timestamp,
        /// What the clock says.
        now: Timestamp,
    },
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// So far beyond the last run a clock is not believed: runs are daily, and what one with a wrong clock
/// deletes is gone, pauses that still hold among it.
const LEAP_MS: i64 = 400 * 24 * 60 * 60 * 1000;

/// Whether a run at `now` has to wait until somebody has looked at the clock.
#[must_use]
pub fn leaps(last: Option<Timestamp>, now: Timestamp) -> Option<RunError> {
    let last = last.filter(|last| now > last.plus_millis(LEAP_MS))?;
    Some(RunError::Leap { last, now })
}

/// Whether something restricts mailings: that is kept as long as there is direct marketing.
#[must_use]
pub fn restricts(standing: &Standing, at: Timestamp) -> bool {
    standing.erased.is_some()
        || standing.spam_reported.is_some()
        || standing
            .held(at)
            .iter()
            .any(|held| !matches!(held.what, What::Consent | What::ConsentOver))
}

/// Until when a contact's entries are kept, the last of which was made at `last`; `None` as long as
/// anything of them restricts or allows.
#[must_use]
pub fn kept_until(standing: &Standing, last: Timestamp, at: Timestamp) -> Option<Timestamp> {
    let over = standing.over_since(at)?.max(last);
    Some(after(over, EVIDENCE))
}

/// The rule by which a contact with these entries is erased at `at`.
#[must_use]
pub fn is_over(standing: &Standing, entries: &[Entry], at: Timestamp) -> Option<Class> {
    let last = entries.iter().map(|entry| entry.recorded_at).max()?;
    let until = kept_until(standing, last, at)?;
    let asked_only = entries
        .iter()
        .all(|entry| matches!(entry.act, Act::ConsentRequested | Act::NoticeProvided))
        && entries
            .iter()
            .any(|entry| entry.act == Act::ConsentRequested);
    if asked_only && at >= after(last, PENDING) {
        return Some(Class::PendingConsents);
    }
    (at >= until).then_some(Class::Contacts)
}

/// The moment before which a case must have been decided to be deleted at `at`.
#[must_use]
pub fn cases_before(at: Timestamp) -> Timestamp {
    let Ok(period) = Period::parse(CASES) else {
        return Timestamp::from_millis(i64::MIN);
    };
    let today = at.date();
    let mut date = today;
    // The first date whose period ends today or later: periods are added by the calendar, not taken
    // away.
    while period.after(date) >= today {
        date = date - chrono::Months::new(1);
    }
    while period.after(date) < today {
        date = date.succ_opt().unwrap_or(today);
    }
    let start = start_of(date);
    if period.after(date) == today {
        start.plus_millis(since_midnight(at))
    } else {
        start
    }
}

/// The end of the period after that moment: the same time of day, on the date that the calendar says.
fn after(from: Timestamp, period: &str) -> Timestamp {
    let end = Period::parse(period).map(|period| period.after(from.date()));
    end.map_or(Timestamp::from_millis(i64::MAX), |date| {
        start_of(date).plus_millis(since_midnight(from))
    })
}

fn since_midnight(moment: Timestamp) -> i64 {
    moment.as_millis() - start_of(moment.date()).as_millis()
}
