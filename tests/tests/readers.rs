//! People who read in their own way: on a small screen, with more space between the letters, in high
//! contrast, on a page of another language and direction.

use e2e::sayso::NOTICE;
use e2e::widget::Widget;
use e2e::{Browser, Host, Sayso, host};
use serde_json::{Value, json};

/// Text as WCAG 1.4.12 lets readers space it, in the page and in the widget.
const SPACED: &str = "const style = document.createElement('style'); style.textContent = \
    '* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } \
     p { margin-block-end: 2em !important }'; \
    if (element) { element.shadowRoot.append(style.cloneNode(true)); } document.head.append(style);";

/// What sticks out of the page or is cut off.
const LOST: &str = "const out = (one) => { const box = one.getBoundingClientRect(); \
      const style = getComputedStyle(one); \
      return one.checkVisibility() && (box.right > innerWidth + 1 || box.left < -1 \
        || (style.overflow !== 'visible' && !one.matches('textarea, input, .unseen') && one.scrollWidth > one.clientWidth + 1)); }; \
    return [...root.querySelectorAll('main *, .sayso *')].filter((one) => !one.closest('.unseen') && out(one)) \
      .map((one) => one.outerHTML.slice(0, 80));";

#[tokio::test]
async fn an_answer_is_seen_on_the_smallest_screen() -> anyhow::Result<()> {
    let (sayso, browser) = tokio::try_join!(Sayso::demo(), Browser::start())?;
    let widget = Widget(&browser);
    browser.size(320, 568).await?;
    browser.open(&sayso.other_url("/demo")).await?;
    widget.hydrated().await?;
    widget.address("ann@example.com").await?;
    let script = format!(
        "{} root.querySelector('#form button').scrollIntoView({{block: 'end'}}); \
         root.querySelector('#form').requestSubmit(); return null;",
        Widget::ROOT
    );
    browser.evaluate(&script).await?;
    widget.status("You have objected").await?;
    let seen = format!(
        "{} const box = root.querySelector('.what').getBoundingClientRect(); \
         return box.height > 0 && box.top >= 0 && box.bottom <= innerHeight;",
        Widget::ROOT
    );
    browser.until("the answer to be in view", &seen).await?;
    browser.screenshot("answer-in-view").await?;
    Ok(())
}

#[tokio::test]
async fn nothing_is_lost_when_text_is_spaced_out() -> anyhow::Result<()> {
    let host = Host::start().await?;
    let sites = [host.origin()];
    let (sayso, browser) = tokio::try_join!(Sayso::with(&sites, &[]), Browser::start())?;
    // The service's own pages allow no style but theirs; a reader's tool is not asked.
    let bypass = json!({"enabled": true});
    browser.devtools("Page.setBypassCSP", bypass).await?;
    browser.size(320, 800).await?;
    let notice = format!("/notices/{NOTICE}");
    let own = [
        "/",
        &notice,
        "/self",
        "/object/case",
        "/complain",
        "/consent",
    ];
    let embedded = host.page("/", &[], &host::embedding(&sayso.url(""), ""));
    let pages = own.map(|path| sayso.url(path));
    for url in pages.iter().chain([&embedded]) {
        browser.open(url).await?;
        browser.find("main").await?;
        if *url == embedded {
            Widget(&browser).find("#address").await?;
        }
        let lost = format!("{} {SPACED} {LOST}", Widget::ROOT);
        assert_eq!(browser.evaluate(&lost).await?, json!([]), "{url}");
        let overflow =
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(browser.evaluate(overflow).await?, 0, "{url}");
    }
    Ok(())
}

#[tokio::test]
async fn the_widget_keeps_its_language_and_direction_on_a_page_of_another() -> anyhow::Result<()> {
    let host = Host::start().await?;
    let sites = [host.origin()];
    let (sayso, browser) = tokio::try_join!(Sayso::with(&sites, &[]), Browser::start())?;
    let page =
        host::embedding(&sayso.url(""), "").replace("lang=\"en\"", "lang=\"ar\" dir=\"rtl\"");
    browser.open(&host.page("/", &[], &page)).await?;
    Widget(&browser).find("#address").await?;
    let said = format!(
        "{} const one = root.querySelector('#object'); \
         return [one.closest('[lang]').lang, getComputedStyle(one).direction, getComputedStyle(document.body).direction];",
        Widget::ROOT
    );
    assert_eq!(browser.evaluate(&said).await?, json!(["en", "ltr", "rtl"]));
    browser.screenshot("right-to-left").await?;
    Ok(())
}

/// Labels, descriptions and controls find each other within the same tree (A11Y-14), and what is
/// named in high contrast still has its edges.
#[tokio::test]
async fn every_reference_of_the_widget_stays_inside_and_high_contrast_keeps_its_edges()
-> anyhow::Result<()> {
    let (sayso, browser) = tokio::try_join!(Sayso::demo(), Browser::start())?;
    let widget = Widget(&browser);
    browser.media(&[("forced-colors", "active")]).await?;
    browser.open(&sayso.other_url("/demo")).await?;
    widget.hydrated().await?;
    let dangling = format!(
        "{} const names = ['for', 'form', 'aria-labelledby', 'aria-describedby', 'aria-controls']; \
         return [...root.querySelectorAll('*')].flatMap((one) => names.flatMap((name) => \
           (one.getAttribute(name) ?? '').split(' ').filter((id) => id && !root.getElementById(id))));",
        Widget::ROOT
    );
    assert_eq!(browser.evaluate(&dangling).await?, json!([]));
    let edges = format!(
        "{} return ['#address', '#form button', '.panel'].map((css) => {{ \
           const style = getComputedStyle(root.querySelector(css)); \
           return parseFloat(style.borderBlockStartWidth) > 0 && style.borderBlockStartStyle === 'solid'; }});",
        Widget::ROOT
    );
    assert_eq!(browser.evaluate(&edges).await?, json!([true, true, true]));
    browser.screenshot("forced-colors").await?;
    assert_ne!(
        browser
            .evaluate("return matchMedia('(forced-colors: active)').matches")
            .await?,
        Value::Null
    );
    Ok(())
}

/// The signal is said once, beside the way to object, and decides nothing (GPC-02, GPC-03).
#[tokio::test]
async fn a_browser_that_sends_the_privacy_signal_is_told_what_it_does_not_do() -> anyhow::Result<()>
{
    let (sayso, browser) = tokio::try_join!(Sayso::demo(), Browser::start())?;
    let widget = Widget(&browser);
    for (value, told) in [("undefined", false), ("false", false), ("true", true)] {
        let source = format!(
            "Object.defineProperty(navigator, 'globalPrivacyControl', {{value: {value}, configurable: true}})"
        );
        let script = json!({"source": source});
        browser
            .devtools("Page.addScriptToEvaluateOnNewDocument", script)
            .await?;
        browser.open(&sayso.other_url("/demo")).await?;
        widget.hydrated().await?;
        let seen = format!(
            "{} return [...root.querySelectorAll('.panel > .hint')].filter((one) => one.checkVisibility()).length;",
            Widget::ROOT
        );
        assert_eq!(browser.evaluate(&seen).await?, u8::from(told), "{value}");
    }
    assert_eq!(sayso.check("ann@example.com", &[]).await?.0, 0);
    Ok(())
}
