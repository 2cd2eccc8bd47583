//! HubSpot: the export of unsubscribes and bounces has a column for each, and one for each kind of
//! mail that can be left alone; the export of contacts says the same in properties.

use super::{Reported, What};
use crate::import::row::{Row, yes};

const ALL: [&str; 3] = [
    "portalunsubscribe",
    "unsubscribedfromallemail",
    "globalunsubscribe",
];
const SPAM: [&str; 1] = ["portalspamreport"];
/// TRUE, or the reason in words.
const BOUNCES: [&str; 4] = [
    "portalbounce",
    "globalbounce",
    "emailhardbouncereason",
    "hsemailhardbouncereasonenum",
];
/// Of the export of unsubscribes and bounces: no kinds of mail.
const OTHERS: [&str; 4] = ["email", "emailaddress", "contactid", "recordid"];
const LEFT: &str = "optedoutofemail";

pub(super) fn is(row: &Row) -> bool {
    row.names.has(&[
        "portalunsubscribe",
        "portalbounce",
        "unsubscribedfromallemail",
    ]) || row.all().any(|(plain, _, _)| plain.starts_with(LEFT))
}

pub(super) fn read(row: &Row) -> Vec<Reported> {
    let mut reported = Vec::new();
    let mut add = |what| reported.push(Reported::new(what, None));
    if row.is_yes(&ALL) {
        add(What::Unsubscribed);
    }
    if row.is_yes(&SPAM) {
        add(What::Spam);
    }
    let bounced = |name| {
        row.get(&[name])
            .is_some_and(|cell| yes(cell) != Some(false))
    };
    if BOUNCES.into_iter().any(bounced) {
        add(What::Bounced);
    }
    let is_whole = row.names.has(&["portalunsubscribe", "portalbounce"]);
    for (plain, written, cell) in row.all() {
        let known = [&ALL[..], &SPAM, &BOUNCES, &OTHERS]
            .concat()
            .contains(&plain);
        let is_kind = plain.starts_with(LEFT) || is_whole && !known;
        if is_kind && yes(cell) == Some(true) {
            let kind = written.rsplit(": ").next().unwrap_or(written);
            reported.push(Reported {
                list: Some(kind.trim().to_owned()),
                ..Reported::new(What::Unsubscribed, None)
            });
        }
    }
    reported
}
