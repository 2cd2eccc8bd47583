//! SendGrid: a file for each kind of suppression, told apart by its columns. Bounces and blocks have
//! `status` and `reason`, spam reports `ip`, invalid addresses `reason` alone, unsubscriptions, global
//! and of a group, neither.

use super::{Parts, Reported, What, generic, parts};
use crate::import::row::Row;

const WHEN: [&str; 2] = ["created", "createdat"];
const COLUMNS: [&str; 8] = [
    "email",
    "created",
    "createdat",
    "status",
    "reason",
    "ip",
    "groupid",
    "groupname",
];

/// A table of people's own has such names too, with others beside them or with words for a status. Only what a
/// mail server said is said by nobody else.
pub(super) fn is(row: &Row) -> bool {
    let names = &row.names;
    let bounce = names.has(&["status"]) && names.has(&["reason"]);
    let of_mail = names.has(&["created"]) && (bounce || names.has(&["ip"]));
    let of_group = names.has(&WHEN) && names.has(&["groupid", "groupname"]);
    let is_whole = row.all().all(|(plain, ..)| COLUMNS.contains(&plain));
    let has_code = row.get(&["status"]).and_then(class).is_some();
    names.has(&["email"])
        && ((of_mail || of_group) && is_whole && !has_own_status(row)
            || bounce && names.has(&WHEN) && has_code)
}

pub(super) fn read(row: &Row) -> Parts {
    let when = row.when(&WHEN);
    let names = &row.names;
    if has_own_status(row) {
        return parts(generic::read(row));
    }
    if names.has(&["ip"]) {
        return vec![Ok(Reported::new(What::Spam, when))];
    }
    if names.has(&["status"]) && names.has(&["reason"]) {
        let said = row.get(&["status"]).or_else(|| row.get(&["reason"]));
        return match said.and_then(class) {
            Some('4') => Vec::new(),
            _ => vec![Ok(Reported::new(What::Bounced, when))],
        };
    }
    if names.has(&["reason"]) {
        return vec![Ok(Reported::new(What::Bounced, when))];
    }
    let group = row.get(&["groupname", "groupid"]).map(str::to_owned);
    vec![Ok(Reported {
        list: group,
        ..Reported::new(What::Unsubscribed, when)
    })]
}

/// Whether the row has a status that no mail server gave.
fn has_own_status(row: &Row) -> bool {
    row.get(&["status"])
        .is_some_and(|status| class(status).is_none())
}

/// The class of the reply code (RFC 5321) or status code (RFC 3463) that the text begins with, if it does.
fn class(text: &str) -> Option<char> {
    let code = text
        .split(|sign: char| !sign.is_ascii_digit() && sign != '.')
        .next()?;
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<_> = code.split('.').collect();
    let is_code = match parts[..] {
        [reply] => reply.len() == 3 && digits(reply),
        [class, subject, detail] => {
            class.len() == 1 && [class, subject, detail].map(digits) == [true; 3]
        }
        _ => false,
    };
    is_code.then(|| code.chars().next()).flatten()
}
