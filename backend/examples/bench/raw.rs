//! What SQLite itself does on this disk: the ceilings.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;

const SCHEMA: &str = include_str!("../../migrations/sqlite/0001_init.sql");

/// The rows of acts as a server stored them, to be written again.
pub(crate) struct Acts(Vec<Act>);

struct Act {
    subject: [u8; 16],
    standing: Vec<u8>,
    generation: u32,
    key: [u8; 32],
    commitment: [u8; 32],
    salt: [u8; 32],
    canonical: Vec<u8>,
    name: [u8; 22],
    undo: [u8; 16],
    undo_until: i64,
}

impl Acts {
    /// The acts of one entry each in that database.
    pub(crate) fn of(database: &Path) -> anyhow::Result<Self> {
        let connection = Connection::open(database)?;
        let mut statement = connection.prepare(
            "SELECT subject.subject, standing, generation, address_key, commitment, salt, canonical,
                    name, undo, undo_until
             FROM receipt
             JOIN ledger ON ledger.seq = first_seq
             JOIN payload ON payload.seq = first_seq
             JOIN subject ON subject.no = receipt.subject_no
             JOIN subject_key ON subject_key.subject_no = receipt.subject_no
             WHERE count = 1 ORDER BY first_seq",
        )?;
        let acts = statement.query_map((), |row| {
            Ok(Act {
                subject: row.get(0)?,
                standing: row.get(1)?,
                generation: row.get(2)?,
                key: row.get(3)?,
                commitment: row.get(4)?,
                salt: row.get(5)?,
                canonical: row.get(6)?,
                name: row.get(7)?,
                undo: row.get(8)?,
                undo_until: row.get(9)?,
            })
        })?;
        Ok(Self(acts.collect::<Result<_, _>>()?))
    }

    /// Acts per second when the same rows are written in batches of that size, by one thread that
    /// does nothing else, as durable.
    pub(crate) fn ceiling(&self, data: &Path, batch: usize) -> anyhow::Result<f64> {
        let folder = tempfile::tempdir_in(data)?;
        let connection = open(folder.path())?;
        let mut ledger = connection.prepare("INSERT INTO ledger VALUES (?1, ?2)")?;
        let mut subject = connection
            .prepare("INSERT INTO subject (no, subject, standing) VALUES (?1, ?2, ?3)")?;
        let mut key = connection.prepare("INSERT INTO subject_key VALUES (?1, ?2, ?3)")?;
        let mut payload = connection.prepare("INSERT INTO payload VALUES (?1, ?2, ?3, ?4)")?;
        let mut receipt =
            connection.prepare("INSERT INTO receipt VALUES (?1, ?2, ?3, 1, ?4, ?5, 0)")?;
        let mut begin = connection.prepare("BEGIN IMMEDIATE")?;
        let mut commit = connection.prepare("COMMIT")?;
        let start = Instant::now();
        let mut seq = 0_i64;
        for part in self.0.chunks(batch) {
            begin.execute(())?;
            for act in part {
                seq += 1;
                subject.execute((seq, act.subject, &act.standing))?;
                key.execute((act.generation, act.key, seq))?;
                ledger.execute((seq, act.commitment))?;
                payload.execute((seq, seq, act.salt, &act.canonical))?;
                receipt.execute((act.name, seq, seq, act.undo, act.undo_until))?;
            }
            commit.execute(())?;
        }
        Ok(self.0.len() as f64 / start.elapsed().as_secs_f64())
    }
}

/// Rows per second when each is inserted in a transaction of its own, which ends on disk.
pub(crate) fn one_by_one(data: &Path, time: Duration) -> anyhow::Result<f64> {
    let folder = tempfile::tempdir_in(data)?;
    let connection = open(folder.path())?;
    let mut insert = connection.prepare("INSERT INTO ledger VALUES (?1, ?2)")?;
    let start = Instant::now();
    let mut seq = 0_i64;
    while start.elapsed() < time {
        seq += 1;
        insert.execute((seq, [7_u8; 32]))?;
    }
    Ok(seq as f64 / start.elapsed().as_secs_f64())
}

fn open(folder: &Path) -> anyhow::Result<Connection> {
    let connection = Connection::open(folder.join("raw.db"))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
         PRAGMA foreign_keys = ON;",
    )?;
    connection.execute_batch(SCHEMA)?;
    Ok(connection)
}
