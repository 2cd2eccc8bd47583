//! Nothing acknowledged is lost: the server is killed in the middle of its work, again and again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use e2e::Sayso;
use e2e::sayso::{NOTICE, PURPOSE};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// The short form; `cargo xtask crash` asks for more.
const ROUNDS: u32 = 20;
const WRITERS: u32 = 8;
/// How many objections are acknowledged before the server is killed.
const BEFORE: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_objection_is_there_after_a_kill() -> anyhow::Result<()> {
    let rounds = std::env::var("SAYSO_CRASH_ROUNDS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(ROUNDS);
    let mut sayso = Sayso::with(&[], &[("SAYSO_RATE_LIMIT", "off")]).await?;
    let key = sayso.key("gate:check").await?;
    let client = Client::new();
    let mut whole = 0;
    for round in 0..rounds {
        let acknowledged = write_until_killed(&mut sayso, round).await?;
        sayso.restart().await?;
        for addresses in acknowledged.chunks(1_000) {
            let checks: Vec<_> = addresses
                .iter()
                .map(|address| json!({"address": address}))
                .collect();
            let question = json!({"purpose": PURPOSE, "checks": checks});
            let request = client
                .post(sayso.url("/v1/decisions"))
                .bearer_auth(&key)
                .json(&question);
            let answer: Value = request.send().await?.error_for_status()?.json().await?;
            for (number, address) in addresses.iter().enumerate() {
                assert_eq!(
                    answer["decisions"][number]["reasons"],
                    json!(["objected"]),
                    "{address} was acknowledged in round {round}"
                );
            }
        }
        whole += acknowledged.len();
    }
    let verified = sayso.run(&["ledger", "verify"]).await?;
    assert_eq!(verified.code, 0, "{verified:?}");
    println!("{rounds} kills, {whole} acknowledged objections, none lost");
    Ok(())
}

/// Objects from several writers at once, kills the server in between, answers what it acknowledged.
async fn write_until_killed(sayso: &mut Sayso, round: u32) -> anyhow::Result<Vec<String>> {
    let (stop, count) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
    );
    // A different moment each time: sometimes within a group commit, sometimes between two.
    let enough = BEFORE + usize::try_from(round % 7)?;
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let (stop, count, url) = (stop.clone(), count.clone(), sayso.url("/v1/objections"));
        writers.spawn(async move {
            let (client, mut acknowledged) = (Client::new(), Vec::new());
            for number in 0.. {
                let address = format!("r{round}.w{writer}.n{number}@example.com");
                let body = json!({"address": address, "notice": NOTICE});
                let answer = client
                    .post(&url)
                    .header("x-sayso-client", "1")
                    .json(&body)
                    .send()
                    .await;
                match answer {
                    Ok(answer) if answer.status().is_success() => {
                        acknowledged.push(address);
                        count.fetch_add(1, Ordering::Relaxed);
                    }
                    _ if stop.load(Ordering::Relaxed) => break,
                    other => anyhow::bail!("refused while the server ran: {other:?}"),
                }
            }
            Ok(acknowledged)
        });
    }
    e2e::wait::until("enough acknowledged objections", async || {
        Ok(
            (count.load(Ordering::Relaxed) >= enough || writers.len() < WRITERS as usize)
                .then_some(()),
        )
    })
    .await?;
    stop.store(true, Ordering::Relaxed);
    sayso.kill().await?;
    let mut whole = Vec::new();
    while let Some(acknowledged) = writers.join_next().await {
        whole.extend(acknowledged??);
    }
    Ok(whole)
}
