//! What the widget costs on a company's page: bytes, and the time until its controls can be used on
//! a slow phone. Started by `cargo xtask bench`.
//!
//! Progress goes to standard error; standard output is one line per figure, in columns parted by
//! tabs: figure, ours, baseline, ratio, target, whether it is met. A budget that is not met ends
//! with a failure.

mod bytes;
mod visit;

use std::process::ExitCode;

use e2e::{Browser, Host, Sayso};
use visit::{Network, Page, Visit};

/// The page without the service: the least that any widget of one external script can cost.
const FLOOR: &str = include_str!("floor.js");

/// The floor needs 0.71 times as long as the soonest peer on slow 4G, and 0.85 times on fast 3G. The
/// aims are 0.80 and 0.92 times the peer's.
const NETWORKS: [(Network, f64); 2] = [
    (Network::SLOW_4G, 0.80 / 0.71),
    (Network::FAST_3G, 0.92 / 0.85),
];

/// Milliseconds that the page may be blocked.
const BLOCKED: f64 = 150.0;

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let full = std::env::args().any(|argument| argument == "--full");
    let host = Host::start().await?;
    let sayso = Sayso::with(&[host.origin()], &[]).await?;
    let within = bytes::measure(&sayso).await?;
    let demo = reqwest::get(sayso.url("/demo")).await?.text().await?;
    let tag = format!(
        "<script async src=\"{}\"></script>",
        sayso.url("/embed/corporate-clients/sayso.js")
    );
    anyhow::ensure!(demo.contains(&tag), "the demo page lost its tag {tag}");
    let script = host.page("/floor.js", &[("cache-control", "no-store")], FLOOR);
    let floor = demo.replace(&tag, &format!("<script async src=\"{script}\"></script>"));
    let floor = Page {
        url: host.page("/floor", &[], &floor),
        control: "document.querySelector('#choices input')",
        opener: "document.querySelector('#manage')",
    };
    let ours = Page {
        url: host.page("/ours", &[], &demo),
        control: "document.querySelector('sayso-notice')?.shadowRoot?.querySelector('#address')",
        opener: "null",
    };
    let runs = if full { 9 } else { 5 };
    let networks = if full { &NETWORKS[..] } else { &NETWORKS[..1] };
    for (network, most) in networks {
        let mut pairs = Vec::new();
        for number in 1..=runs {
            let pair = (
                visit::measure(&ours, network).await?,
                visit::measure(&floor, network).await?,
            );
            eprintln!(
                "{}, run {number}: usable after {:.0} ms, the floor after {:.0} ms",
                network.name, pair.0.usable, pair.1.usable
            );
            pairs.push(pair);
        }
        report(network, *most, &pairs);
    }
    Ok(if within {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn report(network: &Network, most: f64, pairs: &[(Visit, Visit)]) {
    let middle = |value: fn(&(Visit, Visit)) -> f64| {
        let mut values: Vec<f64> = pairs.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let ours = middle(|(ours, _)| ours.usable);
    let floor = middle(|(_, floor)| floor.usable);
    let ratio = ours / floor;
    figure(
        &format!(
            "until usable, {}, 4× CPU : a bare dialog by one script",
            network.name
        ),
        &format!("{ours:.0} ms"),
        &format!("{floor:.0} ms"),
        &format!("{ratio:.2}×"),
        &format!("at most {most:.2}×"),
        ratio <= most,
    );
    let blocked = middle(|(ours, _)| ours.blocked);
    figure(
        &format!("blocking time, {}, 4× CPU", network.name),
        &format!("{blocked:.0} ms"),
        &format!("{:.0} ms", middle(|(_, floor)| floor.blocked)),
        "",
        &format!("at most {BLOCKED:.0} ms"),
        blocked <= BLOCKED,
    );
}

/// Prints a line of the result.
fn figure(name: &str, ours: &str, baseline: &str, ratio: &str, target: &str, met: bool) {
    let met = if met { "yes" } else { "no" };
    println!("{name}\t{ours}\t{baseline}\t{ratio}\t{target}\t{met}");
}

/// A browser without history on a phone's screen.
async fn phone() -> anyhow::Result<Browser> {
    let browser = Browser::start().await?;
    browser.size(412, 823).await?;
    Ok(browser)
}
