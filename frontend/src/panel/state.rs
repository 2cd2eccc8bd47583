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
    /// It is not known to hold.
    Failed(Fault),
    /// The objection holds.
    Done(Outcome),
}

/// Why nothing says that something was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It was not: the service said so.
    Refused,
    /// It was not: too much was asked at once.
    Busy,
    /// It may have been: no answer came, or none that tells.
    Unanswered,
}

/// An objection that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Whose address it is about, as typed.
    pub address: String,
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
    /// It may have been.
    Unknown,
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
            Self::Ready | Self::Sending | Self::Waiting(_) | Self::Failed(_) | Self::Done(_) => {
                String::new()
            }
        }
    }

    /// Whether the field is in error.
    #[must_use]
    pub const fn is_error(&self) -> bool {
        matches!(self, Self::Missing | Self::Malformed)
    }

    /// Whether the objection is on its way, so that the address stays what it is about.
    #[must_use]
    pub const fn is_sending(&self) -> bool {
        matches!(self, Self::Sending)
    }

    /// Whether the objection was recorded.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }

    /// Whether it was recorded and is known to hold.
    #[must_use]
    pub const fn holds(&self) -> bool {
        matches!(self, Self::Done(done) if !matches!(done.undo, Undo::Undone | Undo::Unknown))
    }

    /// Whether it can be taken back now.
    #[must_use]
    pub const fn can_undo(&self) -> bool {
        matches!(
            self,
            Self::Done(Outcome {
                undo: Undo::Open | Undo::Failed | Undo::Unknown,
                ..
            })
        )
    }

    /// Notes what became of undoing the objection of that token; an answer about another one is
    /// passed over.
    pub fn turn(&mut self, token: &str, to: Undo) {
        if let Self::Done(done) = self
            && done.undo_token == token
            && (to != Undo::Over || done.undo == Undo::Open)
        {
            done.undo = to;
        }
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
            Self::Failed(fault) => fault.says(words),
            Self::Done(done) => match done.undo {
                Undo::Undone => words.undone.clone(),
                Undo::Failed => words.undo_failed.clone(),
                Undo::Unknown => words.unanswered.clone(),
                Undo::Open | Undo::Over => done.what(words),
            },
        }
    }

    /// From when, and until when.
    #[must_use]
    pub fn time(&self, words: &Words) -> String {
        self.outcome()
            .map_or_else(String::new, |done| done.when(words))
    }
}

impl Fault {
    /// What an answer of that status tells, where it is no success. Only who read the request
    /// refuses it; a failure behind that, or no answer at all, leaves open what was recorded.
    #[must_use]
    pub const fn of(status: Option<u16>) -> Self {
        match status {
            Some(429) => Self::Busy,
            Some(400..=499) => Self::Refused,
            _ => Self::Unanswered,
        }
    }

    /// The sentence for it.
    #[must_use]
    pub fn says(self, words: &Words) -> String {
        match self {
            Self::Refused => words.failed.clone(),
            Self::Busy => words.busy.clone(),
            Self::Unanswered => words.unanswered.clone(),
        }
    }
}

impl Undo {
    /// What an answer tells of an undoing: whether it says that it was done, else the code of the
    /// service's problem. Undoing twice is undoing once.
    #[must_use]
    pub fn of(is_undone: bool, code: &str) -> Self {
        match (is_undone, code) {
            (true, _) => Self::Undone,
            (false, "unknown_token" | "undo_too_late") => Self::Failed,
            _ => Self::Unknown,
        }
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
            address: typed.address.clone(),
            reference: String::new(),
            receipt: String::new(),
            undo_token: String::new(),
            topic: name(&offer.topics, &typed.topic),
            until: name(&offer.pauses, &typed.until),
            undo: Undo::Open,
        }
    }

    /// The reference, and the address that it is about: by now another may stand in the field.
    #[must_use]
    pub fn named(&self) -> String {
        [&self.reference, " (", &self.address, ")"].concat()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn done(token: &str) -> State {
        State::Done(Outcome {
            address: "ann@example.com".to_owned(),
            reference: "A".to_owned(),
            receipt: String::new(),
            undo_token: token.to_owned(),
            topic: String::new(),
            until: String::new(),
            undo: Undo::Open,
        })
    }

    #[test]
    fn only_who_read_a_request_is_taken_to_have_refused_it() {
        for status in [400, 403, 413, 422] {
            assert_eq!(Fault::of(Some(status)), Fault::Refused);
        }
        assert_eq!(Fault::of(Some(429)), Fault::Busy);
        for status in [None, Some(200), Some(500), Some(502), Some(503), Some(504)] {
            assert_eq!(Fault::of(status), Fault::Unanswered);
        }
    }

    #[test]
    fn an_undoing_without_an_answer_of_the_service_is_neither_done_nor_failed() {
        assert_eq!(Undo::of(true, ""), Undo::Undone);
        assert_eq!(Undo::of(false, "undo_too_late"), Undo::Failed);
        for code in ["", "rate_limited", "store_unavailable"] {
            let mut state = done("a");
            state.turn("a", Undo::of(false, code));
            assert!(!state.holds() && state.can_undo());
        }
    }

    #[test]
    fn a_late_answer_to_an_undoing_does_not_touch_a_newer_objection() {
        let mut state = done("newer");
        state.turn("older", Undo::Undone);
        assert!(state.holds());
        state.turn("newer", Undo::Undone);
        assert!(!state.holds());
    }

    #[test]
    fn the_end_of_the_ten_minutes_hides_no_answer() {
        for answer in [Undo::Undone, Undo::Failed, Undo::Unknown] {
            let mut state = done("a");
            state.turn("a", answer);
            state.turn("a", Undo::Over);
            assert_eq!(state.outcome().map(|done| done.undo), Some(answer));
        }
    }
}
