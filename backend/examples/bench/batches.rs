//! Decisions in batches of a thousand, and how little it matters how many addresses are known.

use std::path::Path;
use std::time::Duration;

use anyhow::ensure;

use crate::Effort;
use crate::decisions::contact;
use crate::figure::{Figure, per_second};
use crate::load::{Template, load};
use crate::server::Demo;

/// Contacts in one request: as many as it may hold.
const BATCH: u64 = 1_000;

struct Measured {
    addresses: u64,
    /// Rows per second of processor time.
    per_core: f64,
    batch: Waits,
    single: Waits,
    ready: Duration,
    memory: u64,
}

/// What a caller waits, in milliseconds, when nobody else asks.
struct Waits {
    p50: f64,
    p99: f64,
}

/// Measures on stores of those sizes, and prints the figures. The first size is the baseline.
pub(crate) fn measure(sayso: &Path, data: &Path, effort: Effort) -> anyhow::Result<()> {
    let mut baseline: Option<Measured> = None;
    for &addresses in effort.sizes {
        let measured = at(sayso, data, effort, addresses)?;
        print(&measured, baseline.as_ref());
        baseline.get_or_insert(measured);
    }
    Ok(())
}

fn at(sayso: &Path, data: &Path, effort: Effort, addresses: u64) -> anyhow::Result<Measured> {
    let demo = Demo::filled(sayso, data, addresses)?;
    let server = &demo.server;
    let settled = server.settle()?;
    let bearer = format!("authorization: Bearer {}\r\n", demo.key()?);
    let ask = |rows: u64, seconds| {
        let check = r#"{"address":"contact-##########@example.com"}"#;
        let checks = vec![check; rows as usize].join(",");
        let json = format!(r#"{{"purpose":"info_about_us","checks":[{checks}]}}"#);
        let template = Template::post("/v1/decisions", &bearer, &json)?;
        let before = server.processor()?;
        let time = Duration::from_secs(seconds);
        let outcome = load(server.address, 1, &template, contact, addresses, time)?;
        ensure!(outcome.refused == 0, "{} refused", outcome.refused);
        let rows = (outcome.answered * rows) as f64;
        let per_core = rows * 1e6 / (server.processor()? - before);
        let waits = Waits {
            p50: outcome.wait(0.5),
            p99: outcome.wait(0.99),
        };
        anyhow::Ok((per_core, waits))
    };
    ask(BATCH, 1)?;
    let (per_core, batch) = ask(BATCH, effort.seconds)?;
    let (_, single) = ask(1, effort.seconds)?;
    eprintln!(
        "batches, {addresses} addresses: all in memory {settled:.1?} after ready, {} per core, {:.2} ms \
         a batch, {:.3} ms for one",
        per_second(per_core),
        batch.p50,
        single.p50
    );
    Ok(Measured {
        addresses,
        per_core,
        batch,
        single,
        ready: server.ready_after,
        memory: server.memory()?,
    })
}

fn print(measured: &Measured, baseline: Option<&Measured>) {
    let addresses = measured.addresses;
    Figure {
        name: &format!("decisions in batches of {BATCH}, {addresses} addresses, rows per core"),
        ours: per_second(measured.per_core),
        baseline: baseline.map_or_else(String::new, |least| per_second(least.per_core)),
        ratio: baseline.map(|least| measured.per_core / least.per_core),
        target: "",
        met: None,
    }
    .print();
    let kinds = [
        (
            "a batch",
            &measured.batch,
            baseline.map(|least| &least.batch),
        ),
        ("one", &measured.single, baseline.map(|least| &least.single)),
    ];
    for (kind, waits, least) in kinds {
        let both = |waits: &Waits| format!("{:.2} / {:.2} ms", waits.p50, waits.p99);
        let ratio = least.map(|least| waits.p50 / least.p50);
        Figure {
            name: &format!("wait for {kind}, {addresses} addresses, p50 / p99"),
            ours: both(waits),
            baseline: least.map_or_else(String::new, both),
            ratio,
            target: if ratio.is_some() { "at most 1.3×" } else { "" },
            met: ratio.map(|ratio| ratio <= 1.3),
        }
        .print();
    }
    Figure {
        name: &format!("from start to ready, {addresses} addresses"),
        ours: format!("{:.0} ms", measured.ready.as_secs_f64() * 1e3),
        baseline: format!("{:.0} MB of memory", measured.memory as f64 / 1e6),
        ratio: None,
        target: "under 2 s",
        met: Some(measured.ready < Duration::from_secs(2)),
    }
    .print();
}
