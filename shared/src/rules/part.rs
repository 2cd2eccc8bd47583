//! What a rule set has, and the next one has no longer.

use std::fmt;
use std::str::FromStr;

use super::Rules;
use crate::purpose::{InvalidKey, PurposeClass, PurposeKey, TopicKey};
use crate::scope::Scope;

/// A purpose, or one topic of it; written `PURPOSE` or `PURPOSE.TOPIC`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// The purpose.
    pub purpose: PurposeKey,
    /// The topic; absent for the whole purpose.
    pub topic: Option<TopicKey>,
}

impl Part {
    /// Whether an act of that scope is about this part or something in it, by name.
    #[must_use]
    pub fn is_named_by(&self, scope: &Scope) -> bool {
        scope.purpose.as_ref() == Some(&self.purpose)
            && (self.topic.is_none() || scope.topic == self.topic)
    }
}

impl Rules {
    /// What mailings could be about under these rules, and cannot under the next: what a person stopped
    /// by that name stops nothing then.
    #[must_use]
    pub fn ended_by(&self, next: &Self) -> Vec<Part> {
        let mut ended = Vec::new();
        for (purpose, rule) in &self.purposes {
            let part = |topic| Part {
                purpose: purpose.clone(),
                topic,
            };
            match next.purposes.get(purpose) {
                Some(stays) if !self.mails(purpose) || next.mails(purpose) => {
                    let gone = rule.topics.difference(&stays.topics);
                    ended.extend(gone.map(|topic| part(Some(topic.clone()))));
                }
                _ => ended.push(part(None)),
            }
        }
        ended
    }

    /// Whether that purpose is direct marketing here.
    #[must_use]
    pub fn mails(&self, purpose: &PurposeKey) -> bool {
        let rule = self.purposes.get(purpose);
        rule.is_some_and(|rule| rule.class == PurposeClass::DirectMarketing)
    }
}

impl FromStr for Part {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let (purpose, topic) = match text.split_once('.') {
            Some((purpose, topic)) => (purpose, Some(topic)),
            None => (text, None),
        };
        Ok(Self {
            purpose: PurposeKey::parse(purpose)?,
            topic: topic.map(TopicKey::parse).transpose()?,
        })
    }
}

impl fmt::Display for Part {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.topic {
            Some(topic) => write!(out, "{}.{topic}", self.purpose),
            None => self.purpose.fmt(out),
        }
    }
}
