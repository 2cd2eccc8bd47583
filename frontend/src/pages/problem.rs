//! What a browser shows when something is not there or went wrong: what to do next.

use leptos::prelude::*;

use super::{Page, document};
use crate::surroundings::{Surroundings, html};

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// There is no such page (404).
    NotFound,
    /// The request cannot be read (400, 403, 413, 415, 422).
    Unreadable,
    /// The service failed; nothing was recorded (500, 503).
    Failed,
}

/// The page for a problem.
#[must_use]
pub fn problem_page(problem: Problem, around: &Surroundings) -> String {
    let words = &around.words().page;
    let (title, text) = match problem {
        Problem::NotFound => (&words.not_found_title, &words.not_found_text),
        Problem::Unreadable => (&words.bad_title, &words.bad_text),
        Problem::Failed => (&words.failed_title, &words.failed_text),
    };
    let content = html(|| {
        let start = around.url("/");
        view! { <p>{text.as_str()}</p> <p><a href=start>{words.start.as_str()}</a></p> }
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
