//! `sayso notice record`: the record of processing activities of a notice in force (Art. 30).

use std::fmt;

use anyhow::Context as _;
use frontend::catalogue::Language;
use shared::notice::publication::Publication;
use shared::notice::publication::record::{Activity, Own, Record, record};

use super::super::{Ending, Place};
use super::shelf;
use crate::retention::{RULES, Rule};

/// Prints the record; what it lacks is a problem found.
pub(super) async fn run(place: &Place, notice: &str, language: &str) -> anyhow::Result<Ending> {
    let config = place.load()?;
    let shelf = shelf(place).await?;
    let shelved = shelf
        .in_force(notice)
        .context("no such notice; `sayso notice list` shows them")?;
    let of = Publication {
        notice: shelved
            .structured()
            .context("this notice is a text without structure: publish a structured version")?,
        digest: shelved.digest,
        base: config.public_url.as_deref().unwrap_or_default(),
        first_published_at: shelved.published_at,
        published_at: shelved.published_at,
        in_force: true,
        language: Language::parse(language).unwrap_or_default().tag(),
    };
    let by_itself = Own {
        erasure: RULES.map(erased).into(),
        told: config.sink.iter().map(|sink| sink.name.clone()).collect(),
    };
    let record = record(&of, &config.notice.record, by_itself);
    let whole = record.missing.is_empty();
    place.answer(&Answer(record))?;
    Ok(Ending::of(whole))
}

fn erased(rule: Rule) -> String {
    let period = rule.period.unwrap_or("at once");
    format!("{}: {period} after {}", rule.what, rule.after)
}

#[derive(Debug, serde::Serialize)]
#[serde(transparent)]
struct Answer(Record);

impl fmt::Display for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(record) = self;
        write!(
            out,
            "Record of processing activities (Art. 30), from {} version {}",
            record.notice, record.version
        )?;
        list(out, "Controller", &record.controller)?;
        list(out, "Representative", &record.representative)?;
        list(
            out,
            "Data protection officer",
            &record.data_protection_officer,
        )?;
        for activity in &record.activities {
            show(out, activity)?;
        }
        list(out, "Missing", &record.missing)
    }
}

fn show(out: &mut fmt::Formatter<'_>, activity: &Activity) -> fmt::Result {
    write!(out, "\n\n# {}\n{}", activity.title, activity.purpose)?;
    for (heading, lines) in [
        ("Legal bases", &activity.legal_bases),
        ("Data subjects", &activity.data_subjects),
        ("Personal data", &activity.personal_data),
        ("Recipients", &activity.recipients),
        ("Transfers", &activity.transfers),
        ("Erasure", &activity.erasure),
        ("Security", &activity.security),
    ] {
        list(out, heading, lines)?;
    }
    Ok(())
}

fn list(out: &mut fmt::Formatter<'_>, heading: &str, lines: &[String]) -> fmt::Result {
    if lines.is_empty() {
        return Ok(());
    }
    write!(out, "\n{heading}:")?;
    lines.iter().try_for_each(|line| write!(out, "\n  {line}"))
}
