//! The queue before the writer. It wakes the writer for a handful at a time, not for each.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// So many are worth a wake-up while a transaction is open.
const HANDFUL: usize = 8;

/// A queue with one reader.
pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
    enough: Condvar,
}

struct State<T> {
    waiting: Vec<T>,
    /// How many the reader sleeps for; `None` while it is awake.
    sleeps_for: Option<usize>,
    closed: bool,
}

/// Closes the queue when dropped, also by a panic, and drops what waits in it.
pub(super) struct Closing<'q, T>(&'q Queue<T>);

impl<T> Drop for Closing<'_, T> {
    fn drop(&mut self) {
        self.0.close();
        self.0.lock().waiting.clear();
    }
}

impl<T> Queue<T> {
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::new(State {
                waiting: Vec::new(),
                sleeps_for: None,
                closed: false,
            }),
            enough: Condvar::new(),
        }
    }

    /// Puts one in the queue; drops it if the queue is closed.
    pub(super) fn push(&self, one: T) {
        let mut state = self.lock();
        if state.closed {
            return;
        }
        state.waiting.push(one);
        if state
            .sleeps_for
            .is_some_and(|wanted| state.waiting.len() >= wanted)
        {
            state.sleeps_for = None;
            drop(state);
            self.enough.notify_one();
        }
    }

    /// Takes no more; what waits is still given out.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.enough.notify_one();
    }

    /// A guard for as long as somebody reads.
    pub(super) fn closing(&self) -> Closing<'_, T> {
        Closing(self)
    }

    /// Up to `most`, once there is one; `None` once the queue is closed and empty.
    pub(super) fn first(&self, most: usize) -> Option<Vec<T>> {
        let mut state = self.lock();
        while state.waiting.is_empty() {
            if state.closed {
                return None;
            }
            state.sleeps_for = Some(1);
            state = self
                .enough
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.sleeps_for = None;
        let most = most.min(state.waiting.len());
        Some(state.waiting.drain(..most).collect())
    }

    /// Adds to `taken`, until it holds `most`, what has come meanwhile. If that is nothing, waits
    /// for some of the `missing`, and takes the time that this took from `patience`.
    pub(super) fn join(
        &self,
        taken: &mut Vec<T>,
        most: usize,
        missing: usize,
        patience: &mut Duration,
    ) {
        let mut state = self.lock();
        let wanted = missing.min(HANDFUL);
        let began = Instant::now();
        while state.waiting.is_empty() && wanted > 0 && !state.closed {
            let left = patience.saturating_sub(began.elapsed());
            if left.is_zero() {
                break;
            }
            state.sleeps_for = Some(wanted);
            let (woken, over) = self
                .enough
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner);
            state = woken;
            if over.timed_out() {
                break;
            }
        }
        state.sleeps_for = None;
        *patience = patience.saturating_sub(began.elapsed());
        let most = most.saturating_sub(taken.len()).min(state.waiting.len());
        taken.extend(state.waiting.drain(..most));
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Queue;

    #[test]
    fn what_was_put_in_comes_out_in_order_and_no_more_than_asked_for() {
        let queue = Queue::new();
        (1..=5).for_each(|number| queue.push(number));
        let mut taken = queue.first(2).unwrap();
        let mut patience = Duration::ZERO;
        queue.join(&mut taken, 4, 0, &mut patience);
        assert_eq!(taken, [1, 2, 3, 4]);
        queue.close();
        queue.push(6);
        assert_eq!(queue.first(9), Some(vec![5]));
        assert_eq!(queue.first(9), None);
    }

    #[test]
    fn nobody_is_waited_for_who_is_not_expected() {
        let queue = Queue::new();
        let mut patience = Duration::from_secs(3600);
        let mut taken = vec![1];
        queue.join(&mut taken, 9, 0, &mut patience);
        assert_eq!(taken, [1]);
    }

    #[test]
    fn a_reader_that_sleeps_is_woken_by_as_many_as_it_wants() {
        let queue = Queue::new();
        let mut patience = Duration::from_secs(3600);
        std::thread::scope(|scope| {
            scope.spawn(|| (1..=3).for_each(|number| queue.push(number)));
            let mut taken = Vec::new();
            while taken.len() < 3 {
                let missing = 3 - taken.len();
                queue.join(&mut taken, 9, missing, &mut patience);
            }
            assert_eq!(taken, [1, 2, 3]);
        });
    }

    #[test]
    fn what_waits_when_the_reader_ends_is_dropped() {
        let queue = Queue::new();
        let held = std::sync::Arc::new(());
        queue.push(std::sync::Arc::clone(&held));
        drop(queue.closing());
        assert_eq!(std::sync::Arc::strong_count(&held), 1);
    }
}
