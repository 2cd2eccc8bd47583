//! The published notice with example settings, for the tests.

use shared::notice::Notice;
use shared::notice::settings::Settings;
use shared::notice::source::Source;
use shared::time::Timestamp;

use crate::catalogue::Language;
use crate::surroundings::Surroundings;

/// Version 1 of the corporate clients' notice.
pub(crate) fn notice() -> Notice {
    let texts = [
        (
            "en",
            include_str!("../../public/notices/corporate-clients/en.toml"),
        ),
        (
            "de",
            include_str!("../../public/notices/corporate-clients/de.toml"),
        ),
        (
            "fr",
            include_str!("../../public/notices/corporate-clients/fr.toml"),
        ),
    ];
    let texts = texts
        .map(|(tag, text)| (tag.to_owned(), text.to_owned()))
        .into();
    let structure = include_str!("../../public/notices/corporate-clients/notice.toml");
    let source = Source::parse(structure, &texts).expect("the notice reads");
    let mut settings = Settings::example();
    let today = "2026-11-23".parse().expect("a date");
    settings.assessments_reviewed_at = Some(today);
    source.draft(&settings, 1, today).notice
}

/// A service, as a deployment would name it.
pub(crate) fn around(language: Language) -> Surroundings {
    let base = "https://privacy.example.com".to_owned();
    Surroundings {
        language,
        now: Timestamp::parse("2026-11-23T03:30:00Z").expect("a moment"),
        view_token: Some("aZ3xQ9mK2vT7rL5wYb8NcHd1fGj4sE6uP0oIiUyTrE-WqAs".to_owned()),
        widget_css: [&base, "/assets/0123456789abcdef/widget.css"].concat(),
        page_css: [&base, "/assets/0123456789abcdef/page.css"].concat(),
        base,
    }
}
