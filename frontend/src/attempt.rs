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
        match fault(&field(&fields, "address")) {
            Some(fault) => self.wrong(&form, fault),
            None => {
                self.round.set(self.round.get() + 1);
                client::spawn(self.clone().send(form, fields));
            }
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

    /// Sends until there is an answer. What the form holds is read anew for each time, so that what
    /// is answered is what stands there.
    async fn send(self, form: HtmlFormElement, mut fields: FormData) {
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
                        undo_token: undo_token.clone(),
                        ..chosen
                    };
                    self.state.set(State::Done(done));
                    client::sleep(UNDO_SECONDS).await;
                    self.state
                        .update(|state| state.turn(&undo_token, Undo::Over));
                    return;
                }
                Answer::Malformed => return self.wrong(&form, State::Malformed),
                Answer::Wait(seconds) => match self.wait(&form, seconds, round).await {
                    Some(held) => fields = held,
                    None => return,
                },
                Answer::Failed(fault) => return self.state.set(State::Failed(fault)),
            }
        }
    }

    /// Waits, and returns what the form holds then; nothing when the person stopped it or has
    /// emptied the field. An address that changes meanwhile may be half typed: it waits once more.
    async fn wait(&self, form: &HtmlFormElement, seconds: u32, round: u32) -> Option<FormData> {
        self.state.set(State::Waiting(seconds));
        let mut before = typed(&FormData::new_with_form(form).ok()?);
        loop {
            client::sleep(seconds).await;
            let waiting = |state: &State| matches!(state, State::Waiting(_));
            if !self.state.with_untracked(waiting) || self.round.get() != round {
                return None;
            }
            let fields = FormData::new_with_form(form).ok()?;
            let now = typed(&fields);
            if now != before {
                before = now;
                continue;
            }
            match fault(&now.address) {
                None => return Some(fields),
                Some(fault) => {
                    self.wrong(form, fault);
                    return None;
                }
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
    let token = state.with_untracked(|state| match state.outcome() {
        Some(done) if state.can_undo() => Some(done.undo_token.clone()),
        _ => None,
    });
    let Some(token) = token else { return };
    client::spawn(async move {
        let to = client::undo(&base, &token).await;
        state.update(|state| state.turn(&token, to));
    });
}

/// What is wrong with what was typed as an address, as far as that is seen here.
fn fault(address: &str) -> Option<State> {
    match address {
        "" => Some(State::Missing),
        typed if !typed.contains('@') => Some(State::Malformed),
        _ => None,
    }
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
