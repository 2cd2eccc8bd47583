//! My choices: what holds for a signed-in contact, why, and one press to change it.

mod done;
mod lines;
mod words;

use leptos::prelude::*;
use shared::scope::Scope;

use super::sign_in::arriving;
use super::{Page, document};
use crate::control::PAUSES;
use crate::own::{Consented, Own, OwnPurpose, OwnTopic, Row, Stop, StopKind};
use crate::panel::fill;
use crate::purposes::{basis_name, capital};
use crate::surroundings::{Surroundings, html};

pub use done::{Before, Done, Pressed, done_words};
pub use lines::{Line, LinePress, lines};
use words::row_words;
pub use words::{channel_words, consent_words, control_text, deed, scope_words, stop_words};

/// The page. What has just happened stands above everything. Where a mailed link arrives, which may be
/// for another address, the script that `script` names asks first whose choices are meant.
#[must_use]
pub fn choices_page(own: &Own, before: &Before, script: &str, around: &Surroundings) -> String {
    let words = &around.words().own;
    let before = done::before_html(before, around);
    let top = html(|| top(own, around));
    let all = html(|| all(own, around));
    let purposes: String = own
        .purposes
        .iter()
        .map(|purpose| html(|| purpose_view(own, purpose, around)))
        .collect();
    let consents = html(|| consents(own, around));
    let history = html(|| {
        let href = format!("/self/history?lang={}", around.language.tag());
        view! { <p class="links"><a href=href>{around.words().history.title.as_str()}</a></p> }
    });
    let help = around.url(&format!(
        "/notices/{}?lang={}#section-contact",
        own.notice,
        around.language.tag()
    ));
    let page = Page {
        title: &words.title,
        head_title: None,
        owner: &own.controller,
        path: Some("/self"),
        help: Some(&help),
    };
    let content = [before, top, all, consents, purposes, history].concat();
    let sign_in = &around.words().sign_in;
    let whose = |text: &str| fill(text, "{address}", &own.address);
    let (says, stay) = (whose(&sign_in.linked_other), whose(&sign_in.stay));
    let content = arriving(&says, Some(stay), &content, script, around);
    document(&page, around, &content)
}

/// What has just happened, alone: for when what holds cannot be read.
#[must_use]
pub fn before_page(before: &Before, around: &Surroundings) -> String {
    let page = Page {
        title: &around.words().own.title,
        head_title: None,
        owner: "",
        path: Some("/self"),
        help: None,
    };
    document(&page, around, &done::before_html(before, around))
}

fn top(own: &Own, around: &Surroundings) -> impl IntoView + use<> {
    let words = &around.words().own;
    let time = own.closes.to_string();
    let time = time.get(11..16).unwrap_or_default();
    let href = around.url(&format!(
        "/notices/{}?lang={}",
        own.notice,
        around.language.tag()
    ));
    view! {
        <p>{fill(&words.whose, "{address}", &own.address)}</p>
        <p><a href=href>{words.read_notice.as_str()}</a></p>
        <form method="post" action="/self/out" class="row">
            <input type="hidden" name="lang" value=around.language.tag()/>
            <span>{words.not_you.as_str()}</span>
            <button class="quiet">{words.sign_out.as_str()}</button>
        </form>
        <p class="hint">{fill(&words.closes, "{time}", time)}</p>
    }
}

/// All marketing at once, and what is stopped: outside every collapsible.
fn all(own: &Own, around: &Surroundings) -> impl IntoView + use<> {
    let words = &around.words().own;
    let token = own
        .purposes
        .first()
        .map_or("", |purpose| purpose.view_token.as_str());
    let objected = own
        .stops
        .iter()
        .any(|stop| stop.scope == Scope::ALL && stop.kind == StopKind::Objection);
    let object = (!objected).then(|| {
        let press = Press {
            act: "object",
            scope: &Scope::ALL,
            as_of: own.as_of,
            view_token: token,
            until: "",
            kind: "",
        };
        view! {
            <p>{words.all_free.as_str()}</p>
            {press.button(&words.object_all, "", around)}
            <details>
                <summary>{words.pausing.as_str()}</summary>
                {pauses(&press, around)}
            </details>
        }
    });
    let stops: Vec<_> = own
        .stops
        .iter()
        .map(|stop| stop_view(own, stop, token, around))
        .collect();
    let stopped = (!stops.is_empty()).then(|| {
        view! {
            <h3>{words.stops_title.as_str()}</h3>
            <ul class="stops">{stops}</ul>
            <p class="hint">{words.lift_hint.as_str()}</p>
        }
    });
    view! {
        <section class="panel" aria-labelledby="all">
            <h2 id="all">{fill(&words.all_title, "{controller}", &own.controller)}</h2>
            {object}
            {stopped}
        </section>
    }
}

fn stop_view(own: &Own, stop: &Stop, token: &str, around: &Surroundings) -> impl IntoView + use<> {
    let (says, button) = stop_words(stop.kind, &stop.what, around);
    let press = Press {
        act: "lift",
        scope: &stop.scope,
        as_of: own.as_of,
        view_token: token,
        until: "",
        kind: stop.kind.name(),
    };
    view! {
        <li>
            <p class="what">{says}</p>
            <p class="hint">{deed(&stop.by, around)}</p>
            {press.button(button, "quiet", around)}
        </li>
    }
}

/// The consents that no purpose below shows: outside every collapsible, each with its withdrawal.
fn consents(own: &Own, around: &Surroundings) -> impl IntoView + use<> {
    let words = &around.words().own;
    let consents: Vec<_> = own
        .consents_apart()
        .map(|consent| {
            let press = Press {
                act: "withdraw",
                scope: &consent.scope,
                as_of: own.as_of,
                view_token: &consent.view_token,
                until: "",
                kind: "",
            };
            let by = consent.by.as_ref().map(|by| deed(by, around));
            view! {
                <li>
                    <p class="what">{fill(&words.consented, "{what}", &consent.what)}</p>
                    {by.map(|by| view! { <p class="hint">{by}</p> })}
                    {press.button(&words.withdraw, "quiet", around)}
                </li>
            }
        })
        .collect();
    (!consents.is_empty()).then(|| {
        view! {
            <section aria-labelledby="consents">
                <h2 id="consents">{words.consents_title.as_str()}</h2>
                <ul class="stops">{consents}</ul>
                <p class="hint">{words.withdraw_hint.as_str()}</p>
            </section>
        }
    })
}

fn purpose_view(own: &Own, purpose: &OwnPurpose, around: &Surroundings) -> impl IntoView + use<> {
    let topics: Vec<_> = purpose
        .topics
        .iter()
        .map(|topic| topic_view(own, purpose, topic, around))
        .collect();
    view! { <section><h2>{purpose.title.clone()}</h2>{topics}</section> }
}

fn topic_view(
    own: &Own,
    purpose: &OwnPurpose,
    topic: &OwnTopic,
    around: &Surroundings,
) -> impl IntoView + use<> {
    let rows: Vec<_> = topic
        .rows
        .iter()
        .map(|row| row_view(own, purpose, topic, row, around))
        .collect();
    view! { <article><h3>{topic.title.clone()}</h3>{rows}</article> }
}

fn row_view(
    own: &Own,
    purpose: &OwnPurpose,
    topic: &OwnTopic,
    row: &Row,
    around: &Surroundings,
) -> AnyView {
    let words = &around.words().own;
    let channel = channel_words(Some(row.channel), around);
    let (answer, reason) = row_words(row, around);
    let answer = fill(
        &fill(&words.row, "{channel}", &capital(channel)),
        "{answer}",
        answer,
    );
    let reason = [", ", reason, "."].concat();
    let by = row.by.as_ref().map(|by| deed(by, around));
    let basis = row.basis.map(|basis| {
        fill(
            &fill(&words.basis, "{basis}", basis_name(basis, around.words())),
            "{article}",
            basis.article(),
        )
    });
    let how = [by, basis]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("; ");
    let how = (!how.is_empty()).then(|| view! { <p class="hint">{capital(&how)}</p> });
    let which = fill(
        &fill(&words.about, "{what}", &topic.title),
        "{channel}",
        channel,
    );
    let press = |act| Press {
        act,
        scope: &row.scope,
        as_of: own.as_of,
        view_token: &purpose.view_token,
        until: "",
        kind: "",
    };
    let takes_consent = purpose.takes_consent || row.consent == Consented::Given;
    let consent = takes_consent.then(|| consent_view(own, topic, row, &press, around));
    let object = press("object");
    view! {
        <div class="choice">
            <p><strong>{answer}</strong>{reason}</p>
            {how}
            <details>
                <summary>{words.change.as_str()}<span class="unseen">": "{which}</span></summary>
                {consent}
                <p class="row">{object.button(&words.object, "quiet", around)}</p>
                {pauses(&object, around)}
            </details>
        </div>
    }
    .into_any()
}

fn consent_view<'a>(
    own: &Own,
    topic: &OwnTopic,
    row: &Row,
    press: &impl Fn(&'static str) -> Press<'a>,
    around: &Surroundings,
) -> AnyView {
    let words = &around.words().own;
    let asks = consent_words(&own.controller, &topic.title, row.channel, around);
    let standing = (row.stopped && row.consent != Consented::Given)
        .then(|| view! { <p class="hint">{words.consent_standing.as_str()}</p> });
    let give = || press("give").button(&words.give, "quiet", around);
    let refuse = || press("refuse").button(&words.refuse, "quiet", around);
    let withdraw = || press("withdraw").button(&words.withdraw, "quiet", around);
    match row.consent {
        Consented::Given => view! {
            <p class="row">{withdraw()}</p>
            <p class="hint">{words.withdraw_hint.as_str()}</p>
        }
        .into_any(),
        Consented::Against => {
            view! { <p>{asks}</p> {standing} <div class="row">{give()}</div> }.into_any()
        }
        Consented::Open => {
            view! { <p>{asks}</p> {standing} <div class="row">{give()}{refuse()}</div> }.into_any()
        }
    }
}

/// One form of one button.
struct Press<'a> {
    act: &'static str,
    scope: &'a Scope,
    as_of: u64,
    view_token: &'a str,
    until: &'a str,
    kind: &'static str,
}

impl Press<'_> {
    fn button(
        &self,
        label: &str,
        class: &'static str,
        around: &Surroundings,
    ) -> impl IntoView + use<> {
        let text = |value: Option<String>| value.unwrap_or_default();
        let hidden = [
            ("act", self.act.to_owned()),
            (
                "purpose",
                text(self.scope.purpose.as_ref().map(ToString::to_string)),
            ),
            (
                "topic",
                text(self.scope.topic.as_ref().map(ToString::to_string)),
            ),
            (
                "channel",
                text(self.scope.channel.as_ref().map(ToString::to_string)),
            ),
            ("until", self.until.to_owned()),
            ("kind", self.kind.to_owned()),
            ("as_of", self.as_of.to_string()),
            ("view_token", self.view_token.to_owned()),
            ("lang", around.language.tag().to_owned()),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect::<Vec<_>>();
        view! {
            <form method="post" action="/self/choices">
                {hidden}
                <button class=class>{label.to_owned()}</button>
            </form>
        }
    }
}

fn pauses(object: &Press<'_>, around: &Surroundings) -> impl IntoView + use<> {
    let buttons: Vec<_> = PAUSES
        .into_iter()
        .map(|months| {
            let end = around.now.date_in_months(months);
            let label = fill(
                &around.words().own.pause_for,
                "{time}",
                &around.words().pause(months, end),
            );
            let until = end.to_string();
            Press {
                until: &until,
                ..*object
            }
            .button(&label, "quiet", around)
        })
        .collect();
    view! { <div class="row">{buttons}</div> }
}
