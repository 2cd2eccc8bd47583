//! The service's front page.

use leptos::prelude::*;
use shared::notice::NoticeKey;

use super::{Page, document};
use crate::surroundings::{Surroundings, html};

/// The front page: what this service is, and links to the notices it keeps, by key and name of the
/// controller. `has_demo` shows the link to the demo page.
#[must_use]
pub fn home_page(notices: &[(NoticeKey, String)], has_demo: bool, around: &Surroundings) -> String {
    let words = &around.words().page;
    let lang = ["?lang=", around.language.tag()].concat();
    let notices: Vec<_> = notices
        .iter()
        .map(|(key, owner)| {
            let href = around.url(&format!("/notices/{key}{lang}"));
            let name = [
                words.notice_title.as_str(),
                ", ",
                owner,
                " (",
                key.as_str(),
                ")",
            ]
            .concat();
            view! { <li><a href=href>{name}</a></li> }
        })
        .collect();
    let demo = has_demo
        .then(|| view! { <li><a href=around.url("/demo")>{words.home_demo.as_str()}</a></li> });
    let content = html(|| {
        view! {
            <p>{words.home_text.as_str()}</p>
            <h2>{words.home_notices.as_str()}</h2>
            <ul>{notices}</ul>
            <h2>{words.home_machines.as_str()}</h2>
            <ul>
                <li><a href=around.url("/docs")>{words.home_api.as_str()}</a></li>
                <li><a href=around.url("/openapi.json")>"OpenAPI 3.1"</a></li>
                {demo}
            </ul>
        }
    });
    let page = Page {
        title: &words.home_title,
        head_title: None,
        owner: "",
        path: Some("/"),
        help: None,
    };
    document(&page, around, &content)
}
