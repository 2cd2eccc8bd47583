//! `cargo xtask test`: everything that must hold, step by step, cheapest first.

mod step;
mod tally;

use std::process::Command;

use anyhow::bail;

use crate::{tidy, tools, web};
use step::Step;
use tally::Tally;

const WASM: [&str; 2] = ["--target", tools::WASM];

/// In order. Packages are linted and tested one by one: `ssr` and `hydrate` never meet in one build,
/// and a package that needs its neighbour's features to compile is found out.
const STEPS: [Step; 9] = [
    Step {
        name: "format",
        says: "the code is formatted",
        work: |_| tools::run(&mut tools::cargo(["fmt", "--all", "--check"])),
    },
    Step {
        name: "tidy",
        says: "the rules of the house hold",
        work: |_| tidy::check(),
    },
    Step {
        name: "deny",
        says: "licences, bans and sources of the dependencies",
        work: |_| deny(),
    },
    Step {
        name: "clippy",
        says: "no warning in any package",
        work: |_| clippy(),
    },
    Step {
        name: "doc",
        says: "the documentation builds without a warning",
        work: |_| doc(),
    },
    Step {
        name: "build",
        says: "the widget, and the binary that carries it",
        work: |_| build(),
    },
    Step {
        name: "unit",
        says: "unit, property and HTTP tests",
        work: unit,
    },
    Step {
        name: "browser",
        says: "Chromium, its driver, axe-core, a tracer, Postfix, OpenDKIM and Python are there",
        work: |_| {
            tools::browser()?;
            tools::axe()?;
            tools::tracer()?;
            tools::mail()
        },
    },
    Step {
        name: "e2e",
        says: "the real binary in a real browser, killed and searched",
        work: e2e,
    },
];

/// The names of the steps, in order.
pub(crate) fn names() -> Vec<&'static str> {
    STEPS.iter().map(|step| step.name).collect()
}

/// Runs all steps, one alone, or those from one on; ends with a table and a count.
pub(crate) fn run(only: Option<&str>, from: Option<&str>) -> anyhow::Result<()> {
    let first = from.or(only).map_or(0, |name| {
        STEPS
            .iter()
            .position(|step| step.name == name)
            .unwrap_or_default()
    });
    let last = if only.is_some() {
        first + 1
    } else {
        STEPS.len()
    };
    tools::components()?;
    tools::wasm_target()?;
    step::run(&STEPS[first..last])
}

/// Kills the server that many times under load; the short form is part of `e2e`.
pub(crate) fn crash(rounds: u32) -> anyhow::Result<()> {
    build()?;
    tools::run(
        tools::cargo([
            "test",
            "--locked",
            "-p",
            "e2e",
            "--test",
            "crash",
            "--",
            "--nocapture",
        ])
        .env("SAYSO_CRASH_ROUNDS", rounds.to_string()),
    )
}

/// Builds the widget and the binary.
pub(crate) fn build() -> anyhow::Result<()> {
    web::bundle()?;
    web::binary()
}

/// Licences, bans and sources, by `deny.toml`. Advisories need the network and change by the day:
/// they are a command in the operations page, not a part of this run.
pub(crate) fn deny() -> anyhow::Result<()> {
    let mut deny = Command::new(tools::deny()?);
    tools::run(deny.current_dir(tools::root()).args([
        "--log-level",
        "error",
        "check",
        "--hide-inclusion-graph",
        "licenses",
        "bans",
        "sources",
    ]))
}

/// Lints every package, also after one has failed: one run shows all that is to be mended.
fn clippy() -> anyhow::Result<()> {
    let hydrate = [&["--features", "hydrate"][..], &WASM].concat();
    let packages: [(&str, &[&str]); 8] = [
        ("shared", &["--all-targets"]),
        ("frontend", &["--features", "ssr", "--all-targets"]),
        ("backend", &["--all-targets"]),
        ("e2e", &["--all-targets"]),
        ("xtask", &["--all-targets"]),
        ("shared", &WASM),
        ("frontend", &hydrate),
        ("widget", &WASM),
    ];
    let lint = |(package, more): (&str, &[&str])| {
        let mut clippy = tools::cargo(["clippy", "--quiet", "--locked", "-p", package]);
        tools::run(clippy.args(more).args(["--", "-D", "warnings"])).err()
    };
    let failed: Vec<_> = packages.into_iter().filter_map(lint).collect();
    failed.into_iter().next().map_or(Ok(()), Err)
}

fn doc() -> anyhow::Result<()> {
    tools::run(
        tools::cargo([
            "doc",
            "--quiet",
            "--locked",
            "--no-deps",
            "-p",
            "shared",
            "-p",
            "backend",
        ])
        .env("RUSTDOCFLAGS", "-D warnings"),
    )
}

fn unit(tally: &mut Tally) -> anyhow::Result<()> {
    tests(tally, "shared", &[])?;
    tests(tally, "frontend", &["--features", "ssr"])?;
    tests(tally, "backend", &[])?;
    tests(tally, "xtask", &[])
}

fn e2e(tally: &mut Tally) -> anyhow::Result<()> {
    let binary = tools::root().join("target/release/sayso");
    if !binary.exists() {
        bail!("target/release/sayso is missing: cargo xtask build");
    }
    tools::run(&mut tools::cargo([
        "test", "--quiet", "--locked", "--no-run", "-p", "e2e",
    ]))?;
    // An objection waits until the disk has it, and would wait for all that was just built as well.
    tools::run(&mut Command::new("sync"))?;
    tally.count(
        tools::cargo(["test", "--locked", "--no-fail-fast", "-p", "e2e"]).env("SAYSO_BIN", binary),
    )
}

fn tests(tally: &mut Tally, package: &str, more: &[&str]) -> anyhow::Result<()> {
    tally.count(tools::cargo(["test", "--locked", "--no-fail-fast", "-p", package]).args(more))
}
