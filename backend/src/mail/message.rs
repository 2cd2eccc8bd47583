//! A letter as a message: RFC 5322 headers, plain text and HTML, signed.

use std::time::{Duration, UNIX_EPOCH};

use anyhow::Context as _;
use lettre::Address as MailAddress;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};
use shared::address::Address;
use shared::digest::Digest;
use shared::notice::Notice;
use shared::time::Timestamp;

use super::dkim::Signer;
use super::letter::Letter;
use super::wording::{Wording, link};
use crate::config::{Config, Smtp};

/// Who sends where no mail server is set: the demonstration's files.
const EXAMPLE: &str = "privacy@example.com";

/// Who letters come from.
#[derive(Debug)]
pub struct Sender {
    from: MailAddress,
    reply_to: Option<MailAddress>,
    signers: Vec<Signer>,
}

/// A letter, ready for a mail server.
pub struct Finished {
    /// What names it in its `Message-ID` and as a file.
    pub name: String,
    /// Its `From` address.
    pub from: MailAddress,
    /// Whom it goes to.
    pub to: MailAddress,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The link in it.
    pub link: Option<String>,
}

impl Sender {
    /// As configured; reads the keys that sign.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        match &config.smtp {
            Some(smtp) => Self::of(smtp),
            None => Ok(Self {
                from: EXAMPLE.parse()?,
                reply_to: None,
                signers: Vec::new(),
            }),
        }
    }

    fn of(smtp: &Smtp) -> anyhow::Result<Self> {
        let signers: anyhow::Result<_> = smtp.dkim.iter().map(Signer::read).collect();
        Ok(Self {
            from: address(&smtp.from).context("smtp.from")?,
            reply_to: smtp
                .reply_to
                .as_deref()
                .map(address)
                .transpose()
                .context("smtp.reply_to")?,
            signers: signers?,
        })
    }

    /// The message that says the letter. `sealed` are the bytes it was kept as: they name the
    /// message, so that one that is sent twice can be known as the same.
    pub fn message(
        &self,
        letter: &Letter,
        sealed: &[u8],
        notice: &Notice,
        base: &str,
        now: Timestamp,
    ) -> anyhow::Result<Finished> {
        let name: String = Digest::of(sealed).to_string().chars().take(32).collect();
        let wording = Wording::of(letter, notice, base);
        let to = address(&letter.to)?;
        let controller = notice.slots.controller.filled();
        let contact = notice.slots.contact.filled();
        let reply_to = match (&self.reply_to, contact) {
            (Some(reply_to), _) => reply_to.clone(),
            (None, Some(contact)) => address(&contact.email)?,
            (None, None) => self.from.clone(),
        };
        let millis = u64::try_from(now.as_millis()).unwrap_or_default();
        let message = Message::builder()
            .from(Mailbox::new(
                controller.map(|controller| controller.name.clone()),
                self.from.clone(),
            ))
            .reply_to(Mailbox::new(None, reply_to))
            .to(Mailbox::new(None, to.clone()))
            .subject(wording.subject.as_str())
            .date(UNIX_EPOCH + Duration::from_millis(millis))
            .message_id(Some(format!("<{name}@{}>", self.from.domain())))
            .raw_header(raw("Auto-Submitted", "auto-generated")?)
            .raw_header(raw("X-Auto-Response-Suppress", "All")?)
            .multipart(
                MultiPart::alternative()
                    .boundary(format!("part-{name}"))
                    .singlepart(SinglePart::plain(wording.text()))
                    .singlepart(SinglePart::html(wording.html())),
            )
            .context("the message cannot be put together")?;
        let bytes = self
            .signers
            .iter()
            .try_fold(message.formatted(), |bytes, signer| {
                signer.sign(&bytes, now)
            })?;
        Ok(Finished {
            name,
            from: self.from.clone(),
            to,
            bytes,
            link: link(letter, base),
        })
    }
}

/// An address as a mail server takes it; parsed as ours first, so that no line break gets through.
fn address(text: &str) -> anyhow::Result<MailAddress> {
    let address = Address::of_kept(text)?;
    address
        .reveal()
        .parse()
        .map_err(|_| anyhow::anyhow!("mail cannot be sent to such an address"))
}

fn raw(name: &'static str, value: &str) -> anyhow::Result<HeaderValue> {
    let name = HeaderName::new_from_ascii(name.to_owned())
        .map_err(|_| anyhow::anyhow!("{name} is no header"))?;
    Ok(HeaderValue::new(name, value.to_owned()))
}
