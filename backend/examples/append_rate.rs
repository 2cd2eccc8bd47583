//! How many objections per second the SQLite engine keeps, beside what SQLite itself does with the
//! same rows in batches of the same size: `cargo run --release -p backend --example append_rate
//! [ACTS] [WRITERS]`.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use backend::store::sqlite::{Options, Sqlite};
use backend::store::{Keys, NewAct, NewReceipt, Read as _, ReceiptName, SealedEntry, Write as _};
use rusqlite::Connection;
use shared::address::AddressKey;
use shared::digest::Digest;
use shared::entry::{Act, Actor, Assurance, Entry, Evidence, FORMAT, Method, Salt, Surface};
use shared::purpose::PurposeKey;
use shared::scope::Scope;
use shared::standing::Standing;
use shared::time::Timestamp;
use uuid::Uuid;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let number = |place| {
        std::env::args()
            .nth(place)
            .and_then(|text| text.parse().ok())
    };
    let count = number(1).unwrap_or(60_000);
    let writers = number(2).unwrap_or(64);
    let acts: Vec<NewAct> = (0..count as u64).map(objection).collect::<Result<_, _>>()?;
    for _ in 0..2 {
        let ceiling = raw(tempfile::tempdir()?.path(), &acts, writers)?;
        let (rate, waits) = through_the_store(tempfile::tempdir()?.path(), &acts, writers).await?;
        let at = |part: f64| waits[(part * (waits.len() - 1) as f64) as usize].as_secs_f64() * 1e3;
        println!(
            "raw {ceiling:.0}/s, store {rate:.0}/s, ratio {:.2}; p50 {:.1} ms, p99 {:.1} ms, \
             longest {:.1} ms",
            rate / ceiling,
            at(0.5),
            at(0.99),
            at(1.0)
        );
    }
    Ok(())
}

async fn through_the_store(
    directory: &Path,
    acts: &[NewAct],
    writers: usize,
) -> Result<(f64, Vec<Duration>), Failure> {
    let store = Arc::new(Sqlite::open(
        &directory.join("sayso.db"),
        Options::service(),
    )?);
    let shares: Vec<Vec<NewAct>> = (0..writers)
        .map(|writer| acts.iter().skip(writer).step_by(writers).cloned().collect())
        .collect();
    let start = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for share in shares {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            let mut waits = Vec::with_capacity(share.len());
            for act in share {
                let asked = Instant::now();
                store.append(act).await?;
                waits.push(asked.elapsed());
            }
            Ok::<_, Failure>(waits)
        });
    }
    let mut waits = Vec::with_capacity(acts.len());
    while let Some(done) = tasks.join_next().await {
        waits.extend(done??);
    }
    let rate = acts.len() as f64 / start.elapsed().as_secs_f64();
    waits.sort_unstable();
    let found = store.look_up(&[acts[0].keys.clone()]).await?;
    assert_eq!(found.as_of, acts.len() as u64, "every act is kept");
    Ok((rate, waits))
}

fn raw(directory: &Path, acts: &[NewAct], batch: usize) -> Result<f64, Failure> {
    let connection = Connection::open(directory.join("raw.db"))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
         PRAGMA foreign_keys = ON;",
    )?;
    connection.execute_batch(include_str!("../migrations/sqlite/0001_init.sql"))?;
    let rows: Vec<(&NewAct, Vec<u8>)> = acts
        .iter()
        .map(|act| {
            Ok((
                act,
                serde_json::to_vec(&Standing::of([&act.entries[0].entry]))?,
            ))
        })
        .collect::<Result<_, Failure>>()?;
    let mut ledger = connection.prepare("INSERT INTO ledger VALUES (?1, ?2)")?;
    let mut subject = connection.prepare("INSERT INTO subject VALUES (?1, ?2, ?3)")?;
    let mut key = connection.prepare("INSERT INTO subject_key VALUES (?1, ?2, ?3)")?;
    let mut payload = connection.prepare("INSERT INTO payload VALUES (?1, ?2, ?3, ?4)")?;
    let mut receipt =
        connection.prepare("INSERT INTO receipt VALUES (?1, ?2, ?3, 1, ?4, ?5, 0)")?;
    let start = Instant::now();
    let mut seq = 0_i64;
    for part in rows.chunks(batch) {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        for (act, standing) in part {
            seq += 1;
            let sealed = &act.entries[0];
            subject.execute((seq, act.subject.as_bytes(), standing))?;
            key.execute((act.keys.0[0].0, act.keys.0[0].1.as_bytes(), seq))?;
            ledger.execute((seq, sealed.commitment.as_bytes()))?;
            payload.execute((seq, seq, sealed.salt.0, &sealed.canonical))?;
            if let Some(kept) = &act.receipt {
                let until = kept.undo_until.as_millis();
                receipt.execute((kept.name.0, seq, seq, kept.undo, until))?;
            }
        }
        connection.execute_batch("COMMIT")?;
    }
    Ok(acts.len() as f64 / start.elapsed().as_secs_f64())
}

fn objection(number: u64) -> Result<NewAct, Failure> {
    let random = *Digest::of(&number.to_be_bytes()).as_bytes();
    let again = *Digest::of(&random).as_bytes();
    let subject = Uuid::from_slice(&random[..16])?;
    let mut name = [0; 22];
    name[..6].copy_from_slice(&number.to_be_bytes()[2..]);
    name[6..].copy_from_slice(&again[16..]);
    let moment = Timestamp::from_millis(1_795_000_000_000).plus_millis(number.cast_signed());
    let digest = Some(Digest::from_bytes(random));
    let entry = Entry {
        format: FORMAT,
        id: Uuid::from_slice(&again[..16])?,
        subject,
        recorded_at: moment,
        act: Act::Objected,
        scope: Scope {
            purpose: Some(PurposeKey::parse("info_about_us")?),
            ..Scope::ALL
        },
        until: None,
        evidence: Evidence {
            actor: Actor::DataSubject,
            assurance: Assurance::Unverified,
            surface: Surface::Widget,
            method: Method::Script,
            notice: digest,
            control_text: digest,
            build: "0.1.0".to_owned(),
            language: "en".to_owned(),
            host_origin: Some("https://www.example.com".to_owned()),
            gpc: false,
            view_token: digest,
            reference: None,
        },
        refers_to: Vec::new(),
        facts: None,
        stays: Vec::new(),
    };
    Ok(NewAct {
        keys: Keys(vec![(1, AddressKey::from_bytes(again))]),
        subject,
        entries: vec![SealedEntry::new(entry, Salt(random))],
        receipt: Some(NewReceipt {
            name: ReceiptName(name),
            undo: [7; 16],
            undo_until: moment.plus_millis(600_000),
        }),
    })
}
