//! Mail that comes in: somebody unsubscribes, a message came back, a message was called spam
//! (UNS-16, UNS-17). Reads and decides nothing but what was meant; every one of them only restricts.

use std::collections::HashSet;

use mail_parser::{Message, MessageParser, MimeHeaders as _};
use shared::address::Address;

use super::status::{About, Status};
use super::tag::{self, Use};
use crate::config::Mail;
use crate::one_click::OneClick;
use crate::secrets::Secrets;
use crate::store::Keys;

/// How many addresses a message may name without a mark of ours. Anybody can write one, and it is to stop
/// those who write it, not whole lists of others.
const NAMED: usize = 5;

/// How a message was delivered.
#[derive(Debug, Clone, Default)]
pub struct Delivery {
    /// The envelope's sender, where it is known; empty for reports.
    pub sender: Option<String>,
    /// Whom it was delivered to; where that is not known, its headers are asked.
    pub recipients: Vec<String>,
}

/// What a message means. It may be about several addresses.
#[derive(Debug, Clone)]
pub enum Incoming {
    /// Whoever it was marked for, else its sender, wants no more mailings.
    Unsubscribe(Vec<Whose>),
    /// Mail to those addresses came back for good.
    Bounced(Vec<Whose>),
    /// Those receivers called a message spam.
    Spam(Vec<Whose>),
    /// Nothing, and why.
    Nothing(&'static str),
    /// What somebody wrote is for nobody here, and why: they have to be told that nobody reads it.
    Unread(&'static str),
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
            return match is_report(delivery, None) {
                true => Incoming::Nothing("it is no message"),
                false => Incoming::Unread("it is no message"),
            };
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
        if is_report(delivery, Some(&message)) {
            return Incoming::Nothing("it has no sender");
        }
        self.asked(&message, &recipients(&message, delivery))
    }

    /// A message to the mailbox for unsubscribing, with marks or without one.
    fn asked(&self, message: &Message<'_>, recipients: &[String]) -> Incoming {
        let Some(mailbox) = self.mail.unsubscribe.as_deref() else {
            return Incoming::Unread("no mailbox to unsubscribe is configured");
        };
        let authors = message.from().into_iter().flat_map(|from| from.iter());
        let authors = authors.filter_map(|one| self.named(one.address()?));
        let authors = each_once(authors);
        let marked = self.marked(recipients, mailbox, Use::Unsubscribe, &authors);
        if !marked.is_empty() {
            return Incoming::Unsubscribe(marked);
        }
        if !recipients.iter().any(|one| is_box(one, mailbox)) {
            return Incoming::Unread("it was not for the mailbox to unsubscribe");
        }
        match authors.len() {
            0 => Incoming::Unread("its From names no address that can be read"),
            1..=NAMED => Incoming::Unsubscribe(few(authors)),
            _ => Incoming::Unread("its From names more than five addresses"),
        }
    }

    /// A delivery status notification (RFC 3464).
    fn returned(&self, report: &str, recipients: &[String]) -> Incoming {
        let failed: Vec<_> = groups(report)
            .into_iter()
            .filter_map(|group| Some((failure(&group)?, group)))
            .collect();
        if failed.is_empty() {
            return Incoming::Nothing("it came back, but not for good");
        }
        let gone: Vec<_> = failed
            .iter()
            .filter(|(about, _)| matches!(about, About::Mailbox | About::Unsaid))
            .collect();
        if gone.is_empty() {
            return Incoming::Nothing("it came back, but not because of the mailbox");
        }
        let named = each_once(gone.into_iter().filter_map(|(_, group)| self.failed(group)));
        if let Some(mailbox) = self.mail.bounces.as_deref() {
            let marked = self.marked(recipients, mailbox, Use::Bounce, &named);
            if !marked.is_empty() {
                return Incoming::Bounced(marked);
            }
        }
        match named.is_empty() {
            true => Incoming::Nothing("it names no address"),
            false => Incoming::Bounced(few(named)),
        }
    }

    /// A complaint that a mailbox provider passes on (RFC 5965).
    fn complained(&self, report: &str, bytes: &[u8]) -> Incoming {
        let fields: Vec<_> = groups(report).into_iter().flatten().collect();
        let kind = field(&fields, "Feedback-Type").unwrap_or_default();
        if !kind.eq_ignore_ascii_case("abuse") {
            return Incoming::Nothing("it is no complaint about spam");
        }
        if let Some(one) = self.link(bytes) {
            return Incoming::Spam(vec![Whose::Known(self.whom(one.address))]);
        }
        let named = ["Original-Rcpt-To", "Removal-Recipient"]
            .into_iter()
            .flat_map(|name| every(&fields, name))
            .filter_map(|address| self.named(address));
        let named = each_once(named);
        match named.is_empty() {
            true => Incoming::Nothing("it names no address"),
            false => Incoming::Spam(few(named)),
        }
    }

    /// Everybody whose good mark is among the recipients, with the address where the message names it:
    /// the same one under every generation of the pepper.
    fn marked(
        &self,
        recipients: &[String],
        mailbox: &str,
        what: Use,
        named: &[Whom],
    ) -> Vec<Whose> {
        let marks = recipients
            .iter()
            .filter_map(|one| tag::read(one, mailbox, what, self.secrets));
        let known = marks.map(|marked| {
            let same = |named: &&Whom| marked.0.iter().all(|key| named.keys.0.contains(key));
            let same = named.iter().find(same).cloned();
            same.unwrap_or_else(|| unnamed(marked))
        });
        each_once(known).into_iter().map(Whose::Known).collect()
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
        Some(self.whom(address_in(address)?))
    }

    /// The recipient that a group of a delivery report names.
    fn failed(&self, group: &[(String, String)]) -> Option<Whom> {
        receivers(group).next().map(|address| self.whom(address))
    }

    fn whom(&self, address: Address) -> Whom {
        Whom {
            keys: self.secrets.keys(&address),
            address: Some(address),
        }
    }
}

/// Each of them once.
fn each_once(all: impl Iterator<Item = Whom>) -> Vec<Whom> {
    let mut seen = HashSet::new();
    all.filter(|whom| seen.insert(whom.keys.clone())).collect()
}

/// The first of those that a message names.
fn few(named: Vec<Whom>) -> Vec<Whose> {
    named.into_iter().take(NAMED).map(Whose::Named).collect()
}

fn address_in(value: &str) -> Option<Address> {
    Address::parse(value.trim().trim_matches(['<', '>'])).ok()
}

/// The recipient of a group of a delivery report: as it was written to, then as it was in the end.
fn receivers(group: &[(String, String)]) -> impl Iterator<Item = Address> {
    ["Original-Recipient", "Final-Recipient"]
        .into_iter()
        .filter_map(|name| field(group, name))
        .filter_map(|value| address_in(value.rsplit(';').next()?))
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
fn is_report(delivery: &Delivery, message: Option<&Message<'_>>) -> bool {
    let sender = match &delivery.sender {
        Some(sender) => sender.as_str(),
        None => match message.and_then(|message| message.header_raw("Return-Path")) {
            Some(path) => path.trim(),
            None => return false,
        },
    };
    let sender = sender.trim_matches(['<', '>']);
    let name = sender.split('@').next().unwrap_or_default();
    sender.is_empty() || name.eq_ignore_ascii_case("mailer-daemon")
}

/// Whom it was delivered to, in the form that mailboxes are configured in.
fn recipients(message: &Message<'_>, delivery: &Delivery) -> Vec<String> {
    if !delivery.recipients.is_empty() {
        return delivery.recipients.iter().map(|one| normal(one)).collect();
    }
    let names = ["Delivered-To", "X-Original-To"];
    let raw = message
        .headers_raw()
        .filter(|(name, _)| names.iter().any(|one| one.eq_ignore_ascii_case(name)))
        .map(|(_, value)| value.trim());
    let headers = [message.to(), message.cc()];
    let listed = headers.into_iter().flatten().flat_map(|list| list.iter());
    let listed = listed.filter_map(|one| one.address());
    raw.chain(listed).map(normal).collect()
}

fn normal(recipient: &str) -> String {
    match Address::parse(recipient) {
        Ok(address) => address.reveal().to_owned(),
        Err(_) => recipient.to_owned(),
    }
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
                if !value.is_empty() {
                    value.push(' ');
                }
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            group.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    groups
}

fn field(group: &[(String, String)], wanted: &str) -> Option<String> {
    every(group, wanted).next().map(str::to_owned)
}

fn every<'a>(group: &'a [(String, String)], wanted: &str) -> impl Iterator<Item = &'a str> {
    let found = group
        .iter()
        .filter(move |(name, _)| name.eq_ignore_ascii_case(wanted));
    found.map(|(_, value)| value.as_str())
}

/// What a permanent failure that a group of a delivery report tells of is about; `None` when it tells of
/// none.
fn failure(group: &[(String, String)]) -> Option<About> {
    let action = field(group, "Action")?;
    let status = Status::read(&field(group, "Status")?)?;
    if !action.eq_ignore_ascii_case("failed") {
        return None;
    }
    let diagnostic = field(group, "Diagnostic-Code").unwrap_or_default();
    let (_, reply) = diagnostic.split_once(';').unwrap_or_default();
    let is_theirs = |domain: &str| {
        receivers(group).any(|receiver| receiver.domain().eq_ignore_ascii_case(domain))
    };
    Some(status.reported(reply.trim(), is_theirs))
}
