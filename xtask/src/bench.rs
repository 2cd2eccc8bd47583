//! `cargo xtask bench`: every figure beside its baseline, measured in one run, as one table.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, bail};

use crate::{test, tools};

const COLUMNS: [&str; 6] = ["figure", "ours", "baseline", "ratio", "target", "met"];

/// Builds, measures and prints. Ratios tell more than rates: those are this machine's. A failure
/// means that a budget of bytes is exceeded, or that something could not be measured.
pub(crate) fn run(full: bool) -> anyhow::Result<()> {
    test::build()?;
    tools::browser()?;
    let python = tools::list_peers()?;
    let data = tools::root().join("target/bench");
    std::fs::create_dir_all(&data)?;
    println!("   load of this machine before: {}", load());
    let more: &[&str] = if full { &["--", "--full"] } else { &[] };
    let servers = measure(
        &[&["--release", "-p", "backend", "--example", "bench"], more].concat(),
        python.as_deref(),
    )?;
    let widget = measure(&[&["-p", "e2e", "--bin", "usable"], more].concat(), None)?;
    let alike = match full {
        true => Some(measure(&["-p", "e2e", "--bin", "alike"], None)?),
        false => None,
    };
    println!("   load of this machine after: {}\n", load());
    let parts: Vec<_> = [Some(servers), Some(widget), alike]
        .into_iter()
        .flatten()
        .collect();
    let rows: String = parts.iter().map(|part| part.output.as_str()).collect();
    print!("{}", table(&rows));
    if parts.iter().any(|part| !part.good) {
        bail!("a budget is exceeded, or a part could not be measured: see above");
    }
    Ok(())
}

struct Measured {
    output: String,
    good: bool,
}

/// `python` is one that has DuckDB and Polars.
fn measure(arguments: &[&str], python: Option<&Path>) -> anyhow::Result<Measured> {
    let root = tools::root();
    let mut command = tools::cargo(["run", "--quiet", "--locked"]);
    command
        .args(arguments)
        .env("SAYSO_BIN", root.join("target/release/sayso"))
        .envs(python.map(|python| ("SAYSO_BENCH_PYTHON", python)))
        .stderr(Stdio::inherit());
    tools::say(&command);
    let output = command.output().context("cargo did not start")?;
    Ok(Measured {
        output: String::from_utf8(output.stdout)?,
        good: output.status.success(),
    })
}

/// Columns as wide as what stands in them.
fn table(rows: &str) -> String {
    let head = COLUMNS.to_vec();
    let rows: Vec<Vec<&str>> = std::iter::once(head)
        .chain(rows.lines().map(|row| row.split('\t').collect()))
        .collect();
    let wide = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..COLUMNS.len()).map(wide).collect();
    let mut text = String::new();
    for row in &rows {
        for (cell, width) in row.iter().zip(&widths) {
            text.push_str(&format!("| {cell:width$} "));
        }
        text.push_str("|\n");
    }
    text
}

fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn columns_stand_below_each_other() {
        let text = table("bytes\t5 B\t6 B\t0.83×\tat most 1×\tyes\nwait\t1 ms\t\t\t\t\n");
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        let bars = |line: &str| {
            let places = line.chars().enumerate().filter(|(_, sign)| *sign == '|');
            places.map(|(place, _)| place).collect::<Vec<_>>()
        };
        assert_eq!(bars(lines[0]), bars(lines[2]), "{text}");
        assert_eq!(bars(lines[1]), bars(lines[2]), "{text}");
    }
}
