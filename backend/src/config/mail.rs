//! Mail: the server that takes it, whom it comes from, how it is signed.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use serde::{Deserialize, Serialize};
use shared::address::{Address, Domain};

use super::Switch;

/// Letters that leave within an hour at most, all addresses together (SEC-12).
const PER_HOUR: u32 = 3_600;
/// What a tag adds to the name of a mailbox: `+` and 58 characters. With more than five before it,
/// the local part would be longer than RFC 5321 allows.
const BOX_NAME: usize = 5;

/// The mail server that takes what Sayso sends.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    /// Its name; its certificate must be for it.
    pub host: String,
    /// Its port; without it the usual one of `tls`.
    #[serde(default)]
    pub port: Option<u16>,
    /// How the connection is protected.
    #[serde(default)]
    pub tls: Tls,
    /// The name to sign in with.
    #[serde(default)]
    pub user: Option<String>,
    /// The password to sign in with.
    #[serde(default)]
    pub password: Option<Password>,
    /// The address that letters come from; none that marketing uses (EML-02).
    pub from: String,
    /// Where replies go; without it to the contact of the notice.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// The keys that sign, each published in DNS. One of Ed25519 and one of RSA reach everybody.
    #[serde(default)]
    pub dkim: Vec<Dkim>,
}

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// Begins in the clear and must change over before anything is sent; port 587.
    #[default]
    Starttls,
    /// From the first byte; port 465.
    Tls,
    /// Not at all: for a server on this machine only; port 25.
    None,
}

/// A key that signs letters (DKIM, RFC 6376).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Dkim {
    /// The domain that answers for the letter: that of `from`.
    pub domain: String,
    /// Where the public key is published: `{selector}._domainkey.{domain}`.
    pub selector: String,
    /// The private key, PKCS #8 in PEM, RSA or Ed25519.
    pub key_file: PathBuf,
}

/// A password; it is never shown.
#[derive(Clone, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Password(pub String);

impl fmt::Debug for Password {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Password(…)")
    }
}

/// What letters are sent, and where mail comes in.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// Whether the holder of an address is told by mail that somebody objected with it (EML-13).
    pub objection_notice: Switch,
    /// Letters within an hour at most, all addresses together.
    pub per_hour: u32,
    /// The domains that marketing mail comes from, so that `sayso config check` sees that letters come
    /// from another (EML-02).
    pub marketing_domains: Vec<String>,
    /// The mailbox that `sayso mail-in` is given, to unsubscribe: `unsub@privacy.example.com`.
    pub unsubscribe: Option<String>,
    /// The mailbox that `sayso mail-in` is given, for what comes back: `back@privacy.example.com`.
    pub bounces: Option<String>,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            objection_notice: Switch::On,
            per_hour: PER_HOUR,
            marketing_domains: Vec::new(),
            unsubscribe: None,
            bounces: None,
        }
    }
}

impl Smtp {
    /// The port to connect to.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            Tls::Starttls => 587,
            Tls::Tls => 465,
            Tls::None => 25,
        })
    }

    /// Brings the address that letters come from into its normal form.
    pub(super) fn normalise(&mut self) -> anyhow::Result<()> {
        normalise("smtp.from", &mut self.from)
    }

    pub(super) fn check(&self) -> anyhow::Result<()> {
        ensure!(
            self.tls != Tls::None || is_loopback(&self.host),
            "smtp.tls = \"none\" is for a mail server on this machine only: use \"starttls\" or \
             \"tls\""
        );
        ensure!(
            self.user.is_some() == self.password.is_some(),
            "smtp.user and smtp.password belong together: set both or neither"
        );
        let from = Address::parse(&self.from).context("smtp.from")?;
        if let Some(reply_to) = &self.reply_to {
            Address::parse(reply_to).context("smtp.reply_to")?;
        }
        for (dkim, number) in self.dkim.iter().zip(1..) {
            let domain = dkim.domain.to_ascii_lowercase();
            let aligned = from.domain() == domain || from.domain().ends_with(&format!(".{domain}"));
            ensure!(
                aligned,
                "the domain of the [[smtp.dkim]] number {number} is not that of smtp.from: receivers \
                 would not count the signature (DMARC alignment)"
            );
        }
        Ok(())
    }
}

impl Mail {
    /// Brings the mailboxes into their normal form.
    pub(super) fn normalise(&mut self) -> anyhow::Result<()> {
        for (name, mailbox) in [
            ("mail.unsubscribe", &mut self.unsubscribe),
            ("mail.bounces", &mut self.bounces),
        ] {
            if let Some(mailbox) = mailbox {
                normalise(name, mailbox)?;
            }
        }
        Ok(())
    }

    pub(super) fn check(&self) -> anyhow::Result<()> {
        for (name, mailbox) in [
            ("mail.unsubscribe", &self.unsubscribe),
            ("mail.bounces", &self.bounces),
        ] {
            let Some(mailbox) = mailbox else { continue };
            let address = Address::parse(mailbox).context(name)?;
            ensure!(
                address.reveal().is_ascii(),
                "{name}: plain letters before the @, which every mail system can write"
            );
            let local = address.reveal().len() - address.domain().len() - 1;
            ensure!(
                local <= BOX_NAME && !address.reveal().contains('+'),
                "{name}: at most {BOX_NAME} characters before the @, because a mark of 59 is added \
                 and RFC 5321 allows 64"
            );
        }
        for (domain, number) in self.marketing_domains.iter().zip(1..) {
            let read = Domain::parse(domain).context("mail.marketing_domains")?;
            ensure!(
                read.as_str() == domain,
                "mail.marketing_domains: write entry {number} in lower case, and a domain in another \
                 script in its xn-- form"
            );
        }
        ensure!(
            self.unsubscribe.is_none() || self.unsubscribe != self.bounces,
            "mail.unsubscribe and mail.bounces must be two mailboxes"
        );
        Ok(())
    }
}

/// Writes an address of ours as mail systems write it: what arrives is compared with it, and headers hold
/// it.
fn normalise(name: &'static str, written: &mut String) -> anyhow::Result<()> {
    let address = Address::parse(written).context(name)?;
    address.reveal().clone_into(written);
    Ok(())
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::{Mail, Smtp};

    fn smtp(toml: &str) -> anyhow::Result<()> {
        toml::from_str::<Smtp>(&format!("from = 'privacy@example.com'\n{toml}"))?.check()
    }

    #[test]
    fn mail_in_the_clear_leaves_no_machine() {
        assert!(smtp("host = '127.0.0.1'\ntls = 'none'").is_ok());
        assert!(smtp("host = 'mail.example.com'\ntls = 'none'").is_err());
        assert!(smtp("host = 'mail.example.com'").is_ok());
    }

    #[test]
    fn a_signature_is_for_the_sender_s_domain() {
        let dkim = |domain| {
            smtp(&format!(
                "host = 'mail.example.com'\n[[dkim]]\ndomain = '{domain}'\nselector = 's'\nkey_file = 'k'"
            ))
        };
        assert!(dkim("example.com").is_ok());
        assert!(dkim("ample.com").is_err());
        assert!(dkim("other.example").is_err());
    }

    #[test]
    fn a_mark_fits_behind_the_name_of_a_mailbox() {
        let unsubscribe = |mailbox: &str| {
            let mail = Mail {
                unsubscribe: Some(mailbox.to_owned()),
                ..Mail::default()
            };
            mail.check()
        };
        assert!(unsubscribe("unsub@example.com").is_ok());
        assert!(unsubscribe("unsubs@example.com").is_err());
        assert!(unsubscribe("a+b@example.com").is_err());
    }

    #[test]
    fn addresses_of_ours_are_read_as_mail_systems_write_them() {
        for (written, normal) in [
            ("unsub@b\u{fc}cher.example", "unsub@xn--bcher-kva.example"),
            ("unsub@privacy.example.com.", "unsub@privacy.example.com"),
            ("Unsub@Privacy.Example.com", "unsub@privacy.example.com"),
        ] {
            let mut mail = Mail {
                unsubscribe: Some(written.to_owned()),
                bounces: Some(written.to_owned()),
                ..Mail::default()
            };
            mail.normalise().expect(written);
            assert_eq!(mail.unsubscribe.as_deref(), Some(normal));
            assert_eq!(mail.bounces.as_deref(), Some(normal));
            assert!(mail.check().is_err(), "one mailbox, however it is written");
            mail.bounces = None;
            assert!(mail.check().is_ok());
            let toml = format!("host = 'h'\nfrom = '{written}'");
            let mut smtp: Smtp = toml::from_str(&toml).expect("a mail server");
            smtp.normalise().expect(written);
            assert_eq!(smtp.from, normal);
            assert!(smtp.check().is_ok());
        }
        for refused in ["st\u{f6}p@example.com", "unsub"] {
            let mut mail = Mail {
                unsubscribe: Some(refused.to_owned()),
                ..Mail::default()
            };
            assert!(mail.normalise().and_then(|()| mail.check()).is_err());
        }
    }

    #[test]
    fn the_password_is_not_shown() {
        let smtp: Smtp = toml::from_str(
            "host = 'mail.example.com'\nfrom = 'a@example.com'\nuser = 'u'\npassword = 'hidden'",
        )
        .expect("a mail server");
        assert!(!format!("{smtp:?}").contains("hidden"));
    }
}
