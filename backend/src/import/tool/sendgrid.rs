//! SendGrid: a file for each kind of suppression, told apart by its columns. Bounces and blocks have
//! `status` and `reason`, spam reports `ip`, invalid addresses `reason` alone, unsubscriptions, global
//! and of a group, neither.

use super::{Reported, What};
use crate::import::row::Row;

const WHEN: [&str; 2] = ["created", "createdat"];

pub(super) fn is(row: &Row) -> bool {
    let names = &row.names;
    let bounce = names.has(&["status"]) && names.has(&["reason"]);
    names.has(&["email"])
        && names.has(&WHEN)
        && (bounce || names.has(&["ip", "groupid", "groupname"]))
}

pub(super) fn read(row: &Row) -> Vec<Reported> {
    let when = row.when(&WHEN);
    let names = &row.names;
    if names.has(&["ip"]) {
        return vec![Reported::new(What::Spam, when)];
    }
    if names.has(&["status"]) && names.has(&["reason"]) {
        let status = row.get(&["status"]).unwrap_or_default();
        let reason = row.get(&["reason"]).unwrap_or_default();
        let for_now = status.starts_with('4') || status.is_empty() && reason.starts_with('4');
        return match for_now {
            true => Vec::new(),
            false => vec![Reported::new(What::Bounced, when)],
        };
    }
    if names.has(&["reason"]) {
        return vec![Reported::new(What::Bounced, when)];
    }
    let group = row.get(&["groupname", "groupid"]).map(str::to_owned);
    vec![Reported {
        list: group,
        ..Reported::new(What::Unsubscribed, when)
    }]
}
