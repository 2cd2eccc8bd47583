//! A server to measure, in a process of its own.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tempfile::TempDir;

use crate::fill::fill;

/// Who used no processor time for so long does nothing by itself.
const SETTLED: Duration = Duration::from_millis(500);

/// A running server; it ends when this is dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// From its start until it said so.
    pub(crate) ready_after: Duration,
}

impl Server {
    /// Starts the command, whose first line ends with where it listens.
    pub(crate) fn start(command: &mut Command) -> anyhow::Result<Self> {
        let began = Instant::now();
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{command:?} did not start: cargo xtask build"))?;
        let output = child.stdout.take().context("no output")?;
        let mut line = String::new();
        let mut lines = BufReader::new(output);
        lines.read_line(&mut line)?;
        let ready_after = began.elapsed();
        let place = line.trim().rsplit(['/', ' ']).next().unwrap_or_default();
        let address = place
            .parse()
            .with_context(|| format!("the server said {line:?}"))?;
        // What else it says is read, so that it never waits for a reader.
        std::thread::spawn(move || lines.lines().count());
        Ok(Self {
            child,
            address,
            ready_after,
        })
    }

    /// Processor time used so far, in microseconds. It hardly moves with what else the machine does.
    pub(crate) fn processor(&self) -> anyhow::Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let (_, fields) = stat.rsplit_once(')').context("no stat")?;
        let ticks: u64 = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|field| field.parse::<u64>().ok())
            .sum();
        // Linux counts in hundredths of a second for every program.
        Ok(ticks as f64 * 10_000.0)
    }

    /// Waits until it does nothing by itself, as it does after its start, and says how long that took.
    #[expect(
        clippy::disallowed_methods,
        reason = "a server does not say when it does nothing: its processor time is looked at now and then"
    )]
    pub(crate) fn settle(&self) -> anyhow::Result<Duration> {
        let began = Instant::now();
        let mut before = -1.0;
        loop {
            let used = self.processor()?;
            if used - before < 1.0 {
                return Ok(began.elapsed());
            }
            before = used;
            std::thread::sleep(SETTLED);
        }
    }

    /// Memory in use, in bytes.
    pub(crate) fn memory(&self) -> anyhow::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .context("no VmRSS")?;
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kilobytes * 1024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A demonstration in a new data directory.
pub(crate) struct Demo {
    /// The server.
    pub(crate) server: Server,
    folder: TempDir,
    sayso: PathBuf,
}

impl Demo {
    /// Starts it with nothing in it but the notices.
    pub(crate) fn start(sayso: &Path, data: &Path) -> anyhow::Result<Self> {
        Self::start_with(sayso, data, &[])
    }

    /// The same with more variables in its environment.
    pub(crate) fn start_with(
        sayso: &Path,
        data: &Path,
        environment: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir_in(data)?;
        Ok(Self {
            server: serve(sayso, folder.path(), environment)?,
            folder,
            sayso: sayso.to_owned(),
        })
    }

    /// Starts it with that many contacts who have objected.
    pub(crate) fn filled(sayso: &Path, data: &Path, contacts: u64) -> anyhow::Result<Self> {
        Self::filled_with(sayso, data, contacts, &[])
    }

    /// The same with more variables in its environment.
    pub(crate) fn filled_with(
        sayso: &Path,
        data: &Path,
        contacts: u64,
        environment: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        let mut demo = Self::start(sayso, data)?;
        drop(demo.server);
        eprintln!("{contacts} contacts object");
        fill(demo.folder.path(), contacts)?;
        demo.server = serve(sayso, demo.folder.path(), environment)?;
        if contacts <= 10_000 {
            let kept = demo.verified()?;
            anyhow::ensure!(kept == contacts, "{contacts} were filled in, {kept} verify");
        }
        Ok(demo)
    }

    /// The data directory.
    pub(crate) fn data(&self) -> &Path {
        self.folder.path()
    }

    /// The database.
    pub(crate) fn database(&self) -> PathBuf {
        self.data().join(backend::cli::DATABASE)
    }

    /// The API key of the demonstration.
    pub(crate) fn key(&self) -> anyhow::Result<String> {
        let key = fs::read_to_string(self.data().join(backend::demo::KEY_FILE))?;
        Ok(key.trim().to_owned())
    }

    /// How many transactions were committed: SQLite counts them in the index of its journal.
    pub(crate) fn commits(&self) -> anyhow::Result<u32> {
        let mut index = self.database().into_os_string();
        index.push("-shm");
        let mut count = [0; 4];
        fs::File::open(index)?.read_exact_at(&mut count, 8)?;
        Ok(u32::from_ne_bytes(count))
    }

    /// How many entries the ledger holds, after all of them were verified.
    pub(crate) fn verified(&self) -> anyhow::Result<u64> {
        let answer = self
            .run(&["ledger", "verify"])
            .context("the ledger does not verify")?;
        answer["entries"]
            .as_u64()
            .with_context(|| format!("no count in {answer}"))
    }

    /// What a command answers beside the server.
    pub(crate) fn run(&self, arguments: &[&str]) -> anyhow::Result<serde_json::Value> {
        let output = Command::new(&self.sayso)
            .args(arguments)
            .args(["--json", "--data"])
            .arg(self.data())
            .output()?;
        anyhow::ensure!(output.status.success(), "sayso {arguments:?} failed");
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}

fn serve(sayso: &Path, data: &Path, environment: &[(&str, &str)]) -> anyhow::Result<Server> {
    let mut serve = Command::new(sayso);
    serve
        .args(["serve", "--demo", "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .env("SAYSO_RATE_LIMIT", "off")
        // A demonstration would write a file for each objection.
        .env("SAYSO_MAIL__OBJECTION_NOTICE", "off")
        .envs(environment.iter().copied());
    Server::start(&mut serve)
}
