//! What a person was shown, as their view token proves it, and the words of a control as they saw
//! them: kept as evidence, by their digest.

use std::sync::{Arc, PoisonError};

use chrono::NaiveDate;
use shared::digest::Digest;

use super::AppState;
use super::problem::Problem;
use crate::shelf::{Shelf, Shelved};
use crate::view_token::View;

/// A control of a notice's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Control {
    /// The panel that objects.
    Objection,
    /// The request for consent.
    Consent,
}

/// What makes a control's words: which it is, the notice version, the language and the day.
pub(super) type Shown = (Control, Digest, [u8; 2], NaiveDate);

impl AppState {
    /// What that token proves, and the version that it names; `None` when it proves nothing.
    pub(super) fn seen<'a>(
        &self,
        shelf: &'a Shelf,
        token: Option<&str>,
    ) -> Option<(View, &'a Arc<Shelved>)> {
        let view = self.secrets.view.verify(token?, self.world.now())?;
        Some((view, shelf.by_half(&view.notice)?))
    }

    /// The digest of the control's words as the person saw them, after they are safely stored.
    /// `None` for a version that has no such control.
    pub(super) async fn control_text(
        &self,
        control: Control,
        shown: &Shelved,
        view: &View,
    ) -> Result<Option<Digest>, Problem> {
        let Some(notice) = shown.structured() else {
            return Ok(None);
        };
        let key = (control, shown.digest, view.language, view.began.date());
        let known = || {
            self.control_texts
                .read()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(digest) = known().get(&key).copied() {
            return Ok(Some(digest));
        }
        let around = self.surroundings_at("", view.language(), view.began, None);
        let text = match control {
            Control::Objection => Some(frontend::control::control_text(notice, &around)),
            Control::Consent => frontend::control::consent_text(notice, &around),
        };
        let Some(text) = text else { return Ok(None) };
        let digest = self.recorder.keep_text(text).await?;
        let mut known = self
            .control_texts
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        known.retain(|(.., date), _| *date >= key.3);
        known.insert(key, digest);
        Ok(Some(digest))
    }
}
