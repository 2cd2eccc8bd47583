//! One's own choices inside the widget: a code is mailed, typed here, and what holds is shown. The
//! session lives in this state alone and ends with the page.

use leptos::prelude::*;

use super::Offer;
use super::words::Words;

/// What this part is doing.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Own {
    /// Nothing has happened yet.
    #[default]
    Closed,
    /// The address field holds nothing.
    Missing,
    /// The address field holds no address.
    Malformed,
    /// Something is on its way.
    Busy,
    /// A code was mailed.
    Asked,
    /// The code does not fit the address, is used or too old.
    WrongCode,
    /// What holds is shown.
    Open(Choices),
    /// The service did not answer, or the session is over.
    Failed,
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

impl Own {
    /// The error at the address field; empty when there is none.
    #[must_use]
    pub fn error(&self, words: &Words) -> String {
        match self {
            Self::Missing => words.address_missing.clone(),
            Self::Malformed => words.address_malformed.clone(),
            _ => String::new(),
        }
    }

    /// Whether the address field is in error.
    #[must_use]
    pub const fn is_error(&self) -> bool {
        matches!(self, Self::Missing | Self::Malformed)
    }

    /// Whether the code can be typed.
    #[must_use]
    pub const fn takes_code(&self) -> bool {
        matches!(self, Self::Asked | Self::WrongCode)
    }

    /// What is shown, if the contact is signed in.
    #[must_use]
    pub const fn open(&self) -> Option<&Choices> {
        match self {
            Self::Open(choices) => Some(choices),
            _ => None,
        }
    }

    /// The sentence in the status region.
    #[must_use]
    pub fn status(&self, words: &Words) -> String {
        match self {
            Self::Closed | Self::Missing | Self::Malformed => String::new(),
            Self::Busy => words.own_busy.clone(),
            Self::Asked => words.own_asked.clone(),
            Self::WrongCode => words.own_wrong.clone(),
            Self::Open(_) => words.own_open.clone(),
            Self::Failed => words.own_failed.clone(),
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
    let signed_in = move || state.with(|state| state.open().is_some());
    let label = move || {
        let code = state.with(Own::takes_code);
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
                        aria-invalid=move || wrong().to_string()
                    />
                </div>
                <div class="field" hidden=move || !state.with(Own::takes_code)>
                    <label for="own-code">{word(|w| &w.own_code)}</label>
                    <input id="own-code" name="code" autocomplete="one-time-code" spellcheck="false"/>
                </div>
                <button class="quiet">{label}</button>
            </form>
            <div class="answer" class:done=signed_in>
                <p role="status">{said(Own::status)}</p>
                <ul id="own-lines" class="kept" hidden=move || !signed_in()></ul>
                <p class="row" hidden=move || !signed_in()>
                    <button id="own-leave" type="button" class="quiet">{word(|w| &w.own_leave)}</button>
                </p>
            </div>
        </details>
    }
}
