//! A real Postfix on the loopback interface, with a queue and a configuration of its own. What it
//! delivers lands as files; what comes for a mailbox of Sayso's goes to `sayso mail-in`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

use crate::{Port, wait};

mod documented;

/// The mailbox that takes unsubscribe messages and what comes back.
pub const MAILBOX: &str = "unsub";
/// Whom mailings come from; what comes back to it is delivered where it came back.
const SENDER: &str = "news@example.com";
/// The domain of that mailbox.
pub const DOMAIN: &str = "mail.example.com";

/// What waits is tried again every second.
const SOON: &str = "minimal_backoff_time = 1s\nmaximal_backoff_time = 1s\nqueue_run_delay = 1s\n";

/// A running Postfix; it is stopped when this is dropped.
pub struct Postfix {
    folder: TempDir,
    port: Port,
}

/// What sets one Postfix apart from another.
struct Part {
    /// Its port, as a line of `master.cf` without the port itself, with its options.
    smtpd: String,
    /// Further lines of `main.cf`.
    main: String,
    /// The command that takes messages for the mailbox.
    takes: String,
    /// Further lines of `master.cf`.
    master: String,
}

impl Part {
    fn plain() -> Self {
        Self {
            smtpd: "inet n - n - - smtpd\n".to_owned(),
            main: format!("default_transport = capture\n{SOON}"),
            takes: "/bin/false".to_owned(),
            master: String::new(),
        }
    }
}

impl Postfix {
    /// Starts one. `data` is the data directory that messages for the mailbox are handed to, by
    /// `sayso mail-in`, which runs as nobody and so gets that directory.
    pub async fn start(data: Option<&Path>) -> anyhow::Result<Self> {
        let mut part = Part::plain();
        let postfix = Self::new()?;
        if let Some(data) = data {
            let binary = postfix.handed(data)?;
            let (binary, data) = (binary.display(), data.display());
            part.takes = format!("{binary} --data {data} mail-in --sender=${{sender}}");
        }
        postfix.begin(&part).await
    }

    /// Starts one that hands the mail for both mailboxes to `sayso mail-in` with that data directory, set up
    /// as the operations page says.
    pub async fn receiving(data: &Path) -> anyhow::Result<Self> {
        let (master, main) = documented::mailboxes()?;
        let postfix = Self::new()?;
        let binary = postfix.handed(data)?;
        let master = master
            .replace("user=sayso", "user=nobody")
            .replace("/usr/local/bin/sayso", &binary.display().to_string())
            .replace("/var/lib/sayso", &data.display().to_string());
        let part = Part {
            main: format!("default_transport = capture\n{SOON}{main}"),
            master,
            ..Part::plain()
        };
        postfix.begin(&part).await
    }

    /// Starts one whose port asks Sayso at that port about each recipient, set up as the operations
    /// page says.
    pub async fn gated(gate: u16) -> anyhow::Result<Self> {
        let (main, master) = documented::gate()?;
        let main = main.replace("127.0.0.1:10040", &format!("127.0.0.1:{gate}"));
        let part = Part {
            smtpd: master,
            main: format!("default_transport = capture\n{SOON}{main}"),
            ..Part::plain()
        };
        Self::new()?.begin(&part).await
    }

    /// Starts one that keeps what it is given and hands it to the Postfix at that port; what that
    /// one does not take now waits until [`Self::flush`].
    pub async fn before(next: u16) -> anyhow::Result<Self> {
        let part = Part {
            main: format!("relayhost = [127.0.0.1]:{next}\n"),
            ..Part::plain()
        };
        Self::new()?.begin(&part).await
    }

    /// Tries now what waits.
    pub fn flush(&self) -> anyhow::Result<()> {
        self.command("flush")
    }

    fn new() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
        for part in ["conf", "queue", "data", "mail"] {
            fs::create_dir(folder.path().join(part))?;
        }
        let everyone = Permissions::from_mode(0o777);
        fs::set_permissions(folder.path().join("mail"), everyone)?;
        chown(folder.path().join("data"), Some(id("postfix")?), None)?;
        let port = Port::free()?;
        Ok(Self { folder, port })
    }

    async fn begin(self, part: &Part) -> anyhow::Result<Self> {
        self.configure(part)?;
        self.command("start")?;
        self.answers().await?;
        Ok(self)
    }

    /// Where it listens.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port.number()
    }

    /// Stops it: nobody answers at its port.
    pub fn stop(&self) -> anyhow::Result<()> {
        self.command("stop")
    }

    /// Starts it again.
    pub async fn again(&self) -> anyhow::Result<()> {
        self.command("start")?;
        self.answers().await
    }

    /// Every message delivered so far, as it arrived, by name of its file.
    pub fn delivered(&self) -> anyhow::Result<Vec<String>> {
        let mut files: Vec<PathBuf> = fs::read_dir(self.file("mail"))?
            .map(|file| Ok(file?.path()))
            .collect::<std::io::Result<_>>()?;
        files.retain(|file| file.extension().is_some_and(|end| end == "eml"));
        files.sort();
        files
            .iter()
            .map(|file| Ok(fs::read_to_string(file)?))
            .collect()
    }

    /// The first delivered message that holds this text, as soon as there is one.
    pub async fn message(&self, with: &str) -> anyhow::Result<String> {
        wait::until("a message", async || {
            let all = self.delivered()?;
            Ok(all.into_iter().find(|message| message.contains(with)))
        })
        .await
        .with_context(|| self.log())
    }

    /// Waits until the command has taken that many messages.
    pub async fn taken(&self, messages: usize) -> anyhow::Result<()> {
        wait::until("messages to be taken", async || {
            let log = self.log();
            let taken = log.matches("delivered via taken service").count();
            Ok((taken >= messages).then_some(()))
        })
        .await
        .with_context(|| self.log())
    }

    /// Hands it that many messages for one recipient each, over SMTP, ten at a time: to `1@domain`,
    /// `2@domain` and so on.
    pub fn mailing(&self, count: usize, domain: &str) -> anyhow::Result<()> {
        let status = Command::new("smtp-source")
            .args(["-N", "-s", "10", "-m", &count.to_string()])
            .args(["-f", SENDER, "-t", &format!("@{domain}")])
            .arg(format!("127.0.0.1:{}", self.port()))
            .status()
            .context("smtp-source of Postfix cannot be started")?;
        ensure!(status.success(), "smtp-source ended with {status}");
        Ok(())
    }

    /// What it answers to `RCPT TO` with that recipient of a mailing.
    pub async fn told(&self, recipient: &str) -> anyhow::Result<String> {
        self.told_from(SENDER, recipient).await
    }

    /// What it answers to `RCPT TO` with that recipient, after `MAIL FROM` with that sender.
    pub async fn told_from(&self, sender: &str, recipient: &str) -> anyhow::Result<String> {
        let stream = tokio::net::TcpStream::connect(("127.0.0.1", self.port())).await?;
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        for command in [
            "HELO tool.example.com",
            &format!("MAIL FROM:<{sender}>"),
            &format!("RCPT TO:<{recipient}>"),
        ] {
            stream
                .write_all(format!("{command}\r\n").as_bytes())
                .await?;
            line.clear();
            stream.read_line(&mut line).await?;
        }
        Ok(line)
    }

    /// The recipients whose delivery ended so last, by what the log says: `sent`, `bounced` or
    /// `deferred`.
    #[must_use]
    pub fn ended(&self, how: &str) -> BTreeSet<String> {
        let mut last = BTreeMap::new();
        for line in self.log().lines() {
            let part = |from: &str, to: &str| {
                let (_, rest) = line.split_once(from)?;
                Some(rest.split_once(to)?.0.to_owned())
            };
            if let Some((to, status)) = part(" to=<", ">").zip(part(" status=", " ")) {
                let _ = last.insert(to, status);
            }
        }
        let ended = last.into_iter().filter(|(_, status)| status == how);
        ended.map(|(to, _)| to).collect()
    }

    /// Hands it a message, as a mailing tool on the same machine does.
    pub fn send(&self, from: &str, to: &str, message: &str) -> anyhow::Result<()> {
        let file = self.file("data/outgoing.eml");
        fs::write(&file, message)?;
        let status = Command::new("sendmail")
            .args(["-C"])
            .arg(self.file("conf"))
            .args(["-i", "-f", from, to])
            .stdin(fs::File::open(file)?)
            .status()
            .context("sendmail of Postfix cannot be started")?;
        ensure!(status.success(), "sendmail ended with {status}");
        Ok(())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What it logged.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.file("mail.log")).unwrap_or_default()
    }

    /// A copy of the binary that the account of pipes may start; the data directory becomes that account's.
    fn handed(&self, data: &Path) -> anyhow::Result<PathBuf> {
        let binary = self.file("sayso");
        fs::copy(crate::sayso::binary(), &binary)?;
        if let Some(above) = data.parent() {
            fs::set_permissions(above, Permissions::from_mode(0o755))?;
        }
        hand_over(data)?;
        Ok(binary)
    }

    fn configure(&self, part: &Part) -> anyhow::Result<()> {
        let folder = self.folder.path().display();
        let main = format!(
            "compatibility_level = 3.6\n\
             queue_directory = {folder}/queue\n\
             data_directory = {folder}/data\n\
             command_directory = /usr/sbin\n\
             daemon_directory = /usr/lib/postfix/sbin\n\
             mail_owner = postfix\n\
             setgid_group = postdrop\n\
             inet_interfaces = 127.0.0.1\n\
             inet_protocols = ipv4\n\
             myhostname = {DOMAIN}\n\
             mydestination =\n\
             recipient_delimiter = +\n\
             mynetworks = 127.0.0.0/8\n\
             smtpd_relay_restrictions = permit_mynetworks, reject\n\
             transport_maps = inline:{{ {{{MAILBOX}@{DOMAIN} = taken}}, {{{SENDER} = capture}} }}\n\
             maillog_file = {folder}/mail.log\n\
             maillog_file_prefixes = {folder}\n{}",
            part.main
        );
        fs::write(self.file("conf/main.cf"), main)?;
        let services = [
            "pickup unix n - n 1 1 pickup",
            "cleanup unix n - n - 0 cleanup",
            "qmgr unix n - n 300 1 qmgr",
            "rewrite unix - - n - - trivial-rewrite",
            "bounce unix - - n - 0 bounce",
            "defer unix - - n - 0 bounce",
            "trace unix - - n - 0 bounce",
            "flush unix n - n 1000? 0 flush",
            "proxymap unix - - n - - proxymap",
            "showq unix n - n - - showq",
            "error unix - - n - - error",
            "retry unix - - n - - error",
            "anvil unix - - n - 1 anvil",
            "postlog unix-dgram n - n - 1 postlogd",
            "smtp unix - - n - - smtp",
            "scache unix - - n - 1 scache",
        ];
        let master = format!(
            "127.0.0.1:{} {}{}\n\
             capture unix - n n - - pipe user=nobody argv={folder}/keep\n\
             taken unix - n n - 1 pipe flags=R null_sender= user=nobody argv={takes} ${{recipient}}\n{}",
            self.port(),
            part.smtpd,
            services.join("\n"),
            part.master,
            takes = part.takes,
        );
        fs::write(self.file("conf/master.cf"), master)?;
        // A message is there whole or not at all.
        let keep = format!(
            "#!/bin/sh\nset -e\nfile=$(mktemp {folder}/mail/XXXXXXXX)\ncat >\"$file\"\nmv \"$file\" \"$file.eml\"\n"
        );
        fs::write(self.file("keep"), keep)?;
        fs::set_permissions(self.file("keep"), Permissions::from_mode(0o755))?;
        Ok(())
    }

    fn command(&self, verb: &str) -> anyhow::Result<()> {
        let output = Command::new("postfix")
            .arg("-c")
            .arg(self.file("conf"))
            .arg(verb)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .context("Postfix cannot be started: apt-get install postfix")?;
        ensure!(output.success(), "postfix {verb} failed: {}", self.log());
        Ok(())
    }

    async fn answers(&self) -> anyhow::Result<()> {
        wait::until("Postfix to answer", async || {
            let answer = tokio::net::TcpStream::connect(("127.0.0.1", self.port())).await;
            Ok(answer.ok().map(drop))
        })
        .await
        .with_context(|| self.log())
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        // It may have been stopped before.
        let _ = self.command("stop");
    }
}

/// Gives a folder and all in it to the account that pipes run as.
fn hand_over(folder: &Path) -> anyhow::Result<()> {
    let owner = Some(id("nobody")?);
    chown(folder, owner, None)?;
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        if path.is_dir() {
            hand_over(&path)?;
        } else {
            chown(path, owner, None)?;
        }
    }
    Ok(())
}

/// The number of an account of this machine.
fn id(account: &str) -> anyhow::Result<u32> {
    let accounts = fs::read_to_string("/etc/passwd")?;
    let line = accounts
        .lines()
        .find_map(|line| line.strip_prefix(account)?.strip_prefix(':'))
        .with_context(|| format!("this machine has no account {account}"))?;
    Ok(line.split(':').nth(1).unwrap_or_default().parse()?)
}
