//! The contact's own pages in a real browser: from the company's page over a letter to a changed
//! choice, with scripts and without.

use e2e::axe::clean;
use e2e::letter::letter;
use e2e::page::{press, press_label, shows, type_into};
use e2e::sayso::NOTICE;
use e2e::widget::Widget;
use e2e::{Browser, Sayso};
use serde_json::json;

const ANN: &str = "ann@example.com";

async fn both() -> anyhow::Result<(Sayso, Browser)> {
    tokio::try_join!(Sayso::demo(), Browser::start())
}

#[tokio::test]
async fn from_the_company_page_over_a_letter_to_a_changed_choice() -> anyhow::Result<()> {
    let (sayso, browser) = both().await?;
    browser.open(&sayso.other_url("/demo")).await?;
    let widget = Widget(&browser);
    widget.address(ANN).await?;
    widget.object().await?;
    widget.status("You have objected").await?;
    assert_eq!(sayso.check(ANN, &[]).await?.0, 3);

    browser
        .open(&sayso.url(&format!("/notices/{NOTICE}")))
        .await?;
    press(&browser, "footer a[href*='/self']").await?;
    type_into(&browser, "#address", ANN).await?;
    press_label(&browser, "Send me a link").await?;
    shows(&browser, "Look at your mail").await?;
    let mailed = letter(&sayso, 0).await?;

    browser.open(&mailed.link).await?;
    shows(&browser, "Your link was read").await?;
    let address = browser.url().await?;
    assert!(
        !address.contains('#'),
        "the token is out of the address bar: {address}"
    );
    press_label(&browser, "Open my choices").await?;
    shows(&browser, "What you have stopped").await?;
    shows(&browser, "Email: no, you objected").await?;
    press_label(&browser, "Lift this objection").await?;
    shows(&browser, "Lifted: All marketing").await?;
    assert_eq!(sayso.check(ANN, &[]).await?.0, 0);
    press_label(&browser, "Undo: object again").await?;
    shows(&browser, "Undone").await?;
    assert_eq!(sayso.check(ANN, &[]).await?.0, 3);

    let stored = "return [document.cookie, localStorage.length, sessionStorage.length].join()";
    assert_eq!(
        browser.evaluate(stored).await?,
        ",0,0",
        "scripts see no session"
    );
    press_label(&browser, "Sign out").await?;
    shows(&browser, "You are signed out").await?;
    browser.open(&sayso.url("/self")).await?;
    shows(&browser, "Enter your email address").await?;
    browser.open("about:blank").await?;
    browser.open(&mailed.link).await?;
    press_label(&browser, "Open my choices").await?;
    shows(&browser, "This link or code does not work").await?;
    let shouted = browser.console().await?;
    assert!(
        shouted
            .iter()
            .all(|line| !line.contains("Content Security")),
        "{shouted:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_link_opened_beside_another_address_asks_whose_choices_are_meant() -> anyhow::Result<()> {
    let (sayso, browser) = both().await?;
    let mut links = Vec::new();
    for (number, address) in [ANN, "bob@example.com"].into_iter().enumerate() {
        let asked = json!({ "address": address });
        assert_eq!(sayso.post("/v1/links", &asked).await?.0, 202);
        links.push(letter(&sayso, number).await?.link);
    }
    browser.open(&links[0]).await?;
    press_label(&browser, "Open my choices").await?;
    shows(&browser, "These are the choices of ann@example.com").await?;
    for stays in [true, false] {
        browser.open("about:blank").await?;
        browser.open(&links[1]).await?;
        shows(&browser, "still shows the choices of ann@example.com").await?;
        let seen = "return document.body.innerText.includes('Object to all marketing')";
        assert_eq!(browser.evaluate(seen).await?, false, "no choice is offered");
        if stays {
            press(&browser, "#linked a").await?;
            shows(&browser, "Object to all marketing").await?;
        } else {
            clean(&browser, "own-linked-beside").await?;
            press_label(&browser, "Open my choices").await?;
            shows(&browser, "These are the choices of bob@example.com").await?;
        }
    }
    press_label(&browser, "Object to all marketing").await?;
    shows(&browser, "You have objected").await?;
    assert_eq!(sayso.check("bob@example.com", &[]).await?.0, 3);
    assert_eq!(sayso.check(ANN, &[]).await?.0, 0);
    Ok(())
}

#[tokio::test]
async fn without_a_script_the_code_opens_the_same() -> anyhow::Result<()> {
    let (sayso, browser) = both().await?;
    browser.scripts(false).await?;
    browser.open(&sayso.url("/self")).await?;
    type_into(&browser, "#address", ANN).await?;
    press(&browser, "form[action='/self/link'] button").await?;
    let mailed = letter(&sayso, 0).await?;
    type_into(&browser, "#code", &mailed.code.to_lowercase()).await?;
    press(&browser, "form[action='/self/session']:has(#code) button").await?;
    shows(&browser, "Your choices").await?;
    press_label(&browser, "Object to all marketing").await?;
    shows(&browser, "You have objected: All marketing").await?;
    assert_eq!(sayso.check(ANN, &[]).await?.0, 3);
    press_label(&browser, "Undo").await?;
    shows(&browser, "Undone").await?;
    assert_eq!(sayso.check(ANN, &[]).await?.0, 0);
    Ok(())
}

#[tokio::test]
async fn a_consent_is_confirmed_by_a_press_and_no_scanner_confirms_it() -> anyhow::Result<()> {
    let (sayso, browser) = both().await?;
    sayso.object(ANN, json!({})).await?;
    let asked = json!({
        "address": ANN, "notice": NOTICE, "purpose": "info_about_us",
        "topic": "it_strategy", "channel": "email",
    });
    assert_eq!(sayso.post("/v1/consents", &asked).await?.0, 202);
    let mailed = letter(&sayso, 0).await?;
    for _ in 0..3 {
        browser.open("about:blank").await?;
        browser.open(&mailed.link).await?;
        shows(&browser, "Your link was read").await?;
    }
    press_label(&browser, "Continue").await?;
    shows(&browser, "You stopped this earlier").await?;
    assert_eq!(sayso.check(ANN, &[]).await?.0, 3);
    press(&browser, "label[for=lift]").await?;
    press_label(&browser, "Give consent").await?;
    shows(&browser, "You have given your consent").await?;
    let topic = ["--topic", "it_strategy"];
    let (exit, answer) = sayso.check(ANN, &topic).await?;
    assert_eq!((exit, &answer["reasons"][0]), (0, &json!("consent")));
    Ok(())
}

#[tokio::test]
async fn every_state_of_the_own_pages_is_clean() -> anyhow::Result<()> {
    let (sayso, browser) = both().await?;
    let more = json!({"topic": "other_services", "channel": "post"});
    sayso.object(ANN, more).await?;
    browser.open(&sayso.url("/self")).await?;
    clean(&browser, "own-start").await?;
    press_label(&browser, "Send me a link").await?;
    shows(&browser, "There is a problem").await?;
    clean(&browser, "own-missing").await?;
    type_into(&browser, "#address", ANN).await?;
    press_label(&browser, "Send me a link").await?;
    shows(&browser, "Look at your mail").await?;
    clean(&browser, "own-asked").await?;
    let mailed = letter(&sayso, 0).await?;
    type_into(&browser, "#code", "0000000000").await?;
    press_label(&browser, "Open my choices").await?;
    shows(&browser, "This link or code does not work").await?;
    clean(&browser, "own-refused").await?;
    browser.open("about:blank").await?;
    browser.open(&mailed.link).await?;
    shows(&browser, "Your link was read").await?;
    clean(&browser, "own-linked").await?;
    press_label(&browser, "Open my choices").await?;
    shows(&browser, "What you have stopped").await?;
    clean(&browser, "own-choices").await?;
    let unfold = "document.querySelectorAll('details').forEach((one) => one.open = true); return 1";
    browser.evaluate(unfold).await?;
    clean(&browser, "own-unfolded").await?;
    press_label(&browser, "Give consent").await?;
    shows(&browser, "You have given consent").await?;
    clean(&browser, "own-done").await?;
    press_label(&browser, "Sign out").await?;
    shows(&browser, "You are signed out").await?;
    clean(&browser, "own-out").await?;
    let asked = json!({
        "address": ANN, "notice": NOTICE, "purpose": "info_about_us",
        "topic": "other_services", "channel": "post",
    });
    sayso.post("/v1/consents", &asked).await?;
    let mailed = letter(&sayso, 1).await?;
    browser.open(&sayso.url("/consent")).await?;
    clean(&browser, "consent-start").await?;
    browser.open("about:blank").await?;
    browser.open(&mailed.link).await?;
    press_label(&browser, "Continue").await?;
    shows(&browser, "You stopped this earlier").await?;
    clean(&browser, "consent-confirm").await?;
    press_label(&browser, "Give consent").await?;
    shows(&browser, "You have given your consent").await?;
    clean(&browser, "consent-given").await
}
