//! What a mail server asks: lines of `name=value`, ended by an empty one.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _};
use tokio::time::timeout;

/// Bytes of one request at most; Postfix sends about one thousand.
const LONGEST: usize = 64 * 1024;
/// How long a connection may be quiet. Postfix closes one after five minutes.
const QUIET: Duration = Duration::from_secs(20 * 60);
/// How long a request may take to arrive once it has begun.
const WHOLE: Duration = Duration::from_secs(30);

/// Why a request cannot be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    #[error("the request is longer than {LONGEST} bytes")]
    TooLong,
    #[error("the request did not arrive whole within {} seconds", WHOLE.as_secs())]
    TooSlow,
    #[error("a line of the request is not name=value")]
    Line,
    #[error("the request says something twice")]
    Twice,
    #[error("the request is not an smtpd_access_policy request")]
    Kind,
    #[error(
        "the question came at another moment than RCPT TO: name check_policy_service under \
         smtpd_recipient_restrictions alone"
    )]
    State,
    #[error("the request names no recipient")]
    NoRecipient,
}

/// The next request, without the empty line at its end. `None` once the other side has closed, or
/// has been quiet for long. After `Malformed` nothing more can be read.
pub(super) async fn next(
    from: &mut (impl AsyncBufRead + Unpin),
) -> io::Result<Result<Option<Vec<u8>>, Malformed>> {
    let Ok(begun) = timeout(QUIET, from.fill_buf()).await else {
        return Ok(Ok(None));
    };
    if begun?.is_empty() {
        return Ok(Ok(None));
    }
    match timeout(WHOLE, whole(from)).await {
        Ok(request) => request,
        Err(_) => Ok(Err(Malformed::TooSlow)),
    }
}

async fn whole(
    from: &mut (impl AsyncBufRead + Unpin),
) -> io::Result<Result<Option<Vec<u8>>, Malformed>> {
    let mut request = Vec::new();
    loop {
        let begun = request.len();
        loop {
            let some = from.fill_buf().await?;
            if some.is_empty() {
                return Ok(Ok(None));
            }
            let end = some.iter().position(|&byte| byte == b'\n');
            let taken = end.map_or(some.len(), |at| at + 1);
            request.extend_from_slice(&some[..taken]);
            from.consume(taken);
            if request.len() > LONGEST {
                return Ok(Err(Malformed::TooLong));
            }
            if end.is_some() {
                break;
            }
        }
        if request.len() == begun + 1 {
            request.truncate(begun);
            return Ok(Ok(Some(request)));
        }
    }
}

/// The recipient that the mail server asks about.
pub(super) fn recipient(request: &[u8]) -> Result<&[u8], Malformed> {
    let (mut kind, mut state, mut recipient) = (None, None, None);
    for line in request.split_inclusive(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let equals = line.iter().position(|&byte| byte == b'=');
        let (name, value) = line.split_at(equals.ok_or(Malformed::Line)?);
        let slot = match name {
            b"request" => &mut kind,
            b"protocol_state" => &mut state,
            b"recipient" => &mut recipient,
            _ => continue,
        };
        if slot.replace(&value[1..]).is_some() {
            return Err(Malformed::Twice);
        }
    }
    if kind != Some(b"smtpd_access_policy") {
        return Err(Malformed::Kind);
    }
    if state != Some(b"RCPT") {
        return Err(Malformed::State);
    }
    recipient
        .filter(|recipient| !recipient.is_empty())
        .ok_or(Malformed::NoRecipient)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{LONGEST, Malformed, next, recipient};

    const WHOLE: &str = "request=smtpd_access_policy\nprotocol_state=RCPT\nprotocol_name=ESMTP\n\
                         sender=news@example.com\nrecipient=jane@client.example\nsize=0\n";

    #[test]
    fn the_recipient_is_found_among_what_postfix_sends() {
        assert_eq!(recipient(WHOLE.as_bytes()), Ok(&b"jane@client.example"[..]));
        let equals = WHOLE.replace("jane", "a=b");
        assert_eq!(recipient(equals.as_bytes()), Ok(&b"a=b@client.example"[..]));
    }

    #[test]
    fn whatever_is_missing_or_doubtful_is_named() {
        let without = |from: &str, to: &str| {
            assert!(WHOLE.contains(from), "{from}");
            recipient(WHOLE.replace(from, to).as_bytes()).map(<[u8]>::to_vec)
        };
        assert_eq!(without("request=", "x="), Err(Malformed::Kind));
        assert_eq!(without("access", "other"), Err(Malformed::Kind));
        for state in [
            "CONNECT",
            "EHLO",
            "MAIL",
            "DATA",
            "END-OF-MESSAGE",
            "VRFY",
            "rcpt",
            "",
        ] {
            assert_eq!(without("RCPT", state), Err(Malformed::State), "{state}");
        }
        assert_eq!(without("recipient=", "x="), Err(Malformed::NoRecipient));
        assert_eq!(
            without("jane@client.example", ""),
            Err(Malformed::NoRecipient)
        );
        assert_eq!(
            without("size=0", "recipient=joe@x.example"),
            Err(Malformed::Twice)
        );
        assert_eq!(without("size=0", "size"), Err(Malformed::Line));
    }

    #[tokio::test]
    async fn requests_are_told_apart_and_a_cut_one_is_none() {
        let two = format!("{WHOLE}\n{WHOLE}\nrequest=smtpd");
        let mut from = two.as_bytes();
        for _ in 0..2 {
            let request = next(&mut from).await.unwrap().unwrap();
            assert_eq!(request.as_deref(), Some(WHOLE.as_bytes()));
        }
        assert_eq!(next(&mut from).await.unwrap(), Ok(None));
        let endless = "x".repeat(LONGEST + 1);
        let long = next(&mut endless.as_bytes()).await.unwrap();
        assert_eq!(long, Err(Malformed::TooLong));
    }

    proptest! {
        #[test]
        fn no_bytes_name_a_recipient_without_saying_so(bytes: Vec<u8>) {
            if let Ok(found) = recipient(&bytes) {
                let line = [b"recipient=", found].concat();
                let mut windows = bytes.windows(line.len());
                prop_assert!(windows.any(|window| window == line));
            }
        }
    }
}
