//! The widget's first layer: who, the right to object, what data is used for, how long, links.

use chrono::Days;
use leptos::prelude::*;
use shared::notice::Notice;

use crate::control::{control_html, offer};
use crate::pages::case::links;
use crate::panel::{Offer, fill};
use crate::purposes::{Said, kept, said, terms};
use crate::surroundings::{Surroundings, html};

/// How long everybody is told that the notice changed. Nothing is kept on the visitor's device, so
/// it cannot be told to each of them once.
const NEWS: Days = Days::new(30);

/// The fragment that fills the widget's shadow root or a frame: complete and usable without script.
/// Its bytes depend on the notice and the surroundings alone.
#[must_use]
pub fn fragment_html(notice: &Notice, around: &Surroundings) -> String {
    layer(notice, around, "")
}

/// The fragment inside a declarative shadow root, for a host that renders on its own server.
#[must_use]
pub fn fragment_document(notice: &Notice, around: &Surroundings) -> String {
    let inner = fragment_html(notice, around);
    let css = &around.widget_css;
    format!(
        "<template shadowrootmode=\"open\"><link rel=\"stylesheet\" href=\"{css}\">{inner}</template>"
    )
}

/// The first layer as markup of a page of ours, marked for the loader.
pub(crate) fn framed(notice: &Notice, around: &Surroundings) -> String {
    layer(notice, around, " data-framed")
}

fn layer(notice: &Notice, around: &Surroundings, mark: &str) -> String {
    let offer = offer(notice, around);
    let (tag, direction) = (around.language.tag(), around.language.direction());
    let (who, control, rest) = (
        html(|| who(notice)),
        control_html(&offer),
        html(|| rest(notice, &offer, around)),
    );
    format!(
        "<div class=\"sayso\" lang=\"{tag}\" dir=\"{direction}\"{mark}>{who}{control}{rest}</div>"
    )
}

fn who(notice: &Notice) -> impl IntoView + use<> {
    let controller = notice.slots.controller.filled();
    controller.map(|controller| {
        view! { <p class="who">{controller.name.clone()}</p> }
    })
}

/// Whether this version has replaced another lately.
fn is_news(notice: &Notice, around: &Surroundings) -> bool {
    let until = notice.effective.checked_add_days(NEWS);
    notice.version > 0 && until.is_some_and(|until| around.now.date() < until)
}

fn rest(notice: &Notice, offer: &Offer, around: &Surroundings) -> impl IntoView + use<> {
    let words = &around.words().notice;
    let page = around.url(&["/notices/", &offer.notice].concat());
    let lang = ["?lang=", around.language.tag()].concat();
    let uses: Vec<_> = notice
        .purposes
        .iter()
        .map(|purpose| {
            let title = said(notice, &purpose.text_key("title"), around);
            let sentence = said(notice, &purpose.text_key("sentence"), around);
            let sentence = sentence.map(|Said { words, lang }| view! { <p lang=lang>{words}</p> });
            let Said { words: title, lang } = title.unwrap_or(Said { words: purpose.key.to_string(), lang: None });
            view! {
                <li id=purpose.anchor()>
                    <details><summary lang=lang>{title}</summary>{sentence}{terms(notice, purpose, around)}</details>
                </li>
            }
        })
        .collect();
    let keeping: Vec<_> = notice
        .retention
        .iter()
        .map(|rule| view! { <li>{kept(notice, rule, around)}</li> })
        .collect();
    let changes = || {
        let (before, now) = (notice.version - 1, notice.version);
        let href = format!("{page}/diff/{before}/{now}{lang}");
        view! { <a href=href target="_blank" rel="noopener">{words.changes.as_str()}</a> }
    };
    let date = around.words().date(notice.effective);
    let changed = is_news(notice, around).then(|| {
        view! { <p class="news">{fill(&words.changed, "{date}", &date)}" "{changes()}</p> }
    });
    let older = (notice.version > 0 && changed.is_none()).then(changes);
    let first = |word: &str| {
        let said = said(notice, &["first.", word].concat(), around);
        said.map(|Said { words, lang }| view! { <p lang=lang>{words}</p> })
    };
    view! {
        {changed}
        <h2>{words.uses.as_str()}</h2>
        {first("who")}
        {first("uses")}
        <ul class="uses">{uses}</ul>
        <h2>{words.keeping.as_str()}</h2>
        {first("retention")}
        <details>
            <summary>{words.periods.as_str()}</summary>
            <ul class="kept">{keeping}</ul>
        </details>
        <p class="links">
            <a href=[page.as_str(), &lang].concat() target="_blank" rel="noopener">{words.full.as_str()}</a>
            {older}
            <a href=[page.as_str(), &lang, "#section-contact"].concat() target="_blank" rel="noopener">{words.contact.as_str()}</a>
            {links(notice, true, around)}
        </p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Language;
    use crate::example;

    #[test]
    fn the_first_layer_says_who_what_for_how_long_and_where_to_read_on() {
        let html = fragment_html(&example::notice(), &example::around(Language::En));
        for part in [
            "Example",
            "id=\"object\"",
            "id=\"purpose-info_about_us\"",
            "/notices/corporate-clients?lang=en",
        ] {
            assert!(html.contains(part), "{part}");
        }
    }

    #[test]
    fn everyone_is_told_of_a_change_for_thirty_days_and_finds_it_later() {
        let link = "/diff/0/1?lang=en";
        let mut around = example::around(Language::En);
        let fresh = fragment_html(&example::notice(), &around);
        assert!(fresh.contains("This privacy notice changed on 23 November 2026."));
        assert_eq!(fresh.matches(link).count(), 1);
        around.now = around.now.plus_millis(30 * 24 * 60 * 60 * 1000);
        let later = fragment_html(&example::notice(), &around);
        assert!(!later.contains("This privacy notice changed"));
        assert_eq!(later.matches(link).count(), 1);
    }

    #[test]
    fn the_fragment_says_its_own_language_and_direction() {
        let html = fragment_html(&example::notice(), &example::around(Language::De));
        assert!(html.starts_with(r#"<div class="sayso" lang="de" dir="ltr">"#));
    }

    #[test]
    fn markup_in_a_notice_is_shown_and_not_run() {
        let mut notice = example::notice();
        for texts in notice.texts.languages.values_mut() {
            for words in texts.values_mut() {
                words.push_str("<img src=x onerror=alert(1)>");
            }
        }
        let html = fragment_html(&notice, &example::around(Language::En));
        assert!(html.contains("&lt;img src=x") && !html.contains("<img"));
    }
}
