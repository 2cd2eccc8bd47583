//! Recording: the only way an act gets into the ledger.
//!
//! Restrictions commute, so they are appended unconditionally, and nothing is looked up for them: the
//! store seals them again where the address belongs to somebody already. For other acts a conflict
//! means that the address was seen for the first time by two requests at once, and the act is sealed
//! again under the subject that won.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use shared::address::Address;
use shared::digest::Digest;
use shared::entry::{Act, Entry, Evidence, FORMAT};
use shared::scope::Scope;
use shared::time::Timestamp;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use crate::clock::World;
use crate::metrics::{Acts, Metrics};
use crate::sinks::{Names, Sinks};
use crate::store::outbox::NewLetter;
use crate::store::{
    KeptReceipt, Keys, NewAct, NewReceipt, ReceiptName, SealedEntry, StoreError, Write,
};

mod cases;
mod erasure;
mod own;
mod report;
mod retention;
mod taking;
mod undoing;

pub use own::{Choice, ChoiceDeed, Lifted, about, consent_ends};
pub use report::Reported;
pub use taking::{Outcome, Stated, Taken};
use undoing::UNDO_MS;
pub use undoing::may_be_undone;

/// Two requests can meet once per subject; more tries mean that something else is wrong.
const TRIES: usize = 4;

/// Appends acts.
#[derive(Clone)]
pub struct Recorder {
    store: Arc<dyn Write>,
    world: Arc<dyn World>,
    sinks: Option<Sinks>,
    names: Option<Names>,
    metrics: Option<Arc<Metrics>>,
}

/// An objection or a pause to record.
#[derive(Debug, Clone)]
pub struct Objection {
    /// Whose address.
    pub keys: Keys,
    /// By which rule set it was judged, where that has to be the one in force.
    pub judged_by: Option<Digest>,
    /// To what.
    pub scope: Scope,
    /// Until when; `None` objects for good.
    pub until: Option<Timestamp>,
    /// Who, how, where. With a view token in it, the notice counts as provided.
    pub evidence: Evidence,
}

/// What the person gets back. Every field is random and of fixed length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// What the page shows and the person can quote.
    pub reference: String,
    /// Opens the receipt.
    pub capability: String,
    /// Takes the act back.
    pub undo_token: String,
    /// Until when it can be taken back.
    pub undo_until: Timestamp,
    /// When the server received the act.
    pub recorded_at: Timestamp,
}

/// Why nothing was undone.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    /// Forged, damaged or of an act that was erased.
    #[error("this undo link is not known")]
    Unknown,
    /// The ten minutes are over.
    #[error("the ten minutes for undoing are over")]
    TooLate,
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Recorder {
    /// A recorder into that store.
    #[must_use]
    pub fn new(store: Arc<dyn Write>, world: Arc<dyn World>) -> Self {
        Self {
            store,
            world,
            sinks: None,
            names: None,
            metrics: None,
        }
    }

    /// The same, which also has those sinks told of what it records.
    #[must_use]
    pub fn telling(self, sinks: Sinks) -> Self {
        Self {
            sinks: Some(sinks),
            ..self
        }
    }

    /// The same, which also counts there what it records.
    #[must_use]
    pub fn counting(self, metrics: Arc<Metrics>) -> Self {
        Self {
            metrics: Some(metrics),
            ..self
        }
    }

    /// Counts acts that were recorded.
    fn count(&self, acts: &Acts) {
        if let Some(metrics) = &self.metrics {
            metrics.recorded(acts);
        }
    }

    /// The same, for acts about that address: so that sinks can be told whose choice changed. Whoever
    /// knows the address records through this.
    #[must_use]
    pub fn about(&self, address: &Address) -> Self {
        let names = self.sinks.as_ref().map(|sinks| sinks.names(address));
        Self {
            names,
            ..self.clone()
        }
    }

    /// An entry, ready for the store, with what the sinks have to be told of it.
    fn seal_entry(&self, entry: Entry) -> SealedEntry {
        let events = self
            .sinks
            .as_ref()
            .map(|sinks| sinks.events(&entry, self.names.as_ref()));
        SealedEntry::new(entry, self.world.salt()).telling(events.unwrap_or_default())
    }

    /// The same recorder, for acts about whom those entries were about.
    async fn recalling(&self, entries: &[Entry]) -> Result<Self, StoreError> {
        let Some(sinks) = self.sinks.as_ref().filter(|sinks| !sinks.is_empty()) else {
            return Ok(self.clone());
        };
        let ids: Vec<_> = entries.iter().map(|entry| entry.id).collect();
        let told = self.store.events_of(&ids).await?;
        Ok(Self {
            names: Some(sinks.recall(&told)),
            ..self.clone()
        })
    }

    /// Records an objection or a pause; on return it is durable and the gate withholds. `Conflict`
    /// when it was judged by another rule set than the one in force.
    pub async fn object(&self, objection: &Objection) -> Result<Recorded, StoreError> {
        self.object_telling(objection, &[], |_| None).await
    }

    /// The same for further scopes, all in one act that is undone together, with the letter that
    /// tells of it (EML-13).
    pub async fn object_telling(
        &self,
        objection: &Objection,
        further: &[Scope],
        tell: impl FnOnce(&Recorded) -> Option<NewLetter> + Send,
    ) -> Result<Recorded, StoreError> {
        let now = self.world.now();
        let (receipt, recorded) = self.receipt(now);
        let subject = self.world.subject();
        let act = NewAct {
            keys: objection.keys.clone(),
            subject,
            entries: self.seal(objection, further, subject, now),
            receipt: Some(receipt),
            letter: tell(&recorded),
        };
        let acts = acts(&act.entries);
        self.store.restrict(act, objection.judged_by).await?;
        self.count(&acts);
        Ok(recorded)
    }

    /// Takes back exactly the act that the token was given for, within ten minutes: a restriction is
    /// retracted, a consent withdrawn, what was lifted is stopped again. Undoing twice is undoing
    /// once.
    pub async fn undo(&self, token: &str) -> Result<(), UndoError> {
        let now = self.world.now();
        let (name, secret) = open_undo(token).ok_or(UndoError::Unknown)?;
        let kept = self.store.receipt(name).await?.ok_or(UndoError::Unknown)?;
        if !bool::from(half(&secret).ct_eq(&kept.undo)) {
            return Err(UndoError::Unknown);
        }
        if kept.undone {
            return Ok(());
        }
        if now >= kept.undo_until {
            return Err(UndoError::TooLate);
        }
        let known = self.recalling(&kept.entries).await?;
        let mut entries = known.retractions(&kept, now);
        entries.extend(known.opposites(&kept, now).await?);
        if entries.is_empty() {
            return Err(UndoError::Unknown);
        }
        let acts = acts(&entries);
        if self.store.undo(name, kept.subject, entries).await? {
            self.count(&acts);
        }
        Ok(())
    }

    /// Keeps the exact words of a control, the evidence that entries name by digest.
    pub async fn keep_text(&self, text: String) -> Result<Digest, StoreError> {
        self.store.keep_text(text.into_bytes()).await
    }

    fn seal(
        &self,
        objection: &Objection,
        further: &[Scope],
        subject: Uuid,
        now: Timestamp,
    ) -> Vec<SealedEntry> {
        let act = if objection.until.is_some() {
            Act::Paused
        } else {
            Act::Objected
        };
        let main = Entry {
            format: FORMAT,
            id: self.world.entry_id(now),
            subject,
            recorded_at: now,
            act,
            scope: objection.scope.clone(),
            until: objection.until,
            evidence: objection.evidence.clone(),
            refers_to: Vec::new(),
            facts: None,
            stays: Vec::new(),
        };
        let informed = objection.evidence.view_token.is_some().then(|| Entry {
            id: self.world.entry_id(now),
            act: Act::NoticeProvided,
            scope: Scope::ALL,
            until: None,
            refers_to: vec![main.id],
            ..main.clone()
        });
        let further: Vec<_> = further
            .iter()
            .map(|scope| Entry {
                id: self.world.entry_id(now),
                scope: scope.clone(),
                ..main.clone()
            })
            .collect();
        // An iterator would make room for four: most acts are one entry.
        let mut sealed = Vec::with_capacity(1 + further.len() + usize::from(informed.is_some()));
        sealed.push(self.seal_entry(main));
        sealed.extend(further.into_iter().map(|entry| self.seal_entry(entry)));
        sealed.extend(informed.map(|entry| self.seal_entry(entry)));
        sealed
    }

    fn retractions(&self, kept: &KeptReceipt, now: Timestamp) -> Vec<SealedEntry> {
        kept.entries
            .iter()
            .filter(|entry| matches!(entry.act, Act::Objected | Act::Paused))
            .map(|entry| Entry {
                id: self.world.entry_id(now),
                recorded_at: now,
                act: Act::Retracted,
                refers_to: vec![entry.id],
                evidence: Evidence {
                    view_token: None,
                    ..entry.evidence.clone()
                },
                ..entry.clone()
            })
            .map(|entry| self.seal_entry(entry))
            .collect()
    }

    fn receipt(&self, now: Timestamp) -> (NewReceipt, Recorded) {
        let time = now.as_millis().to_be_bytes();
        let random: [u8; 16] = self.world.bytes();
        let undo: [u8; 16] = self.world.bytes();
        let mut name = [0; 22];
        name[..6].copy_from_slice(&time[2..]);
        name[6..].copy_from_slice(&half(&random));
        let undo_until = now.plus_millis(UNDO_MS);
        let kept = NewReceipt {
            name: ReceiptName(name),
            undo: half(&undo),
            undo_until,
        };
        let recorded = Recorded {
            reference: reference(&ReceiptName(name)),
            capability: BASE64_URL_SAFE_NO_PAD.encode([&time[2..], &random].concat()),
            undo_token: BASE64_URL_SAFE_NO_PAD.encode([&name[..], &undo].concat()),
            undo_until,
            recorded_at: now,
        };
        (kept, recorded)
    }
}

/// What those entries are.
fn acts(entries: &[SealedEntry]) -> Acts {
    Acts::of(entries.iter().map(|sealed| sealed.entry.act))
}

/// The name of the receipt that a capability opens; `None` when it cannot be one.
#[must_use]
pub fn open_capability(capability: &str) -> Option<ReceiptName> {
    let bytes: [u8; 22] = BASE64_URL_SAFE_NO_PAD
        .decode(capability)
        .ok()?
        .try_into()
        .ok()?;
    let mut name = bytes;
    name[6..].copy_from_slice(&half(&bytes[6..]));
    Some(ReceiptName(name))
}

/// What a person can quote on the phone: eight characters without look-alikes.
#[must_use]
pub fn reference(name: &ReceiptName) -> String {
    let mut random = [0; 5];
    random.copy_from_slice(&name.0[6..11]);
    spell(&random)
}

/// Letters and digits without look-alikes (Crockford's).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Forty bits as two groups of four characters: `7K3M-Q9XD`.
#[must_use]
pub(crate) fn spell(random: &[u8; 5]) -> String {
    let bits = random
        .iter()
        .fold(0_u64, |bits, &byte| bits << 8 | u64::from(byte));
    let mut text = String::with_capacity(9);
    for place in (0..8).rev() {
        let letter = usize::try_from(bits >> (5 * place) & 31).unwrap_or(0);
        text.push(char::from(LETTERS[letter]));
        if place == 4 {
            text.push('-');
        }
    }
    text
}

/// A reference as somebody typed it, without its dash; `None` when it cannot be one.
#[must_use]
pub(crate) fn read_reference(typed: &str) -> Option<String> {
    let read = |letter: char| match letter.to_ascii_uppercase() {
        'O' => Some('0'),
        'I' | 'L' => Some('1'),
        letter if LETTERS.contains(&u8::try_from(letter).ok()?) => Some(letter),
        _ => None,
    };
    let plain = typed.chars().filter(|letter| !matches!(letter, '-' | ' '));
    let read: String = plain.map(read).collect::<Option<_>>()?;
    (read.len() == 8).then_some(read)
}

fn open_undo(token: &str) -> Option<(ReceiptName, [u8; 16])> {
    let bytes: [u8; 38] = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
    let (name, secret) = bytes.split_at(22);
    Some((ReceiptName(name.try_into().ok()?), secret.try_into().ok()?))
}

/// The first half of a SHA-256: what is kept of a 128-bit secret.
fn half(secret: &[u8]) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&Sha256::digest(secret)[..16]);
    half
}
