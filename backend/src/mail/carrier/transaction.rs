//! One letter over an open connection, command by command: which of them was refused, and the status
//! beside the code, tell whom the answer is about (RFC 5321, RFC 3463).

use std::error::Error as _;
use std::ops::RangeInclusive;

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{Extension, MailBodyParameter, MailParameter};

use super::{Refusal, code};
use crate::mail::message::Finished;

/// Codes that, with no status beside them, are about the receiver: 550 to 553. A 554 here is mostly a
/// server that relays for others.
const OF_THE_RECEIVER: RangeInclusive<u16> = 550..=553;
/// The same about a letter that was read: 554 says that it was not liked.
const OF_THE_LETTER: RangeInclusive<u16> = 550..=554;

/// Sends the letter.
pub(super) async fn send(
    connection: &mut AsyncSmtpConnection,
    sender: &Address,
    letter: &Finished,
) -> Result<(), Refusal> {
    let parameters = parameters(connection, sender, letter)?;
    let mail = Mail::new(Some(sender.clone()), parameters);
    let about_us = |error| Refusal::Later(code(&error));
    connection.command(mail).await.map_err(about_us)?;
    let receiver = Rcpt::new(letter.to.clone(), Vec::new());
    let about_them = |error| refusal(&error, &OF_THE_RECEIVER);
    connection.command(receiver).await.map_err(about_them)?;
    connection.command(Data).await.map_err(about_them)?;
    let about_it = |error| refusal(&error, &OF_THE_LETTER);
    connection.message(&letter.bytes).await.map_err(about_it)?;
    Ok(())
}

/// What the server must know beforehand; a letter that it cannot take waits for one that can.
fn parameters(
    connection: &AsyncSmtpConnection,
    sender: &Address,
    letter: &Finished,
) -> Result<Vec<MailParameter>, Refusal> {
    let mut parameters = Vec::new();
    let mut needs = |extension, parameter| {
        if !connection.server_info().supports_feature(extension) {
            return Err(Refusal::Later(None));
        }
        parameters.push(parameter);
        Ok(())
    };
    let plain = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
    if !plain(sender) || !plain(&letter.to) {
        needs(Extension::SmtpUtfEight, MailParameter::SmtpUtfEight)?;
    }
    if !letter.bytes.is_ascii() {
        let eight = MailParameter::Body(MailBodyParameter::EightBitMime);
        needs(Extension::EightBitMime, eight)?;
    }
    Ok(parameters)
}

/// Only what is about the receiver or the letter is for good. About the sender are the addresses
/// 5.1.0 (as Postfix has it), 5.1.7 and 5.1.8 and every policy, 5.7; about the server is the rest.
fn refusal(error: &Error, for_good: &RangeInclusive<u16>) -> Refusal {
    let Some(code) = code(error).filter(|_| error.is_permanent()) else {
        return Refusal::Later(code(error));
    };
    let never = match status(error) {
        Some((1, 0 | 7 | 8)) => false,
        Some((1 | 2 | 6, _) | (3, 4)) => true,
        Some((0, _)) | None => for_good.contains(&code),
        Some(_) => false,
    };
    match never {
        true => Refusal::Never(code),
        false => Refusal::Later(Some(code)),
    }
}

/// Subject and detail of the status that the answer begins with, of class 5.
fn status(error: &Error) -> Option<(u16, u16)> {
    let said = error.source()?.to_string();
    let rest = said.split_whitespace().next()?.strip_prefix("5.")?;
    let (subject, detail) = rest.split_once('.')?;
    Some((subject.parse().ok()?, detail.parse().ok()?))
}
