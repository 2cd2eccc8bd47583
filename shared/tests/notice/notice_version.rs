//! Versions are named by their bytes and read back exactly (NOT-02, NOT-10); texts know their
//! language; sections invent nothing (NOT-03).

use std::collections::BTreeMap;

use proptest::prelude::*;
use shared::digest::Digest;
use shared::notice::slot::SlotName;
use shared::notice::source::{Source, SourceError};
use shared::notice::text::Language;
use shared::notice::version::{InvalidVersion, NoticeVersion, VersionKind};

use super::{ENGLISH, SEED, STRUCTURE, day, notice, settings};

#[test]
fn the_seeds_digest_is_that_of_its_bytes() {
    let version = NoticeVersion::Verbatim(SEED.to_owned());
    assert_eq!(version.canonical(), SEED.as_bytes());
    assert_eq!(version.digest(), Digest::of(SEED.as_bytes()));
}

#[test]
fn a_structured_version_is_canonical_json_and_reads_back_exactly() {
    let version = NoticeVersion::Structured(Box::new(notice()));
    let bytes = version.canonical();
    assert!(bytes.starts_with(b"{\"data_categories\":[\"personal_details\""));
    assert_eq!(
        NoticeVersion::from_canonical(VersionKind::Structured, &bytes),
        Ok(version.clone())
    );
    assert_eq!(version.digest(), Digest::of(&bytes));
    assert!(!String::from_utf8(bytes).unwrap().contains("{{"));
}

#[test]
fn bytes_that_are_not_canonical_are_refused() {
    let pretty = serde_json::to_vec_pretty(&notice()).unwrap();
    let read = NoticeVersion::from_canonical(VersionKind::Structured, &pretty);
    assert_eq!(read, Err(InvalidVersion::NotCanonical));
    let broken = NoticeVersion::from_canonical(VersionKind::Structured, b"{}");
    assert!(matches!(broken, Err(InvalidVersion::NotNotice(_))));
    let binary = NoticeVersion::from_canonical(VersionKind::Verbatim, &[0xff]);
    assert_eq!(binary, Err(InvalidVersion::NotText));
}

#[test]
fn changing_one_setting_makes_another_version() {
    let mut changed = settings();
    changed
        .laws
        .insert("financial_records".to_owned(), "another law".to_owned());
    let source = super::source(STRUCTURE, ENGLISH);
    let other = source.resolve(&changed, 1, day("2026-11-23")).unwrap();
    let [one, two] = [notice(), other].map(|n| NoticeVersion::Structured(Box::new(n)).digest());
    assert_ne!(one, two);
}

#[test]
fn a_missing_translation_falls_back_and_says_so() {
    let german = "[purpose.info_about_us]\ntitle = \"Informationen über uns\"\n";
    let texts = BTreeMap::from([
        ("en".to_owned(), ENGLISH.to_owned()),
        ("de".to_owned(), german.to_owned()),
    ]);
    let source = Source::parse(STRUCTURE, &texts).unwrap();
    let notice = source.resolve(&settings(), 1, day("2026-11-23")).unwrap();
    for (asked, key, found) in [
        ("de", "purpose.info_about_us.title", "de"),
        ("de-AT", "purpose.info_about_us.title", "de"),
        ("de", "purpose.info_about_us.sentence", "en"),
        ("fr", "purpose.info_about_us.title", "en"),
    ] {
        let text = notice.text(key, asked).unwrap();
        assert_eq!(
            text.language,
            &Language::parse(found).unwrap(),
            "{asked} {key}"
        );
    }
    assert_eq!(notice.text("no.such.text", "en"), None);
}

#[test]
fn texts_of_a_region_are_found_by_pages_that_ask_for_the_language_alone() {
    let german = "[purpose.info_about_us]\ntitle = \"Informationen über uns\"\n";
    let texts = BTreeMap::from([
        ("en".to_owned(), ENGLISH.to_owned()),
        ("de-AT".to_owned(), german.to_owned()),
    ]);
    let source = Source::parse(STRUCTURE, &texts).unwrap();
    let notice = source.resolve(&settings(), 1, day("2026-11-23")).unwrap();
    for asked in ["de", "de-AT", "de-CH"] {
        let text = notice.text("purpose.info_about_us.title", asked).unwrap();
        assert_eq!(text.language.as_str(), "de-AT", "{asked}");
        assert_eq!(notice.texts.spoken(asked).as_str(), "de-AT", "{asked}");
    }
    let text = notice.text("purpose.info_about_us.sentence", "de").unwrap();
    assert_eq!(text.language.as_str(), "en");
    assert_eq!(notice.texts.spoken("fr").as_str(), "en");
}

#[test]
fn a_source_that_cannot_be_read_names_file_and_place() {
    let texts = BTreeMap::from([("en".to_owned(), "[first]\nwho = 3\n".to_owned())]);
    let error = Source::parse(STRUCTURE, &texts).unwrap_err();
    assert_eq!(
        error.to_string(),
        "en.toml: first.who is no text; write it as a string in quotes"
    );
    let error = Source::parse("key = 3", &BTreeMap::new()).unwrap_err();
    assert!(
        error.to_string().starts_with("notice.toml cannot be read"),
        "{error}"
    );
    let error = Source::parse(STRUCTURE, &BTreeMap::new()).unwrap_err();
    assert!(matches!(error, SourceError::NoOriginal(_)));
}

#[test]
fn sections_show_what_is_there_and_the_reason_for_what_is_not() {
    let notice = notice();
    let controller = notice.section(SlotName::Controller, "en");
    assert_eq!(controller.anchor, "section-controller");
    assert_eq!(controller.facts[0].value, "Example Managed IT Ltd");
    assert_eq!(controller.facts[0].label.unwrap().words, "Name");
    assert!(
        controller
            .text
            .unwrap()
            .words
            .starts_with("Example Managed IT Ltd decides")
    );
    let representative = notice.section(SlotName::Representative, "en");
    assert!(
        representative
            .not_applicable
            .unwrap()
            .starts_with("Example:")
    );
    assert_eq!(representative.facts, []);
    let rights = notice.section(SlotName::Rights, "en");
    assert_eq!(rights.text.unwrap().paragraphs().count(), 4);
    for slot in SlotName::ALL {
        let section = notice.section(slot, "en");
        assert!(section.title.is_some(), "{slot}");
        let says = section.text.is_some() || section.not_applicable.is_some();
        assert!(says || !section.facts.is_empty(), "{slot}");
    }
}

proptest! {
    #[test]
    fn any_text_reads_back_exactly(text in any::<String>(), words in any::<String>()) {
        let verbatim = NoticeVersion::Verbatim(text);
        let bytes = verbatim.canonical();
        prop_assert_eq!(NoticeVersion::from_canonical(VersionKind::Verbatim, &bytes), Ok(verbatim));

        let mut notice = notice();
        let texts = notice.texts.languages.values_mut().next().unwrap();
        *texts.values_mut().next().unwrap() = words;
        let structured = NoticeVersion::Structured(Box::new(notice));
        let bytes = structured.canonical();
        let read = NoticeVersion::from_canonical(VersionKind::Structured, &bytes);
        prop_assert_eq!(read, Ok(structured));
    }
}
