//! One's own choices inside the widget: the code from the letter, what holds, and a change of it.

use e2e::letter::letter;
use e2e::widget::Widget;
use e2e::{Browser, Sayso};

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
    let (send, answer) = ("#own-form button", "#own-form ~ .answer");
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
    assert!(widget.now("#own-lines li").await?.is_none());
    let kept = "return [document.cookie, Object.keys(localStorage).length, Object.keys(sessionStorage).length].join()";
    assert_eq!(browser.evaluate(kept).await?, ",0,0");
    Ok(())
}
