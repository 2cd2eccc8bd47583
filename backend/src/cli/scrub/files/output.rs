//! A file that appears when it is whole.

use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::Context as _;
use tempfile::NamedTempFile;

use super::direct::Direct;
use super::target;

/// A file under a name of its own, which ends with `.unfinished`, until it is finished.
pub(in crate::cli::scrub) struct Output {
    /// `None` where nothing is kept.
    file: Option<Direct>,
    target: PathBuf,
}

/// A file that the disk has all of, still under its own name.
pub(in crate::cli::scrub) struct Whole {
    file: Option<NamedTempFile>,
    target: PathBuf,
}

impl Output {
    /// Room for a file of that name, beside where it leads.
    pub(in crate::cli::scrub) fn new(named: &Path) -> anyhow::Result<Self> {
        let target = target::of(named)?;
        let begin = |target: &PathBuf| {
            let file = tempfile::Builder::new()
                .prefix(".sayso-")
                .suffix(".unfinished")
                .tempfile_in(target.parent().unwrap_or(target))
                .with_context(|| format!("{} cannot be written", named.display()))?;
            anyhow::Ok(Direct::new(file))
        };
        Ok(Self {
            file: target.as_ref().map(begin).transpose()?,
            target: target.unwrap_or_default(),
        })
    }

    /// The name that it has until it is finished.
    pub(in crate::cli::scrub) fn unfinished(&self) -> Option<PathBuf> {
        let file = self.file.as_ref()?;
        Some(file.path().to_owned())
    }

    pub(in crate::cli::scrub) fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        let written = file.write(bytes);
        written.with_context(|| format!("{} cannot be written", self.target.display()))
    }

    /// Waits until the disk has all of it.
    pub(in crate::cli::scrub) fn save_all(self) -> anyhow::Result<Whole> {
        let file = self.file.map(Direct::finish).transpose();
        Ok(Whole {
            file: file.with_context(|| format!("{} cannot be written", self.target.display()))?,
            target: self.target,
        })
    }
}

impl Whole {
    /// Removes what has the file's name.
    pub(in crate::cli::scrub) fn remove_older(&self) -> anyhow::Result<()> {
        if self.file.is_none() {
            return Ok(());
        }
        match fs::remove_file(&self.target) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("{} cannot be replaced", self.target.display()))
            }
            _ => Ok(()),
        }
    }

    /// Gives the file its name.
    pub(in crate::cli::scrub) fn finish(self) -> anyhow::Result<()> {
        if let Some(file) = self.file {
            file.persist(&self.target)
                .with_context(|| format!("{} cannot be written", self.target.display()))?;
        }
        Ok(())
    }
}
