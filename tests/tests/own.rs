//! One's own choices inside the widget: the code from the letter, what holds, and a change of it.

use e2e::letter::letter;
use e2e::widget::Widget;
use e2e::{Browser, Sayso, wait};

/// Where it is said what was done.
const SAID: &str = ".own [role=status]";

#[tokio::test]
async fn a_person_sees_and_changes_their_choices_in_the_widget_with_the_code_from_the_letter()
-> anyhow::Result<()> {
    let sayso = Sayso::demo().await?;
    let browser = Browser::start().await?;
    browser.size(320, 800).await?;
    let widget = Widget(&browser);
    browser.open(&sayso.other_url("/demo")).await?;
    widget.hydrated().await?;
    widget.press("#own").await?;
    let (send, answer) = ("#own-form .row button", "#own-form ~ .answer");
    widget.press(send).await?;
    let missing = widget.find("#own-error").await?;
    assert!(!missing.text().await?.is_empty());
    let address = widget.find("#own-address").await?;
    address.send_keys("jane@example.org").await?;
    widget.press(send).await?;
    let code = letter(&sayso, 0).await?.code;
    widget
        .find("#own-code")
        .await?
        .send_keys("00000-00000")
        .await?;
    widget.press(send).await?;
    widget.within(answer, "does not fit").await?;
    let field = widget.find("#own-code").await?;
    field.clear().await?;
    field.send_keys(&code).await?;
    widget.press(send).await?;
    widget.within(answer, "This holds for your address").await?;
    browser.screenshot("own-open").await?;

    let object = "[data-press='0']";
    widget.press(object).await?;
    widget
        .within("#own-lines", "Objection: All marketing")
        .await?;
    browser.screenshot("own-objected").await?;
    assert_eq!(sayso.check("jane@example.org", &[]).await?.0, 3);
    widget.press(object).await?;
    widget.within("#own-lines", "All marketing from").await?;
    assert_eq!(sayso.check("jane@example.org", &[]).await?.0, 0);

    widget.press("#own-leave").await?;
    widget.within(SAID, "You are signed out").await?;
    assert!(widget.now("#own-lines li").await?.is_none());
    assert_eq!(typed(&browser).await?, ",");
    let kept = "return [document.cookie, Object.keys(localStorage).length, Object.keys(sessionStorage).length].join()";
    assert_eq!(browser.evaluate(kept).await?, ",0,0");
    Ok(())
}

/// What stands in the fields of address and code.
async fn typed(browser: &Browser) -> anyhow::Result<serde_json::Value> {
    let both = "return [...root.querySelectorAll('#own-address, #own-code')].map((one) => one.value).join()";
    browser.evaluate(&format!("{} {both}", Widget::ROOT)).await
}

/// The widget of the demo company's page with somebody's choices open.
async fn opened(sayso: &Sayso, browser: &Browser) -> anyhow::Result<()> {
    let widget = Widget(browser);
    browser.open(&sayso.other_url("/demo")).await?;
    widget.hydrated().await?;
    widget.press("#own").await?;
    let address = widget.find("#own-address").await?;
    address.send_keys("jane@example.org").await?;
    widget.press("#own-form .row button").await?;
    widget.within(SAID, "can receive mail").await?;
    let code = letter(sayso, 0).await?.code;
    // What is asked for stays in hand while the address is mended.
    address.clear().await?;
    widget.press("#own-form .row button").await?;
    let field = widget.find("#own-code").await?;
    assert!(field.is_displayed().await?);
    field.send_keys(&code).await?;
    address.send_keys("jane@example.org").await?;
    widget.press("#own-form .row button").await?;
    widget.within(SAID, "This holds for your address").await
}

#[tokio::test]
async fn a_choice_in_the_widget_is_told_with_its_reference_and_can_be_undone() -> anyhow::Result<()>
{
    let (sayso, browser) = tokio::try_join!(Sayso::demo(), Browser::start())?;
    let widget = Widget(&browser);
    opened(&sayso, &browser).await?;
    widget.press("[data-press='0']").await?;
    widget.within(SAID, "You have objected").await?;
    widget.within(SAID, "Your reference").await?;
    let focused = format!(
        "{} return root.activeElement?.matches({SAID:?})",
        Widget::ROOT
    );
    assert_eq!(browser.evaluate(&focused).await?, true);
    assert_eq!(sayso.check("jane@example.org", &[]).await?.0, 3);
    widget.press("#own-undo").await?;
    widget.within(SAID, "Undone").await?;
    widget.within("#own-lines", "All marketing from").await?;
    assert_eq!(sayso.check("jane@example.org", &[]).await?.0, 0);
    Ok(())
}

#[tokio::test]
async fn a_second_press_counts_once_and_a_late_answer_shows_nothing_after_signing_out()
-> anyhow::Result<()> {
    let (sayso, browser) = tokio::try_join!(Sayso::demo(), Browser::start())?;
    let widget = Widget(&browser);
    opened(&sayso, &browser).await?;
    let hold_back = "const real = fetch; window.held = []; \
                     window.fetch = async (request) => { \
                         const answer = await real(request); \
                         await new Promise((go) => held.push(go)); \
                         return answer; }; \
                     window.real = real;";
    browser.evaluate(hold_back).await?;
    widget.press("[data-press='0']").await?;
    widget.press("[data-press='0']").await?;
    browser
        .until("the answer", "return window.held.length > 0")
        .await?;
    assert_eq!(browser.evaluate("return held.length").await?, 1);
    widget.press("#own-leave").await?;
    let let_go = format!(
        "held.splice(0).forEach((go) => go()); await real({:?}, {{mode: 'no-cors'}}); return held.length",
        sayso.url("/healthz")
    );
    browser.resolve(&let_go).await?;
    assert!(widget.now("#own-lines li").await?.is_none());
    let said = widget.find(SAID).await?.text().await?;
    assert!(said.starts_with("You are signed out"), "{said}");
    assert_eq!(sayso.check("jane@example.org", &[]).await?.0, 3);
    Ok(())
}

#[tokio::test]
async fn a_code_that_was_not_typed_is_asked_for_at_its_field_and_a_new_one_is_sent_on_request_alone()
-> anyhow::Result<()> {
    let (sayso, browser) = tokio::try_join!(Sayso::demo(), Browser::start())?;
    let widget = Widget(&browser);
    browser.open(&sayso.other_url("/demo")).await?;
    widget.hydrated().await?;
    widget.press("#own").await?;
    let address = widget.find("#own-address").await?;
    address.send_keys("jane@example.org").await?;
    widget.press("#own-form .row button").await?;
    letter(&sayso, 0).await?;
    widget.within(SAID, "can receive mail").await?;
    let asked_since = async || -> anyhow::Result<bool> {
        let requests = browser.requests().await?;
        Ok(requests.iter().any(|url| url.ends_with("/v1/links")))
    };
    assert!(asked_since().await?);
    widget.press("#own-form .row button").await?;
    widget
        .within("#own-code-error", "Enter the code from our message")
        .await?;
    let focused = format!("{} return root.activeElement?.id", Widget::ROOT);
    assert_eq!(browser.evaluate(&focused).await?, "own-code");
    assert!(!asked_since().await?);

    let field = widget.find("#own-code").await?;
    field.send_keys("00000-00000").await?;
    widget.press("#own-again").await?;
    let code = letter(&sayso, 1).await?.code;
    widget.within(SAID, "can receive mail").await?;
    assert_eq!(typed(&browser).await?, "jane@example.org,");
    field.send_keys(&code).await?;
    widget.press("#own-form .row button").await?;
    widget.within(SAID, "This holds for your address").await
}

#[tokio::test]
async fn who_leaves_the_page_is_signed_out_and_nothing_of_theirs_comes_back() -> anyhow::Result<()>
{
    let (sayso, browser) = tokio::try_join!(Sayso::demo(), Browser::start())?;
    let widget = Widget(&browser);
    opened(&sayso, &browser).await?;
    let overhear = "const real = fetch; \
                    window.fetch = (request) => { \
                        window.bearer = request.headers.get('authorization'); \
                        return real(request); };";
    browser.evaluate(overhear).await?;
    widget.press("[data-press='0']").await?;
    widget.within(SAID, "You have objected").await?;
    let bearer = browser.evaluate("return bearer").await?;
    let bearer = bearer.as_str().unwrap_or_default();
    let client = reqwest::Client::new();
    let reads = async || {
        let asked = client.get(sayso.url("/v1/self"));
        let answer = asked.header("authorization", bearer).send().await?;
        anyhow::Ok(answer.status())
    };
    assert_eq!(reads().await?, 200);

    browser.open(&sayso.url("/healthz")).await?;
    wait::until("the session to be over", async || {
        Ok((reads().await? == 401).then_some(()))
    })
    .await?;
    browser.back().await?;
    widget.find("#own-form").await?;
    assert!(widget.now("#own-lines li").await?.is_none());
    assert_eq!(typed(&browser).await?, ",");
    Ok(())
}

/// Proxies, captive portals and firewalls answer with pages of theirs.
#[tokio::test]
async fn only_the_services_own_answer_says_what_was_done_and_what_is_wrong() -> anyhow::Result<()> {
    let (sayso, browser) = tokio::try_join!(Sayso::demo(), Browser::start())?;
    let widget = Widget(&browser);
    browser.open(&sayso.other_url("/demo")).await?;
    widget.hydrated().await?;
    widget.address("ann@example.com").await?;
    widget.object().await?;
    widget.status("You have objected").await?;
    let answered = async |status: u16| {
        let answer = format!(
            "window.real ??= fetch; \
             window.fetch = async () => new Response('<html>Please accept</html>', {{status: {status}}});"
        );
        browser.evaluate(&answer).await
    };
    let ask = widget.find("#consent-address").await?;
    ask.send_keys("ann@example.com").await?;
    let consent = (".consent form button", ".consent [role=status]");

    answered(200).await?;
    widget.undo().await?;
    widget.status("We do not know whether this arrived").await?;
    assert_eq!(sayso.check("ann@example.com", &[]).await?.0, 3);
    widget.press(consent.0).await?;
    widget
        .within(consent.1, "We do not know whether this arrived")
        .await?;

    answered(429).await?;
    widget.press(consent.0).await?;
    widget
        .within(consent.1, "Wait a moment, then press again")
        .await?;

    browser.evaluate("window.fetch = real").await?;
    widget.press("#own").await?;
    let address = widget.find("#own-address").await?;
    address.send_keys("ann@example.com").await?;
    widget.press("#own-form .row button").await?;
    let code = letter(&sayso, 0).await?.code;
    widget.find("#own-code").await?.send_keys(&code).await?;
    answered(403).await?;
    widget.press("#own-form .row button").await?;
    widget.within(SAID, "This was not accepted").await?;
    browser.evaluate("window.fetch = real").await?;
    widget.press("#own-form .row button").await?;
    widget.within(SAID, "This holds for your address").await
}
