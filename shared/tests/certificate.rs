//! The certificate: its frozen format 1, its verdict codes, and what is refused.
//!
//! `vectors/certificate-1.json` was computed outside this code, by Python's `json.dumps(certificate,
//! sort_keys=True, separators=(",", ":"), ensure_ascii=False)` and `hashlib.sha256`. A vector may be
//! added, never changed.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::certificate::{
    Block, Certificate, Column, Flaw, LEAF, SignedCertificate, Tally, Validity, Verdict,
};
use shared::decision::{Decision, Ground, Obligation, Reason, Withheld};
use shared::digest::Digest;
use shared::time::Timestamp;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    codes: Vec<Code>,
    trees: Vec<Tree>,
    certificates: Vec<Whole>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Code {
    reason: Reason,
    inform: bool,
    code: u8,
}

/// Verdicts in runs of (code, rows), and what is kept of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tree {
    runs: Vec<(u8, usize)>,
    head: Digest,
    rows_per_block: u64,
    /// The SHA-256 of the text in the certificate, which is long.
    blocks_sha256: Digest,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    name: String,
    certificate: Value,
    canonical: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors/certificate-1.json")).expect("the vectors are JSON")
}

fn certificate() -> Certificate {
    let value = vectors().certificates.remove(0).certificate;
    serde_json::from_value(value).expect("the first vector")
}

fn moment(text: &str) -> Timestamp {
    Timestamp::parse(text).expect(text)
}

fn verdicts(runs: &[(u8, usize)]) -> Vec<Verdict> {
    runs.iter()
        .flat_map(|&(code, rows)| vec![Verdict::from_code(code).expect("a code"); rows])
        .collect()
}

#[test]
fn every_verdict_has_the_code_that_was_published() {
    let codes = vectors().codes;
    let published: BTreeSet<u8> = codes.iter().map(|vector| vector.code).collect();
    let known: BTreeSet<u8> = Verdict::all().map(Verdict::code).collect();
    assert_eq!(published, known);
    assert_eq!(codes.len(), known.len());
    for Code {
        reason,
        inform,
        code,
    } in codes
    {
        let decision = match reason {
            Reason::Withheld(reason) => Decision::Withhold {
                reasons: vec![reason, Withheld::NotInformed],
                evidence: Vec::new(),
            },
            Reason::Ground(ground) => Decision::Proceed {
                ground,
                obligations: inform
                    .then_some(Obligation::InformOfRightToObject)
                    .into_iter()
                    .collect(),
                evidence: Vec::new(),
            },
        };
        let verdict = Verdict::of(&decision);
        assert_eq!(verdict.code(), code);
        assert_eq!(verdict.proceeds(), decision.proceeds());
        assert_eq!(verdict.informs(), inform);
        assert_eq!(verdict.reason(), reason);
        assert_eq!(Verdict::from_code(code), Some(verdict));
    }
    assert_eq!(Verdict::from_code(0), None);
}

#[test]
fn every_reason_has_the_name_of_its_json() {
    for verdict in Verdict::all() {
        let reason = verdict.reason();
        assert_eq!(
            serde_json::to_value(reason).expect("a name"),
            reason.as_str()
        );
    }
}

#[test]
fn verdicts_are_hashed_as_another_program_hashes_them() {
    for vector in vectors().trees {
        let mut tally = Tally::default();
        tally.extend(&verdicts(&vector.runs));
        let (_, found) = tally.finish(None);
        let blocks = String::from(found.blocks.clone());
        let runs = vector.runs;
        assert_eq!(found.head, vector.head, "{runs:?}");
        assert_eq!(found.rows_per_block, vector.rows_per_block, "{runs:?}");
        assert_eq!(
            Digest::of(blocks.as_bytes()),
            vector.blocks_sha256,
            "{runs:?}"
        );
    }
}

#[test]
fn every_certificate_has_its_canonical_bytes_and_reads_back() {
    for vector in vectors().certificates {
        let name = &vector.name;
        let certificate: Certificate =
            serde_json::from_value(vector.certificate.clone()).expect(name);
        let canonical = String::from_utf8(certificate.canonical()).expect(name);
        assert_eq!(canonical, vector.canonical, "{name}");
        let back: Certificate = serde_json::from_str(&canonical).expect(name);
        assert_eq!(back, certificate, "{name}");
        assert_eq!(certificate.flaw(certificate.at), None, "{name}");
    }
}

#[test]
fn an_unknown_field_is_refused_wherever_it_stands() {
    let whole = vectors().certificates.remove(0).certificate;
    for place in [
        "",
        "/asked",
        "/asked/columns",
        "/counts",
        "/issuer",
        "/list",
        "/verdicts",
    ] {
        let mut changed = whole.clone();
        changed.pointer_mut(place).expect(place)["more"] = json!("x");
        assert!(
            serde_json::from_value::<Certificate>(changed).is_err(),
            "{place}"
        );
    }
    let signed = json!({"certificate": whole, "signature": null, "more": 1});
    assert!(serde_json::from_value::<SignedCertificate>(signed).is_err());
}

#[test]
fn a_certificate_ends_at_its_very_millisecond() {
    let certificate = certificate();
    let end = certificate.valid_until;
    assert_eq!(certificate.flaw(end.plus_millis(-1)), None);
    assert_eq!(certificate.flaw(end), Some(Flaw::Expired));
}

#[test]
fn a_certificate_of_a_clock_that_is_ahead_does_not_hold_until_its_time_has_come() {
    let certificate = certificate();
    let minutes = |count: i64| certificate.at.plus_millis(-count * 60 * 1000);
    assert_eq!(certificate.flaw(minutes(5)), None);
    assert_eq!(
        certificate.flaw(minutes(5).plus_millis(-1)),
        Some(Flaw::Ahead)
    );
    assert_eq!(
        certificate.flaw(minutes(3 * 365 * 24 * 60)),
        Some(Flaw::Ahead)
    );
}

#[test]
fn no_certificate_holds_for_more_than_two_days() {
    let at = moment("2026-11-23T03:30:00Z");
    assert_eq!(Validity::DEFAULT.end(at), moment("2026-11-24T03:30:00Z"));
    assert_eq!(Validity::MOST.end(at), moment("2026-11-25T03:30:00Z"));
    assert!(Validity::hours(1).is_ok() && Validity::hours(48).is_ok());
    assert!(Validity::hours(0).is_err() && Validity::hours(49).is_err());
    let mut longer = certificate();
    longer.valid_until = Validity::MOST.end(longer.at);
    assert_eq!(longer.flaw(longer.at), None);
    longer.valid_until = longer.valid_until.plus_millis(1);
    assert_eq!(longer.flaw(longer.at), Some(Flaw::TooLong));
}

#[test]
fn numbers_that_do_not_add_up_are_a_flaw() {
    let broken: [fn(&mut Certificate); 6] = [
        |one| one.counts.kept += 1,
        |one| one.counts.withheld = u64::MAX,
        |one| one.counts.to_inform = one.counts.kept + 1,
        |one| one.list.rows += LEAF as u64,
        |one| one.verdicts.rows_per_block = 0,
        |one| {
            one.counts
                .reasons
                .insert(Reason::Ground(Ground::Consent), u64::MAX);
        },
    ];
    for (place, change) in broken.into_iter().enumerate() {
        let mut certificate = certificate();
        change(&mut certificate);
        assert_eq!(
            certificate.flaw(certificate.at),
            Some(Flaw::Contradictory),
            "{place}"
        );
    }
}

#[test]
fn a_column_is_named_by_its_heading_and_never_by_an_address() {
    let name = |heading| Column::new(heading, 3).to_string();
    assert_eq!(name(Some("E-mail 1 - Value")), "E-mail 1 - Value");
    assert_eq!(name(None), "#3");
    assert_eq!(Column::new(None, 3).number(), Some(3));
    let long = "x".repeat(101);
    for odd in ["jane@example.com", "", "#2", "a\nb", long.as_str()] {
        assert_eq!(name(Some(odd)), "#3", "{odd}");
    }
    for wrong in ["", "#", "#0", "#x", "jane@example.com"] {
        assert!(
            serde_json::from_value::<Column>(json!(wrong)).is_err(),
            "{wrong}"
        );
    }
}

#[test]
fn the_verdicts_of_ten_million_rows_fit_into_a_hundred_thousand_bytes() {
    let mut tally = Tally::default();
    let some = verdicts(&[(3, 900), (34, 100)]);
    for _ in 0..10_000 {
        tally.extend(&some);
    }
    let (counts, found) = tally.finish(Some(0));
    assert_eq!((counts.kept, counts.withheld), (9_000_000, 1_000_000));
    assert!(found.fits(10_000_000));
    assert_eq!(found.rows_per_block, 2048);
    assert!(serde_json::to_string(&found).expect("JSON").len() < 100_000);
}

proptest! {
    #[test]
    fn however_rows_come_the_tally_is_the_same_and_every_block_is_that_of_its_rows(
        codes in prop::collection::vec(0..20_usize, 0..2000),
        pieces in prop::collection::vec(1..400_usize, 1..20),
    ) {
        let all: Vec<Verdict> = Verdict::all().collect();
        let verdicts: Vec<Verdict> = codes.iter().map(|&code| all[code % all.len()]).collect();
        let mut at_once = Tally::default();
        at_once.extend(&verdicts);
        let at_once = at_once.finish(None);
        let mut in_pieces = Tally::default();
        let mut rest = verdicts.as_slice();
        for piece in pieces.iter().cycle() {
            let (next, after) = rest.split_at((*piece).min(rest.len()));
            in_pieces.extend(next);
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(&in_pieces.finish(None), &at_once);
        let (counts, found) = at_once;
        prop_assert!(found.fits(verdicts.len() as u64));
        prop_assert_eq!(counts.kept + counts.withheld, verdicts.len() as u64);
        let blocks: Vec<Block> = verdicts.chunks(LEAF).map(Block::of).collect();
        prop_assert_eq!(found.blocks(), blocks.as_slice());
    }

    #[test]
    fn any_other_verdict_anywhere_changes_head_and_block(
        rows in 1..700_usize,
        place in any::<prop::sample::Index>(),
    ) {
        let mut verdicts = vec![Verdict::proceed(Ground::Consent, false); rows];
        let head = |verdicts: &[Verdict]| {
            let mut tally = Tally::default();
            tally.extend(verdicts);
            tally.finish(None).1
        };
        let before = head(&verdicts);
        let place = place.index(rows);
        verdicts[place] = Verdict::withhold(Withheld::Objected);
        let after = head(&verdicts);
        prop_assert_ne!(before.head, after.head);
        for (block, (one, two)) in before.blocks().iter().zip(after.blocks()).enumerate() {
            prop_assert_eq!(one == two, block != place / LEAF);
        }
    }
}

#[test]
fn a_digest_names_a_list_as_sha256sum_does() {
    let digest = Digest::of(b"email\njane@example.com\n");
    assert_eq!(
        digest.to_string(),
        "b0ec2aff8353870cd602986c7cf96b2a19b16154f5c32cc7518611210475295e"
    );
}
