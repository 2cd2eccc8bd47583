//! Publishing notices: from their folders to the rule set in force.

mod ending;
mod judged;

pub use self::judged::{Judged, judge, say_the_same};

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use anyhow::Context as _;
use serde::Serialize;
use shared::notice::defect::Defect;
use shared::notice::difference::{difference, obliges_to_inform};
use shared::notice::source::Source;
use shared::notice::verbatim::known_defects;
use shared::notice::version::NoticeVersion;
use shared::rules::{AssessmentRule, Part, PurposeRule, Rules, TABLE};
use shared::time::{Timestamp, start_of};

use crate::config::Config;
use crate::shelf::Shelved;
use crate::store::{NoticeKind, PublishedNotice, Read, StoreError, StoredRules, Write};

/// The files of a notice's folder, by name.
#[derive(Debug, Clone, Default)]
pub struct Folder(pub BTreeMap<String, String>);

impl Folder {
    /// Reads the text files of a folder on disk.
    pub fn read(path: &std::path::Path) -> anyhow::Result<Self> {
        let mut files = BTreeMap::new();
        let entries = std::fs::read_dir(path)
            .with_context(|| format!("the folder {} cannot be read", path.display()))?;
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.ends_with(".toml") || name.ends_with(".txt") {
                let text = std::fs::read_to_string(entry.path())
                    .with_context(|| format!("{} cannot be read", entry.path().display()))?;
                files.insert(name, text);
            }
        }
        Ok(Self(files))
    }

    /// The structured source.
    pub fn source(&self) -> anyhow::Result<Source> {
        let structure = self.0.get("notice.toml").context(
            "the folder has no notice.toml: name a folder like public/notices/corporate-clients",
        )?;
        let texts = self
            .0
            .iter()
            .filter_map(|(name, text)| Some((name.strip_suffix(".toml")?, text)))
            .filter(|(name, _)| !matches!(*name, "notice" | "seed-defects"))
            .map(|(tag, text)| (tag.to_owned(), text.clone()))
            .collect();
        Ok(Source::parse(structure, &texts)?)
    }

    /// The text that was in use before the notice had a structure: version 0.
    #[must_use]
    pub fn seed(&self) -> Option<&str> {
        self.0.get("seed.txt").map(String::as_str)
    }

    /// The known defects of the seed.
    pub fn seed_defects(&self) -> anyhow::Result<Vec<Defect>> {
        match (self.seed(), self.0.get("seed-defects.toml")) {
            (Some(seed), Some(list)) => Ok(known_defects(seed, list)?),
            _ => Ok(Vec::new()),
        }
    }
}

/// What publishing did to one notice.
#[derive(Debug, Clone, Serialize)]
pub struct Published {
    /// The notice.
    pub notice: String,
    /// The versions that are new, oldest first; none where the one in force says the same.
    pub versions: Vec<u32>,
    /// What the lint says beside errors.
    pub warnings: Vec<Defect>,
}

/// Why folders were not published: every defect of each, for the person who mends them.
#[derive(Debug, thiserror::Error)]
pub struct Refused(pub Vec<Judged>);

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the notices have defects that must be mended first:")?;
        for one in &self.0 {
            for defect in &one.defects {
                write!(out, "\n  {}: {defect}", one.notice)?;
            }
        }
        Ok(())
    }
}

/// Publishes the folders' notices together, each as its next version; a first one takes its seed along
/// as version 0. Refuses while one has a defect, and while people could not be sure that what they
/// stopped stays stopped: each purpose or topic that is gone must be in `ended`. Nothing is written
/// before all is judged. Where all is in force already, there is no new version of any.
pub async fn publish(
    store: &Arc<dyn Write>,
    folders: &[Folder],
    ended: &[Part],
    config: &Config,
    at: Timestamp,
) -> anyhow::Result<Vec<Published>> {
    // Before the notices: what is published in between is a conflict then.
    let in_force = store.look_up(&[]).await?.rules;
    let mut shelved = read_all(store).await?;
    let judged = judge(&shelved, folders, config, at)?;
    if judged.iter().any(Judged::is_refused) {
        return Err(Refused(judged).into());
    }
    let mut published = Vec::new();
    let mut stored = Vec::new();
    for one in judged {
        let Judged {
            notice,
            defects,
            versions,
        } = one;
        published.push(Published {
            notice: notice.clone(),
            versions: versions.iter().map(|(number, _)| *number).collect(),
            warnings: defects,
        });
        for (number, version) in versions {
            let next = Shelved {
                notice: notice.clone(),
                number,
                digest: version.digest(),
                published_at: at,
                version,
            };
            stored.push(as_stored(&next));
            shelved.push(next);
        }
    }
    if stored.is_empty() {
        return match ended.first() {
            Some(part) => Err(ending::stays(part)),
            None => Ok(published),
        };
    }
    let mut rules = rules_of(&shelved, config);
    if let Some(in_force) = &in_force {
        rules.domain_objections = in_force.rules.domain_objections.clone();
        ending::confirm(store, &in_force.rules, &rules, ended, at).await?;
    } else if let Some(part) = ended.first() {
        return Err(ending::stays(part));
    }
    store
        .publish(stored, in_force.map(|stored| stored.digest), rules)
        .await
        .map_err(|error| match error {
            StoreError::Conflict => {
                anyhow::anyhow!("another process published meanwhile: try again")
            }
            other => other.into(),
        })?;
    Ok(published)
}

/// Puts the rule set in force that the published notices and the configuration make, if another
/// one is. Returns whether it changed.
pub async fn renew_rules(
    store: &Arc<dyn Write>,
    config: &Config,
    at: Timestamp,
) -> anyhow::Result<bool> {
    let Some((in_force, rules)) = waiting_rules(store, config).await? else {
        return Ok(false);
    };
    store.put_rules(Some(in_force.digest), rules, at).await?;
    Ok(true)
}

/// The rule set in force, and the one that the published notices and the configuration make, where that
/// is another one: it waits for the service to start.
pub async fn waiting_rules(
    store: &Arc<dyn Write>,
    config: &Config,
) -> anyhow::Result<Option<(Arc<StoredRules>, Rules)>> {
    let Some(in_force) = store.look_up(&[]).await?.rules else {
        return Ok(None);
    };
    let mut rules = rules_of(&read_all(store).await?, config);
    rules.domain_objections = in_force.rules.domain_objections.clone();
    Ok((rules != in_force.rules).then_some((in_force, rules)))
}

/// Every published version.
pub async fn read_all<S: Read + ?Sized>(store: &Arc<S>) -> anyhow::Result<Vec<Shelved>> {
    store.notices().await?.iter().map(Shelved::read).collect()
}

fn newest<'a>(shelved: &'a [Shelved], notice: &str) -> Option<&'a Shelved> {
    shelved
        .iter()
        .filter(|one| one.notice == notice)
        .max_by_key(|one| one.number)
}

fn in_force(shelved: &[Shelved]) -> impl Iterator<Item = &Shelved> {
    shelved.iter().filter(|one| {
        newest(shelved, &one.notice).is_some_and(|newest| newest.number == one.number)
    })
}

fn as_stored(next: &Shelved) -> PublishedNotice {
    let kind = match &next.version {
        NoticeVersion::Verbatim(_) => NoticeKind::Verbatim,
        NoticeVersion::Structured(_) => NoticeKind::Structured,
    };
    PublishedNotice {
        notice: next.notice.clone(),
        version: next.number,
        digest: next.digest,
        kind,
        canonical: next.version.canonical(),
        published_at: next.published_at,
    }
}

/// The rule set that the notices in force and the configuration make.
fn rules_of(shelved: &[Shelved], config: &Config) -> Rules {
    let mut purposes: BTreeMap<_, PurposeRule> = BTreeMap::new();
    for newest in in_force(shelved) {
        let Some(notice) = newest.structured() else {
            continue;
        };
        let inform_since = inform_since(shelved, &newest.notice);
        for purpose in &notice.purposes {
            let assessment = purpose.assessment.as_ref().and_then(|assessment| {
                assessment.lapses_on().map(|date| AssessmentRule {
                    reference: assessment.reference.clone(),
                    lapses_at: start_of(date),
                })
            });
            let rule = PurposeRule {
                class: purpose.class,
                bases: purpose.bases.iter().map(|used| used.basis).collect(),
                topics: purpose
                    .topics
                    .iter()
                    .map(|topic| topic.key.clone())
                    .collect(),
                channels: purpose.channels.iter().copied().collect(),
                assessment,
                inform_since,
            };
            purposes
                .entry(purpose.key.clone())
                .and_modify(|other| other.merge(&rule))
                .or_insert(rule);
        }
    }
    Rules {
        table: TABLE,
        notices: in_force(shelved)
            .map(|one| (one.notice.clone(), one.digest))
            .collect(),
        purposes,
        settings: config.gate_settings(),
        consumer_domains: config.consumer_domains.all(),
        domain_objections: BTreeMap::new(),
    }
}

/// When the last version was published that obliges to inform again (NOT-08).
fn inform_since(shelved: &[Shelved], notice: &str) -> Timestamp {
    let mut versions: Vec<_> = shelved.iter().filter(|one| one.notice == notice).collect();
    versions.sort_by_key(|one| one.number);
    let mut since = versions
        .first()
        .map_or(Timestamp::from_millis(0), |first| first.published_at);
    for pair in versions.windows(2) {
        if obliges_to_inform(&difference(&pair[0].version, &pair[1].version)) {
            since = pair[1].published_at;
        }
    }
    since
}
