//! Deciding rows: the gate's own rule, asked once for all contacts that are alike in what it looks at.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt as _};
use shared::address::{Pepper, Reading};
use shared::decision::{Contact, Question, Stated};
use shared::facts::{Country, Subscriber};
use shared::time::Timestamp;

use super::notes::Remark;
use super::outcome::{INVALID, Number, Outcome, Outcomes};
use super::{ListColumns, Scrub};
use crate::gate;
use crate::store::image::{Image, Kind};
use crate::table::Row;

/// Domains that are remembered; further ones are looked at each time.
const DOMAINS: usize = 65_536;

/// Decides one row after the other.
pub(super) struct Judge {
    image: Arc<Image>,
    outcomes: Arc<Outcomes>,
    /// All outcomes that this judge has given, by number.
    known: Vec<Outcome>,
    question: Question,
    stated: Stated,
    at: Timestamp,
    columns: ListColumns,
    /// The current pepper first, each with its place in the image if anybody is known under it.
    peppers: Vec<(Pepper, Option<usize>)>,
    domains: HashMap<Box<[u8]>, Domain>,
    decided: HashMap<Case, Number>,
    reading: Reading,
    scratch: Vec<u8>,
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
    /// The beginning of the address's key; `None` where there is no address.
    pub(super) key: Option<u64>,
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
            domains: HashMap::new(),
            decided: HashMap::new(),
            reading: Reading::default(),
            scratch: Vec::new(),
        }
    }

    pub(super) fn judge(&mut self, row: &Row<'_>) -> Judged {
        let is_plain = row
            .plain(&self.columns.address)
            .is_some_and(|cell| self.reading.read_plain(cell));
        if !is_plain && self.reading.read(&row.text(&self.columns.address)).is_err() {
            return Judged {
                outcome: INVALID,
                key: None,
                remark: Some(Remark::InvalidAddress),
            };
        }
        let (stated, remark) = self.columns.stated(row, self.stated);
        let (own, key) = self.own();
        let case = Case {
            own,
            base: self.base(),
            stated,
            domain: self.domain(),
        };
        let outcome = match self.decided.get(&case) {
            Some(outcome) => *outcome,
            None => self.decide(case),
        };
        Judged {
            outcome,
            key: Some(key),
            remark,
        }
    }

    /// The outcome of that number, and the address that was judged last.
    pub(super) fn outcome(&mut self, number: Number) -> (&Outcome, &Reading) {
        if self.known.len() <= usize::from(number) {
            self.known = self.outcomes.all();
        }
        (&self.known[usize::from(number)], &self.reading)
    }

    fn decide(&mut self, case: Case) -> Number {
        let domain = String::from_utf8_lossy(self.reading.domain());
        let contact = Contact {
            own: self.image.standing(case.own),
            base: case.base.map(|base| self.image.standing(base)),
            domain: &domain,
        };
        let question = Question {
            stated: case.stated,
            ..self.question.clone()
        };
        let rules = self.image.rules().map(|stored| &stored.rules);
        let decision = gate::answer(rules, Some(contact), &question, self.at);
        let outcome = self.outcomes.number(decision);
        self.decided.insert(case, outcome);
        outcome
    }

    fn own(&self) -> (Kind, u64) {
        let mut first = None;
        for (pepper, place) in &self.peppers {
            let key = self.reading.key(pepper);
            let beginning = key.as_bytes().first_chunk().copied().unwrap_or_default();
            let first = *first.get_or_insert(u64::from_be_bytes(beginning));
            if let Some(kind) = place.and_then(|place| self.image.find(place, &key)) {
                return (kind, first);
            }
        }
        (0, first.unwrap_or_default())
    }

    fn base(&mut self) -> Option<Kind> {
        for (pepper, place) in &self.peppers {
            let key = self.reading.base_key(pepper, &mut self.scratch)?;
            if let Some(kind) = place.and_then(|place| self.image.find(place, &key)) {
                return Some(kind);
            }
        }
        None
    }

    fn domain(&mut self) -> Domain {
        let name = self.reading.domain();
        if let Some(domain) = self.domains.get(name) {
            return *domain;
        }
        let text = String::from_utf8_lossy(name);
        let domain = match self.image.rules() {
            Some(stored) => Domain {
                is_consumer: stored.rules.consumer_domains.contains(&*text),
                objects: stored.rules.domain_objects(&text),
            },
            None => Domain {
                is_consumer: false,
                objects: false,
            },
        };
        if self.domains.len() < DOMAINS {
            self.domains.insert(name.into(), domain);
        }
        domain
    }
}

impl ListColumns {
    /// What is stated of the contact in that row, where `whole` is stated of all. What is stated and
    /// cannot be read counts as the strictest: a country outside the United Kingdom, a private person.
    pub fn stated(&self, row: &Row<'_>, whole: Stated) -> (Stated, Option<Remark>) {
        let mut stated = whole;
        let mut remark = None;
        if let Some(column) = &self.country {
            let cell = row.text(column);
            if !cell.trim().is_empty() {
                stated.country = Some(Country::parse(cell.trim()).unwrap_or_else(|_| {
                    remark = Some(Remark::UnreadableCountry);
                    Country::UNKNOWN
                }));
            }
        }
        if let Some(column) = &self.subscriber {
            let cell = row.text(column).trim().to_lowercase();
            if !cell.is_empty() {
                stated.subscriber = Some(Subscriber::parse(&cell).unwrap_or_else(|| {
                    remark = Some(Remark::UnreadableSubscriber);
                    Subscriber::Individual
                }));
            }
        }
        (stated, remark)
    }
}
