//! What publishing refuses (NOT-01, NOT-09, NOT-10, UX-12).

use shared::digest::Digest;
use shared::legal_basis::LegalBasis;
use shared::notice::defect::{DefectCode, Severity, refuses};
use shared::notice::lint::{FIRST_LAYER_WORDS, first_layer_words, lint};
use shared::notice::settings::Settings;
use shared::notice::slot::{Slot, SlotName};
use shared::notice::text::{Language, TextKey};
use shared::notice::verbatim::known_defects;
use shared::purpose::{Channel, PurposeClass, PurposeKey};

use super::{ENGLISH, SEED, SEED_DEFECTS, STRUCTURE, day, defects_with, notice, settings, source};

#[test]
fn the_published_notice_has_no_defect_at_all() {
    assert_eq!(lint(&notice()), []);
}

#[test]
fn every_empty_slot_is_named() {
    for name in SlotName::ALL {
        let mut notice = notice();
        notice.slots.clear(name);
        let defects = lint(&notice);
        assert!(refuses(&defects), "{name}");
        let found = defects
            .iter()
            .find(|defect| defect.code == DefectCode::EmptySlot)
            .unwrap();
        assert_eq!(found.slot, Some(name));
        assert!(found.to_string().contains(name.as_str()), "{found}");
        assert!(found.to_string().contains(name.code()), "{found}");
    }
}

#[test]
fn every_slot_left_out_of_the_source_is_named() {
    for name in SlotName::ALL {
        let line = STRUCTURE
            .lines()
            .find(|line| line.starts_with(&format!("{} = {{", name.as_str())))
            .unwrap();
        let defects = defects_with(line, "");
        assert_eq!(defects.len(), 1, "{defects:?}");
        assert_eq!(
            (defects[0].slot, defects[0].code),
            (Some(name), DefectCode::EmptySlot)
        );
    }
}

#[test]
fn not_applicable_needs_a_reason() {
    let mut notice = notice();
    notice.slots.representative = Slot::NotApplicable {
        reason: "  ".to_owned(),
    };
    let defects = lint(&notice);
    assert_eq!(defects.len(), 1);
    assert_eq!(defects[0].code, DefectCode::NoReason);
    assert_eq!(defects[0].slot, Some(SlotName::Representative));
}

#[test]
fn the_right_to_object_cannot_be_excused_beside_direct_marketing() {
    let mut notice = notice();
    notice.slots.right_to_object = Slot::NotApplicable {
        reason: "we prefer not to".to_owned(),
    };
    assert_eq!(lint(&notice)[0].code, DefectCode::AlwaysApplies);
}

#[test]
fn a_financial_obligation_is_no_legal_basis_and_the_advice_names_two() {
    let defects = defects_with(
        "basis = \"legal_obligation\"",
        "basis = \"financial obligation\"",
    );
    assert_eq!(defects[0].code, DefectCode::UnknownBasis);
    assert!(defects[0].place.contains("service_provision"));
    assert!(defects[0].advice.contains("legal_obligation"));
    assert!(defects[0].advice.contains("legitimate_interests"));
}

#[test]
fn each_basis_must_say_what_the_law_wants_said_and_each_purpose_have_the_fitting_control() {
    let cases = [
        (
            "law = \"{{laws.financial_records}}\"",
            "",
            DefectCode::NoLaw,
        ),
        (
            "interest = \"purpose.security_risk.interest\"",
            "",
            DefectCode::NoInterest,
        ),
        (
            "assessment = { reference = \"LIA-info-about-us\", version = \"1\", \
             review_period = \"P12M\" }",
            "",
            DefectCode::NoAssessment,
        ),
        (
            "withdrawal = \"purpose.service_provision.withdrawal\"",
            "",
            DefectCode::NoWithdrawal,
        ),
        (
            "control = \"objection\"",
            "control = \"none\"",
            DefectCode::WrongControl,
        ),
        (
            "start = \"end_of_financial_year\"",
            "",
            DefectCode::NoStartEvent,
        ),
        (
            "part = \"purpose.legal_compliance.part.law\"",
            "",
            DefectCode::MissingText,
        ),
        (
            "\"security_logs\"]",
            "\"secret_logs\"]",
            DefectCode::UnknownReference,
        ),
        (
            "\"it_strategy\", \"industry",
            "\"it_strategy\", \"it_strategy\", \"industry",
            DefectCode::Twice,
        ),
        (
            "{ setting = \"contact\" }",
            "{ text = \"slot.contact.text\" }",
            DefectCode::WrongSource,
        ),
    ];
    for (from, to, code) in cases {
        let defects = defects_with(from, to);
        let found = defects.iter().find(|defect| defect.code == code);
        assert_eq!(
            found.map(|defect| defect.severity),
            Some(Severity::Error),
            "{code:?}"
        );
    }
}

#[test]
fn vague_purposes_are_refused() {
    let vague = ENGLISH.replacen(
        "send clients and prospective clients news",
        "use for marketing purposes",
        1,
    );
    let defects = source(STRUCTURE, &vague)
        .resolve(&settings(), 1, day("2026-11-23"))
        .unwrap_err();
    assert_eq!(defects[0].code, DefectCode::VaguePurpose);
    assert_eq!(defects[0].place, "purpose.info_about_us.sentence");
}

#[test]
fn an_assessment_never_reviewed_is_a_warning_that_does_not_hinder_publishing() {
    let draft = source(STRUCTURE, ENGLISH).draft(&Settings::example(), 1, day("2026-11-23"));
    assert_eq!(draft.defects.len(), 6);
    assert!(
        draft
            .defects
            .iter()
            .all(|defect| defect.code == DefectCode::NeverReviewed)
    );
    assert!(!refuses(&draft.defects));
}

#[test]
fn without_settings_every_setting_to_fill_is_named() {
    let source = source(STRUCTURE, ENGLISH);
    let defects = source
        .resolve(&Settings::default(), 1, day("2026-11-23"))
        .unwrap_err();
    let words: String = defects.iter().map(|defect| format!("{defect}\n")).collect();
    for setting in [
        "fill notice.controller ",
        "fill notice.contact ",
        "fill notice.representative ",
        "fill notice.data_protection_officer ",
        "fill notice.recipients ",
        "fill notice.transfers ",
        "fill notice.supervisory_authority ",
        "fill notice.complaint ",
        "fill notice.sources ",
        "the setting notice.controller.name ",
        "the setting notice.contact.email ",
        "the setting notice.laws.financial_records ",
        "the setting notice.laws.legal_compliance ",
        "the setting notice.statements.automated_decisions ",
        "the setting notice.statements.obligation_to_provide ",
    ] {
        assert!(words.contains(setting), "{setting} is not in\n{words}");
    }
}

#[test]
fn a_review_counts_neither_before_it_was_made_nor_after_its_period() {
    let found = |reviewed: &str| {
        let settings = Settings {
            assessments_reviewed_at: Some(day(reviewed)),
            ..Settings::example()
        };
        let draft = source(STRUCTURE, ENGLISH).draft(&settings, 1, day("2026-11-23"));
        draft.defects
    };
    for holds in ["2025-11-24", "2026-11-23", "2026-11-24"] {
        assert_eq!(found(holds), [], "{holds}");
    }
    for (reviewed, code) in [
        ("2020-01-01", DefectCode::ReviewLapsed),
        ("2025-11-23", DefectCode::ReviewLapsed),
        ("2026-11-25", DefectCode::ReviewToCome),
        ("2062-11-01", DefectCode::ReviewToCome),
    ] {
        let defects = found(reviewed);
        assert!(refuses(&defects), "{reviewed}");
        assert!(defects.iter().all(|it| it.code == code), "{defects:?}");
    }
}

#[test]
fn a_lapsed_review_of_what_is_no_mailing_stands_in_no_ones_way() {
    let mut notice = notice();
    notice.effective = day("2036-01-01");
    for purpose in &mut notice.purposes {
        if purpose.class == PurposeClass::DirectMarketing {
            purpose.assessment.as_mut().expect("one").reviewed_at = Some(notice.effective);
        }
    }
    let defects = lint(&notice);
    assert!(!defects.is_empty() && !refuses(&defects), "{defects:?}");
    assert!(defects.iter().all(|it| it.code == DefectCode::ReviewLapsed));
}

#[test]
fn a_blank_setting_is_no_setting() {
    let mut notice = notice();
    let Slot::Filled(controller) = &mut notice.slots.controller else {
        panic!("filled")
    };
    controller.address = " ".to_owned();
    let defects = lint(&notice);
    assert_eq!(defects.len(), 1);
    assert!(defects[0].message.contains("notice.controller.address"));
}

#[test]
fn the_first_layer_has_at_most_150_words() {
    let notice = notice();
    let words = first_layer_words(&notice);
    assert!((60..=FIRST_LAYER_WORDS).contains(&words), "{words}");
    let long = ENGLISH.replacen("more = \"", &format!("more = \"{}", "word ".repeat(150)), 1);
    let defects = source(STRUCTURE, &long).resolve(&settings(), 1, day("2026-11-23"));
    assert_eq!(defects.unwrap_err()[0].code, DefectCode::LongFirstLayer);
}

#[test]
fn every_purpose_of_the_seed_is_there_with_its_topics() {
    let notice = notice();
    let keys: Vec<_> = notice
        .purposes
        .iter()
        .map(|purpose| purpose.key.as_str())
        .collect();
    assert_eq!(
        keys,
        [
            "service_provision",
            "business_admin",
            "security_risk",
            "info_about_us",
            "legal_compliance",
            "deidentified_improvement"
        ]
    );
    let marketing: Vec<_> = notice.direct_marketing().collect();
    assert_eq!(marketing.len(), 1);
    assert_eq!(marketing[0].class, PurposeClass::DirectMarketing);
    let topics: Vec<_> = marketing[0]
        .topics
        .iter()
        .map(|topic| topic.key.as_str())
        .collect();
    assert_eq!(
        topics,
        ["it_strategy", "industry_updates", "other_services"]
    );
    assert_eq!(
        marketing[0].channels,
        [Channel::Email, Channel::Phone, Channel::Post]
    );
    let service = notice
        .purpose(&PurposeKey::parse("service_provision").unwrap())
        .unwrap();
    assert!(service.rests_on(LegalBasis::LegalObligation));
    let assessment = marketing[0].assessment.as_ref().unwrap();
    assert_eq!(assessment.lapses_on(), Some(day("2027-11-01")));
}

#[test]
fn the_notice_names_no_real_company() {
    assert!(SEED.contains("Kanj"));
    for text in [STRUCTURE, ENGLISH, SEED_DEFECTS] {
        assert!(!text.to_lowercase().contains("kanj"));
    }
}

#[test]
fn the_seed_is_what_was_published_byte_for_byte() {
    let digest = "ca63f4113f2d10dd45b92cd917524b0ac80016558d3ef47f3901ed415728b148";
    assert_eq!(Digest::of(SEED.as_bytes()).to_string(), digest);
}

#[test]
fn the_seeds_known_defects_are_listed_and_every_quotation_stands_in_it() {
    let defects = known_defects(SEED, SEED_DEFECTS).unwrap();
    assert!(
        defects
            .iter()
            .all(|defect| defect.code == DefectCode::Known),
        "{defects:?}"
    );
    assert!(refuses(&defects));
    for name in SlotName::ALL
        .into_iter()
        .filter(|name| *name != SlotName::Purposes)
    {
        assert!(
            defects.iter().any(|defect| defect.slot == Some(name)),
            "{name}"
        );
    }
    let obligation = defects
        .iter()
        .find(|defect| defect.place == "seed.txt NOT-09")
        .unwrap();
    assert!(obligation.to_string().contains("financial obligation"));

    let stale = known_defects("another text", SEED_DEFECTS).unwrap();
    assert!(
        stale
            .iter()
            .any(|defect| defect.code == DefectCode::StaleQuotation)
    );
}

#[test]
fn every_translation_is_of_a_text_that_exists_and_fits_the_first_layer() {
    let notice = notice();
    let languages: Vec<_> = notice
        .texts
        .languages
        .keys()
        .map(Language::as_str)
        .collect();
    assert_eq!(languages, ["de", "en", "fr"]);
    let mut stray = notice.clone();
    let german = stray.texts.languages.values_mut().next().unwrap();
    german.insert(TextKey::parse("first.whoo").unwrap(), "Wer".to_owned());
    let defects = lint(&stray);
    assert_eq!(defects.len(), 1);
    assert_eq!(
        (defects[0].code, defects[0].severity),
        (DefectCode::StrayText, Severity::Warning)
    );
}

#[test]
fn translations_lack_only_what_the_operator_states() {
    let notice = notice();
    let [german, english, french]: [Vec<_>; 3] =
        ["de", "en", "fr"].map(|tag| notice.texts.languages[tag].keys().collect());
    assert_eq!(german, french);
    let lacking: Vec<_> = english.iter().filter(|key| !german.contains(key)).collect();
    let lacking: Vec<_> = lacking.into_iter().map(|key| key.as_str()).collect();
    assert_eq!(
        lacking,
        [
            "slot.automated_decisions.text",
            "slot.obligation_to_provide.text"
        ]
    );
}
