//! The command line. Exit 0 means yes, 3 withheld or a problem found, 2 wrong usage, and 1 that
//! the command failed: do not send.

use std::fmt::Display;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use serde::Serialize;
use shared::time::Timestamp;
use uuid::Uuid;

use self::usage::WrongUsage;
use crate::clock::{System, World};
use crate::config::Config;
use crate::demo;
use crate::secrets::Secrets;
use crate::signature::Checker;
use crate::store::Write;
use crate::store::sqlite::{Options, Sqlite};

mod backup;
mod carry_over;
mod case;
mod certificate;
mod check;
mod config;
mod domain;
mod erase;
mod export;
mod import;
mod key;
mod ledger;
mod link;
mod listing;
mod mail_in;
mod notice;
mod object;
mod receipt;
mod reconcile;
mod replay;
mod retention;
mod scrub;
mod serve;
mod sink;
mod usage;

/// The file inside the data directory that notes who looked at whose data.
const VIEWS: &str = "views.ndjson";
/// The database inside the data directory.
pub const DATABASE: &str = "sayso.db";

/// Sayso tells a company on whose say-so it may mail whom.
#[derive(Debug, Parser)]
#[command(name = "sayso", version, propagate_version = true)]
struct Command {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    verb: Verb,
}

/// The data directory, unless another is named.
const DATA: &str = "sayso-data";
/// Where the service listens unless told otherwise.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// Where the deployment lives and how to answer.
#[derive(Debug, Clone, Args)]
pub struct Place {
    /// The data directory.
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        default_value = DATA,
        env = "SAYSO_DATA"
    )]
    data: PathBuf,
    /// The configuration file; without it, sayso.toml in the data directory.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Answer in JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the service.
    Serve(serve::Serve),
    /// May we mail this address about this, and why?
    Check(check::Check),
    /// Put a list through the gate: what may be mailed, what not and why, and a certificate.
    Scrub(Box<scrub::Command>),
    /// Make one-click unsubscribe links for messages.
    Link(link::Link),
    /// Take a message from standard input: an unsubscription, a delivery report, a complaint.
    MailIn(mail_in::MailIn),
    /// Record an objection that somebody told you (staff-attested).
    Object(object::Object),
    /// Take over what other systems know: suppressions, facts, consents with evidence.
    Import(import::Import),
    /// Companies that want no mail to any of their people: object, list, lift.
    #[command(subcommand)]
    Domain(domain::Verb),
    /// Erase what is kept of an address, as somebody asked you to; restrictions stay.
    Erase(erase::Erase),
    /// Print what is kept of an address, for somebody who asked.
    Export(export::Export),
    /// Objections that need an answer, and complaints: list, show, acknowledge, extend, decide.
    #[command(subcommand)]
    Case(case::Verb),
    /// The notices: lint, publish, list, show, diff, record, due.
    #[command(subcommand)]
    Notice(notice::Verb),
    /// API keys: create, list, revoke.
    #[command(subcommand)]
    Key(key::Verb),
    /// The ledger: show, verify.
    #[command(subcommand)]
    Ledger(ledger::Verb),
    /// Receipts: verify.
    #[command(subcommand)]
    Receipt(receipt::Verb),
    /// Certificates of scrubs: verify.
    #[command(subcommand)]
    Certificate(certificate::Verb),
    /// Give the decisions of a certificate again, from the list that it is about.
    Replay(replay::Command),
    /// Hold those who were really mailed against a certificate.
    Reconcile(reconcile::Command),
    /// Systems that are told of every change: list, retry.
    #[command(subcommand)]
    Sink(sink::Verb),
    /// Delete what is kept longer than the rules say; the service does so daily.
    Retention(retention::Retention),
    /// Copy the database into a file, also while the service runs.
    Backup(backup::Backup),
    /// Put a backup in the place of the database, and erase again what was erased since.
    Restore(backup::Restore),
    /// After a restore, take over what people stopped since the backup.
    CarryOver(carry_over::CarryOver),
    /// The configuration: check it, make secrets.
    #[command(subcommand)]
    Config(config::Verb),
    /// Print completions for a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

/// How a command ended, apart from failing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Yes, or done.
    Yes,
    /// Withheld, or a problem found.
    No,
    /// Not now: a mail system tries again (`EX_TEMPFAIL`).
    Later,
    /// For nobody here: a mail system tells the sender (`EX_NOUSER`).
    Unread,
}

impl Ending {
    /// Yes where all is as it should be, else a problem found.
    const fn of(fine: bool) -> Self {
        if fine { Self::Yes } else { Self::No }
    }
}

/// Runs the command line of this process.
#[must_use]
pub fn run() -> ExitCode {
    let parsed = Command::command().try_get_matches().and_then(|given| {
        let command = Command::from_arg_matches(&given)?;
        usage::one_deployment(&given, Command::command())?;
        Ok(command)
    });
    let command = match parsed {
        Ok(command) => command,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let ending = runtime
        .context("the runtime cannot be started")
        .and_then(|runtime| {
            let ending = runtime.block_on(dispatch(command));
            // What still reads a pipe that nobody writes to is not waited for.
            runtime.shutdown_background();
            ending
        });
    match ending {
        Ok(Ending::Yes) => ExitCode::SUCCESS,
        Ok(Ending::No) => ExitCode::from(3),
        Ok(Ending::Later) => ExitCode::from(75),
        Ok(Ending::Unread) => ExitCode::from(67),
        Err(error) => {
            eprintln!("sayso: {error:#}");
            ExitCode::from(if error.is::<WrongUsage>() { 2 } else { 1 })
        }
    }
}

async fn dispatch(command: Command) -> anyhow::Result<Ending> {
    let place = command.place;
    match command.verb {
        Verb::Serve(serve) => serve::run(&place, serve).await,
        Verb::Check(check) => check::run(&place, check).await,
        Verb::Scrub(command) => scrub::run(&place, *command).await,
        Verb::Link(link) => link::run(&place, link).await,
        Verb::MailIn(mail) => mail_in::run(&place, mail).await,
        Verb::Object(object) => object::run(&place, object).await,
        Verb::Import(import) => import::run(&place, import).await,
        Verb::Domain(verb) => domain::run(&place, verb).await,
        Verb::Erase(erase) => erase::run(&place, erase).await,
        Verb::Retention(retention) => retention::run(&place, retention).await,
        Verb::Sink(verb) => sink::run(&place, verb).await,
        Verb::Backup(backup) => backup::back_up(&place, backup).await,
        Verb::Restore(restore) => backup::restore(&place, restore).await,
        Verb::CarryOver(command) => carry_over::run(&place, command).await,
        Verb::Export(export) => export::run(&place, export).await,
        Verb::Case(verb) => case::run(&place, verb).await,
        Verb::Notice(verb) => notice::run(&place, verb).await,
        Verb::Key(verb) => key::run(&place, verb).await,
        Verb::Ledger(verb) => ledger::run(&place, verb).await,
        Verb::Receipt(verb) => receipt::run(&place, &verb),
        Verb::Certificate(verb) => certificate::run(&place, &verb),
        Verb::Replay(command) => replay::run(&place, &command).await,
        Verb::Reconcile(command) => reconcile::run(&place, &command).await,
        Verb::Config(verb) => config::run(&place, &verb).await,
        Verb::Completions { shell } => {
            let mut completions = Vec::new();
            clap_complete::generate(shell, &mut Command::command(), "sayso", &mut completions);
            // That nobody reads to the end is no failure.
            let _ = std::io::stdout().write_all(&completions);
            Ok(Ending::Yes)
        }
    }
}

impl Place {
    /// The configuration of the deployment.
    fn load(&self) -> anyhow::Result<Config> {
        Config::load(&self.data, self.config.as_deref())
    }

    /// The secrets of the deployment.
    fn secrets(&self, config: &Config) -> anyhow::Result<Secrets> {
        let secrets = config.secrets.check();
        anyhow::ensure!(
            secrets.is_ok() || self.data.is_dir(),
            "there is no directory {}: name the data directory with --data, or start a demonstration \
             with `sayso serve --demo`",
            self.data.display()
        );
        secrets
    }

    /// Where contacts reach the service; a demonstration notes it when it starts.
    fn base_url(&self, config: &Config) -> anyhow::Result<String> {
        match demo::noted_url(&self.data).filter(|_| config.demo && config.public_url.is_none()) {
            Some(url) => Ok(url),
            None => config.base_url(LISTEN),
        }
    }

    /// Where the database is.
    fn database(&self) -> PathBuf {
        self.data.join(DATABASE)
    }

    /// The store of a deployment that exists.
    fn open(&self) -> anyhow::Result<Arc<dyn Write>> {
        Ok(Arc::new(self.open_database()?))
    }

    /// The same for whoever looks addresses up or records: not with other peppers than it was keyed
    /// with.
    async fn open_with(&self, secrets: &Secrets) -> anyhow::Result<Arc<dyn Write>> {
        let store = self.open_database()?;
        secrets.fit(&store).await?;
        Ok(Arc::new(store))
    }

    /// The same, for what only this engine can do.
    fn open_database(&self) -> anyhow::Result<Sqlite> {
        let path = self.database();
        anyhow::ensure!(
            Sqlite::is_at(&path),
            "there is no database at {}: name the data directory with --data, or start a \
             demonstration with `sayso serve --demo`",
            path.display()
        );
        Ok(Sqlite::open(&path, Options::command())?)
    }

    /// The store, made if it does not exist yet: for commands that set a deployment up.
    fn open_or_create(&self, options: Options) -> anyhow::Result<Arc<dyn Write>> {
        self.make()?;
        Ok(Arc::new(Sqlite::open(&self.database(), options)?))
    }

    /// Makes the data directory, unless it is there.
    fn make(&self) -> anyhow::Result<()> {
        std::fs::create_dir_all(&self.data)
            .with_context(|| format!("the directory {} cannot be made", self.data.display()))
    }

    /// Notes in a file of its own that staff looked at somebody's data (DP-03).
    fn note_view(
        &self,
        what: &str,
        subject: Option<Uuid>,
        reason: &str,
        at: Timestamp,
    ) -> anyhow::Result<()> {
        use std::io::Write as _;
        use std::os::unix::fs::OpenOptionsExt as _;
        let line = serde_json::json!({
            "at": at, "what": what, "subject": subject, "reason": reason,
        });
        let path = self.data.join(VIEWS);
        std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&path)
            .and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()))
            .with_context(|| format!("{} cannot be written: nothing was shown", path.display()))
    }

    /// Prints the answer: as JSON where asked, else for people.
    fn answer<T: Serialize + Display>(&self, answer: &T) -> anyhow::Result<()> {
        if self.json {
            print(&format_args!("{}\n", serde_json::to_string(answer)?))
        } else {
            print(&format_args!("{answer}\n"))
        }
    }
}

/// Writes to standard output. Whoever stopped reading has what they wanted.
fn print(text: &dyn Display) -> anyhow::Result<()> {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    match write!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(error).context("the answer cannot be written")
        }
        _ => Ok(()),
    }
}

/// The bytes of a file that was named.
fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))
}

/// The keys to check signatures with: those saved from /log/key, or this deployment's own.
fn checker(place: &Place, keys: Option<&Path>) -> anyhow::Result<Checker> {
    match keys {
        Some(file) => Checker::read(&read(file)?),
        None => Ok(Checker::of(&place.load()?.secrets.check()?.signing)),
    }
}

/// The machine's clock and entropy.
fn world() -> Arc<dyn World> {
    Arc::new(System)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Command;

    #[test]
    fn every_command_is_well_formed() {
        Command::command().debug_assert();
    }
}
