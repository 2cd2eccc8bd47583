//! Where finished letters go: a mail server, or the demonstration's files.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{Error, client::CertificateStore};
use tokio::time::timeout;

use super::message::Finished;
use crate::config::{Config, Smtp, Tls};

mod transaction;

/// How long the mail server may take until it is reached, and until it listens.
const STEP: Duration = Duration::from_secs(20);
const LISTENING: Duration = Duration::from_secs(60);
/// How long it may take over one letter: who leaves a slow server before it answers sends the same
/// letter twice (RFC 5321, 4.5.3.2).
const LETTER: Duration = Duration::from_secs(5 * 60);

/// Takes finished letters.
pub enum Carrier {
    /// A mail server.
    Server(Box<Server>),
    /// Files in that directory, whose links are shown: the demonstration.
    Files(PathBuf),
    /// Nothing takes them: they wait.
    Nothing,
}

/// A mail server and how to speak with it.
pub struct Server {
    smtp: Smtp,
    hello: ClientId,
    tls: Option<TlsParameters>,
}

/// Why a letter was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Not now: the server is not there, slow, busy, or takes nothing from this sender.
    Later(Option<u16>),
    /// For good, but not because of what: it may be the server that is set up wrong.
    Unsaid(u16),
    /// Never: the server said so about the letter.
    Never(u16),
    /// Never, nor any other letter: the server said so about the receiver's mailbox.
    NoMailbox(u16),
}

impl Carrier {
    /// As configured; letters of a demonstration without a mail server become files below `data`.
    pub fn new(config: &Config, data: &Path) -> anyhow::Result<Self> {
        match &config.smtp {
            Some(smtp) => Ok(Self::Server(Box::new(Server::new(smtp)?))),
            None if config.demo => Ok(Self::Files(data.join("mail"))),
            None => Ok(Self::Nothing),
        }
    }

    /// Hands the letter over, with `sender` as the address that it comes back to. On return it is
    /// the carrier's.
    pub async fn carry(&self, letter: &Finished, sender: &str) -> Result<(), Refusal> {
        match self {
            Self::Server(server) => server.carry(letter, sender).await,
            Self::Files(directory) => {
                let file = write(directory, letter).map_err(|error| {
                    tracing::error!(%error, "a letter cannot be written");
                    Refusal::Later(None)
                })?;
                show(&file, letter.link.as_deref());
                Ok(())
            }
            Self::Nothing => Err(Refusal::Later(None)),
        }
    }
}

impl Server {
    fn new(smtp: &Smtp) -> anyhow::Result<Self> {
        let (_, domain) = smtp.from.rsplit_once('@').context("smtp.from")?;
        let tls = match smtp.tls {
            Tls::None => None,
            Tls::Starttls | Tls::Tls => Some(
                TlsParameters::builder(smtp.host.clone())
                    .certificate_store(CertificateStore::Default)
                    .build()
                    .context("TLS cannot be set up: are this machine's certificates installed?")?,
            ),
        };
        Ok(Self {
            hello: ClientId::Domain(domain.to_owned()),
            smtp: smtp.clone(),
            tls,
        })
    }

    async fn carry(&self, letter: &Finished, sender: &str) -> Result<(), Refusal> {
        let sender = sender.parse().map_err(|_| Refusal::Later(None))?;
        // What goes wrong until here is the server's matter, whatever its code.
        let mut connection = timeout(LISTENING, self.connect())
            .await
            .map_err(|_| Refusal::Later(None))?
            .map_err(|error| Refusal::Later(code(&error)))?;
        let told = timeout(LETTER, transaction::send(&mut connection, &sender, letter))
            .await
            .map_err(|_| Refusal::Later(None))?;
        let _ = timeout(STEP, connection.quit()).await;
        told
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let server = (self.smtp.host.as_str(), self.smtp.port());
        let at_once = self.tls.clone().filter(|_| self.smtp.tls == Tls::Tls);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(STEP), &self.hello, at_once, None)
                .await?;
        if let (Tls::Starttls, Some(tls)) = (self.smtp.tls, &self.tls) {
            connection.starttls(tls.clone(), &self.hello).await?;
        }
        if let (Some(user), Some(password)) = (&self.smtp.user, &self.smtp.password) {
            let credentials = Credentials::new(user.clone(), password.0.clone());
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            connection.auth(&mechanisms, &credentials).await?;
        }
        Ok(connection)
    }
}

fn code(error: &Error) -> Option<u16> {
    error.status().map(u16::from)
}

/// Writes the letter under its name. Writing it again gives the same file.
fn write(directory: &Path, letter: &Finished) -> io::Result<PathBuf> {
    fs::create_dir_all(directory)?;
    let file = directory.join(format!("{}.eml", letter.name));
    let unfinished = directory.join(format!("{}.part", letter.name));
    let mut part = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)?;
    part.write_all(&letter.bytes)?;
    part.sync_all()?;
    fs::rename(&unfinished, &file)?;
    Ok(file)
}

/// Shows where the letter is and what its link opens. That nobody reads it is no reason to fail.
fn show(file: &Path, link: Option<&str>) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "A letter was written to {}", file.display());
    if let Some(link) = link {
        let _ = writeln!(out, "  its link: {link}");
    }
}
