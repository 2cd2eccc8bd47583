//! Consent with confirmation: asked for on one page, given on another that the mail leads to.

mod asking;

use leptos::prelude::*;
use shared::notice::Notice;
use shared::purpose::Channel;

use super::choices::{channel_words, deed, stop_words};
use super::notice::owner;
use super::sign_in::{address_field, code_field};
use super::{Page, Whose, document, escape};
use crate::own::Stop;
use crate::panel::fill;
use crate::surroundings::{Surroundings, html};

pub use asking::{Request, ask_again_page, asked_page};

/// What a request or an opening has to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// Nothing yet.
    Start,
    /// The address field is empty.
    Missing,
    /// What was typed is no address.
    Malformed,
    /// The link or code does not work.
    Refused,
    /// It does not work, and its button was just pressed, perhaps for the second time.
    Used,
}

/// What somebody is to confirm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirm {
    /// The topic or purpose, in words.
    pub what: String,
    /// Over which channel.
    pub channel: Channel,
    /// Whether the notice changed since it was asked for (EML-10).
    pub notice_changed: bool,
    /// Whether something else changed since the page was opened.
    pub changed: bool,
    /// What they stopped and what is in the way (EML-11).
    pub stops: Vec<Stop>,
    /// Whether the address without what stands behind its `+` was stopped, which covers this one.
    pub base_stopped: bool,
    /// The last entry of the ledger that this includes.
    pub as_of: u64,
    /// The token of the link, or empty.
    pub token: String,
    /// The address beside a typed code, or empty.
    pub address: String,
    /// The code as typed, or empty.
    pub code: String,
}

/// A consent that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The topic or purpose, in words.
    pub what: String,
    /// Over which channel.
    pub channel: Channel,
    /// Whether what was stopped is lifted, still holds, or was never there.
    pub stopped: Option<bool>,
    /// Whether the address without what stands behind its `+` was stopped, which covers this one.
    pub base_stopped: bool,
    /// What the person can quote.
    pub reference: String,
    /// URL of the receipt.
    pub receipt: String,
    /// Takes it back for ten minutes.
    pub undo_token: String,
}

/// Where a confirmation starts: the link's token through the script, or address and code.
#[must_use]
pub fn open_page(
    state: Opening,
    address: &str,
    whose: Whose<'_>,
    script: &str,
    around: &Surroundings,
) -> String {
    let words = &around.words().consent;
    let fault = error(state, around).to_owned();
    let (address_fault, code_fault) = match state {
        Opening::Refused | Opening::Used => (String::new(), fault.clone()),
        _ => (fault.clone(), String::new()),
    };
    let (wrong_address, wrong_code) = (!address_fault.is_empty(), !code_fault.is_empty());
    let tag = around.language.tag();
    let own = format!("{}?lang={tag}", around.url("/self"));
    let again = wrong_code.then(|| {
        view! {
            <p>{words.open_again.as_str()}</p>
            <p><a href=own>{around.words().sign_in.title.as_str()}</a></p>
        }
    });
    let content = html(|| {
        view! {
            <div id="linked" hidden>
                <p>{words.linked.as_str()}</p>
                <form method="post" action="/consent/open">
                    <input type="hidden" id="token" name="token"/>
                    <input type="hidden" name="lang" value=tag/>
                    <button>{words.open.as_str()}</button>
                </form>
            </div>
            <div id="typed">
                <p>{words.open_text.as_str()}</p>
                <form method="post" action="/consent/open" novalidate>
                    <input type="hidden" name="lang" value=tag/>
                    {address_field("address", address, address_fault, wrong_address, around)}
                    {code_field(code_fault, wrong_code, around)}
                    <button>{words.open.as_str()}</button>
                </form>
                {again}
            </div>
        }
    });
    let field = if wrong_code { "#code" } else { "#address" };
    let summary = match fault.is_empty() {
        true => String::new(),
        false => summary(&fault, field, around),
    };
    let script = format!("<script src=\"{}\" defer></script>", escape(script));
    let head = (!fault.is_empty()).then(|| {
        fill(
            &around.words().page.error_title,
            "{title}",
            &words.open_title,
        )
    });
    let content = [summary, content, script].concat();
    page(&words.open_title, head.as_deref(), whose, around, &content)
}

/// What would be consented to, what stands in the way, and the button that gives consent.
#[must_use]
pub fn confirm_page(notice: &Notice, confirm: &Confirm, around: &Surroundings) -> String {
    let words = &around.words().consent;
    let token = around.view_token.clone().unwrap_or_default();
    let hidden: Vec<_> = [
        ("token", confirm.token.clone()),
        ("address", confirm.address.clone()),
        ("code", confirm.code.clone()),
        ("as_of", confirm.as_of.to_string()),
        ("view_token", token),
        ("lang", around.language.tag().to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
    .collect();
    let banner = |text: &'static str| view! { <p class="banner" role="alert">{text}</p> };
    let changed = confirm.changed.then(|| banner(&around.words().own.changed));
    let notice_changed = confirm.notice_changed.then(|| banner(&words.changed));
    let stopped = (!confirm.stops.is_empty()).then(|| stopped(confirm, around));
    let base_stopped = confirm.base_stopped.then(|| banner(&words.base_stopped));
    let href = around.url(&format!(
        "/notices/{}?lang={}",
        notice.key,
        around.language.tag()
    ));
    let content = html(|| {
        view! {
            {changed}
            {notice_changed}
            {base_stopped}
            <p>{asks(owner(notice), &confirm.what, confirm.channel, around)}</p>
            <p><a href=href>{around.words().own.read_notice.as_str()}</a></p>
            <form method="post" action="/consent/confirm">
                {hidden}
                {stopped}
                <button>{around.words().own.give.as_str()}</button>
            </form>
            <p>{words.nothing.as_str()}</p>
        }
    });
    page(&words.open_title, None, Whose::of(notice), around, &content)
}

fn stopped(confirm: &Confirm, around: &Surroundings) -> impl IntoView + use<> {
    let words = &around.words().consent;
    let stops: Vec<_> = confirm
        .stops
        .iter()
        .map(|stop| {
            let (what, _) = stop_words(stop.kind, &stop.what, around);
            view! { <li>{what}<br/><span class="hint">{deed(&stop.by, around)}</span></li> }
        })
        .collect();
    view! {
        <section class="banner" aria-labelledby="stopped">
            <h2 id="stopped">{words.stopped_title.as_str()}</h2>
            <ul>{stops}</ul>
            <p>{words.stopped_text.as_str()}</p>
            <div class="radio">
                <input type="checkbox" id="lift" name="lift" value="1" autocomplete="off"/>
                <label for="lift">{words.lift.as_str()}</label>
            </div>
        </section>
    }
}

/// What stands above the button: who, what, how, and how to withdraw (LAW-05).
fn asks(controller: &str, what: &str, channel: Channel, around: &Surroundings) -> String {
    filled(
        &around.words().consent.asks,
        controller,
        what,
        channel,
        around,
    )
}

/// The exact words of the control that confirms a consent, kept as evidence (LAW-03). `lifts` where
/// the choice to lift an earlier objection was shown and ticked.
#[must_use]
pub fn confirm_text(
    controller: &str,
    what: &str,
    channel: Channel,
    lifts: bool,
    around: &Surroundings,
) -> String {
    let words = &around.words().consent;
    let mut lines = vec![asks(controller, what, channel, around)];
    if lifts {
        lines.extend([words.stopped_text.clone(), words.lift.clone()]);
    }
    lines.extend([around.words().own.give.clone(), words.nothing.clone()]);
    lines.join("\n")
}

/// The answer to a confirmation: what holds, the reference, the way back (UX-10).
#[must_use]
pub fn given_page(notice: &Notice, given: &Given, around: &Surroundings) -> String {
    let words = &around.words().consent;
    let (panel, own) = (&around.words().panel, &around.words().own);
    let done = filled(
        &words.done,
        owner(notice),
        &given.what,
        given.channel,
        around,
    );
    let stopped = given.stopped.map(|stopped| match stopped {
        true => words.still.as_str(),
        false => words.lifted.as_str(),
    });
    let base_stopped = given.base_stopped.then_some(words.base_stopped.as_str());
    let said = [stopped, base_stopped].into_iter().flatten();
    let stopped: Vec<_> = said.map(|text| view! { <p>{text}</p> }).collect();
    let reference = fill(&panel.reference, "{reference}", &given.reference);
    let content = html(|| {
        view! {
            <div class="answer done" role="status">
                <p class="what">{done}</p>
                <p>{own.counts.as_str()}</p>
                {stopped}
                <p>{reference}</p>
                <form method="post" action="/consent/undo">
                    <input type="hidden" name="token" value=given.undo_token.clone()/>
                    <input type="hidden" name="notice" value=notice.key.to_string()/>
                    <input type="hidden" name="lang" value=around.language.tag()/>
                    <p class="row">
                        <button class="quiet" aria-describedby="undo">{panel.undo.as_str()}</button>
                        <a download href=given.receipt.clone()>{panel.receipt.as_str()}</a>
                    </p>
                    <p id="undo" class="hint">{panel.undo_hint.as_str()}</p>
                </form>
            </div>
            {own_link(around)}
        }
    });
    page(&words.done_title, None, Whose::of(notice), around, &content)
}

/// The answer to taking a consent back; `undone` is false when the ten minutes were over.
#[must_use]
pub fn consent_undone_page(undone: bool, whose: Whose<'_>, around: &Surroundings) -> String {
    let words = &around.words().consent;
    let page_words = &around.words().page;
    let (title, text) = match undone {
        true => (&words.undone_title, words.undone_text.as_str()),
        false => (
            &page_words.undo_failed_title,
            around.words().own.undo_failed.as_str(),
        ),
    };
    let content = html(|| view! { <p>{text}</p> {own_link(around)} });
    page(title, None, whose, around, &content)
}

/// The notice in force no longer asks for this consent.
#[must_use]
pub fn gone_page(whose: Whose<'_>, around: &Surroundings) -> String {
    let words = &around.words().consent;
    let content = html(|| view! { <p>{words.gone_text.as_str()}</p> {own_link(around)} });
    page(&words.gone_title, None, whose, around, &content)
}

fn own_link(around: &Surroundings) -> impl IntoView + use<> {
    let href = ["/self?lang=", around.language.tag()].concat();
    view! { <p><a href=href>{around.words().consent.own.as_str()}</a></p> }
}

fn filled(
    text: &str,
    controller: &str,
    what: &str,
    channel: Channel,
    around: &Surroundings,
) -> String {
    let text = fill(text, "{channel}", channel_words(Some(channel), around));
    fill(&fill(&text, "{controller}", controller), "{what}", what)
}

fn error(state: Opening, around: &Surroundings) -> &'static str {
    let panel = &around.words().panel;
    match state {
        Opening::Start => "",
        Opening::Missing => &panel.address_missing,
        Opening::Malformed => &panel.address_malformed,
        Opening::Refused => &around.words().sign_in.refused,
        Opening::Used => &around.words().consent.used,
    }
}

fn summary(text: &str, field: &str, around: &Surroundings) -> String {
    format!(
        "<div class=\"summary\" role=\"alert\"><h2>{}</h2><p><a href=\"{field}\">{}</a></p></div>",
        escape(&around.words().page.problem),
        escape(text)
    )
}

fn page(
    title: &str,
    head: Option<&str>,
    whose: Whose<'_>,
    around: &Surroundings,
    content: &str,
) -> String {
    let help = whose.help(around);
    let page = Page {
        title,
        head_title: head,
        owner: whose.owner,
        path: None,
        help: help.as_deref(),
    };
    document(&page, around, content)
}
