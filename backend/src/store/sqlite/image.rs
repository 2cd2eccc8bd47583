//! Reading what holds for everybody, at one moment, with as many hands as there are.

use std::collections::HashMap;
use std::num::NonZero;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread;

use rusqlite::Connection;
use shared::address::AddressKey;

use super::index_head::IndexHead;
use super::reader::state;
use super::schema::{self, Role};
use super::{problem, rows};
use crate::store::StoreError;
use crate::store::image::{Builder, Image, Keyed, Kind, Sight};

use self::mask::Mask;

mod mask;

/// Connections that read together, at most.
const HANDS: usize = 4;
/// How often they are tried to begin at the same moment.
const TRIES: usize = 20;
/// Turns in which keys are read: what the hands bring is put together after each.
const TURNS: usize = 8;
/// Different standings that are remembered as they are written; more are read each by itself.
const MOST: usize = 10_000;

/// Reads the whole database on connections of its own: nobody waits for it.
pub(super) fn read(
    path: &Path,
    index: Option<IndexHead>,
    sight: &Sight,
) -> Result<Image, StoreError> {
    let mut hands = at_one_moment(path, index)?;
    let state = state(&hands[0], &mut None)?;
    let builder = Mutex::new(Builder::new(state.as_of, state.rules, sight));
    let kinds = kinds(&mut hands, &builder)?;
    let mut builder = builder.into_inner().unwrap_or_else(PoisonError::into_inner);
    for &generation in &sight.generations {
        builder.begin(generation, kinds.len());
        for turn in 0..TURNS {
            let parts = keys(&mut hands, generation, turn, &kinds, &builder)?;
            parts.into_iter().for_each(|part| builder.add(part));
        }
    }
    Ok(builder.finish())
}

/// Connections that see the same moment: that of the first one, which begins while nobody commits. One
/// alone where that cannot be told.
fn at_one_moment(path: &Path, index: Option<IndexHead>) -> Result<Vec<Connection>, StoreError> {
    let begun = || -> Result<Connection, StoreError> {
        let connection = schema::connect(path, Role::Reader)?;
        // Every page is read once.
        connection.execute_batch("PRAGMA cache_size = -512; BEGIN DEFERRED")?;
        // The moment is that of the first read.
        connection.query_row("SELECT max(seq) FROM ledger", (), |_| Ok(()))?;
        Ok(connection)
    };
    let count = thread::available_parallelism().map_or(1, NonZero::get);
    for _ in 0..TRIES {
        let before = index.and_then(IndexHead::read);
        let Some(before) = before else { break };
        let hands = (0..count.min(HANDS)).map(|_| begun());
        let hands = hands.collect::<Result<Vec<_>, _>>()?;
        if index.and_then(IndexHead::read) == Some(before) {
            return Ok(hands);
        }
    }
    Ok(vec![begun()?])
}

/// Lets every hand do its part, and gives back what they brought, in order.
fn together<P: Send, T: Send>(
    hands: &mut [Connection],
    parts: impl IntoIterator<Item = P>,
    work: impl Fn(&Connection, P) -> Result<T, StoreError> + Sync,
) -> Result<Vec<T>, StoreError> {
    thread::scope(|scope| {
        let working: Vec<_> = hands
            .iter_mut()
            .zip(parts)
            .map(|(hand, part)| {
                let work = &work;
                scope.spawn(move || work(hand, part))
            })
            .collect();
        let joined = working.into_iter().map(thread::ScopedJoinHandle::join);
        joined
            .map(|one| one.map_err(|_| problem::closed())?)
            .collect()
    })
}

/// The kind of every subject, by its number.
fn kinds(hands: &mut [Connection], builder: &Mutex<Builder>) -> Result<Vec<Kind>, StoreError> {
    let last: Option<i64> =
        hands[0].query_row("SELECT max(no) FROM subject", (), |row| row.get(0))?;
    let count = last.map_or(0, |last| usize::try_from(last).unwrap_or(0) + 1);
    let mut kinds: Vec<Kind> = vec![0; count];
    let length = count.div_ceil(hands.len()).max(1);
    let parts = kinds.chunks_mut(length).enumerate();
    together(hands, parts, |hand, (place, part)| {
        kinds_from(hand, place * length, part, builder)
    })?;
    Ok(kinds)
}

/// The kinds of the subjects that are numbered from `first` on.
fn kinds_from(
    hand: &Connection,
    first: usize,
    kinds: &mut [Kind],
    builder: &Mutex<Builder>,
) -> Result<(), StoreError> {
    let mut seen: HashMap<Vec<u8>, Kind> = HashMap::new();
    let (mut mask, mut before) = (Mask::default(), 0);
    let mut statement =
        hand.prepare("SELECT no, standing FROM subject WHERE no >= ?1 AND no < ?2 ORDER BY no")?;
    let mut found = statement.query([first as i64, (first + kinds.len()) as i64])?;
    while let Some(row) = found.next()? {
        let no: i64 = row.get(0)?;
        let written = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        if !mask.fits(written) {
            mask = Mask::of(written);
            before = match seen.get(mask.bytes()) {
                Some(kind) => *kind,
                None => {
                    let standing = rows::standing(no, written)?;
                    let mut builder = builder.lock().unwrap_or_else(PoisonError::into_inner);
                    let kind = builder.kind(&standing);
                    if seen.len() < MOST {
                        seen.insert(mask.bytes().to_vec(), kind);
                    }
                    kind
                }
            };
        }
        let place = usize::try_from(no)
            .ok()
            .and_then(|no| no.checked_sub(first));
        if let Some(place) = place.and_then(|place| kinds.get_mut(place)) {
            *place = before;
        }
    }
    Ok(())
}

/// The keys of that generation that are read in that turn, in order and in parts.
fn keys(
    hands: &mut [Connection],
    generation: u32,
    turn: usize,
    kinds: &[Kind],
    builder: &Builder,
) -> Result<Vec<Vec<Keyed>>, StoreError> {
    // Keys are hashes: their first bytes are spread evenly.
    let count = hands.len();
    let first = |part: usize| (turn * count + part) * 256 / (TURNS * count);
    let parts = (0..count).map(|part| [bound(first(part)), bound(first(part + 1))]);
    together(hands, parts, |hand, [from, to]| {
        let mut statement = hand.prepare(
            "SELECT address_key, subject_no FROM subject_key
             WHERE generation = ?1 AND address_key >= ?2 AND address_key < ?3 ORDER BY address_key",
        )?;
        let mut found = statement.query((generation, from, to))?;
        let mut keys = Vec::new();
        while let Some(row) = found.next()? {
            let subject = usize::try_from(row.get::<_, i64>(1)?).unwrap_or(usize::MAX);
            let kind = kinds.get(subject).copied().unwrap_or(0);
            if builder.needs(kind) {
                keys.push(Keyed::new(&AddressKey::from_bytes(row.get(0)?), kind));
            }
        }
        Ok(keys)
    })
}

/// What is not greater than any key that begins with that byte; 256 stands for the end.
fn bound(first: usize) -> Vec<u8> {
    u8::try_from(first).map_or_else(|_| vec![u8::MAX; 33], |first| vec![first])
}
