//! What holds for everybody, by address key: a hundred bytes for each, found in a fraction of a
//! microsecond.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::mem::size_of;
use std::sync::Arc;

use shared::address::AddressKey;
use uuid::Uuid;

use super::super::rows;
use super::forms::{Forms, UNIT};
use crate::store::{Keys, Known, StoreError};

/// Bytes of an address key that are compared. Of ten million addresses one is taken for another by
/// chance in one of 10^21 look-ups.
const PREFIX: usize = 12;
/// Stands for nobody: a number that no subject has, or whose keys are forgotten.
const NOBODY: u32 = u32::MAX - 1;

/// Everybody, by address key.
#[derive(Default)]
pub(super) struct People {
    forms: Forms,
    /// By the number of the subject.
    people: Vec<Person>,
    /// What fills their forms.
    fillings: Vec<u8>,
    /// Bytes of these that nobody needs any more.
    waste: usize,
    /// The number of the subject, by generation and key.
    keys: Vec<(u32, Numbers)>,
}

#[derive(Clone, Copy)]
struct Person {
    subject: Uuid,
    form: u32,
    /// Where their filling begins, in units.
    at: u32,
}

type Numbers = HashMap<Prefix, u32, BuildHasherDefault<AsItIs>>;

/// The beginning of a key, which is spread evenly as it is.
#[derive(PartialEq, Eq)]
struct Prefix([u8; PREFIX]);

impl People {
    /// Keeps what holds for the subject of that number, as it is written.
    pub(super) fn put(&mut self, no: usize, subject: Uuid, written: &[u8]) {
        if self.people.len() <= no {
            let nobody = Person {
                subject: Uuid::nil(),
                form: NOBODY,
                at: 0,
            };
            self.people.resize(no + 1, nobody);
        }
        let before = self.people[no];
        let start = self.fillings.len();
        let form = self.forms.form(written, &mut self.fillings);
        let mut at = start;
        if before.form != NOBODY {
            let old = self.place(before);
            let length = self.forms.length(before.form, &self.fillings[old..start]);
            if length == self.fillings.len() - start {
                self.fillings.copy_within(start.., old);
                self.fillings.truncate(start);
                at = old;
            } else {
                self.waste += length;
            }
        }
        self.people[no] = Person {
            subject,
            form,
            at: u32::try_from(at / UNIT).expect("fillings are smaller than 32 GB"),
        };
        if self.waste > self.fillings.len() / 2 {
            self.tidy();
        }
    }

    /// That key leads to the subject of that number.
    pub(super) fn name(&mut self, (generation, key): (u32, AddressKey), no: usize) {
        let place = self.keys.iter().position(|(one, _)| *one == generation);
        let place = place.unwrap_or_else(|| {
            self.keys.push((generation, Numbers::default()));
            self.keys.len() - 1
        });
        let no = u32::try_from(no).expect("people are kept by smaller numbers");
        self.keys[place].1.insert(Prefix::of(&key), no);
    }

    /// No key leads to the subject of that number any more.
    pub(super) fn forget(&mut self, no: usize) {
        let Some(&person) = self.people.get(no).filter(|one| one.form != NOBODY) else {
            return;
        };
        let filling = &self.fillings[self.place(person)..];
        self.waste += self.forms.length(person.form, filling);
        self.people[no].form = NOBODY;
    }

    /// What holds for each address; `None` where nobody is known under any of its keys. Each step is taken
    /// for all of them before the next one: memory is far away, but many places can be asked for at once
    /// as long as none of them waits for another.
    pub(super) fn find_all(&self, addresses: &[Keys]) -> Result<Vec<Option<Known>>, StoreError> {
        let mut further = Vec::new();
        let numbers = addresses.iter().enumerate().map(|(place, keys)| {
            let mut numbers = self.numbers(keys);
            let first = numbers.next();
            let others = numbers.filter(|no| Some(*no) != first);
            further.extend(others.map(|no| (place, no)));
            first
        });
        let numbers: Vec<_> = numbers.collect();
        let people = numbers.iter().flatten().map(|no| self.people[*no as usize]);
        let near = people.fold(0, |near, person| {
            let at = self.place(person);
            near ^ self.fillings.get(at).copied().unwrap_or(0)
        });
        std::hint::black_box(near);
        let mut scratch = Vec::new();
        let mut known = |no: u32| -> Result<Known, StoreError> {
            let person = self.people[no as usize];
            let filling = &self.fillings[self.place(person)..];
            self.forms.write(person.form, filling, &mut scratch);
            Ok(Known {
                subject: person.subject,
                beside: Vec::new(),
                standing: Arc::new(rows::standing(i64::from(no), &scratch)?),
            })
        };
        let all = numbers.iter().map(|no| no.map(&mut known).transpose());
        let mut all = all.collect::<Result<Vec<_>, _>>()?;
        further.dedup();
        for (place, no) in further {
            all[place] = Known::of_all(all[place].take().into_iter().chain([known(no)?]));
        }
        Ok(all)
    }

    /// The numbers of the subjects that these keys lead to, in the order of the keys.
    fn numbers(&self, keys: &Keys) -> impl Iterator<Item = u32> {
        keys.0.iter().filter_map(|(generation, key)| {
            let (_, numbers) = self.keys.iter().find(|(one, _)| one == generation)?;
            let no = *numbers.get(&Prefix::of(key))?;
            (self.people[no as usize].form != NOBODY).then_some(no)
        })
    }

    /// Bytes of memory, about.
    pub(super) fn size(&self) -> usize {
        let slots = self.keys.iter().map(|(_, numbers)| numbers.capacity());
        slots.sum::<usize>() * (size_of::<(Prefix, u32)>() + 2)
            + self.people.capacity() * size_of::<Person>()
            + self.fillings.capacity()
            + self.forms.size()
    }

    fn place(&self, person: Person) -> usize {
        person.at as usize * UNIT
    }

    /// Puts the fillings together again, without those that nobody needs.
    fn tidy(&mut self) {
        let before = std::mem::take(&mut self.fillings);
        for person in self.people.iter_mut().filter(|one| one.form != NOBODY) {
            let filling = &before[person.at as usize * UNIT..];
            let length = self.forms.length(person.form, filling);
            person.at = u32::try_from(self.fillings.len() / UNIT).expect("smaller than before");
            self.fillings.extend(&filling[..length]);
        }
        self.waste = 0;
    }
}

impl Prefix {
    fn of(key: &AddressKey) -> Self {
        Self(*key.as_bytes().first_chunk().expect("a key has 32 bytes"))
    }
}

impl Hash for Prefix {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let first = self.0.first_chunk().expect("a prefix has 12 bytes");
        state.write_u64(u64::from_ne_bytes(*first));
    }
}

/// Keys are keyed hashes: nobody without the pepper can choose where they fall.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("a prefix gives its hash as a number");
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}
