//! `sayso.js`: loader, styles and fragment in one file, so that a person can act after one request.

use shared::notice::Notice;

use crate::fragment::{Earlier, fragment_html};
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
pub fn embed_script(
    parts: Parts<'_>,
    notice: &Notice,
    earlier: Option<Earlier>,
    around: &Surroundings,
) -> String {
    let constants = [
        ("base", around.base.as_str()),
        ("notice", notice.key.as_str()),
        ("lang", around.language.tag()),
        ("glue", parts.glue),
        ("wasm", parts.wasm),
        ("css", &plain_css(parts.css)),
        ("html", &fragment_html(notice, earlier, around)),
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

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::catalogue::Language;
    use crate::example;

    /// Bytes until the controls can be used (design, section 12).
    const BUDGET: usize = 6_500;

    fn script(language: Language) -> String {
        let parts = Parts {
            loader: include_str!("../../public/loader.js"),
            css: include_str!("../../public/widget.css"),
            glue: "https://privacy.example.com/assets/0123456789abcdef/widget.js",
            wasm: "https://privacy.example.com/assets/fedcba9876543210/widget.wasm",
        };
        let earlier = Earlier {
            version: 0,
            is_news: true,
        };
        let around = example::around(language);
        embed_script(parts, &example::notice(), Some(earlier), &around)
    }

    #[test]
    fn the_whole_script_stays_within_its_budget_in_every_language() {
        for language in Language::ALL {
            let mut packed = brotli::CompressorWriter::new(Vec::new(), 4096, 11, 22);
            packed.write_all(script(language).as_bytes()).unwrap();
            let size = packed.into_inner().len();
            assert!(size <= BUDGET, "{size} bytes in {}", language.tag());
        }
    }

    #[test]
    fn the_script_is_the_same_for_the_same_moment() {
        assert_eq!(script(Language::En), script(Language::En));
    }

    #[test]
    fn no_text_can_end_the_literal_it_stands_in() {
        assert_eq!(literal(r"a`b\c${d}"), r"a\`b\\c\${d}");
    }

    #[test]
    fn the_script_stores_nothing() {
        let script = script(Language::En);
        for door in [
            "localStorage",
            "sessionStorage",
            "indexedDB",
            "document.cookie",
            "eval(",
        ] {
            assert!(!script.contains(door), "{door}");
        }
    }

    #[test]
    fn styles_lose_only_what_people_need() {
        assert_eq!(plain_css("/* a */\n.b {\n  c: d, e;\n}\n"), ".b{c:d,e}");
    }
}
