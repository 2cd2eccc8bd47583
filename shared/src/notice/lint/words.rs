//! Defects of the words: missing texts, unresolved settings, vague purposes, a long first layer.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Notice;
use super::super::defect::{Defect, DefectCode};
use super::super::retention::Keep;
use super::super::slot::{SlotName, SlotState};
use super::{FIRST_LAYER_WORDS, first_layer_words};

/// The texts of the first layer, in the order of the page.
pub const FIRST_LAYER: [&str; 8] = [
    "first.who",
    "first.object.heading",
    "first.object.text",
    "first.object.label",
    "first.object.button",
    "first.uses",
    "first.retention",
    "first.more",
];

/// Wording that could mean anything (WP 260 names such phrases): a purpose must say what is done.
const VAGUE: [&str; 12] = [
    "marketing purposes",
    "business purposes",
    "commercial purposes",
    "research purposes",
    "legitimate purposes",
    "other purposes",
    "various purposes",
    "improve our services",
    "develop new services",
    "personalised services",
    "improve your experience",
    "and so on",
];

pub(super) fn lint(notice: &Notice, defects: &mut Vec<Defect>) {
    missing(notice, defects);
    unresolved(notice, defects);
    vague(notice, defects);
    strays(notice, defects);
    let words = first_layer_words(notice);
    if words > FIRST_LAYER_WORDS {
        let message = format!("the first layer has {words} words, more than {FIRST_LAYER_WORDS}");
        let advice = "move detail from the texts under first. to the purposes and slots";
        defects.push(Defect::error(
            DefectCode::LongFirstLayer,
            "first",
            message,
            advice,
        ));
    }
}

fn missing(notice: &Notice, defects: &mut Vec<Defect>) {
    let original = &notice.texts.original;
    for (key, slot) in wanted(notice) {
        let text = notice.text(&key, original.as_str());
        if text.is_none_or(|text| text.words.trim().is_empty()) {
            let message = "the text is missing".to_owned();
            let advice = format!("write it in {original}.toml");
            let defect = Defect::error(DefectCode::MissingText, &key, message, &advice);
            defects.push(Defect { slot, ..defect });
        }
    }
}

/// Every text that the notice refers to, and the slot that it belongs to.
fn wanted(notice: &Notice) -> BTreeMap<String, Option<SlotName>> {
    let mut keys: BTreeMap<String, Option<SlotName>> = BTreeMap::new();
    keys.extend(FIRST_LAYER.map(|key| (key.to_owned(), None)));
    for name in SlotName::ALL {
        keys.insert(name.title_key(), Some(name));
    }
    for (name, key) in slot_texts(notice) {
        keys.insert(key, Some(name));
    }
    for purpose in &notice.purposes {
        let words = ["title", "sentence", "details"].map(|word| purpose.text_key(word));
        keys.extend(words.map(|key| (key, Some(SlotName::Purposes))));
        for used in &purpose.bases {
            let texts = [
                (&used.part, SlotName::LegalBases),
                (&used.interest, SlotName::Interests),
                (&used.withdrawal, SlotName::Withdrawal),
            ];
            let given = texts
                .into_iter()
                .filter_map(|(key, slot)| Some((key.as_ref()?, slot)));
            keys.extend(given.map(|(key, slot)| (key.to_string(), Some(slot))));
        }
        for topic in &purpose.topics {
            let words = ["title", "sentence"].map(|word| format!("topic.{}.{word}", topic.key));
            keys.extend(words.map(|key| (key, Some(SlotName::Purposes))));
        }
    }
    for category in &notice.data_categories {
        keys.insert(format!("data.{category}"), Some(SlotName::DataCategories));
    }
    for rule in &notice.retention {
        let event = match &rule.keep {
            Keep::For { start, .. } => start,
            Keep::While { lasts, .. } => lasts,
        };
        let words = ["title", "sentence"].map(|word| format!("retention.{}.{word}", rule.key));
        keys.extend(words.map(|key| (key, Some(SlotName::Retention))));
        keys.insert(format!("event.{event}"), Some(SlotName::Retention));
    }
    keys
}

/// The texts that the text slots hold.
fn slot_texts(notice: &Notice) -> Vec<(SlotName, String)> {
    let tree = serde_json::to_value(&notice.slots).unwrap_or_default();
    SlotName::ALL
        .into_iter()
        .filter(|name| notice.slots.state(*name) == SlotState::Filled)
        .filter_map(|name| {
            let key = tree[name.as_str()]["content"].as_str()?;
            Some((name, key.to_owned()))
        })
        .collect()
}

/// Translations of texts that the original does not have: a misspelt key hides one.
fn strays(notice: &Notice, defects: &mut Vec<Defect>) {
    let original = &notice.texts.original;
    for (language, texts) in &notice.texts.languages {
        for key in texts.keys() {
            if notice.text(key.as_str(), original.as_str()).is_none() {
                let message = format!("{original}.toml has no such text");
                let place = format!("{language}.toml {key}");
                let advice = "correct the key, or leave the text out";
                defects.push(Defect::warning(
                    DefectCode::StrayText,
                    &place,
                    message,
                    advice,
                ));
            }
        }
    }
}

/// One defect for each setting that a text or a law waits for.
fn unresolved(notice: &Notice, defects: &mut Vec<Defect>) {
    let mut seen = BTreeSet::new();
    let texts = notice.texts.languages.iter().flat_map(|(language, texts)| {
        texts
            .iter()
            .map(move |(key, words)| (format!("{language}.toml {key}"), words.as_str()))
    });
    let laws = notice.purposes.iter().flat_map(|purpose| {
        let laws = purpose.bases.iter().filter_map(|used| used.law.as_deref());
        laws.map(|law| (format!("purpose.{}.bases", purpose.key), law))
    });
    for (place, words) in texts.chain(laws) {
        for after in words.split("{{").skip(1) {
            let path = after.split("}}").next().unwrap_or(after).trim();
            if seen.insert(path.to_owned()) {
                let message = format!("the setting notice.{path} has no value");
                let advice = "fill it in the config, or correct the name between {{ and }}";
                defects.push(Defect::error(
                    DefectCode::MissingSetting,
                    &place,
                    message,
                    advice,
                ));
            }
        }
    }
}

fn vague(notice: &Notice, defects: &mut Vec<Defect>) {
    for purpose in &notice.purposes {
        for key in ["title", "sentence"].map(|word| purpose.text_key(word)) {
            let text = notice.text(&key, notice.texts.original.as_str());
            let words = text
                .map(|text| text.words.to_lowercase())
                .unwrap_or_default();
            for phrase in VAGUE.into_iter().filter(|phrase| words.contains(phrase)) {
                let message = format!("\"{phrase}\" could mean anything");
                let advice = "say what is done, as in: e-mails about new IT services we offer";
                defects.push(
                    Defect::error(DefectCode::VaguePurpose, &key, message, advice)
                        .of(SlotName::Purposes),
                );
            }
        }
    }
}
