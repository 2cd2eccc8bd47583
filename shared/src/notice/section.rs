//! A slot as a page shows it: heading, paragraphs, facts.

use super::Notice;
use super::party::{Authority, Contact, Controller, DataSource, Party, Recipient, Route, Transfer};
use super::slot::{Slot, SlotName, SlotState};
use super::text::Text;

/// A section of the notice's page. It invents nothing (NOT-03): what is missing is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section<'a> {
    /// Which slot.
    pub slot: SlotName,
    /// The section's anchor: `section-controller`.
    pub anchor: String,
    /// The heading.
    pub title: Option<Text<'a>>,
    /// The text, whose paragraphs a blank line separates.
    pub text: Option<Text<'a>>,
    /// Names, addresses and lists from the settings.
    pub facts: Vec<Fact<'a>>,
    /// Why the section does not apply, instead of a text.
    pub not_applicable: Option<&'a str>,
}

/// A line of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact<'a> {
    /// What the value is, such as "Address"; none where the value says it.
    pub label: Option<Text<'a>>,
    /// The value.
    pub value: String,
}

impl Notice {
    /// The section of that slot in that language. What N5, N6, N7, N8 and N11 list is read from
    /// the notice's purposes, data categories and retention rules.
    #[must_use]
    pub fn section(&self, slot: SlotName, language: &str) -> Section<'_> {
        let words = Words {
            notice: self,
            language,
        };
        let not_applicable = match self.slots.state(slot) {
            SlotState::NotApplicable { reason } => Some(reason),
            SlotState::Filled | SlotState::Empty => None,
        };
        Section {
            slot,
            anchor: format!("section-{}", slot.as_str()),
            title: self.text(&slot.title_key(), language),
            text: not_applicable.is_none().then(|| words.body(slot)).flatten(),
            facts: words.facts(slot),
            not_applicable,
        }
    }
}

struct Words<'a, 'l> {
    notice: &'a Notice,
    language: &'l str,
}

impl<'a> Words<'a, '_> {
    fn body(&self, slot: SlotName) -> Option<Text<'a>> {
        let slots = &self.notice.slots;
        let named = match slot {
            SlotName::Purposes => &slots.purposes,
            SlotName::LegalBases => &slots.legal_bases,
            SlotName::Interests => &slots.interests,
            SlotName::DataCategories => &slots.data_categories,
            SlotName::Retention => &slots.retention,
            SlotName::Rights => &slots.rights,
            SlotName::Withdrawal => &slots.withdrawal,
            SlotName::ObligationToProvide => &slots.obligation_to_provide,
            SlotName::AutomatedDecisions => &slots.automated_decisions,
            SlotName::FurtherProcessing => &slots.further_processing,
            SlotName::RightToObject => &slots.right_to_object,
            SlotName::Version => &slots.version,
            SlotName::DeviceStorage => &slots.device_storage,
            SlotName::Controller
            | SlotName::Contact
            | SlotName::Representative
            | SlotName::DataProtectionOfficer
            | SlotName::Recipients
            | SlotName::Transfers
            | SlotName::SupervisoryAuthority
            | SlotName::Complaint
            | SlotName::Sources => return self.notice.text(&slot.text_key(), self.language),
        };
        self.notice.text(named.filled()?.as_str(), self.language)
    }

    fn facts(&self, slot: SlotName) -> Vec<Fact<'a>> {
        let slots = &self.notice.slots;
        match slot {
            SlotName::Controller => self.one(&slots.controller, Self::controller),
            SlotName::Contact => self.one(&slots.contact, Self::contact),
            SlotName::Representative => self.one(&slots.representative, Self::party),
            SlotName::DataProtectionOfficer => {
                self.one(&slots.data_protection_officer, Self::party)
            }
            SlotName::Recipients => self.each(&slots.recipients, Self::recipient),
            SlotName::Transfers => self.each(&slots.transfers, Self::transfer),
            SlotName::SupervisoryAuthority => {
                self.one(&slots.supervisory_authority, Self::authority)
            }
            SlotName::Complaint => self.one(&slots.complaint, Self::route),
            SlotName::Sources => self.each(&slots.sources, Self::source),
            SlotName::Version => self.version(),
            _ => Vec::new(),
        }
    }

    fn one<T>(
        &self,
        slot: &'a Slot<T>,
        facts: impl Fn(&Self, &'a T) -> Vec<Fact<'a>>,
    ) -> Vec<Fact<'a>> {
        slot.filled()
            .map(|content| facts(self, content))
            .unwrap_or_default()
    }

    fn each<T>(
        &self,
        slot: &'a Slot<Vec<T>>,
        fact: impl Fn(&Self, &'a T) -> Fact<'a>,
    ) -> Vec<Fact<'a>> {
        slot.filled()
            .into_iter()
            .flatten()
            .map(|item| fact(self, item))
            .collect()
    }

    fn labelled<const N: usize>(&self, lines: [(&str, Option<&str>); N]) -> Vec<Fact<'a>> {
        let given = lines
            .into_iter()
            .filter_map(|(label, value)| Some((label, value?)));
        given
            .map(|(label, value)| Fact {
                label: self.label(label),
                value: value.to_owned(),
            })
            .collect()
    }

    fn label(&self, name: &str) -> Option<Text<'a>> {
        self.notice.text(&format!("label.{name}"), self.language)
    }

    fn controller(&self, it: &'a Controller) -> Vec<Fact<'a>> {
        self.labelled([
            ("name", Some(&it.name)),
            ("number", it.number.as_deref()),
            ("address", Some(&it.address)),
            ("country", Some(&it.country)),
        ])
    }

    fn contact(&self, it: &'a Contact) -> Vec<Fact<'a>> {
        self.labelled([
            ("email", Some(&it.email)),
            ("phone", it.phone.as_deref()),
            ("address", it.post.as_deref()),
        ])
    }

    fn party(&self, it: &'a Party) -> Vec<Fact<'a>> {
        self.labelled([
            ("name", Some(&it.name)),
            ("email", Some(&it.email)),
            ("phone", it.phone.as_deref()),
            ("address", it.address.as_deref()),
            ("country", it.country.as_deref()),
        ])
    }

    fn authority(&self, it: &'a Authority) -> Vec<Fact<'a>> {
        self.labelled([
            ("name", Some(&it.name)),
            ("url", Some(&it.url)),
            ("phone", it.phone.as_deref()),
            ("address", it.address.as_deref()),
        ])
    }

    fn route(&self, it: &'a Route) -> Vec<Fact<'a>> {
        self.labelled([("email", Some(&it.email)), ("address", it.post.as_deref())])
    }

    fn recipient(&self, it: &'a Recipient) -> Fact<'a> {
        Fact {
            label: None,
            value: format!("{}: {}", it.name, it.why),
        }
    }

    fn transfer(&self, it: &'a Transfer) -> Fact<'a> {
        Fact {
            label: None,
            value: format!("{}: {}. {}", it.country, it.safeguard, it.copy),
        }
    }

    fn source(&self, it: &'a DataSource) -> Fact<'a> {
        let public = it
            .publicly_accessible
            .then(|| self.label("public"))
            .flatten();
        let value = match public {
            Some(public) => format!("{} ({})", it.name, public.words),
            None => it.name.clone(),
        };
        Fact { label: None, value }
    }

    fn version(&self) -> Vec<Fact<'a>> {
        let (number, since) = (
            self.notice.version.to_string(),
            self.notice.effective.to_string(),
        );
        self.labelled([("version", Some(&number)), ("effective", Some(&since))])
    }
}
