//! The words of a control as a person saw them: kept as evidence, by their digest.

use std::sync::PoisonError;

use chrono::NaiveDate;
use frontend::catalogue::Language;
use shared::digest::Digest;

use super::AppState;
use super::problem::Problem;
use crate::shelf::Shelved;
use crate::view_token::View;

/// What makes a control's words: the notice version, the language and the day.
pub(super) type Shown = (Digest, [u8; 2], NaiveDate);

impl AppState {
    /// The digest of the control's words as the person saw them, after they are safely stored.
    /// `None` for a version that has no control.
    pub(super) async fn control_text(
        &self,
        shown: &Shelved,
        view: &View,
    ) -> Result<Option<Digest>, Problem> {
        let Some(notice) = shown.structured() else {
            return Ok(None);
        };
        let language = std::str::from_utf8(&view.language)
            .ok()
            .and_then(Language::parse)
            .unwrap_or_default();
        let key = (shown.digest, view.language, view.began.date());
        let known = || {
            self.control_texts
                .read()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(digest) = known().get(&key).copied() {
            return Ok(Some(digest));
        }
        let around = self.surroundings_at("", language, view.began, None);
        let text = frontend::control::control_text(notice, &around);
        let digest = self.recorder.keep_text(text).await?;
        let mut known = self
            .control_texts
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        known.retain(|(_, _, date), _| *date >= key.2);
        known.insert(key, digest);
        Ok(Some(digest))
    }
}
