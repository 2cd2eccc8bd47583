//! Notices judged before anything is written: each by itself, and beside all that will be in force.

use anyhow::ensure;
use serde::Serialize;
use shared::notice::Notice;
use shared::notice::defect::{Defect, refuses};
use shared::notice::verbatim::borrowed;
use shared::notice::version::NoticeVersion;
use shared::time::Timestamp;

use super::{Folder, in_force, newest};
use crate::config::Config;
use crate::demo::included;
use crate::shelf::Shelved;

/// A folder's notice as it would be published.
#[derive(Debug, Clone, Serialize)]
pub struct Judged {
    /// The notice.
    pub notice: String,
    /// Its defects, errors and warnings.
    pub defects: Vec<Defect>,
    /// The versions that it would add, oldest first; none where the one in force says the same.
    #[serde(skip)]
    pub versions: Vec<(u32, NoticeVersion)>,
}

impl Judged {
    /// Whether a defect stands in the way of publishing.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        refuses(&self.defects)
    }
}

/// Judges the folders together, in the order given, beside the versions that are published.
pub fn judge(
    shelved: &[Shelved],
    folders: &[Folder],
    config: &Config,
    at: Timestamp,
) -> anyhow::Result<Vec<Judged>> {
    let mut judged: Vec<Judged> = Vec::new();
    let mut notices: Vec<Notice> = Vec::new();
    for folder in folders {
        let source = folder.source()?;
        let notice = source.key().to_string();
        ensure!(
            !judged.iter().any(|one| one.notice == notice),
            "two of the folders hold the notice {notice}: name one of them"
        );
        let last = newest(shelved, &notice);
        let number = last.map_or(1, |last| last.number + 1);
        let draft = source.draft(&config.notice, number, at.date());
        let mut defects = draft.defects;
        let mut versions = Vec::new();
        if let (None, Some(seed)) = (last, folder.seed()) {
            defects.extend(strange(seed, config));
            versions.push((0, NoticeVersion::Verbatim(seed.to_owned())));
        }
        let says_more = last
            .and_then(Shelved::structured)
            .is_none_or(|last| !same_but_for_its_number(last, &draft.notice));
        if says_more {
            let next = NoticeVersion::Structured(Box::new(draft.notice.clone()));
            versions.push((number, next));
        }
        notices.push(draft.notice);
        judged.push(Judged {
            notice,
            defects,
            versions,
        });
    }
    let others = in_force(shelved).filter_map(Shelved::structured);
    let others: Vec<&Notice> = others
        .filter(|other| notices.iter().all(|notice| notice.key != other.key))
        .chain(&notices)
        .collect();
    for (one, notice) in judged.iter_mut().zip(&notices) {
        let beside = others.iter().filter(|other| other.key != notice.key);
        let clashes = beside.filter_map(|other| notice.compatible(other).err());
        one.defects
            .extend(clashes.flatten().map(|clash| clash.defect()));
    }
    Ok(judged)
}

fn strange(seed: &str, config: &Config) -> Option<Defect> {
    included()
        .iter()
        .filter_map(|(_, folder)| folder.seed())
        .find_map(|example| borrowed(seed, example, &config.notice))
}

/// Whether both versions say the same, under whatever number and from whatever day on.
#[must_use]
pub fn say_the_same(one: &Shelved, other: &Shelved) -> bool {
    match (one.structured(), other.structured()) {
        (Some(one), Some(other)) => same_but_for_its_number(one, other),
        _ => one.digest == other.digest,
    }
}

fn same_but_for_its_number(last: &Notice, next: &Notice) -> bool {
    let mut next = next.clone();
    next.version = last.version;
    next.effective = last.effective;
    next == *last
}
