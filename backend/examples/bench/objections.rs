//! Objections per second, durable, beside SQLite itself.

use std::path::Path;
use std::time::Duration;

use anyhow::ensure;

use crate::Effort;
use crate::figure::{Figure, median, per_second};
use crate::load::{CONNECTIONS, Template, load};
use crate::raw::{Acts, one_by_one};
use crate::server::Demo;

struct Round {
    rate: f64,
    p50: f64,
    p99: f64,
    processor: f64,
    batch: f64,
    ceiling: f64,
    single: f64,
}

/// Measures, and prints the figures.
pub(crate) fn measure(sayso: &Path, data: &Path, effort: Effort) -> anyhow::Result<()> {
    let mut rounds = Vec::new();
    for number in 1..=effort.rounds {
        let round = round(sayso, data, effort)?;
        eprintln!(
            "objections, round {number}: {} (p50 {:.1} ms, p99 {:.1} ms, {:.0} in a commit), raw {}, \
             one by one {}",
            per_second(round.rate),
            round.p50,
            round.p99,
            round.batch,
            per_second(round.ceiling),
            per_second(round.single)
        );
        rounds.push(round);
    }
    let middle = |value: fn(&Round) -> f64| median(rounds.iter().map(value));
    let rate = middle(|round| round.rate);
    let to_single = middle(|round| round.rate / round.single);
    Figure {
        name: "durable objections, 64 connections : one INSERT per fsync",
        ours: per_second(rate),
        baseline: per_second(middle(|round| round.single)),
        ratio: Some(to_single),
        target: "",
        met: None,
    }
    .print();
    let to_ceiling = middle(|round| round.rate / round.ceiling);
    let batch = middle(|round| round.batch);
    Figure {
        name: &format!("durable objections : raw SQLite, same rows, {batch:.0} in a commit"),
        ours: per_second(rate),
        baseline: per_second(middle(|round| round.ceiling)),
        ratio: Some(to_ceiling),
        target: "at least 0.6×",
        met: Some(to_ceiling >= 0.6),
    }
    .print();
    let p99 = middle(|round| round.p99);
    Figure {
        name: "wait for an objection, p99",
        ours: format!("{p99:.1} ms"),
        baseline: format!("p50 {:.1} ms", middle(|round| round.p50)),
        ratio: None,
        target: "at most 25 ms",
        met: Some(p99 <= 25.0),
    }
    .print();
    Figure {
        name: "processor time of an objection",
        ours: format!("{:.0} µs", middle(|round| round.processor)),
        baseline: String::new(),
        ratio: None,
        target: "",
        met: None,
    }
    .print();
    Ok(())
}

fn round(sayso: &Path, data: &Path, effort: Effort) -> anyhow::Result<Round> {
    let template = template()?;
    let demo = Demo::start(sayso, data)?;
    let time = Duration::from_secs(effort.seconds);
    let before = demo.commits()?;
    let idle = demo.server.processor()?;
    let outcome = load(
        demo.server.address,
        CONNECTIONS,
        &template,
        |place, _| place,
        0,
        time,
    )?;
    let commits = demo.commits()?.wrapping_sub(before);
    let processor = demo.server.processor()? - idle;
    ensure!(outcome.refused == 0, "{} refused", outcome.refused);
    let kept = demo.verified()?;
    ensure!(
        kept == outcome.answered,
        "{} objections were acknowledged and {kept} are kept",
        outcome.answered
    );
    let acts = Acts::of(&demo.database())?;
    drop(demo);
    let batch = outcome.answered as f64 / f64::from(commits.max(1));
    Ok(Round {
        rate: outcome.rate,
        p50: outcome.wait(0.5),
        p99: outcome.wait(0.99),
        processor: processor / outcome.answered as f64,
        batch,
        ceiling: acts.ceiling(data, (batch.round() as usize).max(1))?,
        single: one_by_one(data, time)?,
    })
}

/// An objection of one contact after the other.
pub(crate) fn template() -> anyhow::Result<Template> {
    Template::post(
        "/v1/objections",
        "x-sayso-client: 1\r\n",
        r#"{"address":"contact-##########@example.com","notice":"corporate-clients","purpose":"info_about_us"}"#,
    )
}
