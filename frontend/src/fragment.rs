//! The widget's first layer: who, the right to object, what data is used for, how long, links.

use chrono::{Days, NaiveDate};
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

/// The version that the one in force is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earlier {
    /// Its number.
    pub version: u32,
    /// Whether everybody is told of the change.
    pub is_news: bool,
}

impl Earlier {
    /// Of all versions, oldest first, each with its number and the day from which it held: the one that
    /// held when the thirty days until `today` began, so that a later change hides none that people
    /// have not been told of as long; else the one before the newest. `None` where there is one version.
    #[must_use]
    pub fn of(
        versions: impl DoubleEndedIterator<Item = (u32, NaiveDate)>,
        today: NaiveDate,
    ) -> Option<Self> {
        let mut found = None;
        let mut replaced_on = None;
        for (version, since) in versions.rev() {
            let Some(day) = replaced_on.replace(since) else {
                continue;
            };
            let is_news = day
                .checked_add_days(NEWS)
                .is_some_and(|until| today < until);
            if found.is_some() && !is_news {
                break;
            }
            found = Some(Self { version, is_news });
        }
        found
    }
}

/// The fragment that fills the widget's shadow root or a frame: complete and usable without script.
/// Its bytes depend on the arguments alone.
#[must_use]
pub fn fragment_html(notice: &Notice, earlier: Option<Earlier>, around: &Surroundings) -> String {
    layer(notice, earlier, around, "")
}

/// The fragment inside a declarative shadow root, for a host that renders on its own server.
#[must_use]
pub fn fragment_document(
    notice: &Notice,
    earlier: Option<Earlier>,
    around: &Surroundings,
) -> String {
    let inner = fragment_html(notice, earlier, around);
    let css = &around.widget_css;
    format!(
        "<template shadowrootmode=\"open\"><link rel=\"stylesheet\" href=\"{css}\">{inner}</template>"
    )
}

/// The first layer as markup of a page of ours, marked for the loader.
pub(crate) fn framed(notice: &Notice, earlier: Option<Earlier>, around: &Surroundings) -> String {
    layer(notice, earlier, around, " data-framed")
}

fn layer(notice: &Notice, earlier: Option<Earlier>, around: &Surroundings, mark: &str) -> String {
    let offer = offer(notice, around);
    let (tag, direction) = (around.language.tag(), around.language.direction());
    let (who, control, rest) = (
        html(|| who(notice)),
        control_html(&offer),
        html(|| rest(notice, earlier, &offer, around)),
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

fn rest(
    notice: &Notice,
    earlier: Option<Earlier>,
    offer: &Offer,
    around: &Surroundings,
) -> impl IntoView + use<> {
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
    let changes = |Earlier {
                       version: before, ..
                   }| {
        let now = notice.version;
        let href = format!("{page}/diff/{before}/{now}{lang}");
        view! { <a href=href target="_blank">{words.changes.as_str()}</a> }
    };
    let date = around.words().date(notice.effective);
    let (news, older) = match earlier {
        Some(earlier) if earlier.is_news => (Some(earlier), None),
        earlier => (None, earlier),
    };
    let changed = news.map(|earlier| {
        view! { <p class="news">{fill(&words.changed, "{date}", &date)}" "{changes(earlier)}</p> }
    });
    let older = older.map(changes);
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
            <a href=[page.as_str(), &lang].concat() target="_blank">{words.full.as_str()}</a>
            {older}
            <a href=[page.as_str(), &lang, "#section-contact"].concat() target="_blank">{words.contact.as_str()}</a>
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
        let html = shown(None);
        for part in [
            "Example",
            "id=\"object\"",
            "id=\"purpose-info_about_us\"",
            "/notices/corporate-clients?lang=en",
        ] {
            assert!(html.contains(part), "{part}");
        }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn shown(earlier: Option<Earlier>) -> String {
        fragment_html(&example::notice(), earlier, &example::around(Language::En))
    }

    #[test]
    fn everyone_is_told_of_a_change_and_finds_it_later() {
        let link = "/diff/0/1?lang=en";
        let earlier = |is_news| {
            Some(Earlier {
                version: 0,
                is_news,
            })
        };
        let fresh = shown(earlier(true));
        assert!(fresh.contains("This privacy notice changed on 23 November 2026."));
        assert_eq!(fresh.matches(link).count(), 1);
        let later = shown(earlier(false));
        assert!(!later.contains("This privacy notice changed"));
        assert_eq!(later.matches(link).count(), 1);
    }

    #[test]
    fn a_first_version_has_changed_nothing_and_is_compared_with_none() {
        assert_eq!(
            Earlier::of([(1, day("2026-11-23"))].into_iter(), day("2026-11-23")),
            None
        );
        let first = shown(None);
        assert!(!first.contains("This privacy notice changed"));
        assert!(!first.contains("/diff/"), "{first}");
    }

    #[test]
    fn the_news_is_all_that_changed_within_thirty_days() {
        let versions = [
            (0, "2026-01-01"),
            (1, "2026-09-01"),
            (2, "2026-11-20"),
            (3, "2026-11-21"),
        ];
        let versions = versions.map(|(number, since)| (number, day(since)));
        for (today, version, is_news) in [
            ("2026-11-21", 1, true),
            ("2026-12-19", 1, true),
            ("2026-12-20", 2, true),
            ("2026-12-21", 2, false),
            ("2028-01-01", 2, false),
        ] {
            let found = Earlier::of(versions.into_iter(), day(today));
            assert_eq!(found, Some(Earlier { version, is_news }), "{today}");
        }
    }

    #[test]
    fn the_fragment_says_its_own_language_and_direction() {
        let html = fragment_html(&example::notice(), None, &example::around(Language::De));
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
        let html = fragment_html(&notice, None, &example::around(Language::En));
        assert!(html.contains("&lt;img src=x") && !html.contains("<img"));
    }
}
