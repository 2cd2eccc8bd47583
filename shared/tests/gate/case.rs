//! One question to the gate, which would be answered with yes, and ways to change it.

use shared::decision::{Contact, Decision, Ground, Question, Stated, Withheld, decide};
use shared::entry::{Act, Entry};
use shared::facts::Facts;
use shared::purpose::{Channel, PurposeKey, TopicKey};
use shared::rules::{PurposeRule, Rules};
use shared::standing::Standing;
use shared::time::Timestamp;

use crate::rules::rules;
use crate::sample::{PURPOSE, entry, id, moment};

/// Everything that a decision depends on.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) rules: Rules,
    /// False where the address could not be read.
    pub(crate) readable: bool,
    pub(crate) domain: &'static str,
    pub(crate) own: Vec<Entry>,
    pub(crate) base: Option<Vec<Entry>>,
    pub(crate) question: Question,
    pub(crate) at: Timestamp,
}

impl Case {
    /// A corporate contact in GB about whom nothing is recorded, asked about by e-mail.
    pub(crate) fn new() -> Self {
        Self {
            rules: rules(),
            readable: true,
            domain: "company.example",
            own: Vec::new(),
            base: None,
            question: Question {
                purpose: Some(PurposeKey::parse(PURPOSE).expect(PURPOSE)),
                topic: None,
                channel: Channel::Email,
                stated: Stated::default(),
                first_contact: false,
            },
            at: moment("2026-12-01T12:00:00Z"),
        }
    }

    /// The same where everyone is a private person in GB, so that a yes needs consent.
    pub(crate) fn private() -> Self {
        let mut case = Self::new();
        case.rules.settings.default_subscriber = None;
        case
    }

    /// With one more act of the verified person in the ledger.
    pub(crate) fn with(mut self, act: Act) -> Self {
        self.push(entry(self.next(), act));
        self
    }

    /// With a lift of everything that entry made, about the same.
    pub(crate) fn lifting(mut self, number: u64) -> Self {
        let lifted = self.own.iter().find(|entry| entry.id == id(number));
        let mut lift = entry(self.next(), Act::ObjectionLifted);
        lift.scope = lifted.expect("an entry of that number").scope.clone();
        lift.refers_to = vec![id(number)];
        self.push(lift);
        self
    }

    /// With that entry in the ledger.
    pub(crate) fn and(mut self, entry: Entry) -> Self {
        self.push(entry);
        self
    }

    /// With those facts recorded on evidence.
    pub(crate) fn knowing(mut self, facts: Facts) -> Self {
        let mut recorded = entry(self.next(), Act::FactRecorded);
        recorded.facts = Some(facts);
        self.push(recorded);
        self
    }

    /// About that topic.
    pub(crate) fn about(mut self, topic: &str) -> Self {
        self.question.topic = Some(TopicKey::parse(topic).expect(topic));
        self
    }

    /// At that moment.
    pub(crate) fn at(mut self, text: &str) -> Self {
        self.at = moment(text);
        self
    }

    pub(crate) fn push(&mut self, entry: Entry) {
        self.own.push(entry);
    }

    /// The number of the next entry.
    pub(crate) fn next(&self) -> u64 {
        self.own.len() as u64 + 1
    }

    /// The rule of [`PURPOSE`].
    pub(crate) fn rule(&mut self) -> &mut PurposeRule {
        let purpose = PurposeKey::parse(PURPOSE).expect(PURPOSE);
        self.rules.purposes.get_mut(&purpose).expect("its rule")
    }

    pub(crate) fn decide(&self) -> Decision {
        let own = Standing::of(&self.own);
        let base = self.base.as_ref().map(Standing::of);
        let contact = Contact {
            own: &own,
            base: base.as_ref(),
            domain: self.domain,
        };
        let contact = self.readable.then_some(contact);
        decide(&self.rules, contact, &self.question, self.at)
    }

    /// All reasons to withhold; empty for a yes.
    pub(crate) fn reasons(&self) -> Vec<Withheld> {
        match self.decide() {
            Decision::Withhold { reasons, .. } => {
                assert!(!reasons.is_empty(), "a refusal names its reason");
                reasons
            }
            Decision::Proceed { .. } => Vec::new(),
        }
    }

    /// The ground of a yes.
    pub(crate) fn ground(&self) -> Option<Ground> {
        match self.decide() {
            Decision::Proceed { ground, .. } => Some(ground),
            Decision::Withhold { .. } => None,
        }
    }
}
