//! Whole pages: complete HTML documents without inline script or style, readable, linkable and
//! printable with nothing but a browser.

pub mod difference;
pub mod docs;
pub mod frame;
pub mod home;
pub mod notice;
pub mod problem;
pub mod result;
pub mod verbatim;

use crate::catalogue::Language;
use crate::surroundings::Surroundings;

/// What stands around a page's content.
pub(crate) struct Page<'a> {
    /// The title, also the page's heading.
    pub(crate) title: &'a str,
    /// What the browser shows as title, where that is another.
    pub(crate) head_title: Option<&'a str>,
    /// Below the heading of every page: whose page this is.
    pub(crate) owner: &'a str,
    /// This page's path, for the choice of language; none where another language has no sense.
    pub(crate) path: Option<&'a str>,
    /// Where questions go, in the same place on every page (WCAG 3.2.6).
    pub(crate) help: Option<&'a str>,
}

/// The document around a page's content, which is HTML.
pub(crate) fn document(page: &Page<'_>, around: &Surroundings, content: &str) -> String {
    let words = &around.words().page;
    let title = escape(page.head_title.unwrap_or(page.title));
    let heading = escape(page.title);
    let owner = escape(page.owner);
    let (tag, direction) = (around.language.tag(), around.language.direction());
    let (widget_css, page_css) = (escape(&around.widget_css), escape(&around.page_css));
    let skip = escape(&words.skip);
    let languages = page.path.map_or_else(String::new, |path| languages(path, around));
    let help = page.help.map_or_else(String::new, |href| {
        format!("<p><a href=\"{}\">{}</a></p>", escape(href), escape(&words.help))
    });
    format!(
        "<!DOCTYPE html>\n<html lang=\"{tag}\" dir=\"{direction}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title>\
         <link rel=\"stylesheet\" href=\"{widget_css}\"><link rel=\"stylesheet\" href=\"{page_css}\">\
         </head><body class=\"sayso page\"><a class=\"skip\" href=\"#main\">{skip}</a>\
         <header><p class=\"who\">{owner}</p>{languages}</header>\
         <main id=\"main\" tabindex=\"-1\"><h1>{heading}</h1>{content}</main>\
         <footer>{help}</footer></body></html>\n"
    )
}

fn languages(path: &str, around: &Surroundings) -> String {
    let link = |language: Language| {
        let (tag, name) = (language.tag(), escape(&language.words().name));
        if language == around.language {
            return format!("<li aria-current=\"true\">{name}</li>");
        }
        let href = escape(&around.url(path));
        format!("<li><a href=\"{href}?lang={tag}\" hreflang=\"{tag}\" lang=\"{tag}\">{name}</a></li>")
    };
    format!("<ul class=\"languages\">{}</ul>", Language::ALL.map(link).concat())
}

/// Text as HTML, also within double quotes.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
