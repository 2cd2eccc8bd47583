//! Mautic: "do not contact" has a channel and a reason, 1 unsubscribed, 2 bounced, 3 entered by hand,
//! as numbers from the API and as words in reports.

use shared::entry::Actor;
use shared::purpose::Channel;
use shared::time::Timestamp;

use super::{Parts, Reported, What};
use crate::import::problem::RowProblem;
use crate::import::row::Row;

const REASON: [&str; 3] = ["dncreason", "donotcontactreason", "reason"];
const CHANNEL: [&str; 3] = ["dncchannel", "donotcontactchannel", "channel"];
const WHEN: [&str; 4] = [
    "dncdateadded",
    "donotcontactdateadded",
    "dateadded",
    "dncadded",
];
/// Newer reports: `1:email,2:sms`.
const ALL: [&str; 2] = ["dncpreferences", "dnclist"];

/// Parts of a "do not contact" that sound as if it stood there itself.
const PARTS: [&str; 6] = [
    "channel",
    "channelid",
    "contactid",
    "dateadded",
    "id",
    "leadid",
];

/// How often somebody unsubscribed from its e-mail, which its "do not contact" says too.
const OF_EMAIL: [&str; 2] = ["unsubscribed", "unsubscribedratio"];

pub(super) fn is(row: &Row) -> bool {
    let names = &row.names;
    names.has(&["dncreason", "donotcontactreason"])
        || names.has(&ALL)
        || names.has(&["fieldsallemail", "fieldscoreemailvalue"])
}

/// Whether a column of that plain name is Mautic's: "do not contact" has parts, and a field of a contact has
/// a label and an alias beside its value.
pub(super) fn writes(name: &str) -> bool {
    let is_part = name
        .strip_prefix("donotcontact")
        .is_some_and(|part| PARTS.contains(&part));
    let is_beside_a_value =
        name.starts_with("fields") && !name.starts_with("fieldsall") && !name.ends_with("value");
    is_part || is_beside_a_value || OF_EMAIL.contains(&name) || REASON.contains(&name)
}

pub(super) fn read(row: &Row) -> Parts {
    let when = row.when(&WHEN);
    if let Some(all) = row.get(&ALL) {
        let one = |text: &str| match text.split_once(':') {
            Some((reason, channel)) => reported(reason, channel, None),
            None => Err(RowProblem::Reason("Mautic")),
        };
        let each = all.split(',').map(|text| one(text.trim()));
        return each.filter_map(Result::transpose).collect();
    }
    let reason = row.get(&REASON);
    let channel = row.get(&CHANNEL).unwrap_or("email");
    let one = reason.and_then(|reason| reported(reason, channel, when).transpose());
    one.into_iter().collect()
}

fn reported(
    reason: &str,
    channel: &str,
    when: Option<Timestamp>,
) -> Result<Option<Reported>, RowProblem> {
    let reason = reason.trim().to_lowercase();
    let (what, by) = match reason.as_str() {
        "0" => return Ok(None),
        "1" => (What::Unsubscribed, Actor::DataSubject),
        "2" => (What::Bounced, Actor::MailReceiver),
        "3" => (What::Unsubscribed, Actor::Staff),
        word if word.contains("bounce") => (What::Bounced, Actor::MailReceiver),
        word if word.contains("manual") => (What::Unsubscribed, Actor::Staff),
        word if word.contains("unsubscribe") => (What::Unsubscribed, Actor::DataSubject),
        word if word.contains("contactable") => return Ok(None),
        _ => return Err(RowProblem::Reason("Mautic")),
    };
    let channel = match channel.trim().to_lowercase().as_str() {
        "email" | "emails" | "e-mail" => Channel::Email,
        "sms" | "text message" | "text messages" => Channel::Sms,
        _ => {
            return Err(RowProblem::Word {
                column: "channel",
                known: "email, sms".to_owned(),
            });
        }
    };
    // Only mail bounces: a text message that failed says nothing of the address.
    if what == What::Bounced && channel != Channel::Email {
        return Ok(None);
    }
    Ok(Some(Reported {
        by,
        channel: Some(channel),
        ..Reported::new(what, when)
    }))
}
