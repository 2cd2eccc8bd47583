//! One's own choices inside the widget: a code is mailed, typed here, and what holds is shown. The
//! session lives in this state alone and ends with the page.

use leptos::prelude::*;

use super::words::{Words, fill};
use super::{Fault, Offer};

/// What this part shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Own {
    /// What is said of the last press.
    pub said: Said,
    /// Whether a code was asked for: its field stays until the code is used.
    pub asked: bool,
    /// What holds, while the contact is signed in.
    pub open: Option<Choices>,
    /// The last choice, while it can be undone or its receipt fetched.
    pub made: Option<Made>,
}

/// What is said of the last press.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Said {
    /// Nothing has happened yet.
    #[default]
    Nothing,
    /// The address field holds nothing.
    Missing,
    /// The address field holds no address.
    Malformed,
    /// The code field holds nothing.
    NoCode,
    /// Something is on its way.
    Busy,
    /// A code was asked for; whether one went out is not told.
    Asked,
    /// The code does not fit the address, is used or too old.
    WrongCode,
    /// What holds is shown.
    Shown,
    /// A choice was recorded.
    Made,
    /// It was taken back.
    Undone,
    /// It could not be taken back.
    UndoFailed,
    /// Another act came between: the choice was not recorded.
    Changed,
    /// It is not known to be done.
    Failed(Fault),
    /// The session is over, ended by the person or by time.
    Over,
}

/// A choice that was recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Made {
    /// What it was, in words.
    pub says: String,
    /// What the person can quote.
    pub reference: String,
    /// Where the receipt is.
    pub receipt: String,
    /// Takes it back for ten minutes; empty where the way back is another choice.
    pub undo_token: String,
}

/// The answer to a press.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Heard {
    /// What is to be said.
    pub said: Said,
    /// What holds now, where that could be read.
    pub open: Option<Choices>,
    /// The choice that was recorded.
    pub made: Option<Made>,
}

impl From<Said> for Heard {
    fn from(said: Said) -> Self {
        Self {
            said,
            ..Self::default()
        }
    }
}

/// What holds for the signed-in contact.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Choices {
    /// The bearer, in memory only.
    pub session: String,
    /// The state of the ledger that is shown.
    pub as_of: f64,
    /// What holds and what can be done about it.
    pub lines: Vec<Line>,
}

/// One thing that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// In words.
    pub says: String,
    /// What must stand beside its buttons; may be empty.
    pub beside: String,
    /// Its buttons.
    pub presses: Vec<OwnPress>,
}

/// A button, and what it sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPress {
    /// On it.
    pub label: String,
    /// The fields that it sends, by name.
    pub fields: Vec<(String, String)>,
}

impl Said {
    /// What an answer tells that is no success, by its status and the code of the service's problem.
    #[must_use]
    pub fn of(status: Option<u16>, code: &str) -> Self {
        match code {
            "sign_in_needed" => Self::Over,
            "changed_meanwhile" => Self::Changed,
            _ => Self::Failed(Fault::of(status)),
        }
    }
}

impl Own {
    /// What is shown after that answer.
    #[must_use]
    pub fn after(self, heard: Heard) -> Self {
        let Heard { said, open, made } = heard;
        // What was shown before a choice says nothing about what holds after it.
        let stale = matches!(said, Said::Made | Said::Undone) && open.is_none();
        let before = self.open.filter(|_| said != Said::Over);
        let open = open.or(before.map(|before| match stale {
            true => Choices {
                lines: Vec::new(),
                ..before
            },
            false => before,
        }));
        let asked = match said {
            _ if open.is_some() => false,
            Said::Over => false,
            // Without an answer the message may be on its way all the same.
            Said::Asked | Said::Failed(Fault::Unanswered) => true,
            _ => self.asked,
        };
        let made = match said {
            Said::Undone | Said::UndoFailed | Said::Over => None,
            _ => made.or(self.made),
        };
        Self {
            said,
            asked,
            open,
            made,
        }
    }

    /// The error at the address field; empty when there is none.
    #[must_use]
    pub fn error(&self, words: &Words) -> String {
        match self.said {
            Said::Missing => words.address_missing.clone(),
            Said::Malformed => words.address_malformed.clone(),
            _ => String::new(),
        }
    }

    /// The error at the code's field; empty when there is none.
    #[must_use]
    pub fn code_error(&self, words: &Words) -> String {
        match self.said {
            Said::NoCode => words.own_no_code.clone(),
            _ => String::new(),
        }
    }

    /// Whether the address field is in error.
    #[must_use]
    pub const fn is_error(&self) -> bool {
        matches!(self.said, Said::Missing | Said::Malformed)
    }

    /// Whether an answer is waited for, so that no further press counts.
    #[must_use]
    pub const fn is_busy(&self) -> bool {
        matches!(self.said, Said::Busy)
    }

    /// Whether the last choice can be taken back here.
    #[must_use]
    pub fn can_undo(&self) -> bool {
        let made = self.made.as_ref();
        made.is_some_and(|made| !made.undo_token.is_empty())
    }

    /// The sentence in the status region.
    #[must_use]
    pub fn status(&self, words: &Words) -> String {
        match self.said {
            Said::Nothing | Said::Missing | Said::Malformed | Said::NoCode => String::new(),
            Said::Busy => words.own_busy.clone(),
            Said::Asked => words.own_asked.clone(),
            Said::WrongCode => words.own_wrong.clone(),
            Said::Shown => words.own_open.clone(),
            Said::Made => self.made.as_ref().map_or_else(String::new, |made| {
                let reference = fill(&words.reference, "{reference}", &made.reference);
                [&made.says, " ", &reference].concat()
            }),
            Said::Undone => words.undone.clone(),
            Said::UndoFailed => words.undo_failed.clone(),
            Said::Changed => [&words.own_changed, " ", &words.own_open].concat(),
            Said::Failed(fault) => fault.says(words),
            Said::Over => words.own_over.clone(),
        }
    }
}

/// The part in its section. The list is filled by the browser, when there is something to show.
pub(super) fn own(offer: &Offer, state: RwSignal<Own>) -> impl IntoView + use<> {
    let words = StoredValue::new(offer.words.clone());
    let word = move |pick: fn(&Words) -> &String| words.with_value(|words| pick(words).clone());
    let said = move |say: fn(&Own, &Words) -> String| {
        move || words.with_value(|words| state.with(|state| say(state, words)))
    };
    let action = [offer.base.as_str(), "/self/link"].concat();
    let (notice, language) = (offer.notice.clone(), offer.language.clone());
    let wrong = move || state.with(Own::is_error);
    let no_code = move || state.with(|state| state.said == Said::NoCode);
    let busy = move || state.with(Own::is_busy);
    let signed_in = move || state.with(|state| state.open.is_some());
    let label = move || {
        let code = state.with(|state| state.asked);
        words.with_value(|words| match code {
            true => words.own_show.clone(),
            false => words.own_send.clone(),
        })
    };
    view! {
        <details class="consent own">
            <summary>
                <h2 id="own">{word(|w| &w.own_heading)}</h2>
            </summary>
            <p>{word(|w| &w.own_promise)}</p>
            <form id="own-form" method="post" action=action novalidate hidden=signed_in>
                <input type="hidden" name="notice" value=notice/>
                <input type="hidden" name="lang" value=language/>
                <div class="field" class:wrong=wrong>
                    <label for="own-address">{word(|w| &w.address)}</label>
                    <p id="own-error" class="error" role="alert">{said(Own::error)}</p>
                    <input
                        id="own-address"
                        name="address"
                        type="email"
                        autocomplete="email"
                        spellcheck="false"
                        required
                        aria-describedby="own-error"
                        aria-invalid=move || wrong().then_some("true")
                        readonly=busy
                    />
                </div>
                <div class="field" class:wrong=no_code hidden=move || !state.with(|state| state.asked)>
                    <label for="own-code">{word(|w| &w.own_code)}</label>
                    <p id="own-code-error" class="error" role="alert">{said(Own::code_error)}</p>
                    <input
                        id="own-code"
                        name="code"
                        autocomplete="one-time-code"
                        spellcheck="false"
                        aria-describedby="own-code-error"
                        aria-invalid=move || no_code().then_some("true")
                        readonly=busy
                    />
                </div>
                <p class="row">
                    <button class="quiet">{label}</button>
                    <button id="own-again" type="button" class="quiet" hidden=move || !state.with(|state| state.asked)>{word(|w| &w.own_send)}</button>
                </p>
            </form>
            <div class="answer" class:done=signed_in>
                <p role="status" tabindex="-1">{said(Own::status)}</p>
                <p class="row" hidden=move || state.with(|state| state.made.is_none())>
                    <button id="own-undo" type="button" class="quiet" hidden=move || !state.with(Own::can_undo)>{word(|w| &w.undo)}</button>
                    <a download href=said(|own, _| own.made.as_ref().map_or_else(String::new, |made| made.receipt.clone()))>{word(|w| &w.receipt)}</a>
                </p>
                <ul id="own-lines" class="kept" hidden=move || !signed_in()></ul>
                <p class="row" hidden=move || !signed_in()>
                    <button id="own-leave" type="button" class="quiet">{word(|w| &w.own_leave)}</button>
                </p>
            </div>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open() -> Own {
        let line = Line {
            says: "Email: yes".to_owned(),
            beside: String::new(),
            presses: Vec::new(),
        };
        let choices = Choices {
            session: "s".to_owned(),
            as_of: 1.0,
            lines: vec![line],
        };
        Own::default().after(Heard {
            open: Some(choices),
            ..Said::Shown.into()
        })
    }

    fn made() -> Heard {
        let made = Made {
            undo_token: "u".to_owned(),
            ..Made::default()
        };
        Heard {
            made: Some(made),
            ..Said::Made.into()
        }
    }

    #[test]
    fn a_code_in_hand_outlives_a_wait_and_an_emptied_address() {
        let asked = Own::default().after(Said::Asked.into());
        for said in [
            Said::Busy,
            Said::Missing,
            Said::Malformed,
            Said::NoCode,
            Said::WrongCode,
            Said::Failed(Fault::Refused),
            Said::Failed(Fault::Busy),
        ] {
            assert!(asked.clone().after(said.into()).asked, "{said:?}");
        }
        assert!(!Own::default().after(Said::Busy.into()).asked);
    }

    #[test]
    fn a_code_may_be_typed_where_nobody_knows_whether_it_was_sent() {
        let own = Own::default().after(Said::of(None, "").into());
        assert!(own.asked);
        let busy = Said::of(Some(429), "rate_limited");
        assert!(!Own::default().after(busy.into()).asked);
    }

    #[test]
    fn a_recorded_choice_stays_said_where_what_holds_cannot_be_read() {
        let own = open().after(made());
        assert_eq!(own.said, Said::Made);
        assert!(own.can_undo());
        let shown = own.open.unwrap();
        assert!(shown.lines.is_empty() && shown.session == "s");
    }

    #[test]
    fn what_was_not_recorded_leaves_what_is_shown() {
        for (status, code) in [
            (None, ""),
            (Some(401), ""),
            (Some(409), "changed_meanwhile"),
            (Some(429), "rate_limited"),
            (Some(503), "store_unavailable"),
        ] {
            let own = open().after(Said::of(status, code).into());
            assert_eq!(own.open, open().open, "{status:?}");
        }
    }

    #[test]
    fn an_undone_choice_is_not_undone_again_and_an_unanswered_undoing_can_be() {
        let own = open().after(made());
        assert!(own.clone().after(Said::of(None, "").into()).can_undo());
        assert!(!own.after(Said::Undone.into()).can_undo());
    }

    #[test]
    fn a_session_that_is_over_shows_nothing_more() {
        let over = Said::of(Some(401), "sign_in_needed");
        let own = open().after(made()).after(over.into());
        assert_eq!((own.open, own.made, own.asked), (None, None, false));
    }
}
