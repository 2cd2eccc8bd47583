//! The queue before the writer. It wakes the writer only when that sleeps.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A queue with one reader.
pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
    woken: Condvar,
}

struct State<T> {
    waiting: Vec<T>,
    /// Whether the reader sleeps.
    sleeps: bool,
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
                sleeps: false,
                closed: false,
            }),
            woken: Condvar::new(),
        }
    }

    /// Puts one in the queue; drops it if the queue is closed.
    pub(super) fn push(&self, one: T) {
        let mut state = self.lock();
        if state.closed {
            return;
        }
        state.waiting.push(one);
        if std::mem::take(&mut state.sleeps) {
            drop(state);
            self.woken.notify_one();
        }
    }

    /// Takes no more; what waits is still given out.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.woken.notify_one();
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
            state.sleeps = true;
            state = self
                .woken
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.sleeps = false;
        let most = most.min(state.waiting.len());
        Some(state.waiting.drain(..most).collect())
    }

    /// Adds to `taken`, until it holds `most`, what has come meanwhile.
    pub(super) fn join(&self, taken: &mut Vec<T>, most: usize) {
        let mut state = self.lock();
        let most = most.saturating_sub(taken.len()).min(state.waiting.len());
        taken.extend(state.waiting.drain(..most));
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::Queue;

    #[test]
    fn what_was_put_in_comes_out_in_order_and_no_more_than_asked_for() {
        let queue = Queue::new();
        (1..=5).for_each(|number| queue.push(number));
        let mut taken = queue.first(2).unwrap();
        queue.join(&mut taken, 4);
        assert_eq!(taken, [1, 2, 3, 4]);
        queue.close();
        queue.push(6);
        assert_eq!(queue.first(9), Some(vec![5]));
        assert_eq!(queue.first(9), None);
    }

    #[test]
    fn nobody_is_waited_for() {
        let queue = Queue::new();
        let mut taken = vec![1];
        queue.join(&mut taken, 9);
        assert_eq!(taken, [1]);
    }

    #[test]
    fn a_reader_that_sleeps_is_woken() {
        let queue = Queue::new();
        std::thread::scope(|scope| {
            scope.spawn(|| (1..=3).for_each(|number| queue.push(number)));
            let mut taken = Vec::new();
            while taken.len() < 3 {
                taken.extend(queue.first(9).unwrap_or_default());
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
