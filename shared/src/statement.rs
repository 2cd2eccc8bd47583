//! What another system states of one address, and what that adds to what holds here (LAW-19).
//!
//! A statement restricts or informs. It ends nothing that the person did, and it says nothing new
//! when it was taken over before: files are imported twice, in parts and in any order.

use std::collections::BTreeSet;

use crate::entry::{Act, Assurance, Entry};
use crate::facts::{CrmReference, Facts, Obtained, SoftOptIn};
use crate::scope::Scope;
use crate::standing::{Consent, Standing, Stands};
use crate::time::Timestamp;

/// What a row of a file states of its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statement {
    /// The person unsubscribed or objected; with an end, for a while.
    Objected {
        /// From what.
        scope: Scope,
        /// The end of a pause.
        until: Option<Timestamp>,
    },
    /// Mail to the address came back for good.
    Bounced,
    /// The person called a message spam.
    SpamReported,
    /// The person consented.
    Consented {
        /// To what: one purpose over one channel.
        scope: Scope,
        /// When they did.
        given: Timestamp,
        /// When that consent ends.
        until: Timestamp,
    },
    /// Facts about the contact.
    Facts {
        /// The facts.
        facts: Facts,
        /// Whether they take the place of what is recorded, also where they are less strict.
        replaces: bool,
    },
    /// Facts of the soft opt-in are said not to be so.
    Denied {
        /// Which.
        facts: BTreeSet<SoftOptIn>,
    },
    /// A message went to the person that did not tell them of anything: it counts where the contact
    /// came from somebody else (LAW-22).
    Mailed {
        /// When.
        at: Timestamp,
    },
    /// The notice in force was put before the person.
    Informed {
        /// When the last version that obliges to inform was published.
        inform_since: Timestamp,
    },
}

/// The statement in words, as evidence keeps it: `mailchimp: unsubscribed 2024-05-01T10:00:00.000Z`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    text: String,
    is_dated: bool,
}

/// What a statement adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Weighed {
    /// An act to append.
    New(Deed),
    /// Nothing: this is known.
    Known,
    /// Nothing: what is recorded is stricter, and stays.
    Stricter,
    /// Nothing: an act of the person stands against it.
    Suppressed,
    /// Nothing: it denies a fact that is recorded, and facts are only added.
    Denied,
    /// Nothing: the contact has as many CRM references as are kept.
    Full,
}

/// An act that follows from a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// The act.
    pub act: Act,
    /// About what.
    pub scope: Scope,
    /// When it ends by itself.
    pub until: Option<Timestamp>,
    /// The facts that are recorded.
    pub facts: Option<Facts>,
}

impl Said {
    /// The words of a statement by that source, with the moment it speaks of.
    #[must_use]
    pub fn new(source: &str, what: &str, when: Option<Timestamp>) -> Self {
        let text = match when {
            Some(when) => format!("{source}: {what} {when}"),
            None => format!("{source}: {what}"),
        };
        Self {
            text,
            is_dated: when.is_some(),
        }
    }

    /// The evidence of an entry: these words, then where the controller keeps what is behind them.
    #[must_use]
    pub fn reference(&self, kept: Option<&str>) -> String {
        match kept {
            Some(kept) => format!("{}; {kept}", self.text),
            None => self.text.clone(),
        }
    }

    /// Whether the entry was made of this very statement: the same words about the same moment.
    fn is_behind(&self, entry: &Entry) -> bool {
        let reference = entry.evidence.reference.as_deref().unwrap_or_default();
        let rest = reference.strip_prefix(&self.text);
        self.is_dated && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("; "))
    }
}

impl Deed {
    fn weighed(act: Act, scope: Scope, until: Option<Timestamp>) -> Weighed {
        Weighed::New(Self {
            act,
            scope,
            until,
            facts: None,
        })
    }
}

impl Statement {
    /// Whether it stands against mailings.
    #[must_use]
    pub const fn restricts(&self) -> bool {
        matches!(
            self,
            Self::Objected { .. } | Self::Bounced | Self::SpamReported
        )
    }

    /// What the statement adds to a standing and the entries behind it, at that moment.
    #[must_use]
    pub fn weigh(
        &self,
        said: &Said,
        standing: &Standing,
        history: &[Entry],
        at: Timestamp,
    ) -> Weighed {
        let before = |act: Act| {
            history.iter().filter(move |entry| {
                entry.act == act && entry.evidence.assurance == Assurance::Imported
            })
        };
        let told = |act: Act| before(act).any(|entry| said.is_behind(entry));
        match self {
            Self::Objected { scope, until } => {
                let act = until.map_or(Act::Objected, |_| Act::Paused);
                let same = |entry: &&Entry| entry.scope == *scope && entry.until == *until;
                let known = match standing.restriction(scope, *until) {
                    Some(Stands::ForGood) => true,
                    // One that is over says nothing of what stands: a page may take that back.
                    Some(Stands::Retractable) => before(act)
                        .filter(same)
                        .any(|entry| standing.is_live(entry.id) || said.is_behind(entry)),
                    None => before(act).filter(same).any(|entry| said.is_behind(entry)),
                };
                match known {
                    true => Weighed::Known,
                    false => Deed::weighed(act, scope.clone(), *until),
                }
            }
            Self::Bounced if standing.hard_bounce.is_some() || told(Act::Bounced) => Weighed::Known,
            Self::Bounced => Deed::weighed(Act::Bounced, Scope::ALL, None),
            Self::SpamReported if standing.spam_reported.is_some() || told(Act::SpamReported) => {
                Weighed::Known
            }
            Self::SpamReported => Deed::weighed(Act::SpamReported, Scope::ALL, None),
            Self::Consented {
                scope,
                given,
                until,
            } => consented(scope, *given, *until, standing, history, at),
            Self::Facts { .. }
            | Self::Denied { .. }
            | Self::Mailed { .. }
            | Self::Informed { .. }
                if standing.erased.is_some() =>
            {
                Weighed::Suppressed
            }
            Self::Mailed { .. } if standing.notice_due().is_none() => Weighed::Known,
            Self::Mailed { at } => recorded(&communicated(*at), false, &standing.facts),
            Self::Denied { facts } => match standing.facts.soft_opt_in.is_disjoint(facts) {
                true => Weighed::Known,
                false => Weighed::Denied,
            },
            Self::Facts { facts, replaces } => {
                let known = Facts {
                    crm_references: CrmReference::of(history),
                    ..standing.facts.clone()
                };
                recorded(facts, *replaces, &known)
            }
            Self::Informed { inform_since } => {
                match standing
                    .informed_at
                    .is_some_and(|when| when >= *inform_since)
                {
                    true => Weighed::Known,
                    false => Deed::weighed(Act::NoticeProvided, Scope::ALL, None),
                }
            }
        }
    }
}

/// A consent counts where nothing of the person stands against it, and only if it is newer than
/// what the person did since: a lift revives no older consent (LAW-18).
fn consented(
    scope: &Scope,
    given: Timestamp,
    until: Timestamp,
    standing: &Standing,
    history: &[Entry],
    at: Timestamp,
) -> Weighed {
    let objected = standing.hits(scope, at).any(|hit| hit.until.is_none());
    let refused = matches!(
        standing.consent(scope, at),
        Consent::Refused(_) | Consent::Withdrawn(_)
    );
    let answered = history.iter().any(|entry| {
        let decides = matches!(
            entry.act,
            Act::Objected | Act::ObjectionLifted | Act::ConsentRefused | Act::ConsentWithdrawn
        );
        decides
            && entry.scope.touches(scope)
            && entry.recorded_at >= given
            && !is_retracted(entry, history)
    });
    if objected
        || refused
        || answered
        || standing.erased.is_some()
        || standing.spam_reported.is_some()
    {
        return Weighed::Suppressed;
    }
    match standing.consents_until(scope, until) {
        true => Weighed::Known,
        false => Deed::weighed(Act::ConsentGiven, scope.clone(), Some(until)),
    }
}

fn is_retracted(entry: &Entry, history: &[Entry]) -> bool {
    history
        .iter()
        .any(|later| later.act == Act::Retracted && later.refers_to.contains(&entry.id))
}

fn communicated(at: Timestamp) -> Facts {
    Facts {
        obtained: Obtained {
            communicated_at: Some(at),
            ..Obtained::default()
        },
        ..Facts::default()
    }
}

fn recorded(stated: &Facts, replaces: bool, recorded: &Facts) -> Weighed {
    let then = match replaces {
        true => recorded.replaced(stated),
        false => recorded.stricter(stated),
    };
    if then.crm_references.len() > CrmReference::MOST {
        return Weighed::Full;
    }
    if then != *recorded {
        return Weighed::New(Deed {
            act: Act::FactRecorded,
            scope: Scope::ALL,
            until: None,
            facts: Some(then.less(recorded)),
        });
    }
    match recorded.replaced(stated) == *recorded {
        true => Weighed::Known,
        false => Weighed::Stricter,
    }
}
