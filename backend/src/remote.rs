//! Another Sayso, asked over HTTP: so that marketers need no access to the data directory.

use std::time::Duration;

use anyhow::{Context as _, bail};
use serde::Deserialize;

use crate::http::{DecisionsAnswer, DecisionsRequest};

/// A server that does not answer within this time is out of reach.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server and the key that opens it.
pub struct Remote {
    client: reqwest::Client,
    server: String,
    key: String,
}

/// The parts of a problem document that people read.
#[derive(Deserialize)]
struct Told {
    title: String,
    #[serde(default)]
    detail: String,
}

impl Remote {
    /// The server at that URL, such as `https://privacy.example.com`. A key crosses the network in
    /// the clear only to this machine itself.
    pub fn new(server: &str, key: &str) -> anyhow::Result<Self> {
        let server = server.trim_end_matches('/');
        let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
        if !server.starts_with("https://")
            && !local.iter().any(|local| {
                server
                    .strip_prefix(local)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
            })
        {
            bail!("--server must start with https:// so that nobody on the way reads the key");
        }
        // An error says that one was installed before, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("sayso/", env!("CARGO_PKG_VERSION")))
            .build()
            .context("no HTTP client can be made")?;
        Ok(Self {
            client,
            server: server.to_owned(),
            key: key.to_owned(),
        })
    }

    /// Asks the gate of the server.
    pub async fn decide(&self, question: &DecisionsRequest) -> anyhow::Result<DecisionsAnswer> {
        let answer = self
            .client
            .post(format!("{}/v1/decisions", self.server))
            .bearer_auth(&self.key)
            .json(question)
            .send()
            .await
            .map_err(reqwest::Error::without_url)
            .context("the server cannot be reached: do not send")?;
        let status = answer.status();
        if status.is_success() {
            return answer
                .json()
                .await
                .map_err(reqwest::Error::without_url)
                .context("the server's answer cannot be read: is it a Sayso of this version?");
        }
        match answer.json::<Told>().await {
            Ok(Told { title, detail }) => bail!("the server refused: {title}. {detail}"),
            Err(_) => bail!("the server answered {status}: do not send"),
        }
    }
}
