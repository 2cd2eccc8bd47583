//! One person's attempts to object or to consent, in the browser: what is sent, waited for, shown.

use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, Event, FormData, HtmlElement, HtmlFormElement};

use crate::client::{self, Answer};
use crate::panel::{Asking, Fault, Offer, Outcome, Shown, State, Typed, Undo};
use crate::visit::Visit;

/// How long an objection can be taken back, in seconds.
const UNDO_SECONDS: u32 = 600;

/// How long the page may take to give way to the answer of a form, in seconds.
const TURNING: u32 = 10;

/// The forms' other half: sends what they hold, and sets the states that the control shows.
#[derive(Clone)]
pub struct Attempt {
    offer: Rc<Offer>,
    state: RwSignal<State>,
    consent: RwSignal<Asking>,
    visit: Option<Visit>,
    /// Counts the starts, so that an older wait ends when a newer one begins.
    round: Rc<Cell<u32>>,
    /// Whether the last objection met with no answer of the service.
    barred: Rc<Cell<bool>>,
}

impl Attempt {
    /// Binds a control's states. The inputs stay uncontrolled: they are read when sending.
    #[must_use]
    pub fn new(offer: Offer, shown: Shown, panel: &HtmlElement) -> Self {
        let visit = Visit::new(shown.own, &offer.base, &offer.language, panel);
        shown.gpc.set(client::gpc());
        keep_focus(shown.object, panel);
        Self {
            offer: Rc::new(offer),
            state: shown.object,
            consent: shown.consent,
            visit,
            round: Rc::default(),
            barred: Rc::default(),
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
                visit.start(&fields);
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
                focus(&form, ADDRESS);
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
            let answer = client::object(&self.offer.base, |name| field(&fields, name)).await;
            let is_barred = matches!(answer, Answer::Barred);
            let again = self.barred.replace(is_barred) && is_barred;
            match answer {
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
                Answer::Barred => {
                    // One failure may be the network's, and costs nobody the page they are on. What is
                    // said asks for another press: a page that is loaded anew knows nothing of this one.
                    if again && !client::is_offline() {
                        _ = form.submit();
                        client::sleep(TURNING).await;
                    }
                    return self.state.set(State::Failed(Fault::Unanswered));
                }
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
        focus(form, ADDRESS);
    }
}

/// The address field of a form.
pub(crate) const ADDRESS: &str = "[type=email]";

/// Puts the person at that field, where the error can be mended (WCAG 3.3.1).
pub(crate) fn focus(within: &Element, field: &str) {
    let field = within.query_selector(field).ok().flatten();
    if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlElement>().ok()) {
        _ = field.focus();
    }
}

/// Until an objection is recorded, the answer's buttons go away when they are pressed: the focus goes
/// to the form's own, and not to the top of the page.
fn keep_focus(state: RwSignal<State>, panel: &HtmlElement) {
    let Some(answer) = panel.query_selector(".answer").ok().flatten() else {
        return;
    };
    let panel = panel.clone();
    on_click(&answer, move |clicked| {
        if clicked.tag_name() == "BUTTON" && !state.with_untracked(State::is_done) {
            focus(&panel, "#form > button");
        }
    });
}

/// Calls with the element that was clicked, as long as the page lives.
pub(crate) fn on_click(element: &Element, then: impl Fn(&Element) + 'static) {
    let listener = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        if let Some(clicked) = event.target().and_then(|target| target.dyn_into().ok()) {
            then(&clicked);
        }
    });
    _ = element.add_event_listener_with_callback("click", listener.as_ref().unchecked_ref());
    listener.forget();
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
