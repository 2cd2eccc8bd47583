//! The control of a notice: what the panel offers, as HTML and as the text kept as evidence.

use leptos::prelude::*;
use shared::legal_basis::LegalBasis;
use shared::notice::Notice;

use crate::panel::{Choice, Offer, Shown, State, Typed, Words, control, fill, panel};
use crate::purposes::{Said, said};
use crate::surroundings::{Surroundings, html};

/// The durations a pause can have, in months.
pub(crate) const PAUSES: [u32; 3] = [1, 3, 6];

/// What the panel of this notice offers.
#[must_use]
pub fn offer(notice: &Notice, around: &Surroundings) -> Offer {
    let catalogue = around.words();
    let controller = notice
        .slots
        .controller
        .filled()
        .map_or("", |controller| &controller.name);
    let topics = notice
        .direct_marketing()
        .flat_map(|purpose| &purpose.topics)
        .map(|topic| {
            let title = notice.text(&format!("topic.{}.title", topic.key), around.language.tag());
            let title = title.map_or_else(|| topic.key.to_string(), |text| text.words.to_owned());
            Choice {
                value: topic.key.to_string(),
                label: title.clone(),
                name: title,
            }
        });
    let pauses = PAUSES.map(|months| {
        let end = around.now.date_in_months(months);
        let label = catalogue.pause(months, end);
        Choice {
            value: end.to_string(),
            label,
            name: catalogue.date(end),
        }
    });
    Offer {
        base: around.base.clone(),
        notice: notice.key.to_string(),
        view_token: around.view_token.clone().unwrap_or_default(),
        language: around.language.tag().to_owned(),
        consent: notice
            .direct_marketing()
            .find(|purpose| purpose.rests_on(LegalBasis::Consent))
            .map_or_else(String::new, |purpose| purpose.key.to_string()),
        topics: topics.collect(),
        pauses: pauses.to_vec(),
        words: own_words(notice, around, named(&catalogue.panel, controller)),
    }
}

/// What the notice itself says in the page's language stands before the catalogue's words.
fn own_words(notice: &Notice, around: &Surroundings, words: Words) -> Words {
    let own = |key: &str, else_say: String| match said(notice, key, around) {
        Some(Said { words, lang: None }) => words,
        _ => else_say,
    };
    Words {
        heading: own("first.object.heading", words.heading),
        promise: own("first.object.text", words.promise),
        address: own("first.object.label", words.address),
        object: own("first.object.button", words.object),
        ..words
    }
}

fn named(words: &Words, controller: &str) -> Words {
    let named = |text: &str| fill(text, "{controller}", controller);
    Words {
        promise: named(&words.promise),
        objected: named(&words.objected),
        objected_topic: named(&words.objected_topic),
        consent_promise: named(&words.consent_promise),
        ..words.clone()
    }
}

/// The control, ready to be hydrated: its root says what it was rendered from, and how many elements
/// it has, so that a page which somebody altered is left alone.
#[must_use]
pub fn control_html(offer: &Offer) -> String {
    let shown = offer.clone();
    let inner = html(move || control(shown, Shown::default()));
    let elements = inner
        .split('<')
        .skip(1)
        .filter(|tag| tag.starts_with(|c: char| c.is_ascii_alphabetic()))
        .count();
    let offer = offer
        .write()
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;");
    format!("<div data-offer=\"{elements}\n{offer}\">{inner}</div>")
}

/// The panel for a page without script, with what was typed and what is wrong with it.
#[must_use]
pub fn still(offer: &Offer, state: State, typed: Typed) -> String {
    let offer = offer.clone();
    html(move || panel(offer, RwSignal::new(state), RwSignal::new(false), typed))
}

/// The control's words exactly as shown, a line each, in the order of the page. Kept by digest
/// with every entry as the evidence of what the person saw (LAW-05).
#[must_use]
pub fn control_text(notice: &Notice, around: &Surroundings) -> String {
    let offer = offer(notice, around);
    let words = &offer.words;
    let mut lines = vec![
        &words.heading,
        &words.promise,
        &words.address,
        &words.address_hint,
        &words.narrower,
    ];
    if !offer.topics.is_empty() {
        lines.extend([&words.topic, &words.every_topic]);
        lines.extend(offer.topics.iter().map(|topic| &topic.label));
    }
    lines.extend([&words.until, &words.for_good]);
    lines.extend(offer.pauses.iter().map(|pause| &pause.label));
    lines.push(&words.object);
    lines
        .into_iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join("\n")
}

/// The words of the request for consent, as [`control_text`] has the objection's; `None` where the
/// notice asks for none.
#[must_use]
pub fn consent_text(notice: &Notice, around: &Surroundings) -> Option<String> {
    let Offer { consent, words, .. } = offer(notice, around);
    let lines = [
        words.consent_heading,
        words.consent_promise,
        words.address,
        words.consent_button,
    ];
    (!consent.is_empty()).then(|| lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Language;
    use crate::example;

    #[test]
    fn the_panel_posts_without_script_and_chooses_nothing_for_anyone() {
        let html = still(
            &offer(&example::notice(), &example::around(Language::En)),
            State::Ready,
            Typed::default(),
        );
        assert!(
            html.contains(r#"method="post" action="https://privacy.example.com/object""#),
            "{html}"
        );
        assert!(html.contains(r#"type="email" autocomplete="email""#));
        assert_eq!(html.matches(r#"type="radio""#).count(), 8);
        for (checked, _) in html.match_indices(" checked") {
            let start = html[..checked].rfind('<').unwrap();
            assert!(
                html[start..checked].contains(r#"value="""#),
                "{}",
                &html[start..checked]
            );
        }
    }

    #[test]
    fn heading_field_and_button_stand_outside_every_collapsible() {
        let html = control_html(&offer(&example::notice(), &example::around(Language::En)));
        let (open, close) = (
            html.find("<details").unwrap(),
            html.find("</details>").unwrap(),
        );
        for part in ["<h2", r#"id="address""#, "<button>"] {
            let at = html.find(part).unwrap();
            assert!(at < open || at > close, "{part}");
        }
    }

    #[test]
    fn the_live_regions_are_there_before_anything_happens() {
        let html = control_html(&offer(&example::notice(), &example::around(Language::En)));
        assert!(html.contains(r#"role="status""#) && html.contains(r#"role="alert""#));
    }

    #[test]
    fn the_kept_control_text_is_what_the_panel_shows() {
        for language in Language::ALL {
            let (notice, around) = (example::notice(), example::around(language));
            let html = still(&offer(&notice, &around), State::Ready, Typed::default());
            let mut rest = html.as_str();
            for line in control_text(&notice, &around).lines() {
                let line = line.replace('&', "&amp;");
                let at = rest
                    .find(&line)
                    .unwrap_or_else(|| panic!("{line:?} is not shown in order"));
                rest = &rest[at + line.len()..];
            }
        }
    }

    #[test]
    fn consent_is_asked_apart_from_the_objection_and_says_who_what_how_and_how_to_withdraw() {
        for language in Language::ALL {
            let (notice, around) = (example::notice(), example::around(language));
            let html = control_html(&offer(&notice, &around));
            let asked = &html[html.find(r#"id="consent""#).unwrap()..];
            let mut rest = asked;
            for line in consent_text(&notice, &around).unwrap().lines() {
                let line = line.replace('&', "&amp;");
                let at = rest.find(&line).unwrap();
                rest = &rest[at + line.len()..];
            }
            assert!(asked.contains("Example Managed IT"), "{asked}");
            assert!(asked.contains(r#"name="purpose" value="info_about_us""#));
            assert!(!asked.contains("checkbox") && !asked.contains(" checked"));
        }
    }

    #[test]
    fn an_offer_reads_back_as_it_was_written() {
        for language in Language::ALL {
            let offer = offer(&example::notice(), &example::around(language));
            assert_eq!(Offer::read(&offer.write()), Some(offer));
        }
    }

    #[test]
    fn an_error_keeps_what_was_typed_and_chosen() {
        let typed = Typed {
            address: "ann@\"example".to_owned(),
            topic: "it_strategy".to_owned(),
            until: "2027-02-23".to_owned(),
        };
        let offer = offer(&example::notice(), &example::around(Language::En));
        let html = still(&offer, State::Malformed, typed);
        assert!(html.contains(r#"value="ann@&quot;example""#), "{html}");
        assert!(html.contains(r#"value="it_strategy" checked"#));
        assert!(html.contains(r#"value="2027-02-23" checked"#));
        assert!(html.contains(&offer.words.address_malformed));
    }

    #[test]
    fn every_reference_between_elements_resolves_in_the_same_root() {
        let html = control_html(&offer(&example::notice(), &example::around(Language::En)));
        for attribute in ["for", "aria-describedby", "aria-labelledby", "form"] {
            for (_, after) in html
                .match_indices(&format!(" {attribute}=\""))
                .map(|(at, found)| html.split_at(at + found.len()))
            {
                for id in after.split('"').next().unwrap().split(' ') {
                    assert!(html.contains(&format!(" id=\"{id}\"")), "{attribute}={id}");
                }
            }
        }
    }
}
