//! `sayso notice lint` and `sayso notice publish`: several folders are judged and published together.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;
use shared::notice::defect::{Defect, Severity};
use shared::rules::Part;

use super::super::{Ending, Place, world};
use crate::counted::counted;
use crate::publishing::{Folder, Judged, Published, Refused, judge, publish, read_all};
use crate::shelf::Shelved;
use crate::store::sqlite::{Options, Sqlite};

/// Names every defect, also beside the notices in force where there is a database that can be opened.
pub(super) async fn lint(place: &Place, dirs: &[PathBuf]) -> anyhow::Result<Ending> {
    let config = place.load()?;
    let folders = read(dirs)?;
    let shelved = match Sqlite::is_at(&place.database()) {
        true => in_force(place).await.unwrap_or_else(|error| {
            eprintln!("sayso: judged without the notices in force: {error:#}");
            Vec::new()
        }),
        false => Vec::new(),
    };
    let judged = judge(&shelved, &folders, &config, world().now())?;
    let seeds: Result<Vec<_>, _> = folders.iter().map(Folder::seed_defects).collect();
    let linted = judged.into_iter().zip(seeds?);
    answer(
        place,
        linted.map(|(judged, seed)| Linted::new(judged, seed)),
    )
}

/// Publishes; defects are a problem found.
pub(super) async fn run(place: &Place, dirs: &[PathBuf], ends: &[Part]) -> anyhow::Result<Ending> {
    let config = place.load()?;
    let folders = read(dirs)?;
    let store = place.open_or_create(Options::command())?;
    match publish(&store, &folders, ends, &config, world().now()).await {
        Ok(published) => {
            place.answer(&Each::of(published.into_iter().map(Done)))?;
            Ok(Ending::Yes)
        }
        Err(error) => match error.downcast::<Refused>() {
            Ok(Refused(judged)) => {
                let linted = judged.into_iter();
                answer(place, linted.map(|judged| Linted::new(judged, Vec::new())))
            }
            Err(error) => Err(error),
        },
    }
}

async fn in_force(place: &Place) -> anyhow::Result<Vec<Shelved>> {
    read_all(&place.open()?).await
}

fn read(dirs: &[PathBuf]) -> anyhow::Result<Vec<Folder>> {
    dirs.iter().map(|dir| Folder::read(dir)).collect()
}

fn answer(place: &Place, linted: impl Iterator<Item = Linted>) -> anyhow::Result<Ending> {
    let linted: Vec<_> = linted.collect();
    let refused = linted.iter().any(|one| one.judged.is_refused());
    place.answer(&Each::of(linted.into_iter()))?;
    Ok(Ending::of(!refused))
}

/// The answer about one folder, or those about several.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Each<T> {
    One(T),
    Several { notices: Vec<T> },
}

impl<T> Each<T> {
    fn of(mut answers: impl ExactSizeIterator<Item = T>) -> Self {
        match (answers.len(), answers.next()) {
            (1, Some(one)) => Self::One(one),
            (_, first) => Self::Several {
                notices: first.into_iter().chain(answers).collect(),
            },
        }
    }
}

impl<T: fmt::Display> fmt::Display for Each<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let notices = match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Several { notices } => notices,
        };
        for (place, one) in notices.iter().enumerate() {
            let line = if place == 0 { "" } else { "\n\n" };
            write!(out, "{line}{one}")?;
        }
        Ok(())
    }
}

#[derive(Debug, Serialize)]
struct Linted {
    #[serde(flatten)]
    judged: Judged,
    seed_defects: Vec<Defect>,
}

impl Linted {
    const fn new(judged: Judged, seed_defects: Vec<Defect>) -> Self {
        Self {
            judged,
            seed_defects,
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Done(Published);

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
        let Judged {
            notice, defects, ..
        } = &self.judged;
        let errors = defects
            .iter()
            .filter(|one| one.severity == Severity::Error)
            .count();
        match errors {
            0 => write!(out, "{notice} can be published.")?,
            errors => {
                let defects = counted(errors, "defect", "defects");
                write!(out, "{notice} cannot be published: {defects}.")?;
            }
        }
        defects.iter().try_for_each(|one| defect(out, one))?;
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

impl fmt::Display for Done {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(Published {
            notice,
            versions,
            warnings,
        }) = self;
        let versions: Vec<_> = versions.iter().map(ToString::to_string).collect();
        match versions.is_empty() {
            true => write!(out, "{notice} says the same as before: no new version.")?,
            false => write!(
                out,
                "Published {notice}, version {}.",
                versions.join(" and ")
            )?,
        }
        warnings.iter().try_for_each(|one| defect(out, one))
    }
}
