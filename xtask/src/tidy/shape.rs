//! How a file looks: it says what it is, and it is short.

use super::Finding;
use super::file::File;

const LIMIT: usize = 400;

/// Checks the opening and the length.
pub(crate) fn check(file: &File) -> Vec<Finding> {
    let mut found = Vec::new();
    if file.is("rs") && !file.text.starts_with("//! ") {
        found.push(file.whole("does not open with `//!`; say in one sentence what the file holds"));
    }
    let lines = file.text.lines().count();
    let written = ["rs", "js", "css"]
        .iter()
        .any(|extension| file.is(extension));
    if written && lines > LIMIT {
        found.push(file.whole(format!(
            "has {lines} lines, of at most {LIMIT}; split it by noun: `name.rs` and `name/part.rs`"
        )));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_an_opening_is_found() {
        let found = check(&File::new("shared/src/a.rs", "pub fn a() {}\n"));
        assert_eq!(found.len(), 1);
        assert!(found[0].says.contains("//!"));
    }

    #[test]
    fn four_hundred_lines_pass_and_one_more_is_found() {
        let lines = |count: usize| format!("//! A.\n{}", "//\n".repeat(count - 1));
        assert_eq!(check(&File::new("shared/src/a.rs", lines(400))), []);
        let found = check(&File::new("shared/src/a.rs", lines(401)));
        assert!(found[0].says.contains("401 lines"));
    }

    #[test]
    fn prose_may_be_long() {
        assert_eq!(check(&File::new("docs/API.md", "a\n".repeat(900))), []);
    }
}
