//! One call to a sink, and what its answer means (Standard Webhooks 1.0.0).

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, StatusCode, Url};
use shared::time::Timestamp;

use super::guard::PublicOnly;
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
    /// The sink does not have it; with the status it answered, if it did. `busy` for so many
    /// milliseconds, in which it is told nothing else.
    Failed {
        /// The HTTP status.
        status: Option<u16>,
        /// How long it wants to be left alone.
        busy: Option<i64>,
    },
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
        let Ok(answer) = request.send().await else {
            return Outcome::Failed {
                status: None,
                busy: None,
            };
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
                status: Some(status.as_u16()),
                busy: Some(asked().unwrap_or(BUSY_MS)),
            },
            status => Outcome::Failed {
                status: Some(status.as_u16()),
                busy: None,
            },
        }
    }
}
