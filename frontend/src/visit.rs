//! A visit to one's own choices, in the browser: the code is asked for and typed, what holds is shown
//! and changed.

use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{Document, Element, FormData, HtmlElement, HtmlFormElement, HtmlInputElement};

use crate::attempt::{ADDRESS, field, focus, on_click};
use crate::client;
use crate::panel::{Choices, Heard, Line, Own, Said};

/// The field of the code.
const CODE: &str = "[name=code]";

/// Where it takes place.
#[derive(Clone)]
pub(crate) struct Visit {
    own: RwSignal<Own>,
    base: String,
    language: String,
    form: HtmlFormElement,
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
            form: find("#own-form")?.dyn_into().ok()?,
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
        let asker = visit.clone();
        on_click(&find("#own-again")?, move |_| {
            if let Ok(fields) = FormData::new_with_form(&asker.form) {
                asker.ask(&fields);
            }
        });
        let goer = visit.clone();
        client::on_leaving(move || goer.go());
        Some(visit)
    }

    /// Sends what the form holds: the address for a code, then both.
    pub(crate) fn start(&self, fields: &FormData) {
        if !self.own.with_untracked(|own| own.asked) {
            return self.ask(fields);
        }
        let Some(address) = self.address(fields) else {
            return;
        };
        let code = field(fields, "code");
        if code.is_empty() {
            return self.show(Said::NoCode.into());
        }
        let visit = self.clone();
        self.send(async move { client::open(&visit.base, &visit.language, &address, &code).await });
    }

    /// Asks for a code.
    fn ask(&self, fields: &FormData) {
        let Some(address) = self.address(fields) else {
            return;
        };
        let notice = field(fields, "notice");
        let visit = self.clone();
        self.send(
            async move { client::link(&visit.base, &visit.language, &address, &notice).await },
        );
    }

    /// The address in the form; nothing, after it was said, where it is none, or while an answer is
    /// waited for.
    fn address(&self, fields: &FormData) -> Option<String> {
        if self.own.with_untracked(Own::is_busy) {
            return None;
        }
        let address = field(fields, "address");
        let wrong = match address.as_str() {
            "" => Said::Missing,
            typed if !typed.contains('@') => Said::Malformed,
            _ => return Some(address),
        };
        self.show(wrong.into());
        None
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

    /// Ends the session because the person wants it.
    fn leave(&self) {
        self.forget(Said::Over);
        _ = self.status.focus();
    }

    /// Ends it because they go elsewhere: whoever comes back to the page need not be the same person. A
    /// code that was asked for can still be typed then.
    fn go(&self) {
        if self
            .own
            .with_untracked(|own| own.open.is_some() || own.is_busy())
        {
            self.forget(Said::Nothing);
        }
    }

    /// Empties all that was typed and shown, and ends the session. An answer that is still under way
    /// shows nothing any more; what it answers must arrive before its session ends, which then ends by
    /// itself, and whose bearer is forgotten here.
    fn forget(&self, said: Said) {
        let open = self.ready();
        self.turn();
        self.list.set_text_content(None);
        self.form.reset();
        self.own.set(Own {
            said,
            ..Own::default()
        });
        if let Some(open) = open {
            let base = self.base.clone();
            client::spawn(async move { client::leave(&base, &open.session).await });
        }
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

    /// Shows the answer. The focus goes to the field that is wrong, and where the answer takes away what
    /// was pressed, to what is said of it.
    fn show(&self, heard: Heard) {
        let moves = heard.open.is_some() || self.own.with_untracked(|own| own.open.is_some());
        let said = heard.said;
        let own = self.own.get_untracked().after(heard);
        self.list.set_text_content(None);
        if let Some(open) = &own.open {
            self.draw(open);
        }
        self.own.set(own);
        match said {
            Said::Missing | Said::Malformed => focus(&self.form, ADDRESS),
            Said::NoCode => focus(&self.form, CODE),
            Said::Asked => self.clear_code(),
            _ if moves => _ = self.status.focus(),
            _ => {}
        }
    }

    /// A newer code voids the one that may stand in the field.
    fn clear_code(&self) {
        let code = self.form.query_selector(CODE).ok().flatten();
        if let Some(code) = code.and_then(|code| code.dyn_into::<HtmlInputElement>().ok()) {
            code.set_value("");
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
