//! A notice as linked data: JSON-LD in terms of the W3C Data Privacy Vocabulary (DPV 2.3).
//!
//! The context stands in the document, so that nothing is fetched to read it.

use serde_json::{Value, json};

use super::super::party::Party;
use super::super::purpose::{BasisUse, Purpose};
use super::super::retention::Keep;
use super::super::vocabulary::Term;
use super::{Publication, said_alone};
use crate::legal_basis::{LegalBasis, Right};
use crate::purpose::PurposeClass;

/// The rights that every notice names, whatever its purposes: Art. 15 to 18, 20 and 77.
const RIGHTS: [&str; 6] = ["A15", "A16", "A17", "A18", "A20", "A77"];

/// The document.
#[must_use]
pub fn linked_data(of: &Publication<'_>) -> Value {
    let (notice, slots) = (of.notice, &of.notice.slots);
    let digest = of.digest.to_string();
    let contact = slots.contact.filled().map(|contact| &contact.email);
    let controller = slots.controller.filled().map(|controller| {
        json!({
            "@type": "dpv:DataController",
            "dpv:hasName": controller.name,
            "dpv:hasAddress": controller.address,
            "dpv:hasCountry": {"@id": format!("loc:{}", controller.country)},
            "dpv:hasContact": contact,
            "dpv:hasRepresentative": slots.representative.filled().map(|it| party(it, "dpv:Representative")),
            "dpv:hasDataProtectionOfficer":
                slots.data_protection_officer.filled().map(|it| party(it, "dpv:DataProtectionOfficer")),
        })
    });
    let authority = slots.supervisory_authority.filled().map(|authority| {
        json!({
            "@type": "dpv:DataProtectionAuthority",
            "dpv:hasName": authority.name,
            "dpv:hasContact": authority.url,
        })
    });
    said_alone(json!({
        "@context": {
            "dpv": "https://w3id.org/dpv#",
            "pd": "https://w3id.org/dpv/pd#",
            "loc": "https://w3id.org/dpv/loc#",
            "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
            "dct": "http://purl.org/dc/terms/",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@id": of.url(),
        "@type": ["dpv:PrivacyNotice", "dpv:LayeredNotice"],
        "dct:identifier": digest,
        "dpv:hasIdentifier": digest,
        "dct:hasVersion": notice.version.to_string(),
        "dct:language": of.spoken(),
        "dct:issued": moment(&of.published_at.to_string()),
        "dct:valid": date(&notice.effective.to_string()),
        "dpv:hasDataController": controller,
        "dpv:hasAuthority": authority,
        "dpv:hasProcess": notice.purposes.iter().map(|it| process(of, it)).collect::<Vec<_>>(),
        "dpv:hasRecipient": recipients(of),
        "dpv:hasThirdCountry": third_countries(of),
        "dpv:hasDataSource": sources(of),
        "dpv:hasRight": RIGHTS.map(|article| json!({"@id": format!("eu-gdpr:{article}")})),
    }))
}

fn process(of: &Publication<'_>, purpose: &Purpose) -> Value {
    let title = spoken(of, &purpose.text_key("title"));
    let named = terms(of, &format!("purpose.{}", purpose.key));
    let purposes = if named.is_empty() {
        vec![json!({"@type": "dpv:Purpose", "dct:title": title})]
    } else {
        named
    };
    let data: Vec<Value> = purpose
        .data_categories
        .iter()
        .flat_map(|category| {
            let key = format!("data.{category}");
            let named = terms(of, &key);
            if named.is_empty() {
                vec![json!({"@type": "dpv:PersonalData", "dct:title": spoken(of, &key)})]
            } else {
                named
            }
        })
        .collect();
    let assessment = purpose.assessment.as_ref().map(|assessment| {
        json!({
            "@type": "dpv:LegitimateInterestAssessment",
            "dpv:hasIdentifier": assessment.reference,
            "dct:hasVersion": assessment.version,
            "dct:modified": assessment.reviewed_at.map(|day| date(&day.to_string())),
        })
    });
    json!({
        "@id": format!("{}#{}", of.url(), purpose.anchor()),
        "@type": "dpv:Process",
        "dct:title": title,
        "dct:description": spoken(of, &purpose.text_key("sentence")),
        "dpv:hasPurpose": purposes,
        "dpv:hasLegalBasis": purpose.bases.iter().map(|it| basis(of, it)).collect::<Vec<_>>(),
        "dpv:hasAssessment": assessment,
        "dpv:hasPersonalData": data,
        "dpv:hasStorageCondition": storage(of, purpose),
        "dpv:hasRight": rights(purpose),
    })
}

fn basis(of: &Publication<'_>, used: &BasisUse) -> Value {
    let kind = match used.basis {
        LegalBasis::Consent => "eu-gdpr:A6-1-a",
        LegalBasis::Contract => "eu-gdpr:A6-1-b",
        LegalBasis::LegalObligation => "eu-gdpr:A6-1-c",
        LegalBasis::VitalInterests => "eu-gdpr:A6-1-d",
        LegalBasis::PublicTask => "eu-gdpr:A6-1-e",
        LegalBasis::LegitimateInterests => "eu-gdpr:A6-1-f-controller",
    };
    let texts = [&used.part, &used.interest, &used.withdrawal];
    let mut described: Vec<Value> = texts
        .into_iter()
        .flatten()
        .map(|key| spoken(of, key.as_str()))
        .collect();
    described.extend(used.law.as_deref().map(Value::from));
    json!({"@type": kind, "dct:description": described})
}

fn storage(of: &Publication<'_>, purpose: &Purpose) -> Vec<Value> {
    let rules = purpose.retention.iter();
    rules
        .filter_map(|key| of.notice.rule(key))
        .map(|rule| {
            let lasts = match &rule.keep {
                Keep::For { period, .. } => {
                    json!({"@type": "xsd:duration", "@value": period.to_string()})
                }
                Keep::While { lasts, .. } => json!({
                    "@type": "dpv:UntilEventDuration",
                    "dct:description": spoken(of, &format!("event.{lasts}")),
                }),
            };
            json!({
                "@type": "dpv:StorageDuration",
                "dct:description": spoken(of, &format!("retention.{}.sentence", rule.key)),
                "dpv:hasDuration": lasts,
            })
        })
        .collect()
}

/// Art. 21 and Art. 7(3), by what the purpose rests on; to direct marketing anybody may object,
/// whatever it rests on (Art. 21(2)).
fn rights(purpose: &Purpose) -> Vec<Value> {
    let marketing = purpose.class == PurposeClass::DirectMarketing;
    let given = |right: Right| {
        let mut bases = purpose.bases.iter();
        bases.any(|used| used.basis.right() == right)
    };
    let rights = [
        (Right::Object, "eu-gdpr:A21"),
        (Right::Withdraw, "eu-gdpr:A7-3"),
    ];
    rights
        .into_iter()
        .filter(|(right, _)| given(*right) || marketing && *right == Right::Object)
        .map(|(_, article)| json!({"@id": article}))
        .collect()
}

fn recipients(of: &Publication<'_>) -> Vec<Value> {
    let recipients = of.notice.slots.recipients.filled();
    recipients
        .into_iter()
        .flatten()
        .map(|it| json!({"@type": "dpv:Recipient", "dpv:hasName": it.name, "dct:description": it.why}))
        .collect()
}

fn third_countries(of: &Publication<'_>) -> Vec<Value> {
    let transfers = of.notice.slots.transfers.filled();
    transfers
        .into_iter()
        .flatten()
        .map(|it| {
            json!({
                "@id": format!("loc:{}", it.country),
                "@type": "dpv:ThirdCountry",
                "dct:description": format!("{}. {}", it.safeguard, it.copy),
            })
        })
        .collect()
}

fn sources(of: &Publication<'_>) -> Vec<Value> {
    let sources = of.notice.slots.sources.filled();
    sources
        .into_iter()
        .flatten()
        .map(|it| json!({"@type": "dpv:DataSource", "dpv:hasName": it.name}))
        .collect()
}

fn party(it: &Party, kind: &str) -> Value {
    json!({
        "@type": kind,
        "dpv:hasName": it.name,
        "dpv:hasAddress": it.address,
        "dpv:hasContact": it.email,
    })
}

fn terms(of: &Publication<'_>, key: &str) -> Vec<Value> {
    let named: &[Term] = of.notice.terms.get(key).map_or(&[], Vec::as_slice);
    named
        .iter()
        .map(|term| json!({"@id": term.as_str()}))
        .collect()
}

/// The text with the language that it is in.
fn spoken(of: &Publication<'_>, key: &str) -> Value {
    of.notice.text(key, of.language).map_or(
        Value::Null,
        |text| json!({"@value": text.words, "@language": text.language.as_str()}),
    )
}

fn moment(text: &str) -> Value {
    json!({"@type": "xsd:dateTime", "@value": text})
}

fn date(text: &str) -> Value {
    json!({"@type": "xsd:date", "@value": text})
}
