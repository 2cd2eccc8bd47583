//! `sayso notice lint | publish | list | show | diff | record | due`.

mod due;
mod publish;
mod record;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::Subcommand;
use serde::Serialize;
use serde_json::{Value, json};
use shared::digest::Digest;
use shared::notice::difference::{Change, difference};
use shared::notice::version::NoticeVersion;
use shared::rules::Part;
use shared::time::Timestamp;

use super::{Ending, Place, print};
use crate::shelf::{Shelf, ShelfKeeper, Shelved};

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Name every defect of notices' folders, also beside the notices in force.
    Lint {
        /// The folders, each with a notice.toml and its texts.
        #[arg(value_name = "DIR", required = true)]
        dirs: Vec<PathBuf>,
    },
    /// Publish notices' folders, each as its next version: all of them or none.
    Publish {
        /// The folders, each with a notice.toml and its texts.
        #[arg(value_name = "DIR", required = true)]
        dirs: Vec<PathBuf>,
        /// A purpose, or a topic as PURPOSE.TOPIC, that the new versions no longer have since it really
        /// ended: what people stopped by that name stops no mailing under another. Once for each.
        #[arg(long, value_name = "KEY")]
        ends: Vec<Part>,
    },
    /// List the published versions.
    List,
    /// Show one version: a seed as its text, a structured one as its canonical JSON.
    Show {
        /// The notice, such as `corporate-clients`.
        notice: String,
        /// The version; without it the one in force.
        #[arg(id = "number", value_name = "VERSION")]
        version: Option<u32>,
    },
    /// Print the record of processing activities (Art. 30) of a notice in force.
    Record {
        /// The notice.
        notice: String,
        /// The language of its texts.
        #[arg(long, default_value = "en")]
        lang: String,
    },
    /// Who must be told, since their contact came from somebody else, and by when (Art. 14).
    Due(due::Due),
    /// Say what changed between two versions, by meaning.
    Diff {
        /// The notice.
        notice: String,
        /// The older version.
        old: u32,
        /// The newer version.
        new: u32,
    },
}

pub(super) async fn run(place: &Place, verb: Verb) -> anyhow::Result<Ending> {
    match verb {
        Verb::Lint { dirs } => publish::lint(place, &dirs).await,
        Verb::Publish { dirs, ends } => publish::run(place, &dirs, &ends).await,
        Verb::List => list(place).await,
        Verb::Show { notice, version } => {
            let shelf = shelf(place).await?;
            let found = match version {
                Some(version) => shelf.version(&notice, version),
                None => shelf.in_force(&notice),
            };
            let shelved = found.context("no such version; `sayso notice list` shows them")?;
            show(place, shelved)
        }
        Verb::Record { notice, lang } => record::run(place, &notice, &lang).await,
        Verb::Due(asked) => due::run(place, &asked).await,
        Verb::Diff { notice, old, new } => {
            let shelf = shelf(place).await?;
            let find = |number| {
                shelf
                    .version(&notice, number)
                    .with_context(|| format!("there is no version {number} of {notice}"))
            };
            let changes = difference(&find(old)?.version, &find(new)?.version);
            place.answer(&Changes { changes })?;
            Ok(Ending::Yes)
        }
    }
}

async fn list(place: &Place) -> anyhow::Result<Ending> {
    let mut versions = Vec::new();
    for stored in place.open()?.notices().await? {
        let shelved = Shelved::read(&stored)?;
        versions.push(Listed {
            notice: shelved.notice,
            version: shelved.number,
            kind: shelved.version.kind().as_str(),
            sha256: shelved.digest,
            published_at: shelved.published_at,
        });
    }
    place.answer(&List { versions })?;
    Ok(Ending::Yes)
}

fn show(place: &Place, shelved: &Shelved) -> anyhow::Result<Ending> {
    let bytes = shelved.version.canonical();
    let text = String::from_utf8(bytes).context("the version is not UTF-8")?;
    let text = match (&shelved.version, place.json) {
        (NoticeVersion::Verbatim(text), true) => {
            json!({ "version": shelved.number, "text": text }).to_string() + "\n"
        }
        (NoticeVersion::Structured(_), false) => {
            serde_json::to_string_pretty(&serde_json::from_str::<Value>(&text)?)? + "\n"
        }
        _ => text,
    };
    print(&text)?;
    Ok(Ending::Yes)
}

async fn shelf(place: &Place) -> anyhow::Result<Arc<Shelf>> {
    let store = place.open()?;
    match ShelfKeeper::new(store).shelf().await {
        Ok(shelf) => Ok(shelf),
        Err(error) => bail!(error),
    }
}

#[derive(Debug, Serialize)]
struct List {
    versions: Vec<Listed>,
}

#[derive(Debug, Serialize)]
struct Listed {
    notice: String,
    version: u32,
    kind: &'static str,
    sha256: Digest,
    published_at: Timestamp,
}

#[derive(Debug, Serialize)]
struct Changes {
    changes: Vec<Change>,
}

impl fmt::Display for List {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.versions.is_empty() {
            return out.write_str("No notice is published. Run `sayso notice publish DIR`.");
        }
        for (place, one) in self.versions.iter().enumerate() {
            let line = if place == 0 { "" } else { "\n" };
            write!(
                out,
                "{line}{} {}  {}  {}  sha256 {}",
                one.notice, one.version, one.kind, one.published_at, one.sha256
            )?;
        }
        Ok(())
    }
}

/// A change as a line: its kind, then what it names.
fn in_words(change: &Change) -> Result<String, fmt::Error> {
    let change = serde_json::to_value(change).map_err(|_| fmt::Error)?;
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let kind = text(&change["kind"]).replace('_', " ");
    let named = change.as_object().into_iter().flatten();
    let named = named
        .filter(|(name, _)| *name != "kind")
        .map(|(name, value)| format!("  {name} {}", text(value)));
    Ok(kind + &named.collect::<String>())
}

impl fmt::Display for Changes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, change) in self.changes.iter().enumerate() {
            let line = if place == 0 { "" } else { "\n" };
            let words = in_words(change)?;
            let informs = if change.obliges_to_inform() {
                "  (people must be informed)"
            } else {
                ""
            };
            write!(out, "{line}{words}{informs}")?;
        }
        if self.changes.is_empty() {
            out.write_str("Nothing changed.")?;
        }
        Ok(())
    }
}
