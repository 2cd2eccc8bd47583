//! What programs of others read is true to the notice, in the words of the standards they know
//! (REC-02 to REC-05, REC-13, REC-14).

use std::collections::BTreeSet;

use serde_json::Value;
use shared::digest::Digest;
use shared::legal_basis::LegalBasis;
use shared::notice::Notice;
use shared::notice::defect::DefectCode;
use shared::notice::party::{Party, Transfer};
use shared::notice::publication::Publication;
use shared::notice::publication::linked_data::linked_data;
use shared::notice::publication::record::{Own, Practice, record};
use shared::notice::publication::tilt::{Gap, tilt};
use shared::notice::slot::{Slot, SlotName};
use shared::purpose::PurposeClass;
use shared::time::Timestamp;

use super::{defects_with, notice};

const SCHEMA: &str = include_str!("../vectors/tilt-schema.json");
const TERMS: &str = include_str!("../vectors/dpv-2.3.txt");

fn published<'a>(notice: &'a Notice, language: &'a str) -> Publication<'a> {
    Publication {
        notice,
        digest: Digest::of(b"the version"),
        base: "https://privacy.example.com",
        first_published_at: Timestamp::from_millis(1_795_000_000_000),
        published_at: Timestamp::from_millis(1_795_435_200_000),
        in_force: true,
        language,
    }
}

/// The notice of a controller that has a representative and sends data abroad.
fn represented() -> Notice {
    let mut notice = notice();
    notice.slots.representative = Slot::Filled(Party {
        name: "Example Representative GmbH".to_owned(),
        address: Some("Beispielweg 1, Beispielstadt".to_owned()),
        country: Some("DE".to_owned()),
        email: "representative@example.com".to_owned(),
        phone: None,
    });
    notice.slots.transfers = Slot::Filled(vec![Transfer {
        country: "US".to_owned(),
        safeguard: "Standard contractual clauses".to_owned(),
        copy: "Write to us for a copy".to_owned(),
    }]);
    notice
}

fn gaps(notice: &Notice) -> Vec<Gap> {
    tilt(&published(notice, "en")).unwrap_err()
}

#[test]
fn a_notice_in_tilt_is_what_the_published_schema_wants() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let notice = represented();
    for language in ["en", "de", "fr"] {
        let document = tilt(&published(&notice, language)).unwrap();
        let errors: Vec<_> = validator
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{language}: {errors:#?}");
        assert_eq!(document["meta"]["language"], language);
    }
    let mut broken = tilt(&published(&notice, "en")).unwrap();
    broken["meta"]["_hash"] = "short".into();
    assert!(!validator.is_valid(&broken), "the schema is really asked");
}

#[test]
fn tilt_says_what_the_notice_says() {
    let notice = represented();
    let document = tilt(&published(&notice, "en")).unwrap();
    let disclosed = document["dataDisclosed"].as_array().unwrap();
    assert_eq!(disclosed.len(), notice.data_categories.len());
    let contact = disclosed
        .iter()
        .find(|it| it["_id"] == "contact_details")
        .unwrap();
    let purposes: Vec<_> = contact["purposes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["purpose"].as_str().unwrap())
        .collect();
    assert!(purposes.contains(&"Information about us and our services"));
    let periods: Vec<_> = contact["storage"][0]["temporal"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["ttl"].as_str().unwrap())
        .collect();
    assert!(periods.contains(&"P7Y") && periods.contains(&"P5Y"));
    let bases = contact["legalBases"].to_string();
    for basis in ["GDPR-6-1-a", "GDPR-6-1-c", "GDPR-6-1-f"] {
        assert!(bases.contains(basis), "{basis}: {bases}");
    }
    assert_eq!(document["thirdCountryTransfers"][0]["country"], "US");
    assert_eq!(
        document["sources"][0]["sources"][2]["publiclyAvailable"],
        true
    );
}

#[test]
fn the_rights_that_tilt_has_no_place_for_stand_beside_its_own() {
    let notice = represented();
    let document = tilt(&published(&notice, "en")).unwrap();
    for (member, words) in [
        ("x-rightToObject", "object at any time"),
        ("x-rightToRestriction", "restriction"),
        ("x-complaintToController", "complain to us"),
    ] {
        let right = &document[member];
        assert_eq!(right["available"], true, "{member}");
        let said = right["description"].as_str().unwrap();
        assert!(said.contains(words), "{member}: {said}");
        let place = right["url"].as_str().unwrap();
        assert!(place.starts_with("https://privacy.example.com/"));
    }
}

#[test]
fn tilt_makes_nothing_up_and_names_what_is_missing() {
    let example = gaps(&notice());
    let members: Vec<_> = example.iter().map(|gap| gap.member).collect();
    assert_eq!(members, ["controller.representative"]);
    assert_eq!(example[0].slot, SlotName::Representative);

    let mut bare = notice();
    bare.obligation = None;
    bare.slots.controller = match bare.slots.controller {
        Slot::Filled(mut controller) => {
            controller.country = "United Kingdom".to_owned();
            Slot::Filled(controller)
        }
        other => other,
    };
    bare.slots.data_protection_officer = Slot::NotApplicable {
        reason: "none is needed".to_owned(),
    };
    let members: Vec<_> = gaps(&bare).iter().map(|gap| gap.member).collect();
    assert_eq!(
        members,
        [
            "controller.representative",
            "controller.country",
            "dataProtectionOfficer",
            "dataDisclosed.nonDisclosure",
        ]
    );
}

#[test]
fn linked_data_speaks_terms_of_the_vocabulary_alone_and_brings_its_context() {
    let known: BTreeSet<&str> = TERMS
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    assert!(known.len() > 1_500, "the list of terms is whole");
    let notice = represented();
    for language in ["en", "de", "fr"] {
        let document = linked_data(&published(&notice, language));
        let context = document["@context"].as_object().unwrap();
        assert!(
            context
                .values()
                .all(|iri| iri.as_str().unwrap().starts_with("http"))
        );
        let mut found = BTreeSet::new();
        compact(&document, &mut found);
        assert!(found.contains("dpv:DirectMarketing") && found.contains("pd:EmailAddress"));
        for term in found {
            let (prefix, _) = term.split_once(':').unwrap();
            assert!(context.contains_key(prefix), "{term} has no prefix");
            let foreign = matches!(prefix, "dct" | "xsd");
            assert!(
                foreign || known.contains(term.as_str()),
                "{term} is not in DPV 2.3"
            );
        }
    }
}

/// Every compact name in the document: members, types and references.
fn compact(value: &Value, found: &mut BTreeSet<String>) {
    let named = |value: &Value, found: &mut BTreeSet<String>| {
        let texts = value
            .as_array()
            .cloned()
            .unwrap_or_else(|| vec![value.clone()]);
        let names = texts.iter().filter_map(Value::as_str);
        found.extend(
            names
                .filter(|name| !name.starts_with("http"))
                .map(str::to_owned),
        );
    };
    match value {
        Value::Object(members) => {
            for (name, value) in members.iter().filter(|(name, _)| *name != "@context") {
                match name.as_str() {
                    "@type" | "@id" => named(value, found),
                    "@value" | "@language" => {}
                    name => {
                        found.insert(name.to_owned());
                        compact(value, found);
                    }
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| compact(item, found)),
        _ => {}
    }
}

#[test]
fn direct_marketing_on_consent_alone_can_be_objected_to_as_well() {
    let mut notice = represented();
    for purpose in &mut notice.purposes {
        purpose
            .bases
            .retain(|used| used.basis == LegalBasis::Consent);
    }
    let document = linked_data(&published(&notice, "en"));
    let processes = document["dpv:hasProcess"].as_array().unwrap();
    for (purpose, process) in notice.purposes.iter().zip(processes) {
        let rights = process["dpv:hasRight"].to_string();
        let marketing = purpose.class == PurposeClass::DirectMarketing;
        assert_eq!(rights.contains("eu-gdpr:A21"), marketing, "{rights}");
    }
}

#[test]
fn linked_data_names_the_version_twice_and_every_purpose_with_its_right() {
    let notice = represented();
    let document = linked_data(&published(&notice, "de"));
    let digest = Digest::of(b"the version").to_string();
    assert_eq!(document["dct:identifier"], digest);
    assert_eq!(document["dpv:hasIdentifier"], digest);
    let processes = document["dpv:hasProcess"].as_array().unwrap();
    assert_eq!(processes.len(), notice.purposes.len());
    let marketing = processes
        .iter()
        .find(|it| it["dpv:hasPurpose"][0]["@id"] == "dpv:DirectMarketing")
        .unwrap();
    assert_eq!(
        marketing["dpv:hasRight"],
        serde_json::json!([{"@id": "eu-gdpr:A21"}, {"@id": "eu-gdpr:A7-3"}])
    );
    assert_eq!(marketing["dct:title"]["@language"], "de");
    assert!(
        marketing["@id"]
            .as_str()
            .unwrap()
            .ends_with("/versions/1#purpose-info_about_us")
    );
}

#[test]
fn a_purpose_without_a_term_is_told_in_its_own_words() {
    let mut notice = notice();
    notice.terms.clear();
    let document = linked_data(&published(&notice, "en"));
    let purpose = &document["dpv:hasProcess"][3]["dpv:hasPurpose"][0];
    assert_eq!(purpose["@type"], "dpv:Purpose");
    assert_eq!(
        purpose["dct:title"]["@value"],
        "Information about us and our services"
    );
}

#[test]
fn a_term_of_something_that_the_notice_does_not_have_is_a_defect() {
    let defects = defects_with("\"data.job_details\" =", "\"data.shoe_size\" =");
    assert_eq!(defects.len(), 1, "{defects:?}");
    assert_eq!(defects[0].code, DefectCode::UnknownReference);
    assert!(defects[0].message.contains("data.shoe_size"));
}

#[test]
fn a_notice_from_before_terms_has_the_bytes_it_always_had() {
    let mut notice = notice();
    notice.terms.clear();
    notice.obligation = None;
    let members = serde_json::to_value(&notice).unwrap();
    assert!(members.get("terms").is_none() && members.get("obligation").is_none());
}

#[test]
fn a_record_names_what_it_lacks_and_makes_nothing_up() {
    let notice = notice();
    let record = record(
        &published(&notice, "en"),
        &Practice::default(),
        Own::default(),
    );
    let missing: Vec<_> = record
        .missing
        .iter()
        .map(|line| line.split(':').next().unwrap())
        .collect();
    assert_eq!(missing, ["data_subjects", "security"]);
    let purposes = record.activities.iter().filter(|one| one.key != "sayso");
    for activity in purposes {
        assert!(activity.data_subjects.is_empty() && activity.security.is_empty());
        assert!(!activity.erasure.is_empty() && !activity.legal_bases.is_empty());
    }
}
