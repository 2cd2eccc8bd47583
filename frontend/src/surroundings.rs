//! What a page is rendered in: the service, the language and the moment.

use leptos::prelude::*;
use shared::time::Timestamp;

use crate::catalogue::{Catalogue, Language};

/// What every server-rendered part is told beside its content.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The service's public URL, without a slash at the end. Empty on its own pages: they lead to the
    /// name that they were reached under.
    pub base: String,
    /// The language of the interface.
    pub language: Language,
    /// Now: pauses end that many months from here.
    pub now: Timestamp,
    /// Proves what was shown; absent on pages that carry none.
    pub view_token: Option<String>,
    /// URL of `widget.css`.
    pub widget_css: String,
    /// URL of `page.css`.
    pub page_css: String,
}

impl Surroundings {
    /// The words of the interface.
    #[must_use]
    pub fn words(&self) -> &'static Catalogue {
        self.language.words()
    }

    /// The address of a path of the service.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        [self.base.as_str(), path].concat()
    }
}

/// Renders a view to HTML.
pub(crate) fn html<V: RenderHtml>(view: impl FnOnce() -> V) -> String {
    let owner = Owner::new();
    let html = owner.with(|| view().to_html());
    owner.cleanup();
    html
}
