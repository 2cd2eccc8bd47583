//! Periods by the calendar, the longest of several, reasons to keep longer (NOT-06).

use proptest::prelude::*;
use shared::notice::retention::{Keep, Override, Period, Rule, erasure};

use super::{day, notice};

fn rule(key: &str) -> Rule {
    notice()
        .retention
        .into_iter()
        .find(|rule| rule.key.as_str() == key)
        .unwrap()
}

#[test]
fn periods_end_by_the_calendar() {
    for (start, period, end) in [
        ("2024-02-29", "P5Y", "2029-02-28"),
        ("2024-02-29", "P4Y", "2028-02-29"),
        ("2024-02-29", "P7Y", "2031-02-28"),
        ("2026-01-31", "P1M", "2026-02-28"),
        ("2026-11-23", "P12M", "2027-11-23"),
        ("2026-12-31", "P1D", "2027-01-01"),
        ("2026-12-31", "P2W", "2027-01-14"),
        ("2026-01-31", "P1Y1M1D", "2027-03-01"),
    ] {
        assert_eq!(
            Period::parse(period).unwrap().after(day(start)),
            day(end),
            "{start} {period}"
        );
    }
}

#[test]
fn what_is_no_period_is_refused() {
    for text in [
        "", "P", "7Y", "P0Y", "P0D", "PT1H", "P1Y2", "P-1Y", "P1.5Y", "P1D1Y", "P1Y1Y", "p1y",
        "P99999Y",
    ] {
        assert!(Period::parse(text).is_err(), "{text}");
    }
}

#[test]
fn the_seeds_periods_are_seven_and_five_years() {
    for (key, period) in [
        ("financial_records", "P7Y"),
        ("other_business_documents", "P5Y"),
    ] {
        let Keep::For { period: found, .. } = rule(key).keep else {
            panic!("{key}")
        };
        assert_eq!(found.to_string(), period);
    }
}

#[test]
fn every_class_that_the_product_itself_keeps_is_disclosed() {
    for key in [
        "marketing_contact",
        "consent_evidence",
        "suppression",
        "security_logs",
        "magic_link_tokens",
        "pending_double_opt_in",
    ] {
        assert_eq!(rule(key).key.as_str(), key);
    }
}

#[test]
fn a_record_in_two_classes_is_kept_for_the_longer_time_and_says_why() {
    let (financial, other) = (rule("financial_records"), rule("other_business_documents"));
    let start = day("2024-02-29");
    let erased = erasure(&[(&financial, start), (&other, start)], &[]);
    assert_eq!(erased.on, Some(day("2031-02-28")));
    assert_eq!(
        erased.explanation,
        "financial_records: end_of_financial_year on 2024-02-29, plus P7Y, is 2031-02-28; \
         the longest of several, also other_business_documents: end_of_services on 2024-02-29, \
         plus P5Y, is 2029-02-28"
    );
    let later = erasure(&[(&financial, start), (&other, day("2028-01-01"))], &[]);
    assert_eq!(later.on, Some(day("2033-01-01")));
}

#[test]
fn a_reason_keeps_a_record_only_where_its_rule_allows_that_reason() {
    let (financial, logs) = (rule("financial_records"), rule("magic_link_tokens"));
    let start = day("2026-11-23");
    let kept = erasure(&[(&financial, start)], &[Override::LegalClaims]);
    assert_eq!(
        (kept.on, kept.explanation.as_str()),
        (None, "kept for now: legal_claims")
    );
    let erased = erasure(&[(&logs, start)], &[Override::LegalClaims]);
    assert_eq!(erased.on, Some(day("2026-11-24")));
}

proptest! {
    #[test]
    fn a_period_reads_as_it_is_written(years in 0u32..100, months in 0u32..100, days in 1u32..100) {
        let text = format!("P{years}Y{months}M{days}D");
        let period = Period::parse(&text).unwrap();
        prop_assert_eq!(Period::parse(&period.to_string()).unwrap(), period);
        prop_assert_eq!(period.parts(), (years, months, days));
    }

    #[test]
    fn more_time_never_ends_earlier(start in 0i32..40_000, months in 1u32..200, more in 1u32..200) {
        let start = chrono::NaiveDate::from_epoch_days(start).unwrap();
        let short = Period::parse(&format!("P{months}M")).unwrap();
        let long = Period::parse(&format!("P{}M", months + more)).unwrap();
        prop_assert!(short.after(start) < long.after(start));
        prop_assert!(long.is_longer_than(short) && !short.is_longer_than(long));
    }
}
