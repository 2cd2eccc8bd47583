//! The files of a scrub: they appear together, when all of it is done, the certificate last.

use std::path::PathBuf;

use anyhow::ensure;
use shared::certificate::SignedCertificate;

use super::Command;
use crate::scrub::Note;

pub(super) use self::output::Output;
use self::output::Whole;
pub(super) use self::target::is_same;

mod direct;
mod output;
mod target;

/// Files under names of their own, which end with this unless they are finished.
pub(super) struct Files {
    kept: Output,
    withheld: Output,
    certificate: Output,
    report: Option<Output>,
}

impl Files {
    /// Checks that no file would take the place of another, and makes room for all of them.
    pub(super) fn check(command: &Command) -> anyhow::Result<Self> {
        let named = [&command.kept, &command.withheld, &command.certificate];
        let all: Vec<&PathBuf> = named.into_iter().chain(&command.report).collect();
        for (place, path) in all.iter().enumerate() {
            let clash = all[..place].iter().any(|other| is_same(other, path));
            ensure!(
                !clash,
                "{} is named twice: give each file its own name",
                path.display()
            );
            ensure!(
                !is_same(path, &command.list),
                "{} is the list itself: name another file",
                path.display()
            );
        }
        Ok(Self {
            kept: Output::new(&command.kept)?,
            withheld: Output::new(&command.withheld)?,
            certificate: Output::new(&command.certificate)?,
            report: command.report.as_deref().map(Output::new).transpose()?,
        })
    }

    /// The names that they have until they are finished.
    pub(super) fn unfinished(&self) -> Vec<PathBuf> {
        let all = [&self.kept, &self.withheld, &self.certificate];
        let all = all.into_iter().chain(&self.report);
        all.filter_map(Output::unfinished).collect()
    }

    pub(super) fn begin(&mut self, heads: &(Vec<u8>, Vec<u8>)) -> anyhow::Result<()> {
        self.kept.write(&heads.0)?;
        self.withheld.write(&heads.1)?;
        match &mut self.report {
            Some(report) => report.write(b"line,remark\n"),
            None => Ok(()),
        }
    }

    pub(super) fn write(
        &mut self,
        kept: &[u8],
        withheld: &[u8],
        notes: &[Note],
    ) -> anyhow::Result<()> {
        self.kept.write(kept)?;
        self.withheld.write(withheld)?;
        if let Some(report) = &mut self.report {
            for note in notes {
                report.write(format!("{},{}\n", note.line, note.remark.as_str()).as_bytes())?;
            }
        }
        Ok(())
    }

    /// Gives all files their names, once the disk has all of all of them: what fails before then leaves
    /// every older file as it was. The older certificate goes away first, since it says nothing of the new
    /// rows, and the older kept rows next: with a name that cannot be given, no list is left to send to.
    pub(super) fn finish(mut self, signed: &SignedCertificate) -> anyhow::Result<()> {
        self.certificate
            .write(&serde_json::to_vec_pretty(signed)?)?;
        self.certificate.write(b"\n")?;
        let withheld = self.withheld.save_all()?;
        let report = self.report.map(Output::save_all).transpose()?;
        let kept = self.kept.save_all()?;
        let certificate = self.certificate.save_all()?;
        certificate.remove_older()?;
        kept.remove_older()?;
        withheld.finish()?;
        report.map_or(Ok(()), Whole::finish)?;
        kept.finish()?;
        certificate.finish()
    }
}
