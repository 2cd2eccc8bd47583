//! Answers to the forms that post without script: the same words as the panel says.

use leptos::prelude::*;
use shared::notice::Notice;
use shared::time::Timestamp;

use super::notice::owner;
use super::{Page, document, escape};
use crate::control::{offer, still};
use crate::panel::{Choice, Offer, Outcome, State, Typed, fill};
use crate::purposes::capital;
use crate::surroundings::{Surroundings, html};

/// An objection that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// What the person can quote.
    pub reference: String,
    /// URL of the receipt.
    pub receipt: String,
    /// Takes it back for ten minutes.
    pub undo_token: String,
    /// The topic that was recorded, in words; empty for all of them.
    pub topic: String,
    /// When the pause that was recorded ends; `None` for good.
    pub until: Option<Timestamp>,
}

/// What is wrong with what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing was typed.
    Missing,
    /// It is no address.
    Malformed,
    /// What was chosen beside it is not on offer.
    Gone,
    /// What was chosen as the end of a pause is no day in the future.
    End,
    /// The purpose that was named rests on a legal duty.
    LegalDuty,
}

/// The answer to an objection: what changed, from when, until when, what continues, the reference,
/// undo and the receipt (UX-10).
#[must_use]
pub fn done_page(notice: &Notice, done: Done, around: &Surroundings) -> String {
    let offer = offer(notice, around);
    let words = &offer.words;
    // The page may be of an earlier day, whose topics and ends this day does not offer.
    let outcome = Outcome {
        topic: done.topic,
        until: done
            .until
            .map_or_else(String::new, |end| last_day(end, around)),
        ..Outcome::of(&offer, &Typed::default())
    };
    let page_words = &around.words().page;
    let title = if done.until.is_some() {
        &page_words.paused_title
    } else {
        &page_words.objected_title
    };
    let (what, when) = (outcome.what(words), outcome.when(words));
    let reference = fill(&words.reference, "{reference}", &done.reference);
    let content = html(|| {
        view! {
            <div class="answer done" role="status">
                <p class="what">{what}</p>
                <p>{when} " " {words.continues.clone()}</p>
                <p>{reference}</p>
                <form method="post" action=around.url("/object/undo")>
                    <input type="hidden" name="token" value=done.undo_token/>
                    <input type="hidden" name="notice" value=offer.notice.clone()/>
                    <input type="hidden" name="lang" value=offer.language.clone()/>
                    <p class="row">
                        <button class="quiet" aria-describedby="undo">{words.undo.clone()}</button>
                        <a download href=done.receipt>{words.receipt.clone()}</a>
                    </p>
                    <p id="undo" class="hint">{words.undo_hint.clone()}</p>
                </form>
            </div>
            {back(notice, around)}
        }
    });
    page(notice, title, None, around, &content)
}

/// The form again, with the error named above it, at the field and in the title, and everything
/// that was typed (WCAG 3.3.1, 3.3.7).
#[must_use]
pub fn invalid_page(notice: &Notice, typed: Typed, fault: Fault, around: &Surroundings) -> String {
    let offer = with_chosen(offer(notice, around), &typed.until, around);
    let words = &around.words().page;
    let (state, at) = match fault {
        Fault::Missing => (State::Missing, "address"),
        Fault::Malformed => (State::Malformed, "address"),
        Fault::Gone | Fault::End | Fault::LegalDuty => (State::Ready, "form"),
    };
    let says = match fault {
        Fault::Missing | Fault::Malformed => state.error(&offer.words),
        Fault::Gone => words.choice_gone.clone(),
        Fault::End => words.end_unusable.clone(),
        Fault::LegalDuty => words.legal_duty.clone(),
    };
    let summary = format!(
        "<div class=\"summary\" role=\"alert\"><h2>{}</h2><p><a href=\"#{at}\">{}</a></p></div>",
        escape(&words.problem),
        escape(&says),
    );
    let title = &offer.words.heading;
    let head = fill(&words.error_title, "{title}", title);
    let content = [summary, still(&offer, state, typed)].concat();
    page(notice, title, Some(&head), around, &content)
}

/// The same offer with that end among its pauses: the form may be of an earlier day, and what was
/// chosen in it is neither dropped nor turned into an objection for good.
fn with_chosen(mut offer: Offer, until: &str, around: &Surroundings) -> Offer {
    let offered = offer.pauses.iter().any(|pause| pause.value == until);
    if let (false, Ok(end)) = (offered, Timestamp::parse_end(until))
        && end > around.now
    {
        let name = last_day(end, around);
        offer.pauses.push(Choice {
            value: until.to_owned(),
            label: capital(&fill(&around.words().own.ends, "{date}", &name)),
            name,
        });
    }
    offer
}

/// The last day that a pause with that end covers, in words.
fn last_day(end: Timestamp, around: &Surroundings) -> String {
    around.words().date(end.last_day())
}

/// The answer to undoing an objection.
#[must_use]
pub fn undone_page(notice: &Notice, around: &Surroundings) -> String {
    let words = &around.words().page;
    said(notice, &words.undone_title, &words.undone_text, around)
}

/// The answer when it could not be undone: too late, or done already.
#[must_use]
pub fn undo_failed_page(notice: &Notice, around: &Surroundings) -> String {
    let words = &around.words().page;
    said(
        notice,
        &words.undo_failed_title,
        &words.undo_failed_text,
        around,
    )
}

fn said(notice: &Notice, title: &str, text: &str, around: &Surroundings) -> String {
    let text = text.to_owned();
    let content = html(|| view! { <p>{text}</p> {back(notice, around)} });
    page(notice, title, None, around, &content)
}

fn back(notice: &Notice, around: &Surroundings) -> impl IntoView + use<> {
    let href = home(notice, around);
    view! { <p><a href=href>{around.words().page.back.as_str()}</a></p> }
}

fn home(notice: &Notice, around: &Surroundings) -> String {
    around.url(&format!(
        "/notices/{}?lang={}",
        notice.key,
        around.language.tag()
    ))
}

fn page(
    notice: &Notice,
    title: &str,
    head: Option<&str>,
    around: &Surroundings,
    content: &str,
) -> String {
    let help = [home(notice, around).as_str(), "#section-contact"].concat();
    let owner = owner(notice);
    let page = Page {
        title,
        head_title: head,
        owner,
        path: None,
        help: Some(&help),
    };
    document(&page, around, content)
}
