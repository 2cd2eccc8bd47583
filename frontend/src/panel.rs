//! The control panel: where a person objects. The only thing that is hydrated.
//!
//! Every element is there from the start and shown or hidden by the one [`State`], so that the
//! browser never builds an element: no markup passes a Trusted Types sink, and hydration has one
//! shape to match. Without script the form posts by itself.

mod consent;
mod offer;
mod own;
mod state;
mod words;

use leptos::prelude::*;

pub use consent::Asking;
pub use offer::{Choice, Offer};
pub use own::{Choices, Heard, Line, Made, Own, OwnPress, Said};
pub use state::{Fault, Outcome, State, Undo};
pub use words::{Words, fill};

#[cfg(feature = "hydrate")]
use crate::{attempt, client};

/// What the browser does when a button of the panel is pressed; on the server, nothing.
#[derive(Clone, Copy)]
enum Press {
    Stop,
    Undo,
    Print,
}

/// What a script-free attempt had typed and chosen, so that nothing is asked twice (WCAG 3.3.7).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// The address as typed.
    pub address: String,
    /// The topic's key; empty for all.
    pub topic: String,
    /// The end of the pause; empty for good.
    pub until: String,
}

/// What the parts of the control show, each by itself.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    /// The objection.
    pub object: RwSignal<State>,
    /// The request for consent.
    pub consent: RwSignal<Asking>,
    /// One's own choices.
    pub own: RwSignal<Own>,
    /// Whether the browser sends Global Privacy Control.
    pub gpc: RwSignal<bool>,
}

impl Default for Shown {
    fn default() -> Self {
        Self {
            object: RwSignal::new(State::Ready),
            consent: RwSignal::new(Asking::Ready),
            own: RwSignal::new(Own::default()),
            gpc: RwSignal::new(false),
        }
    }
}

/// The whole control: the right to object first, then the request for consent, then what one has
/// chosen.
pub fn control(offer: Offer, shown: Shown) -> impl IntoView + use<> {
    let consent = consent::consent(&offer, shown.consent);
    let own = own::own(&offer, shown.own);
    (
        panel(offer, shown.object, shown.gpc, Typed::default()),
        consent,
        own,
    )
}

/// The panel in its section. It starts as [`State::Ready`] and empty, or as the error that a
/// script-free attempt met, with what was typed.
pub fn panel(
    offer: Offer,
    state: RwSignal<State>,
    gpc: RwSignal<bool>,
    typed: Typed,
) -> impl IntoView + use<> {
    let action = [offer.base.as_str(), "/object"].concat();
    let Offer {
        notice,
        view_token,
        language,
        topics,
        pauses,
        words,
        base,
        consent: _,
    } = offer;
    let words = StoredValue::new(words);
    let word = move |pick: fn(&Words) -> &String| words.with_value(|words| pick(words).clone());
    let said = move |say: fn(&State, &Words) -> String| {
        move || words.with_value(|words| state.with(|state| say(state, words)))
    };
    let unless = move |shown: fn(&State) -> bool| move || !state.with(shown);
    let base = StoredValue::new(base);
    let press = move |what: Press| move |_| pressed(what, state, base);

    view! {
        <section class="panel" aria-labelledby="object">
            <h2 id="object">{word(|w| &w.heading)}</h2>
            <p>{word(|w| &w.promise)}</p>
            <p class="hint" hidden=move || !gpc.get()>{word(|w| &w.gpc)}</p>
            <form id="form" method="post" action=action novalidate>
                <input type="hidden" name="notice" value=notice/>
                <input type="hidden" name="view_token" value=view_token/>
                <input type="hidden" name="lang" value=language/>
                <div class="field" class:wrong=move || state.with(State::is_error)>
                    <label for="address">{word(|w| &w.address)}</label>
                    <p id="hint" class="hint">{word(|w| &w.address_hint)}</p>
                    <p id="error" class="error" role="alert">{said(State::error)}</p>
                    <input
                        id="address"
                        name="address"
                        type="email"
                        autocomplete="email"
                        spellcheck="false"
                        required
                        value=(!typed.address.is_empty()).then_some(typed.address)
                        aria-describedby="hint error"
                        aria-invalid=move || state.with(State::is_error).then_some("true")
                        readonly=move || state.with(State::is_sending)
                    />
                </div>
                <details>
                    <summary>{word(|w| &w.narrower)}</summary>
                    {radios("topic", word(|w| &w.topic), word(|w| &w.every_topic), topics, &typed.topic)}
                    {radios("until", word(|w| &w.until), word(|w| &w.for_good), pauses, &typed.until)}
                </details>
                <button>{word(|w| &w.object)}</button>
            </form>
            <div class="answer" class:done=move || state.with(State::is_done)>
                <div role="status">
                    <p class="what">{said(State::status)}</p>
                    <p hidden=unless(State::holds)>{said(State::time)}" "{word(|w| &w.continues)}</p>
                </div>
                <p hidden=unless(State::is_done)>
                    {said(|state, words| {
                        fill(&words.reference, "{reference}", &state.outcome().map_or_else(String::new, Outcome::named))
                    })}
                </p>
                <p class="row" hidden=unless(|state| matches!(state, State::Waiting(_)))>
                    <button type="button" class="quiet" on:click=press(Press::Stop)>{word(|w| &w.stop_waiting)}</button>
                </p>
                <p class="row" hidden=unless(|state| matches!(state, State::Failed(_)))>
                    <button class="quiet" form="form">{word(|w| &w.try_again)}</button>
                </p>
                <p class="row" hidden=unless(State::is_done)>
                    <button
                        type="button"
                        class="quiet"
                        aria-describedby="undo"
                        aria-disabled=move || (!state.with(State::can_undo)).to_string()
                        on:click=press(Press::Undo)
                    >{word(|w| &w.undo)}</button>
                    <a download href=said(|state, _| state.outcome().map_or_else(String::new, |o| o.receipt.clone()))>{word(|w| &w.receipt)}</a>
                    <button type="button" class="quiet" on:click=press(Press::Print)>{word(|w| &w.print)}</button>
                </p>
                <p id="undo" class="hint" hidden=unless(State::can_undo)>{word(|w| &w.undo_hint)}</p>
            </div>
        </section>
    }
}

fn radios(
    name: &'static str,
    legend: String,
    all: String,
    choices: Vec<Choice>,
    chosen: &str,
) -> impl IntoView + use<> {
    let none = choices.is_empty();
    let known = choices.iter().any(|choice| choice.value == chosen);
    let chosen = if known {
        chosen.to_owned()
    } else {
        String::new()
    };
    let radio = move |(at, choice): (usize, Choice)| {
        let id = [name, &at.to_string()].concat();
        let checked = choice.value == chosen;
        view! {
            <div class="radio">
                <input type="radio" id=id.clone() name=name value=choice.value checked=checked/>
                <label for=id>{choice.label}</label>
            </div>
        }
    };
    let all = Choice {
        value: String::new(),
        label: all,
        name: String::new(),
    };
    let choices: Vec<_> = std::iter::once(all)
        .chain(choices)
        .enumerate()
        .map(radio)
        .collect();
    view! { <fieldset hidden=none><legend>{legend}</legend>{choices}</fieldset> }
}

#[cfg(feature = "hydrate")]
fn pressed(what: Press, state: RwSignal<State>, base: StoredValue<String>) {
    match what {
        Press::Stop => state.set(State::Ready),
        Press::Undo => attempt::undo(state, base.get_value()),
        Press::Print => client::print(),
    }
}

#[cfg(not(feature = "hydrate"))]
fn pressed(what: Press, _: RwSignal<State>, _: StoredValue<String>) {
    match what {
        Press::Stop | Press::Undo | Press::Print => {}
    }
}
