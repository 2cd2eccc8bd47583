//! Verdicts given again: the row that differs is named, and erased contacts do not spoil the others.

use proptest::prelude::*;
use shared::certificate::{Again, Certificate, Comparison, Finding, Tally, Verdict};
use shared::decision::{Ground, Withheld};

const YES: Verdict = Verdict::proceed(Ground::LegitimateInterest, false);
const NO: Verdict = Verdict::withhold(Withheld::Objected);

/// The first vector's certificate, about these verdicts.
fn certificate(verdicts: &[Verdict]) -> Certificate {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("vectors/certificate-1.json")).expect("JSON");
    let mut certificate: Certificate =
        serde_json::from_value(vectors["certificates"][0]["certificate"].clone()).expect("one");
    let mut tally = Tally::default();
    tally.extend(verdicts);
    (certificate.counts, certificate.verdicts) = tally.finish(None);
    certificate.list.rows = verdicts.len() as u64;
    certificate
}

fn compare(certificate: &Certificate, again: &[Again]) -> Vec<Finding> {
    let mut comparison = Comparison::new(certificate);
    let mut found: Vec<Finding> = again
        .iter()
        .filter_map(|&again| comparison.next(again))
        .collect();
    let (last, rows) = comparison.finish();
    found.extend(last);
    assert_eq!(rows, again.len() as u64);
    found
}

fn given(verdicts: &[Verdict]) -> Vec<Again> {
    verdicts
        .iter()
        .map(|&verdict| Again::Given(verdict))
        .collect()
}

/// Every third row withheld.
fn list(rows: usize) -> Vec<Verdict> {
    (0..rows)
        .map(|row| if row % 3 == 0 { NO } else { YES })
        .collect()
}

#[test]
fn two_rows_that_differ_in_one_block_are_named_by_the_block() {
    let then = list(200);
    let certificate = certificate(&then);
    let mut now = given(&then);
    now[70] = Again::Given(NO);
    now[71] = Again::Given(NO);
    assert_eq!(
        compare(&certificate, &now),
        [Finding::Rows {
            first: 65,
            last: 128
        }]
    );
}

#[test]
fn rows_that_differ_in_several_blocks_are_each_named() {
    let then = list(200);
    let certificate = certificate(&then);
    let mut now = given(&then);
    for row in [0, 127, 199] {
        now[row] = Again::Given(if then[row] == NO { YES } else { NO });
    }
    let rows: Vec<u64> = compare(&certificate, &now)
        .into_iter()
        .map(|finding| match finding {
            Finding::Row { row, .. } => row,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(rows, [1, 128, 200]);
}

#[test]
fn where_too_many_were_erased_the_block_is_named_as_unknown() {
    let then = list(130);
    let certificate = certificate(&then);
    let mut now = given(&then);
    now[..40].fill(Again::Erased);
    assert_eq!(
        compare(&certificate, &now),
        [Finding::Unknown { first: 1, last: 64 }]
    );
}

#[test]
fn more_rows_than_the_certificate_knows_are_a_finding() {
    let then = list(64);
    let certificate = certificate(&then);
    assert_eq!(
        compare(&certificate, &given(&list(65))),
        [Finding::Rows {
            first: 65,
            last: 65
        }]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_same_verdicts_are_the_same_whoever_was_erased_since(
        codes in prop::collection::vec(0..4_usize, 0..400),
        erased in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
    ) {
        let some = [YES, NO, Verdict::proceed(Ground::Consent, true), Verdict::withhold(Withheld::NoConsent)];
        let then: Vec<Verdict> = codes.iter().map(|&code| some[code]).collect();
        let certificate = certificate(&then);
        let mut now = given(&then);
        for place in erased.iter().filter(|_| !then.is_empty()) {
            now[place.index(then.len())] = Again::Erased;
        }
        prop_assert_eq!(compare(&certificate, &now), []);
    }

    #[test]
    fn one_row_that_differs_is_named_with_both_verdicts_even_beside_an_erased_one(
        rows in 2..300_usize,
        place in any::<prop::sample::Index>(),
        erased in any::<prop::sample::Index>(),
    ) {
        let mut then = list(rows);
        then[1] = YES;
        let certificate = certificate(&then);
        let (place, erased) = (place.index(rows), erased.index(rows));
        prop_assume!(place != erased);
        let mut now = given(&then);
        let other = Verdict::withhold(Withheld::Paused);
        now[place] = Again::Given(other);
        now[erased] = Again::Erased;
        let row = place as u64 + 1;
        prop_assert_eq!(
            compare(&certificate, &now),
            [Finding::Row { row, then: then[place], now: other }]
        );
    }
}
