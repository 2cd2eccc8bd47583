//! The rule set in force: what the notices say, as the gate reads it.

mod part;

pub use self::part::Part;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::address::Domain;
use crate::digest::Digest;
use crate::facts::{Country, Subscriber};
use crate::legal_basis::LegalBasis;
use crate::purpose::{Channel, PurposeClass, PurposeKey, TopicKey};
use crate::time::Timestamp;

/// The version of the decision table in [`crate::decision`]. A changed table is a changed rule.
pub const TABLE: u32 = 1;

/// All that decides, beside what a person did: stored by digest, so that every decision can be
/// given again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// [`TABLE`].
    pub table: u32,
    /// The notice versions in force, by notice.
    pub notices: BTreeMap<String, Digest>,
    /// The purposes of all notices in force.
    pub purposes: BTreeMap<PurposeKey, PurposeRule>,
    /// What the operator decided.
    pub settings: GateSettings,
    /// Consumer mailbox providers: individual subscribers unless evidence says otherwise.
    pub consumer_domains: BTreeSet<String>,
    /// Companies that want no mail to anyone of theirs (LAW-45); true includes subdomains.
    pub domain_objections: BTreeMap<String, bool>,
}

/// What the gate needs to know of a purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PurposeRule {
    /// The gate answers for direct marketing alone.
    pub class: PurposeClass,
    /// The bases that the notice states.
    pub bases: BTreeSet<LegalBasis>,
    /// The topics that can be chosen alone.
    pub topics: BTreeSet<TopicKey>,
    /// The channels that the notice states.
    pub channels: BTreeSet<Channel>,
    /// The assessment behind the legitimate interest; absent or lapsed withholds (LAW-35).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assessment: Option<AssessmentRule>,
    /// When the last notice version that obliges to inform was published.
    pub inform_since: Timestamp,
}

/// A legitimate-interests assessment and how long it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssessmentRule {
    /// Where the controller keeps it.
    pub reference: String,
    /// When it must be reviewed; from then on it has lapsed.
    pub lapses_at: Timestamp,
}

/// The operator's decisions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateSettings {
    /// The country of a contact about whom nothing else is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_country: Option<Country>,
    /// The subscriber class of a contact about whom nothing else is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_subscriber: Option<Subscriber>,
    /// What happens to a contact who has not been informed yet.
    pub uninformed: Uninformed,
}

/// What a missing Art. 21(4) notice means for a mailing on legitimate interests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Uninformed {
    /// Proceed, with the obligation to inform in this very message.
    Oblige,
    /// Withhold with `not_informed`.
    Withhold,
}

impl Rules {
    /// The digest of the canonical form (RFC 8785), which names this rule set.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&self.canonical())
    }

    /// The canonical bytes.
    ///
    /// # Panics
    /// Never: a rule set is plain JSON.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        serde_json_canonicalizer::to_vec(self).expect("rules are canonical JSON")
    }

    /// When the last notice version that obliges to inform of direct marketing was published; `None`
    /// where no purpose is one.
    #[must_use]
    pub fn inform_since(&self) -> Option<Timestamp> {
        self.purposes
            .values()
            .filter(|rule| rule.class == PurposeClass::DirectMarketing)
            .map(|rule| rule.inform_since)
            .max()
    }

    /// Whether the domain, or a parent that includes its subdomains, objected.
    #[must_use]
    pub fn domain_objects(&self, domain: &str) -> bool {
        self.domain_objections.contains_key(domain)
            || domain
                .match_indices('.')
                .any(|(at, _)| self.domain_objections.get(&domain[at + 1..]) == Some(&true))
    }

    /// The company of that domain objects for all its people (LAW-45); `false` where the rules say so
    /// already. What reached the domains below it goes on reaching them.
    pub fn object_domain(&mut self, domain: &Domain, subdomains: bool) -> bool {
        let before = self.domain_objections.get(domain.as_str()).copied();
        if before.is_some_and(|reaches| reaches || !subdomains) {
            return false;
        }
        let domain = domain.as_str().to_owned();
        self.domain_objections.insert(domain, subdomains);
        true
    }

    /// That company's objection no longer holds; `false` where there is none. What its people chose by
    /// themselves is not in the rules.
    pub fn lift_domain(&mut self, domain: &Domain) -> bool {
        self.domain_objections.remove(domain.as_str()).is_some()
    }
}

impl PurposeRule {
    /// The rule for a purpose that two notices carry: what both allow. Class, bases and topics are
    /// the same in both, which publishing makes sure of.
    pub fn merge(&mut self, other: &Self) {
        self.channels
            .retain(|channel| other.channels.contains(channel));
        self.inform_since = self.inform_since.max(other.inform_since);
        self.assessment = match (self.assessment.take(), &other.assessment) {
            (Some(one), Some(two)) if one.lapses_at <= two.lapses_at => Some(one),
            (Some(_), Some(two)) => Some(two.clone()),
            _ => None,
        };
    }
}
