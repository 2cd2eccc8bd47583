//! What stands above one's choices after something was pressed: what changed, and how to undo it.

use leptos::prelude::*;
use shared::scope::Scope;

use super::Press;
use crate::own::StopKind;
use crate::panel::fill;
use crate::surroundings::{Surroundings, html};

/// What has just happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Before {
    /// Nothing.
    Nothing,
    /// A choice was recorded.
    Done(Box<Done>),
    /// The last act was taken back.
    Undone,
    /// It could not be taken back any more.
    UndoFailed,
    /// What the person decided on is no longer so; nothing was recorded.
    Changed,
    /// The notice is another by now; nothing was recorded (EML-10).
    NoticeChanged,
}

/// A choice that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// What was pressed.
    pub pressed: Pressed,
    /// About what.
    pub scope: Scope,
    /// The same in words.
    pub what: String,
    /// What the person can quote.
    pub reference: String,
    /// URL of the receipt.
    pub receipt: String,
    /// Takes an objection or a pause back for ten minutes.
    pub undo_token: String,
    /// Whether an objection still stands in the way of a consent that was given.
    pub stopped: bool,
    /// Whether the notice in force asks for consent to it, so that it can be given again.
    pub is_asked: bool,
    /// The token of the purpose, for the opposite act.
    pub view_token: String,
}

/// A button of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pressed {
    /// Object.
    Object,
    /// Pause until the end of that date, in words.
    Pause(String),
    /// Give consent.
    Give,
    /// Refuse consent.
    Refuse,
    /// Withdraw consent.
    Withdraw,
    /// Lift what stops mailings.
    Lift(StopKind),
}

/// The same as HTML; empty for nothing.
#[must_use]
pub(super) fn before_html(before: &Before, around: &Surroundings) -> String {
    let words = &around.words().own;
    match before {
        Before::Nothing => String::new(),
        Before::Done(done) => html(|| done_view(done, around)),
        Before::Undone => said(&words.undone, "status", around),
        Before::UndoFailed => said(&words.undo_failed, "alert", around),
        Before::Changed => said(&words.changed, "alert", around),
        Before::NoticeChanged => said(&words.notice_changed, "alert", around),
    }
}

fn said(text: &str, role: &'static str, _: &Surroundings) -> String {
    let text = text.to_owned();
    html(|| view! { <div class="banner" role=role><p>{text}</p></div> })
}

/// What was done and that it counts, in a few sentences; `stopped` as in [`Done`].
#[must_use]
pub fn done_words(pressed: &Pressed, what: &str, stopped: bool, around: &Surroundings) -> String {
    let words = &around.words().own;
    let mut says = vec![pressed.says(what, around), words.counts.clone()];
    if stopped {
        says.push(words.still_stopped.clone());
    }
    says.join(" ")
}

impl Pressed {
    /// Whether the words that ask for consent stand beside it.
    #[must_use]
    pub const fn asks(&self) -> bool {
        matches!(self, Self::Give | Self::Refuse)
    }

    fn says(&self, what: &str, around: &Surroundings) -> String {
        let words = &around.words().own;
        let says = match self {
            Self::Object => words.done_objected.clone(),
            Self::Pause(date) => fill(&words.done_paused, "{date}", date),
            Self::Give => words.done_given.clone(),
            Self::Refuse => words.done_refused.clone(),
            Self::Withdraw => words.done_withdrawn.clone(),
            Self::Lift(_) => words.done_lifted.clone(),
        };
        fill(&says, "{what}", what)
    }
}

fn done_view(done: &Done, around: &Surroundings) -> impl IntoView + use<> {
    let words = &around.words().own;
    let panel = &around.words().panel;
    let what = done.pressed.says(&done.what, around);
    let continues = match done.pressed {
        Pressed::Object | Pressed::Pause(_) | Pressed::Withdraw | Pressed::Refuse => {
            Some([" ", &panel.continues].concat())
        }
        Pressed::Give | Pressed::Lift(_) => None,
    };
    let stopped = done
        .stopped
        .then(|| view! { <p>{words.still_stopped.as_str()}</p> });
    view! {
        <div class="answer done" role="status">
            <p class="what">{what}</p>
            <p>{words.counts.as_str()}{continues}</p>
            {stopped}
            <p>{fill(&panel.reference, "{reference}", &done.reference)}</p>
            <div class="row">
                {undo(done, around)}
                <a download href=done.receipt.clone()>{panel.receipt.as_str()}</a>
            </div>
        </div>
    }
}

/// The way back: the act is undone by its token, or, where undoing would loosen, the opposite one is
/// pressed.
fn undo(done: &Done, around: &Surroundings) -> AnyView {
    let words = &around.words().own;
    let label = match done.pressed {
        Pressed::Object | Pressed::Pause(_) => &around.words().panel.undo,
        Pressed::Give => &words.undo_give,
        Pressed::Lift(_) => &words.undo_lift,
        Pressed::Withdraw if !done.is_asked => return ().into_any(),
        Pressed::Withdraw => {
            let press = Press {
                act: "give",
                scope: &done.scope,
                as_of: 0,
                view_token: &done.view_token,
                until: "",
                kind: "",
            };
            return press
                .button(&words.undo_withdraw, "quiet", around)
                .into_any();
        }
        Pressed::Refuse => return ().into_any(),
    };
    view! {
        <form method="post" action="/self/undo">
            <input type="hidden" name="token" value=done.undo_token.clone()/>
            <input type="hidden" name="lang" value=around.language.tag()/>
            <button class="quiet">{label.as_str()}</button>
        </form>
    }
    .into_any()
}
