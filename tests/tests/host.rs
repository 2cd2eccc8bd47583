//! Other people's websites: what they forbid, and what their styles do.

use e2e::page::{press, shows, type_into};
use e2e::sayso::NOTICE;
use e2e::widget::Widget;
use e2e::{Browser, Host, Sayso, host};

async fn three() -> anyhow::Result<(Host, Sayso, Browser)> {
    let host = Host::start().await?;
    let sites = [host.origin()];
    let (sayso, browser) = tokio::try_join!(Sayso::with(&sites, &[]), Browser::start())?;
    Ok((host, sayso, browser))
}

async fn objects_in_place(sayso: &Sayso, browser: &Browser, address: &str) -> anyhow::Result<()> {
    let widget = Widget(browser);
    widget.hydrated().await?;
    widget.address(address).await?;
    widget.object().await?;
    widget.status("You have objected").await?;
    assert_eq!(sayso.check(address, &[]).await?.0, 3);
    Ok(())
}

/// The documented needs of a page that embeds the widget, and nothing more.
fn documented(sayso: &Sayso, trusted_types: &str) -> String {
    let service = sayso.url("");
    format!(
        "default-src 'none'; script-src {service} 'wasm-unsafe-eval'; connect-src {service}; \
         form-action {service}; {trusted_types}"
    )
}

#[tokio::test]
async fn the_widget_works_under_the_documented_policy_with_trusted_types() -> anyhow::Result<()> {
    let (host, sayso, browser) = three().await?;
    let policy = documented(
        &sayso,
        "require-trusted-types-for 'script'; trusted-types sayso",
    );
    let headers = [("content-security-policy", policy.as_str())];
    browser
        .open(&host.page("/", &headers, &host::embedding(&sayso.url(""), "")))
        .await?;
    objects_in_place(&sayso, &browser, "ann@example.com").await?;
    let console = browser.console().await?;
    assert!(
        !console
            .iter()
            .any(|line| line.contains("Content Security Policy")),
        "{console:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_page_that_refuses_the_types_gets_the_frame_by_itself() -> anyhow::Result<()> {
    let (host, sayso, browser) = three().await?;
    let frames = format!(
        "frame-src {}; require-trusted-types-for 'script'; trusted-types 'none'",
        sayso.url("")
    );
    let policy = documented(&sayso, &frames);
    let headers = [("content-security-policy", policy.as_str())];
    browser
        .open(&host.page("/", &headers, &host::embedding(&sayso.url(""), "")))
        .await?;
    let frame = Widget(&browser).find("iframe").await?;
    browser.enter(frame).await?;
    objects_in_place(&sayso, &browser, "ann@example.com").await
}

#[tokio::test]
async fn a_frame_needs_nothing_but_frame_src() -> anyhow::Result<()> {
    let (host, sayso, browser) = three().await?;
    let policy = format!("default-src 'none'; frame-src {}", sayso.url(""));
    let frame = format!(
        "<!doctype html><html lang=en><title>A company</title><h1>A company</h1>\
         <iframe title='Privacy notice' src='{}' width=600 height=700></iframe></html>",
        sayso.url(&format!("/frame/{NOTICE}"))
    );
    browser
        .open(&host.page("/", &[("content-security-policy", &policy)], &frame))
        .await?;
    let frame = browser.find("iframe").await?;
    browser.enter(frame).await?;
    objects_in_place(&sayso, &browser, "ann@example.com").await
}

/// A page with the documented iframe; with scripts in it, or forbidden there.
fn framing(sayso: &Sayso, scripts: bool) -> String {
    let readme = include_str!("../../README.md");
    let (_, after) = readme.split_once("sandbox=\"").expect("an iframe");
    let sandbox = after.split('"').next().unwrap_or_default();
    let sandbox = match scripts {
        true => sandbox.to_owned(),
        false => sandbox.replace("allow-scripts ", ""),
    };
    let src = sayso.url(&format!("/frame/{NOTICE}?lang=en"));
    format!(
        "<!doctype html><html lang=en><title>A company</title><h1>A company</h1>\
         <iframe title='Privacy notice' src='{src}' sandbox='{sandbox}' width=600 height=700></iframe></html>"
    )
}

#[tokio::test]
async fn from_the_documented_frame_every_way_leads_to_a_page_also_without_a_script()
-> anyhow::Result<()> {
    let (host, sayso, browser) = three().await?;
    let inside = async || browser.enter(browser.find("iframe").await?).await;
    browser
        .open(&host.page("/", &[], &framing(&sayso, true)))
        .await?;
    inside().await?;
    press(&browser, ".links a").await?;
    browser
        .beside(async || shows(&browser, "Privacy notice").await)
        .await?;

    browser
        .open(&host.page("/plain", &[], &framing(&sayso, false)))
        .await?;
    inside().await?;
    press(&browser, ".own summary").await?;
    type_into(&browser, "#own-address", "ann@example.com").await?;
    press(&browser, "#own-form .row button").await?;
    browser
        .beside(async || shows(&browser, "Look at your mail").await)
        .await?;
    inside().await?;
    type_into(&browser, "#address", "ann@example.com").await?;
    press(&browser, "#form button").await?;
    shows(&browser, "You have objected").await?;
    assert_eq!(sayso.check("ann@example.com", &[]).await?.0, 3);
    press(&browser, "main > p a").await?;
    browser
        .beside(async || shows(&browser, "Privacy notice").await)
        .await?;
    inside().await?;
    press(&browser, "button[aria-describedby=undo]").await?;
    shows(&browser, "Your objection is undone").await?;
    assert_eq!(sayso.check("ann@example.com", &[]).await?.0, 0);
    Ok(())
}

#[tokio::test]
async fn a_site_that_is_not_configured_cannot_frame_the_notice() -> anyhow::Result<()> {
    let (host, sayso, browser) = three().await?;
    let stranger = Host::start().await?;
    let frame = format!(
        "<iframe src='{}'></iframe>",
        sayso.url(&format!("/frame/{NOTICE}"))
    );
    browser.open(&stranger.page("/", &[], &frame)).await?;
    let console = browser.console().await?;
    assert!(
        console.iter().any(|line| line.contains("frame-ancestors")),
        "{console:?}"
    );
    browser.open(&host.page("/", &[], &frame)).await?;
    let console = browser.console().await?;
    assert!(
        !console.iter().any(|line| line.contains("frame-ancestors")),
        "{console:?}"
    );
    Ok(())
}

#[tokio::test]
async fn on_a_website_that_is_not_configured_the_plain_form_objects() -> anyhow::Result<()> {
    let (host, sayso, browser) = tokio::try_join!(Host::start(), Sayso::demo(), Browser::start())?;
    browser
        .open(&host.page("/", &[], &host::embedding(&sayso.url(""), "")))
        .await?;
    let widget = Widget(&browser);
    widget.address("ann@example.com").await?;
    widget.object().await?;
    let answer = browser.find("main .answer").await?.text().await?;
    assert!(answer.contains("You have objected"), "{answer}");
    assert_eq!(sayso.check("ann@example.com", &[]).await?.0, 3);
    Ok(())
}

#[tokio::test]
async fn every_element_of_a_page_speaks_the_language_that_it_names() -> anyhow::Result<()> {
    let (host, sayso, browser) = three().await?;
    let german = |tag: &str| format!("<sayso-notice notice={NOTICE} lang={tag}></sayso-notice>");
    let script = sayso.url(&format!("/embed/{NOTICE}/sayso.js"));
    let body = format!(
        "<!doctype html><title>A company</title>{}{}<script async src='{script}'></script>",
        german("de"),
        german("DE-at"),
    );
    browser.open(&host.page("/", &[], &body)).await?;
    let spoken = "[...document.querySelectorAll('sayso-notice')] \
                  .map((element) => element.shadowRoot?.querySelector('.sayso')?.lang).join()";
    browser
        .until("both in German", &format!("return {spoken} === 'de,de'"))
        .await
}

#[tokio::test]
async fn without_wasm_in_the_policy_the_form_still_posts() -> anyhow::Result<()> {
    let (host, sayso, browser) = three().await?;
    let service = sayso.url("");
    let policy = format!("default-src 'none'; script-src {service}; form-action {service}");
    let headers = [("content-security-policy", policy.as_str())];
    browser
        .open(&host.page("/", &headers, &host::embedding(&service, "")))
        .await?;
    let widget = Widget(&browser);
    widget.address("ann@example.com").await?;
    widget.object().await?;
    let answer = browser.find("main .answer").await?.text().await?;
    assert!(answer.contains("You have objected"), "{answer}");
    assert_eq!(sayso.check("ann@example.com", &[]).await?.0, 3);
    Ok(())
}

#[tokio::test]
async fn hostile_styles_of_the_page_stay_outside() -> anyhow::Result<()> {
    let (host, sayso, browser) = three().await?;
    let hostile = "<style>* { color: #fff !important; font: 2px cursive !important; letter-spacing: 9px !important; \
                   text-transform: uppercase !important; direction: rtl !important; opacity: 0.1 }\
                   sayso-notice { display: none !important; opacity: 0 !important; visibility: hidden !important }\
                   button, input, section { display: none !important }</style>";
    let look = format!(
        "{} return ['#object', 'label[for=address]', '#address', '#form button'].map((css) => {{ \
           const element = root.querySelector(css); const style = getComputedStyle(element); \
           return [element.checkVisibility({{opacityProperty: true, visibilityProperty: true}}), style.color, style.fontSize, \
             style.fontFamily, style.letterSpacing, style.textTransform, style.direction, element.offsetWidth]; }})",
        Widget::ROOT
    );
    let mut seen = Vec::new();
    for (path, head) in [("/plain", ""), ("/hostile", hostile)] {
        browser
            .open(&host.page(path, &[], &host::embedding(&sayso.url(""), head)))
            .await?;
        Widget(&browser).hydrated().await?;
        seen.push(browser.evaluate(&look).await?);
    }
    assert_eq!(seen[0], seen[1]);
    objects_in_place(&sayso, &browser, "ann@example.com").await
}
