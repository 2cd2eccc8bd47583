//! One visit of a page by a slow phone that has never seen it.

use anyhow::Context as _;
use serde_json::json;

/// How slow the network is.
pub(crate) struct Network {
    pub(crate) name: &'static str,
    /// Bytes per second.
    down: f64,
    up: f64,
    /// Milliseconds of one round trip.
    latency: f64,
}

impl Network {
    /// What Lighthouse takes for a phone.
    pub(crate) const SLOW_4G: Self = Self {
        name: "slow 4G",
        down: 1_638_400.0 / 8.0,
        up: 675_000.0 / 8.0,
        latency: 150.0,
    };
    /// What the browser's developer tools called so.
    pub(crate) const FAST_3G: Self = Self {
        name: "fast 3G",
        down: 1_440_000.0 / 8.0,
        up: 675_000.0 / 8.0,
        latency: 562.5,
    };
}

/// A page, and the control on it that counts.
pub(crate) struct Page {
    pub(crate) url: String,
    /// A script that gives the first control.
    pub(crate) control: &'static str,
    /// A script that gives what must be pressed first, if anything.
    pub(crate) opener: &'static str,
}

/// What a visit took, in milliseconds.
pub(crate) struct Visit {
    /// From the start of the navigation until the control is drawn.
    pub(crate) usable: f64,
    /// The part of long tasks beyond 50 ms, until 1.2 seconds later.
    pub(crate) blocked: f64,
}

/// Visits the page in a new browser.
pub(crate) async fn measure(page: &Page, network: &Network) -> anyhow::Result<Visit> {
    let browser = crate::phone().await?;
    let probe = include_str!("probe.js")
        .replace("CONTROL", page.control)
        .replace("OPENER", page.opener);
    let probe = json!({"source": probe});
    browser
        .devtools("Page.addScriptToEvaluateOnNewDocument", probe)
        .await?;
    let conditions = json!({
        "offline": false, "latency": network.latency,
        "downloadThroughput": network.down, "uploadThroughput": network.up
    });
    browser.devtools("Network.enable", json!({})).await?;
    browser
        .devtools("Network.emulateNetworkConditions", conditions)
        .await?;
    browser.processor(4).await?;
    browser.open(&page.url).await?;
    let over = "return window.__probe?.usable !== undefined \
                && performance.now() > window.__probe.usable + 1200;";
    browser.until("the controls", over).await?;
    let seen = browser
        .evaluate("return [window.__probe.usable, window.__probe.blocked];")
        .await?;
    let number = |place: usize| seen[place].as_f64().context("the probe saw nothing");
    Ok(Visit {
        usable: number(0)?,
        blocked: number(1)?,
    })
}
