//! What it costs objections that a sink is told of each, and how fast it is told.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::Effort;
use crate::figure::{Figure, median, per_second};
use crate::load::{CONNECTIONS, Outcome, load};
use crate::objections::template;
use crate::server::{Demo, Server};

/// Of any sink; what it signs is thrown away.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

struct Round {
    alone: Outcome,
    told: Outcome,
    telling: f64,
}

/// Measures, and prints the figures.
pub(crate) fn measure(sayso: &Path, data: &Path, effort: Effort) -> anyhow::Result<()> {
    let receiver = Server::start(Command::new(std::env::current_exe()?).arg("--no-work"))?;
    let sink = format!(
        "[{{name=\"bench\",url=\"http://{}/hook\",secret=\"{SECRET}\",allow_private=true}}]",
        receiver.address
    );
    let mut rounds = Vec::new();
    for number in 1..=effort.rounds {
        let (_, alone, _) = objections(sayso, data, effort, &[])?;
        let with_sink = [("SAYSO_SINK", sink.as_str())];
        let (demo, told, began) = objections(sayso, data, effort, &with_sink)?;
        let count = told_count(&demo)?;
        let telling = count / began.elapsed().as_secs_f64();
        ensure!(count > 0.0, "the sink was told nothing");
        eprintln!(
            "objections, round {number}: {} alone, {} with a sink, which was told {}",
            per_second(alone.rate),
            per_second(told.rate),
            per_second(telling)
        );
        rounds.push(Round {
            alone,
            told,
            telling,
        });
    }
    let middle = |value: fn(&Round) -> f64| median(rounds.iter().map(value));
    Figure {
        name: "durable objections with a sink : without",
        ours: per_second(middle(|round| round.told.rate)),
        baseline: per_second(middle(|round| round.alone.rate)),
        ratio: Some(middle(|round| round.told.rate / round.alone.rate)),
        target: "",
        met: None,
    }
    .print();
    Figure {
        name: "wait for an objection with a sink, p99",
        ours: format!("{:.1} ms", middle(|round| round.told.wait(0.99))),
        baseline: format!("{:.1} ms", middle(|round| round.alone.wait(0.99))),
        ratio: None,
        target: "",
        met: None,
    }
    .print();
    Figure {
        name: "events told to a sink during that load",
        ours: per_second(middle(|round| round.telling)),
        baseline: String::new(),
        ratio: None,
        target: "",
        met: None,
    }
    .print();
    Ok(())
}

fn objections(
    sayso: &Path,
    data: &Path,
    effort: Effort,
    environment: &[(&str, &str)],
) -> anyhow::Result<(Demo, Outcome, Instant)> {
    let template = template()?;
    let demo = Demo::start_with(sayso, data, environment)?;
    let time = Duration::from_secs(effort.seconds);
    let began = Instant::now();
    let outcome = load(
        demo.server.address,
        CONNECTIONS,
        &template,
        |place, _| place,
        0,
        time,
    )?;
    ensure!(outcome.refused == 0, "{} refused", outcome.refused);
    Ok((demo, outcome, began))
}

/// How many events the sink has taken by now.
fn told_count(demo: &Demo) -> anyhow::Result<f64> {
    let answer: Value = demo.run(&["sink", "list"])?;
    let told = answer["sinks"][0]["told"].as_f64();
    told.with_context(|| format!("no sink in {answer}"))
}
