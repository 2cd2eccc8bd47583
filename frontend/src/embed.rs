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

/// The loader without comment lines, and without the spaces and line ends that only people need. Texts
/// in quotes stay as they are.
fn plain_js(source: &str) -> String {
    let lines = source.lines().map(str::trim);
    let lines: Vec<_> = lines.filter(|line| !line.starts_with("//")).collect();
    let mut out = String::with_capacity(source.len());
    for (at, part) in lines.join("\n").split('\'').enumerate() {
        if at % 2 == 1 {
            out.extend(["'", part, "'"]);
            continue;
        }
        let mut signs = part.chars().peekable();
        while let Some(sign) = signs.next() {
            let (before, next) = (out.chars().next_back(), signs.peek().copied());
            // A line end may stand for a semicolon, but not where something is still open.
            let is_spare = match sign {
                ' ' => !is_word(before) || !is_word(next),
                '\n' => before.is_none_or(|sign| "\n{;,(>&?=".contains(sign)) || next == Some('}'),
                _ => false,
            };
            out.extend((!is_spare).then_some(sign));
        }
    }
    out
}

fn is_word(sign: Option<char>) -> bool {
    sign.is_some_and(|sign| sign.is_alphanumeric() || "_$`".contains(sign))
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
        .replace(" > ", ">")
        .replace(":0.", ":.")
        .replace(" 0.", " .")
        .replace("(0.", "(.")
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
    fn the_frame_that_the_loader_makes_may_do_what_the_documented_one_may() {
        let allowed = |text: &'static str| -> std::collections::BTreeSet<&str> {
            text.split(|sign: char| !sign.is_ascii_lowercase() && sign != '-')
                .filter(|word| word.starts_with("allow-"))
                .collect()
        };
        let made = allowed(include_str!("../../public/loader.js"));
        assert_eq!(made, allowed(include_str!("../../README.md")));
        assert!(made.contains("allow-popups-to-escape-sandbox"), "{made:?}");
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
    fn the_loader_loses_only_what_people_need() {
        let source = "// It's\nconst a = (b) => {\n  if (b) return c ?? 'd , e';\n};\n\nfor (const f of g)\n  h();\n";
        assert_eq!(
            plain_js(source),
            "const a=(b)=>{if(b)return c??'d , e';};for(const f of g)\nh();"
        );
    }

    #[test]
    fn styles_lose_only_what_people_need() {
        assert_eq!(plain_css("/* a */\n.b {\n  c: d, e;\n}\n"), ".b{c:d,e}");
        assert_eq!(
            plain_css("a > b {\n  c: 0.5em 10.5em 0;\n}"),
            "a>b{c:.5em 10.5em 0}"
        );
    }
}
