//! How little has to come before a person can act.

use e2e::sayso::NOTICE;
use e2e::widget::Widget;
use e2e::{Browser, Host, Sayso, host};

/// Bytes of the one request, as brotli (docs/ARCHITECTURE.md, numbers).
const FIRST_REQUEST: usize = 6_500;

#[tokio::test]
async fn the_controls_come_with_one_request_of_few_bytes() -> anyhow::Result<()> {
    let host = Host::start().await?;
    let sites = [host.origin()];
    let (sayso, browser) = tokio::try_join!(Sayso::with(&sites, &[]), Browser::start())?;
    let script = sayso.url(&format!("/embed/{NOTICE}/sayso.js"));
    for language in ["en", "de", "fr"] {
        let packed = packed(&format!("{script}?lang={language}")).await?;
        assert!(packed <= FIRST_REQUEST, "{packed} bytes in {language}");
    }

    // Everything else of the service is out of reach, and the controls are there all the same.
    browser.block(&["*/assets/*"]).await?;
    browser
        .open(&host.page("/", &[], &host::embedding(&sayso.url(""), "")))
        .await?;
    assert!(
        Widget(&browser)
            .find("#address")
            .await?
            .is_displayed()
            .await?
    );
    assert!(
        Widget(&browser)
            .find("#form button")
            .await?
            .is_enabled()
            .await?
    );
    let requests = browser.requests().await?;
    let before: Vec<_> = requests
        .iter()
        .filter(|url| url.starts_with(&sayso.url("/")) && !url.contains("/assets/"))
        .collect();
    assert_eq!(before, [&script]);
    Ok(())
}

/// Bytes of that script as brotli.
async fn packed(script: &str) -> anyhow::Result<usize> {
    let client = reqwest::Client::new();
    let asked = client.get(script).header("accept-encoding", "br");
    let answer = asked.send().await?.error_for_status()?;
    assert_eq!(answer.headers()["content-encoding"], "br");
    Ok(answer.bytes().await?.len())
}
