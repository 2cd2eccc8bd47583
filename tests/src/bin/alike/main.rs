//! Whether the time of an answer tells anything about an address (SEC-07). Started by
//! `cargo xtask bench --full`.
//!
//! 300 samples for each kind of address, taken in turns. Two kinds are alike when their medians lie
//! within 5 ms and the two-sample Kolmogorov–Smirnov test gives p above 0.001; a true null fails now
//! and then, so a pair that fails is measured once more. Output as of the other figures.

mod samples;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::ensure;
use e2e::{NOTICE, PURPOSE, Sayso};
use samples::Samples;
use serde_json::{Value, json};

/// Samples of each kind.
const EACH: usize = 300;
/// Milliseconds between two medians.
const APART: f64 = 5.0;
/// The probability below which two kinds differ.
const CHANCE: f64 = 0.001;

/// What the service may know of an address.
const KINDS: [&str; 4] = ["unknown", "known", "suppressed", "limited"];

/// The public doors, and the fields beside the address.
fn doors() -> [(&'static str, Value); 3] {
    let consent = json!({"notice": NOTICE, "purpose": PURPOSE, "channel": "email"});
    [
        ("/v1/objections", json!({"notice": NOTICE})),
        ("/v1/links", json!({"notice": NOTICE})),
        ("/v1/consents", consent),
    ]
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let sayso = Sayso::with(&[], &[("SAYSO_RATE_LIMIT", "off")]).await?;
    let mut good = true;
    for (door, fields) in doors() {
        let mut met = alike(&sayso, door, &fields, "first").await?;
        if !met {
            met = alike(&sayso, door, &fields, "again").await?;
        }
        good &= met;
    }
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Measures one door and prints a line for each pair with the unknown address.
async fn alike(sayso: &Sayso, door: &str, fields: &Value, round: &str) -> anyhow::Result<bool> {
    let name = |kind: &str, number: usize| {
        let kind = kind.chars().next().unwrap_or('x');
        format!("{kind}{number:04}{round}{}@example.com", door.len())
    };
    for number in 0..EACH {
        prepare(sayso, &name("known", number), true).await?;
        prepare(sayso, &name("suppressed", number), false).await?;
    }
    let mut samples = KINDS.map(|_| Samples::default());
    for number in 0..EACH {
        for (kind, samples) in KINDS.iter().zip(&mut samples) {
            // Somebody who has asked all the time gets no further letter.
            let number = if *kind == "limited" { 0 } else { number };
            let mut body = fields.clone();
            body["address"] = Value::String(name(kind, number));
            let began = Instant::now();
            let (status, answer) = sayso.post(door, &body).await?;
            samples.add(began.elapsed());
            ensure!(status.as_u16() == 202, "{door} answered {status}: {answer}");
        }
    }
    let mut good = true;
    for (kind, sample) in KINDS.iter().zip(&samples).skip(1) {
        let (one, other) = (samples[0].median(), sample.median());
        let p = samples[0].chance(sample);
        let met = (one - other).abs() <= APART && p > CHANCE;
        println!(
            "time of {door}, {kind} : unknown address, {round}\t{other:.2} ms\t{one:.2} ms\tp = {p:.3}\t\
             within {APART} ms and p over {CHANCE}\t{}",
            if met { "yes" } else { "no" }
        );
        good &= met;
    }
    Ok(good)
}

/// Makes the address known, by an objection that stays or is taken back.
async fn prepare(sayso: &Sayso, address: &str, undone: bool) -> anyhow::Result<()> {
    let (_, answer) = sayso.object(address, json!({})).await?;
    if undone {
        let token = json!({"token": answer["undo"]["token"]});
        let (status, _) = sayso.post("/v1/objections/undo", &token).await?;
        ensure!(status.as_u16() == 202, "undoing was answered {status}");
    }
    Ok(())
}
