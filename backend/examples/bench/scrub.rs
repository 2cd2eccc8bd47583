//! A long list against many objections, beside what else takes rows out of a list: on the same machine,
//! in the same run, the same files. Every method finds an address in any case.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};

use crate::Effort;
use crate::figure::{Figure, median};
use crate::seed;
use crate::server::Demo;

/// What an address is made of.
const FIRST: [&str; 8] = [
    "anna", "ben", "carla", "david", "elena", "farid", "grace", "hugo",
];
const LAST: [&str; 8] = [
    "schmidt", "garcia", "rossi", "novak", "jansen", "dubois", "silva", "weber",
];
const DOMAIN: [&str; 4] = [
    "example.com",
    "mail.example.org",
    "post.example.eu",
    "inbox.example.co.uk",
];

/// DuckDB and Polars as their manuals do it. Arguments: list, objections, output.
const DUCKDB: &str = "import duckdb, sys
duckdb.sql(f'''COPY (SELECT l.* FROM read_csv('{sys.argv[1]}', header=true, all_varchar=true) l
ANTI JOIN (SELECT lower(email) e FROM read_csv('{sys.argv[2]}', header=true, all_varchar=true)) s
ON lower(l.email) = s.e) TO '{sys.argv[3]}' (HEADER)''')";
const POLARS: &str = "import polars as pl, sys
l = pl.scan_csv(sys.argv[1], infer_schema=False)
s = pl.scan_csv(sys.argv[2], infer_schema=False).select(pl.col('email').str.to_lowercase().alias('k'))
l.with_columns(pl.col('email').str.to_lowercase().alias('k')).join(s, on='k', how='anti').drop('k').sink_csv(sys.argv[3])";
/// Waits until the disk has the file, as we do before it gets its name.
const ON_DISK: &str = "
import os
os.fsync(os.open(sys.argv[3], os.O_RDONLY))";
/// Without its columns and in another order: what `comm` can do.
const COMM: &str = "export LC_ALL=C; tail -n +2 $0 | cut -d, -f1 | tr A-Z a-z | sort -S 1G > $2.l;
tail -n +2 $1 | sort -S 1G > $2.s; comm -23 $2.l $2.s > $2; rm $2.l $2.s";

/// What one run took.
#[derive(Clone, Copy)]
struct Took {
    seconds: f64,
    megabytes: f64,
}

/// Measures, and prints a figure for time and memory beside each method that is there.
pub(crate) fn measure(sayso: &Path, data: &Path, effort: Effort) -> anyhow::Result<()> {
    let (rows, objections) = effort.list;
    let demo = Demo::start(sayso, data)?;
    let folder = tempfile::tempdir_in(data)?;
    let [list, short, objected, out] =
        ["list.csv", "short.csv", "objected.csv", "out.csv"].map(|name| folder.path().join(name));
    write_list(&list, rows)?;
    write_list(&short, rows / 10)?;
    eprintln!("   {objections} contacts object");
    let addresses = || (0..objections).map(|number| objector(number, rows));
    write_objections(&objected, addresses())?;
    seed::seed(demo.data(), objections, move |number| {
        objector(number, rows)
    })?;
    let kept = rows - objections * 3 / 5;

    let ours = |list: &Path| scrub(sayso, demo.data(), list, &out);
    let mut took = Vec::new();
    for round in 0..effort.rounds {
        eprintln!("   scrub of {rows} rows, round {}", round + 1);
        took.push(ours(&list)?);
        ensure!(lines(&out)? == kept + 1, "sayso kept the wrong rows");
    }
    let ours_now = middle(&took);
    let small = ours(&short)?;
    let mut methods = vec![("sort and comm", shell("sh", COMM), 0)];
    match python() {
        Some(python) => {
            let on_disk = [DUCKDB, ON_DISK].concat();
            methods.push(("DuckDB", shell(&python, DUCKDB), 1));
            methods.push(("DuckDB and fsync", shell(&python, &on_disk), 1));
            methods.push(("Polars", shell(&python, POLARS), 1));
        }
        None => eprintln!("   no Python with duckdb and polars: name one in SAYSO_BENCH_PYTHON"),
    }
    for (name, method, header) in methods {
        let mut theirs = Vec::new();
        for round in 0..effort.rounds {
            eprintln!("   {name}, round {}", round + 1);
            theirs.push(run(&method, &[&list, &objected, &out])?);
            ensure!(lines(&out)? == kept + header, "{name} kept the wrong rows");
        }
        print(name, rows, objections, ours_now, middle(&theirs));
    }
    Figure {
        name: &format!("memory of a scrub, {rows} rows beside {}", rows / 10),
        ours: format!("{:.0} MB", ours_now.megabytes),
        baseline: format!("{:.0} MB", small.megabytes),
        ratio: Some(ours_now.megabytes / small.megabytes),
        target: "at most 1.25×",
        met: Some(ours_now.megabytes <= 1.25 * small.megabytes),
    }
    .print();
    Ok(())
}

fn print(name: &str, rows: u64, objections: u64, ours: Took, theirs: Took) {
    let is_duckdb = name == "DuckDB";
    let figure = |what: &str, unit: &str, ours: f64, theirs: f64, most: f64| {
        Figure {
            name: &format!(
                "{what} of a scrub, {rows} rows, {objections} objections, beside {name}"
            ),
            ours: format!("{ours:.2} {unit}"),
            baseline: format!("{theirs:.2} {unit}"),
            ratio: Some(ours / theirs),
            target: &if is_duckdb {
                format!("at most {most}×")
            } else {
                String::new()
            },
            met: is_duckdb.then_some(ours <= most * theirs),
        }
        .print();
    };
    figure("time", "s", ours.seconds, theirs.seconds, 0.5);
    figure("memory", "MB", ours.megabytes, theirs.megabytes, 0.25);
}

fn middle(took: &[Took]) -> Took {
    Took {
        seconds: median(took.iter().map(|one| one.seconds)),
        megabytes: median(took.iter().map(|one| one.megabytes)),
    }
}

fn scrub(sayso: &Path, data: &Path, list: &Path, kept: &Path) -> anyhow::Result<Took> {
    let mut command = vec![sayso.to_owned().into_os_string()];
    let words = ["scrub", "--purpose", "info_about_us", "--data"];
    command.extend(words.map(Into::into));
    command.push(data.into());
    let beside = |name| kept.with_file_name(name).into_os_string();
    for (option, file) in [
        ("--kept", kept.into()),
        ("--withheld", beside("withheld.csv")),
        ("--certificate", beside("certificate.json")),
    ] {
        command.extend([option.into(), file]);
    }
    command.push(list.into());
    run(&command, &[])
}

fn shell(program: &str, script: &str) -> Vec<std::ffi::OsString> {
    [program, "-c", script].map(Into::into).to_vec()
}

/// Runs a command under `time`, with a clean slate: its output is gone, other writes are done.
fn run(command: &[std::ffi::OsString], more: &[&PathBuf]) -> anyhow::Result<Took> {
    Command::new("sync").status()?;
    let output = Command::new("/usr/bin/time")
        .args(["-f", "%e %M", "--"])
        .args(command)
        .args(more)
        .stdout(Stdio::null())
        .output()
        .context("GNU time is needed: apt-get install time")?;
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} failed: {told}");
    let last = told.lines().last().unwrap_or_default();
    let (seconds, kilobytes) = last.split_once(' ').context("time said nothing")?;
    Ok(Took {
        seconds: seconds.parse()?,
        megabytes: kilobytes.parse::<f64>()? / 1024.0,
    })
}

/// A Python that has DuckDB and Polars.
fn python() -> Option<String> {
    let python = std::env::var("SAYSO_BENCH_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut asked = Command::new(&python);
    let asked = asked
        .args(["-c", "import duckdb, polars"])
        .stderr(Stdio::null());
    asked
        .status()
        .is_ok_and(|status| status.success())
        .then_some(python)
}

fn lines(path: &Path) -> anyhow::Result<u64> {
    let mut file = File::open(path)?;
    let mut bytes = vec![0; 1 << 20];
    let mut count = 0;
    loop {
        let length = std::io::Read::read(&mut file, &mut bytes)?;
        if length == 0 {
            return Ok(count);
        }
        count += bytes[..length]
            .iter()
            .filter(|&&byte| byte == b'\n')
            .count() as u64;
    }
}

/// Spreads numbers, the same in every run.
fn mix(number: u64) -> usize {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) as usize
}

fn address(number: u64) -> String {
    let h = mix(number);
    format!(
        "{}.{}{number}@{}",
        FIRST[h & 7],
        LAST[(h >> 3) & 7],
        DOMAIN[(h >> 6) & 3]
    )
}

/// Three of five objections are by somebody in the list.
fn objector(number: u64, rows: u64) -> String {
    if number % 5 < 3 {
        address((number / 5 * 3 + number % 5) * 7919 % rows)
    } else {
        address(rows + number)
    }
}

/// Rows in no order, one of twenty in mixed case.
fn write_list(path: &Path, rows: u64) -> anyhow::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "email,id,country")?;
    for place in 0..rows {
        let number = (place * 6_700_417 + 42) % rows;
        let mut text = address(number);
        if mix(number).is_multiple_of(20) {
            text[..1].make_ascii_uppercase();
        }
        writeln!(file, "{text},{number},GB")?;
    }
    file.into_inner()?;
    Ok(())
}

fn write_objections(path: &Path, addresses: impl Iterator<Item = String>) -> anyhow::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "email")?;
    for address in addresses {
        writeln!(file, "{address}")?;
    }
    file.into_inner()?;
    Ok(())
}
