//! Publishing a notice: from its folder to the rule set in force.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use shared::notice::Notice;
use shared::notice::defect::Defect;
use shared::notice::difference::{difference, obliges_to_inform};
use shared::notice::source::Source;
use shared::notice::verbatim::known_defects;
use shared::notice::version::NoticeVersion;
use shared::rules::{AssessmentRule, PurposeRule, Rules, TABLE};
use shared::time::{Timestamp, start_of};

use crate::config::Config;
use crate::counted::counted;
use crate::shelf::Shelved;
use crate::store::{NoticeKind, PublishedNotice, Write};

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

/// What publishing did.
#[derive(Debug, Clone)]
pub struct Published {
    /// The notice.
    pub notice: String,
    /// The versions that are new, oldest first.
    pub versions: Vec<u32>,
    /// What the lint says beside errors.
    pub warnings: Vec<Defect>,
}

/// Why a folder was not published: every defect, for the person who mends them.
#[derive(Debug, thiserror::Error)]
#[error(
    "the notice has {} that must be mended first",
    counted(.0.len(), "defect", "defects")
)]
pub struct Refused(pub Vec<Defect>);

/// Publishes the folder's notice as its next version; a first one takes its seed along as version
/// 0. Refuses while a mandatory slot is empty or a purpose clashes with another notice in force.
pub async fn publish(
    store: &Arc<dyn Write>,
    folder: &Folder,
    config: &Config,
    at: Timestamp,
) -> anyhow::Result<Published> {
    let source = folder.source()?;
    let key = source.key().to_string();
    let mut shelved = read_all(store).await?;
    let mut rules = store.look_up(&[]).await?.rules.map(|stored| stored.digest);
    let mut versions = Vec::new();
    if let (None, Some(seed)) = (newest(&shelved, &key), folder.seed()) {
        let seed = NoticeVersion::Verbatim(seed.to_owned());
        put(store, &mut shelved, &key, 0, seed, config, at, &mut rules).await?;
        versions.push(0);
    }
    let last = newest(&shelved, &key);
    let number = last.map_or(1, |last| last.number + 1);
    let draft = source.draft(&config.notice, number, at.date());
    if shared::notice::defect::refuses(&draft.defects) {
        return Err(Refused(draft.defects).into());
    }
    if let Some(last) = last.and_then(Shelved::structured)
        && same_but_for_its_number(last, &draft.notice)
    {
        bail!(
            "version {} says exactly this already: nothing to publish",
            last.version
        );
    }
    for other in in_force(&shelved).filter(|other| other.notice != key) {
        if let Some(Err(clashes)) = other
            .structured()
            .map(|other| draft.notice.compatible(other))
        {
            let purposes: Vec<_> = clashes
                .iter()
                .map(|clash| clash.purpose.to_string())
                .collect();
            bail!(
                "the notice {} says otherwise about {}: purposes are one set for the whole \
                 deployment, with the same class, bases and topics everywhere",
                other.notice,
                purposes.join(", ")
            );
        }
    }
    let version = NoticeVersion::Structured(Box::new(draft.notice));
    put(
        store,
        &mut shelved,
        &key,
        number,
        version,
        config,
        at,
        &mut rules,
    )
    .await?;
    versions.push(number);
    Ok(Published {
        notice: key,
        versions,
        warnings: draft.defects,
    })
}

/// Puts the rule set in force that the published notices and the configuration make, if another
/// one is. Returns whether it changed.
pub async fn renew_rules(
    store: &Arc<dyn Write>,
    config: &Config,
    at: Timestamp,
) -> anyhow::Result<bool> {
    let Some(in_force) = store.look_up(&[]).await?.rules else {
        return Ok(false);
    };
    let mut rules = rules_of(&read_all(store).await?, config);
    rules.domain_objections = in_force.rules.domain_objections.clone();
    if rules == in_force.rules {
        return Ok(false);
    }
    store.put_rules(Some(in_force.digest), rules, at).await?;
    Ok(true)
}

async fn read_all(store: &Arc<dyn Write>) -> anyhow::Result<Vec<Shelved>> {
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

#[expect(
    clippy::too_many_arguments,
    reason = "one step of publish, with its state"
)]
async fn put(
    store: &Arc<dyn Write>,
    shelved: &mut Vec<Shelved>,
    notice: &str,
    number: u32,
    version: NoticeVersion,
    config: &Config,
    at: Timestamp,
    decided_on: &mut Option<shared::digest::Digest>,
) -> anyhow::Result<()> {
    let kind = match &version {
        NoticeVersion::Verbatim(_) => NoticeKind::Verbatim,
        NoticeVersion::Structured(_) => NoticeKind::Structured,
    };
    let published = PublishedNotice {
        notice: notice.to_owned(),
        version: number,
        digest: version.digest(),
        kind,
        canonical: version.canonical(),
        published_at: at,
    };
    shelved.push(Shelved {
        notice: notice.to_owned(),
        number,
        digest: published.digest,
        published_at: at,
        version,
    });
    let mut rules = rules_of(shelved, config);
    if let Some(in_force) = store.look_up(&[]).await?.rules {
        rules.domain_objections = in_force.rules.domain_objections.clone();
    }
    let digest = rules.digest();
    store
        .publish(published, *decided_on, rules)
        .await
        .context("another process published meanwhile: try again")?;
    *decided_on = Some(digest);
    Ok(())
}

fn same_but_for_its_number(last: &Notice, next: &Notice) -> bool {
    let mut next = next.clone();
    next.version = last.version;
    next.effective = last.effective;
    next == *last
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
