//! Defects of purposes: bases and what the law wants said about them, controls, references.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::super::Notice;
use super::super::defect::{Defect, DefectCode};
use super::super::purpose::{BasisUse, Control, DataCategoryKey, Purpose};
use super::super::slot::SlotName;
use super::super::text::TextKey;
use crate::legal_basis::{LegalBasis, Right};
use crate::purpose::PurposeClass;

pub(super) fn lint(notice: &Notice, defects: &mut Vec<Defect>) {
    for purpose in &notice.purposes {
        bases(purpose, defects);
        assessment(purpose, notice.effective, defects);
        control(purpose, defects);
        references(notice, purpose, defects);
    }
    terms(notice, defects);
    twice(
        "purpose",
        notice.purposes.iter().map(|purpose| purpose.key.as_str()),
        defects,
    );
    twice(
        "retention",
        notice.retention.iter().map(|rule| rule.key.as_str()),
        defects,
    );
    twice(
        "data_categories",
        notice.data_categories.iter().map(DataCategoryKey::as_str),
        defects,
    );
}

/// Terms of what the notice does not have.
fn terms(notice: &Notice, defects: &mut Vec<Defect>) {
    let purposes = notice.purposes.iter().map(|it| it.key.as_str());
    let data = notice.data_categories.iter().map(DataCategoryKey::as_str);
    for key in notice.terms.keys().map(TextKey::as_str) {
        let known = match key.split_once('.') {
            Some(("purpose", name)) => purposes.clone().any(|key| key == name),
            Some(("data", name)) => data.clone().any(|key| key == name),
            _ => false,
        };
        if !known {
            let message = format!("terms names {key}, which the notice does not have");
            let advice = "write \"purpose.KEY\" or \"data.KEY\" with a key of this notice";
            defects.push(Defect::error(
                DefectCode::UnknownReference,
                "terms",
                message,
                advice,
            ));
        }
    }
}

fn bases(purpose: &Purpose, defects: &mut Vec<Defect>) {
    let place = format!("purpose.{}.bases", purpose.key);
    if purpose.bases.is_empty() {
        let message = "the purpose has no legal basis".to_owned();
        let advice = "give it at least one basis of Art. 6(1)";
        defects.push(
            Defect::error(DefectCode::NoBasis, &place, message, advice).of(SlotName::LegalBases),
        );
    }
    let several = purpose.bases.len() > 1;
    for used in &purpose.bases {
        defects.extend(unsaid(used, &place));
        if several && used.part.is_none() {
            let message = format!("{} does not say for which part of the purpose", used.basis);
            let advice = "give it part = the key of a text that says so";
            defects.push(
                Defect::error(DefectCode::MissingText, &place, message, advice)
                    .of(SlotName::LegalBases),
            );
        }
    }
}

/// What the law wants said about a basis and the notice does not say.
fn unsaid(used: &BasisUse, place: &str) -> Option<Defect> {
    let blank = used.law.as_deref().is_none_or(|law| law.trim().is_empty());
    let (code, slot, message, advice) = match used.basis {
        LegalBasis::LegalObligation if blank => (
            DefectCode::NoLaw,
            SlotName::LegalBases,
            "Art. 6(1)(c) without the law that obliges",
            "name it: law = \"{{laws.NAME}}\", and NAME under [notice.laws] in the config",
        ),
        LegalBasis::LegitimateInterests if used.interest.is_none() => (
            DefectCode::NoInterest,
            SlotName::Interests,
            "Art. 6(1)(f) without the interest pursued",
            "give it interest = the key of a text that names the interest",
        ),
        LegalBasis::Consent if used.withdrawal.is_none() => (
            DefectCode::NoWithdrawal,
            SlotName::Withdrawal,
            "Art. 6(1)(a) without a way to withdraw",
            "give it withdrawal = the key of a text that says how, as easily as it was given",
        ),
        _ => return None,
    };
    Some(Defect::error(code, place, message.to_owned(), advice).of(slot))
}

/// The assessment behind a legitimate interest, on the first day on which the notice holds.
fn assessment(purpose: &Purpose, effective: NaiveDate, defects: &mut Vec<Defect>) {
    if !purpose.rests_on(LegalBasis::LegitimateInterests) {
        return;
    }
    let place = format!("purpose.{}.assessment", purpose.key);
    let assessment = purpose.assessment.as_ref();
    let named = assessment.filter(|assessment| !assessment.reference.trim().is_empty());
    let Some(assessment) = named else {
        let message = "Art. 6(1)(f) without an assessment".to_owned();
        let advice = "give it assessment = { reference, version, review_period }";
        defects.push(
            Defect::error(DefectCode::NoAssessment, &place, message, advice)
                .of(SlotName::Interests),
        );
        return;
    };
    let reference = &assessment.reference;
    let (Some(reviewed), Some(lapses)) = (assessment.reviewed_at, assessment.lapses_on()) else {
        let message = format!("the assessment {reference} has no review date");
        let advice = "write the date as notice.assessments_reviewed_at in the config, in quotes; without it \
                      the gate withholds every mailing of this purpose";
        defects.push(Defect::warning(
            DefectCode::NeverReviewed,
            &place,
            message,
            advice,
        ));
        return;
    };
    // East of Greenwich tomorrow may have begun.
    if effective
        .succ_opt()
        .is_some_and(|tomorrow| tomorrow < reviewed)
    {
        let message =
            format!("the assessment {reference} was reviewed on {reviewed}, which is to come");
        let advice = "write the day on which it was reviewed, as notice.assessments_reviewed_at or under \
                      [notice.assessments] in the config";
        defects.push(Defect::error(
            DefectCode::ReviewToCome,
            &place,
            message,
            advice,
        ));
    } else if lapses <= effective {
        let message = format!("the review of the assessment {reference} lapsed on {lapses}");
        let advice = "review it, and write the day as notice.assessments_reviewed_at or under \
                      [notice.assessments] in the config";
        let code = DefectCode::ReviewLapsed;
        defects.push(match purpose.class {
            PurposeClass::DirectMarketing => {
                let message = format!(
                    "{message}: the gate would withhold every mailing that rests on it (lia_missing)"
                );
                Defect::error(code, &place, message, advice)
            }
            _ => Defect::warning(code, &place, message, advice),
        });
    }
}

fn control(purpose: &Purpose, defects: &mut Vec<Defect>) {
    let objectable = purpose
        .bases
        .iter()
        .any(|used| used.basis.right() == Right::Object);
    let wanted = match purpose.class {
        PurposeClass::DirectMarketing => Control::Objection,
        PurposeClass::LegitimateInterest => Control::Case,
        PurposeClass::Other if objectable => Control::Case,
        PurposeClass::Other => Control::None,
    };
    let (name, because) = match wanted {
        Control::Objection => (
            "objection",
            "an objection to direct marketing counts at once",
        ),
        Control::Case => ("case", "a person may object to it (Art. 21(1))"),
        Control::None => ("none", "a person may neither object to it nor withdraw"),
    };
    if purpose.control != wanted {
        let place = format!("purpose.{}.control", purpose.key);
        let message = format!("the control does not fit: {because}");
        let advice = format!("write control = \"{name}\", or correct class and bases");
        defects.push(
            Defect::error(DefectCode::WrongControl, &place, message, &advice)
                .of(SlotName::RightToObject),
        );
    }
}

fn references(notice: &Notice, purpose: &Purpose, defects: &mut Vec<Defect>) {
    let place = format!("purpose.{}", purpose.key);
    let rules = purpose
        .retention
        .iter()
        .filter(|key| notice.rule(key).is_none());
    let data = purpose
        .data_categories
        .iter()
        .filter(|key| !notice.data_categories.contains(key));
    let missing = rules.map(|key| ("retention", key.as_str()));
    for (list, key) in missing.chain(data.map(|key| ("data_categories", key.as_str()))) {
        let message = format!("{list} names {key}, which the notice does not have");
        let advice = "correct the name, or add it to notice.toml";
        defects.push(Defect::error(
            DefectCode::UnknownReference,
            &place,
            message,
            advice,
        ));
    }
    for (list, slot, empty) in [
        (
            "retention",
            SlotName::Retention,
            purpose.retention.is_empty(),
        ),
        (
            "data_categories",
            SlotName::DataCategories,
            purpose.data_categories.is_empty(),
        ),
    ] {
        if empty {
            let message = format!("the purpose names no {list}");
            let advice = format!("list its {list}");
            defects.push(Defect::error(DefectCode::EmptySlot, &place, message, &advice).of(slot));
        }
    }
    if purpose.class == PurposeClass::DirectMarketing && purpose.channels.is_empty() {
        let message = "direct marketing without a channel".to_owned();
        let advice = "list its channels: email, phone, post or sms";
        defects.push(Defect::error(
            DefectCode::UnknownReference,
            &place,
            message,
            advice,
        ));
    }
    twice(
        &format!("{place}.topics"),
        purpose.topics.iter().map(|t| t.key.as_str()),
        defects,
    );
}

fn twice<'a>(place: &str, keys: impl Iterator<Item = &'a str>, defects: &mut Vec<Defect>) {
    let mut seen = BTreeSet::new();
    for key in keys.filter(|key| !seen.insert(*key)) {
        let message = format!("{key} stands there twice");
        defects.push(Defect::error(
            DefectCode::Twice,
            place,
            message,
            "give each its own key",
        ));
    }
}
