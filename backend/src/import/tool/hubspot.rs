//! HubSpot: the export of unsubscribes and bounces has a column for each, and one for each kind of
//! mail that can be left alone; the export of contacts says the same in properties.

use super::{Parts, Reported, What};
use crate::import::problem::RowProblem;
use crate::import::row::{Row, plain, yes};
use crate::table::words::{Says, is_blank, objects, opts_out, says};

const ALL: [&str; 3] = [
    "portalunsubscribe",
    "unsubscribedfromallemail",
    "globalunsubscribe",
];
const SPAM: [&str; 1] = ["portalspamreport"];
/// TRUE, or the reason in words.
const BOUNCES: [&str; 2] = ["portalbounce", "globalbounce"];
/// The reason in words.
const BOUNCE_REASONS: [&str; 2] = ["emailhardbouncereason", "hsemailhardbouncereasonenum"];
/// Reasons of one word: the others have several.
const REASONS: [&str; 7] = [
    "content", "dmarc", "other", "policy", "spam", "timeout", "unknown",
];
/// Whether a filled cell says yes; `None` where it says neither yes nor no.
type Reads = fn(&str) -> Option<bool>;

/// What its columns report, and how each reads its cell.
const READ: [(What, &[&str], Reads); 4] = [
    (What::Unsubscribed, &ALL, |cell| Some(objects(cell))),
    (What::Spam, &SPAM, opts_out),
    (What::Bounced, &BOUNCES, bounced),
    (What::Bounced, &BOUNCE_REASONS, |cell| {
        Some(yes(cell) != Some(false))
    }),
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

/// Whether a column of that plain name is HubSpot's.
pub(super) fn writes(name: &str) -> bool {
    ALL.contains(&name) || name.starts_with(LEFT)
}

pub(super) fn read(row: &Row) -> Parts {
    let mut parts = Vec::new();
    for (what, names, says) in READ {
        match said(row, names, says) {
            Ok(true) => parts.push(Ok(Reported::new(what, None))),
            Ok(false) => {}
            Err(problem) => parts.push(Err(problem)),
        }
    }
    let is_whole = row.names.has(&["portalunsubscribe", "portalbounce"]);
    for (plain, written, cell) in row.all() {
        let known = [&ALL[..], &SPAM, &BOUNCES, &BOUNCE_REASONS, &OTHERS]
            .concat()
            .contains(&plain);
        let is_left = match plain.starts_with(LEFT) {
            true => objects(cell),
            false => is_whole && !known && leaves(cell),
        };
        if is_left {
            let kind = written.rsplit(": ").next().unwrap_or(written);
            parts.push(Ok(Reported {
                list: Some(kind.trim().to_owned()),
                ..Reported::new(What::Unsubscribed, None)
            }));
        }
    }
    parts
}

/// Whether any of these columns says yes. What is neither yes nor no is not understood.
fn said(row: &Row, names: &[&str], says: Reads) -> Result<bool, RowProblem> {
    let cells = row
        .all()
        .filter(|(plain, _, cell)| names.contains(plain) && !is_blank(cell));
    let said: Vec<_> = cells.map(|(.., cell)| says(cell)).collect();
    match said.contains(&Some(true)) {
        false if said.contains(&None) => Err(RowProblem::Word {
            column: "a column of HubSpot's about bounces or spam",
            known: "TRUE, FALSE, a reason that HubSpot documents".to_owned(),
        }),
        is => Ok(is),
    }
}

/// Whether mail bounced for good. True and false of a language that nobody knows here must not make
/// everybody's mail bounce.
fn bounced(cell: &str) -> Option<bool> {
    let is_reason = || cell.contains(['_', ' ']) || REASONS.contains(&plain(cell).as_str());
    yes(cell).or_else(|| is_reason().then_some(true))
}

/// Whether the cell says so of a kind of mail, in a column that may be anything else too.
fn leaves(cell: &str) -> bool {
    yes(cell) == Some(true) || says(&plain(cell)) == Says::Stop(What::Unsubscribed)
}
