//! A person objects on a company's website, and the next mailing knows it.

use e2e::sayso::{NOTICE, PURPOSE};
use e2e::widget::Widget;
use e2e::{Browser, Sayso, wait};
use serde_json::{Value, json};

/// The demo company's page under the service's other name, so that the widget is another origin's.
async fn demo() -> anyhow::Result<(Sayso, Browser)> {
    let (sayso, browser) = tokio::try_join!(Sayso::demo(), Browser::start())?;
    browser.open(&sayso.other_url("/demo")).await?;
    Widget(&browser).hydrated().await?;
    Ok((sayso, browser))
}

fn reasons(decision: &Value) -> &Value {
    &decision["reasons"]
}

#[tokio::test]
async fn two_actions_object_and_the_very_next_question_is_answered_no() -> anyhow::Result<()> {
    let (sayso, browser) = demo().await?;
    let widget = Widget(&browser);
    let key = sayso.key("gate:check").await?;
    assert_eq!(
        sayso.decide(&key, "ann@example.com").await?["proceed"],
        true
    );
    assert_eq!(sayso.check("ann@example.com", &[]).await?.0, 0);
    let url = browser.url().await?;

    widget.address("ann@example.com").await?;
    widget.object().await?;
    widget.status("You have objected").await?;
    pictures(&browser).await?;

    let decision = sayso.decide(&key, "ann@example.com").await?;
    assert_eq!(decision["proceed"], false, "{decision}");
    assert_eq!(reasons(&decision), &json!(["objected"]));
    let (code, decision) = sayso.check("ann@example.com", &[]).await?;
    assert_eq!((code, reasons(&decision)), (3, &json!(["objected"])));
    assert_eq!(
        sayso.check("bob@example.com", &[]).await?.0,
        0,
        "nobody else is concerned"
    );
    assert_eq!(browser.url().await?, url, "the page of the company stays");
    Ok(())
}

/// The pictures of the README: the top of the company's page, and the answer to an objection.
async fn pictures(browser: &Browser) -> anyhow::Result<()> {
    browser.size(1100, 820).await?;
    browser.evaluate("scrollTo(0, 0)").await?;
    browser.screenshot("readme-demo").await?;
    browser
        .evaluate("document.querySelector('sayso-notice').scrollIntoView()")
        .await?;
    browser.screenshot("readme-objected").await?;
    Ok(())
}

#[tokio::test]
async fn undo_takes_back_exactly_this_objection() -> anyhow::Result<()> {
    let (sayso, browser) = demo().await?;
    let widget = Widget(&browser);
    let earlier = sayso
        .run(&[
            "object",
            "bob@example.com",
            "--purpose",
            PURPOSE,
            "--evidence",
            "telephone",
        ])
        .await?;
    assert_eq!(earlier.code, 0, "{earlier:?}");
    for (address, after) in [("ann@example.com", 0), ("bob@example.com", 3)] {
        let field = widget.find("#address").await?;
        field.clear().await?;
        widget.address(address).await?;
        widget.object().await?;
        widget.status("You have objected").await?;
        assert_eq!(sayso.check(address, &[]).await?.0, 3);
        widget.undo().await?;
        widget.status("Undone").await?;
        assert_eq!(sayso.check(address, &[]).await?.0, after, "{address}");
    }
    Ok(())
}

#[tokio::test]
async fn trying_again_sends_the_address_as_it_was_corrected_meanwhile() -> anyhow::Result<()> {
    let (sayso, browser) = demo().await?;
    let widget = Widget(&browser);
    let busy_once = "const real = fetch; let busy = true; \
                     window.fetch = (request) => { \
                         if (!busy) return real(request); \
                         busy = false; \
                         const headers = {'retry-after': '4'}; \
                         return Promise.resolve(new Response('', {status: 429, headers})); };";
    browser.evaluate(busy_once).await?;
    widget.address("ann@example.co").await?;
    widget.object().await?;
    widget.status("try again by ourselves").await?;
    widget.address("m").await?;
    widget.status("You have objected").await?;
    assert_eq!(sayso.check("ann@example.com", &[]).await?.0, 3);
    assert_eq!(
        sayso.check("ann@example.co", &[]).await?.0,
        0,
        "what no longer stands in the field is not sent"
    );
    Ok(())
}

#[tokio::test]
async fn a_lost_answer_is_told_as_unknown_and_the_next_press_is_answered() -> anyhow::Result<()> {
    let (sayso, browser) = demo().await?;
    let widget = Widget(&browser);
    let lost_once = "const real = fetch; let lost = true; \
                     window.fetch = async (request) => { \
                         const answer = await real(request); \
                         if (!lost) return answer; \
                         lost = false; \
                         throw new TypeError('gone'); };";
    browser.evaluate(lost_once).await?;
    widget.address("ann@example.com").await?;
    widget.object().await?;
    widget.status("We do not know whether this arrived").await?;
    assert_eq!(sayso.check("ann@example.com", &[]).await?.0, 3);
    widget.press("button[form=form]").await?;
    widget.status("You have objected").await?;
    let focused = format!(
        "{} return root.activeElement?.matches('#form button')",
        Widget::ROOT
    );
    assert_eq!(browser.evaluate(&focused).await?, true);
    widget.undo().await?;
    widget.status("Any earlier objection still does").await?;
    assert_eq!(sayso.check("ann@example.com", &[]).await?.0, 3);
    Ok(())
}

#[tokio::test]
async fn an_answer_is_about_the_address_that_was_sent_and_says_so() -> anyhow::Result<()> {
    let (_sayso, browser) = demo().await?;
    let widget = Widget(&browser);
    let hold_back = "const real = fetch; \
                     window.fetch = async (request) => { \
                         const answer = await real(request); \
                         await new Promise((go) => { window.go = go; }); \
                         return answer; };";
    browser.evaluate(hold_back).await?;
    widget.address("ann@example.co").await?;
    widget.object().await?;
    browser.until("the answer", "return !!window.go").await?;
    let is_locked = format!(
        "{} return root.querySelector('#address').readOnly",
        Widget::ROOT
    );
    assert_eq!(browser.evaluate(&is_locked).await?, true);
    browser.evaluate("go()").await?;
    widget.status("You have objected").await?;
    assert_eq!(browser.evaluate(&is_locked).await?, false);
    widget.address("m").await?;
    widget.within(".answer", "(ann@example.co)").await
}

#[tokio::test]
async fn an_objection_arrives_although_the_page_is_left_while_it_is_sent() -> anyhow::Result<()> {
    let (sayso, browser) = demo().await?;
    let widget = Widget(&browser);
    let look = "const real = fetch; \
                window.fetch = (request) => { window.kept = request.keepalive; return real(request); };";
    browser.evaluate(look).await?;
    widget.address("ann@example.com").await?;
    widget.object().await?;
    widget.status("You have objected").await?;
    assert_eq!(browser.evaluate("return kept").await?, true);
    let leave = format!(
        "{} root.querySelector('#address').value = 'bob@example.com'; \
         root.querySelector('#form button').click(); location.href = '/healthz';",
        Widget::ROOT
    );
    browser.evaluate(&leave).await?;
    wait::until("the objection", async || {
        let (code, _) = sayso.check("bob@example.com", &[]).await?;
        Ok((code == 3).then_some(()))
    })
    .await
}

#[tokio::test]
async fn an_answer_that_never_comes_is_not_waited_for_for_ever() -> anyhow::Result<()> {
    let (_sayso, browser) = demo().await?;
    let widget = Widget(&browser);
    let silent = "window.limits = []; \
                  AbortSignal.timeout = (limit) => { \
                      const control = new AbortController(); \
                      limits.push(limit); \
                      window.giveUp = () => control.abort(); \
                      return control.signal; }; \
                  window.fetch = ({signal}) => new Promise((_, fail) => { \
                      signal.addEventListener('abort', () => fail(signal.reason)); });";
    browser.evaluate(silent).await?;
    widget.address("ann@example.com").await?;
    widget.object().await?;
    widget.status("Sending your objection").await?;
    assert_eq!(browser.evaluate("return limits").await?, json!([30_000]));
    browser.evaluate("giveUp()").await?;
    widget.status("We do not know whether this arrived").await?;
    Ok(())
}

#[tokio::test]
async fn an_objection_to_one_topic_leaves_the_others() -> anyhow::Result<()> {
    let (sayso, browser) = demo().await?;
    let widget = Widget(&browser);
    widget.address("ann@example.com").await?;
    widget.choose("topic", "it_strategy").await?;
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
    assert_eq!(
        sayso.check("ann@example.com", &[]).await?.0,
        3,
        "a mailing without a topic may be about it"
    );
    Ok(())
}

#[tokio::test]
async fn a_pause_says_when_it_ends() -> anyhow::Result<()> {
    let (sayso, browser) = demo().await?;
    let widget = Widget(&browser);
    widget.address("ann@example.com").await?;
    widget.press("#form summary").await?;
    widget.press("input[name=until]:not([value=''])").await?;
    widget.object().await?;
    widget.status("until the end of").await?;
    let (code, decision) = sayso.check("ann@example.com", &[]).await?;
    assert_eq!((code, reasons(&decision)), (3, &json!(["paused"])));
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_is_said_at_the_field_and_kept() -> anyhow::Result<()> {
    let (_sayso, browser) = demo().await?;
    let widget = Widget(&browser);
    widget.object().await?;
    assert_eq!(widget.error().await?, "Enter your email address");
    widget.address("ann").await?;
    widget.object().await?;
    let field = widget.find("#address").await?;
    browser
        .until(
            "the other error",
            &format!(
                "{} return root.querySelector('#error').textContent.includes('format')",
                Widget::ROOT
            ),
        )
        .await?;
    assert_eq!(field.prop("value").await?.as_deref(), Some("ann"));
    assert_eq!(field.attr("aria-invalid").await?.as_deref(), Some("true"));
    let focused = format!("{} return root.activeElement?.id", Widget::ROOT);
    assert_eq!(
        browser.evaluate(&focused).await?,
        "address",
        "the person is where it can be mended"
    );
    Ok(())
}

#[tokio::test]
async fn the_answer_comes_with_a_receipt() -> anyhow::Result<()> {
    let (sayso, browser) = demo().await?;
    let widget = Widget(&browser);
    widget.address("ann@example.com").await?;
    widget.object().await?;
    widget.status("You have objected").await?;
    let link = widget
        .find("a[download]")
        .await?
        .prop("href")
        .await?
        .unwrap_or_default();
    let answer = reqwest::get(&link).await?;
    assert_eq!(answer.status(), 200, "{link}");
    let receipt = answer.text().await?;
    assert!(!receipt.contains("ann@example.com"), "{receipt}");
    assert!(receipt.contains("\"act\":\"objected\""), "{receipt}");
    assert!(link.starts_with(&sayso.url("/v1/receipts/")), "{link}");
    Ok(())
}

#[tokio::test]
async fn nothing_is_stored_on_the_device_and_nobody_else_is_asked() -> anyhow::Result<()> {
    let (sayso, browser) = demo().await?;
    let widget = Widget(&browser);
    widget.address("ann@example.com").await?;
    widget.object().await?;
    widget.status("You have objected").await?;
    widget.undo().await?;
    widget.status("Undone").await?;
    let stored = "return [document.cookie, localStorage.length, sessionStorage.length, \
                  (await indexedDB.databases()).length, (await caches.keys()).length, \
                  (await navigator.serviceWorker.getRegistrations()).length]";
    for page in ["/demo", "/notices/corporate-clients"] {
        assert_eq!(
            browser.resolve(stored).await?,
            json!(["", 0, 0, 0, 0, 0]),
            "before {page}"
        );
        browser.open(&sayso.url(page)).await?;
    }
    let requests = browser.requests().await?;
    let own = [sayso.url("/"), sayso.other_url("/")];
    // The browser's own pages and what stands in the page itself are no requests to anyone.
    let inside = ["chrome:", "data:", "about:", "blob:"];
    let is_foreign = |url: &&String| {
        !own.iter().any(|own| url.starts_with(own))
            && !inside.iter().any(|own| url.starts_with(own))
    };
    let foreign: Vec<_> = requests.iter().filter(is_foreign).collect();
    assert!(foreign.is_empty(), "{foreign:?}");
    assert!(
        requests
            .iter()
            .any(|url| url.contains(&format!("/embed/{NOTICE}/sayso.js"))),
        "{requests:?}"
    );
    Ok(())
}
