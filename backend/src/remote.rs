//! Another Sayso, asked over HTTP: so that marketers need no access to the data directory.

use std::net::IpAddr;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use reqwest::Url;
use serde::Deserialize;

use crate::http::{DecisionsAnswer, DecisionsRequest};
use crate::one_click::{Headers, Unsubscribe};

/// A server that does not answer within this time is out of reach.
const PATIENCE: Duration = Duration::from_secs(30);
/// A list takes its time to get there, and its verdicts to come back.
const LIST_PATIENCE: Duration = Duration::from_secs(2 * 60 * 60);

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
    #[serde(default)]
    errors: Vec<Wrong>,
}

/// A field that is wrong.
#[derive(Deserialize)]
struct Wrong {
    field: String,
    detail: String,
}

/// Unsubscribe links as a server answers them.
#[derive(Deserialize)]
struct MadeLinks {
    links: Vec<MadeLink>,
}

#[derive(Deserialize)]
struct MadeLink {
    url: Option<String>,
    mailto: Option<String>,
    list_unsubscribe: Option<String>,
    list_unsubscribe_post: Option<String>,
}

impl Remote {
    /// The server at that URL, such as `https://privacy.example.com`. A key crosses the network in
    /// the clear only to this machine itself, and by no proxy then.
    ///
    /// # Errors
    /// Where the URL is none, names a user, or would let others read the key.
    pub fn new(server: &str, key: &str) -> anyhow::Result<Self> {
        let url = Url::parse(server)
            .context("--server must be a URL, such as https://privacy.example.com")?;
        ensure!(
            url.username().is_empty() && url.password().is_none(),
            "--server must name no user and no password: --key is what opens the server"
        );
        let is_plain = match url.scheme() {
            "https" => false,
            "http" if is_this_machine(&url) => true,
            _ => bail!("--server must start with https:// so that nobody on the way reads the key"),
        };
        // An error says that one was installed before, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("sayso/", env!("CARGO_PKG_VERSION")));
        let builder = match is_plain {
            true => builder.no_proxy(),
            false => builder,
        };
        let client = builder.build().context("no HTTP client can be made")?;
        Ok(Self {
            client,
            server: url.as_str().trim_end_matches('/').to_owned(),
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
        read(accepted(answer).await?).await
    }

    /// Has one-click unsubscribe links made, one per address, in their order.
    pub async fn unsubscribe_links(
        &self,
        purpose: &str,
        topic: Option<&str>,
        mailing: Option<&str>,
        addresses: &[String],
    ) -> anyhow::Result<Vec<Unsubscribe>> {
        let question = serde_json::json!({
            "purpose": purpose, "topic": topic, "mailing": mailing, "addresses": addresses,
        });
        let answer = self
            .client
            .post(format!("{}/v1/unsubscribe-links", self.server))
            .bearer_auth(&self.key)
            .json(&question)
            .send()
            .await
            .map_err(reqwest::Error::without_url)
            .context("the server cannot be reached: do not send")?;
        let made: MadeLinks = read(accepted(answer).await?).await?;
        let whole = made.links.into_iter().map(|made| {
            Some(Unsubscribe {
                url: made.url?,
                mailto: made.mailto,
                headers: Headers {
                    list_unsubscribe: made.list_unsubscribe?,
                    list_unsubscribe_post: made.list_unsubscribe_post?,
                },
            })
        });
        whole
            .collect::<Option<_>>()
            .context("the server made no unsubscribe link for an address")
    }

    /// The public keys of the server, as `/log/key` answers them.
    pub async fn public_keys(&self) -> anyhow::Result<Vec<u8>> {
        let answer = self.client.get(format!("{}/log/key", self.server)).send();
        let answer = answer
            .await
            .map_err(reqwest::Error::without_url)
            .context("the server cannot be reached: do not send")?;
        let bytes = accepted(answer).await?.bytes().await;
        let bytes = bytes.map_err(reqwest::Error::without_url);
        Ok(bytes
            .context("the server's answer cannot be read")?
            .to_vec())
    }

    /// Has a list scrubbed: the lines of the answer.
    pub async fn scrub(
        &self,
        question: &[(&str, String)],
        list: tokio::fs::File,
    ) -> anyhow::Result<Lines> {
        let query = serde_urlencoded::to_string(question)?;
        let answer = self
            .client
            .post(format!("{}/v1/scrubs?{query}", self.server))
            .bearer_auth(&self.key)
            .header("content-type", "text/csv")
            .timeout(LIST_PATIENCE)
            .body(list)
            .send()
            .await
            .map_err(reqwest::Error::without_url)
            .context("the server cannot be reached: do not send")?;
        Ok(Lines {
            answer: accepted(answer).await?,
            rest: Vec::new(),
            at: 0,
        })
    }
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let number = host.trim_start_matches('[').trim_end_matches(']');
    let number: Result<IpAddr, _> = number.parse();
    host == "localhost" || number.is_ok_and(|number| number.is_loopback())
}

/// The lines of an answer while it arrives.
pub struct Lines {
    answer: reqwest::Response,
    rest: Vec<u8>,
    /// Bytes of `rest` that were given out.
    at: usize,
}

impl Lines {
    /// The next whole line; `None` at the end.
    pub async fn next(&mut self) -> anyhow::Result<Option<String>> {
        loop {
            if let Some(length) = memchr::memchr(b'\n', &self.rest[self.at..]) {
                let line = self.rest[self.at..self.at + length].to_vec();
                self.at += length + 1;
                return Ok(Some(String::from_utf8(line)?));
            }
            self.rest.drain(..self.at);
            self.at = 0;
            let piece = self
                .answer
                .chunk()
                .await
                .map_err(reqwest::Error::without_url);
            match piece.context("the server's answer broke off: do not send")? {
                Some(piece) => self.rest.extend_from_slice(&piece),
                None => return Ok(None),
            }
        }
    }
}

/// The answer, unless it is a refusal.
async fn accepted(answer: reqwest::Response) -> anyhow::Result<reqwest::Response> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    match answer.json::<Told>().await {
        Ok(Told {
            title,
            detail,
            errors,
        }) => {
            let fields = errors
                .iter()
                .map(|error| format!(" {}: {}", error.field, error.detail));
            bail!(
                "the server refused: {title}. {detail}{}",
                fields.collect::<String>()
            )
        }
        Err(_) => bail!("the server answered {status}: do not send"),
    }
}

async fn read<T: serde::de::DeserializeOwned>(answer: reqwest::Response) -> anyhow::Result<T> {
    answer
        .json()
        .await
        .map_err(reqwest::Error::without_url)
        .context("the server's answer cannot be read: is it a Sayso of this version?")
}
