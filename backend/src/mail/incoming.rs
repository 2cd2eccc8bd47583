//! Mail that comes in: somebody unsubscribes, a message came back, a message was called spam
//! (UNS-16, UNS-17). Reads and decides nothing but what was meant; every one of them only restricts.

use mail_parser::{Message, MessageParser, MimeHeaders as _};
use shared::address::Address;

use super::tag::{self, Use};
use crate::config::Mail;
use crate::one_click::OneClick;
use crate::secrets::Secrets;
use crate::store::Keys;

/// How a message was delivered.
#[derive(Debug, Clone, Default)]
pub struct Delivery {
    /// The envelope's sender, where it is known; empty for reports.
    pub sender: Option<String>,
    /// Whom it was delivered to; where that is not known, its headers are asked.
    pub recipients: Vec<String>,
}

/// What a message means.
#[derive(Debug, Clone)]
pub enum Incoming {
    /// Its sender wants no more mailings.
    Unsubscribe(Whose),
    /// Mail to that address came back for good.
    Bounced(Whose),
    /// That receiver called a message spam.
    Spam(Whose),
    /// Nothing, and why.
    Nothing(&'static str),
}

/// Whose address it is about.
#[derive(Debug, Clone)]
pub enum Whose {
    /// The holder of a mark or token that we sent to the address.
    Known(Whom),
    /// An address that the message names; anybody can name one.
    Named(Whom),
}

/// An address by its keys, and itself where the message names it.
#[derive(Debug, Clone)]
pub struct Whom {
    /// Its keys.
    pub keys: Keys,
    /// The address; a mark does not hold it.
    pub address: Option<Address>,
}

/// What messages are read with.
pub struct Reader<'a> {
    /// Which mailboxes are ours.
    pub mail: &'a Mail,
    /// The service's public URL.
    pub base: &'a str,
    /// Opens marks and tokens.
    pub secrets: &'a Secrets,
}

impl Reader<'_> {
    /// What the message means.
    #[must_use]
    pub fn read(&self, bytes: &[u8], delivery: &Delivery) -> Incoming {
        let Some(message) = MessageParser::default().parse(bytes) else {
            return Incoming::Nothing("it is no message");
        };
        if let Some(report) = part(&message, "delivery-status") {
            return self.returned(&report, &recipients(&message, delivery));
        }
        if let Some(report) = part(&message, "feedback-report") {
            return self.complained(&report, bytes);
        }
        let automatic = message.header_raw("Auto-Submitted");
        if automatic.is_some_and(|value| !first_word(value).eq_ignore_ascii_case("no")) {
            return Incoming::Nothing("a machine sent it");
        }
        if is_report(delivery, &message) {
            return Incoming::Nothing("it has no sender");
        }
        self.asked(&message, &recipients(&message, delivery))
    }

    /// A message to the mailbox for unsubscribing, with a mark or without one.
    fn asked(&self, message: &Message<'_>, recipients: &[String]) -> Incoming {
        let Some(mailbox) = self.mail.unsubscribe.as_deref() else {
            return Incoming::Nothing("no mailbox to unsubscribe is configured");
        };
        let from = message.from().and_then(|from| from.first());
        let from = from.and_then(|from| Address::parse(from.address()?).ok());
        let from = from.map(|from| self.whom(from));
        let marked = recipients
            .iter()
            .find_map(|one| tag::read(one, mailbox, Use::Unsubscribe, self.secrets));
        if let Some(marked) = marked {
            // The same address under every generation of the pepper, where its holder writes.
            let same = from.filter(|from| marked.0.iter().all(|key| from.keys.0.contains(key)));
            return Incoming::Unsubscribe(Whose::Known(same.unwrap_or_else(|| unnamed(marked))));
        }
        let ours = |one: &String| is_box(one, mailbox);
        match from {
            Some(from) if recipients.iter().any(ours) => Incoming::Unsubscribe(Whose::Named(from)),
            Some(_) => Incoming::Nothing("it was not for the mailbox to unsubscribe"),
            None => Incoming::Nothing("its sender has no address"),
        }
    }

    /// A delivery status notification (RFC 3464).
    fn returned(&self, report: &str, recipients: &[String]) -> Incoming {
        let failed = groups(report).into_iter().find(|group| {
            let action = field(group, "Action").unwrap_or_default();
            let status = field(group, "Status").unwrap_or_default();
            action.eq_ignore_ascii_case("failed") && status.starts_with("5.")
        });
        let Some(failed) = failed else {
            return Incoming::Nothing("it came back, but not for good");
        };
        let marked = self.mail.bounces.as_deref().and_then(|mailbox| {
            recipients
                .iter()
                .find_map(|one| tag::read(one, mailbox, Use::Bounce, self.secrets))
        });
        if let Some(marked) = marked {
            let named = self.failed(&failed).filter(|named| {
                let mut keys = marked.0.iter();
                keys.all(|key| named.keys.0.contains(key))
            });
            return Incoming::Bounced(Whose::Known(named.unwrap_or_else(|| unnamed(marked))));
        }
        self.failed(&failed)
            .map_or(Incoming::Nothing("it names no address"), |whom| {
                Incoming::Bounced(Whose::Named(whom))
            })
    }

    /// A complaint that a mailbox provider passes on (RFC 5965).
    fn complained(&self, report: &str, bytes: &[u8]) -> Incoming {
        let fields: Vec<_> = groups(report).into_iter().flatten().collect();
        let kind = field(&fields, "Feedback-Type").unwrap_or_default();
        if !kind.eq_ignore_ascii_case("abuse") {
            return Incoming::Nothing("it is no complaint about spam");
        }
        if let Some(one) = self.link(bytes) {
            return Incoming::Spam(Whose::Known(self.whom(one.address)));
        }
        ["Original-Rcpt-To", "Removal-Recipient"]
            .into_iter()
            .filter_map(|name| field(&fields, name))
            .find_map(|address| self.named(&address))
            .map_or(Incoming::Nothing("it names no address"), |whom| {
                Incoming::Spam(Whose::Named(whom))
            })
    }

    /// The one-click link in the message that was complained about.
    fn link(&self, bytes: &[u8]) -> Option<OneClick> {
        let text = String::from_utf8_lossy(bytes);
        // Long headers are folded, and a body may be quoted-printable: both break a link apart.
        let text: String = text
            .replace("=\r\n", "")
            .replace("=\n", "")
            .split_ascii_whitespace()
            .collect();
        let start = format!("{}/u/", self.base);
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        text.match_indices(&start).find_map(|(at, _)| {
            let rest = &text[at + start.len()..];
            let end = rest.find(|c| !plain(c)).unwrap_or(rest.len());
            OneClick::open(&rest[..end], self.secrets)
        })
    }

    fn named(&self, address: &str) -> Option<Whom> {
        let address = address.trim().trim_matches(['<', '>']);
        Some(self.whom(Address::parse(address).ok()?))
    }

    /// The recipient that a group of a delivery report names.
    fn failed(&self, group: &[(String, String)]) -> Option<Whom> {
        ["Original-Recipient", "Final-Recipient"]
            .into_iter()
            .filter_map(|name| field(group, name))
            .find_map(|value| self.named(value.rsplit(';').next()?))
    }

    fn whom(&self, address: Address) -> Whom {
        Whom {
            keys: self.secrets.keys(&address),
            address: Some(address),
        }
    }
}

fn unnamed(keys: Keys) -> Whom {
    Whom {
        keys,
        address: None,
    }
}

fn first_word(value: &str) -> &str {
    value
        .trim()
        .split([';', ' ', '\t', '\r', '\n'])
        .next()
        .unwrap_or_default()
}

/// Whether nobody would get an answer: reports and other mail without a sender.
fn is_report(delivery: &Delivery, message: &Message<'_>) -> bool {
    let sender = match &delivery.sender {
        Some(sender) => sender.as_str(),
        None => match message.header_raw("Return-Path") {
            Some(path) => path.trim(),
            None => return false,
        },
    };
    let name = sender.trim_matches(['<', '>']);
    name.is_empty() || name.eq_ignore_ascii_case("mailer-daemon")
}

fn recipients(message: &Message<'_>, delivery: &Delivery) -> Vec<String> {
    if !delivery.recipients.is_empty() {
        return delivery.recipients.clone();
    }
    let raw = ["Delivered-To", "X-Original-To"].map(|name| message.header_raw(name));
    let raw = raw
        .into_iter()
        .flatten()
        .map(|value| value.trim().to_owned());
    let headers = [message.to(), message.cc()];
    let listed = headers.into_iter().flatten().flat_map(|list| list.iter());
    let listed = listed.filter_map(|one| Some(one.address()?.to_owned()));
    raw.chain(listed).collect()
}

/// Whether it is that mailbox, with any mark: a damaged one is still a wish to unsubscribe.
fn is_box(recipient: &str, mailbox: &str) -> bool {
    let Some((name, domain)) = recipient.rsplit_once('@') else {
        return false;
    };
    let name = name.split('+').next().unwrap_or_default();
    format!("{name}@{domain}").eq_ignore_ascii_case(mailbox)
}

/// The text of the part `message/…` of that kind, in a report that says so itself.
fn part(message: &Message<'_>, kind: &str) -> Option<String> {
    let whole = message.content_type()?;
    let is_report = whole.ctype().eq_ignore_ascii_case("multipart")
        && whole
            .subtype()
            .is_some_and(|one| one.eq_ignore_ascii_case("report"));
    if !is_report {
        return None;
    }
    let found = message.parts.iter().find(|part| {
        part.content_type().is_some_and(|one| {
            one.ctype().eq_ignore_ascii_case("message")
                && one
                    .subtype()
                    .is_some_and(|one| one.eq_ignore_ascii_case(kind))
        })
    })?;
    let (from, to) = (found.raw_body_offset(), found.raw_end_offset());
    let (from, to) = (usize::try_from(from).ok()?, usize::try_from(to).ok()?);
    let raw = message.raw_message().get(from..to)?;
    Some(String::from_utf8_lossy(raw).into_owned())
}

type Fields = Vec<(String, String)>;

/// The groups of fields in a report; an empty line stands between them.
fn groups(report: &str) -> Vec<Fields> {
    let mut groups: Vec<Fields> = vec![Vec::new()];
    for line in report.lines() {
        let Some(group) = groups.last_mut() else {
            break;
        };
        if line.trim().is_empty() {
            groups.push(Vec::new());
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = group.last_mut() {
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            group.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    groups
}

fn field(group: &[(String, String)], wanted: &str) -> Option<String> {
    let mut found = group
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
    found.next().map(|(_, value)| value.clone())
}
