//! Postmark: the dump of a stream's suppressions, `SuppressionReason` with `Origin`.

use super::{Reported, What};
use crate::import::problem::RowProblem;
use crate::import::row::{Row, plain};

pub(super) fn is(row: &Row) -> bool {
    row.names.has(&["suppressionreason"])
}

pub(super) fn read(row: &Row) -> Result<Reported, RowProblem> {
    let when = row.when(&["createdat", "created"]);
    let reason = plain(
        row.get(&["suppressionreason", "reason"])
            .unwrap_or_default(),
    );
    let what = match reason.as_str() {
        "hardbounce" => What::Bounced,
        "spamcomplaint" => What::Spam,
        "manualsuppression" | "unsubscribe" => What::Unsubscribed,
        _ => return Err(RowProblem::Reason("Postmark")),
    };
    let reported = Reported::new(what, when);
    let origin = row.get(&["origin"]).map(str::to_lowercase);
    let by_hand = matches!(origin.as_deref(), Some("customer" | "admin"));
    Ok(match what == What::Unsubscribed && by_hand {
        true => reported.by_staff(),
        false => reported,
    })
}
