//! The harness holds what the other tests rely on: it sees what is wrong when something is.

use e2e::widget::Widget;
use e2e::{Browser, Host, axe};

const SHADOW: &str = "<sayso-notice><template shadowrootmode=open><form id=form><input id=address></form>\
                      </template></sayso-notice>";

fn page(body: &str) -> String {
    format!(
        "<!doctype html><html lang=en><title>A page</title><main><h1>A page</h1>{body}</main></html>"
    )
}

#[tokio::test]
async fn axe_sees_a_field_without_a_label_inside_a_shadow_root() -> anyhow::Result<()> {
    let (host, browser) = (Host::start().await?, Browser::start().await?);
    browser.open(&host.page("/", &[], &page(SHADOW))).await?;
    let found = axe::violations(&browser).await?;
    assert!(
        found
            .iter()
            .any(|violation| violation.starts_with("label at sayso-notice #address")),
        "{found:?}"
    );
    browser
        .open(&host.page("/clean", &[], &page("<p>Nothing is wrong.</p>")))
        .await?;
    assert_eq!(axe::violations(&browser).await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn a_person_types_into_a_shadow_root() -> anyhow::Result<()> {
    let (host, browser) = (Host::start().await?, Browser::start().await?);
    browser.open(&host.page("/", &[], &page(SHADOW))).await?;
    Widget(&browser).address("ann@example.com").await?;
    let field = Widget(&browser).find("#address").await?;
    assert_eq!(
        field.prop("value").await?.as_deref(),
        Some("ann@example.com")
    );
    Ok(())
}

#[tokio::test]
async fn size_scripts_media_and_requests_are_under_control() -> anyhow::Result<()> {
    let (host, browser) = (Host::start().await?, Browser::start().await?);
    let script = "<p id=told>no script</p><script>told.textContent = 'script'</script><img src=/blocked.png alt=''>";
    let url = host.page("/", &[], &page(script));
    browser.size(320, 568).await?;
    browser
        .media(&[
            ("prefers-color-scheme", "dark"),
            ("forced-colors", "active"),
        ])
        .await?;
    browser.scripts(false).await?;
    browser.block(&["*blocked*"]).await?;
    browser.open(&url).await?;
    assert_eq!(browser.find("#told").await?.text().await?, "no script");
    browser.scripts(true).await?;
    browser.open(&url).await?;
    assert_eq!(browser.find("#told").await?.text().await?, "script");
    let seen = "return [innerWidth, innerHeight, matchMedia('(prefers-color-scheme: dark)').matches, \
                matchMedia('(forced-colors: active)').matches]";
    assert_eq!(
        browser.evaluate(seen).await?,
        serde_json::json!([320, 568, true, true])
    );
    let requests = browser.requests().await?;
    assert!(
        requests.iter().any(|url| url.ends_with("/blocked.png")),
        "{requests:?}"
    );
    assert!(browser.screenshot("harness").await?.exists());
    Ok(())
}

#[tokio::test]
async fn a_policy_of_the_host_is_obeyed_and_its_violations_are_told() -> anyhow::Result<()> {
    let (host, browser) = (Host::start().await?, Browser::start().await?);
    let body = page("<script>document.title = 'changed'</script>");
    browser
        .open(&host.page(
            "/",
            &[("content-security-policy", "script-src 'none'")],
            &body,
        ))
        .await?;
    assert_eq!(browser.evaluate("return document.title").await?, "A page");
    let console = browser.console().await?;
    assert!(
        console
            .iter()
            .any(|line| line.contains("Content Security Policy")),
        "{console:?}"
    );
    Ok(())
}
