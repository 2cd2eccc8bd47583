//! Signing what is sent: DKIM (RFC 6376) with RSA or Ed25519 (RFC 8463), relaxed in both parts.
//!
//! The libraries for it either use the `rsa` crate, whose private operations leak through time
//! (RUSTSEC-2023-0071), or bring a whole DNS resolver along; only signing is needed here.

use std::fmt;
use std::fs;

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use sha2::{Digest as _, Sha256};
use shared::time::Timestamp;

use crate::config::Dkim;

/// The headers that are signed where a message has them.
const SIGNED: [&str; 12] = [
    "from",
    "reply-to",
    "to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "auto-submitted",
    "list-unsubscribe",
    "list-unsubscribe-post",
];
/// Signed once more than they are there, so that a second one added on the way breaks the
/// signature (RFC 6376, 8.15).
const ALONE: [&str; 6] = [
    "from",
    "reply-to",
    "to",
    "subject",
    "date",
    "list-unsubscribe",
];
/// Characters of a signature on one line.
const LINE: usize = 72;

/// Signs messages for one domain and selector.
pub struct Signer {
    domain: String,
    selector: String,
    key: Key,
}

enum Key {
    Rsa(Box<RsaKeyPair>),
    Ed25519(Ed25519KeyPair),
}

impl fmt::Debug for Signer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Signer({}, {})", self.domain, self.selector)
    }
}

impl Signer {
    /// Reads the key that the configuration names.
    pub fn read(dkim: &Dkim) -> anyhow::Result<Self> {
        let file = dkim.key_file.display();
        let pem = fs::read(&dkim.key_file)
            .with_context(|| format!("the DKIM key {file} cannot be read"))?;
        let key = Key::read(&pem).with_context(|| format!("the DKIM key {file}"))?;
        Ok(Self {
            domain: dkim.domain.to_ascii_lowercase(),
            selector: dkim.selector.clone(),
            key,
        })
    }

    /// What is published in DNS for this key (RFC 6376, 3.6.1; RFC 8463, 4).
    #[must_use]
    pub fn record(&self) -> String {
        match &self.key {
            Key::Rsa(key) => {
                let info = public_key_info(key.public().as_ref());
                format!("v=DKIM1; k=rsa; p={}", BASE64_STANDARD.encode(info))
            }
            Key::Ed25519(key) => {
                let public = key.public_key().as_ref();
                format!("v=DKIM1; k=ed25519; p={}", BASE64_STANDARD.encode(public))
            }
        }
    }

    /// The message with a signature before its first header.
    pub fn sign(&self, message: &[u8], now: Timestamp) -> anyhow::Result<Vec<u8>> {
        let text = std::str::from_utf8(message).context("the message is not text")?;
        let (head, body) = text
            .split_once("\r\n\r\n")
            .context("the message has no body")?;
        let headers = headers(head);
        let names = signed_names(&headers);
        let body_hash = BASE64_STANDARD.encode(Sha256::digest(relaxed_body(body)));
        let unsigned = format!(
            "DKIM-Signature: v=1; a={}; c=relaxed/relaxed; d={}; s={};\r\n t={}; h={};\r\n bh={};\r\n b=",
            self.key.algorithm(),
            self.domain,
            self.selector,
            now.as_millis() / 1000,
            names.join(":"),
            body_hash
        );
        let mut data = chosen(&headers, &names);
        data.push_str(relaxed_header(&unsigned).trim_end());
        let signature = BASE64_STANDARD.encode(self.key.sign(data.as_bytes())?);
        let folded: Vec<&str> = signature
            .as_bytes()
            .chunks(LINE)
            .filter_map(|chunk| std::str::from_utf8(chunk).ok())
            .collect();
        Ok(format!("{unsigned}{}\r\n{text}", folded.join("\r\n ")).into_bytes())
    }
}

impl Key {
    fn read(pem: &[u8]) -> anyhow::Result<Self> {
        let key = PrivateKeyDer::from_pem_slice(pem)
            .map_err(|_| anyhow::anyhow!("is no private key in PEM"))?;
        let rsa = match &key {
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
            PrivateKeyDer::Pkcs8(der) => {
                let der = der.secret_pkcs8_der();
                if let Ok(key) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der) {
                    return Ok(Self::Ed25519(key));
                }
                RsaKeyPair::from_pkcs8(der)
            }
            _ => bail!("is of a kind that DKIM does not know: use RSA or Ed25519"),
        };
        let rsa = rsa.map_err(|why| anyhow::anyhow!("is no RSA or Ed25519 key to use: {why}"))?;
        Ok(Self::Rsa(Box::new(rsa)))
    }

    const fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "rsa-sha256",
            Self::Ed25519(_) => "ed25519-sha256",
        }
    }

    fn sign(&self, data: &[u8]) -> anyhow::Result<Vec<u8>> {
        match self {
            Self::Ed25519(key) => Ok(key.sign(&Sha256::digest(data)).as_ref().to_vec()),
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(
                    &RSA_PKCS1_SHA256,
                    &SystemRandom::new(),
                    data,
                    &mut signature,
                )
                .map_err(|_| anyhow::anyhow!("the DKIM key cannot sign"))?;
                Ok(signature)
            }
        }
    }
}

/// An RSA public key as a SubjectPublicKeyInfo (RFC 5280, 4.1): DKIM publishes that form.
fn public_key_info(rsa: &[u8]) -> Vec<u8> {
    /// rsaEncryption, without parameters.
    const ALGORITHM: [u8; 15] = [
        0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 1, 5, 0,
    ];
    let bits = tagged(3, &[&[0], rsa].concat());
    tagged(0x30, &[&ALGORITHM[..], &bits].concat())
}

/// A DER value with its tag and length.
fn tagged(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len().to_be_bytes();
    let digits = &length[length.iter().take_while(|&&byte| byte == 0).count()..];
    let mut der = vec![tag];
    match value.len() {
        short @ 0..=127 => der.push(short as u8),
        _ => {
            der.push(0x80 | digits.len() as u8);
            der.extend_from_slice(digits);
        }
    }
    der.extend_from_slice(value);
    der
}

/// The header fields, each with its continuation lines.
fn headers(head: &str) -> Vec<String> {
    let mut headers: Vec<String> = Vec::new();
    for line in head.split("\r\n") {
        match headers.last_mut() {
            Some(last) if line.starts_with([' ', '\t']) => {
                last.push_str("\r\n");
                last.push_str(line);
            }
            _ => headers.push(line.to_owned()),
        }
    }
    headers
}

fn name(header: &str) -> String {
    let name = header.split(':').next().unwrap_or_default();
    name.trim().to_ascii_lowercase()
}

fn signed_names(headers: &[String]) -> Vec<&'static str> {
    let mut names = Vec::new();
    for signed in SIGNED {
        let there = headers.iter().filter(|header| name(header) == signed);
        let extra = usize::from(ALONE.contains(&signed));
        names.extend(std::iter::repeat_n(signed, there.count() + extra));
    }
    names
}

/// The signed headers in their relaxed form, of several with one name the lowest first.
fn chosen(headers: &[String], names: &[&str]) -> String {
    let mut left: Vec<&String> = headers.iter().collect();
    let mut data = String::new();
    for wanted in names {
        if let Some(at) = left.iter().rposition(|header| name(header) == *wanted) {
            data.push_str(&relaxed_header(left.remove(at)));
        }
    }
    data
}

fn relaxed_header(header: &str) -> String {
    let (_, value) = header.split_once(':').unwrap_or((header, ""));
    let value: Vec<&str> = value.split_ascii_whitespace().collect();
    format!("{}:{}\r\n", name(header), value.join(" "))
}

fn relaxed_body(body: &str) -> String {
    let mut lines: Vec<String> = body.split("\r\n").map(relaxed_line).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.into_iter().map(|line| line + "\r\n").collect()
}

/// Runs of space and tab become one space, and none stay at the end.
fn relaxed_line(line: &str) -> String {
    let mut relaxed = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            ' ' | '\t' if relaxed.ends_with(' ') => {}
            ' ' | '\t' => relaxed.push(' '),
            c => relaxed.push(c),
        }
    }
    relaxed.truncate(relaxed.trim_end_matches(' ').len());
    relaxed
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;
    use ed25519_dalek::{Signature, VerifyingKey};
    use ring::signature::{Ed25519KeyPair, KeyPair as _};
    use sha2::{Digest as _, Sha256};
    use shared::time::Timestamp;

    use super::{Key, Signer, relaxed_body, relaxed_header};

    #[test]
    fn a_signature_covers_the_headers_that_unsubscribe() {
        let der = Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new()).expect("a key");
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            BASE64_STANDARD.encode(der.as_ref())
        );
        let public = Ed25519KeyPair::from_pkcs8(der.as_ref()).expect("a key");
        let public: [u8; 32] = public.public_key().as_ref().try_into().expect("32 bytes");
        let signer = Signer {
            domain: "example.com".to_owned(),
            selector: "s".to_owned(),
            key: Key::read(pem.as_bytes()).expect("a key"),
        };
        let message = "From: a@example.com\r\nTo: b@client.example\r\n\
                       List-Unsubscribe: <https://example.com/u/x>,\r\n <mailto:u@example.com>\r\n\
                       List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\nbody\r\n";
        let signed = signer
            .sign(message.as_bytes(), Timestamp::from_millis(0))
            .expect("signed");
        let signed = String::from_utf8(signed).expect("text");
        let (header, rest) = signed.split_once("\r\nFrom:").expect("a header");
        assert_eq!(format!("From:{rest}"), message);
        let unfolded = header.replace("\r\n ", " ");
        let tag = |name: &str| {
            let found = unfolded
                .split("; ")
                .find_map(|tag| tag.trim().strip_prefix(name));
            found.expect(name).replace(' ', "")
        };
        assert_eq!(
            tag("h="),
            "from:from:reply-to:to:to:subject:date:list-unsubscribe:list-unsubscribe:\
             list-unsubscribe-post"
        );
        assert_eq!(
            tag("bh="),
            BASE64_STANDARD.encode(Sha256::digest("body\r\n"))
        );
        let (before, value) = unfolded.split_once(" b=").expect("a signature");
        let data = format!(
            "from:a@example.com\r\nto:b@client.example\r\n\
             list-unsubscribe:<https://example.com/u/x>, <mailto:u@example.com>\r\n\
             list-unsubscribe-post:List-Unsubscribe=One-Click\r\n{} b=",
            before.replacen("DKIM-Signature: ", "dkim-signature:", 1)
        );
        let value = BASE64_STANDARD
            .decode(value.replace(' ', ""))
            .expect("base64");
        let signature = Signature::from_slice(&value).expect("a signature");
        VerifyingKey::from_bytes(&public)
            .expect("a key")
            .verify_strict(&Sha256::digest(data.as_bytes()), &signature)
            .expect("the signature is good");
    }

    #[test]
    fn the_relaxed_forms_are_those_of_rfc_6376() {
        // The examples of 3.4.5.
        assert_eq!(relaxed_header("A: X"), "a:X\r\n");
        assert_eq!(relaxed_header("B : Y\t\r\n\tZ  "), "b:Y Z\r\n");
        assert_eq!(relaxed_body(" C \r\nD \t E\r\n\r\n\r\n"), " C\r\nD E\r\n");
        assert_eq!(relaxed_body("\r\n\r\n"), "");
    }
}
