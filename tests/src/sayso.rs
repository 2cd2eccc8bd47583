//! The real binary, serving a demo from a data directory of its own.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, bail};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::wait;

/// The notice of the demo.
pub const NOTICE: &str = "corporate-clients";
/// The purpose of its mailings.
pub const PURPOSE: &str = "info_about_us";

/// A running server; it ends when this is dropped.
pub struct Sayso {
    server: Child,
    folder: TempDir,
    /// Bytes it had printed before it was started last.
    printed: usize,
    base: String,
    wrapper: Vec<String>,
    environment: Vec<(String, String)>,
    client: reqwest::Client,
}

/// What a command answered.
#[derive(Debug)]
pub struct Answer {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub output: String,
    /// Standard error.
    pub error: String,
}

impl Sayso {
    /// Starts a demo in an empty data directory and waits until it is ready.
    pub async fn demo() -> anyhow::Result<Self> {
        Self::with(&[], &[]).await
    }

    /// The same, embedded by these sites too, with more variables in its environment.
    pub async fn with(sites: &[&str], environment: &[(&str, &str)]) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let sites: Vec<_> = sites
            .iter()
            .map(|origin| format!("{{origin=\"{origin}\"}}"))
            .collect();
        let sites = (!sites.is_empty())
            .then(|| ("SAYSO_SITE".to_owned(), format!("[{}]", sites.join(","))));
        let own = environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let environment: Vec<_> = own.chain(sites).collect();
        Self::begin(folder, Vec::new(), environment).await
    }

    /// The same, started by another program that gets the command line as its last arguments.
    pub async fn under(wrapper: &[&str], environment: &[(&str, &str)]) -> anyhow::Result<Self> {
        let wrapper = wrapper.iter().map(|word| (*word).to_owned()).collect();
        let environment = environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Self::begin(tempfile::tempdir()?, wrapper, environment).await
    }

    async fn begin(
        folder: TempDir,
        wrapper: Vec<String>,
        environment: Vec<(String, String)>,
    ) -> anyhow::Result<Self> {
        let server = start(folder.path(), &wrapper, &environment)?;
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let mut sayso = Self {
            server,
            folder,
            printed: 0,
            base: String::new(),
            wrapper,
            environment,
            client,
        };
        sayso.ready().await?;
        Ok(sayso)
    }

    /// The URL of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The same service under its other name: another origin to the browser.
    #[must_use]
    pub fn other_url(&self, path: &str) -> String {
        self.url(path).replacen("127.0.0.1", "localhost", 1)
    }

    /// The data directory.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The folder around the data directory, where the server runs.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The server's process id.
    pub fn process(&self) -> anyhow::Result<u32> {
        self.server.id().context("the server has ended")
    }

    /// Everything the server has printed so far.
    pub fn log(&self) -> anyhow::Result<String> {
        Ok(fs::read_to_string(log(self.folder.path()))?)
    }

    /// Ends the server as a power cut would, and waits until it is gone.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        Ok(self.server.kill().await?)
    }

    /// Starts the server again on the same data, at another port.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.printed = self.log()?.len();
        self.server = start(self.folder.path(), &self.wrapper, &self.environment)?;
        self.ready().await
    }

    /// Runs a command beside the server, on the same data.
    pub async fn run(&self, arguments: &[&str]) -> anyhow::Result<Answer> {
        let mut command = command(self.folder.path(), &[], &self.environment);
        let output = command
            .args(arguments)
            .arg("--data")
            .arg(self.data())
            .output()
            .await?;
        Ok(Answer {
            code: output.status.code().unwrap_or(-1),
            output: String::from_utf8(output.stdout)?,
            error: String::from_utf8(output.stderr)?,
        })
    }

    /// Runs `sayso check` about the mailings: the exit code, and the decision as JSON.
    pub async fn check(&self, address: &str, more: &[&str]) -> anyhow::Result<(i32, Value)> {
        let arguments = [&["check", address, "--purpose", PURPOSE, "--json"], more].concat();
        let answer = self.run(&arguments).await?;
        let decision =
            serde_json::from_str(&answer.output).with_context(|| format!("{answer:?}"))?;
        Ok((answer.code, decision))
    }

    /// A new API key.
    pub async fn key(&self, scope: &str) -> anyhow::Result<String> {
        let answer = self
            .run(&["key", "create", "--scope", scope, "--json"])
            .await?;
        let made: Value =
            serde_json::from_str(&answer.output).with_context(|| format!("{answer:?}"))?;
        Ok(made["key"]
            .as_str()
            .with_context(|| format!("no key in {made}"))?
            .to_owned())
    }

    /// Asks the gate over HTTP about one address.
    pub async fn decide(&self, key: &str, address: &str) -> anyhow::Result<Value> {
        let question = json!({"purpose": PURPOSE, "checks": [{"address": address}]});
        let request = self
            .client
            .post(self.url("/v1/decisions"))
            .bearer_auth(key)
            .json(&question);
        let response = request.send().await?.error_for_status()?;
        let answer: Value = response.json().await?;
        Ok(answer["decisions"][0].clone())
    }

    /// Objects over HTTP as the widget does: the status and the answer.
    pub async fn object(&self, address: &str, more: Value) -> anyhow::Result<(StatusCode, Value)> {
        let mut body = json!({"address": address, "notice": NOTICE});
        if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
            body.extend(more);
        }
        self.post("/v1/objections", &body).await
    }

    /// Posts JSON as the widget does.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<(StatusCode, Value)> {
        let request = self
            .client
            .post(self.url(path))
            .header("x-sayso-client", "1")
            .json(body);
        let response = request.send().await?;
        Ok((
            response.status(),
            response.json().await.unwrap_or(Value::Null),
        ))
    }

    async fn ready(&mut self) -> anyhow::Result<()> {
        let Self {
            server,
            folder,
            printed,
            client,
            ..
        } = self;
        self.base = wait::until("the server to be ready", async || {
            let said = fs::read_to_string(log(folder.path()))?;
            if let Some(status) = server.try_wait()? {
                bail!("the server ended at once ({status}):\n{said}");
            }
            let Some(port) = said.get(*printed..).and_then(announced) else {
                return Ok(None);
            };
            let base = format!("http://127.0.0.1:{port}");
            let answer = client.get(format!("{base}/readyz")).send().await;
            let ready = answer.is_ok_and(|answer| answer.status() == StatusCode::OK);
            Ok(ready.then_some(base))
        })
        .await?;
        Ok(())
    }
}

/// The port that a demonstration says it listens on.
fn announced(said: &str) -> Option<u16> {
    let (_, rest) = said.split_once("http://localhost:")?;
    rest.split_once("/demo")?.0.parse().ok()
}

fn start(
    folder: &Path,
    wrapper: &[String],
    environment: &[(String, String)],
) -> anyhow::Result<Child> {
    let log = File::options()
        .create(true)
        .append(true)
        .open(log(folder))?;
    let mut serve = command(folder, wrapper, environment);
    serve.args(["serve", "--demo", "--listen", "127.0.0.1:0"]);
    serve.arg("--data").arg(folder.join("data"));
    serve
        .stdout(Stdio::from(log.try_clone()?))
        .stderr(Stdio::from(log));
    Ok(serve.spawn()?)
}

/// The binary under test.
#[must_use]
pub fn binary() -> PathBuf {
    std::env::var_os("SAYSO_BIN")
        .map_or_else(|| crate::target().join("release/sayso"), PathBuf::from)
}

fn command(folder: &Path, wrapper: &[String], environment: &[(String, String)]) -> Command {
    let binary = binary();
    let mut command = match wrapper {
        [] => Command::new(binary),
        [program, arguments @ ..] => {
            let mut command = Command::new(program);
            command.args(arguments).arg(binary);
            command
        }
    };
    command.current_dir(folder).kill_on_drop(true);
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    command
}

fn log(folder: &Path) -> PathBuf {
    folder.join("sayso.log")
}
