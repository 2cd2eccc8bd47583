//! The doors to the other rights in a real browser, without any script of ours: a case, a complaint,
//! the link of a mailing, one's history.

use e2e::axe::clean;
use e2e::letter::letter;
use e2e::page::{press, press_label, shows, type_into};
use e2e::sayso::NOTICE;
use e2e::{Browser, Sayso};
use serde_json::{Value, json};

const ANN: &str = "ann@example.com";

async fn both() -> anyhow::Result<(Sayso, Browser)> {
    tokio::try_join!(Sayso::demo(), Browser::start())
}

#[tokio::test]
async fn a_complaint_and_a_weighed_objection_arrive_and_their_pages_are_clean() -> anyhow::Result<()>
{
    let (sayso, browser) = both().await?;
    for (name, path, send, done) in [
        (
            "complain",
            "/complain",
            "Send complaint",
            "Your complaint has arrived",
        ),
        (
            "case",
            "/object/case",
            "Send objection",
            "Your objection has arrived",
        ),
    ] {
        browser.open(&sayso.url(path)).await?;
        clean(&browser, &format!("{name}-start")).await?;
        press_label(&browser, send).await?;
        shows(&browser, "There is a problem").await?;
        clean(&browser, &format!("{name}-missing")).await?;
        type_into(&browser, "[name=address]", ANN).await?;
        type_into(&browser, "textarea", "You use more than you need.").await?;
        if name == "case" {
            press(&browser, "[type=radio]").await?;
        }
        press_label(&browser, send).await?;
        shows(&browser, done).await?;
        clean(&browser, &format!("{name}-done")).await?;
    }
    let listed = sayso.run(&["case", "list", "--json"]).await?;
    assert!(!listed.output.contains(ANN), "a list names nobody");
    assert_eq!(
        listed.output.matches("\"reference\"").count(),
        2,
        "{}",
        listed.output
    );
    Ok(())
}

#[tokio::test]
async fn the_link_of_a_mailing_stops_it_by_one_press_and_its_pages_are_clean() -> anyhow::Result<()>
{
    let (sayso, browser) = both().await?;
    let link = ["link", ANN, "--purpose", "info_about_us", "--json"];
    let link: Value = serde_json::from_str(&sayso.run(&link).await?.output)?;
    browser
        .open(link["url"].as_str().unwrap_or_default())
        .await?;
    clean(&browser, "one-click-start").await?;
    assert_eq!(sayso.check(ANN, &[]).await?.0, 0);
    press_label(&browser, "Stop these emails").await?;
    shows(&browser, "These emails have stopped").await?;
    clean(&browser, "one-click-done").await?;
    assert_eq!(sayso.check(ANN, &[]).await?.0, 3);
    press_label(&browser, "Undo").await?;
    shows(&browser, "no longer counts").await?;
    assert_eq!(sayso.check(ANN, &[]).await?.0, 0);
    Ok(())
}

#[tokio::test]
async fn a_contact_reads_their_history_and_has_it_erased() -> anyhow::Result<()> {
    let (sayso, browser) = both().await?;
    sayso.object(ANN, json!({})).await?;
    let asked = json!({"address": ANN, "notice": NOTICE});
    sayso.post("/v1/links", &asked).await?;
    browser.open(&letter(&sayso, 0).await?.link).await?;
    press_label(&browser, "Open my choices").await?;
    shows(&browser, "What you have stopped").await?;
    press(&browser, "a[href*='/self/history']").await?;
    shows(&browser, "Objection: All marketing").await?;
    clean(&browser, "history").await?;
    press(&browser, "form[action='/self/erase'] button").await?;
    browser
        .until(
            "the answer",
            "return !document.querySelector(\"form[action='/self/erase']\")",
        )
        .await?;
    clean(&browser, "erased").await?;
    let (exit, decision) = sayso.check(ANN, &[]).await?;
    assert_eq!(exit, 3, "what was stopped stays stopped: {decision}");
    Ok(())
}
