//! What the properties start from. Numbers stand for addresses, subjects and entries.

use backend::store::{Keys, NewAct, NewReceipt, ReceiptName, SealedEntry};
use shared::address::AddressKey;
use shared::digest::Digest;
use shared::entry::{Act, Actor, Assurance, Entry, Evidence, FORMAT, Method, Salt, Surface};
use shared::scope::Scope;
use shared::time::Timestamp;
use uuid::Uuid;

/// The moment of every test.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

/// The keys of the address of that number, under generation 1 alone.
pub(crate) fn keys(address: u64) -> Keys {
    Keys(vec![key(1, address)])
}

/// The key of an address under one generation of the pepper.
pub(crate) fn key(generation: u32, address: u64) -> (u32, AddressKey) {
    let bytes = Digest::of(format!("{generation} {address}").as_bytes());
    (generation, AddressKey::from_bytes(*bytes.as_bytes()))
}

/// The subject of that number: random-looking, as in life.
pub(crate) fn subject(number: u64) -> Uuid {
    let digest = Digest::of(&number.to_be_bytes());
    Uuid::from_slice(&digest.as_bytes()[..16]).unwrap()
}

/// An unverified act of that subject about everything.
pub(crate) fn entry(subject: Uuid, id: u64, act: Act) -> Entry {
    Entry {
        format: FORMAT,
        id: Uuid::from_u128(u128::from(id)),
        subject,
        recorded_at: NOW,
        act,
        scope: Scope::ALL,
        until: None,
        evidence: Evidence {
            actor: Actor::DataSubject,
            assurance: Assurance::Unverified,
            surface: Surface::Widget,
            method: Method::Form,
            notice: None,
            control_text: None,
            build: "test".to_owned(),
            language: "en".to_owned(),
            host_origin: None,
            gpc: false,
            view_token: None,
            reference: None,
        },
        refers_to: Vec::new(),
        facts: None,
        stays: Vec::new(),
    }
}

/// The entry as the ledger takes it.
pub(crate) fn sealed(entry: Entry) -> SealedEntry {
    let salt = Digest::of(entry.id.as_bytes());
    SealedEntry::new(entry, Salt(*salt.as_bytes()))
}

/// An objection by the address of that number, which is the subject of that number.
pub(crate) fn objection(number: u64, id: u64) -> NewAct {
    act(
        keys(number),
        vec![entry(subject(number), id, Act::Objected)],
    )
}

/// An act without a receipt.
pub(crate) fn act(keys: Keys, entries: Vec<Entry>) -> NewAct {
    NewAct {
        keys,
        subject: entries[0].subject,
        entries: entries.into_iter().map(sealed).collect(),
        receipt: None,
        letter: None,
    }
}

/// The receipt of that number.
pub(crate) fn receipt(number: u8) -> NewReceipt {
    NewReceipt {
        name: ReceiptName([number; 22]),
        undo: [number; 16],
        undo_until: NOW.plus_millis(600_000),
    }
}

/// What takes back the entry of that id.
pub(crate) fn retraction(subject: Uuid, id: u64, of: u64) -> SealedEntry {
    let mut retracted = entry(subject, id, Act::Retracted);
    retracted.refers_to = vec![Uuid::from_u128(u128::from(of))];
    sealed(retracted)
}
