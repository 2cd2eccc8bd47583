//! One person's attempts to object or to consent, in the browser: what is sent, waited for, shown.

use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{FormData, HtmlElement, HtmlFormElement};

use crate::client::{self, Answer};
use crate::panel::{Asking, Offer, Outcome, Shown, State, Typed, Undo};
use crate::visit::Visit;

/// How long an objection can be taken back, in seconds.
const UNDO_SECONDS: u32 = 600;

/// The forms' other half: sends what they hold, and sets the states that the control shows.
#[derive(Clone)]
pub struct Attempt {
    offer: Rc<Offer>,
    state: RwSignal<State>,
    consent: RwSignal<Asking>,
    visit: Option<Visit>,
    /// Counts the starts, so that an older wait ends when a newer one begins.
    round: Rc<Cell<u32>>,
}

impl Attempt {
    /// Binds a control's states. The inputs stay uncontrolled: they are read when sending.
    #[must_use]
    pub fn new(offer: Offer, shown: Shown, panel: &HtmlElement) -> Self {
        let visit = Visit::new(shown.own, &offer.base, &offer.language, panel);
        shown.gpc.set(client::gpc());
        Self {
            offer: Rc::new(offer),
            state: shown.object,
            consent: shown.consent,
            visit,
            round: Rc::new(Cell::new(0)),
        }
    }

    /// Sends what the form holds now. A second press while one is on its way does nothing.
    pub fn start(&self, form: HtmlFormElement) {
        let Ok(fields) = FormData::new_with_form(&form) else {
            return;
        };
        if fields.has("purpose") {
            return self.ask(form, fields);
        }
        if fields.has("code") {
            if let Some(visit) = &self.visit {
                visit.start(form, &fields);
            }
            return;
        }
        if self.state.with_untracked(|state| *state == State::Sending) {
            return;
        }
        let address = field(&fields, "address");
        if address.is_empty() {
            self.wrong(&form, State::Missing);
        } else if !address.contains('@') {
            self.wrong(&form, State::Malformed);
        } else {
            self.round.set(self.round.get() + 1);
            client::spawn(self.clone().send(form, fields));
        }
    }

    fn ask(&self, form: HtmlFormElement, fields: FormData) {
        let consent = self.consent;
        if consent.get_untracked() == Asking::Sending {
            return;
        }
        let turn = move |to: Asking| {
            consent.set(to);
            if to.is_error() {
                focus(&form);
            }
        };
        let address = field(&fields, "address");
        if address.is_empty() {
            turn(Asking::Missing);
        } else if !address.contains('@') {
            turn(Asking::Malformed);
        } else {
            consent.set(Asking::Sending);
            let offer = Rc::clone(&self.offer);
            client::spawn(async move {
                turn(client::ask(&offer.base, |name| field(&fields, name)).await);
            });
        }
    }

    async fn send(self, form: HtmlFormElement, fields: FormData) {
        let round = self.round.get();
        loop {
            self.state.set(State::Sending);
            match client::object(&self.offer.base, |name| field(&fields, name)).await {
                Answer::Recorded {
                    reference,
                    receipt,
                    undo_token,
                } => {
                    let chosen = Outcome::of(&self.offer, &typed(&fields));
                    let done = Outcome {
                        reference,
                        receipt,
                        undo_token,
                        ..chosen
                    };
                    self.state.set(State::Done(done));
                    client::sleep(UNDO_SECONDS).await;
                    if self.round.get() == round {
                        turn(self.state, Undo::Open, Undo::Over);
                    }
                    return;
                }
                Answer::Malformed => return self.wrong(&form, State::Malformed),
                Answer::Wait(seconds) => {
                    self.state.set(State::Waiting(seconds));
                    client::sleep(seconds).await;
                    let waiting = self
                        .state
                        .with_untracked(|s| matches!(s, State::Waiting(_)));
                    if !waiting || self.round.get() != round {
                        return;
                    }
                }
                Answer::Failed => return self.state.set(State::Failed),
            }
        }
    }

    fn wrong(&self, form: &HtmlFormElement, error: State) {
        self.state.set(error);
        focus(form);
    }
}

/// Puts the person where the error can be mended (WCAG 3.3.1).
pub(crate) fn focus(form: &HtmlFormElement) {
    let field = form.query_selector("[type=email]").ok().flatten();
    if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlElement>().ok()) {
        _ = field.focus();
    }
}

/// Takes back the objection that the panel has just made, and nothing older.
pub fn undo(state: RwSignal<State>, base: String) {
    let token = state.with_untracked(|state| match state {
        State::Done(Outcome {
            undo: Undo::Open | Undo::Failed,
            undo_token,
            ..
        }) => Some(undo_token.clone()),
        _ => None,
    });
    let Some(token) = token else { return };
    client::spawn(async move {
        let undone = client::undo(&base, &token).await;
        let to = if undone { Undo::Undone } else { Undo::Failed };
        turn(state, Undo::Open, to);
    });
}

fn turn(state: RwSignal<State>, from: Undo, to: Undo) {
    state.update(|state| {
        if let State::Done(done) = state
            && (done.undo == from || to != Undo::Over)
        {
            done.undo = to;
        }
    });
}

pub(crate) fn field(fields: &FormData, name: &str) -> String {
    fields
        .get(name)
        .as_string()
        .map_or_else(String::new, |value| value.trim().to_owned())
}

fn typed(fields: &FormData) -> Typed {
    let [address, topic, until] = ["address", "topic", "until"].map(|name| field(fields, name));
    Typed {
        address,
        topic,
        until,
    }
}
