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

/// What a word says.
enum Says {
    /// Against mailings, for certain.
    Stop(What),
    /// For mailings, for certain.
    GoOn,
    /// Something of an account, a record or an address.
    Neither,
    /// Anything else: the file is one of objections.
    Else,
}

fn says(word: &str) -> Says {
    match word {
        "subscribed" | "optedin" | "optin" | "softbounce" | "soft" => Says::GoOn,
        "active" | "enabled" | "confirmed" => Says::Neither,
        "hard" | "hardbounce" | "hardbounced" | "permanentbounce" | "cleaned" | "invalid" => {
            Says::Stop(What::Bounced)
        }
        "abuse" => Says::Stop(What::Spam),
        _ if word.starts_with("bounce") => Says::Stop(What::Bounced),
        _ if word.starts_with("spam") || word.starts_with("complain") => Says::Stop(What::Spam),
        _ if ["unsub", "optout", "optedout", "object", "suppress", "donot"]
            .iter()
            .any(|begins| word.starts_with(begins)) =>
        {
            Says::Stop(What::Unsubscribed)
        }
        _ => Says::Else,
    }
}

/// What the columns say together: one that is against mailings decides, else the first one.
fn what(row: &Row) -> Result<Option<What>, RowProblem> {
    let mut first = None;
    for column in WHAT {
        let Some(cell) = row.get(&[column]) else {
            continue;
        };
        match says(&plain(cell)) {
            Says::Stop(what) => return Ok(Some(what)),
            said => first = first.or(Some((column, said))),
        }
    }
    match first {
        Some((_, Says::GoOn)) => Ok(None),
        Some((column, Says::Neither)) => Err(RowProblem::Unclear(column)),
        _ => Ok(Some(What::Unsubscribed)),
    }
}

/// A row of a table of objections is one, unless it says otherwise.
pub(super) fn read(row: &Row) -> Result<Vec<Reported>, RowProblem> {
    let Some(what) = what(row)? else {
        return Ok(Vec::new());
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
