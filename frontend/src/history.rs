//! Entries in plain words, for the person whose entries they are.

use shared::entry::{Act, Assurance, Entry, Surface};
use shared::notice::Notice;
use shared::purpose::Channel;
use shared::scope::Scope;

use crate::panel::fill;
use crate::purposes::{said, text};
use crate::surroundings::Surroundings;

/// What happened, in one sentence without a date: `Objection: all marketing (on a website)`.
#[must_use]
pub fn in_words(entry: &Entry, notices: &[&Notice], around: &Surroundings) -> String {
    let words = &around.words().history;
    let pattern = match entry.act {
        Act::Objected => &words.objected,
        Act::ObjectionLifted => &words.objection_lifted,
        Act::Paused => &words.paused,
        Act::Retracted => &words.retracted,
        Act::ConsentRequested => &words.consent_requested,
        Act::ConsentGiven => &words.consent_given,
        Act::ConsentRefused => &words.consent_refused,
        Act::ConsentWithdrawn => &words.consent_withdrawn,
        Act::NoticeProvided => &words.notice_provided,
        Act::FactRecorded => &words.fact_recorded,
        Act::CaseOpened => &words.case_opened,
        Act::CaseAcknowledged => &words.case_acknowledged,
        Act::CaseExtended => &words.case_extended,
        Act::CaseDecided => &words.case_decided,
        Act::Erased => &words.erased,
        Act::Bounced => &words.bounced,
        Act::SpamReported => &words.spam_reported,
    };
    let what = about(&entry.scope, notices, around);
    let until = entry
        .until
        .map_or_else(String::new, |end| around.words().date(end.last_day()));
    let reference = entry.evidence.reference.as_deref().unwrap_or_default();
    let text = fill(pattern, "{what}", &what);
    let text = fill(&fill(&text, "{until}", &until), "{reference}", reference);
    let mut how = vec![place(entry, around)];
    if entry.evidence.assurance == Assurance::Unverified {
        how.push(words.unverified.clone());
    }
    format!("{text} ({})", how.join("; "))
}

/// What an act is about: `all marketing`, or purpose, topic and channel.
#[must_use]
pub fn about(scope: &Scope, notices: &[&Notice], around: &Surroundings) -> String {
    let own = &around.words().own;
    let mut parts = Vec::new();
    match &scope.purpose {
        None => parts.push(own.stop_all.clone()),
        Some(key) => {
            let found = notices.iter().find_map(|notice| {
                let purpose = notice.purpose(key)?;
                Some(text(notice, &purpose.text_key("title"), around))
            });
            parts.push(found.unwrap_or_else(|| key.to_string()));
        }
    }
    if let Some(topic) = &scope.topic {
        let key = format!("topic.{topic}.title");
        let found = notices.iter().find_map(|notice| said(notice, &key, around));
        parts.push(found.map_or_else(|| topic.to_string(), |said| said.words));
    }
    if let Some(channel) = scope.channel {
        let name = match channel {
            Channel::Email => &own.email,
            Channel::Phone => &own.phone,
            Channel::Post => &own.post,
            Channel::Sms => &own.sms,
        };
        parts.push(name.clone());
    }
    parts.join(", ")
}

fn place(entry: &Entry, around: &Surroundings) -> String {
    let words = &around.words().own;
    let host = entry.evidence.host_origin.as_deref();
    match (entry.evidence.surface, host) {
        (Surface::Widget, Some(host)) => {
            let host = host.rsplit('/').next().unwrap_or(host);
            return fill(&words.by_widget_at, "{host}", host);
        }
        (Surface::Widget | Surface::Frame, _) => &words.by_widget,
        (Surface::NoticePage, _) => &words.by_notice_page,
        (Surface::SelfService, _) => &around.words().history.by_self_service,
        (Surface::OneClick, _) => &words.by_one_click,
        (Surface::Mailto, _) => &words.by_mailto,
        (Surface::Api, _) => &words.by_api,
        (Surface::CommandLine, _) => &words.by_staff,
        (Surface::Import, _) => &words.by_import,
        (Surface::MailSystem, _) => &words.by_mail_system,
    }
    .clone()
}
