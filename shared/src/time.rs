//! Instants and calendar dates, always UTC.

use std::fmt;

use chrono::{DateTime, Months, NaiveDate, SecondsFormat, Utc};
use serde::{Deserialize, Serialize, Serializer};

/// A moment in UTC, in whole milliseconds, written as RFC 3339: `2026-11-23T03:30:00.000Z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Timestamp(i64);

/// The years 0 to 9999, which RFC 3339 can write, in milliseconds.
const WRITABLE: std::ops::RangeInclusive<i64> = -62_167_219_200_000..=253_402_300_799_999;

/// A text that is no moment and no date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write a date such as 2027-02-23, or a moment such as 2027-02-23T12:00:00Z")]
pub struct InvalidTimestamp;

impl Timestamp {
    /// The moment that many milliseconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Reads an RFC 3339 moment of any offset, within the years 0 to 9999 of UTC: what is written
    /// down must be readable again.
    pub fn parse(text: &str) -> Result<Self, InvalidTimestamp> {
        DateTime::parse_from_rfc3339(text)
            .map(|moment| Self(moment.timestamp_millis()))
            .ok()
            .filter(|moment| WRITABLE.contains(&moment.0))
            .ok_or(InvalidTimestamp)
    }

    /// Reads the end of a pause: a moment, or a date, which ends at 00:00 UTC of the next day.
    pub fn parse_end(text: &str) -> Result<Self, InvalidTimestamp> {
        match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            Ok(date) if text.len() == 10 => date
                .succ_opt()
                .map(start_of)
                .filter(|end| WRITABLE.contains(&end.0))
                .ok_or(InvalidTimestamp),
            _ => Self::parse(text),
        }
    }

    /// The moment that many milliseconds later (earlier when negative).
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// The UTC date of this moment.
    #[must_use]
    pub fn date(self) -> NaiveDate {
        self.utc().date_naive()
    }

    /// The UTC date that many calendar months later; the last day of the month where the day is
    /// missing (31 January and one month is 28 or 29 February).
    #[must_use]
    pub fn date_in_months(self, months: u32) -> NaiveDate {
        self.date()
            .checked_add_months(Months::new(months))
            .unwrap_or(NaiveDate::MAX)
    }

    fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

/// 00:00 UTC of that date.
#[must_use]
pub fn start_of(date: NaiveDate) -> Timestamp {
    Timestamp(
        date.and_time(chrono::NaiveTime::MIN)
            .and_utc()
            .timestamp_millis(),
    )
}

impl fmt::Display for Timestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.utc().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl TryFrom<String> for Timestamp {
    type Error = InvalidTimestamp;

    fn try_from(text: String) -> Result<Self, InvalidTimestamp> {
        Self::parse(&text)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}
