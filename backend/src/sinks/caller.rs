//! One call to a sink, and what its answer means (Standard Webhooks 1.0.0).

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use reqwest::header::RETRY_AFTER;
use reqwest::{Certificate, Client, StatusCode, Url};
use shared::time::Timestamp;

use super::guard::PublicOnly;
use super::trouble::Trouble;
use crate::config::Sink;

/// How long a sink may take for its answer.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// The longest pause that a sink may ask for.
const LONGEST_MS: i64 = 24 * 60 * 60 * 1000;
/// The pause of a sink that has too much to do and does not say for how long.
const BUSY_MS: i64 = 60 * 1000;

/// Tells one sink.
pub struct Caller {
    client: Client,
    target: Url,
    sink: Sink,
}

/// What came of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The sink has it.
    Told,
    /// The sink does not have it: it answered with another status. `busy` for so many milliseconds,
    /// in which it is told nothing else.
    Failed {
        /// The HTTP status.
        status: u16,
        /// How long it wants to be left alone.
        busy: Option<i64>,
    },
    /// The sink does not have it: it gave no answer.
    Unheard(Trouble),
    /// The sink wants to be told nothing any more (410).
    Gone,
}

impl Caller {
    /// A caller of that sink, which may take that long for its answer.
    pub fn new(sink: &Sink, patience: Duration) -> anyhow::Result<Self> {
        // An error says that one was installed before, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .timeout(patience)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("sayso/", env!("CARGO_PKG_VERSION")));
        let client = match sink.allow_private {
            true => client,
            false => client.dns_resolver(Arc::new(PublicOnly)),
        };
        let client = match authorities(sink)? {
            Some(authorities) => client.tls_certs_only(authorities),
            None => client,
        };
        Ok(Self {
            client: client.build().context("no HTTP client can be made")?,
            target: sink.target()?,
            sink: sink.clone(),
        })
    }

    /// Which sink.
    #[must_use]
    pub const fn sink(&self) -> &Sink {
        &self.sink
    }

    /// Sends the message of that id at that moment, signed under every secret of the sink.
    pub async fn call(&self, id: &str, at: Timestamp, body: String) -> Outcome {
        let secrets = self.sink.secret.all().iter();
        let signatures: Vec<_> = secrets.map(|secret| secret.sign(id, at, &body)).collect();
        let request = self
            .client
            .post(self.target.clone())
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", at.as_millis().div_euclid(1000))
            .header("webhook-signature", signatures.join(" "))
            .body(body);
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => return Outcome::Unheard(Trouble::of(&error)),
        };
        let status = answer.status();
        let asked = || {
            let after = answer.headers().get(RETRY_AFTER)?.to_str().ok()?;
            let seconds: i64 = after.trim().parse().ok()?;
            Some(seconds.saturating_mul(1000).clamp(0, LONGEST_MS))
        };
        match status {
            status if status.is_success() => Outcome::Told,
            StatusCode::GONE => Outcome::Gone,
            StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => Outcome::Failed {
                status: status.as_u16(),
                busy: Some(asked().unwrap_or(BUSY_MS)),
            },
            status => Outcome::Failed {
                status: status.as_u16(),
                busy: None,
            },
        }
    }
}

/// The authorities that a sink names as its own; `None` for those that the machine trusts.
fn authorities(sink: &Sink) -> anyhow::Result<Option<Vec<Certificate>>> {
    let Some(path) = &sink.ca_file else {
        return Ok(None);
    };
    let name = &sink.name;
    let pem = fs::read(path)
        .with_context(|| format!("[[sink]] {name}: ca_file {} cannot be read", path.display()))?;
    let found = Certificate::from_pem_bundle(&pem).unwrap_or_default();
    ensure!(
        !found.is_empty(),
        "[[sink]] {name}: ca_file {} holds no certificate in PEM",
        path.display()
    );
    Ok(Some(found))
}
