//! What only the operator knows: who the controller is and what it answers for this deployment.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::party::{Authority, Contact, Controller, DataSource, Party, Recipient, Route, Transfer};
use super::publication::record::Practice;
use super::slot::Slot;
use super::{Notice, Obligation};

/// The deployment settings of a notice, from the operator's config. They are resolved at
/// publishing and become part of the version's bytes. A text refers to one by its path, such as
/// `{{controller.name}}`; a slot by `{ setting = "controller" }`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// N1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub controller: Option<Answer<Controller>>,
    /// N2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<Answer<Contact>>,
    /// N3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub representative: Option<Answer<Party>>,
    /// N4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_protection_officer: Option<Answer<Party>>,
    /// N9.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipients: Option<Answer<Vec<Recipient>>>,
    /// N10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfers: Option<Answer<Vec<Transfer>>>,
    /// N14.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supervisory_authority: Option<Answer<Authority>>,
    /// N15.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complaint: Option<Answer<Route>>,
    /// N17.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sources: Option<Answer<Vec<DataSource>>>,
    /// Whether people must give their data, for exports; the words are a statement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub obligation: Option<Obligation>,
    /// What the record of processing activities says and the notice does not.
    pub record: Practice,
    /// The laws behind each use of Art. 6(1)(c), by the name that the notice asks for. The
    /// controller's counsel confirms them.
    pub laws: BTreeMap<String, String>,
    /// What the controller states about its own practice, by the name that the notice asks for.
    pub statements: BTreeMap<String, String>,
    /// When every assessment was last reviewed, unless `assessments` says otherwise for one: a date
    /// in quotes, such as `"2026-11-23"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assessments_reviewed_at: Option<NaiveDate>,
    /// When the assessment of that reference was last reviewed.
    pub assessments: BTreeMap<String, NaiveDate>,
}

impl Settings {
    /// What these settings say and that notice says otherwise, by name: it counts once the notice is
    /// published again. Laws and statements are not among them: in the notice they are parts of texts.
    #[must_use]
    pub fn unpublished(&self, notice: &Notice) -> Vec<String> {
        let slots = &notice.slots;
        let slots = [
            ("controller", differs(&self.controller, &slots.controller)),
            ("contact", differs(&self.contact, &slots.contact)),
            (
                "representative",
                differs(&self.representative, &slots.representative),
            ),
            (
                "data_protection_officer",
                differs(
                    &self.data_protection_officer,
                    &slots.data_protection_officer,
                ),
            ),
            ("recipients", differs(&self.recipients, &slots.recipients)),
            ("transfers", differs(&self.transfers, &slots.transfers)),
            (
                "supervisory_authority",
                differs(&self.supervisory_authority, &slots.supervisory_authority),
            ),
            ("complaint", differs(&self.complaint, &slots.complaint)),
            ("sources", differs(&self.sources, &slots.sources)),
            (
                "obligation",
                self.obligation.is_some() && self.obligation != notice.obligation,
            ),
        ];
        let slots = slots.into_iter().filter(|(_, differs)| *differs);
        let purposes = notice.purposes.iter();
        let assessments = purposes.filter_map(|purpose| purpose.assessment.as_ref());
        let reviewed = assessments.filter(|assessment| {
            let reviewed_at = self.reviewed_at(&assessment.reference);
            reviewed_at.is_some() && reviewed_at != assessment.reviewed_at
        });
        slots
            .map(|(name, _)| name.to_owned())
            .chain(reviewed.map(|assessment| assessment.reference.clone()))
            .collect()
    }
}

/// Whether another answer is published than the given one. What the notice says does not apply to it
/// is its own word, which comes before the settings.
fn differs<T: Clone + PartialEq>(given: &Option<Answer<T>>, published: &Slot<T>) -> bool {
    let is_its_own = matches!(published, Slot::NotApplicable { .. });
    given.is_some() && !is_its_own && answer(given.as_ref()) != *published
}

/// The controller's answer to a question that may not apply to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answer<T> {
    /// It does not apply.
    NotApplicable {
        /// Why.
        not_applicable: String,
    },
    /// This is the answer.
    Given(T),
}

impl Settings {
    /// Obviously fictitious values that fill the notices which come with Sayso, for demonstrations
    /// and tests. No assessment is reviewed; set [`Self::assessments_reviewed_at`] for that.
    #[must_use]
    pub fn example() -> Self {
        toml::from_str(include_str!("example.toml")).unwrap_or_default()
    }

    /// The value at a path such as `controller.name`, if it is set and a text that is not blank.
    #[must_use]
    pub fn value(&self, path: &str) -> Option<String> {
        let tree = serde_json::to_value(self).ok()?;
        let value = path
            .split('.')
            .try_fold(&tree, |node, part| node.get(part))?;
        value
            .as_str()
            .filter(|text| !text.trim().is_empty())
            .map(str::to_owned)
    }

    /// When the assessment of that reference was last reviewed.
    #[must_use]
    pub fn reviewed_at(&self, reference: &str) -> Option<NaiveDate> {
        self.assessments
            .get(reference)
            .copied()
            .or(self.assessments_reviewed_at)
    }
}

/// The slot that an answer fills.
pub(super) fn answer<T: Clone>(answer: Option<&Answer<T>>) -> Slot<T> {
    match answer {
        Some(Answer::Given(content)) => Slot::Filled(content.clone()),
        Some(Answer::NotApplicable { not_applicable }) => Slot::NotApplicable {
            reason: not_applicable.clone(),
        },
        None => Slot::Empty,
    }
}
