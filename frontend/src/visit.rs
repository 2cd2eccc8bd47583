//! A visit to one's own choices, in the browser: the code is asked for and typed, what holds is shown
//! and changed.

use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{Document, Element, Event, FormData, HtmlElement, HtmlFormElement};

use crate::attempt::{field, focus};
use crate::client;
use crate::panel::{Choices, Heard, Line, Own, Said};

/// Where it takes place.
#[derive(Clone)]
pub(crate) struct Visit {
    own: RwSignal<Own>,
    base: String,
    language: String,
    /// Where what holds is shown.
    list: Element,
    /// Where it is said what was done.
    status: HtmlElement,
    /// Counts the presses, so that an answer to an older one is passed over.
    round: Rc<Cell<u32>>,
}

impl Visit {
    /// Binds the part of that panel; nothing when the panel has none.
    pub(crate) fn new(
        own: RwSignal<Own>,
        base: &str,
        language: &str,
        panel: &HtmlElement,
    ) -> Option<Self> {
        let find = |css: &str| panel.query_selector(css).ok().flatten();
        let visit = Self {
            own,
            base: base.to_owned(),
            language: language.to_owned(),
            list: find("#own-lines")?,
            status: find(".own [role=status]")?.dyn_into().ok()?,
            round: Rc::default(),
        };
        let chooser = visit.clone();
        on_click(&visit.list, move |pressed| chooser.choose(pressed));
        let undoer = visit.clone();
        on_click(&find("#own-undo")?, move |_| undoer.undo());
        let leaver = visit.clone();
        on_click(&find("#own-leave")?, move |_| leaver.leave());
        Some(visit)
    }

    /// Sends what the form holds: the address for a code, then both.
    pub(crate) fn start(&self, form: HtmlFormElement, fields: &FormData) {
        if self.own.with_untracked(Own::is_busy) {
            return;
        }
        let asked = self.own.with_untracked(|own| own.asked);
        let [address, notice, code] = ["address", "notice", "code"].map(|name| field(fields, name));
        let wrong = match address.as_str() {
            "" => Some(Said::Missing),
            typed if !typed.contains('@') => Some(Said::Malformed),
            _ => None,
        };
        if let Some(wrong) = wrong {
            self.show(wrong.into());
            return focus(&form);
        }
        let visit = self.clone();
        self.send(async move {
            let heard = match asked && !code.is_empty() {
                true => client::open(&visit.base, &visit.language, &address, &code).await,
                false => client::link(&visit.base, &visit.language, &address, &notice).await,
            };
            if heard.said == Said::Malformed {
                focus(&form);
            }
            heard
        });
    }

    /// Sends the choice of the pressed button, and shows what holds then.
    fn choose(&self, pressed: &Element) {
        let Some(open) = self.ready() else { return };
        let number = pressed.get_attribute("data-press");
        let mut presses = open.lines.iter().flat_map(|line| &line.presses);
        let chosen = number
            .and_then(|number| number.parse().ok())
            .and_then(|number| presses.nth(number).cloned());
        let Some(press) = chosen else { return };
        // What is offered to be undone is this choice from now on, or none.
        self.own.update(|own| own.made = None);
        let visit = self.clone();
        self.send(async move { client::choose(&visit.base, &visit.language, &open, &press).await });
    }

    /// Takes back the last choice.
    fn undo(&self) {
        let made = self.own.with_untracked(|own| own.made.clone());
        let (Some(open), Some(made)) = (self.ready(), made) else {
            return;
        };
        let visit = self.clone();
        self.send(async move {
            client::unmake(&visit.base, &visit.language, &open, &made.undo_token).await
        });
    }

    /// Ends the session; an answer that is still under way shows nothing any more.
    fn leave(&self) {
        let Some(open) = self.own.with_untracked(|own| own.open.clone()) else {
            return;
        };
        self.turn();
        self.list.set_text_content(None);
        self.own.set(Own::default());
        _ = self.status.focus();
        let base = self.base.clone();
        client::spawn(async move { client::leave(&base, &open.session).await });
    }

    /// What is shown, unless an answer is waited for.
    fn ready(&self) -> Option<Choices> {
        self.own.with_untracked(|own| match own.is_busy() {
            true => None,
            false => own.open.clone(),
        })
    }

    fn turn(&self) -> u32 {
        self.round.set(self.round.get() + 1);
        self.round.get()
    }

    fn send(&self, answer: impl Future<Output = Heard> + 'static) {
        let round = self.turn();
        self.own.update(|own| own.said = Said::Busy);
        let visit = self.clone();
        client::spawn(async move {
            let heard = answer.await;
            if visit.round.get() == round {
                visit.show(heard);
            }
        });
    }

    /// Shows the answer. Where it takes away what was pressed, the focus goes to what is said of it.
    fn show(&self, heard: Heard) {
        let moves = heard.open.is_some() || self.own.with_untracked(|own| own.open.is_some());
        let own = self.own.get_untracked().after(heard);
        self.list.set_text_content(None);
        if let Some(open) = &own.open {
            self.draw(open);
        }
        self.own.set(own);
        if moves {
            _ = self.status.focus();
        }
    }

    /// Element by element: no markup passes a Trusted Types sink.
    fn draw(&self, open: &Choices) {
        let Some(document) = self.list.owner_document() else {
            return;
        };
        let mut number = 0;
        for line in &open.lines {
            if let Some(item) = item(&document, line, &mut number) {
                _ = self.list.append_child(&item);
            }
        }
    }
}

fn item(document: &Document, line: &Line, number: &mut u32) -> Option<Element> {
    let item = document.create_element("li").ok()?;
    said(document, &item, "p", "", &line.says)?;
    if !line.beside.is_empty() {
        said(document, &item, "p", "hint", &line.beside)?;
    }
    let row = said(document, &item, "p", "row", "")?;
    for press in &line.presses {
        let button = said(document, &row, "button", "quiet", &press.label)?;
        button.set_attribute("type", "button").ok()?;
        button
            .set_attribute("data-press", &number.to_string())
            .ok()?;
        *number += 1;
    }
    Some(item)
}

/// Adds an element with a text to another.
fn said(document: &Document, to: &Element, tag: &str, class: &str, text: &str) -> Option<Element> {
    let element = document.create_element(tag).ok()?;
    element.set_attribute("class", class).ok()?;
    element.set_text_content(Some(text));
    to.append_child(&element).ok()?;
    Some(element)
}

/// Calls with the element that was clicked, as long as the page lives.
fn on_click(element: &Element, then: impl Fn(&Element) + 'static) {
    let listener = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        if let Some(clicked) = event.target().and_then(|target| target.dyn_into().ok()) {
            then(&clicked);
        }
    });
    _ = element.add_event_listener_with_callback("click", listener.as_ref().unchecked_ref());
    listener.forget();
}
