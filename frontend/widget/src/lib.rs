//! The WASM bundle: hydrates control panels that the server rendered.
//!
//! A panic ends in a trap, which the loader catches; the form then posts by itself.

use frontend::attempt::Attempt;
use frontend::panel::{Offer, Shown, control};
use wasm_bindgen::prelude::*;
use web_sys::{HtmlElement, HtmlFormElement};

/// A hydrated panel.
#[wasm_bindgen]
pub struct Control(Attempt);

#[wasm_bindgen]
impl Control {
    /// Sends what the form holds.
    pub fn submit(&self, form: HtmlFormElement) {
        self.0.start(form);
    }
}

/// Hydrates the panel inside `root`, whose `data-offer` is what the server rendered it from.
/// Nothing when the page is not what the server sent: then the form is left as it is.
#[wasm_bindgen]
pub fn hydrate(root: &HtmlElement) -> Option<Control> {
    let (elements, offer) = root
        .get_attribute("data-offer")?
        .split_once('\n')
        .map(|(n, offer)| Some((n.parse::<u32>().ok()?, Offer::read(offer)?)))??;
    if root.query_selector_all("*").ok()?.length() != elements {
        return None;
    }
    let shown = Shown::default();
    let rendered = offer.clone();
    leptos::mount::hydrate_from(root.clone(), move || control(rendered, shown)).forget();
    Some(Control(Attempt::new(offer, shown, root)))
}
