//! Builds, serves and tests Sayso, and checks the house rules: `cargo xtask help`.

mod bench;
mod serve;
mod test;
mod tidy;
mod tools;
mod web;

use std::process::ExitCode;

use clap::builder::PossibleValuesParser;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Builds, serves and tests Sayso, and checks the house rules")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Builds the WASM bundle and its glue into target/web, and checks their size
    Web,
    /// Builds the WASM bundle, then the release binary that carries it
    Build,
    /// Builds, serves the demo, and opens it in the browser
    Serve {
        /// Where to listen
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: String,
        /// The data directory; an empty one becomes a working demo
        #[arg(long, default_value = "sayso-data")]
        data: String,
    },
    /// Runs every check and test there is, step by step
    Test {
        /// This step alone
        #[arg(long, value_parser = PossibleValuesParser::new(test::names()), conflicts_with = "from")]
        only: Option<String>,
        /// This step and those after it
        #[arg(long, value_parser = PossibleValuesParser::new(test::names()))]
        from: Option<String>,
    },
    /// Checks the rules of the house that no compiler knows
    Tidy,
    /// Checks licences, bans and sources of the dependencies
    Deny,
    /// Kills the server under load, many times; the test run does it twenty times
    Crash {
        /// How many times
        #[arg(long, default_value_t = 200)]
        rounds: u32,
    },
    /// Measures every figure beside its baseline, in one run
    Bench {
        /// Longer runs, a million addresses, a second network
        #[arg(long)]
        full: bool,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> anyhow::Result<()> {
    match task {
        Task::Web => web::bundle(),
        Task::Build => test::build(),
        Task::Serve { listen, data } => {
            test::build()?;
            serve::demo(&listen, &data)
        }
        Task::Test { only, from } => test::run(only.as_deref(), from.as_deref()),
        Task::Tidy => tidy::check(),
        Task::Deny => test::deny(),
        Task::Crash { rounds } => test::crash(rounds),
        Task::Bench { full } => bench::run(full),
    }
}
