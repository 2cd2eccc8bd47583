//! The same as a plain list, for the widget: what holds, a line each, and what can be pressed.

use shared::scope::Scope;

use super::words::{channel_words, consent_words, deed, row_words, stop_words};
use crate::own::{Allowed, Consented, Own, OwnPurpose, OwnTopic, Row, Stop, StopKind};
use crate::panel::fill;
use crate::surroundings::Surroundings;

/// One thing that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// In words.
    pub says: String,
    /// What must stand beside its buttons; may be empty.
    pub beside: String,
    /// Its buttons.
    pub presses: Vec<LinePress>,
}

/// A button, and what it sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinePress {
    /// On it.
    pub label: String,
    /// The act.
    pub act: &'static str,
    /// About what.
    pub scope: Scope,
    /// The kind of what it lifts.
    pub kind: Option<StopKind>,
    /// Proves what was shown; empty where nothing needs it.
    pub view_token: String,
}

/// What holds for that contact, a line each: what they stopped, all marketing, each topic.
#[must_use]
pub fn lines(own: &Own, around: &Surroundings) -> Vec<Line> {
    let stopped_all = is_objected(own, &Scope::ALL);
    let stops = own.stops.iter().map(|stop| stop_line(stop, around));
    let all = (!stopped_all).then(|| all_line(own, around));
    let rows = own.purposes.iter().flat_map(|purpose| {
        purpose.topics.iter().flat_map(move |topic| {
            let line = move |row| row_line(own, purpose, topic, row, around);
            topic.rows.iter().map(line)
        })
    });
    let consents = own.consents_apart();
    let consents = consents.map(|consent| consent_line(consent, around));
    stops.chain(all).chain(consents).chain(rows).collect()
}

/// Whether they objected to all of it for good: a pause is no reason not to.
fn is_objected(own: &Own, scope: &Scope) -> bool {
    own.stops
        .iter()
        .any(|stop| stop.kind == StopKind::Objection && stop.scope.contains(scope))
}

fn stop_line(stop: &Stop, around: &Surroundings) -> Line {
    let (says, label) = stop_words(stop.kind, &stop.what, around);
    Line {
        says: [says, deed(&stop.by, around)].join(". "),
        beside: around.words().own.lift_hint.clone(),
        presses: vec![LinePress {
            label: label.to_owned(),
            act: "lift",
            scope: stop.scope.clone(),
            kind: Some(stop.kind),
            view_token: String::new(),
        }],
    }
}

fn all_line(own: &Own, around: &Surroundings) -> Line {
    let words = &around.words().own;
    Line {
        says: fill(&words.all_title, "{controller}", &own.controller),
        beside: String::new(),
        presses: vec![LinePress {
            label: words.object_all.clone(),
            act: "object",
            scope: Scope::ALL,
            kind: None,
            view_token: String::new(),
        }],
    }
}

fn consent_line(consent: &Allowed, around: &Surroundings) -> Line {
    let words = &around.words().own;
    let says = fill(&words.consented, "{what}", &consent.what);
    let by = consent.by.as_ref().map(|by| deed(by, around));
    Line {
        says: std::iter::once(says)
            .chain(by)
            .collect::<Vec<_>>()
            .join(". "),
        beside: words.withdraw_hint.clone(),
        presses: vec![LinePress {
            label: words.withdraw.clone(),
            act: "withdraw",
            scope: consent.scope.clone(),
            kind: None,
            view_token: consent.view_token.clone(),
        }],
    }
}

fn row_line(
    own: &Own,
    purpose: &OwnPurpose,
    topic: &OwnTopic,
    row: &Row,
    around: &Surroundings,
) -> Line {
    let words = &around.words().own;
    let (answer, reason) = row_words(row, around);
    let channel = channel_words(Some(row.channel), around);
    let about = fill(&words.about, "{what}", &topic.title);
    let says = format!(
        "{}: {answer}, {reason}.",
        fill(&about, "{channel}", channel),
    );
    let press = |act, label: &String| LinePress {
        label: label.clone(),
        act,
        scope: row.scope.clone(),
        kind: None,
        view_token: purpose.view_token.clone(),
    };
    let asks = purpose.takes_consent && row.consent != Consented::Given;
    let object = (!is_objected(own, &row.scope)).then(|| press("object", &words.object));
    let give = asks.then(|| press("give", &words.give));
    let withdraw = (row.consent == Consented::Given).then(|| press("withdraw", &words.withdraw));
    let beside = match (asks, row.stopped) {
        (false, _) => String::new(),
        (true, stopped) => {
            let asks = consent_words(&own.controller, &topic.title, row.channel, around);
            match stopped {
                true => [asks.as_str(), " ", &words.consent_standing].concat(),
                false => asks,
            }
        }
    };
    Line {
        says,
        beside,
        presses: [withdraw, give, object].into_iter().flatten().collect(),
    }
}
