//! Reconciliation: the recipients that were really mailed, held against a certificate.

use shared::certificate::{Again, Certificate, Verdict};
use shared::decision::{Reason, Stated, Withheld};
use shared::time::Timestamp;

use crate::gate::Check;
use crate::replay::{Replay, Seen, Since};

/// When a message was sent, as exactly as the mailing tool says: a moment, a second, a minute or a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// Not before.
    pub earliest: Timestamp,
    /// Not after.
    pub latest: Timestamp,
}

/// A day in milliseconds.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// A minute in milliseconds.
const MINUTE_MS: i64 = 60 * 1000;
/// A second in milliseconds.
const SECOND_MS: i64 = 1000;

/// What the list said of a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// The list is not at hand: the question of the whole list is asked again.
    Unasked,
    /// The address is not in the list.
    Missing,
    /// It was decided so, on these facts: the list's own, whatever the table of recipients states.
    As(Again, Stated),
}

/// What is to be said of one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// The certificate withheld the address.
    Withheld(Withheld),
    /// The certificate is not about this address.
    NotListed,
    /// It was sent before the certificate was made.
    TooEarly,
    /// It was sent when the certificate had expired, though the gate would still have let it go.
    TooLate,
    /// The gate withheld the address when it was sent, though not yet when the list was decided: by what
    /// the person or their company did since, or by a rule that has changed.
    StoppedBefore(Withheld),
    /// The gate withholds the address now. Nobody says when it was sent.
    StoppedSince(Withheld),
    /// The contact's data was erased since, and not before the sending as far as is known: what the
    /// certificate said is not known any more.
    Erased,
}

impl Finding {
    /// Whether the message must not have been sent.
    #[must_use]
    pub const fn is_violation(self) -> bool {
        !matches!(self, Self::StoppedSince(_) | Self::Erased)
    }

    /// Its name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Withheld(_) => "withheld",
            Self::NotListed => "not_in_list",
            Self::TooEarly => "before_certificate",
            Self::TooLate => "after_validity",
            Self::StoppedBefore(_) => "stopped_before_sending",
            Self::StoppedSince(_) => "stopped_since",
            Self::Erased => "erased_since",
        }
    }

    /// The same for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Withheld(_) => "mailed although the certificate withheld it",
            Self::NotListed => "mailed although it is not in the list",
            Self::TooEarly => "mailed before the certificate was made",
            Self::TooLate => "mailed after the certificate had expired",
            Self::StoppedBefore(_) => "mailed after the person or their company had stopped it",
            Self::StoppedSince(_) => "stopped since the certificate; the sending time is not known",
            Self::Erased => "erased since: what the certificate said is not known any more",
        }
    }

    /// The gate's reason, where there is one.
    #[must_use]
    pub const fn reason(self) -> Option<Withheld> {
        match self {
            Self::Withheld(reason) | Self::StoppedBefore(reason) | Self::StoppedSince(reason) => {
                Some(reason)
            }
            Self::NotListed | Self::TooEarly | Self::TooLate | Self::Erased => None,
        }
    }
}

impl Sent {
    /// Reads a time of any offset, one without (UTC), or a day: all of the second, minute or day that is
    /// named. `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let span = |earliest: Timestamp, millis: i64| Self {
            earliest,
            latest: earliest.plus_millis(millis - 1),
        };
        let second = if text.contains('.') { 1 } else { SECOND_MS };
        if let Ok(moment) = Timestamp::parse(text) {
            return Some(span(moment, second));
        }
        if text.len() == 10 {
            let day = Timestamp::parse(&format!("{text}T00:00:00Z")).ok()?;
            return Some(span(day, DAY_MS));
        }
        let (seconds, millis) = match text.len() {
            16 => (":00", MINUTE_MS),
            _ => ("", second),
        };
        let text = format!("{}{seconds}Z", text.replacen(' ', "T", 1));
        let moment = Timestamp::parse(&text).ok()?;
        Some(span(moment, millis))
    }
}

/// The finding about one recipient, if any: the worst one. `since` reaches to the time of sending.
#[must_use]
pub fn find(
    certificate: &Certificate,
    (replay, since): (&Replay, &Since),
    (mut check, seen): (Check, &Seen),
    listed: Listed,
    sent: Option<Sent>,
    now: Timestamp,
) -> Option<Finding> {
    let again = match listed {
        Listed::Unasked => replay.again(&check, seen),
        Listed::Missing => return Some(Finding::NotListed),
        Listed::As(again, stated) => {
            check.question.stated = stated;
            again
        }
    };
    if let Again::Given(verdict) = again
        && let Some(reason) = stopped(verdict)
    {
        return Some(Finding::Withheld(reason));
    }
    let erased = (again == Again::Erased).then_some(Finding::Erased);
    let Some(sent) = sent else {
        let later = || stopped(replay.later(since, &check, seen, now));
        return erased.or_else(|| later().map(Finding::StoppedSince));
    };
    if sent.latest < certificate.at {
        return Some(Finding::TooEarly);
    }
    let then = sent.earliest.max(certificate.at);
    // What held before an erasure is gone; what holds from then on is known.
    if (erased.is_none() || seen.is_erased_by(then))
        && let Some(reason) = stopped(replay.later(since, &check, seen, then))
    {
        return Some(Finding::StoppedBefore(reason));
    }
    let is_late = sent.earliest >= certificate.valid_until;
    is_late.then_some(Finding::TooLate).or(erased)
}

fn stopped(verdict: Verdict) -> Option<Withheld> {
    match verdict.reason() {
        Reason::Withheld(reason) => Some(reason),
        Reason::Ground(_) => None,
    }
}
