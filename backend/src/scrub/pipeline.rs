//! Blocks of rows on their way: read by one thread, decided by several, given back in order. A fixed
//! number of blocks goes round, so that memory does not grow and nobody runs ahead.

use std::num::NonZero;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

use shared::certificate::Verdict;

use super::ScrubError;
use super::judge::{Judge, Judged, TOGETHER};
use super::links::Links;
use super::notes::{Note, Remark};
use super::outcome::Number;
use super::render::Render;
use super::repeats::Repeats;
use crate::table::{Block, Format, Table};

/// Threads that decide, at most.
const WORKERS: usize = 8;
/// Blocks for each of them.
const BLOCKS: usize = 3;

/// A block of rows and what became of them.
#[derive(Default)]
pub struct Part {
    block: Block,
    /// The kept rows, as they are to be written.
    pub kept: Vec<u8>,
    /// The withheld rows, as they are to be written.
    pub withheld: Vec<u8>,
    /// The verdict of each row.
    pub verdicts: Vec<Verdict>,
    /// The number of the outcome of each row; see [`super::Outcomes`].
    pub outcomes: Vec<Number>,
    /// What is to be said of its rows.
    pub notes: Vec<Note>,
    /// Row, line and key of each row that has an address, while repeats are looked for.
    keys: Vec<(usize, u64, u64)>,
}

impl Part {
    pub(super) fn find_repeats(&mut self, repeats: &mut Repeats) {
        let before = self.notes.len();
        for keys in self.keys.chunks(TOGETHER) {
            repeats.approach(keys.iter().map(|(_, _, key)| *key));
            for &(row, line, key) in keys {
                if repeats.is_repeated(key) {
                    self.notes.push(Note {
                        row,
                        line,
                        remark: Remark::RepeatedAddress,
                    });
                }
            }
        }
        if self.notes.len() > before {
            self.notes.sort_by_key(|note| note.line);
        }
    }

    /// Notes of its first row that the one above it may be none of names.
    pub(super) fn doubt_header(&mut self, format: Format) {
        let line = self.block.rows(format, 0).next().map(|row| row.whole.line);
        let note = line.map(|line| Note {
            row: 0,
            line,
            remark: Remark::AssumedHeader,
        });
        self.notes.splice(0..0, note);
    }

    fn clear(&mut self) {
        self.kept.clear();
        self.withheld.clear();
        self.verdicts.clear();
        self.outcomes.clear();
        self.notes.clear();
        self.keys.clear();
    }
}

/// Decides blocks.
pub(super) struct Worker<'a> {
    pub(super) format: Format,
    /// Cells in the header; `None` where rows have no cells.
    pub(super) cells: Option<usize>,
    pub(super) judge: Judge,
    pub(super) render: Option<&'a Render>,
    pub(super) links: Option<&'a Links>,
    /// Whether repeats are looked for.
    pub(super) compares: &'a AtomicBool,
}

impl Worker<'_> {
    fn work(&mut self, part: &mut Part) -> anyhow::Result<()> {
        part.clear();
        let Part {
            block,
            kept,
            withheld,
            verdicts,
            outcomes,
            notes,
            keys,
        } = part;
        let mut rows = block.rows(self.format, 0);
        let mut writer = self
            .render
            .map(|render| render.writer(block, kept, withheld));
        let compares = self.compares.load(Ordering::Relaxed);
        let (mut together, mut judged) =
            (Vec::with_capacity(TOGETHER), Vec::with_capacity(TOGETHER));
        loop {
            together.clear();
            self.judge.clear();
            while together.len() < TOGETHER
                && let Some(row) = rows.next()
            {
                self.judge.take(&row);
                together.push(row.whole);
            }
            if together.is_empty() {
                break;
            }
            self.judge.judge(&mut judged);
            for (row, judged) in together.iter().zip(&judged) {
                let place = verdicts.len();
                if compares {
                    keys.extend(judged.address.map(|(_, key)| (place, row.line, key)));
                }
                let uneven = self.cells.is_some_and(|cells| cells != row.length());
                let remarks = [
                    judged.remark,
                    uneven.then_some(Remark::UnevenRow),
                    self.role(judged),
                ];
                notes.extend(remarks.into_iter().flatten().map(|remark| Note {
                    row: place,
                    line: row.line,
                    remark,
                }));
                let links = match self.links {
                    Some(links) => self.make(links, judged)?,
                    None => None,
                };
                let outcome = self.judge.outcome(judged.outcome);
                verdicts.push(outcome.verdict);
                outcomes.push(judged.outcome);
                if let Some(writer) = &mut writer {
                    writer.write(row, outcome, links);
                }
            }
        }
        if let Some(writer) = writer {
            writer.finish();
        }
        Ok(())
    }

    fn role(&self, judged: &Judged) -> Option<Remark> {
        let (place, _) = judged.address?;
        let is_role = self.judge.address(place).is_role();
        is_role.then_some(Remark::RoleMailbox)
    }

    /// What unsubscribes the recipient, where that is wanted and they may be mailed.
    fn make(&mut self, links: &Links, judged: &Judged) -> anyhow::Result<Option<[String; 3]>> {
        let Some((place, _)) = judged.address else {
            return Ok(None);
        };
        if self.render.is_none() || !self.judge.outcome(judged.outcome).verdict.proceeds() {
            return Ok(None);
        }
        let address = self.judge.address(place).to_address();
        address.map(|address| links.make(address)).transpose()
    }
}

/// Runs all rows of the table past workers, and gives `each` the parts in their order.
pub(super) fn run<'a>(
    table: &mut Table,
    worker: impl Fn() -> Worker<'a>,
    mut each: impl FnMut(&mut Part) -> anyhow::Result<()>,
) -> Result<(), ScrubError> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let count = threads.clamp(1, WORKERS);
    thread::scope(|scope| {
        let (free, freed) = channel();
        for _ in 0..count * BLOCKS {
            let _ = free.send(Box::<Part>::default());
        }
        let mut given = Vec::new();
        let mut done = Vec::new();
        let mut working = Vec::new();
        for _ in 0..count {
            let (give, get) = sync_channel(BLOCKS);
            let (finish, finished) = sync_channel(BLOCKS);
            let worker = worker();
            working.push(scope.spawn(move || decide(worker, &get, &finish)));
            given.push(give);
            done.push(finished);
        }
        let reading = scope.spawn(move || read(table, &freed, &given));
        let taken = take(&done, &free, &mut each);
        // Whoever still works for nobody ends now.
        drop((done, free));
        for worker in working {
            join(worker)?.map_err(ScrubError::Out)?;
        }
        join(reading)??;
        taken.map_err(ScrubError::Out)
    })
}

fn join<T>(thread: thread::ScopedJoinHandle<'_, T>) -> Result<T, ScrubError> {
    thread
        .join()
        .map_err(|_| ScrubError::Out(anyhow::anyhow!("a thread stopped: nothing was decided")))
}

/// Fills free parts and hands them to the workers in turn, until the table ends or nobody listens.
fn read(
    table: &mut Table,
    free: &Receiver<Box<Part>>,
    workers: &[SyncSender<Box<Part>>],
) -> Result<(), ScrubError> {
    for worker in workers.iter().cycle() {
        let Ok(mut part) = free.recv() else { break };
        if !table.fill(&mut part.block)? || worker.send(part).is_err() {
            break;
        }
    }
    Ok(())
}

fn decide(
    mut worker: Worker<'_>,
    parts: &Receiver<Box<Part>>,
    done: &SyncSender<Box<Part>>,
) -> anyhow::Result<()> {
    for mut part in parts {
        worker.work(&mut part)?;
        if done.send(part).is_err() {
            break;
        }
    }
    Ok(())
}

/// Takes the parts from the workers in turn, which is the order of the table.
fn take(
    workers: &[Receiver<Box<Part>>],
    free: &Sender<Box<Part>>,
    each: &mut impl FnMut(&mut Part) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    for worker in workers.iter().cycle() {
        let Ok(mut part) = worker.recv() else { break };
        each(&mut part)?;
        // Nobody wants it any more once the table has ended.
        let _ = free.send(part);
    }
    Ok(())
}
