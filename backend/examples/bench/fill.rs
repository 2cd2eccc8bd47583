//! Fills a store with objections that nobody waits for: the rows that the writer would have written,
//! made by the same domain, but in one go and without a journal.

use std::fs::File;
use std::path::Path;
use std::sync::mpsc::sync_channel;

use anyhow::Context as _;
use backend::clock::{System, World};
use backend::config::Config;
use backend::secrets::Secrets;
use backend::store::{Keys, SealedEntry};
use rusqlite::Connection;
use shared::address::Address;
use shared::entry::{Act, Entry, FORMAT};
use shared::standing::Standing;

use crate::objected;

/// Contacts that are made together.
const PART: u64 = 4_096;

struct Contact {
    keys: Keys,
    sealed: SealedEntry,
    standing: Vec<u8>,
}

/// Lets the contacts `0..count` object in a store that no server has open.
pub(crate) fn fill(data: &Path, count: u64) -> anyhow::Result<()> {
    let secrets = Config::load(data, None)?.secrets.check()?;
    let makers = std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    let (made, parts) = sync_channel(8);
    std::thread::scope(|scope| {
        for maker in 0..makers {
            let (made, secrets) = (made.clone(), &secrets);
            scope.spawn(move || {
                for first in (maker * PART..count).step_by((makers * PART) as usize) {
                    let numbers = first..count.min(first + PART);
                    let part: anyhow::Result<Vec<_>> =
                        numbers.map(|number| contact(secrets, number)).collect();
                    if made.send(part).is_err() {
                        return;
                    }
                }
            });
        }
        drop(made);
        keep(&data.join(backend::cli::DATABASE), parts)
    })
}

fn keep(
    database: &Path,
    parts: impl IntoIterator<Item = anyhow::Result<Vec<Contact>>>,
) -> anyhow::Result<()> {
    let connection = Connection::open(database)?;
    connection.execute_batch(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
         PRAGMA foreign_keys = OFF; PRAGMA cache_size = -2000000; BEGIN;",
    )?;
    let mut ledger = connection.prepare("INSERT INTO ledger VALUES (?1, ?2)")?;
    let mut subject =
        connection.prepare("INSERT INTO subject (no, subject, standing) VALUES (?1, ?2, ?3)")?;
    let mut key = connection.prepare("INSERT INTO subject_key VALUES (?1, ?2, ?3)")?;
    let mut payload = connection.prepare("INSERT INTO payload VALUES (?1, ?2, ?3, ?4)")?;
    let mut seq: i64 = connection.query_row("SELECT count(*) FROM ledger", (), |row| row.get(0))?;
    for part in parts {
        for Contact {
            keys,
            sealed,
            standing,
        } in part?
        {
            seq += 1;
            let (generation, address_key) = keys.0.first().context("no pepper")?;
            subject.execute((seq, sealed.entry.subject.as_bytes(), standing))?;
            key.execute((generation, address_key.as_bytes(), seq))?;
            ledger.execute((seq, sealed.commitment.as_bytes()))?;
            payload.execute((seq, seq, sealed.salt.0, sealed.canonical))?;
        }
    }
    connection.execute_batch("COMMIT")?;
    // Else the first one to wait for the disk would wait for all of this.
    Ok(File::open(database)?.sync_all()?)
}

fn contact(secrets: &Secrets, number: u64) -> anyhow::Result<Contact> {
    let world: &dyn World = &System;
    let now = world.now();
    let address = Address::parse(&format!("contact-{number:010}@example.com"))?;
    let entry = Entry {
        format: FORMAT,
        id: world.entry_id(now),
        subject: world.subject(),
        recorded_at: now,
        act: Act::Objected,
        scope: objected::scope()?,
        until: None,
        evidence: objected::evidence(),
        refers_to: Vec::new(),
        facts: None,
        stays: Vec::new(),
    };
    Ok(Contact {
        keys: secrets.keys(&address),
        standing: serde_json::to_vec(&Standing::of([&entry]))?,
        sealed: SealedEntry::new(entry, world.salt()),
    })
}
