//! Entry format 1 is frozen: history cannot be hashed again.
//!
//! `vectors/entry-1.json` was computed outside this code, by Python's `json.dumps(entry,
//! sort_keys=True, separators=(",", ":"), ensure_ascii=False)` and `hashlib.sha256(salt +
//! canonical)`. A vector may be added, never changed.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::digest::Digest;
use shared::entry::{Act, Entry, InvalidEntry, Salt, commitment};
use shared::time::Timestamp;

#[path = "standing/acts.rs"]
mod acts;
#[path = "sample/entry.rs"]
mod sample;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    name: String,
    entry: Value,
    salt: Digest,
    canonical: String,
    commitment: Digest,
}

fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("vectors/entry-1.json")).expect("the vectors are JSON")
}

#[test]
fn every_vector_has_its_canonical_bytes_and_its_commitment() {
    for vector in vectors() {
        let name = &vector.name;
        let entry: Entry = serde_json::from_value(vector.entry.clone()).expect(name);
        let canonical = entry.canonical();
        assert_eq!(
            String::from_utf8_lossy(&canonical),
            vector.canonical,
            "{name}"
        );
        let sorted = serde_json_canonicalizer::to_vec(&entry).expect(name);
        assert_eq!(canonical, sorted, "{name}");
        let salt = Salt(*vector.salt.as_bytes());
        assert_eq!(commitment(&salt, &canonical), vector.commitment, "{name}");
    }
}

#[test]
fn every_vector_reads_back_as_the_same_entry_without_losing_a_field() {
    for vector in vectors() {
        let name = &vector.name;
        let entry = Entry::from_canonical(vector.canonical.as_bytes()).expect(name);
        let facts_named = vector.entry.get("facts").is_some();
        assert_eq!(entry.facts.is_some(), facts_named, "{name}");
        assert_eq!(
            serde_json::to_value(&entry).expect(name),
            vector.entry,
            "{name}"
        );
    }
}

#[test]
fn the_first_commitment_is_what_another_program_computes() {
    let canonical = concat!(
        r#"{"act":"objected","evidence":{"actor":"data_subject","assurance":"unverified","#,
        r#""build":"0.1.0+3871ee6","gpc":false,"language":"en","method":"script","#,
        r#""surface":"widget"},"format":1,"id":"01990000-0000-7000-8000-000000000001","#,
        r#""recorded_at":"2026-11-23T03:30:00.000Z","#,
        r#""subject":"5b1ec700-0000-4000-8000-000000000001"}"#,
    );
    let entry = Entry::from_canonical(canonical.as_bytes()).expect("an entry");
    assert_eq!(entry.canonical(), canonical.as_bytes());
    let salt = Digest::parse("3261b4a8fbe54b47c0109b1cc71a9cb5baa4c7bc53e6f8436a7bd757a73a8d59")
        .expect("hex");
    let expected = "1bcd67295e1eeba957f6733f62ee36997e71d78393068f3886e9de800bad560f";
    let found = commitment(&Salt(*salt.as_bytes()), canonical.as_bytes());
    assert_eq!(found.to_string(), expected);
}

#[test]
fn the_vectors_cover_every_act_and_every_act_has_one_name() {
    let covered: BTreeSet<Act> = vectors()
        .iter()
        .map(|vector| serde_json::from_value(vector.entry["act"].clone()).expect("an act"))
        .collect();
    assert_eq!(covered, BTreeSet::from(acts::ALL));
    for act in acts::ALL {
        assert_eq!(serde_json::to_value(act).expect("a name"), act.as_str());
    }
}

#[test]
fn the_vectors_cover_every_word_of_the_evidence() {
    let seen = |field: &str| -> BTreeSet<String> {
        vectors()
            .iter()
            .map(|vector| vector.entry["evidence"][field].to_string())
            .collect()
    };
    assert_eq!(seen("actor").len(), 4);
    assert_eq!(seen("assurance").len(), 5);
    assert_eq!(seen("surface").len(), 10);
    assert_eq!(seen("method").len(), 7);
}

#[test]
fn an_unknown_field_is_refused_wherever_it_stands() {
    let everything = &vectors()[1].entry;
    for place in ["", "/scope", "/evidence", "/facts", "/stays/0"] {
        let mut entry = everything.clone();
        entry.pointer_mut(place).expect(place)["address_key"] = json!("00");
        let refused = Entry::from_canonical(entry.to_string().as_bytes());
        assert!(matches!(refused, Err(InvalidEntry::Json(_))), "{place}");
    }
}

#[test]
fn a_missing_field_is_refused() {
    for field in ["format", "id", "subject", "recorded_at", "act", "evidence"] {
        let mut entry = vectors()[0].entry.clone();
        entry.as_object_mut().expect("an object").remove(field);
        assert!(
            Entry::from_canonical(entry.to_string().as_bytes()).is_err(),
            "{field}"
        );
    }
}

#[test]
fn a_method_that_is_no_positive_act_has_no_word() {
    for method in ["preticked", "implied", "scroll", "silence", ""] {
        let mut entry = vectors()[0].entry.clone();
        entry["evidence"]["method"] = json!(method);
        assert!(
            Entry::from_canonical(entry.to_string().as_bytes()).is_err(),
            "{method}"
        );
    }
}

#[test]
fn an_entry_of_another_format_is_refused_by_its_number_whatever_it_holds() {
    for format in [0, 2, 255] {
        let mut entry = vectors()[0].entry.clone();
        entry["format"] = json!(format);
        let plain = Entry::from_canonical(entry.to_string().as_bytes());
        assert!(matches!(plain, Err(InvalidEntry::Format(number)) if number == format));
        entry["act"] = json!("act_of_tomorrow");
        entry["field_of_tomorrow"] = json!(true);
        let new = Entry::from_canonical(entry.to_string().as_bytes());
        assert!(matches!(new, Err(InvalidEntry::Format(number)) if number == format));
    }
}

#[test]
fn the_salt_is_part_of_the_commitment_and_is_never_printed() {
    let canonical = vectors()[0].canonical.clone();
    let with = |byte| commitment(&Salt([byte; 32]), canonical.as_bytes());
    assert_ne!(with(1), with(2));
    assert_eq!(format!("{:?}", Salt([7; 32])), "Salt(…)");
}

#[test]
fn a_moment_that_could_not_be_read_again_is_refused_at_the_door() {
    for text in [
        "9999-12-31T23:59:59.999-00:01",
        "0000-01-01T00:00:00+00:01",
        "9999-12-31",
        "+12345-1-1",
    ] {
        assert!(Timestamp::parse_end(text).is_err(), "{text}");
    }
    let last = Timestamp::parse_end("9999-12-30").expect("a date");
    assert_eq!(last.to_string(), "9999-12-31T00:00:00.000Z");
}

proptest! {
    #[test]
    fn every_moment_that_can_be_read_is_written_so_that_it_reads_back(
        year in 0..=9999_u16,
        (month, day, hour, minute) in (1..=12_u8, 1..=28_u8, 0..24_u8, 0..60_u8),
        millis in 0..1000_u16,
        (sign, offset) in (prop::sample::select(vec!['+', '-']), 0..24_u8),
    ) {
        let text = format!(
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:59.{millis:03}{sign}{offset:02}:30"
        );
        if let Ok(moment) = Timestamp::parse(&text) {
            prop_assert_eq!(Timestamp::parse(&moment.to_string()), Ok(moment));
        } else {
            prop_assert!(year == 0 || year == 9999, "{}", text);
        }
    }

    #[test]
    fn canonical_bytes_read_back_and_written_again_are_identical(
        entries in acts::sequence(1..6),
        text in "\\PC{0,12}[\u{0}-\u{1f}\"\\\\é😀]{0,4}",
    ) {
        for mut entry in entries {
            entry.evidence.reference = Some(text.clone());
            let canonical = entry.canonical();
            let back = Entry::from_canonical(&canonical).expect("canonical bytes");
            prop_assert_eq!(&back, &entry);
            prop_assert_eq!(back.canonical(), canonical);
        }
    }

    #[test]
    fn canonical_bytes_are_those_of_rfc_8785(
        entries in acts::sequence(1..6),
        text in "\\PC{0,12}[\u{0}-\u{1f}\u{7f}-\u{9f}\"\\\\/é😀]{0,6}",
    ) {
        for mut entry in entries {
            entry.evidence.reference = Some(text.clone());
            entry.evidence.build.clone_from(&text);
            let sorted = serde_json_canonicalizer::to_vec(&entry).expect("canonical JSON");
            prop_assert_eq!(entry.canonical(), sorted);
        }
    }

    #[test]
    fn the_canonical_form_has_sorted_keys_and_no_white_space(entries in acts::sequence(1..6)) {
        for mut entry in entries {
            entry.evidence.reference = None;
            let canonical = String::from_utf8(entry.canonical()).expect("UTF-8");
            prop_assert!(!canonical.contains(char::is_whitespace));
            // A map of serde_json keeps its keys sorted.
            let sorted: Value = serde_json::from_str(&canonical).expect("JSON");
            prop_assert_eq!(sorted.to_string(), canonical);
        }
    }
}
