//! The control of a notice: what the panel offers, as HTML and as the text kept as evidence.

use leptos::prelude::*;
use shared::notice::Notice;

use crate::panel::{Choice, Offer, State, Typed, Words, fill, panel};
use crate::purposes::{Said, said};
use crate::surroundings::{Surroundings, html};

/// The durations a pause can have, in months.
const PAUSES: [u32; 3] = [1, 3, 6];

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
        ..words.clone()
    }
}

/// The panel, ready to be hydrated: its root says what it was rendered from, and how many elements
/// it has, so that a page which somebody altered is left alone.
#[must_use]
pub fn control_html(offer: &Offer) -> String {
    let inner = still(offer, State::Ready, Typed::default());
    let elements = inner
        .split('<')
        .skip(1)
        .filter(|tag| tag.starts_with(|c: char| c.is_ascii_alphabetic()))
        .count();
    let offer = offer.write().replace('&', "&amp;").replace('"', "&quot;");
    format!("<div data-offer=\"{elements}\n{offer}\">{inner}</div>")
}

/// The panel for a page without script, with what was typed and what is wrong with it.
#[must_use]
pub fn still(offer: &Offer, state: State, typed: Typed) -> String {
    let offer = offer.clone();
    html(move || panel(offer, RwSignal::new(state), typed))
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
