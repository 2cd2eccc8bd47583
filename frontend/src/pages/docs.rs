//! The description of the interface for people who write programs. It is in English.

use leptos::prelude::*;

use super::{Page, document};
use crate::surroundings::{Surroundings, html};

/// One operation of the interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// `POST`.
    pub method: String,
    /// `/v1/objections`.
    pub path: String,
    /// One sentence.
    pub summary: String,
    /// The rest.
    pub description: String,
    /// Status and meaning.
    pub answers: Vec<(String, String)>,
}

/// A text in which what stands between backticks is code.
fn prose(text: &str) -> impl IntoView + use<> {
    let parts = text.split('`').enumerate();
    let part = |(place, part): (usize, &str)| {
        let part = part.to_owned();
        match place % 2 {
            0 => part.into_any(),
            _ => view! { <code>{part}</code> }.into_any(),
        }
    };
    parts.map(part).collect::<Vec<_>>()
}

/// The page with every operation, and every problem code with its status and title.
#[must_use]
pub fn docs_page(
    operations: &[Operation],
    codes: &[(String, u16, String)],
    around: &Surroundings,
) -> String {
    let operations: Vec<_> = operations
        .iter()
        .map(|operation| {
            let answers: Vec<_> = operation
                .answers
                .iter()
                .map(|(status, meaning)| view! { <li><b>{status.clone()}</b> " " {prose(meaning)}</li> })
                .collect();
            let description = (!operation.description.is_empty())
                .then(|| view! { <p>{prose(&operation.description)}</p> });
            view! {
                <section>
                    <h2><code>{operation.method.clone()} " " {operation.path.clone()}</code></h2>
                    <p>{prose(&operation.summary)}</p>
                    {description}
                    <ul>{answers}</ul>
                </section>
            }
        })
        .collect();
    let codes: Vec<_> = codes
        .iter()
        .map(|(code, status, title)| {
            view! { <li id=code.clone()><code>{code.clone()}</code> " (" {*status} ") " {prose(title)}</li> }
        })
        .collect();
    let content = html(|| {
        view! {
            <div lang="en">
                <p>
                    "The full description, with every field and examples, is in "
                    <a href=around.url("/openapi.json")>"openapi.json"</a> " (OpenAPI 3.1)."
                </p>
                {operations}
                <section>
                    <h2>"Problem codes"</h2>
                    <p>"Errors are problem documents (RFC 9457). Compare the code; the text may change."</p>
                    <ul>{codes}</ul>
                </section>
            </div>
        }
    });
    let page = Page {
        title: "Interface",
        head_title: None,
        owner: "Sayso",
        path: None,
        help: None,
    };
    document(&page, around, &content)
}
