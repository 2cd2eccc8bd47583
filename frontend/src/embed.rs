//! `sayso.js`: loader, styles and fragment in one file, so that a person can act after one request.

use shared::notice::Notice;

use crate::fragment::fragment_html;
use crate::surroundings::Surroundings;

/// What `sayso.js` is made of beside the notice.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    /// The text of `public/loader.js`.
    pub loader: &'a str,
    /// The text of `public/widget.css`.
    pub css: &'a str,
    /// URL of the bundle's glue, content-addressed.
    pub glue: &'a str,
    /// URL of the bundle's WASM, content-addressed.
    pub wasm: &'a str,
}

/// The script of that notice in that language. Its bytes depend on the arguments alone.
#[must_use]
pub fn embed_script(parts: Parts<'_>, notice: &Notice, around: &Surroundings) -> String {
    let constants = [
        ("base", around.base.as_str()),
        ("notice", notice.key.as_str()),
        ("lang", around.language.tag()),
        ("glue", parts.glue),
        ("wasm", parts.wasm),
        ("css", &plain_css(parts.css)),
        ("html", &fragment_html(notice, around)),
    ];
    let constants: Vec<_> = constants
        .iter()
        .map(|(name, value)| format!("{name}:`{}`", literal(value)))
        .collect();
    let constants = format!("{{{}}}", constants.join(","));
    plain_js(parts.loader).replacen("(SAYSO)", &format!("({constants})"), 1)
}

/// The text inside a template literal.
fn literal(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('`', "\\`")
        .replace("${", "\\${")
}

/// The loader without comment lines and indentation.
fn plain_js(source: &str) -> String {
    let lines = source.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The styles without comments and the spaces that only people need.
fn plain_css(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    for (at, part) in source.split("/*").enumerate() {
        let kept = if at == 0 {
            part
        } else {
            part.split_once("*/").map_or("", |(_, rest)| rest)
        };
        out.extend(kept.lines().map(str::trim));
    }
    out.replace(": ", ":")
        .replace(" {", "{")
        .replace(", ", ",")
        .replace(";}", "}")
}
