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
    /// What goes into its path, query and headers.
    pub parameters: Vec<Field>,
    /// The fields of its body.
    pub body: Vec<Field>,
    /// The fields of the answer where it succeeds.
    pub answer: Vec<Field>,
    /// Status and meaning.
    pub answers: Vec<(String, String)>,
}

/// A field or a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name; in a body the path to it: `checks[].address`.
    pub name: String,
    /// Where a parameter stands: `path`, `query` or `header`.
    pub place: String,
    /// Whether it is always there.
    pub required: bool,
    /// What it means.
    pub says: String,
}

/// A schema that stands by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apart {
    /// Its name.
    pub name: String,
    /// What it is.
    pub says: String,
    /// Its fields.
    pub fields: Vec<Field>,
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

/// The fields under that heading; nothing where there are none.
fn fields(heading: &'static str, fields: &[Field]) -> impl IntoView + use<> {
    let fields: Vec<_> = fields
        .iter()
        .map(|field| {
            let place = Some(field.place.clone()).filter(|place| !place.is_empty());
            let optional = (!field.required).then(|| "optional".to_owned());
            let notes: Vec<_> = place.into_iter().chain(optional).collect();
            let notes = match notes.is_empty() {
                true => String::new(),
                false => format!(" ({})", notes.join(", ")),
            };
            view! { <li><code>{field.name.clone()}</code> {notes} ": " {prose(&field.says)}</li> }
        })
        .collect();
    (!fields.is_empty()).then(|| view! { <h3>{heading}</h3> <ul>{fields}</ul> })
}

/// The page with every operation, what stands apart from them, and every problem code with its status and title.
#[must_use]
pub fn docs_page(
    operations: &[Operation],
    apart: &[Apart],
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
                    {fields("Parameters", &operation.parameters)}
                    {fields("Body", &operation.body)}
                    {fields("Answer", &operation.answer)}
                    <h3>"Status"</h3>
                    <ul>{answers}</ul>
                </section>
            }
        })
        .collect();
    let apart: Vec<_> = apart
        .iter()
        .map(|schema| {
            view! {
                <section>
                    <h2><code>{schema.name.clone()}</code></h2>
                    <p>{prose(&schema.says)}</p>
                    {fields("Fields", &schema.fields)}
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
            <div class="interface" lang="en">
                <p>
                    "The same for programs, with types and examples, is in "
                    <a href=around.url("/openapi.json")>"openapi.json"</a> " (OpenAPI 3.1)."
                </p>
                {operations}
                {apart}
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
