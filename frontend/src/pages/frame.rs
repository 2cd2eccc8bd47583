//! The page for frames: the fragment alone, for hosts that allow nothing else, and what else a frame
//! shows.

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
    let fragment = in_frame(&framed(notice, earlier, around));
    format!(
        "<!DOCTYPE html>\n<html lang=\"{tag}\" dir=\"{direction}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title>\
         <link rel=\"stylesheet\" href=\"{css}\"></head><body><main>{fragment}</main>\
         <script async src=\"{script}\"></script></body></html>\n"
    )
}

/// Where forms of a frame go whose answers may be framed too.
const FRAMED: [&str; 3] = ["/object", "/object/undo", "/consent"];
/// Without quotes, it is harmless wherever it might stand.
const OUT: &str = " target=_blank rel=noopener";

/// The same HTML for a frame: what leads to a page that may not be framed opens beside the website. A
/// sandbox may forbid that, so what may stay in the frame stays there.
#[must_use]
pub fn in_frame(page: &str) -> String {
    let mut parts = page.split('<');
    let mut out = String::with_capacity(page.len() + 512);
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let name = part.split(' ').next().unwrap_or_default();
        out.extend(["<", name]);
        out.extend(leads_out(name, part).then_some(OUT));
        out.push_str(&part[name.len()..]);
    }
    out
}

/// Whether what begins with that tag leads out of a frame and does not say so yet.
fn leads_out(name: &str, part: &str) -> bool {
    let tag = part.split('>').next().unwrap_or_default();
    let to = |attribute: &str| {
        let (_, after) = tag.split_once(attribute)?;
        after.split('"').next()
    };
    let leads = match name {
        "a" => to(" href=\"").is_some_and(|to| !to.starts_with('#')) && !tag.contains(" download"),
        "form" => to(" action=\"").is_some_and(|to| !FRAMED.contains(&to)),
        _ => false,
    };
    leads && !tag.contains(" target=")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Language;
    use crate::example;

    #[test]
    fn what_may_not_be_framed_opens_beside_the_website_and_the_rest_stays() {
        for (html, opens) in [
            ("<a href=\"/notices/n?lang=en\">Back</a>", true),
            (
                "<a class=\"x\" href=\"https://example.com\">There</a>",
                true,
            ),
            (
                "<form method=\"post\" action=\"/self/link\" novalidate>",
                true,
            ),
            ("<form method=\"post\" action=\"/object/case\">", true),
            ("<form method=\"post\" action=\"/object\">", false),
            ("<form method=\"post\" action=\"/object/undo\">", false),
            ("<form id=\"c\" method=\"post\" action=\"/consent\">", false),
            ("<a href=\"#address\">Mend</a>", false),
            ("<a download href=\"/v1/receipts/c\">Receipt</a>", false),
            (
                "<a href=\"/x\" target=\"_blank\" rel=\"noopener\">X</a>",
                false,
            ),
            ("<article id=\"a\">", false),
            ("&lt;a href=\"/x\">", false),
        ] {
            let shown = in_frame(html);
            assert_eq!(shown != html, opens, "{shown}");
            assert_eq!(shown.replace(OUT, ""), html);
        }
    }

    #[test]
    fn the_frame_of_a_notice_asks_for_a_code_beside_it_and_objects_in_it() {
        for language in Language::ALL {
            let around = crate::surroundings::Surroundings {
                base: String::new(),
                ..example::around(language)
            };
            let page = frame_page(&example::notice(), None, "/sayso.js", &around);
            let form = |action: &str| {
                let mut forms = page.split("<form").skip(1);
                let action = format!(" action=\"{action}\"");
                forms
                    .find_map(|form| form.split('>').next().filter(|tag| tag.contains(&action)))
                    .unwrap_or_else(|| panic!("{action}"))
            };
            assert!(form("/self/link").contains(OUT));
            assert!(!form("/object").contains("target"));
            assert!(!form("/consent").contains("target"));
        }
    }
}
