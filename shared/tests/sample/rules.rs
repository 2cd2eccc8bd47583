//! The rule set of most tests: that of the demo, where a corporate contact in the United Kingdom
//! may be mailed before any act.

use std::collections::{BTreeMap, BTreeSet};

use shared::facts::{Country, Subscriber};
use shared::legal_basis::LegalBasis;
use shared::purpose::{Channel, PurposeClass, PurposeKey, TopicKey};
use shared::rules::{AssessmentRule, GateSettings, PurposeRule, Rules, TABLE, Uninformed};

use crate::sample::{PURPOSE, moment};

/// A second purpose of the same kind.
pub(crate) const OTHER: &str = "newsletter";
/// The topics of both purposes.
pub(crate) const TOPICS: [&str; 2] = ["events", "it_strategy"];
/// When the assessment of both purposes lapses.
pub(crate) const LAPSES: &str = "2027-06-01T00:00:00Z";
/// When the notice version that obliges to inform was published.
pub(crate) const INFORM_SINCE: &str = "2026-10-01T12:00:00Z";

/// [`PURPOSE`] and [`OTHER`] for direct marketing by e-mail and phone, on legitimate interests or
/// consent; everyone is a corporate contact in GB unless something else is known.
pub(crate) fn rules() -> Rules {
    let purposes = [PURPOSE, OTHER].map(|name| (PurposeKey::parse(name).expect(name), purpose()));
    Rules {
        table: TABLE,
        notices: BTreeMap::new(),
        purposes: BTreeMap::from(purposes),
        settings: GateSettings {
            default_country: Some(Country::GB),
            default_subscriber: Some(Subscriber::Corporate),
            uninformed: Uninformed::Oblige,
        },
        consumer_domains: BTreeSet::from(["gmail.com".to_owned()]),
        domain_objections: BTreeMap::new(),
    }
}

fn purpose() -> PurposeRule {
    PurposeRule {
        class: PurposeClass::DirectMarketing,
        bases: BTreeSet::from([LegalBasis::Consent, LegalBasis::LegitimateInterests]),
        topics: TOPICS.map(|name| TopicKey::parse(name).expect(name)).into(),
        channels: BTreeSet::from([Channel::Email, Channel::Phone]),
        assessment: Some(AssessmentRule {
            reference: "LIA 4".to_owned(),
            lapses_at: moment(LAPSES),
        }),
        inform_since: moment(INFORM_SINCE),
    }
}
