//! A version from before the structure: the text word for word, and what is wrong with it.

use leptos::prelude::*;
use shared::notice::NoticeKey;
use shared::notice::defect::Defect;

use super::{Page, document};
use crate::panel::fill;
use crate::surroundings::{Surroundings, html};

/// The page of a verbatim version.
#[must_use]
pub fn verbatim_page(
    key: &NoticeKey,
    version: u32,
    text: &str,
    defects: &[Defect],
    owner: &str,
    around: &Surroundings,
) -> String {
    let words = &around.words().page;
    let here = around.url(&format!("/notices/{key}?lang={}", around.language.tag()));
    let found: Vec<_> = defects
        .iter()
        .map(|defect| view! { <li>{defect.message.clone()} "; " {defect.advice.clone()}</li> })
        .collect();
    let found = (!found.is_empty()).then(
        || view! { <section><h2>{words.defects.as_str()}</h2><ul lang="en">{found}</ul></section> },
    );
    let content = html(|| {
        view! {
            <p class="banner"><b>{words.older.as_str()}</b> " " <a href=here.clone()>{words.current.as_str()}</a></p>
            <p>{words.verbatim.as_str()}</p>
            <pre lang="en" tabindex="0" role="region" aria-label=words.notice_title.as_str()>{text.to_owned()}</pre>
            {found}
        }
    });
    let name = fill(&words.version_name, "{version}", &version.to_string());
    let title = [words.notice_title.as_str(), ", ", &name].concat();
    let path = format!("/notices/{key}/versions/{version}");
    let help = [here.as_str(), "#section-contact"].concat();
    let page = Page {
        title: &title,
        head_title: None,
        owner,
        path: Some(&path),
        help: Some(&help),
    };
    document(&page, around, &content)
}
