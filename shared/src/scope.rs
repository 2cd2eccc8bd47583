//! What an act is about: a purpose, perhaps one topic of it, perhaps one channel.

use serde::{Deserialize, Serialize};

use crate::purpose::{Channel, PurposeKey, TopicKey};

/// The reach of an act. What is left out is all of it: no channel means every channel, no topic
/// every topic, no purpose every direct-marketing purpose, present and future (Art. 21(2)). The
/// fields stand in the order of their names: see [`crate::entry::Entry::canonical`].
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// The channel; absent for all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// The purpose; absent for all direct marketing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<PurposeKey>,
    /// The topic; absent for all of the purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<TopicKey>,
}

impl Scope {
    /// Everything: all direct marketing, on every channel.
    pub const ALL: Self = Self {
        purpose: None,
        topic: None,
        channel: None,
    };

    /// Whether all of `other` lies within this scope.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        covers(self.purpose.as_ref(), other.purpose.as_ref())
            && covers(self.topic.as_ref(), other.topic.as_ref())
            && covers(self.channel.as_ref(), other.channel.as_ref())
    }

    /// Whether a mailing about `other` would touch this scope. A question about anything of a
    /// purpose touches each of its topics.
    #[must_use]
    pub fn touches(&self, other: &Self) -> bool {
        overlaps(self.purpose.as_ref(), other.purpose.as_ref())
            && overlaps(self.topic.as_ref(), other.topic.as_ref())
            && overlaps(self.channel.as_ref(), other.channel.as_ref())
    }
}

fn covers<T: PartialEq>(whole: Option<&T>, part: Option<&T>) -> bool {
    whole.is_none() || whole == part
}

fn overlaps<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
    one.is_none() || other.is_none() || one == other
}
