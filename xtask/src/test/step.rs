//! One step of the run: announced, timed, and named when it fails.

use std::time::{Duration, Instant};

use anyhow::bail;

use super::tally::Tally;

/// What is checked, under which name, and how.
pub(crate) struct Step {
    /// The name to run it by alone.
    pub(crate) name: &'static str,
    /// What holds when it passes.
    pub(crate) says: &'static str,
    /// The work itself; tests add to the tally.
    pub(crate) work: fn(&mut Tally) -> anyhow::Result<()>,
}

/// Runs the steps in order and stops at the first that fails. The last line counts the tests.
pub(crate) fn run(steps: &[Step]) -> anyhow::Result<()> {
    let mut tally = Tally::default();
    let mut rows = Vec::new();
    let start = Instant::now();
    let mut failed = None;
    for step in steps {
        println!("\n== {}: {}", step.name, step.says);
        let begin = Instant::now();
        let outcome = (step.work)(&mut tally);
        let took = begin.elapsed();
        rows.push(row(
            step.name,
            if outcome.is_ok() { "passed" } else { "FAILED" },
            Some(took),
        ));
        if let Err(error) = outcome {
            println!("\n== {} failed: {error:#}", step.name);
            println!("   again, alone:     cargo xtask test --only {}", step.name);
            println!("   and what follows: cargo xtask test --from {}", step.name);
            failed = Some(step.name);
            break;
        }
        println!("== {}: passed in {}", step.name, seconds(took));
    }
    rows.extend(
        steps
            .iter()
            .skip(rows.len())
            .map(|step| row(step.name, "not run", None)),
    );
    println!(
        "\n{}\n{}",
        rows.join("\n"),
        row("together", "", Some(start.elapsed()))
    );
    println!("{} passed, {} failed", tally.passed, tally.failed);
    match failed {
        Some(name) => bail!("the step {name} failed"),
        None => Ok(()),
    }
}

fn row(name: &str, outcome: &str, took: Option<Duration>) -> String {
    let took = took.map(seconds).unwrap_or_default();
    format!("   {name:10} {outcome:8} {took:>9}")
}

fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}
