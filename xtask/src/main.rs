//! Builds, serves and tests Sayso, and checks the house rules: `cargo xtask help`.

mod web;

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
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().task {
        Task::Web => web::bundle(),
        Task::Build => {
            web::bundle()?;
            web::binary()
        }
    }
}
