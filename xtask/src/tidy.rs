//! `cargo xtask tidy`: the rules of the house that no compiler knows. Each finding says why, and what to do.

mod file;
mod legal;
mod log;
mod map;
mod place;
mod shape;
mod word;

use anyhow::bail;

use crate::tools;
use file::File;

/// One broken rule at one place.
#[derive(Debug, PartialEq)]
pub(crate) struct Finding {
    /// File, and line where one line is at fault.
    pub(crate) place: String,
    /// What is wrong, why, and what to do.
    pub(crate) says: String,
}

/// Checks every file of the workspace; an error counts the findings, which are printed.
pub(crate) fn check() -> anyhow::Result<()> {
    let files = file::all(&tools::root())?;
    let findings = findings(&files);
    for finding in &findings {
        println!("   {}: {}", finding.place, finding.says);
    }
    if !findings.is_empty() {
        bail!("{} findings", findings.len());
    }
    println!("   {} files are tidy", files.len());
    Ok(())
}

fn findings(files: &[File]) -> Vec<Finding> {
    let each = files.iter().flat_map(|file| {
        let mut found = shape::check(file);
        found.extend(place::check(file));
        found.extend(word::check(file));
        found.extend(log::check(file));
        found
    });
    each.chain(map::check(files))
        .chain(legal::check(files))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tidy_file_has_no_finding() {
        let text = "//! A noun.\n\n/// Counts.\npub fn count() -> u8 {\n    7\n}\n";
        assert_eq!(findings(&[File::new("shared/src/lib.rs", text)]), []);
    }

    #[test]
    fn findings_of_all_rules_come_together() {
        let text = "fn main() { tracing::info!(address = %typed, \"got SELECT it\"); }";
        let found = findings(&[File::new("backend/src/http.rs", text)]);
        assert_eq!(found.len(), 3, "{found:?}");
    }
}
