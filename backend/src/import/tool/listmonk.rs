//! listmonk: the export of subscribers has a `status`; the API adds one for each list, and answers
//! bounces with a `type`. A status that is not `enabled` means that no campaign goes out.

use super::{Reported, What};
use crate::import::problem::RowProblem;
use crate::import::row::Row;

pub(super) fn is(row: &Row) -> bool {
    let subscriber =
        row.names.has(&["uuid"]) && row.names.has(&["attributes", "attribs", "status"]);
    row.names.has(&["email"]) && (subscriber || row.names.has(&["subscriberuuid"]))
}

pub(super) fn read(row: &Row) -> Result<Vec<Reported>, RowProblem> {
    if row.names.has(&["subscriberuuid"]) && row.names.has(&["type"]) {
        let when = row.when(&["createdat"]);
        return match row.get(&["type"]) {
            Some("hard") => Ok(vec![Reported::new(What::Bounced, when)]),
            Some("complaint") => Ok(vec![Reported::new(What::Spam, when)]),
            Some("soft") => Ok(Vec::new()),
            _ => Err(RowProblem::Reason("listmonk")),
        };
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
