//! A real Chromium of its own, driven through chromedriver.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::{
    By, CapabilitiesHelper as _, ChromiumLikeCapabilities as _, DesiredCapabilities, WebDriver,
    WebElement,
};
use tokio::process::{Child, Command};

use crate::wait;

const FLAGS: [&str; 12] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--force-color-profile=srgb",
];

/// One browser with one tab; it quits when this is dropped.
pub struct Browser {
    driver: WebDriver,
    port: u16,
    // Dropped after the browser has quit.
    _chromedriver: Child,
    _folder: TempDir,
}

impl Browser {
    /// Starts a browser without any history.
    pub async fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let said = folder.path().join("chromedriver.log");
        let mut chromedriver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::from(File::create(&said)?))
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("chromedriver did not start: cargo xtask test --only browser")?;
        let port = wait::until("chromedriver", async || {
            if let Some(status) = chromedriver.try_wait()? {
                bail!("chromedriver ended at once: {status}");
            }
            Ok(port(&fs::read_to_string(&said)?))
        })
        .await?;
        let server = format!("http://127.0.0.1:{port}");
        let mut capabilities = DesiredCapabilities::chrome();
        for flag in FLAGS {
            capabilities.add_arg(flag)?;
        }
        let profile = folder.path().join("profile");
        capabilities.add_arg(&format!("--user-data-dir={}", profile.display()))?;
        capabilities.set(
            "goog:loggingPrefs",
            json!({"browser": "ALL", "performance": "ALL"}),
        )?;
        let driver = WebDriver::new(server, capabilities).await?;
        Ok(Self {
            driver,
            port,
            _chromedriver: chromedriver,
            _folder: folder,
        })
    }

    /// Opens a page and waits until it is loaded.
    pub async fn open(&self, url: &str) -> anyhow::Result<()> {
        Ok(self.driver.goto(url).await?)
    }

    /// Goes back to the page before.
    pub async fn back(&self) -> anyhow::Result<()> {
        Ok(self.driver.back().await?)
    }

    /// The URL of the page.
    pub async fn url(&self) -> anyhow::Result<String> {
        Ok(self.driver.current_url().await?.to_string())
    }

    /// The element of the page, outside shadow roots.
    pub async fn find(&self, css: &str) -> anyhow::Result<WebElement> {
        wait::until(css, async || Ok(self.driver.find(By::Css(css)).await.ok())).await
    }

    /// Goes into a frame; what follows happens there.
    pub async fn enter(&self, frame: WebElement) -> anyhow::Result<()> {
        Ok(frame.enter_frame().await?)
    }

    /// Goes back to the page around all frames.
    pub async fn leave(&self) -> anyhow::Result<()> {
        Ok(self.driver.enter_default_frame().await?)
    }

    /// Looks at the tab that a press has opened, closes it, and comes back to the page as a whole.
    pub async fn beside<T>(
        &self,
        look: impl AsyncFnOnce() -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let here = self.driver.window().await?;
        let there = wait::until("another tab", async || {
            let tabs = self.driver.windows().await?;
            Ok(tabs.into_iter().find(|tab| *tab != here))
        })
        .await?;
        self.driver.switch_to_window(there).await?;
        let seen = look().await?;
        self.driver.close_window().await?;
        self.driver.switch_to_window(here).await?;
        Ok(seen)
    }

    /// Evaluates a script that returns a value.
    pub async fn evaluate(&self, script: &str) -> anyhow::Result<Value> {
        Ok(self
            .driver
            .execute(script, Vec::new())
            .await?
            .json()
            .clone())
    }

    /// Evaluates a script that returns an element, if there is one.
    pub async fn element(&self, script: &str) -> anyhow::Result<Option<WebElement>> {
        let found = self.driver.execute(script, Vec::new()).await?;
        Ok(if found.json().is_null() {
            None
        } else {
            Some(found.element()?)
        })
    }

    /// Evaluates a script that returns a promise, and waits for what it gives.
    pub async fn resolve(&self, promise: &str) -> anyhow::Result<Value> {
        let script = format!(
            "const done = arguments[arguments.length - 1]; \
             (async () => {{ {promise} }})().then(done, (error) => done({{thrown: String(error)}}));"
        );
        Ok(self
            .driver
            .execute_async(script, Vec::new())
            .await?
            .json()
            .clone())
    }

    /// Waits until a script returns something true.
    pub async fn until(&self, what: &str, script: &str) -> anyhow::Result<()> {
        let holds = async || Ok((self.evaluate(script).await? == Value::Bool(true)).then_some(()));
        wait::until(what, holds).await
    }

    /// Sets the size of the page, exactly.
    pub async fn size(&self, width: u32, height: u32) -> anyhow::Result<()> {
        let metrics =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)
            .await
    }

    /// Sets media features, such as `prefers-color-scheme` to `dark`.
    pub async fn media(&self, features: &[(&str, &str)]) -> anyhow::Result<()> {
        let features: Vec<_> = features
            .iter()
            .map(|(name, value)| json!({"name": name, "value": value}))
            .collect();
        self.devtools("Emulation.setEmulatedMedia", json!({"features": features}))
            .await
    }

    /// Switches the scripts of pages off, or on again.
    pub async fn scripts(&self, on: bool) -> anyhow::Result<()> {
        self.devtools(
            "Emulation.setScriptExecutionDisabled",
            json!({"value": !on}),
        )
        .await
    }

    /// Lets requests to URLs of these patterns fail.
    pub async fn block(&self, patterns: &[&str]) -> anyhow::Result<()> {
        self.devtools("Network.enable", json!({})).await?;
        self.devtools("Network.setBlockedURLs", json!({"urls": patterns}))
            .await
    }

    /// Takes the network away, or gives it back.
    pub async fn offline(&self, offline: bool) -> anyhow::Result<()> {
        let conditions = json!({
            "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1
        });
        self.devtools("Network.enable", json!({})).await?;
        self.devtools("Network.emulateNetworkConditions", conditions)
            .await
    }

    /// Slows the network: latency in milliseconds, bytes per second.
    pub async fn network(&self, latency: u32, bytes: u32) -> anyhow::Result<()> {
        let conditions = json!({
            "offline": false, "latency": latency, "downloadThroughput": bytes, "uploadThroughput": bytes
        });
        self.devtools("Network.enable", json!({})).await?;
        self.devtools("Network.emulateNetworkConditions", conditions)
            .await
    }

    /// Slows the processor by this factor.
    pub async fn processor(&self, factor: u32) -> anyhow::Result<()> {
        self.devtools("Emulation.setCPUThrottlingRate", json!({"rate": factor}))
            .await
    }

    /// Calls a method of the Chrome DevTools Protocol.
    pub async fn devtools(&self, method: &str, parameters: Value) -> anyhow::Result<()> {
        let tools = self.driver.cdp();
        let answer = tools.send_raw(method, parameters).await;
        answer.with_context(|| method.to_owned())?;
        Ok(())
    }

    /// The URLs of all requests since the last call, also those that failed.
    pub async fn requests(&self) -> anyhow::Result<Vec<String>> {
        let entries = self.driver.get_log("performance").await?;
        let events = entries
            .iter()
            .filter_map(|entry| serde_json::from_str::<Value>(&entry.message).ok());
        let sent = events.filter(|event| event["message"]["method"] == "Network.requestWillBeSent");
        Ok(sent
            .filter_map(|event| {
                Some(
                    event["message"]["params"]["request"]["url"]
                        .as_str()?
                        .to_owned(),
                )
            })
            .collect())
    }

    /// What pages wrote to the console since the last call, errors of the browser included.
    pub async fn console(&self) -> anyhow::Result<Vec<String>> {
        Ok(self
            .driver
            .browser_log()
            .await?
            .into_iter()
            .map(|entry| entry.message)
            .collect())
    }

    /// Writes what is seen to `target/screenshots/NAME.png`.
    pub async fn screenshot(&self, name: &str) -> anyhow::Result<PathBuf> {
        let folder = crate::target().join("screenshots");
        std::fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{name}.png"));
        self.driver.screenshot(&path).await?;
        Ok(path)
    }
}

impl Drop for Browser {
    /// The driver's own goodbye would reuse a connection that the test's runtime, busy with this very
    /// drop, no longer serves, and wait two minutes for it.
    fn drop(&mut self) {
        if self.driver.clone().leak().is_ok() {
            _ = quit(self.port, &self.driver.session_id().to_string());
        }
    }
}

/// The port in the line by which chromedriver says that it answers there.
fn port(said: &str) -> Option<u16> {
    let (_, after) = said.split_once("started successfully on port ")?;
    let (port, _) = after.split_once('.')?;
    port.parse().ok()
}

fn quit(port: u16, session: &str) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(
        stream,
        "DELETE /session/{session} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
    )?;
    let mut first = [0];
    stream.read_exact(&mut first)
}
