//! `sayso serve`.

mod announcement;

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use shared::rules::Uninformed;
use tokio::task::JoinSet;
use tracing_subscriber::EnvFilter;

use announcement::Announcement;

use super::{Ending, LISTEN, Place, world};
use crate::clock::World;
use crate::config::{Config, Listen};
use crate::demo;
use crate::dues;
use crate::gate::Gate;
use crate::http::{self, AppState, router};
use crate::mail::{Carrier, Mailer, RENEWED};
use crate::metrics::Metrics;
use crate::mta::Port;
use crate::outdated;
use crate::publishing::renew_rules;
use crate::recording::Recorder;
use crate::retention::Run;
use crate::secrets::Secrets;
use crate::sinks::{PATIENCE, Sinks, Teller};
use crate::store::Write;
use crate::store::sqlite::Options;

/// How often clients that have gone are forgotten.
const TIDY: Duration = Duration::from_secs(60);
/// How long after the start nothing but requests is worked on.
const SETTLED: Duration = Duration::from_secs(10 * 60);
/// How often what is kept too long is deleted.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How long running requests may take after the signal to stop.
const GRACE: Duration = Duration::from_secs(20);

/// Runs the service until SIGTERM or Ctrl-C.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Turn an empty data directory into a working demonstration.
    #[arg(long)]
    demo: bool,
    /// The address to listen on; port 0 takes a free one.
    #[arg(long, default_value_t = LISTEN, env = "SAYSO_LISTEN")]
    listen: SocketAddr,
}

pub(super) async fn run(place: &Place, serve: Serve) -> anyhow::Result<Ending> {
    log();
    let world = world();
    if serve.demo {
        demo::prepare(&place.data, &*world)?;
    }
    let config = place.load()?;
    let secrets = place.secrets(&config)?;
    let options = Options {
        memory: config.memory_mb.saturating_mul(1 << 20),
        ..Options::service()
    };
    let store = place.open_or_create(options)?;
    secrets.fit(&*store).await?;
    let key = match config.demo {
        true => Some(demo::fill(&store, &config, &place.data, &*world).await?),
        false => None,
    };
    if renew_rules(&store, &config, world.now()).await? {
        tracing::info!(
            "the configuration or this version of Sayso makes other rules of the notices in force: they \
             hold from now on"
        );
    }
    outdated::report(store.clone(), &config, world.now().date()).await;
    let listener = tokio::net::TcpListener::bind(serve.listen)
        .await
        .with_context(|| {
            format!(
                "cannot listen on {}: name another with --listen",
                serve.listen
            )
        })?;
    let listening = listener.local_addr()?;
    let carrier = Carrier::new(&config, &place.data)?;
    if matches!(carrier, Carrier::Nothing) {
        tracing::warn!(
            "no [smtp] is set: letters wait in the outbox, and nobody can prove an address by mail"
        );
    }
    let filed = matches!(carrier, Carrier::Files(_));
    let base = config.base_url(listening)?;
    if config.demo {
        demo::note_url(&place.data, &base)?;
    }
    let post = (store.clone(), Arc::new(secrets.clone()), world.clone());
    let teller = teller(&config, &store, &post.1, &world).await?;
    let app = AppState::new(store.clone(), &config, secrets, world.clone(), listening)?;
    let metrics = app.metrics();
    let ports = ports(&config, &store, &post.1, &world, metrics).await?;
    let mailer = Mailer::new(post.0, &config, post.1, post.2, carrier, &base, RENEWED)?
        .counting(metrics.clone());
    let keeping = keep_to_rules(store, world, metrics.clone(), config.clone());
    let keeping = tokio::spawn(keeping);
    let said = Announcement {
        place,
        config: &config,
        base: app.base(),
        listening,
        demo_key: key.as_deref(),
        filed,
    };
    let _ = said.print();
    let tidying = tokio::spawn({
        let app = app.clone();
        async move {
            let mut minute = tokio::time::interval(TIDY);
            loop {
                minute.tick().await;
                app.tidy().await;
            }
        }
    });
    let (stopping, mut stopped) = tokio::sync::watch::channel(false);
    let mailing = tokio::spawn(Arc::new(mailer).run(stopped.clone()));
    let telling = tokio::spawn(teller.run(stopped.clone()));
    let mut asking = JoinSet::new();
    for port in ports {
        asking.spawn(port.run(stopped.clone()));
    }
    let stop = async move {
        asked_to_stop().await;
        let _ = stopping.send(true);
    };
    tokio::select! {
        () = http::serve(listener, router(app), stop) => {}
        () = async {
            let _ = stopped.wait_for(|stopping| *stopping).await;
            tokio::time::sleep(GRACE).await;
        } => tracing::warn!("requests were still running when the service stopped"),
    }
    tidying.abort();
    keeping.abort();
    if tokio::time::timeout(GRACE, asking.join_all())
        .await
        .is_err()
    {
        tracing::warn!("a mail server was still asking when the service stopped");
    }
    if tokio::time::timeout(GRACE, telling).await.is_err() {
        tracing::warn!("a sink was being told when the service stopped; it is told again");
    }
    if tokio::time::timeout(GRACE, mailing).await.is_err() {
        tracing::warn!(
            "a letter was being handed over when the service stopped; it is tried again"
        );
    }
    Ok(Ending::Yes)
}

/// Who tells the sinks, which the database is told of. What waits for sinks that are configured no more
/// is deleted.
async fn teller(
    config: &Config,
    store: &Arc<dyn Write>,
    secrets: &Arc<Secrets>,
    world: &Arc<dyn World>,
) -> anyhow::Result<Arc<Teller>> {
    let sinks = Sinks::new(config, secrets.clone(), world.clone());
    let names: Vec<_> = sinks.all().iter().map(|sink| sink.name.clone()).collect();
    let gone = store.keep_sinks(&names).await?;
    if gone > 0 {
        tracing::warn!(
            gone,
            "events for sinks that are configured no more were deleted"
        );
    }
    Ok(Arc::new(Teller::new(store.clone(), sinks, PATIENCE)?))
}

/// The ports at which mail servers ask.
async fn ports(
    config: &Config,
    store: &Arc<dyn Write>,
    secrets: &Arc<Secrets>,
    world: &Arc<dyn World>,
    metrics: &Arc<Metrics>,
) -> anyhow::Result<Vec<Port>> {
    let mut ports = Vec::new();
    for mta in &config.mta {
        if config.uninformed == Uninformed::Oblige && !mta.first_contact {
            tracing::warn!(
                listen = %mta.listen,
                "a mail server cannot be told that a mailing must inform of the right to object: \
                 if every one does, say so with first_contact = true in [[mta]]; if not, set \
                 uninformed = \"withhold\""
            );
        }
        if matches!(mta.listen, Listen::Tcp(at) if !at.ip().is_loopback()) {
            tracing::warn!(
                listen = %mta.listen,
                "whoever reaches this port can ask about any address: admit the mail server alone"
            );
        }
        let gate = Gate::new(store.clone(), secrets.clone());
        ports.push(Port::open(mta, gate, world.clone(), metrics.clone()).await?);
    }
    Ok(ports)
}

/// Keeps this system's own data no longer than the rules say, and reports what is overdue: soon after
/// the start, then daily.
async fn keep_to_rules(
    store: Arc<dyn Write>,
    world: Arc<dyn World>,
    metrics: Arc<Metrics>,
    config: Config,
) {
    let recorder = Recorder::new(store.clone(), world.clone()).counting(metrics);
    tokio::time::sleep(SETTLED).await;
    let mut daily = tokio::time::interval(DAY);
    loop {
        daily.tick().await;
        match recorder.keep_to_rules(Run::Delete).await {
            Ok(counts) => tracing::info!(?counts, "retention: what was over is deleted"),
            Err(error) => tracing::error!(%error, "retention failed; it is tried again tomorrow"),
        }
        dues::report(&*store, world.now()).await;
        outdated::report(store.clone(), &config, world.now().date()).await;
    }
}

fn log() {
    let filter = EnvFilter::try_from_env("SAYSO_LOG")
        .unwrap_or_else(|_| EnvFilter::new("warn,backend=info"));
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .try_init();
}

async fn asked_to_stop() {
    let interrupted = tokio::signal::ctrl_c();
    let asked = tokio::signal::unix::SignalKind::terminate();
    let Ok(mut terminated) = tokio::signal::unix::signal(asked) else {
        let _ = interrupted.await;
        return;
    };
    tokio::select! {
        _ = interrupted => {}
        _ = terminated.recv() => {}
    }
}
