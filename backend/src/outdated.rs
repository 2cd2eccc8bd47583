//! Where the notices in force fall behind: settings that were not published yet, and assessments
//! without which nobody may be mailed soon.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Days, NaiveDate};
use shared::notice::Notice;
use shared::notice::settings::Settings;
use shared::purpose::PurposeClass;

use crate::shelf::{ShelfError, ShelfKeeper};
use crate::store::Read;

/// For how many days it is said before that an assessment lapses.
const SOON: Days = Days::new(30);

/// What is to be mended in the notices in force, each with what to do; nothing where none is
/// published.
pub async fn found(
    store: Arc<dyn Read>,
    settings: &Settings,
    today: NaiveDate,
) -> Result<Vec<String>, ShelfError> {
    let shelf = match ShelfKeeper::new(store).shelf().await {
        Err(ShelfError::Empty) => return Ok(Vec::new()),
        shelf => shelf?,
    };
    let notices = shelf
        .all_in_force()
        .filter_map(|shelved| shelved.structured());
    Ok(notices
        .flat_map(|notice| of_notice(notice, settings, today))
        .collect())
}

/// Logs the same.
pub async fn report(store: Arc<dyn Read>, settings: &Settings, today: NaiveDate) {
    match found(store, settings, today).await {
        Ok(found) => found.iter().for_each(|one| tracing::warn!("{one}")),
        Err(error) => tracing::error!(%error, "the notices in force cannot be looked at"),
    }
}

fn of_notice(notice: &Notice, settings: &Settings, today: NaiveDate) -> Vec<String> {
    let key = &notice.key;
    let mut found = Vec::new();
    let unpublished = settings.unpublished(notice);
    if !unpublished.is_empty() {
        found.push(format!(
            "{key}: what the configuration says of {} is not what is published; it counts after \
             `sayso notice publish DIR`",
            unpublished.join(", ")
        ));
    }
    let soon = today.checked_add_days(SOON).unwrap_or(NaiveDate::MAX);
    let mut lapsing: BTreeMap<Option<NaiveDate>, Vec<&str>> = BTreeMap::new();
    let mailings = notice.purposes.iter();
    let mailings = mailings.filter(|purpose| purpose.class == PurposeClass::DirectMarketing);
    for assessment in mailings.filter_map(|purpose| purpose.assessment.as_ref()) {
        let lapses = assessment.lapses_on();
        if lapses.is_none_or(|date| date <= soon) {
            lapsing
                .entry(lapses)
                .or_default()
                .push(&assessment.reference);
        }
    }
    found.extend(lapsing.into_iter().map(|(lapses, references)| {
        let when = match lapses {
            None => "never reviewed".to_owned(),
            Some(date) if date <= today => format!("lapsed since {date}"),
            Some(date) => format!("lapsing on {date}"),
        };
        format!(
            "{key}: {when}, and nobody is mailed on it then: {}. Review it, write the date into [notice] \
             of the configuration, and run `sayso notice publish DIR`",
            references.join(", ")
        )
    }));
    found
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use shared::notice::settings::Settings;

    use super::of_notice;
    use crate::demo::included;

    #[test]
    fn an_assessment_is_named_thirty_days_before_it_lapses_and_from_then_on() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        let settings = Settings {
            assessments_reviewed_at: Some(day("2026-11-01")),
            ..Settings::example()
        };
        let (_, folder) = included().swap_remove(0);
        let source = folder.source().expect("a source");
        let notice = source.draft(&settings, 1, day("2026-11-23")).notice;
        let on = |today: &str| of_notice(&notice, &settings, day(today)).join("\n");
        assert_eq!(on("2027-10-01"), "");
        assert!(on("2027-10-02").contains("lapsing on 2027-11-01"));
        assert!(on("2027-10-31").contains("lapsing on 2027-11-01"));
        assert!(on("2027-11-01").contains("lapsed since 2027-11-01"));
    }
}
