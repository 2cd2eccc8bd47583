//! The published notice with example settings, for the tests.

use shared::entry::{Act, Surface};
use shared::legal_basis::LegalBasis;
use shared::notice::Notice;
use shared::notice::settings::Settings;
use shared::notice::source::Source;
use shared::purpose::{Channel, PurposeKey, TopicKey};
use shared::scope::Scope;
use shared::time::Timestamp;

use crate::catalogue::Language;
use crate::own::{Allowed, Consented, Deed, Own, OwnPurpose, OwnTopic, Row, Stop, StopKind};
use crate::pages::choices::{Before, Done, Pressed};
use crate::pages::consent::Confirm;
use crate::pages::history::{CaseLine, History};
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

/// What holds for somebody who stopped letters.
pub(crate) fn own(around: &Surroundings) -> Own {
    let scope = |channel| Scope {
        purpose: PurposeKey::parse("info_about_us").ok(),
        topic: TopicKey::parse("it_strategy").ok(),
        channel: Some(channel),
    };
    let by = Deed {
        act: Act::Objected,
        at: around.now,
        until: None,
        surface: Surface::Widget,
        host: Some("https://www.example.com".to_owned()),
    };
    let row = |channel, proceeds, reason, by| Row {
        scope: scope(channel),
        channel,
        proceeds,
        if_stated: false,
        reason,
        basis: proceeds.then_some(LegalBasis::LegitimateInterests),
        by,
        consent: Consented::Open,
        stopped: !proceeds,
    };
    let title = "IT strategies and solutions".to_owned();
    Own {
        address: "ann@example.com".to_owned(),
        closes: around.now,
        as_of: 7,
        controller: "Example Managed IT Ltd".to_owned(),
        notice: "corporate-clients".to_owned(),
        stops: vec![Stop {
            scope: scope(Channel::Post),
            kind: StopKind::Objection,
            what: title.clone(),
            by: by.clone(),
        }],
        consents: vec![Allowed {
            scope: scope(Channel::Phone),
            what: "IT strategies and solutions, by phone calls".to_owned(),
            by: Some(Deed {
                act: Act::ConsentGiven,
                ..by.clone()
            }),
            view_token: "t".to_owned(),
        }],
        purposes: vec![OwnPurpose {
            title: "Information about us and our services".to_owned(),
            view_token: "t".to_owned(),
            takes_consent: true,
            topics: vec![OwnTopic {
                title,
                rows: vec![
                    row(Channel::Email, true, "legitimate_interest", None),
                    row(Channel::Post, false, "objected", Some(by)),
                ],
            }],
        }],
    }
}

/// A consent that was just given, while an objection stands.
pub(crate) fn given() -> Before {
    Before::Done(Box::new(Done {
        pressed: Pressed::Give,
        scope: Scope::ALL,
        what: "IT strategies and solutions, by email".to_owned(),
        reference: "R-1".to_owned(),
        receipt: "https://privacy.example.com/v1/receipts/c".to_owned(),
        undo_token: "t".to_owned(),
        stopped: true,
        is_asked: true,
        view_token: "t".to_owned(),
    }))
}

/// A consent to confirm, with an objection in the way.
pub(crate) fn confirm(around: &Surroundings) -> Confirm {
    Confirm {
        what: "IT strategies and solutions".to_owned(),
        channel: Channel::Email,
        notice_changed: true,
        changed: true,
        stops: own(around).stops,
        base_stopped: true,
        as_of: 7,
        token: "t".to_owned(),
        address: String::new(),
        code: String::new(),
    }
}

/// What is kept about somebody, a bit of everything.
pub(crate) fn history() -> History {
    let day = "2026-11-23".parse().expect("a date");
    let case = |accepted: Option<bool>| CaseLine {
        reference: "7K3M-Q9XD".to_owned(),
        what: "Security".to_owned(),
        restricted: accepted.is_none(),
        by: Some(day),
        accepted,
        grounds: accepted
            .filter(|accepted| !accepted)
            .map(|_| "<script>1</script>".to_owned()),
    };
    History {
        address: "ann@example.com".to_owned(),
        controller: "Example".to_owned(),
        notice: "corporate-clients".to_owned(),
        lines: vec![(day, "Objection: all marketing".to_owned())],
        cases: [None, Some(true), Some(false)].map(case).into(),
        stays: vec!["All marketing".to_owned()],
        kept_until: Some(day),
    }
}
