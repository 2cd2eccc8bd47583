//! The files that the rules look at: text, path relative to the workspace.

use std::fs;
use std::path::Path;

use super::Finding;

/// Folders that nobody writes by hand.
const GENERATED: [&str; 5] = [".git", "target", "node_modules", "sayso-data", "fixtures"];

/// A text file of the workspace.
pub(crate) struct File {
    /// Path from the workspace on, with `/`.
    pub(crate) path: String,
    /// Its content.
    pub(crate) text: String,
}

impl File {
    /// A file of this content.
    pub(crate) fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
        }
    }

    /// Whether the name ends in `.` and this.
    pub(crate) fn is(&self, extension: &str) -> bool {
        self.path
            .rsplit_once('.')
            .is_some_and(|(_, own)| own == extension)
    }

    /// Whether the path starts with one of these.
    pub(crate) fn is_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| self.path.starts_with(place))
    }

    /// Whether the rules name this file because it spells them out.
    pub(crate) fn is_rule(&self) -> bool {
        self.is_in(&["xtask/src/tidy"])
    }

    /// The lines that the test program alone compiles: all of a test file, else those after `#[cfg(test)]`.
    pub(crate) fn is_test(&self, line: usize) -> bool {
        let whole = self.path.starts_with("tests/") || self.path.contains("/tests/");
        whole
            || self
                .text
                .lines()
                .take(line)
                .any(|line| line.trim() == "#[cfg(test)]")
    }

    /// The lines, numbered from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }

    /// A finding in this line.
    pub(crate) fn at(&self, line: usize, says: impl Into<String>) -> Finding {
        Finding {
            place: format!("{}:{line}", self.path),
            says: says.into(),
        }
    }

    /// A finding about the whole file.
    pub(crate) fn whole(&self, says: impl Into<String>) -> Finding {
        Finding {
            place: self.path.clone(),
            says: says.into(),
        }
    }
}

/// Every text file below the folder, in the order of their paths.
pub(crate) fn all(root: &Path) -> anyhow::Result<Vec<File>> {
    let mut files = Vec::new();
    collect(root, "", &mut files)?;
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(files)
}

fn collect(root: &Path, folder: &str, files: &mut Vec<File>) -> anyhow::Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() {
            name.clone()
        } else {
            format!("{folder}/{name}")
        };
        let kind = entry.file_type()?;
        if kind.is_dir() && !GENERATED.contains(&name.as_str()) {
            collect(root, &path, files)?;
        } else if kind.is_file() && name != "Cargo.lock" {
            // What is not UTF-8 is no text, and nothing here has a say about it.
            files.extend(
                fs::read_to_string(entry.path())
                    .ok()
                    .map(|text| File::new(path, text)),
            );
        }
    }
    Ok(())
}
