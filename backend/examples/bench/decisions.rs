//! Decisions per second over HTTP, one per request, beside a handler that decides nothing.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::ensure;

use crate::Effort;
use crate::figure::{Figure, median, per_second};
use crate::load::{CONNECTIONS, Outcome, Template, load};
use crate::server::{Demo, Server};

/// Every second contact asked about has objected.
pub(crate) fn contact(place: u64, known: u64) -> u64 {
    place.wrapping_mul(0x9e37_79b9_7f4a_7c15) % (2 * known)
}

struct Round {
    outcome: Outcome,
    processor: f64,
}

/// Measures on a store of that many addresses, and prints the figures.
pub(crate) fn measure(sayso: &Path, data: &Path, effort: Effort, known: u64) -> anyhow::Result<()> {
    let demo = Demo::filled(sayso, data, known)?;
    let memory_before = demo.server.memory()?;
    let no_work = Server::start(Command::new(std::env::current_exe()?).arg("--no-work"))?;
    let template = Template::post(
        "/v1/decisions",
        &format!("authorization: Bearer {}\r\n", demo.key()?),
        r#"{"purpose":"info_about_us","checks":[{"address":"contact-##########@example.com"}]}"#,
    )?;
    let ask = |server: &Server, seconds| -> anyhow::Result<Round> {
        let time = Duration::from_secs(seconds);
        let before = server.processor()?;
        let outcome = load(server.address, CONNECTIONS, &template, contact, known, time)?;
        ensure!(outcome.refused == 0, "{} refused", outcome.refused);
        Ok(Round {
            processor: (server.processor()? - before) / outcome.answered as f64,
            outcome,
        })
    };
    ask(&demo.server, 1)?;
    ask(&no_work, 1)?;
    let mut rounds = Vec::new();
    for number in 1..=effort.rounds {
        let round = (
            ask(&demo.server, effort.seconds)?,
            ask(&no_work, effort.seconds)?,
        );
        eprintln!(
            "decisions, round {number}: {} (p50 {:.1} ms, p99 {:.1} ms), without work {}",
            per_second(round.0.outcome.rate),
            round.0.outcome.wait(0.5),
            round.0.outcome.wait(0.99),
            per_second(round.1.outcome.rate)
        );
        rounds.push(round);
    }
    let middle = |value: fn(&(Round, Round)) -> f64| median(rounds.iter().map(value));
    let ratio = middle(|(ours, no_work)| ours.outcome.rate / no_work.outcome.rate);
    Figure {
        name: &format!("decisions, {known} addresses : the same JSON without work"),
        ours: per_second(middle(|(ours, _)| ours.outcome.rate)),
        baseline: per_second(middle(|(_, no_work)| no_work.outcome.rate)),
        ratio: Some(ratio),
        target: "at least 0.8×",
        met: Some(ratio >= 0.8),
    }
    .print();
    let p99 = middle(|(ours, _)| ours.outcome.wait(0.99));
    Figure {
        name: &format!("wait for a decision, {known} addresses, p99"),
        ours: format!("{p99:.1} ms"),
        baseline: format!(
            "{:.1} ms",
            middle(|(_, no_work)| no_work.outcome.wait(0.99))
        ),
        ratio: None,
        target: "at most 10 ms",
        met: Some(p99 <= 10.0),
    }
    .print();
    let processor = middle(|(ours, _)| ours.processor);
    let bare = middle(|(_, no_work)| no_work.processor);
    Figure {
        name: &format!("processor time of a decision, {known} addresses"),
        ours: format!("{processor:.0} µs"),
        baseline: format!("{bare:.0} µs"),
        ratio: Some(processor / bare),
        target: "",
        met: None,
    }
    .print();
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    let memory = megabytes(demo.server.memory()?);
    let small = known <= 1_000;
    Figure {
        name: &format!("memory after decisions, {known} addresses"),
        ours: format!("{memory:.0} MB"),
        baseline: format!("{:.0} MB at the start", megabytes(memory_before)),
        ratio: None,
        target: if small { "at most 40 MB" } else { "" },
        met: small.then_some(memory <= 40.0),
    }
    .print();
    Ok(())
}
