//! Mailchimp: an audience's export has a table of subscribed, one of unsubscribed and one of cleaned
//! members; the API answers `members` with a `status`. Cleaned is bounced for good.

use super::{Reported, What};
use crate::import::row::Row;
use crate::table::words::STATUSES;

pub(super) fn is(row: &Row) -> bool {
    let exported = row
        .names
        .has(&["leid", "euid", "memberrating", "unsubtime", "cleantime"]);
    let asked = row.names.has(&["uniqueemailid", "webid"]) && row.names.has(&["status"]);
    row.names.has(&["emailaddress"]) && (exported || asked)
}

/// Whether a column of that plain name is Mailchimp's.
pub(super) fn writes(name: &str) -> bool {
    let of_unsubscribed = ["unsubtime", "unsubcampaigntitle", "unsubcampaignid"];
    of_unsubscribed.contains(&name) || STATUSES.contains(&name)
}

/// A member is in the table of the unsubscribed or of the cleaned, or the API says so: `Status` in a
/// table is a field of the company's own, which says nothing of mailings.
pub(super) fn read(row: &Row) -> Vec<Reported> {
    let status = row.get(&["status"]).map(str::to_lowercase);
    // Tables that were put into one have both columns: then the cell tells.
    let is_joined = row.names.has(&["cleantime"]) && row.names.has(&["unsubtime"]);
    let is = |name: &str, column: &str| {
        let in_table = match is_joined {
            true => row.get(&[column]).is_some(),
            false => row.names.has(&[column]),
        };
        in_table || status.as_deref() == Some(name)
    };
    let mut reported = Vec::new();
    if is("cleaned", "cleantime") {
        let when = row.when(&["cleantime", "lastchanged"]);
        reported.push(Reported::new(What::Bounced, when));
    }
    if is("unsubscribed", "unsubtime") {
        reported.push(unsubscribed(row));
    }
    reported
}

fn unsubscribed(row: &Row) -> Reported {
    let when = row.when(&["unsubtime", "lastchanged"]);
    let reason = row.get(&["unsubreason", "unsubscribereason"]);
    let reason = reason.unwrap_or_default().to_lowercase();
    // "Spammy content" is an answer to why somebody unsubscribed; a complaint is called abuse.
    match reason.as_str() {
        reason if reason.contains("abuse") => Reported::new(What::Spam, when),
        reason if reason.contains("admin") => Reported::new(What::Unsubscribed, when).by_staff(),
        _ => Reported::new(What::Unsubscribed, when),
    }
}
