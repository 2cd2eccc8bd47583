//! `sayso retention [--dry-run]`.

use std::collections::BTreeMap;
use std::fmt;

use clap::Args;
use serde::Serialize;

use super::{Ending, Place, world};
use crate::recording::Recorder;
use crate::retention::{Class, RULES, Rule, Run};

/// Deletes what is kept longer than the rules say. The service does so daily by itself.
#[derive(Debug, Args)]
pub(super) struct Retention {
    /// Only count, and print the rules.
    #[arg(long)]
    dry_run: bool,
    /// Delete although the last run was more than 400 days ago by this machine's clock: you have looked
    /// at it.
    #[arg(long, conflicts_with = "dry_run")]
    clock_is_right: bool,
}

#[derive(Debug, Serialize)]
struct Answer {
    dry_run: bool,
    rules: Vec<Counted>,
}

#[derive(Debug, Serialize)]
struct Counted {
    #[serde(flatten)]
    rule: Rule,
    count: u64,
}

pub(super) async fn run(place: &Place, retention: Retention) -> anyhow::Result<Ending> {
    let recorder = Recorder::new(place.open()?, world());
    let run = match (retention.dry_run, retention.clock_is_right) {
        (true, _) => Run::Count,
        (false, true) => Run::DeleteByThisClock,
        (false, false) => Run::Delete,
    };
    let counts = recorder.keep_to_rules(run).await?;
    place.answer(&Answer {
        dry_run: retention.dry_run,
        rules: counted(&counts),
    })?;
    Ok(Ending::Yes)
}

fn counted(counts: &BTreeMap<Class, u64>) -> Vec<Counted> {
    let count = |rule: Rule| Counted {
        count: counts.get(&rule.name).copied().unwrap_or_default(),
        rule,
    };
    RULES.map(count).into()
}

impl fmt::Display for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self.dry_run {
            true => "Nothing was deleted. What the rules say, and what is over now:",
            false => "What the rules say, and what was over:",
        })?;
        for Counted { rule, count } in &self.rules {
            let period = rule.period.unwrap_or("at once");
            write!(
                out,
                "\n{count:>8}  {}\n          {period} after {}; {}",
                rule.what, rule.after, rule.why
            )?;
        }
        Ok(())
    }
}
