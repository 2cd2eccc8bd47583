//! The full notice: every slot, every purpose, on one page that can be linked and printed.

use leptos::prelude::*;
use shared::notice::Notice;
use shared::notice::purpose::Purpose;
use shared::notice::section::Section;
use shared::notice::slot::SlotName;

use super::case::links;
use super::{Page, document};
use crate::control::{offer, still};
use crate::panel::{State, Typed, fill};
use crate::purposes::{Said, kept, longer, paragraphs, said, terms, told};
use crate::surroundings::{Surroundings, html};

/// The page of a notice version. `current` is the number of the version in force; an older one
/// says so and sends to it instead of offering the control. `versions` are the numbers of all.
#[must_use]
pub fn notice_page(
    notice: &Notice,
    current: u32,
    versions: &[u32],
    around: &Surroundings,
) -> String {
    let words = &around.words().page;
    let is_current = notice.version == current;
    let top = html(|| version_line(notice, current, around));
    let control = match is_current {
        true => {
            let more = html(|| view! { <p class="links">{links(notice, false, around)}</p> });
            still(&offer(notice, around), State::Ready, Typed::default()) + &more
        }
        false => String::new(),
    };
    let sections: String = SlotName::ALL
        .into_iter()
        .map(|slot| notice.section(slot, around.language.tag()))
        .map(|section| html(|| section_view(notice, section, around)))
        .collect();
    let list = html(|| version_list(notice, versions, around));
    let home = ["/notices/", notice.key.as_str()].concat();
    let path = match is_current {
        true => home.clone(),
        false => format!("{home}/versions/{}", notice.version),
    };
    let help = around.url(&format!(
        "{home}?lang={}#section-contact",
        around.language.tag()
    ));
    let owner = owner(notice);
    let page = Page {
        title: &words.notice_title,
        head_title: Some(&[words.notice_title.as_str(), ", ", owner].concat()),
        owner,
        path: Some(&path),
        help: Some(&help),
    };
    document(&page, around, &[top, control, sections, list].concat())
}

/// The controller's name.
pub(crate) fn owner(notice: &Notice) -> &str {
    notice
        .slots
        .controller
        .filled()
        .map_or("", |controller| &controller.name)
}

fn version_line(notice: &Notice, current: u32, around: &Surroundings) -> impl IntoView + use<> {
    let words = &around.words().page;
    let version = fill(&words.version, "{version}", &notice.version.to_string());
    let version = fill(&version, "{date}", &around.words().date(notice.effective));
    let banner = (notice.version != current).then(|| {
        let here = around.url(&format!("/notices/{}?lang={}", notice.key, around.language.tag()));
        view! { <p class="banner"><b>{words.older.as_str()}</b>" " <a href=here>{words.current.as_str()}</a></p> }
    });
    view! { {banner} <p class="hint">{version}</p> }
}

fn section_view(notice: &Notice, section: Section<'_>, around: &Surroundings) -> AnyView {
    let page = around.language.tag();
    let Section {
        slot,
        anchor,
        title,
        text,
        facts,
        not_applicable,
    } = section;
    let said = |text: shared::notice::text::Text<'_>| Said {
        words: text.words.to_owned(),
        lang: (text.language.as_str() != page).then(|| text.language.to_string()),
    };
    let Some(Said { words: title, lang }) = title.map(said) else {
        return ().into_any();
    };
    let body = text.map(|text| paragraphs(said(text)));
    let reason = not_applicable
        .map(|reason| fill(&around.words().notice.not_applicable, "{reason}", reason))
        .map(|reason| view! { <p>{reason}</p> });
    let (labelled, plain): (Vec<_>, Vec<_>) =
        facts.into_iter().partition(|fact| fact.label.is_some());
    let labelled = (!labelled.is_empty()).then(|| {
        let lines = labelled.into_iter().map(|fact| {
            let Said { words, lang } = fact.label.map_or_else(
                || Said {
                    words: String::new(),
                    lang: None,
                },
                said,
            );
            view! { <div><dt lang=lang>{words}</dt><dd>{linked(fact.value)}</dd></div> }
        });
        view! { <dl class="facts">{lines.collect::<Vec<_>>()}</dl> }
    });
    let plain = (!plain.is_empty()).then(|| {
        let lines = plain
            .into_iter()
            .map(|fact| view! { <li>{fact.value}</li> });
        view! { <ul>{lines.collect::<Vec<_>>()}</ul> }
    });
    let more = listed(notice, slot, around);
    view! {
        <section id=anchor>
            <h2 lang=lang>{title}</h2>
            {body} {reason} {labelled} {plain} {more}
        </section>
    }
    .into_any()
}

/// What N5, N8 and N11 list.
fn listed(notice: &Notice, slot: SlotName, around: &Surroundings) -> AnyView {
    match slot {
        SlotName::Purposes => notice
            .purposes
            .iter()
            .map(|purpose| card(notice, purpose, around))
            .collect_view()
            .into_any(),
        SlotName::DataCategories => {
            let data = |key: &_| {
                let Said { words, lang } = told(notice, &format!("data.{key}"), around);
                view! { <li lang=lang>{words}</li> }
            };
            view! { <ul>{notice.data_categories.iter().map(data).collect_view()}</ul> }.into_any()
        }
        SlotName::Retention => {
            let rule = |rule| {
                let longer = longer(rule, around.words());
                view! { <li id=format!("retention-{}", rule.key)>{kept(notice, rule, around)} " " {longer}</li> }
            };
            view! { <ul>{notice.retention.iter().map(rule).collect_view()}</ul> }.into_any()
        }
        _ => ().into_any(),
    }
}

/// A purpose in full.
fn card(notice: &Notice, purpose: &Purpose, around: &Surroundings) -> AnyView {
    let words = &around.words().notice;
    let word = |word: &str| said(notice, &purpose.text_key(word), around);
    let Said { words: title, lang } = told(notice, &purpose.text_key("title"), around);
    let list = |name: &str, items: Vec<Said>| {
        (!items.is_empty()).then(|| {
            let items: Vec<_> = items
                .into_iter()
                .map(|Said { words, lang }| view! { <dd lang=lang>{words}</dd> })
                .collect();
            view! { <dl><dt>{name.to_owned()}</dt>{items}</dl> }
        })
    };
    let data = purpose.data_categories.iter();
    let data = data
        .map(|key| told(notice, &format!("data.{key}"), around))
        .collect();
    let topics = purpose.topics.iter();
    let topics = topics
        .map(|topic| told(notice, &format!("topic.{}.sentence", topic.key), around))
        .collect();
    view! {
        <article id=purpose.anchor()>
            <h3 lang=lang>{title}</h3>
            {word("sentence").map(paragraphs)}
            {word("details").map(paragraphs)}
            {list(&words.data, data)}
            {list(&words.topics, topics)}
            {terms(notice, purpose, around)}
        </article>
    }
    .into_any()
}

fn version_list(notice: &Notice, versions: &[u32], around: &Surroundings) -> impl IntoView + use<> {
    let words = &around.words().page;
    let (base, tag) = (
        around.url(&["/notices/", notice.key.as_str()].concat()),
        around.language.tag(),
    );
    let item = |version: &u32| {
        let name = fill(&words.version_name, "{version}", &version.to_string());
        let href = format!("{base}/versions/{version}?lang={tag}");
        let changes = version
            .checked_sub(1)
            .filter(|before| versions.contains(before))
            .map(|before| {
                let href = format!("{base}/diff/{before}/{version}?lang={tag}");
                view! { " " <a href=href>{around.words().notice.changes.as_str()}</a> }
            });
        view! { <li><a href=href>{name}</a>{changes}</li> }
    };
    let items: Vec<_> = versions.iter().rev().map(item).collect();
    view! {
        <section id="versions">
            <h2>{words.versions.as_str()}</h2>
            <ul>{items}</ul>
            <p class="hint">{words.print_hint.as_str()}</p>
        </section>
    }
}

/// A value, as a link where it is an address of the web or of e-mail.
fn linked(value: String) -> AnyView {
    if value.starts_with("https://") {
        view! { <a href=value.clone()>{value.clone()}</a> }.into_any()
    } else if value.contains('@') && !value.contains(' ') {
        view! { <a href=["mailto:", &value].concat()>{value.clone()}</a> }.into_any()
    } else {
        value.into_any()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Language;
    use crate::example;

    #[test]
    fn every_text_in_another_language_than_the_page_says_so() {
        let mut notice = example::notice();
        notice
            .texts
            .languages
            .retain(|language, _| language.as_str() == "en");
        let text = |key: &str| notice.text(key, "en").expect(key).words.to_owned();
        let page = notice_page(&notice, 1, &[1], &example::around(Language::De));
        for (element, key) in [
            ("h3", "purpose.info_about_us.title"),
            ("li", "data.contact_details"),
            ("dd", "data.contact_details"),
            ("dd", "topic.it_strategy.sentence"),
            ("span", "retention.financial_records.title"),
            ("span", "event.end_of_financial_year"),
        ] {
            let marked = format!("<{element} lang=\"en\">{}</{element}>", text(key));
            assert!(page.contains(&marked), "{marked}");
        }
        let own = notice_page(&notice, 1, &[1], &example::around(Language::En));
        assert!(own.contains(&format!("<h3>{}</h3>", text("purpose.info_about_us.title"))));
    }
}
