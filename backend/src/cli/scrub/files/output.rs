//! A file that appears when it is whole, and that the disk takes in while it is still being written.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use anyhow::Context as _;
use tempfile::NamedTempFile;

use super::target;

/// Bytes that are written before the disk is asked to take them in. Left to itself it would begin at the
/// end, and all of a long list would be waited for.
const STRETCH: u64 = 32 * 1024 * 1024;

/// A file under a name of its own, which ends with `.unfinished`, until it is finished.
pub(in crate::cli::scrub) struct Output {
    /// `None` where nothing is kept.
    file: Option<BufWriter<NamedTempFile>>,
    target: PathBuf,
    /// Bytes since the disk was asked last.
    stretch: u64,
    saver: Option<Saver>,
}

/// A file that the disk has all of, still under its own name.
pub(in crate::cli::scrub) struct Whole {
    file: Option<NamedTempFile>,
    target: PathBuf,
}

/// A thread that waits for the disk.
struct Saver {
    ask: SyncSender<()>,
    thread: JoinHandle<io::Result<()>>,
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
            anyhow::Ok(BufWriter::new(file))
        };
        Ok(Self {
            file: target.as_ref().map(begin).transpose()?,
            target: target.unwrap_or_default(),
            stretch: 0,
            saver: None,
        })
    }

    /// The name that it has until it is finished.
    pub(in crate::cli::scrub) fn unfinished(&self) -> Option<PathBuf> {
        let file = self.file.as_ref()?;
        Some(file.get_ref().path().to_owned())
    }

    pub(in crate::cli::scrub) fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        let written = file.write_all(bytes);
        written.with_context(|| format!("{} cannot be written", self.target.display()))?;
        self.stretch += bytes.len() as u64;
        if self.stretch >= STRETCH {
            self.stretch = 0;
            self.save()
                .with_context(|| format!("{} cannot be written", self.target.display()))?;
        }
        Ok(())
    }

    /// Lets the disk take in what there is, while more is written.
    fn save(&mut self) -> io::Result<()> {
        let saver = match (&self.saver, &self.file) {
            (Some(saver), _) => saver,
            (None, Some(file)) => {
                let file = file.get_ref().as_file().try_clone()?;
                self.saver.insert(Saver::start(file))
            }
            (None, None) => return Ok(()),
        };
        // Where it has not done what it was asked before, it will take in this too.
        let _ = saver.ask.try_send(());
        Ok(())
    }

    /// Waits until the disk has all of it.
    pub(in crate::cli::scrub) fn save_all(self) -> anyhow::Result<Whole> {
        let failed = || format!("{} cannot be written", self.target.display());
        // A failure is told to whoever asks first, and to nobody after.
        self.saver
            .map_or(Ok(()), Saver::finish)
            .with_context(failed)?;
        let whole = |file: BufWriter<NamedTempFile>| {
            let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.as_file().sync_all()?;
            io::Result::Ok(file)
        };
        let file = self.file.map(whole).transpose().with_context(failed)?;
        Ok(Whole {
            file,
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

impl Saver {
    fn start(file: File) -> Self {
        let (ask, asked) = sync_channel(1);
        Self {
            ask,
            thread: thread::spawn(move || save(&file, &asked)),
        }
    }

    fn finish(self) -> io::Result<()> {
        drop(self.ask);
        let done = self.thread.join();
        done.unwrap_or_else(|_| Err(io::Error::other("a thread stopped")))
    }
}

fn save(file: &File, asked: &Receiver<()>) -> io::Result<()> {
    asked.iter().try_for_each(|()| file.sync_data())
}
