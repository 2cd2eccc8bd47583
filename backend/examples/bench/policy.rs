//! Recipients that a mail server asks about per second, over Postfix's policy protocol, beside a port
//! that answers without deciding.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::ensure;

use crate::Effort;
use crate::decisions::contact;
use crate::figure::{Figure, median, per_second};
use crate::load::{CONNECTIONS, Outcome, Template, load};
use crate::server::{Demo, Server};

/// Contacts in the store; every second recipient is one of them, and refused.
const KNOWN: u64 = 1_000;

/// What Postfix 3.7 sends at `RCPT TO`.
const QUESTION: &str = "request=smtpd_access_policy\nprotocol_state=RCPT\nprotocol_name=ESMTP\n\
    client_address=127.0.0.1\nclient_name=localhost\nclient_port=40716\nreverse_client_name=localhost\n\
    server_address=127.0.0.1\nserver_port=10025\nhelo_name=tool.example.com\n\
    sender=news@example.com\nrecipient=contact-##########@example.com\nrecipient_count=0\nqueue_id=\n\
    instance=25c1.6564d2a1.b0f4c.0\nsize=14702\netrn_domain=\nstress=\nsasl_method=\nsasl_username=\n\
    sasl_sender=\nccert_subject=\nccert_issuer=\nccert_fingerprint=\nccert_pubkey_fingerprint=\n\
    encryption_protocol=\nencryption_cipher=\nencryption_keysize=0\npolicy_context=\n\n";

/// Measures, and prints the figures.
pub(crate) fn measure(sayso: &Path, data: &Path, effort: Effort) -> anyhow::Result<()> {
    let port = free()?;
    let mta = format!("[{{listen=\"{port}\",purpose=\"info_about_us\"}}]");
    let demo = Demo::filled_with(sayso, data, KNOWN, &[("SAYSO_MTA", &mta)])?;
    let no_work = Server::start(Command::new(std::env::current_exe()?).arg("--no-work-policy"))?;
    let template = Template::policy(QUESTION)?;
    let ask = |address: SocketAddr, seconds| -> anyhow::Result<Outcome> {
        let time = Duration::from_secs(seconds);
        let outcome = load(address, CONNECTIONS, &template, contact, KNOWN, time)?;
        ensure!(outcome.refused == 0, "{} had to wait", outcome.refused);
        Ok(outcome)
    };
    ask(port, 1)?;
    ask(no_work.address, 1)?;
    let mut rounds = Vec::new();
    for number in 1..=effort.rounds {
        let before = demo.server.processor()?;
        let ours = ask(port, effort.seconds)?;
        let processor = (demo.server.processor()? - before) / ours.answered as f64;
        let bare = ask(no_work.address, effort.seconds)?;
        eprintln!(
            "recipients at the mail server, round {number}: {} (p50 {:.1} ms, p99 {:.1} ms), without \
             work {}",
            per_second(ours.rate),
            ours.wait(0.5),
            ours.wait(0.99),
            per_second(bare.rate)
        );
        rounds.push((ours, bare, processor));
    }
    let middle = |value: fn(&(Outcome, Outcome, f64)) -> f64| median(rounds.iter().map(value));
    Figure {
        name: "recipients at the mail server : the same protocol without work",
        ours: per_second(middle(|(ours, ..)| ours.rate)),
        baseline: per_second(middle(|(_, bare, _)| bare.rate)),
        ratio: Some(middle(|(ours, bare, _)| ours.rate / bare.rate)),
        target: "",
        met: None,
    }
    .print();
    Figure {
        name: "wait for an answer at the mail server, p99",
        ours: format!("{:.1} ms", middle(|(ours, ..)| ours.wait(0.99))),
        baseline: format!("{:.1} ms", middle(|(_, bare, _)| bare.wait(0.99))),
        ratio: None,
        target: "",
        met: None,
    }
    .print();
    Figure {
        name: "processor time of a recipient at the mail server",
        ours: format!("{:.0} µs", middle(|(.., processor)| *processor)),
        baseline: String::new(),
        ratio: None,
        target: "",
        met: None,
    }
    .print();
    Ok(())
}

fn free() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
