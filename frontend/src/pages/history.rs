//! A signed-in contact's history: everything that is kept, to read, to take along, to erase.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::{Page, document};
use crate::panel::fill;
use crate::surroundings::{Surroundings, html};

/// What is kept about one person, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Their address in its normal form.
    pub address: String,
    /// The name of the controller.
    pub controller: String,
    /// The notice beside which they signed in.
    pub notice: String,
    /// What happened, newest first.
    pub lines: Vec<(NaiveDate, String)>,
    /// Their cases.
    pub cases: Vec<CaseLine>,
    /// What stays after an erasure.
    pub stays: Vec<String>,
    /// Until when it is kept; `None` as long as something of it is respected.
    pub kept_until: Option<NaiveDate>,
}

/// A case of theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseLine {
    /// The reference.
    pub reference: String,
    /// What it is about.
    pub what: String,
    /// Whether the use of data is restricted while it is open.
    pub restricted: bool,
    /// Until when somebody answers, while it is open.
    pub by: Option<NaiveDate>,
    /// How it was decided.
    pub accepted: Option<bool>,
    /// Why it was rejected.
    pub grounds: Option<String>,
}

/// The page.
#[must_use]
pub fn history_page(history: &History, around: &Surroundings) -> String {
    let content = [
        html(|| top(history, around)),
        html(|| cases(history, around)),
        html(|| entries(history, around)),
        html(|| erasing(history, around)),
    ]
    .concat();
    page(history, &around.words().history.title, around, &content)
}

/// The answer to an erasure: what is gone, and what stays.
#[must_use]
pub fn erased_page(history: &History, around: &Surroundings) -> String {
    let words = &around.words().history;
    let content = html(|| {
        view! {
            <div class="answer done" role="status">
                <p class="what">{words.erased_text.as_str()}</p>
                {stays(history, around)}
            </div>
            <p><a href=home(history, around)>{around.words().page.back.as_str()}</a></p>
        }
    });
    page(history, &words.erased_title, around, &content)
}

fn top(history: &History, around: &Surroundings) -> impl IntoView + use<> {
    let words = &around.words().history;
    let link = |path: &str, label: &'static str| {
        let href = format!("{path}?lang={}", around.language.tag());
        view! { <a href=href>{label}</a> }
    };
    let file = |path: &'static str, label: &'static str| {
        let href = format!("{path}?lang={}", around.language.tag());
        view! { <a href=href download>{label}</a> }
    };
    let nothing = history.lines.is_empty() && history.cases.is_empty() && history.stays.is_empty();
    let kept = match history.kept_until {
        _ if nothing => None,
        Some(date) => Some(fill(
            &words.kept_until,
            "{date}",
            &around.words().date(date),
        )),
        None => Some(words.kept_while.clone()),
    };
    let kept = kept.map(|kept| view! { <p>{kept}</p> });
    view! {
        <p>{fill(&words.whose, "{address}", &history.address)}</p>
        <p class="links">
            {link("/self", &words.choices)} " " {file("/self/export.json", &words.json)} " "
            {file("/self/export.csv", &words.csv)}
        </p>
        <p class="hint">{words.export_hint.as_str()}</p>
        {kept}
    }
}

fn cases(history: &History, around: &Surroundings) -> AnyView {
    let words = &around.words().history;
    if history.cases.is_empty() {
        return ().into_any();
    }
    let date = |date| around.words().date(date);
    let items: Vec<_> = history
        .cases
        .iter()
        .map(|case| {
            let state = match case.accepted {
                Some(true) => words.case_accepted.clone(),
                Some(false) => words.case_rejected.clone(),
                None => {
                    let by = case.by.map_or_else(String::new, date);
                    fill(&words.case_open, "{date}", &by)
                }
            };
            let restricted = case
                .restricted
                .then(|| view! { <p>{words.case_restricted.as_str()}</p> });
            let grounds = case.grounds.clone();
            let grounds =
                grounds.map(|text| view! { <p>{words.case_grounds.as_str()} " " {text}</p> });
            view! {
                <li>
                    <p class="what">{case.reference.clone()} ": " {case.what.clone()}</p>
                    <p>{state}</p>
                    {restricted}
                    {grounds}
                </li>
            }
        })
        .collect();
    view! { <section><h2>{words.cases.as_str()}</h2><ul>{items}</ul></section> }.into_any()
}

fn entries(history: &History, around: &Surroundings) -> AnyView {
    let words = &around.words().history;
    if history.lines.is_empty() {
        return view! { <p>{words.nothing.as_str()}</p> }.into_any();
    }
    let lines: Vec<_> = history
        .lines
        .iter()
        .map(|(date, said)| {
            let machine = date.to_string();
            let date = around.words().date(*date);
            view! { <li><time datetime=machine>{date}</time> ": " {said.clone()}</li> }
        })
        .collect();
    view! { <section><h2>{words.entries.as_str()}</h2><ul>{lines}</ul></section> }.into_any()
}

fn erasing(history: &History, around: &Surroundings) -> AnyView {
    let words = &around.words().history;
    if history.lines.is_empty() {
        return ().into_any();
    }
    view! {
        <section>
            <h2>{words.erase_title.as_str()}</h2>
            <p>{words.erase_text.as_str()}</p>
            {stays(history, around)}
            <form method="post" action="/self/erase">
                <input type="hidden" name="lang" value=around.language.tag()/>
                <button>{words.erase.as_str()}</button>
            </form>
        </section>
    }
    .into_any()
}

/// What stays, said plainly (LAW-30).
fn stays(history: &History, around: &Surroundings) -> AnyView {
    let words = &around.words().history;
    let items: Vec<_> = history
        .stays
        .iter()
        .map(|what| view! { <li>{what.clone()}</li> })
        .collect();
    let listed = (!items.is_empty()).then(|| {
        view! {
            <p>{words.stopped.as_str()}</p>
            <ul>{items}</ul>
        }
    });
    view! {
        <p>{words.stays.as_str()}</p>
        {listed}
        <p>{words.ends.as_str()}</p>
    }
    .into_any()
}

fn home(history: &History, around: &Surroundings) -> String {
    around.url(&format!(
        "/notices/{}?lang={}",
        history.notice,
        around.language.tag()
    ))
}

fn page(history: &History, title: &str, around: &Surroundings, content: &str) -> String {
    let help = [home(history, around).as_str(), "#section-contact"].concat();
    let page = Page {
        title,
        head_title: None,
        owner: &history.controller,
        path: Some("/self/history"),
        help: Some(&help),
    };
    document(&page, around, content)
}
