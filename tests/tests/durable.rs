//! What is acknowledged is on disk: the order of system calls, and a disk that is full.

use std::collections::BTreeSet;
use std::fs;

use anyhow::Context as _;
use e2e::Sayso;
use reqwest::StatusCode;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn the_disk_has_the_objection_before_the_person_has_the_answer() -> anyhow::Result<()> {
    // -D: the server is this test's own child and ends with it, the tracer follows.
    let tracer = [
        "strace",
        "-D",
        "-f",
        "-qq",
        "-y",
        "-s",
        "24",
        "-o",
        "trace.txt",
        "-e",
        "trace=fsync,fdatasync,write,writev,sendto,sendmsg",
    ];
    let sayso = Sayso::under(&tracer, &[]).await?;
    for number in 0..20 {
        let (status, _) = sayso
            .object(&format!("sync{number}@example.com"), json!({}))
            .await?;
        assert_eq!(status, StatusCode::ACCEPTED);
    }
    let trace = e2e::wait::until("twenty answers in the trace", async || {
        let trace = fs::read_to_string(sayso.folder().join("trace.txt"))?;
        Ok((events(&trace)
            .filter(|event| *event == Event::Answered)
            .count()
            >= 20)
            .then_some(trace))
    })
    .await?;
    let mut synced = false;
    for event in events(&trace) {
        match event {
            Event::Synced => synced = true,
            Event::Answered => {
                assert!(synced, "202 was sent before the journal was synced");
                synced = false;
            }
        }
    }
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
enum Event {
    /// The journal is on disk.
    Synced,
    /// "202 Accepted" is on its way.
    Answered,
}

/// What the trace says, in order. A call that another thread interrupts has two lines: it begins
/// on the first and is done on the second.
fn events(trace: &str) -> impl Iterator<Item = Event> {
    let mut syncing: BTreeSet<&str> = BTreeSet::new();
    trace.lines().filter_map(move |line| {
        let (thread, call) = line.split_once(' ')?;
        let call = call.trim_start();
        let is_sync = call.starts_with("fdatasync(") || call.starts_with("fsync(");
        if is_sync && call.contains("-wal>") {
            if call.ends_with("<unfinished ...>") {
                syncing.insert(thread);
                return None;
            }
            return call.ends_with("= 0").then_some(Event::Synced);
        }
        if call.starts_with("<... f") && syncing.remove(thread) {
            return call.ends_with("= 0").then_some(Event::Synced);
        }
        let is_sent = ["write(", "writev(", "sendto(", "sendmsg("];
        let is_sent = is_sent.iter().any(|name| call.starts_with(name));
        (is_sent && call.contains("HTTP/1.1 202")).then_some(Event::Answered)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_clearly_keeps_what_it_acknowledged_and_recovers() -> anyhow::Result<()>
{
    let small = "mkdir -p data && mount -t tmpfs -o size=6m tmpfs data && exec \"$@\"";
    let wrapper = [
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        small,
        "sh",
    ];
    let sayso = Sayso::under(&wrapper, &[("SAYSO_RATE_LIMIT", "off")]).await?;
    // The mount is the server's own; from outside it is seen through the server's root.
    let data = format!("/proc/{}/root{}", sayso.process()?, sayso.data().display());
    let key = fs::read_to_string(format!("{data}/demo-api-key.txt"))?
        .trim()
        .to_owned();
    let filler = format!("{data}/filler");
    fill(&filler)?;

    let mut acknowledged = Vec::new();
    let refusal = loop {
        let address = format!("full{}@example.com", acknowledged.len());
        let (status, answer) = sayso.object(&address, json!({})).await?;
        if status != StatusCode::ACCEPTED {
            break (status, answer);
        }
        acknowledged.push(address);
        assert!(acknowledged.len() < 20_000, "the disk never got full");
    };
    assert_eq!(refusal.0, StatusCode::SERVICE_UNAVAILABLE, "{refusal:?}");
    assert_eq!(refusal.1["code"], "store_unavailable");
    assert_eq!(
        sayso.decide(&key, "somebody@example.com").await?["proceed"],
        true
    );

    fs::remove_file(&filler)?;
    let (status, answer) = sayso.object("after@example.com", json!({})).await?;
    assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
    acknowledged.push("after@example.com".to_owned());
    for address in &acknowledged {
        let decision = sayso.decide(&key, address).await?;
        assert_eq!(decision["reasons"], json!(["objected"]), "{address}");
    }
    println!(
        "{} objections acknowledged around a full disk, none lost",
        acknowledged.len()
    );
    Ok(())
}

/// Leaves less than a hundred KiB.
fn fill(path: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    let mut file = fs::File::create(path).context("the filler cannot be made")?;
    let block = vec![0; 16 * 1024];
    let mut size: u64 = 0;
    while file.write_all(&block).is_ok() {
        size += 16 * 1024;
    }
    file.set_len(size.saturating_sub(96 * 1024))?;
    Ok(())
}
