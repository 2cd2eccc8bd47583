//! Asking for the mailings: a control of its own, apart from the objection (LAW-04). Nothing is
//! agreed here; the holder of the mailbox confirms by mail.

use leptos::prelude::*;

use super::words::Words;
use super::{Fault, Offer};

/// What the consent control is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// Nothing has happened yet.
    Ready,
    /// The field holds nothing.
    Missing,
    /// The field holds no address.
    Malformed,
    /// The request is on its way.
    Sending,
    /// It was asked for; whether a message went out is not told.
    Asked,
    /// It is not known to be asked for.
    Failed(Fault),
}

impl Asking {
    /// The error at the field; empty when there is none.
    #[must_use]
    pub fn error(self, words: &Words) -> String {
        match self {
            Self::Missing => words.address_missing.clone(),
            Self::Malformed => words.address_malformed.clone(),
            Self::Ready | Self::Sending | Self::Asked | Self::Failed(_) => String::new(),
        }
    }

    /// Whether the field is in error.
    #[must_use]
    pub const fn is_error(self) -> bool {
        matches!(self, Self::Missing | Self::Malformed)
    }

    /// The sentence in the status region.
    #[must_use]
    pub fn status(self, words: &Words) -> String {
        match self {
            Self::Ready | Self::Missing | Self::Malformed => String::new(),
            Self::Sending => words.own_busy.clone(),
            Self::Asked => words.consent_asked.clone(),
            Self::Failed(fault) => fault.says(words),
        }
    }
}

/// The control in its section; nothing where no purpose rests on consent.
pub(super) fn consent(offer: &Offer, asking: RwSignal<Asking>) -> impl IntoView + use<> {
    let purpose = offer.consent.clone();
    let none = purpose.is_empty();
    let words = StoredValue::new(offer.words.clone());
    let word = move |pick: fn(&Words) -> &String| words.with_value(|words| pick(words).clone());
    let action = [offer.base.as_str(), "/consent"].concat();
    let (notice, view_token, language) = (
        offer.notice.clone(),
        offer.view_token.clone(),
        offer.language.clone(),
    );
    let wrong = move || asking.get().is_error();
    view! {
        <section class="consent" aria-labelledby="consent" hidden=none>
            <h2 id="consent">{word(|w| &w.consent_heading)}</h2>
            <p>{word(|w| &w.consent_promise)}</p>
            <form method="post" action=action novalidate>
                <input type="hidden" name="notice" value=notice/>
                <input type="hidden" name="view_token" value=view_token/>
                <input type="hidden" name="lang" value=language/>
                <input type="hidden" name="purpose" value=purpose/>
                <input type="hidden" name="channel" value="email"/>
                <div class="field" class:wrong=wrong>
                    <label for="consent-address">{word(|w| &w.address)}</label>
                    <p id="consent-error" class="error" role="alert">
                        {move || words.with_value(|words| asking.get().error(words))}
                    </p>
                    <input
                        id="consent-address"
                        name="address"
                        type="email"
                        autocomplete="email"
                        spellcheck="false"
                        required
                        aria-describedby="consent-error"
                        aria-invalid=move || wrong().then_some("true")
                        readonly=move || asking.get() == Asking::Sending
                    />
                </div>
                <button class="quiet">{word(|w| &w.consent_button)}</button>
            </form>
            <div class="answer" class:done=move || asking.get() == Asking::Asked>
                <p role="status">{move || words.with_value(|words| asking.get().status(words))}</p>
            </div>
        </section>
    }
}
