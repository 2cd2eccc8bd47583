//! DKIM, signed and verified by OpenDKIM: by another program than ours, and without a network.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};
use tempfile::TempDir;

/// A signer's name and key.
pub struct Signer {
    folder: TempDir,
    domain: &'static str,
    selector: &'static str,
}

impl Signer {
    /// A new RSA key for that domain and selector, made by OpenSSL.
    pub fn new(domain: &'static str, selector: &'static str) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let signer = Self {
            folder,
            domain,
            selector,
        };
        let key = signer.key();
        run(Command::new("openssl")
            .args(["genpkey", "-algorithm", "RSA", "-pkeyopt"])
            .arg("rsa_keygen_bits:2048")
            .arg("-out")
            .arg(&key))?;
        Ok(signer)
    }

    /// The file of the private key, PEM.
    #[must_use]
    pub fn key(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }

    /// The message with a signature, as a mailing tool would sign it.
    pub fn sign(&self, message: &str) -> anyhow::Result<String> {
        let file = self.file("unsigned.eml", message)?;
        let output = Command::new("opendkim-testmsg")
            .args(["-C", "-d", self.domain, "-s", self.selector, "-k"])
            .arg(self.key())
            .stdin(std::fs::File::open(file)?)
            .output()
            .context("opendkim-testmsg cannot be started: apt-get install opendkim-tools")?;
        ensure!(output.status.success(), "the message could not be signed");
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Verifies the message's signature with this signer's public key.
    pub fn verify(&self, message: &str) -> anyhow::Result<()> {
        let message = self.file("signed.eml", message)?;
        let public = run(Command::new("openssl")
            .args(["pkey", "-pubout", "-in"])
            .arg(self.key()))?;
        let public: String = public
            .lines()
            .filter(|line| !line.starts_with("-----"))
            .collect();
        let record = format!(
            "{}._domainkey.{} v=DKIM1; k=rsa; p={public}\n",
            self.selector, self.domain
        );
        let keys = self.file("keys", &record)?;
        let settings = format!("TestPublicKeys {}\nMode v\nSyslog no\n", keys.display());
        let settings = self.file("opendkim.conf", &settings)?;
        let said = run(Command::new("opendkim")
            .arg("-x")
            .arg(settings)
            .arg("-t")
            .arg(message))?;
        ensure!(said.contains("succeeded"), "the signature is wrong: {said}");
        Ok(())
    }

    fn file(&self, name: &str, text: &str) -> anyhow::Result<PathBuf> {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text)?;
        Ok(path)
    }
}

/// The header fields that a message's signature covers, in lower case.
pub fn covered(message: &str) -> anyhow::Result<Vec<String>> {
    let unfolded = message
        .replace("\r\n", "\n")
        .replace("\n\t", "")
        .replace("\n ", "");
    let signature = unfolded
        .lines()
        .find_map(|line| line.strip_prefix("DKIM-Signature:"))
        .context("the message has no signature")?;
    let names = signature
        .split(';')
        .find_map(|tag| tag.trim().strip_prefix("h="))
        .context("the signature covers nothing")?;
    Ok(names
        .split(':')
        .map(|name| name.trim().to_lowercase())
        .collect())
}

fn run(command: &mut Command) -> anyhow::Result<String> {
    let program = Path::new(command.get_program()).display().to_string();
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{program} cannot be started"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program} failed: {said}");
    Ok(String::from_utf8(output.stdout)?)
}
