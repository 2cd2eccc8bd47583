//! What holds, in words: acts, reasons, scopes, and what stands beside a consent control.

use shared::entry::{Act, Surface};
use shared::purpose::Channel;
use shared::scope::Scope;

use super::Pressed;
use crate::control::PAUSES;
use crate::own::{Deed, Row, StopKind};
use crate::panel::fill;
use crate::surroundings::Surroundings;

/// What stands beside a consent control: who, what, how, and that it can be withdrawn (LAW-05).
#[must_use]
pub fn consent_words(
    controller: &str,
    what: &str,
    channel: Channel,
    around: &Surroundings,
) -> String {
    let asks = &around.words().own.consent_asks;
    let asks = fill(asks, "{channel}", channel_words(Some(channel), around));
    fill(&fill(&asks, "{controller}", controller), "{what}", what)
}

/// The exact words of a control of this page, kept as evidence of what the person saw (LAW-03).
/// `scope` is what it was about, `what` the same in words. `consent` names controller and channel where
/// the control asks for consent.
#[must_use]
pub fn control_text(
    button: &Pressed,
    scope: &Scope,
    what: &str,
    consent: Option<(&str, Channel)>,
    around: &Surroundings,
) -> String {
    let words = &around.words().own;
    let label = match button {
        Pressed::Object if *scope == Scope::ALL => words.object_all.clone(),
        Pressed::Object => words.object.clone(),
        Pressed::Pause(date) => pause_text(date, around),
        Pressed::Give => words.give.clone(),
        Pressed::Refuse => words.refuse.clone(),
        Pressed::Withdraw => words.withdraw.clone(),
        Pressed::Lift(kind) => {
            let (_, button) = stop_words(*kind, what, around);
            [words.lift_hint.as_str(), "\n", button].concat()
        }
    };
    let says = match (button, consent) {
        (Pressed::Lift(kind), _) => stop_words(*kind, what, around).0,
        (_, Some((controller, channel))) => consent_words(controller, what, channel, around),
        (_, None) => what.to_owned(),
    };
    [says, label].join("\n")
}

/// The button for a pause to that date, in words; a program may have chosen one that no button has.
fn pause_text(date: &str, around: &Surroundings) -> String {
    let words = around.words();
    let ends = PAUSES.map(|months| (months, around.now.date_in_months(months)));
    let offered = ends.into_iter().find(|(_, end)| words.date(*end) == date);
    match offered {
        Some((months, end)) => fill(&words.own.pause_for, "{time}", &words.pause(months, end)),
        None => [words.own.pausing.as_str(), ": ", date].concat(),
    }
}

/// What is said of something that stops mailings, and the button that lifts it.
#[must_use]
pub fn stop_words(kind: StopKind, what: &str, around: &Surroundings) -> (String, &'static str) {
    let words = &around.words().own;
    let (says, button) = match kind {
        StopKind::Objection => (&words.objection, &words.lift_objection),
        StopKind::Pause => (&words.pause, &words.lift_pause),
        StopKind::Erased => (&words.stopped_erased, &words.lift_stop),
        StopKind::SpamReported => (&words.stopped_spam, &words.lift_stop),
    };
    (fill(says, "{what}", what), button)
}

/// The scope in words: a topic or purpose, by a channel.
#[must_use]
pub fn scope_words(what: Option<&str>, channel: Option<Channel>, around: &Surroundings) -> String {
    let words = &around.words().own;
    let what = what.unwrap_or(&words.stop_all);
    match channel {
        None => what.to_owned(),
        Some(_) => fill(
            &fill(&words.about, "{what}", what),
            "{channel}",
            channel_words(channel, around),
        ),
    }
}

/// The channel in words, in the plural; without one, every channel.
#[must_use]
pub fn channel_words(channel: Option<Channel>, around: &Surroundings) -> &'static str {
    let words = &around.words().own;
    match channel {
        None => &words.any_channel,
        Some(Channel::Email) => &words.email,
        Some(Channel::Phone) => &words.phone,
        Some(Channel::Post) => &words.post,
        Some(Channel::Sms) => &words.sms,
    }
}

/// When, until when and how somebody did something, in words.
#[must_use]
pub fn deed(by: &Deed, around: &Surroundings) -> String {
    let words = &around.words().own;
    let date = |day| around.words().date(day);
    let since = fill(&words.since, "{date}", &date(by.at.date()));
    let ends = by
        .until
        .filter(|_| by.act != Act::ConsentGiven)
        .map(|end| fill(&words.ends, "{date}", &date(end.last_day())));
    let how = match (by.surface, &by.host) {
        (Surface::Widget, Some(host)) => fill(&words.by_widget_at, "{host}", host),
        (Surface::Widget | Surface::Frame, _) => words.by_widget.clone(),
        (Surface::NoticePage, _) => words.by_notice_page.clone(),
        (Surface::SelfService, _) => words.by_self_service.clone(),
        (Surface::OneClick, _) => words.by_one_click.clone(),
        (Surface::Mailto, _) => words.by_mailto.clone(),
        (Surface::Api, _) => words.by_api.clone(),
        (Surface::CommandLine, _) => words.by_staff.clone(),
        (Surface::Import, _) => words.by_import.clone(),
        (Surface::MailSystem, _) => words.by_mail_system.clone(),
    };
    [Some(since), ends, Some(how)]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ")
}

/// Whether a mailing may go out, and why.
pub(super) fn row_words(row: &Row, around: &Surroundings) -> (&'static str, &'static str) {
    let words = &around.words().own;
    match (row.proceeds, row.if_stated) {
        (true, _) => (&words.yes, reason_words(row.reason, around)),
        (false, true) => (&words.maybe, &words.if_stated),
        (false, false) => (&words.no, reason_words(row.reason, around)),
    }
}

fn reason_words(reason: &str, around: &Surroundings) -> &'static str {
    let words = &around.words().own;
    match reason {
        "legitimate_interest" => &words.unobjected,
        "consent" => &words.consent,
        "soft_opt_in" => &words.soft_opt_in,
        "objected" => &words.objected,
        "paused" => &words.paused,
        "related" => &words.related,
        "domain_objected" => &words.domain_objected,
        "erased" => &words.erased,
        "hard_bounce" => &words.hard_bounce,
        "spam_reported" => &words.spam_reported,
        "consent_refused" => &words.consent_refused,
        "consent_withdrawn" => &words.consent_withdrawn,
        "consent_expired" => &words.consent_expired,
        "no_consent" => &words.no_consent,
        "lia_missing" => &words.lia_missing,
        "not_informed" => &words.not_informed,
        _ => &words.unknown,
    }
}
