//! How long an act can be taken back.

use shared::entry::{Entry, Method};
use shared::time::Timestamp;

/// How long a page may take back what it just did.
pub(super) const UNDO_MS: i64 = 10 * 60 * 1000;
/// How long an undoing that was asked for in time may be on its way.
const ON_ITS_WAY_MS: i64 = 60 * 1000;

/// Whether the act of that entry may yet be taken back at `now`, by whoever did it. A one-click POST
/// cannot be: nobody is given its undo token (RFC 8058 shows no page).
#[must_use]
pub fn may_be_undone(entry: &Entry, now: Timestamp) -> bool {
    let over = entry.recorded_at.plus_millis(UNDO_MS + ON_ITS_WAY_MS);
    entry.evidence.method != Method::OneClickPost && now < over
}
