//! The page behind the unsubscribe link of a message: one button, and finer choices for those who
//! want them (UNS-06, UNS-13). It shows nothing of what is known about the address.

use leptos::prelude::*;
use shared::notice::Notice;
use shared::scope::Scope;

use super::notice::owner;
use super::{Page, document, escape};
use crate::control::offer;
use crate::panel::{Choice, fill};
use crate::surroundings::{Surroundings, html};

/// What the page is about.
#[derive(Debug, Clone, Copy)]
pub struct Clicked<'a> {
    /// The notice whose mailing it was.
    pub notice: &'a Notice,
    /// What the link stops.
    pub scope: &'a Scope,
    /// The link's token.
    pub token: &'a str,
}

/// What has just happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopped {
    /// It stopped now.
    Now {
        /// What the person can quote.
        reference: String,
        /// Takes it back for ten minutes.
        undo: String,
        /// What stopped, where that is less than the link names.
        topics: Vec<String>,
        /// Until when, as a date; empty for good.
        until: String,
    },
    /// It had stopped before.
    Before {
        /// What was pressed, where that is less than the link names.
        topics: Vec<String>,
        /// Until when at least, as a date; empty for good.
        until: String,
    },
}

/// The page before anything was pressed. `wrong` when only a part was to stop and none was chosen.
#[must_use]
pub fn one_click_page(clicked: &Clicked<'_>, wrong: bool, around: &Surroundings) -> String {
    let words = &around.words().one_click;
    let summary = match wrong {
        false => String::new(),
        true => format!(
            "<div class=\"summary\" role=\"alert\"><h2>{}</h2><p><a href=\"#finer\">{}</a></p></div>",
            escape(&around.words().page.problem),
            escape(&words.nothing_chosen)
        ),
    };
    let [_, promise, button] = clicked.words(around);
    let action = clicked.action(around);
    let language = around.language.tag();
    let main = html(|| {
        view! {
            <section class="panel">
                <p>{promise}</p>
                <form method="post" action=action>
                    <input type="hidden" name="lang" value=language/>
                    <button name="stop" value="all">{button}</button>
                </form>
            </section>
        }
    });
    let finer = finer(clicked, &words.finer, None, wrong, around);
    let head = wrong.then(|| fill(&around.words().page.error_title, "{title}", &words.title));
    let content = [summary, main, finer, own(around)].concat();
    clicked.page(&words.title, head.as_deref(), around, &content)
}

/// The answer, with what else can be chosen.
#[must_use]
pub fn one_click_done_page(
    clicked: &Clicked<'_>,
    stopped: &Stopped,
    around: &Surroundings,
) -> String {
    let words = &around.words().one_click;
    let panel = &around.words().panel;
    let content = match stopped {
        Stopped::Before { topics, until } => {
            let text = match until.is_empty() {
                true => words.before.clone(),
                false => fill(&words.before_until, "{until}", until),
            };
            let text = clicked.said_of(&text, topics, around);
            let text = html(
                || view! { <div class="answer" role="status"><p class="what">{text}</p></div> },
            );
            [text, own(around)].concat()
        }
        Stopped::Now {
            reference,
            undo,
            topics,
            until,
        } => {
            let part = !topics.is_empty() || !until.is_empty();
            let what = clicked.said_of(&words.done, topics, around);
            let when = match until.is_empty() {
                true => panel.from_now.clone(),
                false => fill(&panel.from_now_until, "{until}", until),
            };
            let reference = fill(&panel.reference, "{reference}", reference);
            let done = html(|| {
                view! {
                    <div class="answer done" role="status">
                        <p class="what">{what}</p>
                        <p>{when}" "{panel.continues.as_str()}</p>
                        <p>{reference}</p>
                        <form method="post" action=around.url("/object/undo")>
                            <input type="hidden" name="token" value=undo.clone()/>
                            <input type="hidden" name="notice" value=clicked.notice.key.to_string()/>
                            <input type="hidden" name="lang" value=around.language.tag()/>
                            <p class="row">
                                <button class="quiet" aria-describedby="undo">{panel.undo.as_str()}</button>
                            </p>
                            <p id="undo" class="hint">{panel.undo_hint.as_str()}</p>
                        </form>
                    </div>
                }
            });
            let rather = match part {
                true => String::new(),
                false => finer(clicked, &words.rather, Some(undo), false, around),
            };
            [done, rather, own(around)].concat()
        }
    };
    clicked.page(&words.done_title, None, around, &content)
}

/// The words of the control exactly as shown, kept as evidence (LAW-05).
#[must_use]
pub fn one_click_text(clicked: &Clicked<'_>, around: &Surroundings) -> String {
    clicked.words(around).join("\n")
}

impl Clicked<'_> {
    fn words(&self, around: &Surroundings) -> [String; 3] {
        let words = &around.words().one_click;
        [
            words.title.clone(),
            self.said(&words.promise, around),
            words.stop.clone(),
        ]
    }

    fn said(&self, text: &str, around: &Surroundings) -> String {
        self.said_of(text, &[], around)
    }

    /// The text about those topics, else about all that the link names.
    fn said_of(&self, text: &str, topics: &[String], around: &Surroundings) -> String {
        let text = fill(text, "{controller}", owner(self.notice));
        let what = match topics {
            [] => self.what(around),
            topics => topics.join(", "),
        };
        fill(&text, "{what}", &what)
    }

    /// What the link stops, in the notice's words.
    fn what(&self, around: &Surroundings) -> String {
        let key = match (&self.scope.topic, &self.scope.purpose) {
            (Some(topic), _) => format!("topic.{topic}.title"),
            (None, Some(purpose)) => format!("purpose.{purpose}.title"),
            (None, None) => String::new(),
        };
        let text = self.notice.text(&key, around.language.tag());
        let all = || around.words().mail.all_marketing.clone();
        text.map_or_else(all, |text| text.words.to_owned())
    }

    fn action(&self, around: &Surroundings) -> String {
        around.url(&["/u/", self.token].concat())
    }

    fn page(
        &self,
        title: &str,
        head: Option<&str>,
        around: &Surroundings,
        content: &str,
    ) -> String {
        let home = format!(
            "/notices/{}?lang={}#section-contact",
            self.notice.key,
            around.language.tag()
        );
        let page = Page {
            title,
            head_title: head,
            owner: owner(self.notice),
            path: None,
            help: Some(&around.url(&home)),
        };
        document(&page, around, content)
    }
}

/// Only some topics, or only for a while. With `instead`, in place of what was just stopped.
fn finer(
    clicked: &Clicked<'_>,
    summary: &str,
    instead: Option<&str>,
    open: bool,
    around: &Surroundings,
) -> String {
    let offer = offer(clicked.notice, around);
    let words = &around.words().one_click;
    let purpose = clicked.scope.purpose.as_ref();
    let purpose = purpose.and_then(|purpose| clicked.notice.purpose(purpose));
    let is_of_purpose = |choice: &Choice| {
        purpose.is_some_and(|purpose| {
            let mut topics = purpose.topics.iter();
            topics.any(|topic| topic.key.as_str() == choice.value)
        })
    };
    let topics: Vec<Choice> = match &clicked.scope.topic {
        Some(_) => Vec::new(),
        None => offer.topics.into_iter().filter(is_of_purpose).collect(),
    };
    let no_topics = topics.is_empty();
    let topics: Vec<_> = topics
        .into_iter()
        .enumerate()
        .map(|(at, topic)| {
            let id = format!("topic{at}");
            view! {
                <div class="radio">
                    <input type="checkbox" id=id.clone() name="topic" value=topic.value/>
                    <label for=id>{topic.label}</label>
                </div>
            }
        })
        .collect();
    let for_good = Choice {
        value: String::new(),
        label: offer.words.for_good,
        name: String::new(),
    };
    let ends: Vec<_> = std::iter::once(for_good)
        .chain(offer.pauses)
        .enumerate()
        .map(|(at, end)| {
            let id = format!("until{at}");
            view! {
                <div class="radio">
                    <input type="radio" id=id.clone() name="until" value=end.value checked=at == 0/>
                    <label for=id>{end.label}</label>
                </div>
            }
        })
        .collect();
    let instead =
        instead.map(|token| view! { <input type="hidden" name="instead" value=token.to_owned()/> });
    let action = clicked.action(around);
    html(|| {
        view! {
            <details id="finer" open=open>
                <summary>{summary.to_owned()}</summary>
                <form method="post" action=action>
                    <input type="hidden" name="lang" value=around.language.tag()/>
                    {instead}
                    <fieldset hidden=no_topics><legend>{words.topics.as_str()}</legend>{topics}</fieldset>
                    <fieldset><legend>{words.until.as_str()}</legend>{ends}</fieldset>
                    <button class="quiet" name="stop" value="part">{words.stop_part.as_str()}</button>
                </form>
            </details>
        }
    })
}

/// The way to one's own pages, where everything can be changed after proving the address.
fn own(around: &Surroundings) -> String {
    let href = around.url(&format!("/self?lang={}", around.language.tag()));
    let text = around.words().one_click.own.as_str();
    html(|| view! { <p><a href=href>{text}</a></p> })
}
