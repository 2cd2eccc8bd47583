//! A page of the service as a person uses it: reading, typing, pressing.

use crate::Browser;

/// Empties a field and types into it.
pub async fn type_into(browser: &Browser, css: &str, text: &str) -> anyhow::Result<()> {
    let field = browser.find(css).await?;
    field.clear().await?;
    Ok(field.send_keys(text).await?)
}

/// Clicks an element.
pub async fn press(browser: &Browser, css: &str) -> anyhow::Result<()> {
    Ok(browser.find(css).await?.click().await?)
}

/// Presses the button of that label.
pub async fn press_label(browser: &Browser, label: &str) -> anyhow::Result<()> {
    let script = format!(
        "return [...document.querySelectorAll('button')]\
         .find((button) => button.innerText.trim() === {label:?} && button.checkVisibility())"
    );
    let button = browser.element(&script).await?;
    Ok(button.expect(label).click().await?)
}

/// Waits until the page shows this text.
pub async fn shows(browser: &Browser, text: &str) -> anyhow::Result<()> {
    let script = format!("return document.body.innerText.includes({text:?})");
    browser.until(text, &script).await
}
