//! What headings and cells say of mailings, in the words of tools and people.

/// What is said against mailings to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The person unsubscribed or objected.
    Unsubscribed,
    /// Mail to the address comes back for good.
    Bounced,
    /// The person reported a message as spam.
    Spam,
}

/// What a word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// Against mailings, for certain.
    Stop(What),
    /// For mailings, for certain.
    GoOn,
    /// Something of an account, a record or an address.
    Neither,
    /// Anything else.
    Else,
}

/// What a column holds that says who wants no mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptOuts {
    /// Yes or no, or since when.
    Answer,
    /// One word of several, such as `subscribed`.
    Status,
}

/// How the words begin that stop mailings because somebody wishes so.
const STOPS: [&str; 13] = [
    "unsub",
    "optout",
    "optedout",
    "object",
    "suppress",
    "donot",
    "abgemeldet",
    "abbestell",
    "widerspr",
    "désinscri",
    "desinscri",
    "désabonn",
    "desabonn",
];
/// What headings of opt-outs hold.
const HEADINGS: [&str; 17] = [
    "unsub",
    "optout",
    "optedout",
    "objected",
    "objection",
    "suppressed",
    "donotmail",
    "donotemail",
    "donotcontact",
    // On a list of those who are not mailed, whichever colour or wall it is named after.
    "cklisted",
    "abgemeldet",
    "abbestellt",
    "widerspr",
    "désinscri",
    "desinscri",
    "désabonn",
    "desabonn",
];
/// What they hold when they are about something else: another channel, or what was said beside it.
const OTHERS: [&str; 12] = [
    "sms", "phone", "fax", "call", "whatsapp", "reason", "grund", "motif", "comment", "note",
    "link", "url",
];
/// What the heading of a status holds when it is one about mailings.
const ABOUT_MAIL: [&str; 4] = ["marketing", "newsletter", "subscri", "optin"];
/// Headings of a word that may be one about mailings.
pub const STATUSES: [&str; 6] = [
    "act",
    "reason",
    "status",
    "type",
    "state",
    "suppressionreason",
];

/// Letters and digits alone, in lower case: `Email Address` is `emailaddress`.
#[must_use]
pub fn plain(name: &str) -> String {
    name.chars()
        .filter(|sign| sign.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// What people and tools write for yes and no; a spreadsheet writes true and false in its reader's language.
#[must_use]
pub fn yes(cell: &str) -> Option<bool> {
    match cell.to_lowercase().as_str() {
        "yes" | "y" | "true" | "t" | "1" | "x" | "ja" | "wahr" | "oui" | "vrai" | "si" | "sí"
        | "sì" | "verdadero" | "vero" | "waar" | "sim" | "verdadeiro" => Some(true),
        "no" | "n" | "false" | "f" | "0" | "nein" | "falsch" | "non" | "faux" | "falso" | "nee"
        | "onwaar" | "não" | "nao" => Some(false),
        _ => None,
    }
}

/// What a word says, in letters and digits alone.
#[must_use]
pub fn says(word: &str) -> Says {
    match word {
        "subscribed" | "optedin" | "optin" | "softbounce" | "soft" => Says::GoOn,
        "active" | "enabled" | "confirmed" => Says::Neither,
        "hard" | "hardbounce" | "hardbounced" | "permanentbounce" | "cleaned" | "invalid" => {
            Says::Stop(What::Bounced)
        }
        "abuse" => Says::Stop(What::Spam),
        _ if word.starts_with("bounce") => Says::Stop(What::Bounced),
        _ if word.starts_with("spam") || word.starts_with("complain") => Says::Stop(What::Spam),
        _ if STOPS.iter().any(|begins| word.starts_with(begins)) => Says::Stop(What::Unsubscribed),
        _ => Says::Else,
    }
}

/// What a column of that heading, in letters and digits alone, says of who wants no mail; `None` where it
/// is about something else.
#[must_use]
pub fn opt_outs(heading: &str) -> Option<OptOuts> {
    let holds = |words: &[&str]| words.iter().any(|word| heading.contains(word));
    // A mailing state is a part of a postal address.
    let is_status = match heading.ends_with("status") {
        true => holds(&["mail"]) || holds(&ABOUT_MAIL),
        false => heading.ends_with("state") && (holds(&["email"]) || holds(&ABOUT_MAIL)),
    };
    if STATUSES.contains(&heading) || is_status {
        return Some(OptOuts::Status);
    }
    (holds(&HEADINGS) && !holds(&OTHERS)).then_some(OptOuts::Answer)
}

/// Whether a cell says nothing, in whatever way.
#[must_use]
pub fn is_blank(cell: &str) -> bool {
    matches!(&*plain(cell), "" | "na" | "nan" | "null")
}

/// Whether a filled cell in a column of opt-outs says that its contact wants no mail; `None` where it says
/// neither yes nor no.
#[must_use]
pub fn opts_out(cell: &str) -> Option<bool> {
    let cell = cell.trim();
    yes(cell).or_else(|| match says(&plain(cell)) {
        Says::Stop(_) => Some(true),
        Says::GoOn => Some(false),
        _ if matches!(&*plain(cell), "never" | "none" | "nie" | "jamais") => Some(false),
        _ => is_moment(cell).then(|| cell.contains(|sign: char| ('1'..='9').contains(&sign))),
    })
}

/// Whether a cell in a column of opt-outs counts as an objection: yes, and any word that is no clear no.
#[must_use]
pub fn objects(cell: &str) -> bool {
    !is_blank(cell) && opts_out(cell) != Some(false)
}

/// Whether the text is written as a date or a time is. All zeros are none.
fn is_moment(cell: &str) -> bool {
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    let sign = |sign: char| sign.is_ascii_digit() || "-/.:+ TZUC".contains(sign);
    digits >= 6 && cell.chars().all(sign)
}

#[cfg(test)]
mod tests {
    use super::{OptOuts, opt_outs, opts_out, plain};

    #[test]
    fn headings_of_opt_outs_are_told_from_others() {
        for (heading, is) in [
            ("unsubscribed", Some(OptOuts::Answer)),
            ("Opt out", Some(OptOuts::Answer)),
            ("Unsubscribed from all email", Some(OptOuts::Answer)),
            ("HasOptedOutOfEmail", Some(OptOuts::Answer)),
            ("Newsletter abgemeldet", Some(OptOuts::Answer)),
            ("unsubscribed_at", Some(OptOuts::Answer)),
            ("Unsubscribe date", Some(OptOuts::Answer)),
            ("Email Marketing Status", Some(OptOuts::Status)),
            ("Email marketing state", Some(OptOuts::Status)),
            ("status", Some(OptOuts::Status)),
            ("MailingState", None),
            ("Mail State", None),
            ("HasOptedOutOfFax", None),
            ("Unsubscribe reason", None),
            ("sayso_unsubscribe_link", None),
            ("Object ID", None),
            ("Order status", None),
            ("Email", None),
        ] {
            assert_eq!(opt_outs(&plain(heading)), is, "{heading}");
        }
    }

    #[test]
    fn cells_of_opt_outs_say_yes_no_or_neither() {
        for (cell, is) in [
            ("yes", Some(true)),
            ("TRUE", Some(true)),
            ("Unsubscribed", Some(true)),
            ("2026-05-01 10:00:00", Some(true)),
            ("WAHR", Some(true)),
            ("VRAI", Some(true)),
            ("Sì", Some(true)),
            ("FALSCH", Some(false)),
            ("FAUX", Some(false)),
            ("falso", Some(false)),
            ("onwaar", Some(false)),
            ("não", Some(false)),
            ("no", Some(false)),
            ("never", Some(false)),
            ("Subscribed", Some(false)),
            ("0000-00-00 00:00:00", Some(false)),
            ("newsletter", None),
            ("https://privacy.example.com/u/x", None),
        ] {
            assert_eq!(opts_out(cell), is, "{cell}");
        }
    }
}
