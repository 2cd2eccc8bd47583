//! What changed between two versions of a notice, by meaning (NOT-08).

mod slots;

use std::collections::BTreeSet;

use serde::Serialize;

use super::Notice;
use super::party::Recipient;
use super::purpose::{DataCategoryKey, Purpose};
use super::retention::{Keep, Rule, RuleKey};
use super::slot::SlotName;
use super::version::NoticeVersion;
use crate::legal_basis::LegalBasis;
use crate::purpose::{Channel, PurposeClass, PurposeKey, TopicKey};

/// One change, with enough for a page to describe it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "the fields are what their names say: the thing, old and new"
)]
pub enum Change {
    /// The text got a structure. What it says of recipients and retention was not there before, so
    /// this obliges to inform.
    FirstStructured,
    /// Data is used for something new.
    NewPurpose { purpose: PurposeKey },
    /// Data is no longer used for something.
    RemovedPurpose { purpose: PurposeKey },
    /// A purpose can be objected to in another way.
    ChangedClass {
        purpose: PurposeKey,
        old: PurposeClass,
        new: PurposeClass,
    },
    /// A purpose rests on other bases.
    ChangedBasis {
        purpose: PurposeKey,
        old: Vec<LegalBasis>,
        new: Vec<LegalBasis>,
    },
    /// Records of a class may be kept longer, or from another event on.
    LongerRetention { rule: RuleKey, old: Keep, new: Keep },
    /// Records of a class are kept shorter.
    ShorterRetention { rule: RuleKey, old: Keep, new: Keep },
    /// A class of records is named for the first time.
    NewRetention { rule: RuleKey, new: Keep },
    /// A class of records is no longer named.
    RemovedRetention { rule: RuleKey, old: Keep },
    /// Data of a purpose falls under another rule of retention as well.
    WiderRetention { purpose: PurposeKey, rule: RuleKey },
    /// Somebody new receives data.
    NewRecipient { key: String, name: String },
    /// Somebody no longer receives data.
    RemovedRecipient { key: String, name: String },
    /// Data goes to another country.
    NewTransfer { country: String },
    /// A purpose has a new part that can be chosen alone.
    NewTopic {
        purpose: PurposeKey,
        topic: TopicKey,
    },
    /// A part is gone.
    RemovedTopic {
        purpose: PurposeKey,
        topic: TopicKey,
    },
    /// A purpose uses a new channel.
    NewChannel {
        purpose: PurposeKey,
        channel: Channel,
    },
    /// A purpose no longer uses a channel.
    RemovedChannel {
        purpose: PurposeKey,
        channel: Channel,
    },
    /// A purpose uses more data.
    NewData {
        purpose: PurposeKey,
        category: DataCategoryKey,
    },
    /// A purpose uses less data.
    RemovedData {
        purpose: PurposeKey,
        category: DataCategoryKey,
    },
    /// Somebody else answers for the data.
    NewController { name: String },
    /// The notice says something else in a slot, which no other change names.
    ChangedSlot { slot: SlotName },
    /// Only words changed, or when an assessment was reviewed.
    WordingOnly,
}

impl Change {
    /// Whether people must be informed again (NOT-08; Art. 13(3), 14(4)). What is said of automated
    /// decisions is free text, of which nobody can tell that it means the same.
    #[must_use]
    pub const fn obliges_to_inform(&self) -> bool {
        matches!(
            self,
            Self::FirstStructured
                | Self::NewPurpose { .. }
                | Self::ChangedClass { .. }
                | Self::ChangedBasis { .. }
                | Self::LongerRetention { .. }
                | Self::WiderRetention { .. }
                | Self::NewRecipient { .. }
                | Self::NewTransfer { .. }
                | Self::NewData { .. }
                | Self::NewController { .. }
                | Self::ChangedSlot {
                    slot: SlotName::AutomatedDecisions
                }
        )
    }
}

/// Whether one of the changes obliges to inform people again.
#[must_use]
pub fn obliges_to_inform(changes: &[Change]) -> bool {
    changes.iter().any(Change::obliges_to_inform)
}

/// What changed from the old version to the new one; nothing when they say the same. Version
/// number and effective date alone are no change.
#[must_use]
pub fn difference(old: &NoticeVersion, new: &NoticeVersion) -> Vec<Change> {
    match (old.notice(), new.notice()) {
        (Some(old), Some(new)) => between(old, new),
        (None, Some(_)) => vec![Change::FirstStructured],
        _ if old == new => Vec::new(),
        _ => vec![Change::WordingOnly],
    }
}

fn between(old: &Notice, new: &Notice) -> Vec<Change> {
    let mut changes = Vec::new();
    for purpose in &new.purposes {
        match old.purpose(&purpose.key) {
            Some(before) => purpose_changes(before, purpose, &mut changes),
            None => changes.push(Change::NewPurpose {
                purpose: purpose.key.clone(),
            }),
        }
    }
    let gone = old
        .purposes
        .iter()
        .filter(|purpose| new.purpose(&purpose.key).is_none());
    changes.extend(gone.map(|purpose| Change::RemovedPurpose {
        purpose: purpose.key.clone(),
    }));
    retention_changes(old, new, &mut changes);
    recipient_changes(old, new, &mut changes);
    slots::changes(old, new, &mut changes);
    let same_but_name = Notice {
        version: new.version,
        effective: new.effective,
        ..old.clone()
    } == *new;
    if changes.is_empty() && !same_but_name {
        changes.push(Change::WordingOnly);
    }
    changes
}

fn purpose_changes(old: &Purpose, new: &Purpose, changes: &mut Vec<Change>) {
    let purpose = || new.key.clone();
    if old.class != new.class {
        let (old, new) = (old.class, new.class);
        changes.push(Change::ChangedClass {
            purpose: purpose(),
            old,
            new,
        });
    }
    let [before, after] = [old, new].map(|purpose| -> Vec<LegalBasis> {
        purpose.bases.iter().map(|used| used.basis).collect()
    });
    if set(&before) != set(&after) {
        changes.push(Change::ChangedBasis {
            purpose: purpose(),
            old: before,
            new: after,
        });
    }
    for rule in added(&old.retention, &new.retention) {
        changes.push(Change::WiderRetention {
            purpose: purpose(),
            rule,
        });
    }
    let [before, after] = [old, new].map(|purpose| -> Vec<TopicKey> {
        purpose
            .topics
            .iter()
            .map(|topic| topic.key.clone())
            .collect()
    });
    for topic in added(&before, &after) {
        changes.push(Change::NewTopic {
            purpose: purpose(),
            topic,
        });
    }
    for topic in added(&after, &before) {
        changes.push(Change::RemovedTopic {
            purpose: purpose(),
            topic,
        });
    }
    for channel in added(&old.channels, &new.channels) {
        changes.push(Change::NewChannel {
            purpose: purpose(),
            channel,
        });
    }
    for channel in added(&new.channels, &old.channels) {
        changes.push(Change::RemovedChannel {
            purpose: purpose(),
            channel,
        });
    }
    for category in added(&old.data_categories, &new.data_categories) {
        changes.push(Change::NewData {
            purpose: purpose(),
            category,
        });
    }
    for category in added(&new.data_categories, &old.data_categories) {
        changes.push(Change::RemovedData {
            purpose: purpose(),
            category,
        });
    }
}

fn retention_changes(old: &Notice, new: &Notice, changes: &mut Vec<Change>) {
    for rule in &new.retention {
        let key = rule.key.clone();
        match old.rule(&rule.key) {
            None => changes.push(Change::NewRetention {
                rule: key,
                new: rule.keep.clone(),
            }),
            Some(before) => {
                let (old, new) = (before.keep.clone(), rule.keep.clone());
                if may_keep_longer(before, rule) {
                    changes.push(Change::LongerRetention {
                        rule: key,
                        old,
                        new,
                    });
                } else if may_keep_longer(rule, before) {
                    changes.push(Change::ShorterRetention {
                        rule: key,
                        old,
                        new,
                    });
                }
            }
        }
    }
    let gone = old
        .retention
        .iter()
        .filter(|rule| new.rule(&rule.key).is_none());
    changes.extend(gone.map(|rule| Change::RemovedRetention {
        rule: rule.key.clone(),
        old: rule.keep.clone(),
    }));
}

/// Whether a record may be kept longer under the new rule than under the old. Another event, or
/// another reason to keep, counts as longer: nobody can tell that it is not.
fn may_keep_longer(old: &Rule, new: &Rule) -> bool {
    let keep = match (&old.keep, &new.keep) {
        (
            Keep::For { period, start },
            Keep::For {
                period: other,
                start: event,
            },
        ) => other.is_longer_than(*period) || start != event,
        (
            Keep::While { lasts, review },
            Keep::While {
                lasts: event,
                review: other,
            },
        ) => other.is_longer_than(*review) || lasts != event,
        (Keep::For { .. }, Keep::While { .. }) | (Keep::While { .. }, Keep::For { .. }) => true,
    };
    keep || !added(&old.overrides, &new.overrides).is_empty()
}

fn recipient_changes(old: &Notice, new: &Notice, changes: &mut Vec<Change>) {
    let [before, after] = [old, new].map(|notice| -> &[Recipient] {
        notice
            .slots
            .recipients
            .filled()
            .map_or(&[], |recipients| recipients.as_slice())
    });
    // Another name under the same key may be somebody else: when unsure, people are told.
    let same = |one: &Recipient, other: &Recipient| one.key == other.key && one.name == other.name;
    let beyond = |list: &[Recipient], known: &[Recipient]| -> Vec<(String, String)> {
        let fresh = list
            .iter()
            .filter(|r| !known.iter().any(|other| same(r, other)));
        fresh.map(|r| (r.key.clone(), r.name.clone())).collect()
    };
    let fresh = beyond(after, before).into_iter();
    changes.extend(fresh.map(|(key, name)| Change::NewRecipient { key, name }));
    let gone = beyond(before, after).into_iter();
    changes.extend(gone.map(|(key, name)| Change::RemovedRecipient { key, name }));
    let [before, after] = [old, new].map(|notice| -> Vec<String> {
        let transfers = notice.slots.transfers.filled().into_iter().flatten();
        transfers.map(|transfer| transfer.country.clone()).collect()
    });
    let fresh = added(&before, &after).into_iter();
    changes.extend(fresh.map(|country| Change::NewTransfer { country }));
}

fn set<T: Ord>(items: &[T]) -> BTreeSet<&T> {
    items.iter().collect()
}

fn added<T: Ord + Clone>(old: &[T], new: &[T]) -> Vec<T> {
    let old = set(old);
    new.iter()
        .filter(|item| !old.contains(item))
        .cloned()
        .collect()
}
