//! The consents of a signed-in contact that hold, whether or not a notice asks for them by now.

use frontend::own::Allowed;
use shared::entry::Entry;
use shared::scope::Scope;
use shared::standing::What;
use shared::time::Timestamp;

use super::{Known, deed};

/// One of them.
pub(in crate::http) struct Consenting<'a> {
    /// To what: a purpose, over a channel.
    pub scope: Scope,
    /// The act, as far as it was read.
    entry: Option<&'a Entry>,
}

impl Consenting<'_> {
    /// The same as it is shown, with its scope in words and the token of what it is shown with.
    pub(in crate::http) fn shown(self, what: String, view_token: String) -> Allowed {
        Allowed {
            scope: self.scope,
            what,
            by: self.entry.map(deed),
            view_token,
        }
    }
}

impl Known {
    /// The consents that hold at that moment: each can be withdrawn (Art. 7(3)).
    pub(in crate::http) fn consents(&self, at: Timestamp) -> Vec<Consenting<'_>> {
        let mut consents: Vec<Consenting<'_>> = Vec::new();
        let held = self.standing.held(at).into_iter();
        for held in held.filter(|held| held.what == What::Consent) {
            // An address that is known as two subjects may hold the same twice.
            if !consents.iter().any(|one| one.scope == held.scope) {
                consents.push(Consenting {
                    entry: self.entries.get(&held.entry),
                    scope: held.scope,
                });
            }
        }
        consents
    }
}
