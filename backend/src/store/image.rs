//! What holds for every address, at one moment, as far as it bears on one question: small enough to
//! keep in memory, and quick to ask ten million times.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use shared::address::AddressKey;
use shared::decision::{Question, bearing};
use shared::standing::Standing;
use shared::time::Timestamp;

use super::{Keys, Seq, Snapshot, StoredRules};

/// Bytes of an address key that are compared. One of ten million addresses is taken for one of ten million
/// others by chance once in 10^14 lists.
const PREFIX: usize = 12;
/// Keys in a drawer: as many, up to twice as many.
const DRAWER: usize = 2;
/// Bits of the marks for each key: of those whom nobody knows, one in seventeen is looked for at all.
const MARKS: usize = 16;

/// For which question, when, and under which generations of the pepper.
#[derive(Debug, Clone)]
pub struct Sight {
    /// Generations, the current one first.
    pub generations: Vec<u32>,
    /// What is asked of everybody.
    pub question: Question,
    /// At what moment.
    pub at: Timestamp,
    /// Whether also those are wanted of whom nothing bears on the question.
    pub everybody: bool,
}

/// Which standing it is, within one image. 0 is that of somebody of whom nothing bears on the
/// question.
pub type Kind = u32;

/// What holds for every address.
pub struct Image {
    as_of: Seq,
    rules: Option<Arc<StoredRules>>,
    kinds: Vec<Standing>,
    /// In the order in which they are asked.
    generations: Vec<Generation>,
}

/// What holds for one address: the beginning of its key, and the kind of its standing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Keyed([u8; PREFIX], Kind);

/// The keys of one generation, in order.
struct Generation {
    number: u32,
    keys: Vec<Keyed>,
    /// Where the keys of each drawer begin; a drawer is named by the first bits of its keys.
    drawers: Vec<u32>,
    bits: u32,
    /// A bit is set where a key falls on it. Most addresses of a list are unknown, and this is small
    /// enough to stay near the processor, which the keys are not.
    marks: Vec<u64>,
}

impl Image {
    /// The last entry that it includes.
    #[must_use]
    pub const fn as_of(&self) -> Seq {
        self.as_of
    }

    /// The rules in force then; `None` before the first notice was published.
    #[must_use]
    pub const fn rules(&self) -> Option<&Arc<StoredRules>> {
        self.rules.as_ref()
    }

    /// The standing of that kind.
    #[must_use]
    pub fn standing(&self, kind: Kind) -> &Standing {
        &self.kinds[kind as usize]
    }

    /// The generations under which anybody is known, in the order in which they are to be asked.
    pub fn generations(&self) -> impl Iterator<Item = u32> {
        self.generations.iter().map(|generation| generation.number)
    }

    /// Which kinds there are: those below this one.
    #[must_use]
    pub fn kinds(&self) -> Kind {
        Kind::try_from(self.kinds.len()).expect("fewer kinds than 2^32")
    }

    /// What holds for the address with that key under the generation in that place; `None` where
    /// nobody is known under it.
    #[must_use]
    pub fn find(&self, place: usize, key: &AddressKey) -> Option<Kind> {
        let mut found = [None];
        self.find_all(place, &[*key], &mut found);
        found[0]
    }

    /// The same for many addresses: `found` is one for each key, and stays what it is where nobody is
    /// known.
    pub fn find_all(&self, place: usize, keys: &[AddressKey], found: &mut [Option<Kind>]) {
        if let Some(generation) = self.generations.get(place) {
            generation.find_all(keys, found);
        }
    }

    /// What holds for the address with these keys, under any of them; `None` where nobody is known.
    #[must_use]
    pub fn look_up(&self, keys: &Keys) -> Option<Cow<'_, Standing>> {
        let mut kinds: Vec<Kind> = Vec::new();
        for (number, key) in &keys.0 {
            let mut generations = self.generations.iter();
            let place = generations.position(|generation| generation.number == *number);
            let kind = place.and_then(|place| self.find(place, key));
            kinds.extend(kind.filter(|kind| !kinds.contains(kind)));
        }
        let standings = kinds.into_iter().map(|kind| self.standing(kind));
        let standings = standings.map(Cow::Borrowed);
        standings.reduce(|first, other| Cow::Owned(first.joined(&other)))
    }

    /// Whether anybody is known under one of these keys. Of an image of everybody, a no is sure.
    #[must_use]
    pub fn knows(&self, keys: &Keys) -> bool {
        self.look_up(keys).is_some()
    }

    /// The image of a few addresses, from what was looked up of them in this order.
    #[must_use]
    pub fn of(snapshot: Snapshot, addresses: &[Keys], sight: &Sight) -> Self {
        let mut builder = Builder::new(snapshot.as_of, snapshot.rules, sight);
        for generation in &sight.generations {
            let mut found = Vec::new();
            for (keys, known) in addresses.iter().zip(&snapshot.known) {
                let key = keys.0.iter().find(|(number, _)| number == generation);
                if let (Some((_, key)), Some(known)) = (key, known) {
                    found.push(Keyed::new(key, builder.kind(&known.standing)));
                }
            }
            found.retain(|keyed| builder.needs(keyed.1));
            found.sort_unstable();
            found.dedup();
            builder.begin(*generation, found.len());
            builder.add(found);
        }
        builder.finish()
    }
}

impl Keyed {
    pub(super) fn new(key: &AddressKey, kind: Kind) -> Self {
        Self(*prefix(key), kind)
    }
}

impl Generation {
    /// Each step is taken for all keys before the next one: memory is far away, but many places can be
    /// asked for at once as long as none of them stands in another.
    fn find_all(&self, keys: &[AddressKey], found: &mut [Option<Kind>]) {
        let mut marked = vec![0; keys.len()];
        let mut count = 0;
        for (at, key) in keys.iter().enumerate() {
            // Without a branch, which would be guessed wrong too often.
            marked[count] = at;
            count += usize::from(self.is_marked(prefix(key)));
        }
        marked.truncate(count);
        let drawers: Vec<_> = marked.iter().map(|&at| self.drawer(&keys[at])).collect();
        let near = drawers.iter().fold(0, |all, drawer| {
            all | self.keys.get(drawer.start).map_or(0, |keyed| keyed.1)
        });
        std::hint::black_box(near);
        for (at, drawer) in marked.into_iter().zip(drawers) {
            let mut drawer = self.keys[drawer].iter();
            let prefix = prefix(&keys[at]);
            let keyed = drawer.find(|keyed| keyed.0 == *prefix);
            found[at] = keyed.map(|keyed| keyed.1).or(found[at]);
        }
    }

    fn is_marked(&self, prefix: &[u8; PREFIX]) -> bool {
        let (word, bit) = mark(prefix, self.marks.len());
        self.marks[word] & bit != 0
    }

    /// Where the key is, if it is there.
    fn drawer(&self, key: &AddressKey) -> Range<usize> {
        let drawer = drawer(prefix(key), self.bits);
        self.drawers[drawer] as usize..self.drawers[drawer + 1] as usize
    }
}

fn prefix(key: &AddressKey) -> &[u8; PREFIX] {
    key.as_bytes().first_chunk().expect("a key has 32 bytes")
}

fn drawer(prefix: &[u8; PREFIX], bits: u32) -> usize {
    let first = u32::from_be_bytes(*prefix.first_chunk().expect("a prefix has 12 bytes"));
    // A shift by all 32 bits would be none.
    (u64::from(first) >> (32 - bits)) as usize
}

/// Which bit of that many words a key falls on; words are a power of two, and named by other bytes than
/// drawers are.
fn mark(prefix: &[u8; PREFIX], words: usize) -> (usize, u64) {
    let last = u64::from_be_bytes(*prefix.last_chunk().expect("a prefix has 12 bytes"));
    let word = usize::try_from(last >> 6).unwrap_or_default() & (words - 1);
    (word, 1 << (last & 63))
}

/// Builds an image: first the kinds, then the keys of each generation in order.
pub(super) struct Builder {
    image: Image,
    question: Question,
    at: Timestamp,
    known: HashMap<Vec<u8>, Kind>,
    /// Only one generation is asked: who is of kind 0 there is as good as unknown.
    leaves_out: bool,
}

impl Builder {
    pub(super) fn new(as_of: Seq, rules: Option<Arc<StoredRules>>, sight: &Sight) -> Self {
        let nothing = Standing::default();
        Self {
            known: HashMap::from([(named(&nothing), 0)]),
            image: Image {
                as_of,
                rules,
                kinds: vec![nothing],
                generations: Vec::new(),
            },
            question: sight.question.clone(),
            at: sight.at,
            leaves_out: sight.generations.len() == 1 && !sight.everybody,
        }
    }

    /// The kind of that standing.
    pub(super) fn kind(&mut self, standing: &Standing) -> Kind {
        let Some(stored) = &self.image.rules else {
            return 0;
        };
        let reduced = bearing(&stored.rules, standing, &self.question, self.at);
        let next = Kind::try_from(self.image.kinds.len()).expect("fewer kinds than 2^32");
        let kind = *self.known.entry(named(&reduced)).or_insert(next);
        if kind == next {
            self.image.kinds.push(reduced);
        }
        kind
    }

    /// From now on keys of that generation are added, in order: at most about so many.
    pub(super) fn begin(&mut self, generation: u32, count: usize) {
        self.image.generations.push(Generation {
            number: generation,
            keys: Vec::with_capacity(count),
            drawers: Vec::new(),
            bits: 0,
            marks: Vec::new(),
        });
    }

    /// Whether anything depends on who is of that kind.
    pub(super) const fn needs(&self, kind: Kind) -> bool {
        !self.leaves_out || kind != 0
    }

    /// Adds the next keys, of needed kinds.
    pub(super) fn add(&mut self, mut keys: Vec<Keyed>) {
        if let Some(generation) = self.image.generations.last_mut() {
            generation.keys.append(&mut keys);
        }
    }

    pub(super) fn finish(mut self) -> Image {
        self.image
            .generations
            .retain(|generation| !generation.keys.is_empty());
        for generation in &mut self.image.generations {
            generation.lay_out();
        }
        self.image
    }
}

impl Generation {
    fn lay_out(&mut self) {
        self.keys.shrink_to_fit();
        self.bits = (self.keys.len() / DRAWER).max(1).ilog2().min(28);
        let mut drawers = vec![0_u32; (1 << self.bits) + 1];
        for Keyed(key, _) in &self.keys {
            drawers[drawer(key, self.bits) + 1] += 1;
        }
        let mut sum = 0;
        for drawer in &mut drawers {
            sum += *drawer;
            *drawer = sum;
        }
        self.drawers = drawers;
        let words = (self.keys.len() * MARKS / 64).next_power_of_two();
        self.marks = vec![0; words];
        for Keyed(key, _) in &self.keys {
            let (word, bit) = mark(key, words);
            self.marks[word] |= bit;
        }
    }
}

/// What tells kinds apart.
fn named(standing: &Standing) -> Vec<u8> {
    serde_json::to_vec(standing).expect("a standing is plain JSON")
}
