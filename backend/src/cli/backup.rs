//! `sayso backup FILE` and `sayso restore FILE`.

use std::fmt;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::ledger::{self, Verified};
use super::{Ending, Place, world};
use crate::store::Seq;
use crate::store::sqlite::{Options, Restoring};

/// Copies the database as it is at one moment.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The new file; its checksum goes into FILE.sha256 beside it.
    file: PathBuf,
}

/// Puts a backup in the place of the database. Refuses while anybody has that open.
#[derive(Debug, Args)]
pub(super) struct Restore {
    /// The backup, with FILE.sha256 beside it.
    file: PathBuf,
}

#[derive(Debug, Serialize)]
struct Copied {
    file: PathBuf,
    bytes: u64,
}

#[derive(Debug, Serialize)]
struct Restored {
    goes_on_at: Seq,
    erased_again: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    replaced: Option<PathBuf>,
    #[serde(flatten)]
    verified: Verified,
}

pub(super) async fn back_up(place: &Place, backup: Backup) -> anyhow::Result<Ending> {
    let store = place.open_database()?;
    store.back_up(&backup.file).await?;
    let bytes = std::fs::metadata(&backup.file)?.len();
    place.answer(&Copied {
        file: backup.file,
        bytes,
    })?;
    Ok(Ending::Yes)
}

pub(super) async fn restore(place: &Place, restore: Restore) -> anyhow::Result<Ending> {
    place.make()?;
    let restoring = Restoring::begin(&place.database(), &restore.file)?;
    let staged = restoring.open(Options::command())?;
    let goes_on_at = staged.go_on(world().now(), restoring.handed_out()).await?;
    let erased_again = staged.erase_again(restoring.replaces()).await?;
    let verified = ledger::verify(&staged, world().now()).await?;
    // Closed before it is moved.
    drop(staged);
    if !verified.problems.is_empty() {
        place.answer(&Restored {
            goes_on_at,
            erased_again,
            replaced: None,
            verified,
        })?;
        eprintln!("sayso: nothing was restored; take another backup");
        return Ok(Ending::No);
    }
    let replaced = restoring.finish()?;
    place.answer(&Restored {
        goes_on_at,
        erased_again,
        replaced,
        verified,
    })?;
    Ok(Ending::Yes)
}

impl fmt::Display for Copied {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} bytes in {}, with the checksum beside it. It holds no secrets: keep these apart.",
            self.bytes,
            self.file.display()
        )
    }
}

impl fmt::Display for Restored {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{}\n{} of the erasures since then were done again. The ledger goes on at number {}.",
            self.verified, self.erased_again, self.goes_on_at
        )?;
        if !self.verified.problems.is_empty() {
            return Ok(());
        }
        out.write_str(
            "\nCertificates of scrubs made since the backup are of no use here: scrub these lists anew \
             before you mail them. Programs that ask `GET /v1/changes` go on where they are.\nAPI keys \
             that were revoked since the backup work again, and objections of companies \
             made since are missing: revoke those keys again (`sayso key list`, `sayso key revoke`) \
             and enter these objections again (`sayso domain object`).",
        )?;
        match &self.replaced {
            Some(path) => write!(
                out,
                "\nThe database that was there is kept as {path}. Objections made since the backup are in it \
                 alone: `sayso carry-over {path}` records them here. Mail nobody before that, and delete it \
                 once you are done with it.",
                path = path.display()
            ),
            None => Ok(()),
        }
    }
}
