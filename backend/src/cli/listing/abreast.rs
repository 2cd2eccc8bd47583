//! Rows that are worked on some blocks at once, and come back in the order of the list.

use std::collections::VecDeque;
use std::num::NonZero;
use std::pin::Pin;
use std::thread;

use tokio::task::JoinHandle;

use super::{Listing, Rows};

/// Blocks that are worked on at once, at most.
const MOST: usize = 8;

type Working<T> = Pin<Box<dyn Future<Output = anyhow::Result<T>> + Send>>;

/// A list whose rows are on their way through some work.
pub(in crate::cli) struct Abreast<T> {
    listing: Listing,
    work: Box<dyn Fn(Rows) -> Working<T> + Send>,
    /// In the order of the list.
    working: VecDeque<JoinHandle<anyhow::Result<T>>>,
    most: usize,
}

impl<T: Send + 'static> Abreast<T> {
    /// Lets `work` be done for the rows of each block.
    pub(in crate::cli) fn new<F>(
        listing: Listing,
        work: impl Fn(Rows) -> F + Send + 'static,
    ) -> Self
    where
        F: Future<Output = anyhow::Result<T>> + Send + 'static,
    {
        // One more than can work, so that there is something to do while rows are read.
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        Self {
            listing,
            work: Box::new(move |rows| Box::pin(work(rows))),
            working: VecDeque::new(),
            most: MOST.min(threads + 1),
        }
    }

    /// What came of the next rows; `None` at the end.
    pub(in crate::cli) async fn next(&mut self) -> anyhow::Result<Option<T>> {
        while self.working.len() < self.most
            && let Some(rows) = self.listing.next()?
        {
            self.working.push_back(tokio::spawn((self.work)(rows)));
        }
        match self.working.pop_front() {
            Some(working) => working.await?.map(Some),
            None => Ok(None),
        }
    }

    /// The list itself.
    pub(in crate::cli) const fn listing(&self) -> &Listing {
        &self.listing
    }
}
