//! The map and the land: docs/ARCHITECTURE.md names every module of every crate.

use super::Finding;
use super::file::File;

const MAP: &str = "docs/ARCHITECTURE.md";
const CRATES: [&str; 6] = [
    "shared",
    "frontend",
    "frontend/widget",
    "backend",
    "tests",
    "xtask",
];

/// Checks that each module directly below a crate's `src` is on the map, as `name` or `name.rs` in backticks.
pub(crate) fn check(files: &[File]) -> Vec<Finding> {
    let Some(map) = files.iter().find(|file| file.path == MAP) else {
        return missing(files);
    };
    let named = |module: &str| {
        [
            format!("`{module}`"),
            format!("{module}.rs"),
            format!("::{module}`"),
            format!("{module}/"),
        ]
        .iter()
        .any(|name| map.text.contains(name))
    };
    let modules = files.iter().filter_map(|file| Some((file, module(file)?)));
    modules
        .filter(|(_, module)| !named(module))
        .map(|(file, module)| {
            file.whole(format!(
                "is not on the map: say in {MAP} what `{module}` holds and where it stands"
            ))
        })
        .collect()
}

/// A workspace with code needs a map; a handful of fixture files does not.
fn missing(files: &[File]) -> Vec<Finding> {
    let readme = files.iter().find(|file| file.path == "Cargo.toml");
    readme
        .map(|_| Finding {
            place: MAP.to_owned(),
            says: "is missing: the map of the house".to_owned(),
        })
        .into_iter()
        .collect()
}

fn module(file: &File) -> Option<&str> {
    let inside = CRATES
        .iter()
        .find_map(|name| file.path.strip_prefix(name)?.strip_prefix("/src/"))?;
    let name = inside.strip_suffix(".rs")?;
    (!name.contains('/') && name != "lib" && name != "main").then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(map: &str) -> Vec<String> {
        let files = [
            File::new("docs/ARCHITECTURE.md", map),
            File::new("shared/src/lib.rs", "//! A."),
            File::new("shared/src/address.rs", "//! A."),
            File::new("shared/src/address/part.rs", "//! A."),
        ];
        check(&files)
            .into_iter()
            .map(|finding| finding.place)
            .collect()
    }

    #[test]
    fn a_module_that_is_not_on_the_map_is_found() {
        assert_eq!(places("# The house\n"), ["shared/src/address.rs"]);
    }

    #[test]
    fn a_module_on_the_map_passes_and_its_parts_need_no_entry() {
        assert!(places("`address` parses what was typed").is_empty());
        assert!(places("shared/src/address.rs parses what was typed").is_empty());
    }
}
