//! How long data is kept: calendar periods, start events, reasons to keep longer.

use std::fmt;

use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::purpose::{InvalidKey, key};

key! {
    /// Names a retention rule, a class of records: `financial_records`.
    RuleKey
}
key! {
    /// Names the event that starts or ends a period: `end_of_financial_year`. Its words are the
    /// text `event.KEY`.
    EventKey
}

/// An ISO 8601 duration of whole years, months, weeks and days: `P7Y`, `P1Y6M`, `P30D`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period {
    years: u32,
    months: u32,
    days: u32,
}

/// A text that is no period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no period: write an ISO 8601 duration such as P7Y, P18M or P30D, longer than zero"
)]
pub struct InvalidPeriod(pub String);

/// A retention rule of a notice (N11). Its words are the texts `retention.KEY.title` and
/// `retention.KEY.sentence`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The class of records that it is about.
    pub key: RuleKey,
    /// How long they are kept.
    pub keep: Keep,
    /// What may keep one of them longer.
    pub overrides: Vec<Override>,
}

/// How long records of a class are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Keep {
    /// For a period after an event.
    For {
        /// The period.
        period: Period,
        /// The event that starts it.
        start: EventKey,
    },
    /// As long as something goes on, asked again regularly.
    While {
        /// What must go on.
        lasts: EventKey,
        /// How often that is asked.
        review: Period,
    },
}

/// A reason to keep a record longer than its rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Override {
    /// A law or regulation asks for it.
    LawOrRegulation,
    /// A contract asks for it.
    Contract,
    /// To establish, exercise or defend legal claims.
    LegalClaims,
}

impl Period {
    /// Reads an ISO 8601 duration of years, months, weeks and days, longer than zero. Weeks count
    /// as seven days; times of day are refused, since retention is counted in dates.
    pub fn parse(text: &str) -> Result<Self, InvalidPeriod> {
        let invalid = || InvalidPeriod(text.chars().take(40).collect());
        let mut rest = text.strip_prefix('P').ok_or_else(invalid)?;
        let mut period = Self {
            years: 0,
            months: 0,
            days: 0,
        };
        for unit in ['Y', 'M', 'W', 'D'] {
            let Some((digits, after)) = rest.split_once(unit) else {
                continue;
            };
            let short = matches!(digits.len(), 1..=4) && digits.bytes().all(|c| c.is_ascii_digit());
            let count: u32 = digits.parse().ok().filter(|_| short).ok_or_else(invalid)?;
            match unit {
                'Y' => period.years = count,
                'M' => period.months = count,
                'W' => period.days = count * 7,
                _ => period.days += count,
            }
            rest = after;
        }
        if rest.is_empty()
            && period
                != (Self {
                    years: 0,
                    months: 0,
                    days: 0,
                })
        {
            Ok(period)
        } else {
            Err(invalid())
        }
    }

    /// The date that this period after `start` ends on, by the calendar: months first, then days;
    /// the last day of the month where the day is missing (29 February and `P5Y` is 28 February).
    #[must_use]
    pub fn after(self, start: NaiveDate) -> NaiveDate {
        start
            .checked_add_months(Months::new(self.years * 12 + self.months))
            .and_then(|date| date.checked_add_days(Days::new(u64::from(self.days))))
            .unwrap_or(NaiveDate::MAX)
    }

    /// Whether this period is longer than the other, both counted from 1 March 2001, so that `P12M`
    /// and `P1Y` are the same length.
    #[must_use]
    pub fn is_longer_than(self, other: Self) -> bool {
        let start = NaiveDate::from_ymd_opt(2001, 3, 1).unwrap_or_default();
        self.after(start) > other.after(start)
    }

    /// The whole years, months and days, for a page to put into words.
    #[must_use]
    pub const fn parts(self) -> (u32, u32, u32) {
        (self.years, self.months, self.days)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("P")?;
        [(self.years, 'Y'), (self.months, 'M'), (self.days, 'D')]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .try_for_each(|(count, unit)| write!(out, "{count}{unit}"))
    }
}

impl TryFrom<String> for Period {
    type Error = InvalidPeriod;

    fn try_from(text: String) -> Result<Self, InvalidPeriod> {
        Self::parse(&text)
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}

impl Override {
    /// The reason's name in sources and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LawOrRegulation => "law_or_regulation",
            Self::Contract => "contract",
            Self::LegalClaims => "legal_claims",
        }
    }
}

/// When a record is erased, and why then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// The first date on which it may no longer be kept; `None` while a reason to keep it holds.
    pub on: Option<NaiveDate>,
    /// The computation in words.
    pub explanation: String,
}

/// When a record that falls under these rules is erased: each rule comes with the date of its start
/// event (of the last review, for what is kept while something lasts), and the longest one decides.
/// A reason in `holds` keeps the record if one of the rules allows that reason.
#[must_use]
pub fn erasure(rules: &[(&Rule, NaiveDate)], holds: &[Override]) -> Erasure {
    let hold = holds
        .iter()
        .find(|hold| rules.iter().any(|(rule, _)| rule.overrides.contains(hold)));
    if let Some(hold) = hold {
        let explanation = format!("kept for now: {}", hold.as_str());
        return Erasure {
            on: None,
            explanation,
        };
    }
    let dates: Vec<_> = rules
        .iter()
        .map(|(rule, start)| rule.computation(*start))
        .collect();
    let Some((last, decisive)) = dates.iter().max_by_key(|(date, _)| *date) else {
        let explanation = "erased at once: no retention rule covers it".to_owned();
        return Erasure {
            on: Some(NaiveDate::MIN),
            explanation,
        };
    };
    let shorter: Vec<_> = dates
        .iter()
        .map(|(_, words)| words.as_str())
        .filter(|words| words != decisive)
        .collect();
    let mut explanation = decisive.clone();
    if !shorter.is_empty() {
        explanation.push_str("; the longest of several, also ");
        explanation.push_str(&shorter.join(", "));
    }
    Erasure {
        on: Some(*last),
        explanation,
    }
}

impl Rule {
    fn computation(&self, start: NaiveDate) -> (NaiveDate, String) {
        let (period, words) = match &self.keep {
            Keep::For {
                period,
                start: event,
            } => (*period, format!("{event} on {start}")),
            Keep::While { lasts, review } => (*review, format!("{lasts}, reviewed on {start}")),
        };
        let end = period.after(start);
        (
            end,
            format!("{}: {words}, plus {period}, is {end}", self.key),
        )
    }
}
