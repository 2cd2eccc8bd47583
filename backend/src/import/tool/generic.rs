//! A table that people made: an address per row, and perhaps what happened, when, and from what.

use shared::purpose::Channel;

use super::{Reported, What};
use crate::import::problem::RowProblem;
use crate::import::row::{Row, plain};

const WHAT: [&str; 6] = [
    "act",
    "reason",
    "status",
    "type",
    "state",
    "suppressionreason",
];
const WHEN: [&str; 8] = [
    "when",
    "date",
    "at",
    "created",
    "createdat",
    "unsubscribedat",
    "objectedat",
    "timestamp",
];

/// A row of a table of objections is one, unless it says otherwise.
pub(super) fn read(row: &Row) -> Result<Vec<Reported>, RowProblem> {
    let word = plain(row.get(&WHAT).unwrap_or_default());
    let what = match word.as_str() {
        "subscribed" | "active" | "enabled" | "optedin" | "optin" | "confirmed" | "softbounce"
        | "soft" => return Ok(Vec::new()),
        "hard" | "hardbounce" | "hardbounced" | "permanentbounce" | "cleaned" | "invalid" => {
            What::Bounced
        }
        word if word.starts_with("bounce") => What::Bounced,
        "abuse" => What::Spam,
        word if word.starts_with("spam") || word.starts_with("complain") => What::Spam,
        _ => What::Unsubscribed,
    };
    let channel = match row.get(&["channel"]) {
        None => None,
        Some(text) => {
            let known = Channel::parse(&text.to_lowercase());
            Some(known.ok_or_else(|| RowProblem::Word {
                column: "channel",
                known: Channel::ALL.map(Channel::as_str).join(", "),
            })?)
        }
    };
    Ok(vec![Reported {
        channel,
        ..Reported::new(what, row.when(&WHEN))
    }])
}
