//! The same without any script, and wherever the WASM does not come.

use anyhow::Context as _;
use e2e::widget::Widget;
use e2e::{Browser, Host, Sayso, host, wait};

const NOTICE: &str = "/notices/corporate-clients";

async fn both() -> anyhow::Result<(Sayso, Browser)> {
    tokio::try_join!(Sayso::demo(), Browser::start())
}

/// Types, presses, and reads the answer that comes as a page.
async fn object_by_form(browser: &Browser, address: &str) -> anyhow::Result<()> {
    let widget = Widget(browser);
    widget.address(address).await?;
    widget.object().await?;
    let answer = browser.find("main .answer").await?.text().await?;
    assert!(answer.contains("You have objected"), "{answer}");
    Ok(())
}

#[tokio::test]
async fn the_notice_page_objects_and_takes_back_without_a_script() -> anyhow::Result<()> {
    let (sayso, browser) = both().await?;
    browser.scripts(false).await?;
    browser.open(&sayso.url(NOTICE)).await?;
    object_by_form(&browser, "ann@example.com").await?;
    assert_eq!(sayso.check("ann@example.com", &[]).await?.0, 3);
    Widget(&browser).press("main .answer button").await?;
    browser
        .until(
            "the page about the undo",
            "return document.body.textContent.includes('no longer counts')",
        )
        .await?;
    assert_eq!(sayso.check("ann@example.com", &[]).await?.0, 0);
    Ok(())
}

#[tokio::test]
async fn a_company_page_without_scripts_shows_the_link_inside_the_element() -> anyhow::Result<()> {
    let (sayso, browser) = both().await?;
    browser.scripts(false).await?;
    browser.open(&sayso.other_url("/demo")).await?;
    browser.find("sayso-notice a").await?.click().await?;
    browser.find("#form").await?;
    assert!(browser.url().await?.starts_with(&sayso.url(NOTICE)));
    object_by_form(&browser, "ann@example.com").await?;
    assert_eq!(sayso.check("ann@example.com", &[]).await?.0, 3);
    Ok(())
}

#[tokio::test]
async fn what_was_typed_wrong_without_a_script_comes_back_with_the_error() -> anyhow::Result<()> {
    let (sayso, browser) = both().await?;
    browser.scripts(false).await?;
    browser.open(&sayso.url(NOTICE)).await?;
    let widget = Widget(&browser);
    widget.address("ann.example.com").await?;
    widget.choose("topic", "it_strategy").await?;
    widget.object().await?;
    assert!(widget.error().await?.contains("correct format"));
    assert_eq!(
        widget
            .find("#address")
            .await?
            .prop("value")
            .await?
            .as_deref(),
        Some("ann.example.com")
    );
    assert!(
        widget
            .find("input[value=it_strategy]")
            .await?
            .is_selected()
            .await?
    );
    let title = browser.evaluate("return document.title").await?;
    assert!(
        title
            .as_str()
            .is_some_and(|title| title.starts_with("Error:")),
        "{title}"
    );
    Ok(())
}

#[tokio::test]
async fn the_form_works_by_itself_when_the_wasm_or_its_glue_does_not_come() -> anyhow::Result<()> {
    let (sayso, browser) = both().await?;
    for (pattern, address) in [
        ("*widget*.wasm", "ann@example.com"),
        ("*assets*widget*.js", "bob@example.com"),
    ] {
        browser.block(&[pattern]).await?;
        browser.open(&sayso.other_url("/demo")).await?;
        object_by_form(&browser, address).await?;
        assert_eq!(sayso.check(address, &[]).await?.0, 3, "{address}");
    }
    Ok(())
}

#[tokio::test]
async fn where_scripts_get_no_answer_the_page_stays_at_first_and_then_the_form_posts_by_itself()
-> anyhow::Result<()> {
    let (sayso, browser) = both().await?;
    let widget = Widget(&browser);
    browser.open(&sayso.other_url("/demo")).await?;
    widget.hydrated().await?;
    let count = "window.sent = 0; const real = fetch; \
                 window.fetch = (request) => { sent += 1; return real(request); };";
    browser.evaluate(count).await?;
    widget.address("ann@example.com").await?;
    // Without a network the browser's own error page would be all that is left.
    browser.offline(true).await?;
    for times in 1..=2 {
        widget.object().await?;
        browser
            .until("the request", &format!("return sent === {times}"))
            .await?;
        widget.status("We do not know whether this arrived").await?;
    }
    assert_eq!(sayso.check("ann@example.com", &[]).await?.0, 0);
    browser.offline(false).await?;
    browser.block(&["*/v1/objections"]).await?;
    widget.object().await?;
    let answer = browser.find("main .answer").await?.text().await?;
    assert!(answer.contains("You have objected"), "{answer}");
    assert_eq!(sayso.check("ann@example.com", &[]).await?.0, 3);
    Ok(())
}

#[tokio::test]
async fn where_a_firewall_answers_scripts_the_person_is_asked_to_try_again_and_the_form_posts_by_itself()
-> anyhow::Result<()> {
    let (sayso, browser) = both().await?;
    let widget = Widget(&browser);
    browser.open(&sayso.other_url("/demo")).await?;
    widget.hydrated().await?;
    let forbidden = "window.fetch = async () => \
                     new Response('<html>Forbidden</html>', {status: 403});";
    browser.evaluate(forbidden).await?;
    widget.address("ann@example.com").await?;
    widget.object().await?;
    widget.status("Try again: it does no harm").await?;
    assert_eq!(sayso.check("ann@example.com", &[]).await?.0, 0);
    widget.object().await?;
    let answer = browser.find("main .answer").await?.text().await?;
    assert!(answer.contains("You have objected"), "{answer}");
    assert_eq!(sayso.check("ann@example.com", &[]).await?.0, 3);
    Ok(())
}

#[tokio::test]
async fn a_wasm_that_is_not_found_leaves_the_form_working() -> anyhow::Result<()> {
    let (host, browser) = tokio::try_join!(Host::start(), Browser::start())?;
    let sayso = Sayso::with(&[host.origin()], &[]).await?;
    let script = sayso.url("/embed/corporate-clients/sayso.js");
    let loader = reqwest::get(&script).await?.text().await?;
    let wasm = loader
        .split('`')
        .find(|text| text.ends_with("/widget.wasm"));
    let wasm = wasm.context("the loader names no WASM")?;
    let gone = sayso.url("/assets/0000000000000000/widget.wasm");
    let stale = host.page("/stale.js", &[], &loader.replace(wasm, &gone));
    let body = host::embedding(&sayso.url(""), "").replace(&script, &stale);
    browser.open(&host.page("/", &[], &body)).await?;
    Widget(&browser).find("#address").await?.click().await?;
    wait::until("the WASM to be asked for", async || {
        let asked = browser.requests().await?;
        Ok(asked.contains(&gone).then_some(()))
    })
    .await?;
    object_by_form(&browser, "ann@example.com").await?;
    assert_eq!(sayso.check("ann@example.com", &[]).await?.0, 3);
    Ok(())
}

#[tokio::test]
async fn the_link_stays_when_the_loader_does_not_come() -> anyhow::Result<()> {
    let (sayso, browser) = both().await?;
    browser.block(&["*sayso.js*"]).await?;
    browser.open(&sayso.other_url("/demo")).await?;
    assert!(browser.find("sayso-notice a").await?.is_displayed().await?);
    Ok(())
}

#[tokio::test]
async fn a_foreign_node_before_hydration_leaves_the_form_working() -> anyhow::Result<()> {
    let (host, browser) = tokio::try_join!(Host::start(), Browser::start())?;
    let sayso = Sayso::with(&[host.origin()], &[]).await?;
    // What a translator or a password manager does: it adds to the panel as soon as there is one.
    let meddler = "<script>const attach = Element.prototype.attachShadow; Element.prototype.attachShadow = function (how) { \
                   const root = attach.call(this, how); \
                   new MutationObserver(() => { const label = root.querySelector('label[for=address]'); \
                     if (label && !root.querySelector('#foreign')) { const node = document.createElement('i'); node.id = 'foreign'; \
                       node.textContent = 'x'; label.after(node); } }).observe(root, {childList: true, subtree: true}); \
                   return root; };</script>";
    browser
        .open(&host.page("/", &[], &host::embedding(&sayso.url(""), meddler)))
        .await?;
    Widget(&browser).find("#foreign").await?;
    Widget(&browser).press("#address").await?;
    browser.until("the WASM to be there", "return performance.getEntriesByType('resource').some((one) => one.name.endsWith('.wasm') && one.responseEnd > 0)").await?;
    object_by_form(&browser, "ann@example.com").await?;
    assert_eq!(sayso.check("ann@example.com", &[]).await?.0, 3);
    Ok(())
}

#[tokio::test]
async fn what_is_typed_while_the_wasm_loads_stays() -> anyhow::Result<()> {
    let (sayso, browser) = both().await?;
    let widget = Widget(&browser);
    browser.open(&sayso.url("/")).await?;
    browser.network(100, 60_000).await?;
    browser.open(&sayso.other_url("/demo")).await?;
    widget.address("ann").await?;
    widget.choose("topic", "it_strategy").await?;
    widget.hydrated().await?;
    let field = widget.find("#address").await?;
    assert_eq!(field.prop("value").await?.as_deref(), Some("ann"));
    assert!(
        widget
            .find("input[value=it_strategy]")
            .await?
            .is_selected()
            .await?
    );
    widget.address("@example.com").await?;
    widget.object().await?;
    widget.status("mailings about").await?;
    assert_eq!(
        sayso
            .check("ann@example.com", &["--topic", "it_strategy"])
            .await?
            .0,
        3
    );
    assert_eq!(
        sayso
            .check("ann@example.com", &["--topic", "industry_updates"])
            .await?
            .0,
        0
    );
    Ok(())
}
