//! All questions that can be asked of one standing, and their answers.

use shared::decision::{Contact, Decision, Question, Stated, Withheld, decide};
use shared::entry::{Actor, Assurance, Entry};
use shared::rules::{Rules, Uninformed};
use shared::scope::Scope;
use shared::standing::Standing;
use shared::time::Timestamp;

use crate::rules::{OTHER, TOPICS, rules};
use crate::sample::{PURPOSE, moment, scope};

/// When the questions are asked.
pub(crate) fn now() -> Timestamp {
    moment("2026-12-01T12:00:00Z")
}

/// Both purposes, whole and by topic, by e-mail and by phone.
pub(crate) fn questions() -> Vec<Scope> {
    let mut all = Vec::new();
    for purpose in [PURPOSE, OTHER] {
        for topic in ["", TOPICS[0], TOPICS[1]] {
            for channel in ["email", "phone"] {
                all.push(scope(purpose, topic, channel));
            }
        }
    }
    all
}

/// The usual rules, and those that say yes least easily.
pub(crate) fn rule_sets() -> [Rules; 2] {
    let mut strict = rules();
    strict.settings.default_subscriber = None;
    strict.settings.uninformed = Uninformed::Withhold;
    [rules(), strict]
}

/// The gate's answer.
pub(crate) fn answer(rules: &Rules, own: &Standing, asked: &Scope, at: Timestamp) -> Decision {
    let question = Question {
        purpose: asked.purpose.clone(),
        topic: asked.topic.clone(),
        channel: asked.channel.expect("questions name their channel"),
        stated: Stated::default(),
        first_contact: false,
    };
    let contact = Contact {
        own,
        base: None,
        domain: "company.example",
    };
    decide(rules, Some(contact), &question, at)
}

/// All reasons against, under the usual rules.
pub(crate) fn reasons(own: &Standing, asked: &Scope, at: Timestamp) -> Vec<Withheld> {
    match answer(&rules(), own, asked, at) {
        Decision::Withhold { reasons, .. } => reasons,
        Decision::Proceed { .. } => Vec::new(),
    }
}

/// Whether the holder of the mailbox did it.
pub(crate) fn is_the_person(entry: &Entry) -> bool {
    entry.evidence.actor == Actor::DataSubject
        && entry.evidence.assurance == Assurance::LinkVerified
}
