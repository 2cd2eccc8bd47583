//! Words and marks that the project does not use at all.

use super::Finding;
use super::file::File;

const SOURCE: &[&str] = &["rs"];
const TEXT: &[&str] = &["rs", "js", "css", "html", "md", "toml", "json", "yml", "sh"];

/// A word, the files that are searched, and why it is not said. Compared in lower case.
struct Rule {
    words: &'static [&'static str],
    extensions: &'static [&'static str],
    tests_only: bool,
    why: &'static str,
}

const RULES: [Rule; 7] = [
    Rule {
        words: &[
            "blacklist",
            "blocklist",
            "whitelist",
            "opt-out list",
            "opt-out-list",
        ],
        extensions: TEXT,
        tests_only: false,
        why: "not a word of this project: say objection, restriction, standing (docs/ARCHITECTURE.md, Words)",
    },
    Rule {
        words: &["privacy policy", "cookie policy"],
        extensions: TEXT,
        tests_only: false,
        why: "the document is a notice (docs/ARCHITECTURE.md, Words)",
    },
    Rule {
        words: &["#[allow(", "#![allow("],
        extensions: SOURCE,
        tests_only: false,
        why: "use #[expect(lint, reason = \"...\")]: it tells when it is no longer needed",
    },
    Rule {
        words: &["#[ignore"],
        extensions: SOURCE,
        tests_only: false,
        why: "a test that does not run holds nothing; make it run, or delete it",
    },
    Rule {
        words: &["sleep("],
        extensions: SOURCE,
        tests_only: true,
        why: "wait for the event, not for a time: a fixed wait is slow when it is long and fails when it is short",
    },
    Rule {
        words: &["todo:", "todo(", "todo!", "fixme", "// xxx", "// hack"],
        extensions: TEXT,
        tests_only: false,
        why: "finish it, or open an issue; the code says what is, not what should be",
    },
    Rule {
        words: &["/work/", "/tmp/", "/home/", "/root/", "/users/"],
        extensions: TEXT,
        tests_only: false,
        why: "a path of one machine; use a path in the workspace, an argument, or the system's temporary folder",
    },
];

/// Pages whose work is to name what is not said.
const NAMING: [&str; 1] = ["docs/ARCHITECTURE.md"];

/// Checks every line against the rules.
pub(crate) fn check(file: &File) -> Vec<Finding> {
    if file.is_rule() || file.is_in(&NAMING) {
        return Vec::new();
    }
    let rules: Vec<&Rule> = RULES
        .iter()
        .filter(|rule| rule.extensions.iter().any(|extension| file.is(extension)))
        .collect();
    let mut found = Vec::new();
    for (number, line) in file.lines() {
        let lower = line.to_lowercase();
        for rule in rules
            .iter()
            .filter(|rule| !rule.tests_only || file.is_test(number))
        {
            if let Some(word) = rule.words.iter().find(|word| lower.contains(**word)) {
                found.push(file.at(number, format!("`{word}`: {}", rule.why)));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        check(&File::new(path, text)).len()
    }

    #[test]
    fn a_word_of_others_is_found_in_code_and_prose() {
        assert_eq!(count("docs/API.md", "Puts it on the Blacklist."), 1);
        assert_eq!(count("backend/src/a.rs", "// the blocklist"), 1);
        assert_eq!(count("docs/ARCHITECTURE.md", "Never: blacklist."), 0);
    }

    #[test]
    fn lints_are_expected_not_allowed() {
        assert_eq!(count("shared/src/a.rs", "#[allow(dead_code)]"), 1);
        assert_eq!(
            count("shared/src/a.rs", "#[expect(dead_code, reason = \"why\")]"),
            0
        );
    }

    #[test]
    fn a_test_neither_sleeps_nor_is_ignored() {
        assert_eq!(
            count("tests/tests/a.rs", "tokio::time::sleep(wait).await;"),
            1
        );
        assert_eq!(
            count("backend/src/a.rs", "tokio::time::sleep(wait).await;"),
            0
        );
        assert_eq!(
            count(
                "backend/src/a.rs",
                "#[cfg(test)]\nmod tests {\n    sleep(wait);\n}"
            ),
            1
        );
        assert_eq!(count("backend/src/a.rs", "#[ignore = \"slow\"]"), 1);
    }

    #[test]
    fn nothing_is_left_for_later() {
        assert_eq!(count("public/loader.js", "// TODO: more"), 1);
    }

    #[test]
    fn no_machine_shows_through() {
        assert_eq!(count("README.md", "see /home/someone/notes"), 1);
    }
}
