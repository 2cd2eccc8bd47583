//! listmonk: the export of subscribers has a `status`; the API adds one for each list, and answers
//! bounces with a `type`. A status that is not `enabled` means that no campaign goes out.

use super::{Reported, What};
use crate::import::problem::RowProblem;
use crate::import::row::{Row, plain};
use crate::table::words::STATUSES;

pub(super) fn is(row: &Row) -> bool {
    let subscriber =
        row.names.has(&["uuid"]) && row.names.has(&["attributes", "attribs", "status"]);
    row.names.has(&["email"]) && (subscriber || row.names.has(&["subscriberuuid"]))
}

/// Whether a column of that plain name is listmonk's.
pub(super) fn writes(name: &str) -> bool {
    name == "listssubscriptionstatus" || STATUSES.contains(&name)
}

pub(super) fn read(row: &Row) -> Result<Vec<Reported>, RowProblem> {
    // Of bounces no other column is sure: a table of them may have an address and a type alone.
    let when = row.when(&["createdat"]);
    let is_bounce =
        row.names.has(&["subscriberuuid"]) || !row.names.has(&["uuid", "status", "liststype"]);
    match row.get(&["type"]).map(plain).as_deref() {
        Some("hard") => return Ok(vec![Reported::new(What::Bounced, when)]),
        Some("complaint") => return Ok(vec![Reported::new(What::Spam, when)]),
        Some("soft") if is_bounce => return Ok(Vec::new()),
        _ if is_bounce && row.names.has(&["type"]) => return Err(RowProblem::Reason("listmonk")),
        _ => {}
    }
    match row.get(&["status"]) {
        Some("enabled") | None => {}
        Some(_) => {
            let when = row.when(&["updatedat"]);
            return Ok(vec![Reported::new(What::Unsubscribed, when).by_staff()]);
        }
    }
    if row.get(&["listssubscriptionstatus"]) != Some("unsubscribed") {
        return Ok(Vec::new());
    }
    Ok(vec![Reported {
        list: row.get(&["listsname"]).map(str::to_owned),
        ..Reported::new(
            What::Unsubscribed,
            row.when(&["listsupdatedat", "updatedat"]),
        )
    }])
}
