//! What machines can tell about accessibility: axe in every state, the first view, the keyboard.

use e2e::axe::clean;
use e2e::sayso::NOTICE;
use e2e::widget::Widget;
use e2e::{Browser, Host, Sayso, host};

#[tokio::test]
async fn every_state_of_the_widget_is_clean() -> anyhow::Result<()> {
    let (sayso, browser) = tokio::try_join!(Sayso::demo(), Browser::start())?;
    let widget = Widget(&browser);
    browser.open(&sayso.other_url("/demo")).await?;
    widget.find("#address").await?;
    clean(&browser, "widget-ready").await?;
    widget.hydrated().await?;
    clean(&browser, "widget-missing").await?;
    widget.press("#form summary").await?;
    widget.address("ann").await?;
    widget.object().await?;
    clean(&browser, "widget-malformed").await?;
    widget.address("@example.com").await?;
    widget.object().await?;
    widget.status("You have objected").await?;
    clean(&browser, "widget-objected").await?;
    widget.undo().await?;
    widget.status("Undone").await?;
    clean(&browser, "widget-undone").await?;
    browser.block(&["*objections*"]).await?;
    widget.object().await?;
    widget.status("We do not know whether this arrived").await?;
    clean(&browser, "widget-failed").await
}

#[tokio::test]
async fn every_page_is_clean() -> anyhow::Result<()> {
    let (sayso, browser) = tokio::try_join!(Sayso::demo(), Browser::start())?;
    let notice = format!("/notices/{NOTICE}");
    let pages = [
        ("home", "/".to_owned()),
        ("docs", "/docs".to_owned()),
        ("notice", notice.clone()),
        ("notice-de", format!("{notice}?lang=de")),
        ("version", format!("{notice}/versions/0")),
        ("difference", format!("{notice}/diff/0/1")),
        ("frame", format!("/frame/{NOTICE}")),
        ("missing", "/notices/nothing".to_owned()),
    ];
    for (name, path) in pages {
        browser.open(&sayso.url(&path)).await?;
        clean(&browser, &format!("page-{name}")).await?;
    }
    browser.scripts(false).await?;
    for (name, address) in [("answer", "ann@example.com"), ("error", "ann")] {
        browser.open(&sayso.url(&notice)).await?;
        Widget(&browser).address(address).await?;
        Widget(&browser).object().await?;
        browser
            .until(name, "return location.pathname === '/object'")
            .await?;
        browser.scripts(true).await?;
        clean(&browser, &format!("page-{name}")).await?;
        browser.scripts(false).await?;
    }
    Ok(())
}

/// Art. 21(4): explicitly, clearly, apart from any other information (LAW-20).
#[tokio::test]
async fn the_right_to_object_is_seen_at_once_on_the_smallest_screen() -> anyhow::Result<()> {
    let host = Host::start().await?;
    let sites = [host.origin()];
    let (sayso, browser) = tokio::try_join!(Sayso::with(&sites, &[]), Browser::start())?;
    browser.size(320, 568).await?;
    let frame = sayso.url(&format!("/frame/{NOTICE}"));
    let embedded = host.page("/", &[], &host::embedding(&sayso.url(""), ""));
    // Measured from the widget's own top: what a company's page puts above it is its own affair.
    let seen = format!(
        "{} const top = element?.getBoundingClientRect().top ?? 0; \
         return ['#object', '#address', '#form button'].map((css) => {{ const one = root.querySelector(css); \
           const box = one.getBoundingClientRect(); \
           return one.checkVisibility({{opacityProperty: true, visibilityProperty: true}}) && !one.closest('details') \
             && box.left >= 0 && box.right <= 320 && box.top >= 0 && box.bottom - top <= 568 && box.height >= 24; }})",
        Widget::ROOT
    );
    for (name, url) in [("frame", frame), ("embedded", embedded)] {
        browser.open(&url).await?;
        Widget(&browser).find("#address").await?;
        browser.screenshot(&format!("first-view-{name}")).await?;
        assert_eq!(
            browser.evaluate(&seen).await?,
            serde_json::json!([true, true, true]),
            "{name}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn the_keyboard_alone_objects_and_takes_back() -> anyhow::Result<()> {
    let (sayso, browser) = tokio::try_join!(Sayso::demo(), Browser::start())?;
    let widget = Widget(&browser);
    browser.open(&sayso.other_url("/demo")).await?;
    widget.hydrated().await?;
    widget.address("ann@example.com\u{e007}").await?;
    widget.status("You have objected").await?;
    let focused = format!("{} return root.activeElement?.id", Widget::ROOT);
    assert_eq!(
        browser.evaluate(&focused).await?,
        "address",
        "success does not move the focus"
    );
    assert_eq!(sayso.check("ann@example.com", &[]).await?.0, 3);
    widget
        .find("button[aria-describedby=undo]")
        .await?
        .send_keys("\u{e007}")
        .await?;
    widget.status("Undone").await?;
    assert_eq!(sayso.check("ann@example.com", &[]).await?.0, 0);
    Ok(())
}
