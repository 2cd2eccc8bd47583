//! Asking for consent: the answer that is the same for everybody, and the form again.

use leptos::prelude::*;
use shared::notice::Notice;

use super::{Opening, error, page, summary};
use crate::pages::Whose;
use crate::pages::sign_in::address_field;
use crate::panel::fill;
use crate::surroundings::{Surroundings, html};

/// A request for consent that could not be read: what was chosen is kept, the address is asked again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// The address as typed.
    pub address: String,
    /// The other fields, by name.
    pub kept: Vec<(&'static str, String)>,
}

/// The answer to a request for consent, the same for every address.
#[must_use]
pub fn asked_page(notice: &Notice, address: &str, around: &Surroundings) -> String {
    let words = &around.words().consent;
    let text = fill(&words.asked_text, "{address}", address);
    let again = around.words().sign_in.asked_again.as_str();
    let content = html(|| view! { <p>{text}</p> <p>{again}</p> });
    page(
        &words.asked_title,
        None,
        Whose::of(notice),
        around,
        &content,
    )
}

/// The request again, with what is wrong with the address.
#[must_use]
pub fn ask_again_page(
    notice: &Notice,
    request: &Request,
    fault: Opening,
    around: &Surroundings,
) -> String {
    let words = &around.words().consent;
    let error = error(fault, around).to_owned();
    let hidden: Vec<_> = request
        .kept
        .iter()
        .map(|(name, value)| view! { <input type="hidden" name=*name value=value.clone()/> })
        .collect();
    let form = html(|| {
        view! {
            <form method="post" action=around.url("/consent") novalidate>
                {hidden}
                {address_field("address", &request.address, error.clone(), true, around)}
                <button>{words.ask.as_str()}</button>
            </form>
        }
    });
    let content = [summary(&error, "#address", around), form].concat();
    let title = &words.ask_title;
    let head = fill(&around.words().page.error_title, "{title}", title);
    page(title, Some(&head), Whose::of(notice), around, &content)
}
