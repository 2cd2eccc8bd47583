//! The notice that comes with Sayso, and what the domain makes of it when it is broken on purpose.

#![expect(
    clippy::unwrap_used,
    reason = "a fixture that does not load is a failed test"
)]

mod notice_clash;
mod notice_difference;
mod notice_lint;
mod notice_publication;
mod notice_retention;
mod notice_version;

use chrono::NaiveDate;
use shared::notice::Notice;
use shared::notice::defect::Defect;
use shared::notice::settings::Settings;
use shared::notice::source::Source;

macro_rules! published {
    ($file:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../public/notices/corporate-clients/",
            $file
        ))
    };
}

const STRUCTURE: &str = published!("notice.toml");
const ENGLISH: &str = published!("en.toml");
const GERMAN: &str = published!("de.toml");
const FRENCH: &str = published!("fr.toml");
const SEED: &str = published!("seed.txt");
const SEED_DEFECTS: &str = published!("seed-defects.toml");

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn source(structure: &str, english: &str) -> Source {
    let texts = [("de", GERMAN), ("en", english), ("fr", FRENCH)];
    let texts = texts
        .map(|(tag, text)| (tag.to_owned(), text.to_owned()))
        .into();
    Source::parse(structure, &texts).unwrap()
}

fn settings() -> Settings {
    Settings {
        assessments_reviewed_at: Some(day("2026-11-01")),
        ..Settings::example()
    }
}

fn notice() -> Notice {
    source(STRUCTURE, ENGLISH)
        .resolve(&settings(), 1, day("2026-11-23"))
        .unwrap()
}

/// The defects of the corporate clients' notice after one replacement in its structure.
fn defects_with(from: &str, to: &str) -> Vec<Defect> {
    assert!(
        STRUCTURE.contains(from),
        "{from} is no longer in the structure"
    );
    let broken = STRUCTURE.replacen(from, to, 1);
    source(&broken, ENGLISH)
        .resolve(&settings(), 1, day("2026-11-23"))
        .unwrap_err()
}
