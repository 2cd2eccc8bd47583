//! `sayso`: the service and its command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    backend::cli::run()
}
