//! Whole pages: complete HTML documents without inline script or style, readable, linkable and
//! printable with nothing but a browser.

pub mod again;
pub mod case;
pub mod choices;
pub mod consent;
pub mod difference;
pub mod docs;
pub mod frame;
pub mod history;
pub mod home;
pub mod notice;
pub mod one_click;
pub mod problem;
pub mod result;
pub mod sign_in;
pub mod verbatim;

use shared::notice::Notice;

use crate::catalogue::Language;
use crate::surroundings::Surroundings;

/// Whose page it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Whose<'a> {
    /// The key of the notice beside which the person came, for questions.
    pub notice: &'a str,
    /// The name of the controller.
    pub owner: &'a str,
}

impl<'a> Whose<'a> {
    /// The controller of that notice.
    #[must_use]
    pub fn of(notice: &'a Notice) -> Self {
        Self {
            notice: notice.key.as_str(),
            owner: notice::owner(notice),
        }
    }

    /// Where questions go.
    pub(crate) fn help(self, around: &Surroundings) -> Option<String> {
        let Self { notice, .. } = self;
        let language = around.language.tag();
        (!notice.is_empty()).then(|| {
            around.url(&format!(
                "/notices/{notice}?lang={language}#section-contact"
            ))
        })
    }
}

/// What stands around a page's content.
pub(crate) struct Page<'a> {
    /// The title, also the page's heading.
    pub(crate) title: &'a str,
    /// What the browser shows as title, where that is another.
    pub(crate) head_title: Option<&'a str>,
    /// Below the heading of every page: whose page this is.
    pub(crate) owner: &'a str,
    /// This page's path and query, for the choice of language; none where another language has no sense.
    pub(crate) path: Option<&'a str>,
    /// Where questions go, in the same place on every page (WCAG 3.2.6).
    pub(crate) help: Option<&'a str>,
}

/// The document around a page's content, which is HTML.
pub(crate) fn document(page: &Page<'_>, around: &Surroundings, content: &str) -> String {
    let words = &around.words().page;
    let title = escape(page.head_title.unwrap_or(page.title));
    let heading = escape(page.title);
    let owner = match page.owner {
        "" => String::new(),
        owner => format!("<p class=\"who\">{}</p>", escape(owner)),
    };
    let (tag, direction) = (around.language.tag(), around.language.direction());
    let (widget_css, page_css) = (escape(&around.widget_css), escape(&around.page_css));
    let skip = escape(&words.skip);
    let languages = page
        .path
        .map_or_else(String::new, |path| languages(path, around));
    let help = page.help.map_or_else(String::new, |href| {
        format!(
            "<p><a href=\"{}\">{}</a></p>",
            escape(href),
            escape(&words.help)
        )
    });
    // The way to one's own choices, in the same place on every page (UX-09).
    let own = format!(
        "<p><a href=\"{}?lang={tag}\">{}</a></p>",
        escape(&around.url("/self")),
        escape(&around.words().sign_in.title)
    );
    format!(
        "<!DOCTYPE html>\n<html lang=\"{tag}\" dir=\"{direction}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title>\
         <link rel=\"stylesheet\" href=\"{widget_css}\"><link rel=\"stylesheet\" href=\"{page_css}\">\
         </head><body class=\"sayso page\"><a class=\"skip\" href=\"#main\">{skip}</a>\
         <header>{owner}{languages}</header>\
         <main id=\"main\" tabindex=\"-1\"><h1>{heading}</h1>{content}</main>\
         <footer>{own}{help}</footer></body></html>\n"
    )
}

fn languages(path: &str, around: &Surroundings) -> String {
    let link = |language: Language| {
        let (tag, name) = (language.tag(), escape(&language.words().name));
        if language == around.language {
            return format!("<li aria-current=\"true\">{name}</li>");
        }
        let and = if path.contains('?') { '&' } else { '?' };
        let href = escape(&around.url(&format!("{path}{and}lang={tag}")));
        format!("<li><a href=\"{href}\" hreflang=\"{tag}\" lang=\"{tag}\">{name}</a></li>")
    };
    format!(
        "<ul class=\"languages\">{}</ul>",
        Language::ALL.map(link).concat()
    )
}

/// Text as HTML, also within double quotes.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use shared::notice::difference::Change;

    use super::*;
    use crate::example;
    use crate::panel::Typed;

    fn every_page(language: Language) -> Vec<String> {
        let (notice, around) = (example::notice(), example::around(language));
        let typed = Typed {
            address: "ann@example.com".to_owned(),
            ..Typed::default()
        };
        let done = result::Done {
            reference: "R-1".to_owned(),
            receipt: "https://privacy.example.com/v1/receipts/c".to_owned(),
            undo_token: "t".to_owned(),
            topic: String::new(),
            until: None,
        };
        let day = around.now.date();
        let wrong = [
            case::Wrong::NoPurpose,
            case::Wrong::BadAddress,
            case::Wrong::LongText,
        ];
        let filled = case::Filled {
            text: "</textarea><script>1</script>".to_owned(),
            ..case::Filled::default()
        };
        let forms = [case::Form::Objection, case::Form::Complaint];
        let cases = forms.into_iter().flat_map(|form| {
            [
                case::case_page(form, &notice, &filled, &[], 4_000, &around),
                case::case_page(form, &notice, &filled, &wrong, 4_000, &around),
                case::case_done_page(form, &notice, "7K3M-Q9XD", day, &around),
            ]
        });
        let kept = example::history();
        let mut pages: Vec<String> = cases.collect();
        let purpose = notice.direct_marketing().next().map(|one| one.key.clone());
        let scope = shared::scope::Scope {
            purpose,
            ..shared::scope::Scope::ALL
        };
        let clicked = one_click::Clicked {
            notice: &notice,
            scope: &scope,
            token: "t",
        };
        let stopped = one_click::Stopped::Now {
            reference: "R-1".to_owned(),
            undo: "t".to_owned(),
            topics: Vec::new(),
            until: String::new(),
        };
        let before = one_click::Stopped::Before {
            topics: Vec::new(),
            until: "23 February 2027".to_owned(),
        };
        let sent = again::Sent {
            path: "/object",
            fields: &[],
            owner: "Example",
        };
        pages.extend([
            history::history_page(&kept, &around),
            history::erased_page(&kept, &around),
        ]);
        pages.extend([
            one_click::one_click_page(&clicked, false, &around),
            one_click::one_click_page(&clicked, true, &around),
            one_click::one_click_done_page(&clicked, &stopped, &around),
            one_click::one_click_done_page(&clicked, &before, &around),
            notice::notice_page(&notice, 1, &[0, 1], &around),
            notice::notice_page(&notice, 2, &[0, 1, 2], &around),
            verbatim::verbatim_page(&notice.key, 0, "<b>text</b>", &[], "Example", &around),
            difference::difference_page(0, None, &notice, &[Change::FirstStructured], &around),
            result::done_page(&notice, done, &around),
            result::invalid_page(&notice, typed.clone(), result::Fault::Malformed, &around),
            again::again_page(sent, Some(10), &around),
            again::again_page(sent, None, &around),
            result::undone_page(&notice, &around),
            result::undo_failed_page(&notice, &around),
            home::home_page(&[(notice.key.clone(), "Example".to_owned())], true, &around),
            problem::problem_page(problem::Problem::NotFound, None, &around),
            problem::problem_page(
                problem::Problem::BrokenLink,
                Some("corporate-clients"),
                &around,
            ),
            consent::asked_page(&notice, "ann@example.com", &around),
            consent::confirm_page(&notice, &example::confirm(&around), &around),
            consent::consent_undone_page(true, Whose::of(&notice), &around),
            consent::gone_page(Whose::of(&notice), &around),
        ]);
        pages
    }

    const SCRIPT: &str = "/assets/0123456789abcdef/link.js";

    /// The pages to which a mailed link leads, signed in or not.
    fn where_links_arrive(language: Language) -> Vec<String> {
        let around = example::around(language);
        let (own, whose) = (example::own(&around), Whose::default());
        vec![
            sign_in::sign_in_page(sign_in::SignIn::Start, "", whose, SCRIPT, &around),
            sign_in::sign_in_page(sign_in::SignIn::Refused, "a@b.c", whose, SCRIPT, &around),
            sign_in::sign_in_page(sign_in::SignIn::Unrecorded, "", whose, SCRIPT, &around),
            choices::choices_page(&own, &choices::Before::Nothing, SCRIPT, &around),
            choices::choices_page(&own, &example::given(), SCRIPT, &around),
            consent::open_page(consent::Opening::Start, "", whose, SCRIPT, &around),
        ]
    }

    #[test]
    fn where_a_mailed_link_arrives_there_is_one_script_and_it_is_a_file_of_ours() {
        let tag = format!("<script src=\"{SCRIPT}\" defer></script>");
        for page in Language::ALL.into_iter().flat_map(where_links_arrive) {
            assert_eq!(page.matches("<script").count(), 1);
            for part in [
                tag.as_str(),
                "id=\"linked\" hidden",
                "id=\"token\"",
                "id=\"typed\"",
            ] {
                assert_eq!(page.matches(part).count(), 1, "{part}: {page}");
            }
        }
    }

    #[test]
    fn accepting_and_refusing_look_alike_and_the_words_stand_beside() {
        let around = example::around(Language::En);
        let (own, nothing) = (example::own(&around), choices::Before::Nothing);
        let page = choices::choices_page(&own, &nothing, SCRIPT, &around);
        for label in ["Give consent", "Refuse consent", "Object"] {
            assert!(
                page.contains(&format!("<button class=\"quiet\">{label}</button>")),
                "{label}"
            );
        }
        let (asks, give) = (
            page.find("You can consent to").unwrap(),
            page.find("Give consent").unwrap(),
        );
        assert!(asks < give);
        assert!(!page.contains("checked") && !page.contains("selected"));
    }

    #[test]
    fn every_page_has_language_title_skip_link_one_heading_and_no_script() {
        let tag = format!("<script src=\"{SCRIPT}\" defer></script>");
        for language in Language::ALL {
            let arriving = where_links_arrive(language).into_iter();
            let arriving = arriving.map(|page| page.replace(&tag, ""));
            for page in every_page(language).into_iter().chain(arriving) {
                assert!(page.contains(&format!("<html lang=\"{}\"", language.tag())));
                assert!(
                    page.contains("<title>") && page.contains("href=\"#main\""),
                    "{page}"
                );
                assert_eq!(page.matches("<h1").count(), 1);
                for inline in ["<script", "<style", " style=", " onclick", "javascript:"] {
                    assert!(!page.contains(inline), "{inline}");
                }
            }
        }
    }

    #[test]
    fn a_text_of_old_stays_word_for_word_and_inert() {
        let around = example::around(Language::En);
        let page =
            verbatim::verbatim_page(&example::notice().key, 0, "a <b> & c", &[], "", &around);
        assert!(page.contains("a &lt;b&gt; &amp; c</pre>"));
    }

    #[test]
    fn what_could_not_be_taken_is_kept_word_for_word_and_sent_again() {
        let around = example::around(Language::En);
        let fields = [
            ("address", "ann@example.com"),
            ("text", "two\nlines \"quoted\""),
            ("<odd>", ""),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let sent = again::Sent {
            path: "/complain",
            fields: &fields,
            owner: "Example",
        };
        for (wait, words) in [(Some(10), "wait 10 seconds"), (None, "is kept")] {
            let page = again::again_page(sent, wait, &around);
            for kept in [
                "/complain\"",
                "name=\"address\" type=\"email\"",
                "value=\"ann@example.com\"",
                "name=\"text\" value=\"two\nlines &quot;quoted&quot;\"",
                "name=\"&lt;odd",
                words,
            ] {
                assert!(page.contains(kept), "{kept}: {page}");
            }
        }
    }

    #[test]
    fn the_full_notice_shows_every_slot_that_is_not_empty() {
        let (notice, around) = (example::notice(), example::around(Language::En));
        let page = notice::notice_page(&notice, 1, &[0, 1], &around);
        for slot in shared::notice::slot::SlotName::ALL {
            assert!(
                page.contains(&format!("id=\"section-{}\"", slot.as_str())),
                "{slot}"
            );
        }
    }

    #[test]
    fn an_older_version_says_so_and_offers_no_control() {
        let (notice, around) = (example::notice(), example::around(Language::En));
        let page = notice::notice_page(&notice, 2, &[0, 1, 2], &around);
        assert!(page.contains(&around.words().page.older) && !page.contains("<form"));
    }
}
