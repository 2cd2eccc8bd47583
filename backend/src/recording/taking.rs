//! Taking over what other systems know: many addresses in one unit.

use std::collections::HashMap;

use shared::address::{Address, AddressKey};
use shared::entry::{Act, Entry, Evidence, FORMAT};
use shared::standing::Standing;
use shared::statement::{Deed, Said, Statement, Weighed};
use shared::time::Timestamp;
use uuid::Uuid;

use super::{Recorder, TRIES};
use crate::metrics::Acts;
use crate::store::{Keys, NewAct, SealedEntry, StoreError};

/// What one row states of one address.
#[derive(Debug, Clone)]
pub struct Stated {
    /// The address, where what is stated changes what may be mailed: sinks are told of it.
    pub address: Option<Address>,
    /// Its keys.
    pub keys: Keys,
    /// What is stated.
    pub statement: Statement,
    /// The same in words.
    pub said: Said,
    /// Who, how, where; with the reference that the entry keeps.
    pub evidence: Evidence,
}

/// What became of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// How it was weighed.
    pub outcome: Outcome,
    /// Whether an act of the person stands against mailings, before and after.
    pub is_suppressed: bool,
}

/// How a statement was weighed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// An act was appended.
    Recorded(Act),
    /// It was known.
    Known,
    /// What is recorded is stricter, and stays.
    Stricter,
    /// An act of the person stands against it.
    Suppressed,
    /// It denies a fact that is recorded, which no import can take back.
    Denied,
    /// Its contact has as many CRM references as are kept.
    Full,
}

/// One address while its statements are weighed.
struct Contact {
    keys: Keys,
    subject: Uuid,
    standing: Standing,
    history: Vec<Entry>,
    new: Vec<SealedEntry>,
}

impl Recorder {
    /// Records what is new in these statements, all in one unit, and says of each what became of it.
    /// With `dry` nothing is recorded. At most 1,000 at a time: others write meanwhile.
    pub async fn take_over(&self, stated: &[Stated], dry: bool) -> Result<Vec<Taken>, StoreError> {
        for _ in 0..TRIES {
            let now = self.world.now();
            let (mut contacts, places) = self.contacts(stated).await?;
            let taken = stated
                .iter()
                .zip(places)
                .map(|(one, place)| self.weigh(one, &mut contacts[place], now))
                .collect();
            let (new, seen): (Vec<_>, Vec<_>) = contacts
                .into_iter()
                .partition(|contact| !contact.new.is_empty());
            // Under the current pepper too, so that the older one is needed no more.
            let seen: Vec<_> = seen
                .into_iter()
                .map(|contact| contact.keys)
                .filter(|keys| keys.0.len() > 1)
                .collect();
            let acts: Vec<_> = new
                .into_iter()
                .map(|contact| NewAct {
                    keys: contact.keys,
                    subject: contact.subject,
                    entries: contact.new,
                    receipt: None,
                    letter: None,
                })
                .collect();
            let counted = Acts::of(
                acts.iter()
                    .flat_map(|act| &act.entries)
                    .map(|sealed| sealed.entry.act),
            );
            if dry {
                return Ok(taken);
            }
            if !seen.is_empty() {
                self.store.key_anew(seen).await?;
            }
            if acts.is_empty() {
                return Ok(taken);
            }
            match self.store.append_all(acts).await {
                Ok(_) => {
                    self.count(&counted);
                    return Ok(taken);
                }
                Err(StoreError::Conflict) => {}
                Err(other) => return Err(other),
            }
        }
        Err(StoreError::Conflict)
    }

    /// Every address once, with what is known of it, and which one each statement is about.
    async fn contacts(&self, stated: &[Stated]) -> Result<(Vec<Contact>, Vec<usize>), StoreError> {
        let mut place_of: HashMap<Option<(u32, AddressKey)>, usize> = HashMap::new();
        let mut keys: Vec<Keys> = Vec::new();
        let mut places = Vec::with_capacity(stated.len());
        for one in stated {
            let place = *place_of
                .entry(one.keys.0.first().copied())
                .or_insert_with(|| {
                    keys.push(one.keys.clone());
                    keys.len() - 1
                });
            places.push(place);
        }
        let found = self.store.look_up(&keys).await?.known;
        let subjects: Vec<_> = found.iter().flatten().map(|known| known.subject).collect();
        let mut histories = self.store.histories(&subjects).await?.into_iter();
        let contacts = keys
            .into_iter()
            .zip(found)
            .map(|(keys, known)| match known {
                Some(known) => Contact {
                    keys,
                    subject: known.subject,
                    standing: (*known.standing).clone(),
                    history: (histories.next().into_iter().flatten())
                        .map(|(_, entry)| entry)
                        .collect(),
                    new: Vec::new(),
                },
                None => Contact {
                    keys,
                    subject: self.world.subject(),
                    standing: Standing::default(),
                    history: Vec::new(),
                    new: Vec::new(),
                },
            });
        Ok((contacts.collect(), places))
    }

    fn weigh(&self, stated: &Stated, contact: &mut Contact, now: Timestamp) -> Taken {
        let weighed =
            (stated.statement).weigh(&stated.said, &contact.standing, &contact.history, now);
        let outcome = match weighed {
            Weighed::New(deed) => {
                let act = deed.act;
                let entry = self.entry_of(deed, stated, contact.subject, now);
                contact.standing.apply(&entry);
                contact.history.push(entry.clone());
                let whose = stated.address.as_ref().map(|address| self.about(address));
                contact
                    .new
                    .push(whose.as_ref().unwrap_or(self).seal_entry(entry));
                Outcome::Recorded(act)
            }
            Weighed::Known => Outcome::Known,
            Weighed::Stricter => Outcome::Stricter,
            Weighed::Suppressed => Outcome::Suppressed,
            Weighed::Denied => Outcome::Denied,
            Weighed::Full => Outcome::Full,
        };
        Taken {
            outcome,
            is_suppressed: contact.standing.is_suppressed(now),
        }
    }

    fn entry_of(&self, deed: Deed, stated: &Stated, subject: Uuid, now: Timestamp) -> Entry {
        Entry {
            format: FORMAT,
            id: self.world.entry_id(now),
            subject,
            recorded_at: now,
            act: deed.act,
            scope: deed.scope,
            until: deed.until,
            evidence: stated.evidence.clone(),
            refers_to: Vec::new(),
            facts: deed.facts,
            stays: Vec::new(),
        }
    }
}
