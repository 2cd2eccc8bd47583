//! The one thread that writes: what is queued goes into one transaction while more arrives, and is
//! answered after the commit.

use std::fmt;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use shared::digest::Digest;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::checkpoint::Signal;
use super::problem::{self, Failure};
use super::publication;
use super::queue::Queue;
use crate::store::{Seq, StoreError};

/// Jobs of one transaction at most: bounds how long the first of them waits.
const BATCH: usize = 1_000;

/// Hands jobs to the writer thread.
pub(super) struct Writer {
    queue: Arc<Queue<Box<dyn Job>>>,
    places: Arc<Semaphore>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(
        connection: Connection,
        queue: usize,
        signal: Option<Signal>,
    ) -> Result<Self, StoreError> {
        let jobs = Arc::new(Queue::new());
        let answers = Answers(Handle::try_current().ok());
        let thread = Builder::new()
            .name("store-writer".to_owned())
            .spawn({
                let jobs = Arc::clone(&jobs);
                move || write_until_closed(connection, &jobs, signal.as_ref(), &answers)
            })
            .map_err(|_| problem::unavailable("the system starts no further thread"))?;
        Ok(Self {
            queue: jobs,
            places: Arc::new(Semaphore::new(queue.max(1))),
            thread: Some(thread),
        })
    }

    /// Runs `work` inside a transaction, and returns when that is durable. `work` may be run
    /// again, after a rollback.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Batch<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let place = Arc::clone(&self.places)
            .acquire_owned()
            .await
            .map_err(|_| problem::closed())?;
        let (reply, answer) = oneshot::channel();
        let task = Task {
            work,
            outcome: None,
            reply,
            _place: place,
        };
        self.queue.push(Box::new(task));
        answer.await.map_err(|_| problem::closed())?
    }

    /// Whether the thread still runs.
    pub(super) fn ping(&self) -> Result<(), StoreError> {
        match &self.thread {
            Some(thread) if !thread.is_finished() => Ok(()),
            _ => Err(problem::closed()),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(thread) = self.thread.take() {
            // A panic of that thread was reported when it happened.
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Writer(…)")
    }
}

/// A transaction that jobs write into.
pub(super) struct Batch<'c> {
    /// Where they write.
    pub(super) connection: &'c Connection,
    /// The last entry of the ledger, those of this batch included.
    pub(super) head: Seq,
    /// The rule set in force, once somebody asked; forgotten by whoever changes it.
    pub(super) rules: Option<Option<Digest>>,
}

impl Batch<'_> {
    /// The digest of the rule set in force.
    pub(super) fn rules(&mut self) -> Result<Option<Digest>, rusqlite::Error> {
        match self.rules {
            Some(rules) => Ok(rules),
            None => Ok(*self.rules.insert(publication::in_force(self.connection)?)),
        }
    }
}

/// One atomic unit of work with somebody waiting for its outcome.
trait Job: Send {
    /// Does the work. An error is SQLite's: the transaction is to be rolled back.
    fn run(&mut self, batch: &mut Batch<'_>) -> Result<(), rusqlite::Error>;
    /// Hands over the outcome of the last run, once it is durable.
    fn answer(self: Box<Self>);
    /// Says that it was not done.
    fn fail(self: Box<Self>, why: StoreError);
}

struct Task<T, F> {
    work: F,
    outcome: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
    /// The place in the queue, free again after the answer.
    _place: OwnedSemaphorePermit,
}

impl<T, F> Job for Task<T, F>
where
    T: Send,
    F: FnMut(&mut Batch<'_>) -> Result<T, Failure> + Send,
{
    fn run(&mut self, batch: &mut Batch<'_>) -> Result<(), rusqlite::Error> {
        match (self.work)(batch) {
            Ok(done) => self.outcome = Some(Ok(done)),
            Err(Failure::Refused(why)) => self.outcome = Some(Err(why)),
            Err(Failure::Sql(error)) => return Err(error),
        }
        Ok(())
    }

    fn answer(self: Box<Self>) {
        // Whoever has stopped waiting misses the answer; the work stands.
        let _ = self
            .reply
            .send(self.outcome.unwrap_or_else(|| Err(problem::closed())));
    }

    fn fail(self: Box<Self>, why: StoreError) {
        let _ = self.reply.send(Err(why));
    }
}

fn write_until_closed(
    mut connection: Connection,
    queue: &Queue<Box<dyn Job>>,
    signal: Option<&Signal>,
    answers: &Answers,
) {
    // Whoever comes after this thread has ended, or waits when it ends, is told so.
    let _ends = queue.closing();
    while let Some(jobs) = queue.first(BATCH) {
        let mut batch = Batched {
            jobs,
            more: Some(queue),
        };
        let outcome = attempt(&mut connection, &mut batch);
        settle(&mut connection, batch.jobs, outcome, answers);
        if let Some(signal) = signal {
            signal.written(&connection);
        }
    }
}

/// How those who wait are told: by one task, which costs the writer one wake-up and not one for each.
struct Answers(Option<Handle>);

impl Answers {
    fn give(&self, jobs: Vec<Box<dyn Job>>) {
        let all = move || jobs.into_iter().for_each(Job::answer);
        match &self.0 {
            Some(runtime) => drop(runtime.spawn(async move { all() })),
            None => all(),
        }
    }
}

/// What goes into one transaction.
struct Batched<'q> {
    jobs: Vec<Box<dyn Job>>,
    /// Where more may come from while the transaction is open. Nobody is waited for.
    more: Option<&'q Queue<Box<dyn Job>>>,
}

/// Where a transaction failed.
enum Broken {
    /// In one of its jobs: the others may yet succeed.
    Job(rusqlite::Error),
    /// At its beginning or end: none of it can be done now.
    Whole(rusqlite::Error),
}

/// Answers all of the batch. Where one job failed inside SQLite, each is done in a transaction of
/// its own, so that it fails alone.
fn settle(
    connection: &mut Connection,
    jobs: Vec<Box<dyn Job>>,
    outcome: Result<(), Broken>,
    answers: &Answers,
) {
    match outcome {
        Ok(()) => answers.give(jobs),
        Err(Broken::Job(_)) if jobs.len() > 1 => {
            for job in jobs {
                let mut alone = Batched {
                    jobs: vec![job],
                    more: None,
                };
                let outcome = attempt(connection, &mut alone);
                settle(connection, alone.jobs, outcome, answers);
            }
        }
        Err(Broken::Job(error) | Broken::Whole(error)) => {
            for job in jobs {
                job.fail(problem::repeated(&error));
            }
        }
    }
}

/// Runs the batch, and all that joins it meanwhile, in one transaction.
fn attempt(connection: &mut Connection, batch: &mut Batched<'_>) -> Result<(), Broken> {
    let transaction =
        Transaction::new(connection, TransactionBehavior::Immediate).map_err(Broken::Whole)?;
    let mut open = Batch {
        connection: &transaction,
        head: head(&transaction).map_err(Broken::Whole)?,
        rules: None,
    };
    let mut done = 0;
    while done < batch.jobs.len() {
        for job in &mut batch.jobs[done..] {
            job.run(&mut open).map_err(Broken::Job)?;
            done += 1;
        }
        if let Some(queue) = batch.more {
            queue.join(&mut batch.jobs, BATCH);
        }
    }
    transaction.commit().map_err(Broken::Whole)
}

fn head(connection: &Connection) -> Result<Seq, rusqlite::Error> {
    let last: Option<i64> = connection
        .prepare_cached("SELECT max(seq) FROM ledger")?
        .query_row((), |row| row.get(0))?;
    Ok(last.map_or(0, i64::cast_unsigned))
}

#[cfg(test)]
mod tests {
    use shared::digest::Digest;

    use super::super::{Mode, publication, schema};
    use super::{Failure, Writer};
    use crate::store::StoreError;

    async fn limit(writer: &Writer, pages: i64) {
        let set = move |batch: &mut super::Batch<'_>| {
            batch
                .connection
                .query_row(&format!("PRAGMA max_page_count = {pages}"), (), |row| {
                    row.get::<_, i64>(0)
                })
                .map_err(Failure::Sql)
        };
        writer.run(set).await.unwrap();
    }

    async fn keep(writer: &Writer, bytes: usize, fill: u8) -> Result<(), StoreError> {
        let text = vec![fill; bytes];
        writer
            .run(move |batch| publication::keep_text(batch, Digest::of(&text), &text))
            .await
    }

    #[tokio::test]
    async fn a_full_disk_refuses_what_does_not_fit_and_takes_the_next_once_there_is_space() {
        let directory = tempfile::tempdir().unwrap();
        let (connection, _held) =
            schema::open(&directory.path().join("sayso.db"), Mode::Command).unwrap();
        let writer = Writer::start(connection, 16, None).unwrap();
        limit(&writer, 60).await;
        let (small, large, also_small) = tokio::join!(
            keep(&writer, 10, 1),
            keep(&writer, 1_000_000, 2),
            keep(&writer, 10, 3)
        );
        assert!(small.is_ok() && also_small.is_ok());
        let Err(StoreError::Unavailable(why)) = large else {
            panic!("{large:?}");
        };
        assert!(why.to_string().contains("make space"), "{why}");
        limit(&writer, 10_000).await;
        keep(&writer, 1_000_000, 2).await.unwrap();
    }

    #[tokio::test]
    async fn a_job_that_nobody_waits_for_any_more_is_done() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sayso.db");
        let (connection, _held) = schema::open(&path, Mode::Command).unwrap();
        let writer = Writer::start(connection, 16, None).unwrap();
        {
            let mut waiting = Box::pin(keep(&writer, 10, 1));
            let polled = std::future::poll_fn(|context| {
                std::task::Poll::Ready(waiting.as_mut().poll(context))
            });
            let _ = polled.await;
        }
        drop(writer);
        let (reopened, _held) = schema::open(&path, Mode::Command).unwrap();
        let texts: i64 = reopened
            .query_row("SELECT count(*) FROM text", (), |row| row.get(0))
            .unwrap();
        assert_eq!(texts, 1);
    }
}
