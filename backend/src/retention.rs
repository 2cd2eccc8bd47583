//! How long this system keeps its own data (NOT-07, DP-02): the rules, in one place, and the run
//! that follows them.

use shared::notice::retention::Period;
use shared::standing::{Standing, What};
use shared::time::{Timestamp, start_of};

/// How long a contact's entries are evidence after nothing of them holds any more (OWN-3).
const EVIDENCE: &str = "P5Y";

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

/// The start of the day that the period after that moment ends on.
fn after(from: Timestamp, period: &str) -> Timestamp {
    let end = Period::parse(period).map(|period| period.after(from.date()));
    end.map_or(Timestamp::from_millis(i64::MAX), start_of)
}
