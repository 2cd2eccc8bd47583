//! How many bytes the widget takes, as served with brotli.

use anyhow::{Context as _, ensure};
use e2e::Sayso;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING};

/// Until the controls can be used.
const USABLE: usize = 6_500;
/// With WASM and glue.
const WHOLE: usize = 90_000;

/// Measures, prints the figures, and answers whether the budgets hold.
pub(crate) async fn measure(sayso: &Sayso) -> anyhow::Result<bool> {
    let url = sayso.url("/embed/corporate-clients/sayso.js?lang=en");
    let script = packed(&url).await?;
    budget("bytes until usable (brotli, one request)", script, USABLE);
    let source = reqwest::get(&url).await?.text().await?;
    let mut whole = script;
    for name in ["widget.js", "widget.wasm"] {
        whole += packed(&asset(&source, name)?).await?;
    }
    budget("bytes of the whole widget with WASM and glue", whole, WHOLE);
    Ok(script <= USABLE && whole <= WHOLE)
}

fn budget(name: &str, bytes: usize, most: usize) {
    let ratio = format!("{:.2}×", bytes as f64 / most as f64);
    crate::figure(
        name,
        &format!("{bytes} B"),
        &format!("{most} B"),
        &ratio,
        "at most 1×, a budget",
        bytes <= most,
    );
}

/// The URL in the script that ends with this name.
fn asset(script: &str, name: &str) -> anyhow::Result<String> {
    let end = script
        .find(name)
        .with_context(|| format!("{name} is not in the script"))?
        + name.len();
    let start = script[..end].rfind("http").context("no URL")?;
    Ok(script[start..end].to_owned())
}

async fn packed(url: &str) -> anyhow::Result<usize> {
    let request = reqwest::Client::new()
        .get(url)
        .header(ACCEPT_ENCODING, "br");
    let answer = request.send().await?.error_for_status()?;
    let encoding = answer.headers().get(CONTENT_ENCODING);
    ensure!(
        encoding.is_some_and(|encoding| encoding == "br"),
        "{url} is not served with brotli"
    );
    Ok(answer.bytes().await?.len())
}
