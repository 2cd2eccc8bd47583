//! What may stand in some places only: SQL, the network, the clock, entropy.

use super::Finding;
use super::file::File;

/// Words with the places that may say them.
struct Rule {
    words: &'static [&'static str],
    extensions: &'static [&'static str],
    /// Checked below these; everywhere if empty.
    within: &'static [&'static str],
    places: &'static [&'static str],
    why: &'static str,
}

const RULES: [Rule; 7] = [
    Rule {
        words: &[
            "SELECT ",
            "INSERT INTO",
            "INSERT OR",
            "UPDATE ",
            "DELETE FROM",
            "CREATE TABLE",
            "PRAGMA ",
        ],
        extensions: &["rs"],
        within: &[],
        places: &["backend/src/store", "backend/examples/"],
        why: "SQL lives in backend/src/store alone, so that what is one unit can be read there; add a method to the store",
    },
    Rule {
        words: &["rusqlite"],
        extensions: &["rs"],
        within: &[],
        places: &["backend/src/store", "backend/examples/"],
        why: "no driver crosses the store; use a method of its trait",
    },
    Rule {
        words: &[
            "gloo_net",
            "fetch(",
            "fetch_with_",
            "XmlHttpRequest",
            "XMLHttpRequest",
            "sendBeacon",
            "WebSocket",
        ],
        extensions: &["rs", "js"],
        within: &["frontend/", "public/"],
        places: &["frontend/src/client.rs", "public/loader.js"],
        why: "what the page sends can be read in one file: frontend/src/client.rs (public/loader.js before the WASM is there)",
    },
    Rule {
        words: &[
            "Utc::now",
            "SystemTime::now",
            "Local::now",
            "getrandom",
            "new_v4",
            "now_v7",
        ],
        extensions: &["rs"],
        within: &["shared/", "frontend/", "backend/"],
        places: &["backend/src/clock.rs"],
        why: "time and chance are arguments, so that every rule can be tested and replayed; only backend/src/clock.rs asks the machine",
    },
    Rule {
        words: &["std::fs", "std::env", "std::net", "tokio", "Instant"],
        extensions: &["rs"],
        within: &["shared/src/"],
        places: &[],
        why: "the domain is pure: no I/O and no clock",
    },
    Rule {
        words: &["HashMap", "HashSet"],
        extensions: &["rs"],
        within: &["shared/src/"],
        places: &["shared/src/address/numbers.rs"],
        why: "the domain has no order that changes from run to run (BTreeMap, BTreeSet); only shared/src/address/numbers.rs, whose order nobody asks for, has a table of hashes",
    },
    Rule {
        words: &[
            "localStorage",
            "sessionStorage",
            "indexedDB",
            "document.cookie",
            "local_storage",
            "session_storage",
        ],
        extensions: &["rs", "js"],
        within: &["frontend/", "public/"],
        places: &[],
        why: "nothing is stored on the visitor's device, so the widget never needs to ask for it",
    },
];

/// Checks the words against the file's place. Comments may speak about them, and tests may look behind
/// what they test.
pub(crate) fn check(file: &File) -> Vec<Finding> {
    if file.is_rule() {
        return Vec::new();
    }
    let here = |rule: &&Rule| {
        rule.extensions.iter().any(|extension| file.is(extension))
            && (rule.within.is_empty() || file.is_in(rule.within))
            && !file.is_in(rule.places)
    };
    let rules: Vec<&Rule> = RULES.iter().filter(here).collect();
    let mut found = Vec::new();
    for (number, line) in file
        .lines()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
    {
        for rule in &rules {
            let word = rule.words.iter().find(|word| line.contains(**word));
            if let Some(word) = word.filter(|_| !file.is_test(number)) {
                found.push(file.at(number, format!("`{}`: {}", word.trim(), rule.why)));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(path: &str, text: &str) -> Vec<String> {
        check(&File::new(path, text))
            .into_iter()
            .map(|finding| finding.place)
            .collect()
    }

    #[test]
    fn sql_stands_in_the_store_alone() {
        let sql = "//! A.\nconst Q: &str = \"SELECT seq FROM ledger\";\n";
        assert_eq!(
            says("backend/src/http/objections.rs", sql),
            ["backend/src/http/objections.rs:2"]
        );
        assert!(says("backend/src/store/sqlite.rs", sql).is_empty());
        assert!(says("backend/src/store.rs", sql).is_empty());
    }

    #[test]
    fn the_page_sends_from_one_file() {
        let call = "window.fetch(url)";
        assert_eq!(says("frontend/src/panel.rs", call).len(), 1);
        assert!(says("frontend/src/client.rs", call).is_empty());
        assert!(says("public/loader.js", call).is_empty());
        assert!(says("tests/src/browser.rs", call).is_empty());
    }

    #[test]
    fn only_the_clock_asks_the_machine() {
        assert_eq!(says("backend/src/gate.rs", "let at = Utc::now();").len(), 1);
        assert!(says("backend/src/clock.rs", "let at = Utc::now();").is_empty());
    }

    #[test]
    fn the_domain_keeps_an_order() {
        assert_eq!(
            says("shared/src/standing.rs", "use std::collections::HashMap;").len(),
            1
        );
        assert!(says("shared/src/standing.rs", "use std::collections::BTreeMap;").is_empty());
    }

    #[test]
    fn the_device_stores_nothing() {
        assert_eq!(says("public/loader.js", "localStorage.seen = 1").len(), 1);
    }

    #[test]
    fn a_test_may_look_behind() {
        assert!(says("backend/tests/http/service.rs", "use rusqlite::Connection;").is_empty());
        let part =
            "//! A.\n#[cfg(test)]\nmod tests {\n    const NEVER: &str = \"localStorage\";\n}\n";
        assert!(says("frontend/src/embed.rs", part).is_empty());
    }

    #[test]
    fn a_comment_may_speak_of_it() {
        assert!(says("shared/src/a.rs", "/// Never a HashMap: its order changes.").is_empty());
    }
}
