//! What a person sent could not be taken just now: it is kept, and one press sends it again.

use leptos::prelude::*;

use super::{Page, document};
use crate::panel::fill;
use crate::surroundings::{Surroundings, html};

/// A form that was sent.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    /// The path that it was sent to.
    pub path: &'a str,
    /// All that was sent, in its order.
    pub fields: &'a [(String, String)],
    /// Whose page this is; may be empty.
    pub owner: &'a str,
}

/// The page that keeps all that was sent. `wait` is how many seconds to wait where too much came at
/// once; without it the service failed. Either way nothing was recorded.
#[must_use]
pub fn again_page(sent: Sent<'_>, wait: Option<u64>, around: &Surroundings) -> String {
    let words = &around.words().page;
    let (title, text) = match wait {
        Some(seconds) => (
            &words.busy_title,
            fill(&words.busy_text, "{seconds}", &seconds.to_string()),
        ),
        None => (&words.failed_title, words.failed_kept.clone()),
    };
    let fields: Vec<_> = sent
        .fields
        .iter()
        .map(|(name, value)| {
            let (name, value) = (name.clone(), value.clone());
            match name.as_str() {
                "address" => address(&around.words().panel.address, value).into_any(),
                _ => view! { <input type="hidden" name=name value=value/> }.into_any(),
            }
        })
        .collect();
    let action = around.url(sent.path);
    let again = around.words().panel.try_again.as_str();
    let content = html(|| {
        view! {
            <p>{text}</p>
            <form method="post" action=action novalidate>{fields}<button>{again}</button></form>
        }
    });
    let page = Page {
        title,
        head_title: None,
        owner: sent.owner,
        path: None,
        help: None,
    };
    document(&page, around, &content)
}

fn address(label: &'static str, typed: String) -> impl IntoView {
    view! {
        <div class="field">
            <label for="address">{label}</label>
            <input id="address" name="address" type="email" autocomplete="email" value=typed/>
        </div>
    }
}
