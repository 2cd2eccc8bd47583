//! A letter in words: subject, paragraphs and links, the same for text and HTML.
//!
//! Whatever varies comes from the notice in force, the configuration or Sayso itself; nothing that
//! somebody typed (EML-06), nothing that is fetched, nothing that promotes (EML-05, EML-07).

use frontend::catalogue::{Catalogue, Language};
use frontend::panel::fill;
use shared::notice::Notice;
use shared::purpose::Channel;
use shared::scope::Scope;
use shared::time::Timestamp;

use super::letter::{Kind, Letter};

/// Set on the body: mail programs drop style sheets, and a long link must not push text off a phone.
const LOOK: &str = "font:16px/1.5 sans-serif;max-width:40em;overflow-wrap:anywhere";

/// What a letter says.
pub(super) struct Wording {
    pub(super) subject: String,
    language: Language,
    blocks: Vec<Block>,
}

enum Block {
    Said(String),
    Link { words: String, url: String },
}

/// The address that a letter's link opens, if it has one: a page in the letter's language (UX-08).
pub(super) fn link(letter: &Letter, base: &str) -> Option<String> {
    let lang = Language::parse(&letter.language).unwrap_or_default().tag();
    match &letter.kind {
        Kind::Link { token, .. } => Some(format!("{base}/self?lang={lang}#t={token}")),
        Kind::Confirm { token, .. } => Some(format!("{base}/consent?lang={lang}#t={token}")),
        Kind::Objected { .. } | Kind::CaseDecided { .. } => {
            Some(format!("{base}/self?lang={lang}"))
        }
        Kind::CaseReceived { .. } | Kind::CaseAcknowledged { .. } | Kind::CaseExtended { .. } => {
            None
        }
    }
}

impl Wording {
    /// Puts the letter into the words of its language, for the controller of that notice.
    pub(super) fn of(letter: &Letter, notice: &Notice, base: &str) -> Self {
        let language = Language::parse(&letter.language).unwrap_or_default();
        let speaker = Speaker {
            words: language.words(),
            language,
            notice,
        };
        let link = link(letter, base).unwrap_or_default();
        let (subject, mut blocks) = speaker.say(&letter.kind, link, base);
        blocks.push(Block::Said(speaker.sender()));
        Self {
            subject,
            language,
            blocks,
        }
    }

    /// The plain text, complete by itself.
    pub(super) fn text(&self) -> String {
        let block = |block: &Block| match block {
            Block::Said(words) => words.clone(),
            Block::Link { words, url } => format!("{words}\r\n{url}"),
        };
        let blocks: Vec<_> = self.blocks.iter().map(block).collect();
        blocks.join("\r\n\r\n") + "\r\n"
    }

    /// The same as HTML, readable at any width, without image or anything else that would be fetched.
    pub(super) fn html(&self) -> String {
        let block = |block: &Block| match block {
            Block::Said(words) => format!("<p>{}</p>\r\n", escape(words)),
            Block::Link { words, url } => {
                let url = escape(url);
                format!(
                    "<p>{}<br>\r\n<a href=\"{url}\">{url}</a></p>\r\n",
                    escape(words)
                )
            }
        };
        let (tag, direction) = (self.language.tag(), self.language.direction());
        let subject = escape(&self.subject);
        let blocks: String = self.blocks.iter().map(block).collect();
        format!(
            "<!DOCTYPE html>\r\n<html lang=\"{tag}\" dir=\"{direction}\"><head>\
             <meta charset=\"utf-8\"><title>{subject}</title></head>\r\n<body style=\"{LOOK}\">\r\n{blocks}</body></html>\r\n"
        )
    }
}

/// Speaks for the controller of a notice in one language.
struct Speaker<'a> {
    words: &'static Catalogue,
    language: Language,
    notice: &'a Notice,
}

impl Speaker<'_> {
    fn say(&self, kind: &Kind, url: String, base: &str) -> (String, Vec<Block>) {
        let words = &self.words.mail;
        let said = |text: &str, gaps: &[(&str, &str)]| Block::Said(self.fill(text, gaps));
        let link = |words: &str, url: String| Block::Link {
            words: self.fill(words, &[]),
            url,
        };
        let (subject, blocks) = match kind {
            Kind::Link { code, until, .. } => (
                &words.link_subject,
                vec![
                    said(&words.link_what, &[]),
                    link(&words.link_open, url),
                    said(&words.code, &[("{code}", code)]),
                    said(&words.once, &[("{until}", &self.moment(*until))]),
                    said(&words.ignore, &[]),
                ],
            ),
            Kind::Confirm {
                code, until, scope, ..
            } => (
                &words.confirm_subject,
                vec![
                    said(&words.confirm_what, &[("{what}", &self.what(scope))]),
                    link(&words.confirm_open, url),
                    said(&words.code, &[("{code}", code)]),
                    said(&words.once, &[("{until}", &self.moment(*until))]),
                    said(&words.confirm_ignore, &[]),
                    link(&words.confirm_stop, self.objecting(base)),
                ],
            ),
            Kind::Objected {
                scope,
                further,
                until,
                reference,
                at,
            } => {
                let what = [scope]
                    .into_iter()
                    .chain(further)
                    .map(|scope| self.what(scope));
                let (what, at) = (what.collect::<Vec<_>>().join("; "), self.moment(*at));
                let mut blocks = vec![said(
                    &words.objected_what,
                    &[("{at}", &at), ("{what}", &what)],
                )];
                if let Some(until) = until {
                    let until = self.moment(*until);
                    blocks.push(said(&words.objected_until, &[("{until}", &until)]));
                }
                blocks.extend([
                    said(&words.objected_reference, &[("{reference}", reference)]),
                    said(&words.objected_ignore, &[]),
                    link(&words.objected_open, url),
                ]);
                (&words.objected_subject, blocks)
            }
            Kind::CaseReceived {
                reference,
                complaint,
                due,
            } => {
                let what = match complaint {
                    true => &words.received_complaint,
                    false => &words.received_objection,
                };
                let due = self.words.date(due.date());
                let blocks = vec![
                    said(what, &[("{due}", &due)]),
                    said(&words.case_reference, &[("{reference}", reference)]),
                ];
                (&words.received_subject, blocks)
            }
            Kind::CaseAcknowledged { reference } => (
                &words.acknowledged_subject,
                vec![
                    said(&words.acknowledged_what, &[]),
                    said(&words.case_reference, &[("{reference}", reference)]),
                ],
            ),
            Kind::CaseExtended { reference, due } => {
                let due = self.words.date(due.date());
                let blocks = vec![
                    said(&words.extended_what, &[("{due}", &due)]),
                    said(&words.case_reference, &[("{reference}", reference)]),
                ];
                (&words.extended_subject, blocks)
            }
            Kind::CaseDecided {
                reference,
                accepted,
            } => {
                let outcome = match accepted {
                    true => &words.decided_accepted,
                    false => &words.decided_refused,
                };
                let mut blocks = vec![said(outcome, &[]), link(&words.decided_open, url)];
                blocks.extend(self.remedies());
                blocks.push(said(&words.case_reference, &[("{reference}", reference)]));
                (&words.decided_subject, blocks)
            }
        };
        (subject.clone(), blocks)
    }

    fn fill(&self, text: &str, gaps: &[(&str, &str)]) -> String {
        let controller = self.notice.slots.controller.filled();
        let controller = controller.map_or("", |controller| &controller.name);
        gaps.iter()
            .chain(&[("{controller}", controller)])
            .fold(text.to_owned(), |text, (gap, value)| {
                fill(&text, gap, value)
            })
    }

    /// The page where one objects, without link or code.
    fn objecting(&self, base: &str) -> String {
        let (notice, lang) = (&self.notice.key, self.language.tag());
        format!("{base}/notices/{notice}?lang={lang}#object")
    }

    /// Who speaks, and that nothing is promoted.
    fn sender(&self) -> String {
        let slots = &self.notice.slots;
        let address = slots.controller.filled().map_or("", |one| &one.address);
        let contact = slots.contact.filled().map_or("", |one| &one.email);
        let gaps = [("{address}", address), ("{contact}", contact)];
        self.fill(&self.words.mail.sender, &gaps)
    }

    /// Where to go with a decision that one does not accept (Art. 12(4)).
    fn remedies(&self) -> Option<Block> {
        let authority = self.notice.slots.supervisory_authority.filled()?;
        let gaps = [
            ("{authority}", authority.name.as_str()),
            ("{authority_url}", authority.url.as_str()),
        ];
        Some(Block::Said(
            self.fill(&self.words.mail.decided_rights, &gaps),
        ))
    }

    /// A moment with its zone: `23 November 2026, 12:10 UTC`.
    fn moment(&self, at: Timestamp) -> String {
        let written = at.to_string();
        let time = written.get(11..16).unwrap_or_default();
        let date = self.words.date(at.date());
        let gaps = [("{date}", date.as_str()), ("{time}", time)];
        self.fill(&self.words.mail.moment, &gaps)
    }

    /// A scope in the notice's own words.
    fn what(&self, scope: &Scope) -> String {
        let words = &self.words.mail;
        let title = |key: String, else_say: &str| {
            let text = self.notice.text(&key, self.language.tag());
            text.map_or_else(|| else_say.to_owned(), |text| text.words.to_owned())
        };
        let mut what = match &scope.purpose {
            None => words.all_marketing.clone(),
            Some(purpose) => title(format!("purpose.{purpose}.title"), purpose.as_str()),
        };
        if let Some(topic) = &scope.topic {
            let topic = title(format!("topic.{topic}.title"), topic.as_str());
            let gaps = [("{purpose}", what.as_str()), ("{topic}", topic.as_str())];
            what = self.fill(&words.topic_of, &gaps);
        }
        match scope.channel {
            None => what,
            Some(channel) => {
                let channel = match channel {
                    Channel::Email => &words.email,
                    Channel::Phone => &words.phone,
                    Channel::Post => &words.post,
                    Channel::Sms => &words.sms,
                };
                let gaps = [("{what}", what.as_str()), ("{channel}", channel.as_str())];
                self.fill(&words.over, &gaps)
            }
        }
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
