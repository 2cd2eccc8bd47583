//! One letter over an open connection, command by command: which of them was refused, and the status
//! beside the code, tell whom the answer is about (RFC 5321, RFC 3463).

use std::error::Error as _;

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{Extension, MailBodyParameter, MailParameter};

use super::{Refusal, code};
use crate::mail::message::Finished;
use crate::mail::status::{About, Status};

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
    let about = |error| refusal(&error);
    connection.command(receiver).await.map_err(about)?;
    connection.command(Data).await.map_err(about)?;
    connection.message(&letter.bytes).await.map_err(about)?;
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

/// Only what is said to be about the receiver's mailbox or the letter is for good at once. A code alone does
/// not say: a server that does not relay answers 550 as well.
fn refusal(error: &Error) -> Refusal {
    let code = code(error);
    let status = error.source().filter(|_| error.is_permanent());
    let status = status.and_then(|said| Status::read(&said.to_string()));
    match (code, status.map(Status::about)) {
        (Some(code), Some(About::Mailbox)) => Refusal::NoMailbox(code),
        (Some(code), Some(About::Letter)) => Refusal::Never(code),
        (Some(code @ 550..=559), None | Some(About::Unsaid)) => Refusal::Unsaid(code),
        _ => Refusal::Later(code),
    }
}
