//! What of a standing bears on one question.

use uuid::Uuid;

use super::{Consent, Live, Mark, Marked, Restriction, Standing};
use crate::scope::Scope;
use crate::time::Timestamp;

impl Standing {
    /// The standing reduced to what bears on a mailing about `asked` at that moment, where a person
    /// counts as told who was told at `told_since` or later. It names no entry.
    #[must_use]
    pub fn bearing(&self, asked: &Scope, at: Timestamp, told_since: Timestamp) -> Self {
        let objected = self.hits(asked, at).any(|hit| hit.until.is_none());
        let paused = self.hits(asked, at).any(|hit| hit.until.is_some());
        let one = |until| Restriction {
            scope: asked.clone(),
            live: vec![Live {
                entry: Uuid::nil(),
                until,
            }],
            pinned: None,
        };
        let objection = objected.then(|| one(None));
        let pause = paused.then(|| one(Some(at.plus_millis(1))));
        let nameless = |entry: Option<Uuid>| entry.map(|_| Uuid::nil());
        Self {
            restrictions: objection.into_iter().chain(pause).collect(),
            consents: self.bearing_consent(asked, at).into_iter().collect(),
            beside: Vec::new(),
            informed_at: self
                .informed_at
                .filter(|&told| told >= told_since)
                .map(|_| told_since),
            facts: self.facts.bearing(),
            erased: nameless(self.erased),
            hard_bounce: nameless(self.hard_bounce),
            spam_reported: nameless(self.spam_reported),
        }
    }

    fn bearing_consent(&self, asked: &Scope, at: Timestamp) -> Option<Mark> {
        let (state, until) = match self.consent(asked, at) {
            Consent::Unknown => return None,
            Consent::Given(_) => (Marked::Given, None),
            Consent::Expired(_) => (Marked::Given, Some(at)),
            Consent::Refused(_) => (Marked::Refused, None),
            Consent::Withdrawn(_) => (Marked::Withdrawn, None),
        };
        Some(Mark {
            scope: asked.clone(),
            state,
            entry: Uuid::nil(),
            until,
        })
    }
}
