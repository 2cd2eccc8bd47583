//! What the panel is doing, and what it says about it.

use super::Typed;
use super::offer::{Choice, Offer};
use super::words::{Words, fill};

/// The panel's one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Nothing has happened yet.
    Ready,
    /// The field holds nothing.
    Missing,
    /// The field holds no address.
    Malformed,
    /// The objection is on its way.
    Sending,
    /// The service asked to wait that many seconds.
    Waiting(u32),
    /// Nothing was recorded.
    Failed,
    /// The objection holds.
    Done(Outcome),
}

/// An objection that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What the person can quote.
    pub reference: String,
    /// Where the receipt is.
    pub receipt: String,
    /// Takes exactly this objection back.
    pub undo_token: String,
    /// The topic's name; empty for all.
    pub topic: String,
    /// The end in words; empty for good.
    pub until: String,
    /// Whether it was taken back.
    pub undo: Undo,
}

/// Whether an objection was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undo {
    /// It can be.
    Open,
    /// It was.
    Undone,
    /// It could not be.
    Failed,
    /// The ten minutes are over.
    Over,
}

impl State {
    /// The error at the field; empty when there is none.
    #[must_use]
    pub fn error(&self, words: &Words) -> String {
        match self {
            Self::Missing => words.address_missing.clone(),
            Self::Malformed => words.address_malformed.clone(),
            Self::Ready | Self::Sending | Self::Waiting(_) | Self::Failed | Self::Done(_) => {
                String::new()
            }
        }
    }

    /// Whether the field is in error.
    #[must_use]
    pub const fn is_error(&self) -> bool {
        matches!(self, Self::Missing | Self::Malformed)
    }

    /// Whether the objection was recorded.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }

    /// Whether it was recorded and holds.
    #[must_use]
    pub const fn holds(&self) -> bool {
        matches!(self, Self::Done(done) if !matches!(done.undo, Undo::Undone))
    }

    /// Whether it can be taken back now.
    #[must_use]
    pub const fn can_undo(&self) -> bool {
        matches!(
            self,
            Self::Done(Outcome {
                undo: Undo::Open | Undo::Failed,
                ..
            })
        )
    }

    /// The outcome, when there is one.
    #[must_use]
    pub const fn outcome(&self) -> Option<&Outcome> {
        match self {
            Self::Done(done) => Some(done),
            _ => None,
        }
    }

    /// The sentence in the status region: what changed, or what is going on.
    #[must_use]
    pub fn status(&self, words: &Words) -> String {
        match self {
            Self::Ready | Self::Missing | Self::Malformed => String::new(),
            Self::Sending => words.sending.clone(),
            Self::Waiting(seconds) => fill(&words.waiting, "{seconds}", &seconds.to_string()),
            Self::Failed => words.failed.clone(),
            Self::Done(done) if matches!(done.undo, Undo::Undone) => words.undone.clone(),
            Self::Done(done) if matches!(done.undo, Undo::Failed) => words.undo_failed.clone(),
            Self::Done(done) => done.what(words),
        }
    }

    /// From when, and until when.
    #[must_use]
    pub fn time(&self, words: &Words) -> String {
        self.outcome()
            .map_or_else(String::new, |done| done.when(words))
    }
}

impl Outcome {
    /// What an objection with these choices does, in words; nothing of it is recorded yet. What is not
    /// on offer is named as it was chosen: it is never taken for all, or for good.
    #[must_use]
    pub fn of(offer: &Offer, typed: &Typed) -> Self {
        let name = |choices: &[Choice], value: &str| {
            let found = choices.iter().find(|choice| choice.value == value);
            found.map_or_else(|| value.to_owned(), |choice| choice.name.clone())
        };
        Self {
            reference: String::new(),
            receipt: String::new(),
            undo_token: String::new(),
            topic: name(&offer.topics, &typed.topic),
            until: name(&offer.pauses, &typed.until),
            undo: Undo::Open,
        }
    }

    /// What changed.
    #[must_use]
    pub fn what(&self, words: &Words) -> String {
        match self.topic.as_str() {
            "" => words.objected.clone(),
            topic => fill(&words.objected_topic, "{topic}", topic),
        }
    }

    /// From when, and until when.
    #[must_use]
    pub fn when(&self, words: &Words) -> String {
        match self.until.as_str() {
            "" => words.from_now.clone(),
            until => fill(&words.from_now_until, "{until}", until),
        }
    }
}
