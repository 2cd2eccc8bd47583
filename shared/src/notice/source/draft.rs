//! Resolving a source with the deployment's settings into a notice, as far as both allow.

use chrono::NaiveDate;

use super::super::Notice;
use super::super::defect::{Defect, DefectCode};
use super::super::lint::lint;
use super::super::purpose::{Assessment, BasisUse, Purpose, Topic};
use super::super::retention::{Keep, Rule};
use super::super::settings::{Answer, Settings, answer};
use super::super::slot::{Slot, SlotName, Slots};
use super::super::text::{TextKey, Texts};
use super::{BasisSource, Draft, PurposeSource, RuleSource, SlotSource, Structure};
use crate::legal_basis::LegalBasis;

pub(super) fn draft(
    structure: &Structure,
    texts: &Texts,
    settings: &Settings,
    version: u32,
    effective: NaiveDate,
) -> Draft {
    let mut defects = Vec::new();
    let notice = Notice {
        key: structure.key.clone(),
        version,
        effective,
        slots: slots(structure, settings, &mut defects),
        purposes: structure
            .purposes
            .iter()
            .map(|source| purpose(source, settings, &mut defects))
            .collect(),
        data_categories: structure.data_categories.clone(),
        retention: structure
            .rules
            .iter()
            .filter_map(|source| rule(source, &mut defects))
            .collect(),
        texts: resolved(texts, settings),
        terms: structure.terms.clone(),
        obligation: settings.obligation,
    };
    defects.extend(lint(&notice));
    Draft { notice, defects }
}

/// The text with every `{{path}}` that has a value replaced; one without stays, for the lint.
fn fill(text: &str, settings: &Settings) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let Some((path, tail)) = after.split_once("}}") else {
            filled.push_str("{{");
            rest = after;
            continue;
        };
        match settings.value(path.trim()) {
            Some(value) => filled.push_str(&value),
            None => filled.extend(["{{", path, "}}"]),
        }
        rest = tail;
    }
    filled.push_str(rest);
    filled
}

fn resolved(texts: &Texts, settings: &Settings) -> Texts {
    let mut texts = texts.clone();
    for words in texts
        .languages
        .values_mut()
        .flat_map(|texts| texts.values_mut())
    {
        *words = fill(words, settings);
    }
    texts
}

fn slots(structure: &Structure, settings: &Settings, defects: &mut Vec<Defect>) -> Slots {
    let mut asked = Asked { structure, defects };
    let s = settings;
    Slots {
        controller: asked.setting(SlotName::Controller, s.controller.as_ref()),
        contact: asked.setting(SlotName::Contact, s.contact.as_ref()),
        representative: asked.setting(SlotName::Representative, s.representative.as_ref()),
        data_protection_officer: asked.setting(
            SlotName::DataProtectionOfficer,
            s.data_protection_officer.as_ref(),
        ),
        purposes: asked.text(SlotName::Purposes),
        legal_bases: asked.text(SlotName::LegalBases),
        interests: asked.text(SlotName::Interests),
        data_categories: asked.text(SlotName::DataCategories),
        recipients: asked.list(SlotName::Recipients, s.recipients.as_ref()),
        transfers: asked.list(SlotName::Transfers, s.transfers.as_ref()),
        retention: asked.text(SlotName::Retention),
        rights: asked.text(SlotName::Rights),
        withdrawal: asked.text(SlotName::Withdrawal),
        supervisory_authority: asked.setting(
            SlotName::SupervisoryAuthority,
            s.supervisory_authority.as_ref(),
        ),
        complaint: asked.setting(SlotName::Complaint, s.complaint.as_ref()),
        obligation_to_provide: asked.text(SlotName::ObligationToProvide),
        sources: asked.list(SlotName::Sources, s.sources.as_ref()),
        automated_decisions: asked.text(SlotName::AutomatedDecisions),
        further_processing: asked.text(SlotName::FurtherProcessing),
        right_to_object: asked.text(SlotName::RightToObject),
        version: asked.text(SlotName::Version),
        device_storage: asked.text(SlotName::DeviceStorage),
    }
}

struct Asked<'a> {
    structure: &'a Structure,
    defects: &'a mut Vec<Defect>,
}

impl Asked<'_> {
    fn setting<T: Clone>(&mut self, name: SlotName, given: Option<&Answer<T>>) -> Slot<T> {
        match self.structure.slots.get(&name) {
            Some(SlotSource::Setting { setting }) if setting == name.as_str() => answer(given),
            Some(SlotSource::NotApplicable { not_applicable }) => Slot::NotApplicable {
                reason: not_applicable.clone(),
            },
            Some(SlotSource::Setting { .. } | SlotSource::Text { .. }) => self.wrong(
                name,
                &format!("write {{ setting = \"{}\" }}", name.as_str()),
            ),
            None => Slot::Empty,
        }
    }

    /// Like [`Self::setting`]; an empty list says nothing.
    fn list<T: Clone>(&mut self, name: SlotName, given: Option<&Answer<Vec<T>>>) -> Slot<Vec<T>> {
        match self.setting(name, given) {
            Slot::Filled(list) if list.is_empty() => Slot::Empty,
            slot => slot,
        }
    }

    fn text(&mut self, name: SlotName) -> Slot<TextKey> {
        match self.structure.slots.get(&name) {
            Some(SlotSource::Text { text }) => Slot::Filled(text.clone()),
            Some(SlotSource::NotApplicable { not_applicable }) => Slot::NotApplicable {
                reason: not_applicable.clone(),
            },
            Some(SlotSource::Setting { .. }) => {
                self.wrong(name, &format!("write {{ text = \"{}\" }}", name.text_key()))
            }
            None => Slot::Empty,
        }
    }

    fn wrong<T>(&mut self, name: SlotName, advice: &str) -> Slot<T> {
        let place = format!("slots.{}", name.as_str());
        let message = "this slot cannot be filled from there".to_owned();
        self.defects
            .push(Defect::error(DefectCode::WrongSource, &place, message, advice).of(name));
        Slot::Empty
    }
}

fn purpose(source: &PurposeSource, settings: &Settings, defects: &mut Vec<Defect>) -> Purpose {
    let place = format!("purpose.{}.bases", source.key);
    let assessment = source.assessment.as_ref().map(|assessment| Assessment {
        reference: assessment.reference.clone(),
        version: assessment.version.clone(),
        reviewed_at: settings.reviewed_at(&assessment.reference),
        review_period: assessment.review_period,
    });
    Purpose {
        key: source.key.clone(),
        class: source.class,
        control: source.control,
        bases: source
            .bases
            .iter()
            .filter_map(|used| basis(used, &place, settings, defects))
            .collect(),
        assessment,
        data_categories: source.data_categories.clone(),
        retention: source.retention.clone(),
        topics: source
            .topics
            .iter()
            .cloned()
            .map(|key| Topic { key })
            .collect(),
        channels: source.channels.clone(),
    }
}

fn basis(
    source: &BasisSource,
    place: &str,
    settings: &Settings,
    defects: &mut Vec<Defect>,
) -> Option<BasisUse> {
    let named = LegalBasis::ALL
        .into_iter()
        .find(|basis| basis.as_str() == source.basis);
    let Some(basis) = named else {
        let message = format!("\"{}\" is no legal basis of Art. 6(1)", source.basis);
        let advice = "if a law obliges, write legal_obligation and name it; if it serves the \
                      business, write legitimate_interests with the interest and its assessment; \
                      the others are consent, contract, vital_interests and public_task";
        defects.push(
            Defect::error(DefectCode::UnknownBasis, place, message, advice)
                .of(SlotName::LegalBases),
        );
        return None;
    };
    Some(BasisUse {
        basis,
        part: source.part.clone(),
        law: source.law.as_deref().map(|law| fill(law, settings)),
        interest: source.interest.clone(),
        withdrawal: source.withdrawal.clone(),
    })
}

fn rule(source: &RuleSource, defects: &mut Vec<Defect>) -> Option<Rule> {
    let keep = match (&source.period, &source.start, &source.lasts, &source.review) {
        (Some(period), Some(start), None, None) => Some(Keep::For {
            period: *period,
            start: start.clone(),
        }),
        (None, None, Some(lasts), Some(review)) => Some(Keep::While {
            lasts: lasts.clone(),
            review: *review,
        }),
        _ => None,
    };
    let Some(keep) = keep else {
        let place = format!("retention.{}", source.key);
        let message = "it does not say from when the time is counted".to_owned();
        let advice = "write either period and start, or lasts and review";
        defects.push(
            Defect::error(DefectCode::NoStartEvent, &place, message, advice)
                .of(SlotName::Retention),
        );
        return None;
    };
    Some(Rule {
        key: source.key.clone(),
        keep,
        overrides: source.overrides.clone(),
    })
}
