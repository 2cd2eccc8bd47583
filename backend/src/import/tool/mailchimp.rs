//! Mailchimp: an audience's export has a table of subscribed, one of unsubscribed and one of cleaned
//! members; the API answers `members` with a `status`. Cleaned is bounced for good.

use super::{Reported, What};
use crate::import::row::Row;

pub(super) fn is(row: &Row) -> bool {
    let exported = row
        .names
        .has(&["leid", "euid", "memberrating", "unsubtime", "cleantime"]);
    let asked = row.names.has(&["uniqueemailid", "webid"]) && row.names.has(&["status"]);
    row.names.has(&["emailaddress"]) && (exported || asked)
}

pub(super) fn read(row: &Row) -> Vec<Reported> {
    let status = row.get(&["status"]).map(str::to_lowercase);
    let is = |name: &str, column: &str| match &status {
        Some(status) => status == name,
        None => row.names.has(&[column]),
    };
    if is("cleaned", "cleantime") {
        let when = row.when(&["cleantime", "lastchanged"]);
        return vec![Reported::new(What::Bounced, when)];
    }
    if is("unsubscribed", "unsubtime") {
        let when = row.when(&["unsubtime", "lastchanged"]);
        let reason = row.get(&["unsubreason", "unsubscribereason"]);
        let reason = reason.unwrap_or_default().to_lowercase();
        // "Spammy content" is an answer to why somebody unsubscribed; a complaint is called abuse.
        return vec![match reason.as_str() {
            reason if reason.contains("abuse") => Reported::new(What::Spam, when),
            reason if reason.contains("admin") => {
                Reported::new(What::Unsubscribed, when).by_staff()
            }
            _ => Reported::new(What::Unsubscribed, when),
        }];
    }
    Vec::new()
}
