//! Deciding rows: the gate's own rule, asked once for all contacts that are alike in what it looks at.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt as _};
use shared::address::{AddressKey, Pepper, Reading, Readings};
use shared::decision::{Contact, Decision, Question, Stated};
use shared::time::Timestamp;

use super::kinds::Kinds;
use super::notes::Remark;
use super::outcome::{INVALID, Number, Outcome, Outcomes};
use super::{ListColumns, Scrub};
use crate::gate;
use crate::store::image::{Image, Kind};
use crate::table::Row;

/// Rows that are judged together: enough that there is something to do while memory answers, and few
/// enough that all about them stays near the processor.
pub(super) const TOGETHER: usize = 128;

/// Decides rows, a few at a time.
pub(super) struct Judge {
    image: Arc<Image>,
    kinds: Kinds,
    outcomes: Arc<Outcomes>,
    /// All outcomes that this judge has given, by number.
    known: Vec<Outcome>,
    question: Question,
    stated: Stated,
    at: Timestamp,
    columns: ListColumns,
    /// The current pepper first, each with its place in the image if anybody is known under it.
    peppers: Vec<(Pepper, Option<usize>)>,
    /// What the rules say of each domain, by its number.
    domains: Vec<Option<Domain>>,
    decided: HashMap<Case, Number>,
    /// The case before this one: most rows are like their neighbours.
    before: Option<(Case, Number)>,
    /// The rows that were taken in, and the addresses of those that have one.
    taken: Vec<Taken>,
    readings: Readings,
    /// What was found out of each address.
    found: Found,
    scratch: Vec<u8>,
}

/// A row that is to be judged.
#[derive(Clone, Copy)]
struct Taken {
    /// The place of its address among those that were read; `None` where it has none.
    address: Option<usize>,
    stated: Stated,
    /// What cannot be read although it is stated.
    remark: Option<Remark>,
}

/// Of each address that was read, in their order.
#[derive(Default)]
struct Found {
    /// The beginning of its key under the current pepper.
    beginnings: Vec<u64>,
    /// What holds for it; `None` where nobody knows it.
    own: Vec<Option<Kind>>,
    /// The same, under the pepper that was looked at last.
    there: Vec<Option<Kind>>,
    /// Its key under the pepper that was looked at last.
    keys: Vec<AddressKey>,
}

/// All that the gate looks at, apart from what is the same for the whole list.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Case {
    own: Kind,
    base: Option<Kind>,
    stated: Stated,
    domain: Domain,
}

/// What the rules say of a domain.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Domain {
    is_consumer: bool,
    objects: bool,
}

/// What became of a row.
pub(super) struct Judged {
    pub(super) outcome: Number,
    /// The address's place among those that were judged together, and the beginning of its key;
    /// `None` where there is no address.
    pub(super) address: Option<(usize, u64)>,
    /// What cannot be read although it is stated.
    pub(super) remark: Option<Remark>,
}

impl Judge {
    pub(super) fn new(scrub: &Scrub) -> Self {
        let places: Vec<u32> = scrub.image.generations().collect();
        let peppers = scrub.secrets.peppers().map(|(generation, pepper)| {
            let place = places.iter().position(|place| *place == generation);
            (pepper.clone(), place)
        });
        let current = |place: usize, known: bool| known || place == 0;
        Self {
            kinds: Kinds::new(scrub.image.clone()),
            image: scrub.image.clone(),
            outcomes: scrub.outcomes.clone(),
            known: Vec::new(),
            question: scrub.order.question.clone(),
            stated: scrub.stated(),
            at: scrub.at,
            columns: scrub.columns.clone(),
            peppers: peppers
                .enumerate()
                .filter(|(place, (_, known))| current(*place, known.is_some()))
                .map(|(_, pepper)| pepper)
                .collect(),
            domains: Vec::new(),
            decided: HashMap::new(),
            before: None,
            taken: Vec::new(),
            readings: Readings::default(),
            found: Found::default(),
            scratch: Vec::new(),
        }
    }

    /// Takes in one more row, to be judged together with others.
    pub(super) fn take(&mut self, row: &Row<'_, '_>) {
        if let Err(remark) = self.columns.read(row, &mut self.readings) {
            self.taken.push(Taken {
                address: None,
                stated: self.stated,
                remark: Some(remark),
            });
            return;
        }
        let address = Some(self.readings.count() - 1);
        let (stated, remark) = self.columns.stated(row, self.stated);
        self.taken.push(Taken {
            address,
            stated,
            remark,
        });
    }

    /// Judges the rows that were taken in, in their order.
    pub(super) fn judge(&mut self, judged: &mut Vec<Judged>) {
        judged.clear();
        self.look_up();
        for at in 0..self.taken.len() {
            let Taken {
                address,
                stated,
                remark,
            } = self.taken[at];
            let outcome = match address {
                None => INVALID,
                Some(place) => {
                    let case = Case {
                        own: self.found.own[place].unwrap_or(0),
                        base: self.base(place),
                        stated,
                        domain: self.domain(place),
                    };
                    self.decide(case, place)
                }
            };
            judged.push(Judged {
                outcome,
                address: address.map(|place| (place, self.found.beginnings[place])),
                remark,
            });
        }
    }

    /// Forgets the rows that were taken in.
    pub(super) fn clear(&mut self) {
        self.taken.clear();
        self.readings.clear();
    }

    /// The outcome of that number.
    pub(super) fn outcome(&mut self, number: Number) -> &Outcome {
        if self.known.len() <= usize::from(number) {
            self.known = self.outcomes.all();
        }
        &self.known[usize::from(number)]
    }

    /// The address in that place of those that were judged.
    pub(super) fn address(&self, place: usize) -> Reading<'_> {
        self.readings.get(place)
    }

    fn decide(&mut self, case: Case, place: usize) -> Number {
        match self.before {
            Some((before, outcome)) if before == case => return outcome,
            _ => {}
        }
        let outcome = match self.decided.get(&case) {
            Some(outcome) => *outcome,
            None => {
                let outcome = self.outcomes.number(self.ask(case, place));
                self.decided.insert(case, outcome);
                outcome
            }
        };
        self.before = Some((case, outcome));
        outcome
    }

    /// The gate's answer for that case, of which the address in that place is one.
    fn ask(&self, case: Case, place: usize) -> Decision {
        let domain = String::from_utf8_lossy(self.readings.get(place).domain());
        let contact = Contact {
            own: self.kinds.standing(case.own),
            base: case.base.map(|base| self.kinds.standing(base)),
            domain: &domain,
        };
        let question = Question {
            stated: case.stated,
            ..self.question.clone()
        };
        let rules = self.image.rules().map(|stored| &stored.rules);
        gate::answer(rules, Some(contact), &question, self.at)
    }

    /// Finds out what holds for the addresses that were read.
    fn look_up(&mut self) {
        let Found {
            beginnings,
            own,
            there,
            keys,
        } = &mut self.found;
        own.clear();
        own.resize(self.readings.count(), None);
        for (turn, (pepper, place)) in self.peppers.iter().enumerate() {
            self.readings.keys(pepper, keys);
            if turn == 0 {
                beginnings.clear();
                beginnings.extend(keys.iter().map(beginning));
            }
            let Some(place) = place else { continue };
            if turn == 0 {
                self.image.find_all(*place, keys, own);
                continue;
            }
            there.clear();
            there.resize(own.len(), None);
            self.image.find_all(*place, keys, there);
            for (own, there) in own.iter_mut().zip(&*there) {
                *own = self.kinds.both(*own, *there);
            }
        }
    }

    fn base(&mut self, place: usize) -> Option<Kind> {
        let reading = self.readings.get(place);
        let mut base = None;
        for (pepper, place) in &self.peppers {
            let key = reading.base_key(pepper, &mut self.scratch)?;
            let there = place.and_then(|place| self.image.find(place, &key));
            base = self.kinds.both(base, there);
        }
        base
    }

    fn domain(&mut self, place: usize) -> Domain {
        let reading = self.readings.get(place);
        let Some(number) = reading.domain_number() else {
            return Domain::of(reading.domain(), &self.image);
        };
        if self.domains.len() <= number {
            self.domains.resize(number + 1, None);
        }
        *self.domains[number].get_or_insert_with(|| Domain::of(reading.domain(), &self.image))
    }
}

impl Domain {
    fn of(name: &[u8], image: &Image) -> Self {
        let name = String::from_utf8_lossy(name);
        let rules = image.rules().map(|stored| &stored.rules);
        Self {
            is_consumer: rules.is_some_and(|rules| rules.consumer_domains.contains(&*name)),
            objects: rules.is_some_and(|rules| rules.domain_objects(&name)),
        }
    }
}

fn beginning(key: &AddressKey) -> u64 {
    u64::from_be_bytes(*key.as_bytes().first_chunk().expect("a key has 32 bytes"))
}
