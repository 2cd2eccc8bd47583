//! How many letters leave within an hour (SEC-12).

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use shared::time::Timestamp;

use crate::store::outbox::{First, Rank};

const HOUR_MS: i64 = 60 * 60 * 1000;

/// The places of an hour, for all addresses together. Notices get half of them at most, so that strangers
/// who object with many addresses keep no link and no answer from leaving. Turns let every sort of letter
/// leave: links end so soon that many of them would keep every answer back for good, and whoever objects in
/// another's name could keep the notice of it back by asking for many links.
pub(super) struct Cap {
    per_hour: usize,
    left: Mutex<Left>,
}

/// When letters left within the last hour or were taken in hand, and whose turn it was.
#[derive(Default)]
struct Left {
    all: VecDeque<Timestamp>,
    notices: VecDeque<Timestamp>,
    turn: Option<First>,
}

/// The place of one letter. It is free again unless the letter left.
pub(super) struct Place<'a> {
    cap: &'a Cap,
    at: Timestamp,
    lowest: Rank,
    first: First,
    has_left: bool,
}

impl Cap {
    /// That many places an hour.
    pub(super) fn new(per_hour: u32) -> Self {
        Self {
            per_hour: usize::try_from(per_hour).unwrap_or(usize::MAX),
            left: Mutex::default(),
        }
    }

    /// A place for a letter that is about to be taken; `None` when all are.
    pub(super) fn place(&self, now: Timestamp) -> Option<Place<'_>> {
        let mut left = self.left();
        let began = now.plus_millis(-HOUR_MS);
        forget(&mut left.all, began);
        forget(&mut left.notices, began);
        if left.all.len() >= self.per_hour {
            return None;
        }
        left.all.push_back(now);
        let mut lowest = Rank::Owed;
        if left.notices.len() < self.per_hour.div_ceil(2) {
            left.notices.push_back(now);
            lowest = Rank::Notice;
        }
        let first = match left.turn {
            Some(First::Notice) | None => First::Ending,
            Some(First::Ending) => First::Waiting,
            Some(First::Waiting) => First::Again,
            Some(First::Again) => First::Notice,
        };
        left.turn = Some(first);
        Some(Place {
            cap: self,
            at: now,
            lowest,
            first,
            has_left: false,
        })
    }

    fn left(&self) -> MutexGuard<'_, Left> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place<'_> {
    /// The lowest rank that a letter may have for this place.
    pub(super) const fn lowest(&self) -> Rank {
        self.lowest
    }

    /// Which letter it is for.
    pub(super) const fn first(&self) -> First {
        self.first
    }

    /// Gives back what a letter of that rank does not need.
    pub(super) fn is_for(&mut self, rank: Rank) {
        if rank < self.lowest {
            self.free_for_notices(&mut self.cap.left());
            self.lowest = rank;
        }
    }

    /// Keeps the place for an hour: the letter left.
    pub(super) fn keep(mut self) {
        self.has_left = true;
    }

    fn free_for_notices(&self, left: &mut Left) {
        if self.lowest == Rank::Notice {
            give_back(&mut left.notices, self.at);
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if !self.has_left {
            let mut left = self.cap.left();
            give_back(&mut left.all, self.at);
            self.free_for_notices(&mut left);
        }
    }
}

fn forget(places: &mut VecDeque<Timestamp>, began: Timestamp) {
    while places.front().is_some_and(|at| *at <= began) {
        places.pop_front();
    }
}

fn give_back(places: &mut VecDeque<Timestamp>, at: Timestamp) {
    if let Some(place) = places.iter().rposition(|one| *one == at) {
        places.remove(place);
    }
}
