//! Purposes and retention in words, generated from the notice: what the page says about a basis, a
//! period or a right is what the service acts on (NOT-05).

use leptos::prelude::*;
use shared::legal_basis::LegalBasis;
use shared::notice::Notice;
use shared::notice::purpose::{BasisUse, Control, Purpose};
use shared::notice::retention::{Keep, Override, Period, Rule};

use crate::catalogue::Catalogue;
use crate::panel::fill;
use crate::surroundings::Surroundings;

/// A text of the notice with the language it is in, where that is not the page's.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) words: String,
    pub(crate) lang: Option<String>,
}

/// The notice's text of that key; nothing when it has none (NOT-03: nothing is made up).
pub(crate) fn said(notice: &Notice, key: &str, around: &Surroundings) -> Option<Said> {
    let page = around.language.tag();
    notice.text(key, page).map(|text| Said {
        words: text.words.to_owned(),
        lang: (text.language.as_str() != page).then(|| text.language.to_string()),
    })
}

/// The text's paragraphs; where every line of one starts with `- `, a list.
pub(crate) fn paragraphs(said: Said) -> Vec<AnyView> {
    let Said { words, lang } = said;
    let paragraph = |text: &str| {
        let lang = lang.clone();
        let items: Option<Vec<_>> = text
            .lines()
            .map(|line| line.trim().strip_prefix("- "))
            .collect();
        match items {
            Some(items) => {
                let items: Vec<_> = items
                    .into_iter()
                    .map(|item| view! { <li>{item.to_owned()}</li> })
                    .collect();
                view! { <ul lang=lang>{items}</ul> }.into_any()
            }
            None => view! { <p lang=lang>{text.trim().to_owned()}</p> }.into_any(),
        }
    };
    words
        .split("\n\n")
        .filter(|text| !text.trim().is_empty())
        .map(paragraph)
        .collect()
}

/// The terms of one purpose: basis, interest, retention, right.
pub(crate) fn terms(notice: &Notice, purpose: &Purpose, around: &Surroundings) -> AnyView {
    let words = &around.words().notice;
    let bases: Vec<_> = purpose
        .bases
        .iter()
        .map(|used| basis_of(notice, used, around))
        .collect();
    let interests: Vec<_> = purpose
        .bases
        .iter()
        .filter_map(|used| said(notice, used.interest.as_ref()?.as_str(), around))
        .map(|Said { words, lang }| view! { <dd lang=lang>{capital(&words)}</dd> })
        .collect();
    let interest =
        (!interests.is_empty()).then(|| view! { <dt>{words.interest.as_str()}</dt>{interests} });
    let kept: Vec<_> = purpose
        .retention
        .iter()
        .filter_map(|key| notice.rule(key))
        .map(|rule| view! { <dd>{kept(notice, rule, around)}</dd> })
        .collect();
    let withdrawals: Vec<_> = purpose
        .bases
        .iter()
        .filter_map(|used| said(notice, used.withdrawal.as_ref()?.as_str(), around))
        .map(|Said { words, lang }| view! { <dd lang=lang>{words}</dd> })
        .collect();
    view! {
        <dl>
            <dt>{words.basis.as_str()}</dt>
            {bases}
            {interest}
            <dt>{words.kept.as_str()}</dt>
            {kept}
            <dt>{words.right.as_str()}</dt>
            <dd>{right_of(purpose, around.words())}</dd>
            {withdrawals}
        </dl>
    }
    .into_any()
}

/// The notice names an interest as part of a sentence; here it stands alone.
pub(crate) fn capital(words: &str) -> String {
    let mut chars = words.chars();
    let first: String = chars
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    [&first, chars.as_str()].concat()
}

fn basis_of(notice: &Notice, used: &BasisUse, around: &Surroundings) -> AnyView {
    let name = basis_name(used.basis, around.words());
    let part = used
        .part
        .as_ref()
        .and_then(|key| said(notice, key.as_str(), around));
    let law = used.law.clone().map(|law| [": ", &law].concat());
    let part = part.map(|Said { words, lang }| view! { <span lang=lang>". " {words}</span> });
    view! { <dd>{name}" (" {used.basis.article()} ")" {law} {part}</dd> }.into_any()
}

pub(crate) fn basis_name(basis: LegalBasis, words: &Catalogue) -> &str {
    let words = &words.notice;
    match basis {
        LegalBasis::Consent => &words.consent,
        LegalBasis::Contract => &words.contract,
        LegalBasis::LegalObligation => &words.legal_obligation,
        LegalBasis::VitalInterests => &words.vital_interests,
        LegalBasis::PublicTask => &words.public_task,
        LegalBasis::LegitimateInterests => &words.legitimate_interests,
    }
}

/// The right that applies: object at once, object with reasons, withdraw, or the general ones.
fn right_of<'a>(purpose: &Purpose, words: &'a Catalogue) -> &'a str {
    let words = &words.notice;
    match purpose.control {
        Control::Objection => &words.right_objection,
        Control::Case => &words.right_case,
        Control::None if purpose.rests_on(LegalBasis::Consent) => &words.right_consent,
        Control::None => &words.right_none,
    }
}

/// A retention rule in words: `Financial records: 7 years after the end of the financial year.`
pub(crate) fn kept(notice: &Notice, rule: &Rule, around: &Surroundings) -> AnyView {
    let title = told(notice, &format!("retention.{}.title", rule.key), around);
    let event = told(notice, &event_key(&rule.keep), around);
    if title.lang.is_none() && event.lang.is_none() {
        let kept = keeping(notice, &rule.keep, around);
        return [title.words.as_str(), ": ", &kept].concat().into_any();
    }
    let frame = period_frame(&rule.keep, around.words());
    let (before, after) = frame.split_once("{event}").unwrap_or((&frame, ""));
    let (before, after) = (before.to_owned(), ended(after.to_owned()));
    view! {
        <span lang=title.lang>{title.words}</span>": "{before}<span lang=event.lang>{event.words}</span>{after}
    }
    .into_any()
}

/// A period in words: `7 years after the end of the financial year.`
pub(crate) fn keeping(notice: &Notice, keep: &Keep, around: &Surroundings) -> String {
    let event = text(notice, &event_key(keep), around);
    let frame = period_frame(keep, around.words());
    ended(fill(&frame, "{event}", &event))
}

fn event_key(keep: &Keep) -> String {
    let (Keep::For { start: event, .. } | Keep::While { lasts: event, .. }) = keep;
    format!("event.{event}")
}

/// The period in the page's words, with `{event}` where the notice's stand.
fn period_frame(keep: &Keep, words: &Catalogue) -> String {
    let (pattern, period) = match keep {
        Keep::For { period, .. } => (&words.notice.keep_for, *period),
        Keep::While { review, .. } => (&words.notice.keep_while, *review),
    };
    fill(pattern, "{period}", &period_words(period, words))
}

fn ended(mut sentence: String) -> String {
    if !sentence.ends_with('.') {
        sentence.push('.');
    }
    sentence
}

/// What may keep records longer than their rule says; nothing where nothing may.
pub(crate) fn longer(rule: &Rule, words: &Catalogue) -> Option<String> {
    let words = &words.notice;
    let reason = |reason: &Override| match reason {
        Override::LawOrRegulation => words.law_or_regulation.as_str(),
        Override::Contract => &words.contract_asks,
        Override::LegalClaims => &words.legal_claims,
    };
    let reasons: Vec<_> = rule.overrides.iter().map(reason).collect();
    (!reasons.is_empty()).then(|| fill(&words.longer, "{reasons}", &reasons.join(&words.or)))
}

fn period_words(period: Period, words: &Catalogue) -> String {
    let words = &words.notice;
    let (years, months, days) = period.parts();
    let part = |n: u32, one: &str, many: &str| match n {
        0 => None,
        1 => Some(one.to_owned()),
        n => Some(fill(many, "{n}", &n.to_string())),
    };
    let parts = [
        part(years, &words.year, &words.years),
        part(months, &words.month, &words.months),
        part(days, &words.day, &words.days),
    ];
    parts
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(&words.and)
}

/// The notice's text of that key, else the key itself, which a published notice never shows.
pub(crate) fn told(notice: &Notice, key: &str, around: &Surroundings) -> Said {
    said(notice, key, around).unwrap_or_else(|| Said {
        words: key.to_owned(),
        lang: None,
    })
}

/// The words alone, for what cannot say its language.
pub(crate) fn text(notice: &Notice, key: &str, around: &Surroundings) -> String {
    told(notice, key, around).words
}
