//! `sayso notice lint | publish | list | show | diff | record | due`.

mod due;
mod record;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::Subcommand;
use serde::Serialize;
use serde_json::{Value, json};
use shared::digest::Digest;
use shared::notice::defect::{Defect, Severity, refuses};
use shared::notice::difference::{Change, difference};
use shared::notice::version::NoticeVersion;
use shared::time::Timestamp;

use super::{Ending, Place, print, world};
use crate::counted::counted;
use crate::publishing::{Folder, Refused, publish};
use crate::shelf::{Shelf, ShelfKeeper, Shelved};
use crate::store::sqlite::Options;

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Name every defect of a notice's folder.
    Lint {
        /// The folder with notice.toml and its texts.
        dir: PathBuf,
    },
    /// Publish a notice's folder as its next version.
    Publish {
        /// The folder with notice.toml and its texts.
        dir: PathBuf,
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
        Verb::Lint { dir } => lint(place, &Folder::read(&dir)?),
        Verb::Publish { dir } => publish_folder(place, &Folder::read(&dir)?).await,
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

fn lint(place: &Place, folder: &Folder) -> anyhow::Result<Ending> {
    let config = place.load()?;
    let source = folder.source()?;
    let draft = source.draft(&config.notice, 1, world().now().date());
    let ending = if refuses(&draft.defects) {
        Ending::No
    } else {
        Ending::Yes
    };
    place.answer(&Linted {
        notice: source.key().to_string(),
        defects: draft.defects,
        seed_defects: folder.seed_defects()?,
    })?;
    Ok(ending)
}

async fn publish_folder(place: &Place, folder: &Folder) -> anyhow::Result<Ending> {
    let config = place.load()?;
    let store = place.open_or_create(Options::command())?;
    match publish(&store, folder, &config, world().now()).await {
        Ok(published) => {
            place.answer(&Published {
                notice: published.notice,
                versions: published.versions,
                warnings: published.warnings,
            })?;
            Ok(Ending::Yes)
        }
        Err(error) => match error.downcast::<Refused>() {
            Ok(Refused(defects)) => {
                let notice = folder.source()?.key().to_string();
                place.answer(&Linted {
                    notice,
                    defects,
                    seed_defects: Vec::new(),
                })?;
                Ok(Ending::No)
            }
            Err(error) => Err(error),
        },
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
struct Linted {
    notice: String,
    defects: Vec<Defect>,
    seed_defects: Vec<Defect>,
}

#[derive(Debug, Serialize)]
struct Published {
    notice: String,
    versions: Vec<u32>,
    warnings: Vec<Defect>,
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

fn defect(out: &mut fmt::Formatter<'_>, defect: &Defect) -> fmt::Result {
    let word = match defect.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    write!(
        out,
        "\n{word}: {}: {}\n  {}",
        defect.place, defect.message, defect.advice
    )
}

impl fmt::Display for Linted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors = self
            .defects
            .iter()
            .filter(|one| one.severity == Severity::Error)
            .count();
        match errors {
            0 => write!(out, "{} can be published.", self.notice)?,
            errors => {
                let defects = counted(errors, "defect", "defects");
                write!(out, "{} cannot be published: {defects}.", self.notice)?;
            }
        }
        self.defects.iter().try_for_each(|one| defect(out, one))?;
        if !self.seed_defects.is_empty() {
            write!(
                out,
                "\n\nVersion 0, the text as it was found, has these defects:"
            )?;
            self.seed_defects
                .iter()
                .try_for_each(|one| defect(out, one))?;
        }
        Ok(())
    }
}

impl fmt::Display for Published {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let versions: Vec<_> = self.versions.iter().map(ToString::to_string).collect();
        write!(
            out,
            "Published {}, version {}.",
            self.notice,
            versions.join(" and ")
        )?;
        self.warnings.iter().try_for_each(|one| defect(out, one))
    }
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
