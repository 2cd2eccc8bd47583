//! What a verified person decides on their own pages, and consents that a mail confirms.

use shared::digest::Digest;
use shared::entry::{Act, Assurance, Entry, Evidence, FORMAT};
use shared::purpose::Channel;
use shared::scope::Scope;
use shared::time::{Timestamp, start_of};
use uuid::Uuid;

use super::{Recorded, Recorder, TRIES, acts};
use crate::store::links::{NewLink, Proof};
use crate::store::outbox::NewLetter;
use crate::store::{KeptReceipt, Keys, NewAct, SealedEntry, Seq, StoreError};

/// How long a consent is valid (LAW-10): two years, then it has expired by itself.
const CONSENT_MONTHS: u32 = 24;

/// What somebody decided.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Whose address.
    pub keys: Keys,
    /// Whose entries, if the address was found.
    pub subject: Option<Uuid>,
    /// What they do.
    pub deed: ChoiceDeed,
    /// About what.
    pub scope: Scope,
    /// Who, how, where.
    pub evidence: Evidence,
}

/// What a verified person can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChoiceDeed {
    /// Object, or with an end pause; to those further scopes as well, which are undone together.
    Object(Option<Timestamp>, Vec<Scope>),
    /// Give consent.
    Give,
    /// Refuse consent.
    Refuse,
    /// Withdraw consent.
    Withdraw,
    /// End what stops mailings.
    Lift(Lifted),
    /// End all of that, then give consent (EML-11).
    LiftAndGive(Vec<Lifted>),
}

/// One thing that stops mailings and is to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifted {
    /// About what.
    pub scope: Scope,
    /// Every entry behind it.
    pub entries: Vec<Uuid>,
    /// When it would end by itself: that of a pause, and of nothing else.
    pub until: Option<Timestamp>,
}

impl Recorder {
    /// Records what a verified person restricts, or a consent that they give, refuse or withdraw.
    /// On return it is durable and the gate decides by it (LAW-07).
    pub async fn choose(&self, choice: &Choice) -> Result<Recorded, StoreError> {
        let now = self.world.now();
        let (receipt, recorded) = self.receipt(now);
        let mut subject = choice.subject;
        for _ in 0..TRIES {
            let mut act = self.act(choice, subject, now);
            act.receipt = Some(receipt.clone());
            let acts = acts(&act.entries);
            match self.store.append(act).await {
                Ok(_) => {
                    self.count(&acts);
                    return Ok(recorded);
                }
                Err(StoreError::Conflict) => subject = self.subject_of(&choice.keys).await?,
                Err(other) => return Err(other),
            }
        }
        Err(StoreError::Conflict)
    }

    /// Records what loosens: `Conflict` when anything was recorded of the person after
    /// `decided_on`, which is what they saw (LAW-16, LAW-18).
    pub async fn lift(&self, choice: &Choice, decided_on: Seq) -> Result<Recorded, StoreError> {
        let now = self.world.now();
        let (receipt, recorded) = self.receipt(now);
        let mut act = self.act(choice, choice.subject, now);
        act.receipt = Some(receipt);
        let acts = acts(&act.entries);
        self.store.append_decided(act, decided_on).await?;
        self.count(&acts);
        Ok(recorded)
    }

    /// Records that a consent was asked for, with the mail that asks to confirm it (EML-08). It
    /// neither allows nor blocks anything.
    pub async fn request_consent(
        &self,
        choice: &Choice,
        link: NewLink,
        letter: NewLetter,
    ) -> Result<(), StoreError> {
        let now = self.world.now();
        let mut subject = choice.subject;
        for _ in 0..TRIES {
            let whose = subject.unwrap_or_else(|| self.world.subject());
            let mut entry = self.entry(choice, whose, Act::ConsentRequested, now);
            entry.evidence.assurance = Assurance::Unverified;
            let act = self.sealed(choice, whose, vec![entry]);
            let acts = acts(&act.entries);
            let kept = self
                .store
                .ask_consent(act, link.clone(), letter.clone())
                .await;
            match kept {
                Ok(()) => {
                    self.count(&acts);
                    return Ok(());
                }
                Err(StoreError::Conflict) => subject = self.subject_of(&choice.keys).await?,
                Err(other) => return Err(other),
            }
        }
        Err(StoreError::Conflict)
    }

    /// Records a consent that is confirmed by that link, and uses the link up; `None` when the link
    /// does not work any more. `Conflict` as for [`Self::lift`].
    pub async fn confirm_consent(
        &self,
        choice: &Choice,
        proof: Proof,
        decided_on: Seq,
    ) -> Result<Option<Recorded>, StoreError> {
        let now = self.world.now();
        let (receipt, recorded) = self.receipt(now);
        let mut act = self.act(choice, choice.subject, now);
        act.receipt = Some(receipt);
        let acts = acts(&act.entries);
        let used = self.store.confirm(proof, now, act, decided_on).await?;
        if used.is_some() {
            self.count(&acts);
        }
        Ok(used.map(|_| recorded))
    }

    /// What undoes that which no retraction can: it only ever restricts. A consent that was given is
    /// withdrawn, and every restriction that was lifted holds again.
    pub(super) async fn opposites(
        &self,
        kept: &KeptReceipt,
        now: Timestamp,
    ) -> Result<Vec<SealedEntry>, StoreError> {
        let lifts = kept
            .entries
            .iter()
            .any(|entry| entry.act == Act::ObjectionLifted);
        let history = match lifts {
            true => {
                let whose = [&[kept.subject], kept.beside.as_slice()].concat();
                self.store.histories(&whose).await?
            }
            false => Vec::new(),
        };
        let again = |lift: &Entry| -> Vec<Entry> {
            let entries = history.iter().flatten().map(|(_, entry)| entry);
            let ended = entries.filter(|entry| lift.refers_to.contains(&entry.id));
            stopping_again(lift, ended, now)
        };
        let opposite = |entry: &Entry| match entry.act {
            Act::ConsentGiven => vec![Entry {
                act: Act::ConsentWithdrawn,
                until: None,
                ..entry.clone()
            }],
            Act::ObjectionLifted => again(entry),
            _ => Vec::new(),
        };
        let undone = kept.entries.iter().flat_map(|entry| {
            opposite(entry).into_iter().map(|opposite| Entry {
                id: self.world.entry_id(now),
                recorded_at: now,
                refers_to: vec![entry.id],
                evidence: Evidence {
                    view_token: None,
                    ..entry.evidence.clone()
                },
                ..opposite
            })
        });
        Ok(undone.map(|entry| self.seal_entry(entry)).collect())
    }

    /// Whose entries an address has, if it has any.
    pub async fn subject_of(&self, keys: &Keys) -> Result<Option<Uuid>, StoreError> {
        let found = self.store.look_up(std::slice::from_ref(keys)).await?;
        let known = found.known.into_iter().next().flatten();
        Ok(known.map(|known| known.subject))
    }

    fn act(&self, choice: &Choice, subject: Option<Uuid>, now: Timestamp) -> NewAct {
        let subject = subject.unwrap_or_else(|| self.world.subject());
        let entry = |act| self.entry(choice, subject, act, now);
        let entries = match &choice.deed {
            ChoiceDeed::Object(until, further) => {
                let act = until.map_or(Act::Objected, |_| Act::Paused);
                let scopes = std::iter::once(&choice.scope).chain(further);
                let stop = |scope: &Scope| Entry {
                    scope: scope.clone(),
                    until: *until,
                    ..entry(act)
                };
                scopes.map(stop).collect()
            }
            ChoiceDeed::Give => vec![self.given(choice, subject, now)],
            ChoiceDeed::Refuse => vec![entry(Act::ConsentRefused)],
            ChoiceDeed::Withdraw => vec![entry(Act::ConsentWithdrawn)],
            ChoiceDeed::Lift(lifted) => vec![self.lifting(choice, lifted, subject, now)],
            ChoiceDeed::LiftAndGive(all) => {
                let lifts = all.iter();
                let lifts = lifts.map(|lifted| self.lifting(choice, lifted, subject, now));
                lifts.chain([self.given(choice, subject, now)]).collect()
            }
        };
        self.sealed(choice, subject, entries)
    }

    fn given(&self, choice: &Choice, subject: Uuid, now: Timestamp) -> Entry {
        Entry {
            until: Some(consent_ends(now)),
            ..self.entry(choice, subject, Act::ConsentGiven, now)
        }
    }

    fn lifting(&self, choice: &Choice, lifted: &Lifted, subject: Uuid, now: Timestamp) -> Entry {
        Entry {
            scope: lifted.scope.clone(),
            refers_to: lifted.entries.clone(),
            until: lifted.until,
            ..self.entry(choice, subject, Act::ObjectionLifted, now)
        }
    }

    fn entry(&self, choice: &Choice, subject: Uuid, act: Act, now: Timestamp) -> Entry {
        Entry {
            format: FORMAT,
            id: self.world.entry_id(now),
            subject,
            recorded_at: now,
            act,
            scope: choice.scope.clone(),
            until: None,
            evidence: choice.evidence.clone(),
            refers_to: Vec::new(),
            facts: None,
            stays: Vec::new(),
        }
    }

    fn sealed(&self, choice: &Choice, subject: Uuid, entries: Vec<Entry>) -> NewAct {
        NewAct {
            keys: choice.keys.clone(),
            subject,
            entries: entries
                .into_iter()
                .map(|entry| self.seal_entry(entry))
                .collect(),
            receipt: None,
            letter: None,
        }
    }
}

/// What stops again what that lift ended: each scope once for good, and once by the longest pause.
fn stopping_again<'a>(
    lift: &Entry,
    ended: impl Iterator<Item = &'a Entry>,
    now: Timestamp,
) -> Vec<Entry> {
    let mut all: Vec<Entry> = Vec::new();
    for entry in ended {
        let (scope, until) = match entry.act {
            Act::Paused => (entry.scope.clone(), entry.until),
            // One of the restrictions that stayed, which the lift itself tells, or all of it.
            Act::Erased => (lift.scope.clone(), lift.until),
            Act::SpamReported => (by_email(), None),
            _ => (entry.scope.clone(), None),
        };
        if until.is_some_and(|end| end <= now) {
            continue;
        }
        let same = |one: &&mut Entry| one.scope == scope && one.until.is_some() == until.is_some();
        match all.iter_mut().find(same) {
            Some(one) => one.until = one.until.max(until),
            None => all.push(Entry {
                act: until.map_or(Act::Objected, |_| Act::Paused),
                scope,
                until,
                ..lift.clone()
            }),
        }
    }
    all
}

/// What a spam report stops.
fn by_email() -> Scope {
    Scope {
        channel: Some(Channel::Email),
        ..Scope::ALL
    }
}

/// When a consent ends that was given at that moment (LAW-10).
#[must_use]
pub fn consent_ends(given: Timestamp) -> Timestamp {
    start_of(given.date_in_months(CONSENT_MONTHS))
}

/// What names a consent request: a newer one for the same scope replaces it.
#[must_use]
pub fn about(scope: &Scope) -> Digest {
    Digest::of(&serde_json::to_vec(scope).unwrap_or_default())
}
