//! The gate: one pure, total rule and its answer.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::facts::{Country, Facts, Regime, Subscriber, is_corporate};
use crate::legal_basis::LegalBasis;
use crate::purpose::{Channel, PurposeClass, PurposeKey, TopicKey};
use crate::rules::{PurposeRule, Rules, Uninformed};
use crate::scope::Scope;
use crate::standing::{Consent, Standing};
use crate::time::Timestamp;

mod reason;

pub use reason::{Ground, Reason, Withheld};

/// "May we reach this contact about this, over this channel?"
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The purpose; `None` where the caller's text cannot be the name of one.
    pub purpose: Option<PurposeKey>,
    /// The topic; without one the question is about anything of the purpose.
    pub topic: Option<TopicKey>,
    /// The channel.
    pub channel: Channel,
    /// What the caller states about the contact.
    pub stated: Stated,
    /// The caller's word that this mailing carries the Art. 21(4) block.
    pub first_contact: bool,
}

/// The caller's own knowledge of a contact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Stated {
    /// The country.
    pub country: Option<Country>,
    /// The subscriber class.
    pub subscriber: Option<Subscriber>,
}

/// What is known of the address that the question is about.
#[derive(Debug, Clone, Copy)]
pub struct Contact<'a> {
    /// What holds for the address itself.
    pub own: &'a Standing,
    /// What holds for the address without its `+tag`, if it has one (SEC-33).
    pub base: Option<&'a Standing>,
    /// The domain, in lower-case ASCII.
    pub domain: &'a str,
}

/// What a mailing that may go out must do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Obligation {
    /// Tell the person of the right to object, set apart from all else (Art. 21(4)).
    InformOfRightToObject,
}

/// The gate's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The mailing may go out.
    Proceed {
        /// On what ground.
        ground: Ground,
        /// What it must do.
        obligations: Vec<Obligation>,
        /// The entries that the answer rests on.
        evidence: Vec<Uuid>,
    },
    /// The mailing must not go out.
    Withhold {
        /// All reasons; the first decides. Never empty.
        reasons: Vec<Withheld>,
        /// The entries that the answer rests on.
        evidence: Vec<Uuid>,
    },
}

/// What of a question a rule set does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// The purpose, as one of direct marketing.
    Purpose,
    /// The topic, of that purpose.
    Topic,
    /// The channel, for that purpose.
    Channel,
}

impl Unknown {
    /// The name of that part of the question.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Purpose => "purpose",
            Self::Topic => "topic",
            Self::Channel => "channel",
        }
    }
}

impl Decision {
    /// A refusal that rests on no entry.
    #[must_use]
    pub fn withheld(reason: Withheld) -> Self {
        Self::Withhold {
            reasons: vec![reason],
            evidence: Vec::new(),
        }
    }

    /// Whether the mailing may go out.
    #[must_use]
    pub const fn proceeds(&self) -> bool {
        matches!(self, Self::Proceed { .. })
    }
}

/// Answers one question at one moment (LAW-14). `contact` is `None` where the address could not be
/// read. When unsure it withholds; the first reason decides, and all that apply are given.
#[must_use]
pub fn decide(
    rules: &Rules,
    contact: Option<Contact<'_>>,
    question: &Question,
    at: Timestamp,
) -> Decision {
    let Some(contact) = contact else {
        return Decision::withheld(Withheld::InvalidAddress);
    };
    let Ok((rule, asked)) = marketing_rule(rules, question) else {
        return Decision::withheld(Withheld::UnknownPurpose);
    };
    let mut findings = Findings::default();
    findings.restrictions(&contact, &asked, at);
    findings.suppressions(rules, &contact, question.channel);
    let consent = contact.own.consent(&asked, at);
    findings.refusals(consent);
    let Some(ground) = ground(rules, rule, &contact, consent, question) else {
        return findings.withhold(Withheld::NoConsent);
    };
    let on_interest = ground != Ground::Consent;
    if on_interest && !is_assessed(rule, at) {
        findings.find(Withheld::LiaMissing, None);
    }
    let told = question.first_contact
        || contact
            .own
            .informed_at
            .is_some_and(|when| when >= rule.inform_since);
    let mut obligations = Vec::new();
    if !told {
        if on_interest && rules.settings.uninformed == Uninformed::Withhold {
            return findings.withhold(Withheld::NotInformed);
        }
        obligations.push(Obligation::InformOfRightToObject);
    }
    if ground == Ground::Consent {
        findings.evidence.extend(given(consent));
    }
    findings.proceed(ground, obligations)
}

/// What of a standing bears on that question: [`decide`] gives the same answer from it, save for the
/// entries that it names. Few standings differ in what bears on one question, so that one decision
/// serves for many contacts.
#[must_use]
pub fn bearing(rules: &Rules, standing: &Standing, question: &Question, at: Timestamp) -> Standing {
    match marketing_rule(rules, question) {
        Ok((rule, asked)) => standing.bearing(&asked, at, rule.inform_since),
        Err(_) => Standing::default(),
    }
}

/// What of a question these rules do not know, if anything: whoever is asked about, [`decide`]
/// withholds then.
#[must_use]
pub fn unknown(rules: &Rules, question: &Question) -> Option<Unknown> {
    marketing_rule(rules, question).err()
}

fn marketing_rule<'a>(
    rules: &'a Rules,
    question: &Question,
) -> Result<(&'a PurposeRule, Scope), Unknown> {
    let purpose = question.purpose.as_ref().ok_or(Unknown::Purpose)?;
    let rule = rules.purposes.get(purpose).ok_or(Unknown::Purpose)?;
    if rule.class != PurposeClass::DirectMarketing {
        return Err(Unknown::Purpose);
    }
    let topic = question.topic.as_ref();
    if topic.is_some_and(|topic| !rule.topics.contains(topic)) {
        return Err(Unknown::Topic);
    }
    if !rule.channels.contains(&question.channel) {
        return Err(Unknown::Channel);
    }
    let asked = Scope {
        purpose: Some(purpose.clone()),
        topic: question.topic.clone(),
        channel: Some(question.channel),
    };
    Ok((rule, asked))
}

/// The ground that the law and the notice allow, were there no restriction; `None` needs consent.
fn ground(
    rules: &Rules,
    rule: &PurposeRule,
    contact: &Contact<'_>,
    consent: Consent,
    question: &Question,
) -> Option<Ground> {
    if matches!(consent, Consent::Given(_)) && rule.bases.contains(&LegalBasis::Consent) {
        return Some(Ground::Consent);
    }
    if !rule.bases.contains(&LegalBasis::LegitimateInterests) {
        return None;
    }
    let facts = &contact.own.facts;
    // Of the mailbox without its tag only what asks for more.
    let base = contact.base.map(|base| &base.facts);
    let settings = &rules.settings;
    let stated = question.stated;
    let regime = Regime::of(facts.country, stated.country, settings.default_country);
    if regime == Regime::Strict || base.is_some_and(Facts::is_abroad) {
        return None;
    }
    let corporate = !base.is_some_and(Facts::is_individual)
        && is_corporate(
            facts.subscriber,
            stated.subscriber,
            settings.default_subscriber,
            rules.consumer_domains.contains(contact.domain),
        );
    if corporate {
        Some(Ground::LegitimateInterest)
    } else {
        (facts.soft_opt_in.len() == 3).then_some(Ground::SoftOptIn)
    }
}

fn is_assessed(rule: &PurposeRule, at: Timestamp) -> bool {
    rule.assessment
        .as_ref()
        .is_some_and(|assessment| at < assessment.lapses_at)
}

fn given(consent: Consent) -> Option<Uuid> {
    match consent {
        Consent::Given(entry) => Some(entry),
        _ => None,
    }
}

#[derive(Default)]
struct Findings {
    reasons: Vec<Withheld>,
    evidence: Vec<Uuid>,
}

impl Findings {
    fn find(&mut self, reason: Withheld, evidence: Option<Uuid>) {
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
        self.evidence.extend(evidence);
    }

    fn restrictions(&mut self, contact: &Contact<'_>, asked: &Scope, at: Timestamp) {
        let both = || contact.base.into_iter().chain([contact.own]);
        let hits = || both().flat_map(|standing| standing.hits(asked, at));
        for hit in hits().filter(|hit| hit.until.is_none()) {
            self.find(Withheld::Objected, Some(hit.entry));
        }
        for hit in hits().filter(|hit| hit.until.is_some()) {
            self.find(Withheld::Paused, Some(hit.entry));
        }
    }

    fn suppressions(&mut self, rules: &Rules, contact: &Contact<'_>, channel: Channel) {
        if rules.domain_objects(contact.domain) {
            self.find(Withheld::DomainObjected, None);
        }
        let both = || contact.base.into_iter().chain([contact.own]);
        for entry in both().filter_map(|standing| standing.erased) {
            self.find(Withheld::Erased, Some(entry));
        }
        if channel == Channel::Email {
            for entry in both().filter_map(|standing| standing.hard_bounce) {
                self.find(Withheld::HardBounce, Some(entry));
            }
            for entry in both().filter_map(|standing| standing.spam_reported) {
                self.find(Withheld::SpamReported, Some(entry));
            }
        }
    }

    fn refusals(&mut self, consent: Consent) {
        match consent {
            Consent::Refused(entry) => self.find(Withheld::ConsentRefused, Some(entry)),
            Consent::Withdrawn(entry) => self.find(Withheld::ConsentWithdrawn, Some(entry)),
            Consent::Expired(entry) => self.find(Withheld::ConsentExpired, Some(entry)),
            Consent::Unknown | Consent::Given(_) => {}
        }
    }

    fn proceed(self, ground: Ground, obligations: Vec<Obligation>) -> Decision {
        let Self { reasons, evidence } = self;
        if reasons.is_empty() {
            Decision::Proceed {
                ground,
                obligations,
                evidence,
            }
        } else {
            Decision::Withhold { reasons, evidence }
        }
    }

    fn withhold(mut self, reason: Withheld) -> Decision {
        self.find(reason, None);
        Decision::Withhold {
            reasons: self.reasons,
            evidence: self.evidence,
        }
    }
}
