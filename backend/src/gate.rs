//! The gate: reads what holds and answers by the domain's rule. It cannot write.

use std::collections::BTreeMap;
use std::sync::Arc;

use shared::address::Address;
use shared::decision::{Contact, Decision, Question, Withheld, decide};
use shared::digest::Digest;
use shared::rules::Rules;
use shared::standing::Standing;
use shared::time::Timestamp;

use crate::dues::inform_since;
use crate::secrets::Secrets;
use crate::store::{Glance, Keys, Read, Seq, StoreError};

/// Answers whether mailings may go out.
#[derive(Clone)]
pub struct Gate {
    store: Arc<dyn Read>,
    secrets: Arc<Secrets>,
}

/// One address with what is asked about it.
#[derive(Debug, Clone)]
pub struct Check {
    /// `None` where the caller's text is no address.
    pub address: Option<Address>,
    /// The question.
    pub question: Question,
}

/// Decisions taken together, on one state.
#[derive(Debug, Clone)]
pub struct Answer {
    /// When.
    pub at: Timestamp,
    /// On which state of the ledger.
    pub as_of: Seq,
    /// By which rule set; `None` before the first notice was published, when all is withheld.
    pub rules: Option<Digest>,
    /// In the order asked.
    pub decisions: Vec<Decision>,
    /// By when those must be told whose contact came from somebody else (Art. 14(3)), by their place.
    pub notice_due: BTreeMap<usize, Timestamp>,
}

impl Gate {
    /// A gate over that store.
    #[must_use]
    pub fn new(store: Arc<dyn Read>, secrets: Arc<Secrets>) -> Self {
        Self { store, secrets }
    }

    /// Decides all checks on one state of the ledger. An error means: do not send.
    pub async fn decide(&self, checks: &[Check], at: Timestamp) -> Result<Answer, StoreError> {
        self.decide_since(self.store.glance(), checks, at).await
    }

    /// The same on a state that is not before that glance.
    pub async fn decide_since(
        &self,
        glance: Glance,
        checks: &[Check],
        at: Timestamp,
    ) -> Result<Answer, StoreError> {
        let mut keys: Vec<Keys> = Vec::with_capacity(checks.len());
        for address in checks.iter().filter_map(|check| check.address.as_ref()) {
            keys.push(self.secrets.keys(address));
            keys.extend(address.base().map(|base| self.secrets.keys(&base)));
        }
        let snapshot = self.store.look_up_since(glance, &keys).await?;
        let mut known = snapshot.known.iter();
        let mut next = || {
            known
                .next()
                .and_then(Option::as_ref)
                .map(|known| &*known.standing)
        };
        let rules = snapshot.rules.as_ref().map(|stored| &stored.rules);
        let mut notice_due = BTreeMap::new();
        let decisions = checks
            .iter()
            .enumerate()
            .map(|(place, check)| {
                let address = check.address.as_ref();
                let own = address.and_then(|_| next());
                let base = address.and_then(Address::base).and_then(|_| next());
                let due = own.and_then(|own| due_by(rules, own));
                notice_due.extend(due.map(|by| (place, by)));
                answer_to(check, rules, (own, base), at)
            })
            .collect();
        Ok(Answer {
            at,
            as_of: snapshot.as_of,
            rules: snapshot.rules.map(|rules| rules.digest),
            decisions,
            notice_due,
        })
    }
}

/// By when the person must be told, as far as the rules in force do not say that they were.
pub(crate) fn due_by(rules: Option<&Rules>, standing: &Standing) -> Option<Timestamp> {
    let due = standing.notice_due()?;
    due.is_due(inform_since(rules)).then_some(due.by)
}

/// The answer to a check, from what holds for its address and for the one that this is a variant of;
/// `None` where nobody knows it.
pub(crate) fn answer_to(
    check: &Check,
    rules: Option<&Rules>,
    (own, base): (Option<&Standing>, Option<&Standing>),
    at: Timestamp,
) -> Decision {
    let nothing = Standing::default();
    let contact = check.address.as_ref().map(|address| Contact {
        own: own.unwrap_or(&nothing),
        base,
        domain: address.domain(),
    });
    answer(rules, contact, &check.question, at)
}

/// The domain's answer; before the first notice was published there are no rules, and all is
/// withheld.
pub(crate) fn answer(
    rules: Option<&Rules>,
    contact: Option<Contact<'_>>,
    question: &Question,
    at: Timestamp,
) -> Decision {
    match rules {
        Some(rules) => decide(rules, contact, question, at),
        None if contact.is_none() => Decision::withheld(Withheld::InvalidAddress),
        None => Decision::withheld(Withheld::UnknownPurpose),
    }
}
