//! A notice in the Transparency Information Language (TILT), as its published schema wants it.
//!
//! TILT has no member for the rights to object (Art. 21) and to restriction (Art. 18), nor for
//! complaints to the controller: they stand beside its own members, with names that start `x-`.
//! It demands some things that a notice need not say. They are never made up: see [`Gap`].

use serde_json::{Value, json};

use super::super::party::{Authority, Contact, Party};
use super::super::purpose::{DataCategoryKey, Purpose};
use super::super::retention::{Keep, Rule};
use super::super::slot::SlotName;
use super::{Publication, said_alone};
use crate::legal_basis::LegalBasis;

/// Something that TILT demands and the notice does not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The member of the TILT document: `controller.representative`.
    pub member: &'static str,
    /// The slot of the notice that would say it.
    pub slot: SlotName,
    /// What to do, if the notice is to be exported.
    pub advice: &'static str,
}

/// The document, or everything that it lacks.
pub fn tilt(of: &Publication<'_>) -> Result<Value, Vec<Gap>> {
    let mut gaps = Gaps(Vec::new());
    let (controller, officer) = (controller(of, &mut gaps), officer(of, &mut gaps));
    let disclosure = disclosure(of, &mut gaps);
    if !gaps.0.is_empty() {
        return Err(gaps.0);
    }
    let notice = of.notice;
    let disclosed: Vec<Value> = notice
        .data_categories
        .iter()
        .map(|category| disclosed(of, category, disclosure.as_ref()))
        .collect();
    let own = of.place("/self");
    let rights = of.section(SlotName::Rights);
    Ok(said_alone(json!({
        "meta": meta(of),
        "controller": controller,
        "dataProtectionOfficer": officer,
        "dataDisclosed": disclosed,
        "thirdCountryTransfers": transfers(of),
        "accessAndDataPortability": access(of),
        "sources": sources(of),
        "rightToInformation": right(of, SlotName::Rights, &own),
        "rightToRectificationOrDeletion": right(of, SlotName::Rights, &own),
        "rightToDataPortability": right(of, SlotName::Rights, &own),
        "rightToWithdrawConsent": right(of, SlotName::Withdrawal, &own),
        "rightToComplain": complaint(of),
        "automatedDecisionMaking": {
            "scopeAndIntendedEffects": of.said(SlotName::AutomatedDecisions),
        },
        "changesOfPurpose": [],
        "x-rightToObject": right(of, SlotName::RightToObject, &of.url()),
        "x-rightToRestriction": right(of, SlotName::Rights, &rights),
        "x-complaintToController": right(of, SlotName::Complaint, &of.place("/complain")),
    })))
}

struct Gaps(Vec<Gap>);

impl Gaps {
    fn want<T>(
        &mut self,
        found: Option<T>,
        member: &'static str,
        slot: SlotName,
        advice: &'static str,
    ) -> Option<T> {
        if found.is_none() {
            self.0.push(Gap {
                member,
                slot,
                advice,
            });
        }
        found
    }
}

fn meta(of: &Publication<'_>) -> Value {
    let controller = of.notice.slots.controller.filled();
    json!({
        "_id": format!("{}-{}", of.notice.key, of.notice.version),
        "name": controller.map_or("", |controller| controller.name.as_str()),
        "created": of.first_published_at.to_string(),
        "modified": of.published_at.to_string(),
        "version": of.notice.version,
        "language": of.spoken().split('-').next(),
        "status": if of.in_force { "active" } else { "inactive" },
        "url": of.url(),
        "_hash": of.digest.to_string(),
    })
}

fn controller(of: &Publication<'_>, gaps: &mut Gaps) -> Option<Value> {
    let slots = &of.notice.slots;
    let representative = gaps.want(
        slots.representative.filled(),
        "controller.representative",
        SlotName::Representative,
        "TILT cannot say that there is none: fill notice.representative, or do without TILT",
    );
    let controller = gaps.want(
        slots.controller.filled(),
        "controller",
        SlotName::Controller,
        "fill notice.controller",
    )?;
    let country = gaps.want(
        country(Some(&controller.country)),
        "controller.country",
        SlotName::Controller,
        "write two capital letters, such as GB",
    );
    let representative = representative?;
    Some(json!({
        "name": controller.name,
        "address": controller.address,
        "country": country?,
        "representative": {
            "name": representative.name,
            "email": representative.email,
            "phone": phone(representative.phone.as_deref()),
        },
    }))
}

fn officer(of: &Publication<'_>, gaps: &mut Gaps) -> Option<Value> {
    let slot = SlotName::DataProtectionOfficer;
    let officer: &Party = gaps.want(
        of.notice.slots.data_protection_officer.filled(),
        "dataProtectionOfficer",
        slot,
        "TILT cannot say that there is none: fill notice.data_protection_officer, or do without TILT",
    )?;
    let address = gaps.want(
        officer.address.as_deref(),
        "dataProtectionOfficer.address",
        slot,
        "fill notice.data_protection_officer.address",
    );
    let country = gaps.want(
        country(officer.country.as_deref()),
        "dataProtectionOfficer.country",
        slot,
        "fill notice.data_protection_officer.country with two capital letters, such as GB",
    );
    Some(json!({
        "name": officer.name,
        "address": address?,
        "country": country?,
        "email": officer.email,
        "phone": phone(officer.phone.as_deref()),
    }))
}

fn disclosure(of: &Publication<'_>, gaps: &mut Gaps) -> Option<Value> {
    let slot = SlotName::ObligationToProvide;
    let obliged = gaps.want(
        of.notice.obligation,
        "dataDisclosed.nonDisclosure",
        slot,
        "say under notice.obligation whether by_law and by_contract are true or false",
    )?;
    Some(json!({
        "legalRequirement": obliged.by_law,
        "contractualRegulation": obliged.by_contract,
        "obligationToProvide": obliged.by_law || obliged.by_contract,
        "consequences": of.said(slot).unwrap_or_default(),
    }))
}

fn disclosed(
    of: &Publication<'_>,
    category: &DataCategoryKey,
    disclosure: Option<&Value>,
) -> Value {
    let notice = of.notice;
    let purposes: Vec<&Purpose> = notice
        .purposes
        .iter()
        .filter(|purpose| purpose.data_categories.contains(category))
        .collect();
    let stated: Vec<Value> = purposes
        .iter()
        .map(|purpose| {
            json!({
                "purpose": of.words(&purpose.text_key("title")),
                "description": of.words(&purpose.text_key("sentence")),
            })
        })
        .collect();
    let bases = purposes.iter().flat_map(|purpose| &purpose.bases);
    let mut legal = Vec::new();
    let mut interests = Vec::new();
    for used in bases {
        let part = used.part.as_ref().and_then(|key| of.words(key.as_str()));
        let description = part.or(used.law.as_deref());
        let basis = json!({"reference": reference(used.basis), "description": description});
        if !legal.contains(&basis) {
            legal.push(basis);
        }
        let interest = used
            .interest
            .as_ref()
            .and_then(|key| of.words(key.as_str()));
        interests.extend(interest.map(|words| json!({"exists": true, "reasoning": words})));
    }
    let recipients: Vec<Value> = notice
        .slots
        .recipients
        .filled()
        .into_iter()
        .flatten()
        .map(|recipient| json!({"category": format!("{}: {}", recipient.name, recipient.why)}))
        .collect();
    json!({
        "_id": category.as_str(),
        "category": of.words(&format!("data.{category}")),
        "purposes": stated,
        "legalBases": legal,
        "legitimateInterests": interests,
        "recipients": recipients,
        "storage": [storage(of, &purposes)],
        "nonDisclosure": disclosure,
    })
}

/// How long, by every rule that applies; the longest decides.
fn storage(of: &Publication<'_>, purposes: &[&Purpose]) -> Value {
    let rules = of.notice.retention.iter().filter(|rule| {
        let names = |purpose: &&Purpose| purpose.retention.contains(&rule.key);
        purposes.iter().any(names)
    });
    let sentence = |rule: &Rule| of.words(&format!("retention.{}.sentence", rule.key));
    let (mut temporal, mut conditional) = (Vec::new(), Vec::new());
    for rule in rules {
        match &rule.keep {
            Keep::For { period, .. } => {
                temporal.push(json!({"description": sentence(rule), "ttl": period.to_string()}));
            }
            Keep::While { .. } => conditional.push(json!(sentence(rule))),
        }
    }
    json!({
        "temporal": temporal,
        "purposeConditional": conditional,
        "aggregationFunction": "max",
    })
}

fn transfers(of: &Publication<'_>) -> Vec<Value> {
    let transfers = of.notice.slots.transfers.filled();
    transfers
        .into_iter()
        .flatten()
        .map(|transfer| {
            json!({
                "country": country(Some(&transfer.country)),
                "appropriateGuarantees": {
                    "available": true,
                    "description": format!("{}. {}", transfer.safeguard, transfer.copy),
                },
            })
        })
        .collect()
}

fn sources(of: &Publication<'_>) -> Vec<Value> {
    let Some(sources) = of.notice.slots.sources.filled() else {
        return Vec::new();
    };
    let categories: Vec<&str> = of
        .notice
        .data_categories
        .iter()
        .filter_map(|category| of.words(&format!("data.{category}")))
        .collect();
    let place = of.section(SlotName::Sources);
    let sources: Vec<Value> = sources
        .iter()
        .map(|source| {
            json!({
                "description": source.name,
                "url": place,
                "publiclyAvailable": source.publicly_accessible,
            })
        })
        .collect();
    vec![json!({"_id": "sources", "dataCategory": categories.join("; "), "sources": sources})]
}

fn access(of: &Publication<'_>) -> Value {
    let mut access = right(of, SlotName::Rights, &of.place("/self/history"));
    access["dataFormats"] = json!(["json", "csv"]);
    access
}

fn right(of: &Publication<'_>, slot: SlotName, url: &str) -> Value {
    let slots = &of.notice.slots;
    let contact = slots
        .contact
        .filled()
        .map(|contact: &Contact| &contact.email);
    let complaints = slots.complaint.filled().map(|route| &route.email);
    let email = match slot {
        SlotName::Complaint => complaints.or(contact),
        _ => contact,
    };
    let applies = matches!(slots.state(slot), super::SlotState::Filled);
    json!({
        "available": applies,
        "description": of.said(slot),
        "url": applies.then_some(url),
        "email": email,
    })
}

fn complaint(of: &Publication<'_>) -> Value {
    let slot = SlotName::SupervisoryAuthority;
    let authority = of.notice.slots.supervisory_authority.filled();
    json!({
        "available": true,
        "description": of.said(slot),
        "url": authority.map(|authority: &Authority| &authority.url),
        "supervisoryAuthority": authority.map(|authority| json!({
            "name": authority.name,
            "address": authority.address,
            "country": country(authority.country.as_deref()),
            "phone": phone(authority.phone.as_deref()),
        })),
    })
}

/// The basis as TILT names articles: `GDPR-6-1-f`.
fn reference(basis: LegalBasis) -> String {
    let letter = match basis {
        LegalBasis::Consent => 'a',
        LegalBasis::Contract => 'b',
        LegalBasis::LegalObligation => 'c',
        LegalBasis::VitalInterests => 'd',
        LegalBasis::PublicTask => 'e',
        LegalBasis::LegitimateInterests => 'f',
    };
    format!("GDPR-6-1-{letter}")
}

fn country(code: Option<&str>) -> Option<&str> {
    code.filter(|code| code.len() == 2 && code.bytes().all(|c| c.is_ascii_uppercase()))
}

/// The number, if it is written as TILT takes numbers.
fn phone(number: Option<&str>) -> Option<&str> {
    let plain = |number: &&str| {
        let digits = number.strip_prefix('+').unwrap_or(number);
        digits.starts_with(|c: char| c.is_ascii_digit())
            && digits
                .bytes()
                .all(|c| c.is_ascii_digit() || matches!(c, b' ' | b'-' | b'.' | b'/'))
    };
    number.filter(plain)
}
