//! Whether the notices in force state what is asked about a list. Where they do not, every row would be
//! withheld for a slip of whoever asked, and be taken for the wish of those whom it names.

use shared::decision::{Question, Unknown, unknown};
use shared::purpose::{PurposeClass, TopicKey};
use shared::rules::Rules;

/// A question about a purpose, topic or channel that no notice in force states, with those that there are.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub struct UnknownQuestion {
    field: &'static str,
    why: String,
}

impl UnknownQuestion {
    /// What of the question is unknown; `None` where the notices state all of it.
    pub(super) fn of(rules: &Rules, question: &Question) -> Option<Self> {
        let what = unknown(rules, question)?;
        let purpose = question.purpose.as_ref();
        let name = purpose.map_or_else(String::new, ToString::to_string);
        let rule = purpose.and_then(|purpose| rules.purposes.get(purpose));
        let why = match (what, rule) {
            (Unknown::Topic, Some(rule)) => {
                let topics = rule.topics.iter().map(TopicKey::as_str);
                format!("{name} has no such topic; it has: {}", listed(topics))
            }
            (Unknown::Channel, Some(rule)) => {
                let channels = rule.channels.iter().map(|channel| channel.as_str());
                let channels = listed(channels);
                format!("{name} does not go over this channel; it goes over: {channels}")
            }
            _ => {
                let marketing = rules.purposes.iter();
                let marketing =
                    marketing.filter(|(_, rule)| rule.class == PurposeClass::DirectMarketing);
                format!(
                    "no notice in force states the purpose {name} as direct marketing; there are: {}",
                    listed(marketing.map(|(key, _)| key.as_str()))
                )
            }
        };
        let field = what.as_str();
        Some(Self { field, why })
    }

    /// Which part of the question it is: `purpose`, `topic` or `channel`.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        self.field
    }
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.collect();
    match names.is_empty() {
        true => "none".to_owned(),
        false => names.join(", "),
    }
}
