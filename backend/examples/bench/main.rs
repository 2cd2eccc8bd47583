//! Measures the release binary beside its ceilings on the same machine, in the same run. Started by
//! `cargo xtask bench`; by itself: `cargo run --release -p backend --example bench -- [--full]`.
//!
//! Progress goes to standard error; standard output is one line per figure, in columns parted by
//! tabs: figure, ours, baseline, ratio, target, whether it is met.

mod batches;
mod decisions;
mod figure;
mod fill;
mod load;
mod no_work;
mod objected;
mod objections;
mod policy;
mod raw;
mod scrub;
mod seed;
mod server;
mod sinks;

use std::path::PathBuf;

use clap::Parser;

/// Measures the release binary beside its ceilings.
#[derive(Parser)]
struct Arguments {
    /// Longer runs, and stores of up to ten million addresses.
    #[arg(long)]
    full: bool,
    /// One part alone.
    #[arg(long, value_parser = ["objections", "sinks", "decisions", "policy", "batches", "scrub"])]
    only: Option<String>,
    /// The binary to measure.
    #[arg(long, env = "SAYSO_BIN", default_value = "target/release/sayso")]
    sayso: PathBuf,
    /// Where the data goes: a directory on the disk that is to be measured.
    #[arg(long, default_value = "target/bench")]
    data: PathBuf,
    /// Serve the handler without work, and nothing else.
    #[arg(long, hide = true)]
    no_work: bool,
    /// The same for mail servers.
    #[arg(long, hide = true)]
    no_work_policy: bool,
}

/// How long and how often.
#[derive(Clone, Copy)]
struct Effort {
    seconds: u64,
    rounds: usize,
    /// Addresses in the stores that single decisions are asked of.
    addresses: &'static [u64],
    /// Rows of a list, and objections against it.
    list: (u64, u64),
    /// Addresses in the stores that batches are asked of.
    sizes: &'static [u64],
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if arguments.no_work {
        return no_work::serve();
    }
    if arguments.no_work_policy {
        return no_work::serve_policy();
    }
    let effort = if arguments.full {
        Effort {
            seconds: 10,
            rounds: 5,
            addresses: &[1_000, 1_000_000],
            list: (10_000_000, 1_000_000),
            sizes: &[10_000, 1_000_000, 10_000_000],
        }
    } else {
        Effort {
            seconds: 4,
            rounds: 3,
            addresses: &[1_000],
            list: (1_000_000, 100_000),
            sizes: &[10_000, 300_000],
        }
    };
    std::fs::create_dir_all(&arguments.data)?;
    let asked = |part: &str| arguments.only.as_deref().is_none_or(|only| only == part);
    if asked("objections") {
        objections::measure(&arguments.sayso, &arguments.data, effort)?;
    }
    if asked("sinks") {
        sinks::measure(&arguments.sayso, &arguments.data, effort)?;
    }
    if asked("decisions") {
        for &addresses in effort.addresses {
            decisions::measure(&arguments.sayso, &arguments.data, effort, addresses)?;
        }
    }
    if asked("policy") {
        policy::measure(&arguments.sayso, &arguments.data, effort)?;
    }
    if asked("batches") {
        batches::measure(&arguments.sayso, &arguments.data, effort)?;
    }
    if asked("scrub") {
        scrub::measure(&arguments.sayso, &arguments.data, effort)?;
    }
    Ok(())
}
