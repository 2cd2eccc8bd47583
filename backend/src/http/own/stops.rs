//! What stops mailings to a signed-in contact and ends when they lift it.

use frontend::own::{Deed, Stop, StopKind};
use shared::entry::Entry;
use shared::purpose::Channel;
use shared::scope::Scope;
use shared::standing::What;
use shared::time::Timestamp;
use uuid::Uuid;

use super::{Known, deed};
use crate::recording::Lifted;

/// One of them: all of one kind about one scope.
pub(in crate::http) struct Stopped<'a> {
    /// About what.
    pub scope: Scope,
    /// What it is.
    pub kind: StopKind,
    /// The end of a pause.
    until: Option<Timestamp>,
    /// The act that they are shown.
    entry: &'a Entry,
    /// Every entry behind it.
    entries: Vec<Uuid>,
}

impl Stopped<'_> {
    /// Whether it is in the way of a mailing about `asked`.
    pub(in crate::http) fn bears_on(&self, asked: &Scope) -> bool {
        match self.kind {
            StopKind::SpamReported => asked
                .channel
                .is_none_or(|channel| channel == Channel::Email),
            StopKind::Objection | StopKind::Pause | StopKind::Erased => self.scope.touches(asked),
        }
    }

    /// The same as it is shown, with its scope in words.
    pub(in crate::http) fn shown(&self, what: String) -> Stop {
        Stop {
            scope: self.scope.clone(),
            kind: self.kind,
            what,
            by: Deed {
                until: self.until,
                ..deed(self.entry)
            },
        }
    }

    /// What ends it, and nothing else.
    pub(in crate::http) fn lifted(&self) -> Lifted {
        Lifted {
            scope: self.scope.clone(),
            entries: self.entries.clone(),
            until: self.until,
        }
    }
}

impl Known {
    /// What stops mailings to them at that moment and ends when they lift it: their own objections
    /// and pauses, that their data was erased, that a message was reported as spam.
    pub(in crate::http) fn stops(&self, at: Timestamp) -> Vec<Stopped<'_>> {
        let mut stops: Vec<Stopped<'_>> = Vec::new();
        for held in self.standing.held(at) {
            let kind = match held.what {
                What::Objection => StopKind::Objection,
                What::Pause => StopKind::Pause,
                What::Consent | What::ConsentOver | What::Refusal | What::Withdrawal => continue,
            };
            // An address that is known as two subjects may hold the same twice.
            let is_there = |stop: &Stopped<'_>| stop.kind == kind && stop.scope == held.scope;
            if let Some(entry) = self.entries.get(&held.entry)
                && !stops.iter().any(is_there)
            {
                stops.push(Stopped {
                    kind,
                    until: held.until,
                    entry,
                    entries: self.standing.behind(&held.scope, kind == StopKind::Pause),
                    scope: held.scope,
                });
            }
        }
        let whole = [
            (StopKind::Erased, self.standing.erased),
            (StopKind::SpamReported, self.standing.spam_reported),
        ];
        for (kind, id) in whole {
            let Some(entry) = id.and_then(|id| self.entries.get(&id)) else {
                continue;
            };
            // An objection to everything that stayed of an erasure ends together with it.
            let is_there = |stop: &Stopped<'_>| {
                let is_whole = stop.scope == Scope::ALL && stop.kind == StopKind::Objection;
                is_whole && stop.entries.contains(&entry.id)
            };
            if !stops.iter().any(is_there) {
                stops.push(Stopped {
                    scope: Scope::ALL,
                    kind,
                    until: None,
                    entry,
                    entries: vec![entry.id],
                });
            }
        }
        stops
    }

    /// Whether mailings about that scope to the address without what stands behind its `+` were stopped,
    /// which the gate holds against this one too.
    pub(in crate::http) fn is_base_stopped(&self, asked: &Scope, at: Timestamp) -> bool {
        let is_mail = asked.channel == Some(Channel::Email);
        self.base.as_ref().is_some_and(|base| {
            let unreached = base.hard_bounce.or(base.spam_reported);
            let kept = base.erased.or(unreached.filter(|_| is_mail));
            kept.is_some() || base.hits(asked, at).next().is_some()
        })
    }
}
