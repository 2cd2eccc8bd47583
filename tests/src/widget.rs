//! The widget as a person meets it: an address field, a button, an answer. The same on a host's
//! page, in the frame and on the service's own pages.

use thirtyfour::WebElement;

use crate::{Browser, wait};

/// The panel on the page that the browser shows.
pub struct Widget<'a>(pub &'a Browser);

impl Widget<'_> {
    /// The start of a script: `root` is the element's shadow root, or the page itself.
    pub const ROOT: &'static str = "const element = document.querySelector('sayso-notice'); \
                    const root = element?.shadowRoot ?? document;";

    /// The element of this selector, as soon as it is there.
    pub async fn find(&self, css: &str) -> anyhow::Result<WebElement> {
        wait::until(css, async || self.now(css).await).await
    }

    /// The element of this selector, if it is there now.
    pub async fn now(&self, css: &str) -> anyhow::Result<Option<WebElement>> {
        self.0
            .element(&format!(
                "{} return root.querySelector({css:?});",
                Self::ROOT
            ))
            .await
    }

    /// Types the address.
    pub async fn address(&self, address: &str) -> anyhow::Result<()> {
        Ok(self.find("#address").await?.send_keys(address).await?)
    }

    /// Presses **Object**.
    pub async fn object(&self) -> anyhow::Result<()> {
        self.press("#form button").await
    }

    /// Presses the button that takes the objection back.
    pub async fn undo(&self) -> anyhow::Result<()> {
        self.press("button[aria-describedby=undo]").await
    }

    /// Clicks an element.
    pub async fn press(&self, css: &str) -> anyhow::Result<()> {
        Ok(self.find(css).await?.click().await?)
    }

    /// Opens the choice of topic and time, and chooses the radio button of this value.
    pub async fn choose(&self, name: &str, value: &str) -> anyhow::Result<()> {
        let details = self.find("#form details").await?;
        if details.attr("open").await?.is_none() {
            self.press("#form summary").await?;
        }
        self.press(&format!("input[name={name}][value='{value}']"))
            .await
    }

    /// Touches the form, which loads the WASM, and waits until that has taken it over, while the
    /// field is still empty. It is asked with a submit event that submits nothing: who handles it
    /// shows the error of the empty field.
    pub async fn hydrated(&self) -> anyhow::Result<()> {
        let handled = "const form = root.querySelector('#form'); \
                       const send = (name) => form?.dispatchEvent(new Event(name, {bubbles: true, cancelable: true})); \
                       send('focusin'); return send('submit') === false;";
        self.0
            .until(
                "the panel to be hydrated",
                &format!("{} {handled}", Self::ROOT),
            )
            .await
    }

    /// What the status region says, as soon as it says this.
    pub async fn status(&self, part: &str) -> anyhow::Result<String> {
        wait::until(&format!("a status with {part:?}"), async || {
            let Some(region) = self.now("[role=status]").await? else {
                return Ok(None);
            };
            Ok(Some(region.text().await?).filter(|text| text.contains(part)))
        })
        .await
    }

    /// Waits until something in this place says this.
    pub async fn within(&self, css: &str, part: &str) -> anyhow::Result<()> {
        wait::until(&format!("{part:?} in {css}"), async || {
            let Some(place) = self.now(css).await? else {
                return Ok(None);
            };
            Ok(Some(place.text().await?).filter(|text| text.contains(part)))
        })
        .await
        .map(drop)
    }

    /// What the error at the field says, as soon as there is one.
    pub async fn error(&self) -> anyhow::Result<String> {
        wait::until("an error", async || {
            let Some(error) = self.now("#error").await? else {
                return Ok(None);
            };
            Ok(Some(error.text().await?).filter(|text| !text.is_empty()))
        })
        .await
    }
}
