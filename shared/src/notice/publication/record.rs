//! The record of processing activities (Art. 30(1)): each purpose of a notice by the seven points
//! of the article, and what this software itself does with personal data.

use serde::{Deserialize, Serialize};

use super::super::party::Party;
use super::super::purpose::Purpose;
use super::super::slot::{Slot, SlotName};
use super::Publication;
use crate::digest::Digest;

/// What the record must say and a notice does not: from the operator's settings.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Practice {
    /// Whose data it is: the categories of data subjects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_subjects: Option<String>,
    /// How it is protected: the technical and organisational measures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security: Option<String>,
}

/// The record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Record {
    /// The format: `sayso-record-1`.
    pub format: &'static str,
    /// The notice that it is made from.
    pub notice: String,
    /// Its version.
    pub version: u32,
    /// What names the version.
    pub sha256: Digest,
    /// The controller, a line per fact (a).
    pub controller: Vec<String>,
    /// The representative, or why there is none (a).
    pub representative: Vec<String>,
    /// The data protection officer, or why there is none (a).
    pub data_protection_officer: Vec<String>,
    /// What data is used for.
    pub activities: Vec<Activity>,
    /// What the record lacks, each with what to do. It is complete when this is empty.
    pub missing: Vec<String>,
}

/// One activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Activity {
    /// The purpose's key; `sayso` for this software's own processing.
    pub key: String,
    /// Its name.
    pub title: String,
    /// The purpose (b).
    pub purpose: String,
    /// The legal bases, which the article does not ask for and every reader does.
    pub legal_bases: Vec<String>,
    /// Whose data it is (c).
    pub data_subjects: Vec<String>,
    /// Which data it is (c).
    pub personal_data: Vec<String>,
    /// Who receives it (d).
    pub recipients: Vec<String>,
    /// Which other countries it goes to, with the safeguards (e).
    pub transfers: Vec<String>,
    /// When it is erased (f).
    pub erasure: Vec<String>,
    /// How it is protected (g).
    pub security: Vec<String>,
}

/// What this software does in a deployment, as its configuration tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Own {
    /// How long it keeps its own data.
    pub erasure: Vec<String>,
    /// The systems that are told of every change.
    pub told: Vec<String>,
}

/// The record of a published version, with what this software does by itself.
#[must_use]
pub fn record(of: &Publication<'_>, practice: &Practice, by_itself: Own) -> Record {
    let slots = &of.notice.slots;
    let facts = |slot| {
        let section = of.notice.section(slot, of.language);
        let reason = section.not_applicable.map(str::to_owned);
        let facts = section.facts.into_iter().map(|fact| fact.value);
        facts.chain(reason).collect::<Vec<String>>()
    };
    let mut activities: Vec<Activity> = of
        .notice
        .purposes
        .iter()
        .map(|purpose| activity(of, purpose, practice, &facts))
        .collect();
    activities.push(own(by_itself));
    let contact = facts(SlotName::Contact);
    let unsaid = [
        ("data_subjects", practice.data_subjects.is_none()),
        ("security", practice.security.is_none()),
    ];
    let missing = unsaid.into_iter().filter(|(_, unsaid)| *unsaid);
    Record {
        format: "sayso-record-1",
        notice: of.notice.key.to_string(),
        version: of.notice.version,
        sha256: of.digest,
        controller: facts(SlotName::Controller)
            .into_iter()
            .chain(contact)
            .collect(),
        representative: party(&slots.representative),
        data_protection_officer: party(&slots.data_protection_officer),
        activities,
        missing: missing
            .map(|(name, _)| format!("{name}: write it under [notice.record] in the config"))
            .collect(),
    }
}

fn activity(
    of: &Publication<'_>,
    purpose: &Purpose,
    practice: &Practice,
    facts: &impl Fn(SlotName) -> Vec<String>,
) -> Activity {
    let words = |key: &str| of.words(key).unwrap_or_default().to_owned();
    let bases = purpose.bases.iter().map(|used| {
        let texts = [&used.part, &used.interest];
        let said = texts.into_iter().flatten().map(|key| words(key.as_str()));
        let law = used.law.clone();
        let parts: Vec<String> = std::iter::once(used.basis.article().to_owned())
            .chain(law)
            .chain(said)
            .collect();
        parts.join("; ")
    });
    let erasure = purpose.retention.iter();
    Activity {
        key: purpose.key.to_string(),
        title: words(&purpose.text_key("title")),
        purpose: words(&purpose.text_key("sentence")),
        legal_bases: bases.collect(),
        data_subjects: practice.data_subjects.clone().into_iter().collect(),
        personal_data: purpose
            .data_categories
            .iter()
            .map(|category| words(&format!("data.{category}")))
            .collect(),
        recipients: facts(SlotName::Recipients),
        transfers: facts(SlotName::Transfers),
        erasure: erasure
            .map(|rule| words(&format!("retention.{rule}.sentence")))
            .collect(),
        security: practice.security.clone().into_iter().collect(),
    }
}

/// What this software does with personal data for the controller (DP-01).
fn own(Own { erasure, told }: Own) -> Activity {
    let told = told.into_iter().map(|name| {
        format!("{name}, which is told of changes with a hash of the address under its own key, or its own reference")
    });
    let said = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Activity {
        key: "sayso".to_owned(),
        title: "Respecting what people say about mailings, and proving it".to_owned(),
        purpose: "Objections, consents, pauses and cases are recorded, and every mailing is asked \
                  about before it is sent."
            .to_owned(),
        legal_bases: said(&[
            "Art. 6(1)(c); Art. 5(2), 7(1), 12, 17 and 21",
            "Art. 6(1)(f); to prove that the law was kept",
        ]),
        data_subjects: said(&[
            "people whose address a mailing would go to, or with whose address somebody objected, \
             asked or complained",
        ]),
        personal_data: said(&[
            "a keyed hash of the address; what was done, when, by which way and beside which words",
            "the address itself, sealed, while a letter, a link or a case needs it",
            "what people write in objections with grounds and in complaints, and the grounds of the \
             answers, sealed",
            "country, kind of subscriber, where and when the contact was obtained, and what a soft opt-in \
             rests on, as staff or an import recorded it, each with where the evidence is kept",
            "the references that customer databases know the contact by",
        ]),
        recipients: std::iter::once("the mail server that delivers its letters".to_owned())
            .chain(told)
            .collect(),
        transfers: Vec::new(),
        erasure,
        security: said(&[
            "no address is stored readable; keys are kept apart from the database; history cannot \
             be changed unseen; access by keys with scopes and an end; backups are erased again",
        ]),
    }
}

fn party(slot: &Slot<Party>) -> Vec<String> {
    match slot {
        Slot::Filled(party) => {
            let more = [&party.address, &party.country, &party.phone];
            let more = more.into_iter().flatten().cloned();
            [party.name.clone(), party.email.clone()]
                .into_iter()
                .chain(more)
                .collect()
        }
        Slot::NotApplicable { reason } => vec![reason.clone()],
        Slot::Empty => Vec::new(),
    }
}
