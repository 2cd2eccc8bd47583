//! The page for frames: the fragment alone, for hosts that allow nothing else.

use shared::notice::Notice;

use super::escape;
use super::notice::owner;
use crate::fragment::{Earlier, framed};
use crate::surroundings::Surroundings;

/// The frame's page. `script` is the URL of the notice's `sayso.js`, which here is first-party and
/// hydrates the panel; without it the form posts within the frame.
#[must_use]
pub fn frame_page(
    notice: &Notice,
    earlier: Option<Earlier>,
    script: &str,
    around: &Surroundings,
) -> String {
    let (tag, direction) = (around.language.tag(), around.language.direction());
    let title = escape(
        &[
            around.words().page.notice_title.as_str(),
            ", ",
            owner(notice),
        ]
        .concat(),
    );
    let (css, script) = (escape(&around.widget_css), escape(script));
    let fragment = framed(notice, earlier, around);
    format!(
        "<!DOCTYPE html>\n<html lang=\"{tag}\" dir=\"{direction}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title>\
         <link rel=\"stylesheet\" href=\"{css}\"></head><body><main>{fragment}</main>\
         <script async src=\"{script}\"></script></body></html>\n"
    )
}
