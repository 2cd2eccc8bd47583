//! Instants and calendar dates, always UTC.

use std::fmt;

use chrono::{DateTime, Datelike as _, Months, NaiveDate, SecondsFormat, Timelike as _, Utc};
use serde::{Deserialize, Serialize, Serializer};

/// A moment in UTC, in whole milliseconds, written as RFC 3339: `2026-11-23T03:30:00.000Z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Timestamp(i64);

/// The years 0 to 9999, which RFC 3339 can write, in milliseconds.
const WRITABLE: std::ops::RangeInclusive<i64> = -62_167_219_200_000..=253_402_300_799_999;

/// The last of these years.
const LAST_YEAR: i32 = 9999;

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

    /// Reads a moment, or a date, which begins at 00:00 UTC.
    pub fn parse_start(text: &str) -> Result<Self, InvalidTimestamp> {
        match parse_date(text) {
            Some(date) => Ok(start_of(date)),
            None => Self::parse(text),
        }
    }

    /// Reads the end of a pause: a moment, or a date, which ends at 00:00 UTC of the next day.
    pub fn parse_end(text: &str) -> Result<Self, InvalidTimestamp> {
        match parse_date(text) {
            Some(date) => date
                .succ_opt()
                .filter(|next| next.year() <= LAST_YEAR)
                .map(start_of)
                .ok_or(InvalidTimestamp),
            None => Self::parse(text),
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

    /// The last UTC day before this moment, where it is the end of something: a pause that ends at
    /// 00:00 covers the day before.
    #[must_use]
    pub fn last_day(self) -> NaiveDate {
        self.plus_millis(-1).date()
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

    /// The text in the bytes given, for the moments that RFC 3339 can write: each entry and each
    /// answer has one, and chrono's own takes ten times as long.
    fn write(self, text: &mut [u8; 24]) -> Option<&str> {
        let moment = WRITABLE.contains(&self.0).then(|| self.utc())?;
        *text = *b"0000-00-00T00:00:00.000Z";
        let year = moment.year().unsigned_abs();
        for (end, digits, number) in [
            (4, 4, year),
            (7, 2, moment.month()),
            (10, 2, moment.day()),
            (13, 2, moment.hour()),
            (16, 2, moment.minute()),
            (19, 2, moment.second()),
            (23, 3, moment.timestamp_subsec_millis()),
        ] {
            let mut rest = number;
            for digit in text[end - digits..end].iter_mut().rev() {
                *digit = b'0' + (rest % 10) as u8;
                rest /= 10;
            }
        }
        std::str::from_utf8(text).ok()
    }
}

/// 00:00 UTC of that date; the first or last moment that can be written where the date is before or
/// after all of those, as a date with a long period added to it may be.
#[must_use]
pub fn start_of(date: NaiveDate) -> Timestamp {
    let midnight = date.and_time(chrono::NaiveTime::MIN).and_utc();
    Timestamp(
        midnight
            .timestamp_millis()
            .clamp(*WRITABLE.start(), *WRITABLE.end()),
    )
}

/// A date as RFC 3339 writes it: chrono also takes a sign before the year, and spaces.
fn parse_date(text: &str) -> Option<NaiveDate> {
    let plain = text.len() == 10
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-')
        && text.as_bytes()[0] != b'-';
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()
        .filter(|_| plain)
}

impl fmt::Display for Timestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.write(&mut [0; 24]) {
            Some(text) => out.write_str(text),
            None => out.write_str(&self.utc().to_rfc3339_opts(SecondsFormat::Millis, true)),
        }
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
        match self.write(&mut [0; 24]) {
            Some(text) => to.serialize_str(text),
            None => to.collect_str(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::SecondsFormat;
    use proptest::prelude::*;

    use super::{Timestamp, WRITABLE, start_of};

    fn agrees(millis: i64) {
        let moment = Timestamp::from_millis(millis);
        let expected = moment.utc().to_rfc3339_opts(SecondsFormat::Millis, true);
        assert_eq!(moment.to_string(), expected);
        let json = serde_json::to_string(&moment).expect("a text");
        assert_eq!(json, format!("\"{expected}\""));
        if WRITABLE.contains(&millis) {
            assert_eq!(Timestamp::parse(&expected), Ok(moment));
        }
    }

    #[test]
    fn the_first_and_the_last_moments_are_written_as_rfc_3339_has_them() {
        for millis in [*WRITABLE.start(), *WRITABLE.end(), -1, 0, 951_782_400_000] {
            agrees(millis);
        }
        agrees(*WRITABLE.start() - 1);
        agrees(*WRITABLE.end() + 1);
        agrees(i64::MAX);
    }

    #[test]
    fn a_date_has_four_digits_of_a_year_and_nothing_before_them() {
        for text in [
            "-001-01-01",
            "+999-01-01",
            "-009-12-31",
            " 999-01-01",
            "2026- 1- 1",
            "2026-1-1",
        ] {
            assert!(Timestamp::parse_start(text).is_err(), "{text}");
            assert!(Timestamp::parse_end(text).is_err(), "{text}");
        }
        let start = Timestamp::parse_start("2026-11-20").expect("a date");
        assert_eq!(start.to_string(), "2026-11-20T00:00:00.000Z");
        assert!(Timestamp::parse_start("9999-12-31").is_ok());
        assert!(Timestamp::parse_end("9999-12-31").is_err());
    }

    #[test]
    fn a_date_far_from_now_begins_at_a_moment_that_can_be_written() {
        for date in [chrono::NaiveDate::MIN, chrono::NaiveDate::MAX] {
            agrees(start_of(date).as_millis());
            assert!(WRITABLE.contains(&start_of(date).as_millis()));
        }
    }

    proptest! {
        #[test]
        fn whatever_is_read_is_written_and_read_back_the_same(
            text in "[-+ ]?[0-9]{1,5}-[0-9 ]{1,2}-[0-9 ]{1,2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,5})?(Z|[-+][0-9]{2}:[0-9]{2}))?",
        ) {
            for read in [Timestamp::parse, Timestamp::parse_start, Timestamp::parse_end] {
                if let Ok(moment) = read(&text) {
                    agrees(moment.as_millis());
                    prop_assert!(WRITABLE.contains(&moment.as_millis()), "{}", text);
                }
            }
        }

        #[test]
        fn every_moment_is_written_as_chrono_writes_it(millis in WRITABLE) {
            agrees(millis);
        }
    }
}
