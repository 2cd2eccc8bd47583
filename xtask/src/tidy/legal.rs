//! The law and the tests: docs/LEGAL.md names only files and tests that exist.

use std::collections::BTreeSet;

use super::Finding;
use super::file::File;

const TABLE: &str = "docs/LEGAL.md";

/// Checks the last column of each row for tests that exist, and the column before it for files.
pub(crate) fn check(files: &[File]) -> Vec<Finding> {
    let Some(table) = files.iter().find(|file| file.path == TABLE) else {
        return Vec::new();
    };
    let tests: BTreeSet<&str> = files
        .iter()
        .filter(|file| file.is("rs"))
        .flat_map(|file| file.text.split("fn ").skip(1))
        .filter_map(|after| after.split(['(', '<', ' ', '\n']).next())
        .collect();
    let mut found = Vec::new();
    for (line, text) in table.lines() {
        let cells: Vec<&str> = text.split('|').map(str::trim).collect();
        let ["", _, _, code, test, ""] = cells[..] else {
            continue;
        };
        for name in quoted(test).filter(|name| !tests.contains(name)) {
            found.push(table.at(
                line,
                format!("no test is called `{name}`: name the test that fails when this is broken"),
            ));
        }
        let is_there = |path: &str| files.iter().any(|file| file.path.starts_with(path));
        for path in
            quoted(code).filter(|path| path.contains('/') && path.starts_with(char::is_alphabetic))
        {
            let inside = ["", "shared/src/notice/", "frontend/src/"];
            if !inside
                .iter()
                .any(|folder| is_there(&format!("{folder}{path}")))
            {
                found.push(table.at(line, format!("`{path}` is not there: say where this lives")));
            }
        }
    }
    found
}

/// What stands between backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(row: &str) -> Vec<String> {
        let files = [
            File::new(TABLE, row),
            File::new("shared/src/rules.rs", "async fn the_rule_holds() {}"),
        ];
        check(&files)
            .into_iter()
            .map(|finding| finding.says)
            .collect()
    }

    #[test]
    fn a_row_that_names_what_exists_passes() {
        let row = "| LAW-01 | a rule | `shared/src/rules.rs` | `the_rule_holds` |";
        assert!(says(row).is_empty());
    }

    #[test]
    fn a_test_or_file_that_does_not_exist_is_found() {
        let row = "| LAW-01 | a rule | `shared/src/ruins.rs` | `the_rule_holds_not` |";
        assert_eq!(says(row).len(), 2);
    }
}
