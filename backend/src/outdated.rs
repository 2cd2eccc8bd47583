//! Where what is in force falls behind: settings that were not published yet or wait for a start, assessments
//! without which nobody may be mailed soon, ports of the mail server that ask about nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Days, NaiveDate};
use shared::decision::{Unknown, unknown};
use shared::notice::Notice;
use shared::notice::settings::Settings;
use shared::purpose::{PurposeClass, TopicKey};
use shared::rules::Rules;

use crate::config::{Config, Mta};
use crate::publishing::waiting_rules;
use crate::shelf::{ShelfError, ShelfKeeper};
use crate::store::{Read, Write};

/// For how many days it is said before that an assessment lapses.
const SOON: Days = Days::new(30);
/// What is amiss before the first notice.
const NONE: &str = "no notice is published yet, so that nobody can object and all mail is withheld: run \
                    `sayso notice publish DIR`";

/// What is to be mended about the notices in force, each with what to do.
pub async fn found(
    store: Arc<dyn Read>,
    config: &Config,
    today: NaiveDate,
) -> Result<Vec<String>, ShelfError> {
    let shelf = match ShelfKeeper::new(store).shelf().await {
        Err(ShelfError::Empty) => return Ok(vec![NONE.to_owned()]),
        shelf => shelf?,
    };
    let notices = shelf.structured_in_force();
    let notices = notices.flat_map(|(_, notice)| of_notice(notice, &config.notice, today));
    let ports = config.mta.iter();
    let ports = ports.filter_map(|mta| of_port(mta, &shelf.rules));
    Ok(notices.chain(ports).collect())
}

/// What a port asks about that the rules in force do not know: there all mail waits.
fn of_port(mta: &Mta, rules: &Rules) -> Option<String> {
    let unknown = match unknown(rules, &mta.question())? {
        Unknown::Purpose => format!("purpose {}", mta.purpose),
        Unknown::Topic => {
            let topic = mta.topic.as_ref().map_or("", TopicKey::as_str);
            format!("topic {topic} of {}", mta.purpose)
        }
        Unknown::Channel => format!("channel {} for {}", mta.channel, mta.purpose),
    };
    Some(format!(
        "[[mta]]: the notices in force state no {unknown} of marketing, so that all mail at that port waits: \
         correct it, or publish a notice that states it, and restart the service"
    ))
}

/// What the gate decides by that the configuration says otherwise by now, with what to do; `None` where
/// nothing is.
///
/// # Errors
/// Where the store does not answer, or a notice in it cannot be read.
pub async fn rules(store: &Arc<dyn Write>, config: &Config) -> anyhow::Result<Option<String>> {
    let Some((in_force, waiting)) = waiting_rules(store, config).await? else {
        return Ok(None);
    };
    let (now, then) = (&in_force.rules, &waiting);
    let settings = (&now.settings, &then.settings);
    let differ = [
        (
            "default_country",
            settings.0.default_country != settings.1.default_country,
        ),
        (
            "default_subscriber",
            settings.0.default_subscriber != settings.1.default_subscriber,
        ),
        ("uninformed", settings.0.uninformed != settings.1.uninformed),
        (
            "consumer_domains",
            now.consumer_domains != then.consumer_domains,
        ),
        ("what the notices mean", now.purposes != then.purposes),
    ];
    let differ = differ.into_iter().filter(|(_, differs)| *differs);
    let names: Vec<_> = differ.map(|(name, _)| name).collect();
    Ok(Some(format!(
        "the gate still decides by what was set before ({}): restart the service, which puts the rules of \
         the configuration in force when it starts",
        names.join(", ")
    )))
}

/// Logs what [`found`] finds.
pub async fn report(store: Arc<dyn Read>, config: &Config, today: NaiveDate) {
    match found(store, config, today).await {
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
