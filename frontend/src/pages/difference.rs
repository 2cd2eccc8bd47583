//! What changed between two versions, by meaning.

use leptos::prelude::*;
use shared::legal_basis::LegalBasis;
use shared::notice::Notice;
use shared::notice::difference::Change;
use shared::notice::retention::{Keep, RuleKey};
use shared::purpose::PurposeKey;

use super::notice::owner;
use super::{Page, document};
use crate::panel::fill;
use crate::purposes::{basis_name, keeping, text};
use crate::surroundings::{Surroundings, html};

/// The page that compares version `from` with the structured version `to`. `old` is the earlier
/// version where it had a structure; what was removed is named from it.
#[must_use]
pub fn difference_page(
    from: u32,
    old: Option<&Notice>,
    to: &Notice,
    changes: &[Change],
    around: &Surroundings,
) -> String {
    let words = &around.words().page;
    let told = Told {
        old: old.unwrap_or(to),
        new: to,
        around,
    };
    let intro = fill(&words.from_to, "{from}", &from.to_string());
    let intro = fill(&intro, "{to}", &to.version.to_string());
    let items: Vec<_> = changes
        .iter()
        .map(|change| {
            let (title, lines) = told.change(change);
            let lines: Vec<_> = lines
                .into_iter()
                .map(|line| view! { <p>{line}</p> })
                .collect();
            let informs = change
                .obliges_to_inform()
                .then(|| view! { <p class="informs">{words.informs.as_str()}</p> });
            view! { <li><h2>{title.to_owned()}</h2>{lines}{informs}</li> }
        })
        .collect();
    let none = items
        .is_empty()
        .then(|| view! { <p>{words.no_change.as_str()}</p> });
    let home = ["/notices/", to.key.as_str()].concat();
    let back = around.url(&format!("{home}?lang={}", around.language.tag()));
    let help = [back.as_str(), "#section-contact"].concat();
    let content = html(|| {
        view! {
            <p>{intro}</p>
            {none}
            <ul class="changes">{items}</ul>
            <p><a href=back.clone()>{words.current.as_str()}</a></p>
        }
    });
    let path = format!("{home}/diff/{from}/{}", to.version);
    let page = Page {
        title: &words.difference,
        head_title: None,
        owner: owner(to),
        path: Some(&path),
        help: Some(&help),
    };
    document(&page, around, &content)
}

struct Told<'a> {
    old: &'a Notice,
    new: &'a Notice,
    around: &'a Surroundings,
}

impl<'a> Told<'a> {
    /// The kind of change, and what it is about.
    fn change(&self, change: &Change) -> (&'a str, Vec<String>) {
        let words = &self.around.words().change;
        let one = |line: String| vec![line];
        match change {
            Change::FirstStructured => (
                &words.first_structured,
                one(words.first_structured_text.clone()),
            ),
            Change::NewPurpose { purpose } => (&words.new_purpose, one(self.purpose(purpose))),
            Change::RemovedPurpose { purpose } => {
                (&words.removed_purpose, one(self.purpose(purpose)))
            }
            Change::ChangedClass { purpose, .. } => {
                (&words.changed_class, one(self.purpose(purpose)))
            }
            Change::ChangedBasis { purpose, old, new } => {
                let mut lines = one(self.purpose(purpose));
                lines.extend(self.before_after(&self.bases(old), &self.bases(new)));
                (&words.changed_basis, lines)
            }
            Change::LongerRetention { rule, old, new } => {
                (&words.longer_retention, self.periods(rule, old, new))
            }
            Change::ShorterRetention { rule, old, new } => {
                (&words.shorter_retention, self.periods(rule, old, new))
            }
            Change::NewRetention { rule, new } => (
                &words.new_retention,
                vec![self.rule(rule), self.keep(self.new, new)],
            ),
            Change::RemovedRetention { rule, .. } => {
                (&words.removed_retention, one(self.rule(rule)))
            }
            Change::WiderRetention { purpose, rule } => (
                &words.wider_retention,
                vec![self.purpose(purpose), self.rule(rule)],
            ),
            Change::NewRecipient { name, .. } => (&words.new_recipient, one(name.clone())),
            Change::RemovedRecipient { name, .. } => (&words.removed_recipient, one(name.clone())),
            Change::NewTransfer { country } => (&words.new_transfer, one(country.clone())),
            Change::NewTopic { purpose, topic } => (
                &words.new_topic,
                self.part(purpose, &format!("topic.{topic}.title")),
            ),
            Change::RemovedTopic { purpose, topic } => (
                &words.removed_topic,
                self.part(purpose, &format!("topic.{topic}.title")),
            ),
            Change::NewChannel { purpose, channel } => (
                &words.new_channel,
                vec![self.purpose(purpose), channel.to_string()],
            ),
            Change::RemovedChannel { purpose, channel } => (
                &words.removed_channel,
                vec![self.purpose(purpose), channel.to_string()],
            ),
            Change::NewData { purpose, category } => (
                &words.new_data,
                self.part(purpose, &format!("data.{category}")),
            ),
            Change::RemovedData { purpose, category } => (
                &words.removed_data,
                self.part(purpose, &format!("data.{category}")),
            ),
            Change::NewController { name } => (&words.new_controller, one(name.clone())),
            Change::ChangedSlot { slot } => {
                (&words.changed_slot, one(self.text(&slot.title_key())))
            }
            Change::WordingOnly => (&words.wording_only, Vec::new()),
        }
    }

    fn text(&self, key: &str) -> String {
        let named = |notice: &Notice| notice.text(key, self.around.language.tag()).is_some();
        text(
            if named(self.new) { self.new } else { self.old },
            key,
            self.around,
        )
    }

    fn purpose(&self, purpose: &PurposeKey) -> String {
        self.text(&format!("purpose.{purpose}.title"))
    }

    fn part(&self, purpose: &PurposeKey, key: &str) -> Vec<String> {
        vec![self.purpose(purpose), self.text(key)]
    }

    fn rule(&self, rule: &RuleKey) -> String {
        self.text(&format!("retention.{rule}.title"))
    }

    fn keep(&self, notice: &Notice, keep: &Keep) -> String {
        keeping(notice, keep, self.around)
    }

    fn periods(&self, rule: &RuleKey, old: &Keep, new: &Keep) -> Vec<String> {
        let mut lines = vec![self.rule(rule)];
        lines.extend(self.before_after(&self.keep(self.old, old), &self.keep(self.new, new)));
        lines
    }

    fn bases(&self, bases: &[LegalBasis]) -> String {
        let names: Vec<_> = bases
            .iter()
            .map(|basis| basis_name(*basis, self.around.words()))
            .collect();
        names.join(", ")
    }

    fn before_after(&self, before: &str, after: &str) -> [String; 2] {
        let words = &self.around.words().page;
        [
            [&words.before, ": ", before].concat(),
            [&words.after, ": ", after].concat(),
        ]
    }
}
