//! What a browser shows when something is not there or went wrong: what to do next.

use leptos::prelude::*;

use super::{Page, document};
use crate::panel::fill;
use crate::surroundings::{Surroundings, html};

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// There is no such page (404).
    NotFound,
    /// The unsubscribe link of a message is not whole, or not ours (404).
    BrokenLink,
    /// The request cannot be read (400, 403, 413, 415, 422).
    Unreadable,
    /// The service failed; nothing was recorded (500, 503).
    Failed,
}

/// The answer to an act that is recorded, where nothing else can be read: its title and reference.
#[must_use]
pub fn recorded_page(title: &str, reference: &str, around: &Surroundings) -> String {
    let reference = fill(&around.words().panel.reference, "{reference}", reference);
    let counts = around.words().own.counts.as_str();
    let content = html(|| {
        view! {
            <div class="answer done" role="status">
                <p class="what">{counts}</p>
                <p>{reference}</p>
            </div>
        }
    });
    let page = Page {
        title,
        head_title: None,
        owner: "",
        path: None,
        help: None,
    };
    document(&page, around, &content)
}

/// The page for a problem. `notice` is the one whose mailings a person can stop there, where that helps.
#[must_use]
pub fn problem_page(problem: Problem, notice: Option<&str>, around: &Surroundings) -> String {
    let words = &around.words().page;
    let (title, text) = match problem {
        Problem::NotFound => (&words.not_found_title, &words.not_found_text),
        Problem::BrokenLink => (&words.broken_title, &words.broken_text),
        Problem::Unreadable => (&words.bad_title, &words.bad_text),
        Problem::Failed => (&words.failed_title, &words.failed_text),
    };
    let tag = around.language.tag();
    let (href, label) = match (problem, notice) {
        (Problem::BrokenLink, Some(notice)) => (
            around.url(&format!("/notices/{notice}?lang={tag}#object")),
            &words.broken_stop,
        ),
        _ => (around.url("/"), &words.start),
    };
    let content = html(|| {
        view! { <p>{text.as_str()}</p> <p><a href=href>{label.as_str()}</a></p> }
    });
    let page = Page {
        title,
        head_title: None,
        owner: "",
        path: None,
        help: None,
    };
    document(&page, around, &content)
}
