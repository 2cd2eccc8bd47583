//! What stands in the way of publishing a notice (NOT-01, NOT-09, LAW-35, UX-12).

mod purposes;
mod words;

pub use self::words::FIRST_LAYER;

use std::collections::BTreeMap;

use super::Notice;
use super::defect::{Defect, DefectCode};
use super::slot::{SlotName, SlotState};
use super::text::TextKey;
use crate::purpose::PurposeClass;

/// The most words that the first layer may have (UX-12): all texts under `first.`.
pub const FIRST_LAYER_WORDS: usize = 150;

/// Every defect of a notice, errors and warnings, slots first. What holds for a time only is judged on
/// the first day on which the notice holds.
#[must_use]
pub fn lint(notice: &Notice) -> Vec<Defect> {
    let mut defects = Vec::new();
    slots(notice, &mut defects);
    blanks(notice, &mut defects);
    purposes::lint(notice, &mut defects);
    words::lint(notice, &mut defects);
    defects
}

/// How many words a reader meets before opening anything, in the language with the most.
#[must_use]
pub fn first_layer_words(notice: &Notice) -> usize {
    let counted = |texts: &BTreeMap<TextKey, String>| {
        let first = texts
            .iter()
            .filter(|(key, _)| key.as_str().starts_with("first."));
        first
            .map(|(_, words)| words.split_whitespace().count())
            .sum()
    };
    notice
        .texts
        .languages
        .values()
        .map(counted)
        .max()
        .unwrap_or_default()
}

fn slots(notice: &Notice, defects: &mut Vec<Defect>) {
    for name in SlotName::ALL {
        let place = format!("slots.{}", name.as_str());
        match notice.slots.state(name) {
            SlotState::Filled if lists_nothing(notice, name) => {
                defects.push(empty(name, &place, listed(name)));
            }
            SlotState::Filled => {}
            SlotState::Empty => defects.push(empty(name, &place, &remedy(name))),
            SlotState::NotApplicable { .. } if always_applies(notice, name) => {
                let message = format!("this applies to every such notice ({})", name.article());
                let advice = remedy(name);
                defects.push(
                    Defect::error(DefectCode::AlwaysApplies, &place, message, &advice).of(name),
                );
            }
            SlotState::NotApplicable { reason } if reason.trim().is_empty() => {
                let message = "it is marked not applicable without a reason".to_owned();
                let advice = "write the reason, or fill it";
                defects.push(Defect::error(DefectCode::NoReason, &place, message, advice).of(name));
            }
            SlotState::NotApplicable { .. } => {}
        }
    }
}

fn empty(name: SlotName, place: &str, advice: &str) -> Defect {
    let message = format!("the notice does not say this ({})", name.article());
    Defect::error(DefectCode::EmptySlot, place, message, advice).of(name)
}

/// What a slot lists elsewhere in the notice; `false` for slots that list nothing.
fn lists_nothing(notice: &Notice, name: SlotName) -> bool {
    match name {
        SlotName::Purposes | SlotName::LegalBases => notice.purposes.is_empty(),
        SlotName::Interests => notice
            .purposes
            .iter()
            .flat_map(|p| &p.bases)
            .all(|used| used.interest.is_none()),
        SlotName::DataCategories => notice.data_categories.is_empty(),
        SlotName::Retention => notice.retention.is_empty(),
        _ => false,
    }
}

const fn listed(name: SlotName) -> &'static str {
    match name {
        SlotName::Interests => "give a basis its interest, or mark the slot not applicable",
        SlotName::DataCategories => "list data_categories in notice.toml",
        SlotName::Retention => "add a [[retention]] to notice.toml",
        _ => "add a [[purpose]] to notice.toml",
    }
}

fn always_applies(notice: &Notice, name: SlotName) -> bool {
    match name {
        SlotName::Controller
        | SlotName::Contact
        | SlotName::Purposes
        | SlotName::LegalBases
        | SlotName::DataCategories
        | SlotName::Retention
        | SlotName::Rights
        | SlotName::SupervisoryAuthority
        | SlotName::Version => true,
        SlotName::RightToObject => notice
            .purposes
            .iter()
            .any(|p| p.class == PurposeClass::DirectMarketing),
        _ => false,
    }
}

const fn from_settings(name: SlotName) -> bool {
    matches!(
        name,
        SlotName::Controller
            | SlotName::Contact
            | SlotName::Representative
            | SlotName::DataProtectionOfficer
            | SlotName::Recipients
            | SlotName::Transfers
            | SlotName::SupervisoryAuthority
            | SlotName::Complaint
            | SlotName::Sources
    )
}

fn remedy(name: SlotName) -> String {
    let slot = name.as_str();
    if from_settings(name) {
        format!(
            "fill notice.{slot} in the config and write {slot} = {{ setting = \"{slot}\" }} \
             under [slots] in notice.toml"
        )
    } else {
        let text = name.text_key();
        format!("write {slot} = {{ text = \"{text}\" }} under [slots] in notice.toml, and the text")
    }
}

/// Settings that are given but blank.
fn blanks(notice: &Notice, defects: &mut Vec<Defect>) {
    let tree = serde_json::to_value(&notice.slots).unwrap_or_default();
    for name in SlotName::ALL
        .into_iter()
        .filter(|name| from_settings(*name))
    {
        let slot = &tree[name.as_str()];
        if slot["state"] == "filled" {
            blank(name, name.as_str(), &slot["content"], defects);
        }
    }
}

fn blank(name: SlotName, path: &str, value: &serde_json::Value, defects: &mut Vec<Defect>) {
    match value {
        serde_json::Value::String(text) if text.trim().is_empty() => {
            let message = format!("the setting notice.{path} is blank");
            let advice = "write its value in the config, or leave the line out where it may be";
            let place = format!("slots.{}", name.as_str());
            defects
                .push(Defect::error(DefectCode::MissingSetting, &place, message, advice).of(name));
        }
        serde_json::Value::Object(fields) => {
            for (field, value) in fields {
                blank(name, &format!("{path}.{field}"), value, defects);
            }
        }
        serde_json::Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                blank(name, &format!("{path}[{index}]"), value, defects);
            }
        }
        _ => {}
    }
}
