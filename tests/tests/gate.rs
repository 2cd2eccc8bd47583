//! The gate at the mail server: a mailing through a real Postfix that asks a real Sayso.

use std::collections::BTreeSet;
use std::time::Instant;

use anyhow::Context as _;
use e2e::{Port, Postfix, Sayso, wait};
use serde_json::json;

const DOMAIN: &str = "client.example";

/// A demo that answers mail servers, and where they ask.
async fn asked() -> anyhow::Result<(Sayso, Port)> {
    let port = Port::free()?;
    let mta = format!(
        "[{{listen=\"127.0.0.1:{}\",purpose=\"info_about_us\"}}]",
        port.number()
    );
    let environment = [("SAYSO_MTA", mta.as_str()), ("SAYSO_RATE_LIMIT", "off")];
    Ok((Sayso::with(&[], &environment).await?, port))
}

/// Waits until that many recipients' deliveries have ended so.
async fn ended(postfix: &Postfix, how: &str, count: usize) -> anyhow::Result<BTreeSet<String>> {
    wait::until(how, async || {
        let ended = postfix.ended(how);
        Ok((ended.len() >= count).then_some(ended))
    })
    .await
    .with_context(|| postfix.log())
}

#[tokio::test]
async fn of_a_thousand_recipients_a_hundred_who_objected_are_refused_and_the_rest_get_the_mail()
-> anyhow::Result<()> {
    let (sayso, port) = asked().await?;
    let gated = Postfix::gated(port.number()).await?;
    let queue = Postfix::before(gated.port()).await?;
    let mut objected = BTreeSet::new();
    for number in (10..=1000).step_by(10) {
        let address = format!("{number}@{DOMAIN}");
        assert_eq!(sayso.object(&address, json!({})).await?.0, 202);
        objected.insert(address);
    }
    let began = Instant::now();
    queue.mailing(1000, DOMAIN)?;
    let refused = ended(&queue, "bounced", 100).await?;
    let sent = ended(&gated, "sent", 900).await?;
    let took = began.elapsed();
    println!(
        "1,000 recipients through two Postfix and the gate in {took:?}: {:.0} a second",
        1000.0 / took.as_secs_f64()
    );
    assert_eq!(refused, objected);
    assert_eq!(sent.len(), 900);
    assert!(sent.is_disjoint(&objected));
    assert_eq!(gated.delivered()?.len(), 900);
    let log = queue.log();
    let said = log.lines().find(|line| line.contains("550 5.7.1"));
    let said = said.context("no refusal in the log")?;
    assert!(said.contains("This mailing is withheld"), "{said}");
    Ok(())
}

#[tokio::test]
async fn while_sayso_is_stopped_mail_waits_and_goes_out_to_whom_it_may_after_the_restart()
-> anyhow::Result<()> {
    let (mut sayso, port) = asked().await?;
    let gated = Postfix::gated(port.number()).await?;
    let queue = Postfix::before(gated.port()).await?;
    assert_eq!(
        sayso.object(&format!("3@{DOMAIN}"), json!({})).await?.0,
        202
    );
    sayso.kill().await?;
    queue.mailing(20, DOMAIN)?;
    let waiting = ended(&queue, "deferred", 20).await?;
    assert_eq!(waiting.len(), 20);
    assert!(gated.delivered()?.is_empty());
    assert!(queue.log().contains("451 4.3.5"), "{}", queue.log());
    sayso.restart().await?;
    queue.flush()?;
    let sent = ended(&gated, "sent", 19).await?;
    let refused = ended(&queue, "bounced", 1).await?;
    assert_eq!(refused, [format!("3@{DOMAIN}")].into());
    assert!(sent.is_disjoint(&refused));
    assert_eq!(gated.delivered()?.len(), 19);
    Ok(())
}

#[tokio::test]
async fn a_tool_that_sends_to_the_port_itself_is_told_at_once() -> anyhow::Result<()> {
    let (mut sayso, port) = asked().await?;
    let gated = Postfix::gated(port.number()).await?;
    let jane = format!("jane@{DOMAIN}");
    assert_eq!(sayso.object(&jane, json!({})).await?.0, 202);
    let refused = gated.told(&jane).await?;
    assert!(refused.starts_with("550 5.7.1"), "{refused}");
    assert!(
        gated
            .told(&format!("joe@{DOMAIN}"))
            .await?
            .starts_with("250")
    );
    sayso.kill().await?;
    let waits = gated.told(&format!("joe@{DOMAIN}")).await?;
    assert!(waits.starts_with("451 4.3.5"), "{waits}");
    Ok(())
}
